"""What is no longer used goes at once: nothing of it waits for Python's collector, whose walk
through what everybody holds keeps everybody waiting."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import Any
from weakref import finalize, ref

import flet as ft
import pytest
from flet.controls.object_patch import DiffBuilder

from app import main
from app.services import trim
from app.services.circles import weakly
from tests.screens.harness import App, open_app, run

OURS = ("app.", "contract.", "regimes.", "flet.controls.")
# (ready account, where to go, a sentence of it)
SCREENS = (
    ("plateformes", "/declare/2026-10/amounts", "Étape 1 sur 3"),
    ("plateformes", "/history", "Exporter en CSV"),
    ("plateformes", "/simulateur", "Le résultat"),
    ("plateformes", "/journal/new", "Montant encaissé"),
    ("plateformes", "/forgot", "Recevoir un lien"),
    ("plateformes", "/securite", "Sécurité de la connexion"),
    ("etudiante", "/declare/2026-Q3/amounts", "Étape 1 sur"),
    ("vrp-plafond", "/vrp", "Tableau de l’année"),
)


@pytest.fixture
def by_hand() -> Iterator[None]:
    """Nothing is collected by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


def waiting() -> list[str]:
    """What of ours only the collector would find."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = [type(one) for one in gc.garbage]
    gc.garbage.clear()
    return sorted({kind.__qualname__ for kind in found if kind.__module__.startswith(OURS)})


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize(("slug", "route", "sentence"), SCREENS)
def test_a_screen_that_was_left_is_gone(
    api: Any, demo: Callable[[str], str], slug: str, route: str, sentence: str
) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo(slug)) as app:
            await app.until(lambda: app.shows("Votre année"))
            await app.go(route)
            await app.until(lambda: app.shows(sentence))
            gc.collect()
            await app.go("/home")
            await app.until(lambda: app.shows("Votre année"))
            assert waiting() == []

    run(scenario)


@pytest.mark.usefixtures("by_hand")
def test_a_page_that_is_closed_for_good_is_gone(
    api: Any, demo: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "LINGER", 0.0)
    monkeypatch.setattr(App, "close", _given_up)

    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=demo("plat")) as app:
            await app.until(lambda: app.shows("Étape 1 sur 3"))
            await app.keys("Vente de marchandises", "120")
            await app.until(lambda: app.shows("Brouillon enregistré"))
            gone, ended = asyncio.Event(), asyncio.Event()
            finalize(app.services, gone.set)
            finalize(app.session, ended.set)
            gc.collect()
        async with asyncio.timeout(5):
            await gone.wait()
            await ended.wait()
        assert waiting() == []

    run(scenario)


def test_a_page_that_goes_takes_nothing_from_another(
    api: Any, demo: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "LINGER", 0.0)
    route = "/declare/2026-10/amounts"

    async def scenario() -> None:
        async with open_app(route, backend=api, token=demo("plateformes")) as stays:
            await stays.until(lambda: stays.shows("Étape 1 sur 3"))
            monkeypatch.setattr(App, "close", _given_up)
            async with open_app(route, backend=api, token=demo("plateformes")) as goes:
                await goes.until(lambda: goes.shows("Étape 1 sur 3"))
                gone = asyncio.Event()
                finalize(goes.services, gone.set)
            async with asyncio.timeout(5):
                await gone.wait()
            monkeypatch.undo()
            await stays.keys("Vente de marchandises", "2000")
            await stays.until(lambda: stays.shows("256 €"))  # 12.82 % of 2 000 €
            for there, sentence in (("/history", "Exporter en CSV"), ("/home", "Votre année")):
                await stays.go(there)
                await stays.until(lambda sentence=sentence: stays.shows(sentence))

    run(scenario)


async def _given_up(app: App) -> None:
    """As the server does once a window has not come back: nobody else holds its session."""
    session = app.session
    vars(app).clear()
    app.crashes = []
    session.close()


def test_what_is_given_weakly_is_called_while_it_is_there() -> None:
    class Ear:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def hear(self, word: str) -> int:
            self.heard.append(word)
            return len(self.heard)

    ear = Ear()
    tell = weakly(ear.hear)
    assert tell("a") == 1
    assert ear.heard == ["a"]
    del ear
    assert tell("b") is None


@pytest.mark.usefixtures("by_hand")
def test_what_was_compared_is_let_go() -> None:
    trim.trim()
    old, new = ft.Column([ft.Text("a"), ft.Text("b")]), ft.Column([ft.Text("c", key="c")])
    builder = DiffBuilder(old, new, control_cls=ft.BaseControl)
    builder._compare_values(None, [], None, old, new, frozen=True)
    assert list(builder.execute())
    gone = ref(old.controls[0])
    builder.teardown()
    del builder, old, new
    assert gone() is None
