"""A window opens with its figures, asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import flet as ft
import httpx
import pytest

from app.components import load
from app.services import ahead
from app.services.gateway import InProcess
from tests.screens.harness import open_app, run

Demo = Callable[[str], str]
AMOUNTS = "/declare/2026-10/amounts"
SALES = "Vente de marchandises (BIC)"


class Watched(httpx.AsyncBaseTransport):
    """Counts what is asked, and holds back the answers that hold `held` until `let`."""

    def __init__(self, api: Any, held: str = "") -> None:
        self.inner, self.held = InProcess(api), held
        self.let = asyncio.Event()
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        self.asked.append(path.rpartition("/")[2])
        if self.held and path.endswith(self.held):
            await self.let.wait()
        return await self.inner.handle_async_request(request)


@pytest.fixture
def outlines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Outlines drawn in place of what was not read yet."""
    drawn: list[str] = []
    outline = load.loading

    def noted(*told: Any, **more: Any) -> ft.Control:
        drawn.append(str(more))
        return outline(*told, **more)

    monkeypatch.setattr(load, "loading", noted)
    return drawn


@pytest.mark.parametrize(("route", "says"), [("/home", "À déclarer"), (AMOUNTS, SALES)])
def test_a_window_opens_with_its_figures(
    api: Any, demo: Demo, outlines: list[str], route: str, says: str
) -> None:
    async def scenario() -> None:
        watched = Watched(api)
        async with open_app(route, backend=watched, token=demo("vendeuse")) as app:
            await app.until(lambda: app.shows(says))
            assert outlines == []
            assert watched.asked.count("opening") == watched.asked.count("overview") == 1
            assert app.page.title.endswith("– Quittance")

    run(scenario)


@pytest.mark.parametrize(("route", "says"), [("/home", "À déclarer"), (AMOUNTS, SALES)])
def test_a_slow_answer_shows_the_outline_and_is_asked_for_once(
    api: Any, demo: Demo, outlines: list[str], route: str, says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ahead, "PATIENCE", 0.01)

    async def scenario() -> None:
        watched = Watched(api, held="/overview")
        async with open_app(route, backend=watched, token=demo("vendeuse")) as app:
            await app.until(lambda: outlines)
            assert not app.shows(says)
            watched.let.set()
            await app.until(lambda: app.shows(says))
            assert watched.asked.count("overview") == 1

    run(scenario)


@pytest.mark.parametrize("route", ["/home", AMOUNTS])
def test_an_error_while_reading_ahead_leaves_it_to_the_screen(
    api: Any, demo: Demo, route: str
) -> None:
    class Broken(Watched):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await super().handle_async_request(request)
            if request.url.path.endswith("/overview") and self.asked.count("overview") == 1:
                raise RuntimeError("once")
            return answer

    async def scenario() -> None:
        async with open_app(route, backend=Broken(api), token=demo("vendeuse")) as app:
            await app.until(lambda: app.shows("À déclarer" if route == "/home" else SALES))

    run(scenario)


def test_a_period_that_is_not_ours_is_said_so(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/declare/1999-01/amounts", backend=api, token=demo("vendeuse")) as app:
            await app.until(lambda: app.shows("Cette période n’est pas à déclarer"))

    run(scenario)


def test_a_declaration_without_an_account_leads_to_one(api: Any, newcomer: tuple[str, str]) -> None:
    async def scenario() -> None:
        async with open_app(AMOUNTS, backend=api, token=newcomer[1]) as app:
            await app.until(lambda: app.shows("Ajouter une activité"))

    run(scenario)
