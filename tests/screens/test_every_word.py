"""Every sentence a screen asks for, in every language, is in the catalogs."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from typing import Any

import pytest

from app.router import SCREENS
from contract.i18n import LOCALES, Words, _catalog
from tests.screens.harness import open_app, run

# Names that no language translates: départements, people and things people typed.
VISITS = (
    ("artisan", "2026-Q2"), ("plateformes", "2026-06"), ("etudiante", "2026-Q2"),
    ("remplacant", "2026-Q1"), ("secteur1", "2025"), ("secteur2", "2025"),
    ("pecheur", "2025"),
)  # fmt: skip
CODES = (
    "turnover", "vigilance", "periodicity", "flat_tax", "acre", "cessation", "disability", "pamc",
    "modulation", "payment", "declaration.2026-09",
)  # fmt: skip
PROPER = re.compile(r"^[0-9][0-9AB]{1,2} – |\(fictif\)|••••")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_screen_says_a_sentence_that_the_catalog_lacks(
    api: Any, demo: Callable[[str], str], locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    plain, plural = Words.t, Words.n

    def t(self: Words, message: str) -> str:
        asked.add(message)
        return plain(self, message)

    def n(self: Words, one: str, many: str, count: int) -> str:
        asked.add(one)
        return plural(self, one, many, count)

    monkeypatch.setattr(Words, "t", t)
    monkeypatch.setattr(Words, "n", n)

    async def scenario() -> None:
        for slug, period in VISITS:
            async with open_app("/", backend=api, token=demo(slug)) as app:
                app.services.settings.locale = locale
                for entry in SCREENS:
                    for code in CODES:
                        path = entry.path.replace(":period", period).replace(":code", code)
                        path = path.replace(":kind", code)
                        path = path.replace(":step", "identity" if "signup" in path else "amounts")
                        await app.go(path)
                        await app.until(
                            lambda: not app.shows("Chargement…") and not app.shows("Loading…")
                        )
                        if ":code" not in entry.path and ":kind" not in entry.path:
                            break

    run(scenario)
    catalog = _catalog(locale)
    assert isinstance(catalog, gettext.GNUTranslations)
    known = {key if isinstance(key, str) else key[0] for key in catalog._catalog}  # type: ignore[attr-defined]
    assert len(asked) > 200
    assert sorted(m for m in asked - known - {""} if not PROPER.search(m)) == []
