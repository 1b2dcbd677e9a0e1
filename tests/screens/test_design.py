"""One identity: sizes and colours by name, figures that line up, pictures with a twin in words,
states that are drawn, words that are explained, papers to print and share."""

from __future__ import annotations

import ast
import asyncio
import gc
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import flet as ft
import flet.canvas as cv
import httpx
import pytest
from fontTools.ttLib import TTFont

from app import theme
from app.components.charts import LETTERS, _ring, on_picture
from app.components.paycalendar import STATES
from app.components.states import drawing
from app.forms.render import keyboard_of
from app.glossary import GLOSSARY, terms_in
from app.screens.glossary import found
from app.screens.home import Block, balanced
from app.screens.start import SCREENS as BEGINNING
from app.screens.start import SEEN, first_screen
from contract.i18n import words
from regimes.regime import Gauge
from tests.screens.harness import App, open_app, run

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
Demo = Callable[[str], str]
Caller = Callable[..., httpx.Response]

SIZED = {
    "size", "spacing", "run_spacing", "padding", "radius", "border_radius", "width", "height",
    "elevation", "horizontal", "vertical", "left", "right", "top", "bottom", "top_left",
    "top_right", "bar_height", "text_size", "min_width", "thickness", "space", "menu_height",
    "content_padding", "stroke_width", "gap_padding", "blur_radius",
}  # fmt: skip


@cache
def sources() -> list[tuple[str, ast.AST]]:
    paths = [path for path in sorted(APP.rglob("*.py")) if path != APP / "theme.py"]
    gc.disable()  # a finaliser that prints a traceback parses too, and 3.11 counts both as one
    try:
        return [(str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))) for path in paths]
    finally:
        gc.enable()


def raw(value: ast.expr) -> bool:
    """True for a size written as a figure: 12, 12.5, S + 4. Zero is no size."""
    if isinstance(value, ast.Constant):
        number = value.value
        return isinstance(number, int | float) and not isinstance(number, bool) and number != 0
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return raw(value.left) or raw(value.right)
    return isinstance(value, ast.UnaryOp) and raw(value.operand)


def test_every_size_has_a_name() -> None:
    stray = [
        f"{name}:{node.value.lineno}: {node.arg}"
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg in SIZED and raw(node.value)
    ]
    assert stray == [], "name it in app/theme.py"


def test_every_colour_has_a_name() -> None:
    stray = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"#[0-9a-fA-F]{6,8}", node.value)
    ]
    assert stray == []


# Solid drawings have a place of their own: what is chosen, and where one is.
SOLID = {
    "SEND", "MENU_BOOK", "PICTURE_AS_PDF", "DELETE", "DELETE_FOREVER", "TABLE_VIEW", "DOWNLOAD",
    "UPLOAD_FILE", "FOLDER_OPEN", "DIRECTIONS_BOAT", "GROUPS", "EVENT", "EVENT_NOTE", "LOCK",
    "CREDIT_CARD", "KEY", "COPY", "CONTENT_COPY", "DEVICES", "INSTALL_MOBILE", "CALENDAR_MONTH",
    "INFO", "ERROR", "WARNING", "HELP", "EDIT", "PERSON", "MAIL", "NOTIFICATIONS", "VERIFIED",
    "DESCRIPTION", "PRINT", "SHARE", "ACCOUNT_BALANCE", "PIE_CHART", "EXPLORE",
}  # fmt: skip


def test_icons_are_drawn_in_lines() -> None:
    used = {
        match
        for path in APP.rglob("*.py")
        for match in re.findall(r"\bIcons\.([A-Z0-9_]+)|\"([A-Z_]{3,})\"\),", path.read_text())
        for match in match
        if match
    }
    assert used & SOLID == set()


@pytest.mark.parametrize("family", sorted(theme.FONTS))
def test_figures_of_a_column_line_up(family: str) -> None:
    font = TTFont(ROOT / "assets" / theme.FONTS[family])
    glyphs, metrics = font.getBestCmap(), font["hmtx"]
    assert len({metrics[glyphs[ord(digit)]][0] for digit in "0123456789"}) == 1


