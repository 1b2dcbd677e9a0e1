"""Five languages: chosen at once, remembered, written in their own direction and figures."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.forms.answers import Money, parse_money
from app.services.gateway import read_handshake
from app.services.language import KEY, remembered
from contract.i18n import LANGUAGES, LOCALES, PAPERS, paper, words
from tests.screens.harness import open_app, run

ASSETS = Path(__file__).parents[2] / "assets"


def test_a_language_is_in_force_at_once_and_the_device_remembers_it() -> None:
    async def scenario() -> None:
        async with open_app("/") as app:
            await app.tap("Français · English · Español…")
            await app.choose("Langue", "ar")
            assert app.page.rtl
            assert app.page.locale_configuration.current_locale.language_code == "ar"
            assert app.shows(words("ar").t("Créer un compte"))
            assert "fonts/QuittanceArabic.ttf" in app.page.fonts["Quittance Arabic"]
            assert app.page.theme.font_family == "Quittance Arabic"
            assert app.kept == {KEY: "ar"}
            assert await remembered() == "ar"
            await app.choose(words("ar").t("Langue"), "en")
            assert not app.page.rtl
            assert "Quittance Arabic" not in app.page.fonts
            app.kept[KEY] = "xx"
            assert await remembered() is None

    run(scenario)


def test_a_translation_nobody_reviewed_says_so() -> None:
    async def scenario() -> None:
        for locale in LOCALES:
            async with open_app("/", locale=locale) as app:
                await app.tap("Français · English · Español…")
                note = words(locale).t(
                    "Traduction non relue : en cas de doute, le français fait foi. Les documents "
                    "sont établis en français."
                )
                assert app.shows(note) is (locale not in PAPERS), locale

    run(scenario)


def test_a_person_finds_their_language_again(api: Any, newcomer: tuple[str, str]) -> None:
    _, token = newcomer

    async def scenario() -> None:
        async with open_app("/settings", backend=api, token=token) as app:
            await app.choose("Langue", "pt")
            await app.until(lambda: app.shows(words("pt").t("Réglages")))
        async with open_app("/settings", backend=api, token=token) as app:
            await app.until(lambda: app.shows(words("pt").t("Réglages")))

    run(scenario)


def test_the_browser_hands_over_the_language_chosen_in_it() -> None:
    def told(cookie: bytes) -> str | None:
        headers = [(b"cookie", cookie), (b"accept-language", b"en;q=1")]
        return read_handshake({"headers": headers, "client": ("192.0.2.1", 1)}).locale

    assert told(b"quittance_language=ar") == "ar"
    assert told(b"quittance_language=de") == "en"
    assert told(b"a=b") == "en"


def test_the_pages_of_the_browser_speak_every_language_of_the_app() -> None:
    script = (ASSETS / "language.js").read_text("utf-8")
    found = re.search(r"quittanceLanguages = (\[.*?\])", script)
    assert found
    assert tuple(json.loads(found[1].replace("'", '"'))) == LOCALES
    assert f"flutter.{KEY}" in script
    for place in (ASSETS / "boot.js", ASSETS / "back.js", ASSETS.parent / "pocket" / "start.js"):
        block = re.search(r"const WORDS = \{(.*?)\n\s*\};", place.read_text("utf-8"), re.DOTALL)
        assert block
        for name, said in re.findall(r"(\w+): \[(.*?)\]", block[1], re.DOTALL):
            assert len(re.findall(r"'(?:[^'\\]|\\.)*'", said)) == len(LOCALES), f"{place}: {name}"


@pytest.mark.parametrize("locale", LOCALES)
def test_password_managers_know_what_fields_hold(locale: str) -> None:
    script = (ASSETS / "page.js").read_text("utf-8")
    purposes = [
        (re.compile(pattern, re.IGNORECASE), kind)
        for pattern, kind in re.findall(r"\[/(.+?)/i, '([\w-]+)'\]", script)
    ]
    assert len(purposes) == 4

    def purpose(label: str) -> str:
        said = words(locale).t(label)
        return next((kind for pattern, kind in purposes if pattern.search(said)), "")

    assert purpose("Nouveau mot de passe") == "new-password"
    assert purpose("Choisissez un mot de passe") == "new-password"
    assert purpose("Mot de passe") == purpose("Votre mot de passe") == "current-password"
    assert purpose("Code de connexion") == "one-time-code"
    assert purpose("Adresse e-mail") == "username"


@pytest.mark.parametrize(
    ("locale", "money", "whole", "percent", "day"),
    [
        ("fr", "1 234,50 €", "1 234 €", "12,3 %", "1er octobre 2026"),
        ("en", "€1,234.50", "€1,234", "12.3%", "1 October 2026"),
        ("es", "1.234,50 €", "1.234 €", "12,3 %", "1 de octubre de 2026"),
        ("pt", "1 234,50 €", "1 234 €", "12,3%", "1 de outubro de 2026"),
        ("ar", "1.234,50 €", "1.234 €", "12,3%", "1 أكتوبر 2026"),
    ],
)
def test_figures_are_written_as_their_readers_write_them(
    locale: str, money: str, whole: str, percent: str, day: str
) -> None:
    w = words(locale)

    def plain(text: str) -> str:
        return re.sub("[\u00a0\u202f]", " ", text).replace("\u200f", "")

    assert plain(w.money(Decimal("1234.5"))) == money
    assert plain(w.money(Decimal(1234))) == whole
    assert plain(w.percent(Decimal("12.3"))) == percent
    assert w.date(date(2026, 10, 1)) == day


@pytest.mark.parametrize("locale", LOCALES)
def test_a_field_takes_back_the_amount_it_writes(locale: str) -> None:
    for value in (Decimal("1234567.89"), Decimal(1234), Decimal("0.5")):
        assert parse_money(Money().write(value, words(locale))) == value


@pytest.mark.parametrize("locale", LOCALES)
def test_each_number_has_its_form(locale: str) -> None:
    said = {
        count: words(locale).n("Il reste un jour", "Il reste {count} jours", count)
        for count in (0, 1, 2, 5, 11, 100, 101)
    }
    assert all(said.values())
    if locale == "ar":
        # None, one, two, three to ten, eleven to ninety-nine, a hundred: six forms.
        assert len({said[1], said[2], said[5], said[11]}) >= 3
    else:
        assert said[2] == said[11] != said[1]


def test_documents_are_in_a_language_that_was_reviewed() -> None:
    assert {code: paper(code) for code in LOCALES} == {
        "fr": "fr", "en": "en", "es": "fr", "pt": "fr", "ar": "fr",
    }  # fmt: skip
    assert all(LANGUAGES[code].reviewed for code in PAPERS)


def test_what_points_forward_points_the_other_way_from_right_to_left() -> None:
    # The client mirrors these icons by itself, and no other arrow is used.
    mirrored = {
        ft.Icons.ARROW_BACK, ft.Icons.ARROW_FORWARD, ft.Icons.CHEVRON_LEFT, ft.Icons.CHEVRON_RIGHT,
    }  # fmt: skip
    used = set()
    for path in (ASSETS.parent / "app").rglob("*.py"):
        for name in re.findall(r"ft\.Icons\.((?:ARROW|CHEVRON)_\w+)", path.read_text("utf-8")):
            used.add(getattr(ft.Icons, name))
    assert used <= mirrored | {
        icon for icon in used if re.search("DROP|DOWN|UP", icon.name)
    }, used - mirrored  # fmt: skip
