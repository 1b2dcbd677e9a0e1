"""Every sentence a screen says went through the catalogs, and none is cut when it is longer."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flet as ft
import pytest
from fontTools.ttLib import TTFont

from app import theme
from app.components.shell import BAR
from app.main import ASSETS
from app.router import SCREENS
from contract.i18n import LANGUAGES, LOCALES, Words, _catalog, words
from tests.screens import harness
from tests.screens.pseudo import CLOSE, OPEN, bare, pseudo

VISITS = (
    ("artisan", "2026-Q2"), ("plateformes", "2026-06"), ("etudiante", "2026-Q2"),
    ("remplacant", "2026-Q1"), ("secteur1", "2025"), ("secteur2", "2025"),
    ("pecheur", "2025"),
)  # fmt: skip
CODES = (
    "turnover", "vigilance", "periodicity", "flat_tax", "acre", "cessation", "disability", "pamc",
    "modulation", "payment", "declaration.2026-09",
)  # fmt: skip
# Names that no language translates: départements, people and things people typed.
PROPER = re.compile(r"^[0-9][0-9AB]{1,2} – |\(fictif\)|••••")
# What stands on a screen without being a sentence of the app: people, boats and things of the demo,
# names of formats and of languages, references, the address of a program.
GIVEN = re.compile(
    rf"""
    [\w\ -]+\(fictif\) | Quittance\ —\ collecteur\ de\ démonstration | Petite\ Aurore
    | GV\ \d+ | [\w.+-]+@[\w.-]+ | https?://\S+ | •+\s?\w* | \b[A-Z]{{2}}\d{{2}}[\w\ ]*
    | \b(DS[A-Z]{{2}}|QTC\w+|python-httpx/\S+|Factur-X|CAMT|Quittance)\b
    | \b(Alsace|Moselle|Guadeloupe|Martinique|Guyane|La\ Réunion|Mayotte)\b
    | \b(Urssaf|Carmf|SEPA|IBAN|SIRET)\b
    | {"|".join(found.name for found in LANGUAGES.values())}
    """,
    re.VERBOSE,
)
HELD = 20
"""Characters of the longest text that may be kept on one line: it fits a narrow phone, twice as
large."""


@dataclass
class Walk:
    """What a walk through every screen found."""

    asked: set[str] = field(default_factory=set)
    bare: dict[str, set[str]] = field(default_factory=dict)
    cut: dict[str, set[str]] = field(default_factory=dict)
    screens: int = 0


def paths(slug: str, period: str) -> list[str]:
    """Every route of the table, its blanks filled."""
    found = []
    for entry in SCREENS:
        for code in CODES:
            path = entry.path.replace(":period", period).replace(":code", code)
            path = path.replace(":kind", code)
            found.append(path.replace(":step", "identity" if "signup" in path else "amounts"))
            if ":code" not in entry.path and ":kind" not in entry.path:
                break
    return found


@pytest.fixture(scope="module")
def walked(api: Any, demo: Callable[[str], str]) -> Any:
    """Every screen of seven people, in the language nobody speaks."""
    walk = Walk()
    patch = pytest.MonkeyPatch()
    plain, plural = Words.t, Words.n

    def t(self: Words, message: str) -> str:
        walk.asked.add(message)
        return pseudo(plain(self, message))

    def n(self: Words, one: str, many: str, count: int) -> str:
        walk.asked.add(one)
        return pseudo(plural(self, one, many, count))

    def dated(name: str) -> Any:
        made = getattr(Words, name)
        return lambda *given, **more: f"{OPEN}{made(*given, **more)}{CLOSE}"

    patch.setattr(Words, "t", t)
    patch.setattr(Words, "n", n)
    for name in ("date", "month", "month_name", "day_month", "moment"):
        patch.setattr(Words, name, dated(name))

    async def scenario() -> None:
        for slug, period in VISITS:
            async with harness.open_app("/", backend=api, token=demo(slug)) as app:
                for path in paths(slug, period):
                    await app.go(path)
                    await app.until(lambda: pseudo("Chargement…") not in app.text())
                    walk.screens += 1
                    look(app, path, walk)

    try:
        harness.run(scenario)
    finally:
        patch.undo()
    return walk


def look(app: harness.App, path: str, walk: Walk) -> None:
    """Note what the screen says outside brackets, and what it would cut."""
    for control in app.controls():
        said = app.words_of(control)
        for text in said:
            left = GIVEN.sub(" ", bare(text))
            if re.search(r"[^\W\d_]{4,}", left):
                walk.bare.setdefault(text, set()).add(path)
        held = isinstance(control, ft.Text) and (control.no_wrap or control.max_lines)
        if held and any(OPEN in text and len(text) > HELD for text in said):
            walk.cut.setdefault(" ".join(said), set()).add(path)


def test_no_screen_says_a_sentence_that_the_catalogs_lack(walked: Walk) -> None:
    catalog = _catalog("en")
    assert isinstance(catalog, gettext.GNUTranslations)
    known = {key if isinstance(key, str) else key[0] for key in catalog._catalog}  # type: ignore[attr-defined]
    assert walked.screens > 400
    assert len(walked.asked) > 700
    assert sorted(m for m in walked.asked - known - {""} if not PROPER.search(m)) == []


def test_no_screen_says_a_word_that_no_catalog_was_asked_for(walked: Walk) -> None:
    assert walked.bare == {}


def test_no_sentence_is_kept_on_one_line_where_it_would_be_cut(walked: Walk) -> None:
    assert walked.cut == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_places_of_a_narrow_phone_hold_their_names(locale: str) -> None:
    language = LANGUAGES[locale]
    family = theme.ARABIC[theme.FONT] if language.rtl else theme.FONT
    font = TTFont(ASSETS / theme.fonts(language.rtl)[family])
    letters, widths = font.getBestCmap(), font["hmtx"]
    size = build_size()
    for _, _, label, _, _ in BAR:
        said = words(locale).t(label)
        width = sum(widths[letters[ord(letter)]][0] for letter in said) * size / 1000
        assert width <= 375 / len(BAR), f"{said}: {width:.0f} pixels"


def build_size() -> float:
    """Size of a label of the bar, at the largest it takes."""
    style = theme.build_theme(theme.LIGHT, 200).navigation_bar_theme.label_text_style
    return float(style.size)


def test_what_is_outside_brackets_is_seen() -> None:
    assert bare(pseudo("Bonjour") + " tout le monde").strip() == "tout le monde"
    assert bare(pseudo("Bonjour {name}").format(name=pseudo("à tous"))).strip() == ""
    assert len(pseudo("Déclarer")) > 10
    assert pseudo("{a} b").startswith(f"{OPEN}{{a}}")
    assert CLOSE in pseudo("x")
