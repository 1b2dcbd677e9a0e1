"""One keystroke redraws its own line and the total, never the screen, in every profession."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft
import pytest

from regimes.registry import REGISTRY
from tests.screens.harness import open_app, run

# profession: (ready account, route of what is typed to declare, a sentence of it)
SCREENS = {
    "auto-entrepreneur": ("plateformes", "/declare/2026-10/amounts", "Étape 1 sur 3"),
    "rspm-medecin": ("etudiante", "/declare/2026-Q3/amounts", "Étape 1 sur"),
    "pamc-medecin": ("secteur1", "/correct/2025/amounts", "Étape 1 sur"),
    "vrp": ("vrp-plafond", "/vrp", "Tableau de l’année"),
    "marin-pecheur": ("pecheur", "/mer/periode?jour=2026-11-21", "Ce que cette période"),
}
MOST = 12  # places of the tree that one keystroke may change: its note, its line, the totals


def test_every_profession_has_its_screen_here() -> None:
    assert set(SCREENS) == set(REGISTRY.codes())


@pytest.mark.parametrize("regime", sorted(SCREENS))
def test_a_keystroke_changes_few_controls(
    api: Any, demo: Callable[[str], str], regime: str
) -> None:
    slug, route, sentence = SCREENS[regime]

    async def scenario() -> None:
        async with open_app(route, backend=api, token=demo(slug), width=1440) as app:
            await app.until(lambda: app.shows(sentence))
            field = await app.until(
                lambda: next((f for f in app.find_all(ft.TextField) if f.on_change), None)
            )
            whole = len(list(app.controls()))
            worst = 0
            for text in ("1", "12", "123"):
                await app.settle()
                app.mark()
                app.session.apply_patch(field._i, {"value": text})
                await app.event(field, "change", text)
                worst = max(worst, app.patched())
            assert whole > 30
            assert worst <= MOST, app.patched_places()

    run(scenario)