def test_parts_of_a_ring_are_seen_and_their_numbers_read() -> None:
    for colour in theme.SERIES:
        assert theme.contrast(colour, theme.ON_SERIES) >= 4.5, colour
        for palette in (theme.LIGHT, theme.DARK):
            assert theme.contrast(colour, palette["surface_container_lowest"]) >= 3, colour


def test_all_text_follows_the_size_chosen() -> None:
    for percent in (100, 200):
        scale = theme.text_theme(percent, "#000000")
        assert scale.body_medium is not None
        assert scale.body_medium.size == 16 * percent / 100
        assert scale.body_medium.letter_spacing == 0


def test_two_columns_are_about_as_tall() -> None:
    blocks = [Block(ft.Text(str(n)), lines) for n, lines in enumerate((11, 8, 4, 7, 16, 5, 13))]
    left, right = balanced(blocks)
    tall = [sum(blocks[int(c.value)].lines for c in column) for column in (left, right)]  # type: ignore[attr-defined]
    assert left[0] is blocks[0].control
    assert abs(tall[0] - tall[1]) <= 13
    assert [c.value for c in left] == sorted(c.value for c in left)  # type: ignore[attr-defined]


def place(app: App, text: str) -> int:
    """Where the screen says `text`."""
    plain = app.text().replace("\u202f", " ").replace("\xa0", " ")
    assert text in plain, plain
    return plain.index(text)


