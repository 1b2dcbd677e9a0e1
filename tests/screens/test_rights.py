"""My rights and the simulator, as a person sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft
import pytest

from app.forms.text import render
from app.screens.professions.base import profession
from app.services.simulating import LONGEST, Work, open_situation, read_token, simulated, token_of
from contract.i18n import LOCALES, words
from regimes.registry import REGISTRY
from tests.rules.accounts import RATES, TODAY
from tests.screens.harness import App, open_app, run

BNC = "Autres prestations de services (BNC)"


def field(app: App, label: str, place: int = 0) -> ft.TextField:
    """A text field by its name: a box may have the same one."""
    found = [f for f in app.find_all(ft.TextField) if str(f.label or "").startswith(label)]
    return found[place]


async def write(app: App, label: str, text: str, place: int = 0) -> None:
    control = field(app, label, place)
    app.session.apply_patch(control._i, {"value": text})
    await app.event(control, "change", text)


async def tick(app: App, label: str, place: int = 0) -> None:
    boxes = [b for b in app.find_all(ft.Checkbox) if str(b.label).startswith(label)]
    app.session.apply_patch(boxes[place]._i, {"value": True})
    await app.event(boxes[place], "change", True)


# -- rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("consultante", ("4 trimestres sur 4 pour 2026", "Arrêt maladie", "65,84 € par jour",
                         "100 € de plus", "versement libératoire")),
        ("etudiante", ("trimestre", "non confirmé", "87 jours au plus par arrêt")),
        ("secteur1", ("pour 2025", "Appelé par d’autres caisses (estimation)")),
        ("pecheur", ("L’Enim compte des services en jours", "de pension par an",
                     "Un jour de mer de plus")),
        ("vrp-plafond", ("42,97 € par jour, au plus", "non confirmé")),
    ],
)  # fmt: skip
def test_every_profession_reads_its_rights(
    api: Any, demo: Callable[[str], str], slug: str, said: tuple[str, ...]
) -> None:
    async def scenario() -> None:
        async with open_app("/droits", backend=api, token=demo(slug)) as app:
            await app.until(lambda: app.shows("Estimation au 23 novembre 2026"))
            for sentence in said:
                assert app.shows(sentence), app.text()
            assert app.title.startswith("Mes droits")

    run(scenario)


def test_a_figure_tells_how_it_is_reckoned_and_where_it_is_written(
    api: Any, demo: Callable[[str], str]
) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Mes droits"))
            await app.tap("Mes droits")
            await app.until(lambda: app.route == "/droits" and app.shows("Trimestres de retraite"))
            await app.tap("Comment est-ce calculé ?")
            await app.until(lambda: app.shows("CSS R351-9"))
            assert app.shows("1 803 €")
            assert app.shows("150 heures de SMIC")
            assert app.shows("votre caisse décident")

    run(scenario)


def test_rights_are_told_in_english(api: Any, demo: Callable[[str], str]) -> None:
    async def scenario() -> None:
        async with open_app("/droits", backend=api, token=demo("artisan")) as app:
            app.services.settings.locale = "en"
            await app.until(lambda: app.shows("Pension quarters"))
            assert app.shows("a day")
            assert app.shows("more of income")

    run(scenario)


# -- the simulator --------------------------------------------------------------------------------


def test_a_year_is_simulated_as_it_is_typed(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/", backend=api) as app:
            await app.until(lambda: app.shows("Simuler mon année"))
            await app.tap("Simuler mon année")
            await app.until(lambda: app.shows("Il manque"))
            await tick(app, BNC)
            await write(app, BNC, "40000")
            await app.until(lambda: app.shows("28 212 €"))
            for said in ("25,8 %", "1 468 €", "Dépassé en décembre 2026", "4 trimestres sur 4",
                         "Sur 1 000 € : 295 € avec l’impôt"):  # fmt: skip
                assert app.shows(said), app.text()
            await app.tap("Voir l’année, échéance par échéance")
            await app.until(lambda: app.shows("à payer avant le 28 février 2026"))

    run(scenario)


def test_a_keystroke_redraws_the_results_alone(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/simulateur", backend=api, width=1440) as app:
            await app.until(lambda: app.shows("Il manque"))
            await tick(app, BNC)
            await write(app, BNC, "40000")
            await app.until(lambda: app.shows("28 212 €"))
            await app.settle()
            whole = len(list(app.controls()))
            app.mark()
            await write(app, BNC, "40001")
            assert 0 < app.patched() <= 40 < whole / 4, app.patched_places()
            # Nothing is written back into the field that has the keyboard.
            assert field(app, BNC).value == "40001"

    run(scenario)


def test_a_wrong_amount_is_told_beside_its_field_and_kept(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/simulateur", backend=api) as app:
            await app.until(lambda: app.shows("Il manque"))
            await tick(app, BNC)
            control = field(app, BNC)
            await write(app, BNC, "12,34,56")
            await app.event(control, "blur", "")
            await app.until(lambda: app.find_all(ft.Icon) and app.shows("Il manque"))
            assert field(app, BNC).value == "12,34,56"
            assert "erreur" in str(field(app, BNC).label)

    run(scenario)


def test_an_impossible_mix_is_refused_in_words(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/simulateur", backend=api) as app:
            await app.until(lambda: app.shows("Il manque"))
            await tick(app, BNC)
            await tick(app, "Prestations de services (BNC, Cipav)")
            await write(app, BNC, "1000")
            await write(app, "Prestations de services (BNC, Cipav)", "1000")
            await app.until(lambda: app.shows("soit du régime général, soit de la Cipav"))

    run(scenario)


@pytest.mark.parametrize("width", [412, 1440])
def test_two_situations_are_compared_and_kept_in_a_link(api: Any, width: int) -> None:
    async def scenario() -> None:
        async with open_app("/simulateur", backend=api, width=width) as app:
            await app.until(lambda: app.shows("Il manque"))
            await tick(app, BNC)
            await write(app, BNC, "40000")
            await app.tap("Comparer avec une autre situation")
            await app.until(lambda: app.shows("A et B vous laissent autant."))
            await write(app, BNC, "50000", place=-1)
            await app.until(lambda: app.shows("de plus que A"))
            text = app.text()
            await app.tap("Copier le lien")
            await app.until(lambda: app.shows("Le lien est copié."))
            link = app.clipboard
            assert "#s=" in link
            assert "?" not in link
            assert "50000" not in link
        route = "/simulateur?s=" + link.partition("#s=")[2]
        async with open_app(route, backend=api, width=width) as app:
            await app.until(lambda: app.shows("de plus que A"))
            said = [line for line in text.splitlines() if "B vous laisse" in line]
            assert said
            assert app.shows(said[0])

    run(scenario)


def test_another_link_in_the_same_window_opens_its_own_situation(api: Any) -> None:
    def route(amount: str) -> str:
        start = profession("auto-entrepreneur").simulation_start(TODAY)
        answers = start | {"categories": "service_bnc", "turnover.service_bnc": amount}
        return "/simulateur?s=" + token_of({"r": "auto-entrepreneur", "a": answers})

    async def scenario() -> None:
        async with open_app(route("40000"), backend=api) as app:
            await app.until(lambda: app.shows("28 212 €"))
            await write(app, BNC, "41000")
            await app.go(route("50000"))
            await app.until(lambda: app.shows("50 000"))
            assert not app.shows("41000")

    run(scenario)


def test_a_broken_link_says_so_and_starts_anew(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/simulateur?s=eNpNjt0K", backend=api) as app:
            await app.until(lambda: app.shows("Ce lien est incomplet"))
            assert app.shows("Que faites-vous ?")

    run(scenario)


def test_the_simulator_works_without_a_network() -> None:
    async def scenario() -> None:
        async with open_app("/simulateur") as app:
            await app.until(lambda: app.shows("Que faites-vous ?"))
            await tick(app, BNC)
            await write(app, BNC, "40000")
            await app.until(lambda: app.shows("28 212 €"))

    run(scenario)


@pytest.mark.parametrize(
    ("regime", "label", "text", "said"),
    [
        ("rspm-medecin", "Honoraires bruts perçus", "22000", "3 203 €"),
        ("pamc-medecin", "Recettes de l’année", "100000", "8 407 €"),
    ],
)
def test_doctors_have_a_simple_one(api: Any, regime: str, label: str, text: str, said: str) -> None:
    async def scenario() -> None:
        async with open_app(f"/simulateur?regime={regime}", backend=api) as app:
            await app.until(lambda: app.shows(label))
            await write(app, label, text)
            await app.until(lambda: app.shows(said))
            assert app.shows("Pas de simulateur ici pour")

    run(scenario)


def test_the_finder_leads_to_the_simulator_of_what_it_found(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/regime", backend=api) as app:
            await app.until(lambda: app.shows("Comment gagnez-vous cet argent ?"))
            await app.tap("À mon compte")
            await app.tap("Médecin")
            await app.tap("Oui")
            await app.tap("Simuler mon année")
            await app.until(lambda: app.shows("Honoraires bruts perçus"))

    run(scenario)


# -- the token of a link --------------------------------------------------------------------------


def situation() -> Any:
    raw = {"categories": "vente", "turnover.vente": "1 000", "per": "year", "year": "2026"}
    return open_situation("auto-entrepreneur", RATES, TODAY, words("fr"), raw)


def test_a_token_holds_what_is_asked_and_nothing_else() -> None:
    one = situation()
    one.model.raw["turnover.service_bnc"] = "77"  # of an activity no longer ticked
    told = read_token(Work(one).token())
    assert told is not None
    assert set(told) == {"r", "a"}
    assert "turnover.service_bnc" not in told["a"]
    assert told["a"]["turnover.vente"].replace("\u202f", " ").replace("\xa0", " ") == "1 000"


@pytest.mark.parametrize(
    "token",
    ["", "x", "!!!", "eNpNjt0K", "A" * (LONGEST + 1), "eJyrVipSslJKVNJRKlGyqlZKVLKqBQA6"],
)
def test_what_is_not_a_token_is_none(token: str) -> None:
    assert read_token(token) is None


def test_a_bomb_is_refused() -> None:
    import base64
    import json
    import zlib

    heavy = {"r": "auto-entrepreneur", "a": {"categories": "v" * 5_000_000}}
    token = base64.urlsafe_b64encode(zlib.compress(json.dumps(heavy).encode(), 9)).decode()
    assert read_token(token.rstrip("=")) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_every_form_of_a_simulation_holds_together(locale: str) -> None:
    from app.forms.form import Journey

    assert simulated()[0] == "auto-entrepreneur"
    for code in simulated():
        form = profession(code).simulation_form(TODAY)
        assert form is not None
        assert form.faults() == []
        assert render(Journey(form, profession(code).simulation_start(TODAY)), words(locale))
    assert set(simulated()) < set(REGISTRY.codes())