def test_home_answers_before_anything_else(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            order = ["3e trimestre 2026", "En retard de 23 jours", "12,89 % à 22,15 %", "Déclarer"]
            found_at = [place(app, said) for said in order]
            assert found_at == sorted(found_at)
            for later in ("À payer\n", "À savoir", "Votre année 2026", "Dernières déclarations"):
                assert place(app, later) > found_at[-1]

    run(scenario)


def test_a_draft_gives_the_amount_on_the_home_screen(
    api: Any, call: Caller, newcomer: tuple[str, str]
) -> None:
    _, token = newcomer
    made = call(
        "POST", "/accounts", token=token,
        json={
            "regime": "auto-entrepreneur", "siret": "73282932000074", "name": "Camille Essai",
            "profile": {
                "start_date": "2026-03-15", "categories": ["vente"],
                "nature": "commerciale", "department": "33",
                "periodicity": [{"since": "2026-03-15", "value": "monthly"}],
            },
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text

    async def scenario() -> None:
        async with open_app("/home", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            assert not app.shows("Estimation")
            await app.tap("Déclarer")
            await app.until(lambda: app.shows("Étape 1 sur 3"))
            await app.type("Vente de marchandises", "1000")
            await app.until(lambda: app.shows("Brouillon enregistré"))
            total = re.search(r"Total à payer\n([\d\s\u202f]+)", app.text())
            assert total is not None
            due = total[1].strip()
            await app.go("/home")
            await app.until(lambda: app.shows("Estimation, d’après votre brouillon"))
            assert app.shows(f"{due} €")
            assert app.shows("Reprendre la déclaration")

    run(scenario)


def said(app: App) -> list[str]:
    """What screen readers are told of pictures and areas."""
    return [
        s.label.replace("\u202f", " ").replace("\xa0", " ")
        for s in app.find_all(ft.Semantics)
        if s.label
    ]


def test_nothing_to_declare_and_something_to_pay_is_an_answer_too(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("secteur1")) as app:
            await app.until(lambda: app.shows("Prochain paiement"))
            assert place(app, "575 €") < place(app, "Rien à préparer aujourd’hui")
            months = [line for line in said(app) if " 2026" in line]
            december = next(line for line in months if line.startswith("décembre 2026"))
            assert "7 décembre : Appel provisionnel, 575 €, sera prélevé" in december
            may = next(line for line in months if line.startswith("mai 2026"))
            assert "vous est rendu" in may
            assert "575 €, payé" in may

    run(scenario)


def test_every_state_of_the_calendar_has_its_own_sign_and_word() -> None:
    assert len({look.word for look in STATES.values()}) == len(STATES)
    alike: dict[Any, list[str]] = {}
    for code, look in STATES.items():
        alike.setdefault(look.icon, []).append(code)
    # What is to come and what is to be paid are the same empty circle: their words differ.
    assert [codes for codes in alike.values() if len(codes) > 1] == [["due", "coming"]]


@pytest.mark.parametrize(("size", "across"), [(100, 3), (150, 2), (200, 1)])
def test_the_calendar_keeps_its_words_at_any_size(
    api: Any, demo: Demo, size: int, across: int
) -> None:
    async def scenario() -> None:
        async with open_app("/payments", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Votre année de paiements, 2026"))
            app.services.settings.text_size = size
            await app.settle()
            rows = [
                row for row in app.find_all(ft.Row)
                if row.controls and row.intrinsic_height
            ]  # fmt: skip
            assert {len(row.controls) for row in rows} == {across}

    run(scenario)


def gauge(value: str, limit: str, code: str = "a") -> Gauge:
    return Gauge(code, code, 2026, Decimal(value), Decimal(limit))


def test_only_ceilings_of_the_same_sum_cross_the_picture() -> None:
    whole, part = gauge("67440.50", "83600"), gauge("20000", "37500")
    assert on_picture([whole, part], Decimal(67441)) == [whole]
    assert on_picture([gauge("0", "83600")], Decimal(0)) == []
    assert len(LETTERS) >= 6


def test_the_year_says_its_ceilings_and_each_month(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Votre année 2026"))
            told = said(app)
            ceiling = next(line for line in told if line.startswith("Plafond micro"))
            assert "67 441 € sur 83 600 €, soit 81 %" in ceiling
            assert "bientôt atteint" in ceiling
            january = next(line for line in told if line.startswith("janvier 2026"))
            assert "depuis janvier" in january
            assert "décembre 2026 : rien" in told
            assert app.shows("67 441 €")  # the same rounding in the sum and in the ceiling

    run(scenario)


def test_a_ring_turns_the_way_one_reads() -> None:
    parts = [Decimal(60), Decimal(30), Decimal(10)]
    for rtl, sign in ((False, 1), (True, -1)):
        ring = _ring(parts, Decimal(100), 184, rtl)
        assert isinstance(ring, cv.Canvas)
        arcs = [shape for shape in ring.shapes if isinstance(shape, cv.Arc)]
        assert len(arcs) == 3
        assert all(arc.sweep_angle * sign > 0 for arc in arcs)
        assert sum(abs(arc.sweep_angle) for arc in arcs) < 6.2832
        numbers = [shape.value for shape in ring.shapes if isinstance(shape, cv.Text)]
        assert numbers[:2] == ["1", "2"]


def test_the_ring_has_a_table_and_the_parts_make_the_whole(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/euros", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Caisse par caisse"))
            rows = [line for line in said(app) if re.search(r"€, \d+(,\d)? %$", line)]
            assert len(rows) >= 4
            percents = sum(
                Decimal(line.rsplit(", ", 1)[1].removesuffix(" %").replace(",", "."))
                for line in rows
            )
            assert abs(percents - 100) < 1

    run(scenario)


EMPTY = ("/home", "/history", "/payments", "/euros", "/documents", "/journal", "/statement")


@pytest.mark.parametrize("route", EMPTY)
def test_nothing_yet_is_a_picture_a_sentence_and_a_way_on(
    api: Any, newcomer: tuple[str, str], route: str
) -> None:
    _, token = newcomer

    async def scenario() -> None:
        async with open_app(route, backend=api, token=token) as app:
            await app.until(lambda: app.find_all(ft.Image))
            image = app.find_all(ft.Image)[-1]
            assert (ROOT / "assets" / image.src).is_file()
            assert image.exclude_from_semantics
            assert app.find_all((ft.FilledButton, ft.OutlinedButton))

    run(scenario)


def test_waiting_has_the_shape_of_what_comes_and_does_not_move(api: Any, demo: Demo) -> None:
    token = demo("artisan")

    async def scenario() -> None:
        gate = asyncio.Event()

        class Waits(httpx.ASGITransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if request.url.path.endswith("/overview"):
                    await gate.wait()
                return await super().handle_async_request(request)

        async with open_app("/history", backend=Waits(app=api), token=token) as app:
            await app.until(lambda: "Chargement…" in said(app))
            assert len(app.find_all(ft.Container)) > 6  # the lines to come
            assert not app.find_all((ft.ProgressBar, ft.ProgressRing))
            gate.set()
            await app.until(lambda: app.shows("2e trimestre 2026"))
            assert "Chargement…" not in said(app)

    run(scenario)


def test_drawings_are_small_and_ours() -> None:
    files = sorted((ROOT / "assets/drawings").glob("*.svg"))
    assert sum(file.stat().st_size for file in files) < 16_000
    for file in files:
        assert "http" not in file.read_text().replace("http://www.w3.org/2000/svg", "")
    for name, _, _ in BEGINNING:
        assert (ROOT / f"assets/drawings/{name}.svg") in files
    named = {
        match
        for path in APP.rglob("*.py")
        for match in re.findall(r"drawing\(\"([a-z-]+)\"|picture=\"([a-z-]+)\"", path.read_text())
        for match in match
        if match
    }
    assert named <= {file.stem for file in files}
    assert isinstance(drawing("sent"), ft.Row)


def test_the_beginning_is_three_screens_and_can_be_left(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/about", backend=api) as app:
            assert await first_screen(app.services) == "/debut"
            await app.tap("Découvrir Quittance")
            for number, (_, title, _) in enumerate(BEGINNING, 1):
                await app.until(lambda title=title: app.shows(title))
                assert f"Écran {number} sur 3" in said(app)
                if number < 3:
                    assert app.shows("Passer")
                    await app.tap("Suivant")
            await app.tap("Retour")
            await app.until(lambda: app.shows(BEGINNING[1][1]))
            await app.tap("Passer")
            await app.until(lambda: app.route == "/")
            assert await app.services.store.get(SEEN)
            assert await first_screen(app.services) == "/home"

    run(scenario)


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?:\s|$)", text))


@pytest.mark.parametrize("code", sorted(GLOSSARY))
def test_a_term_is_two_sentences_a_law_and_speaks_english(code: str) -> None:
    entry = GLOSSARY[code]
    english = words("en")
    assert sentences(entry.text) == 2
    assert sentences(english.t(entry.text)) == 2
    assert english.t(entry.text) != entry.text
    assert english.t(entry.plain) != entry.plain
    assert re.search(r"\d", entry.law) or "Arrêté" in entry.law
    assert not entry.marks or terms_in([entry.marks[0]])


def uses() -> Iterator[tuple[str, str]]:
    """Where screens name a term."""
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id not in {"Term", "words_here"}:
                    continue
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield name, argument.value


def test_every_use_names_a_term() -> None:
    named = list(uses())
    assert len(named) >= 15
    assert [use for use in named if use[1] not in GLOSSARY] == []


def test_terms_are_found_in_our_own_sentences() -> None:
    assert "cfp" in terms_in(["Contribution à la formation professionnelle"])
    assert "taxe_chambre" in terms_in(["Taxe pour frais de chambre de métiers"])
    assert "versement_liberatoire" in terms_in(["Versement libératoire de l’impôt sur le revenu"])
    assert "csg_crds" in terms_in(["CSG-CRDS"])
    assert terms_in(["Nom ou enseigne"]) == []


def test_the_glossary_is_searched_without_accents() -> None:
    french = words("fr")
    assert "echeance" in found("echeance", french)
    assert found("ACRE", french)[0] == "acre"
    assert "carmf" in found("retraite medecins", french)
    assert len(found("", french)) == len(GLOSSARY)
    assert "mandat_sepa" in found("debit", words("en"))


def test_a_word_explains_itself_and_leads_to_all_the_others(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/history/2026-Q2", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Le calcul, ligne par ligne"))
            await app.tap("Que veut dire : CFP ?")
            await app.until(lambda: app.shows("Droit à la formation"))
            assert app.shows("Texte : CT L6331-48")
            await app.tap("Fermer")
            await app.until(lambda: not app.shows("Droit à la formation"))
            await app.tap("Que veut dire : CFP ?")
            await app.tap("Tous les mots")
            await app.until(lambda: app.route == "/glossaire")
            await app.until(lambda: app.shows(f"{len(GLOSSARY)} mots expliqués"))
            await app.type("Chercher un mot", "chambre")
            await app.until(lambda: not app.shows("Cessation d’activité"))
            assert app.shows("Taxe pour frais de chambre")
            await app.type("Chercher un mot", "zzzz")
            await app.until(lambda: app.shows("Aucun mot ne correspond"))

    run(scenario)


PAPERS = [
    ("artisan", "/history/2026-Q2", "quittance-"),
    ("consultante", "/statement", "releve.pdf"),
    ("consultante", "/euros", "mes-euros-2026.pdf"),
    ("ceramiste", "/journal/book", "livre-des-recettes-2026.pdf"),
    ("armateur", "/mer/equipage", "etat-de-services-2026.pdf"),
]


@pytest.mark.parametrize(("who", "route", "name"), PAPERS, ids=[p[1] for p in PAPERS])
def test_every_summary_prints_its_tagged_pdf(
    api: Any, demo: Demo, who: str, route: str, name: str
) -> None:
    async def scenario() -> None:
        async with open_app(route, backend=api, token=demo(who)) as app:
            await app.until(lambda: app.shows("Imprimer"))
            await app.tap("Imprimer")
            await app.until(lambda: app.saved)
            kept = next(iter(app.saved))
            assert kept.startswith(name)
            assert app.saved[kept].startswith(b"%PDF")
            assert b"/MarkInfo" in app.saved[kept] or b"/StructTreeRoot" in app.saved[kept]

    run(scenario)


def test_a_window_opens_the_paper_beside_the_app(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/euros", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Imprimer"))

            async def leave(_path: str) -> None:
                raise AssertionError("the app stays where it is")

            app.services.session.leave_page = leave
            await app.tap("Imprimer")
            await app.until(lambda: app.launched)
            assert "/euros.pdf?" in app.launched[0]
            assert app.launched[0].endswith("view=true")
            app.services.session.leave_page = None

    run(scenario)


def test_a_phone_shares_a_receipt_and_downloads_it_when_it_cannot(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/history/2026-Q2", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Partager"))
            app.shared = {}
            await app.tap("Partager")
            await app.until(lambda: app.shared)
            (name,) = app.shared
            assert name.startswith("quittance-Q-")
            assert app.shared[name].startswith(b"%PDF")
            assert not app.saved
            app.shared = None
            await app.tap("Partager")
            await app.until(lambda: name in app.saved)
            await app.resize(1440)
            await app.until(lambda: app.shows("Imprimer"))
            assert not app.shows("Partager")

    run(scenario)


def test_amounts_are_typed_on_digits() -> None:
    assert keyboard_of("number", web=True) is ft.KeyboardType.NUMBER
    # The pad of a native build has no comma: cents could not be typed.
    assert keyboard_of("number", web=False) is ft.KeyboardType.TEXT
    assert keyboard_of("email", web=True) is ft.KeyboardType.EMAIL
    page = (ROOT / "assets/page.js").read_text()
    assert "put(field, 'inputmode', 'decimal')" in page


def test_what_is_tapped_is_as_large_as_a_finger(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        for route in ("/home", "/history/2026-Q2", "/payments", "/glossaire"):
            async with open_app(route, backend=api, token=demo("artisan")) as app:
                await app.until(lambda: "Chargement…" not in said(app))
                for button in app.find_all((ft.IconButton, ft.TextButton)):
                    if button.height is not None:
                        assert button.height >= 44
                    if isinstance(button, ft.IconButton):
                        assert (button.width or 0) >= 44

    run(scenario)


def test_a_calendar_day_is_named_as_people_say_it() -> None:
    french = words("fr")
    assert french.day_number(date(2026, 5, 1)) == "1er"
    assert french.day_number(date(2026, 5, 11)) == "11"
    assert words("en").day_number(date(2026, 5, 1)) == "1"
    assert french.month_name(date(2026, 2, 1)) == "février"
