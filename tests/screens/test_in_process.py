"""How a served window finds its screen, waits its turn and reaches the collector beside it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from app.router import SCREENS, find
from app.services.ahead import Ahead, Reading
from app.services.backend import Backend, Problem
from app.services.gateway import InProcess
from app.services.turnstile import Turnstile
from tests.screens.harness import run


def test_an_address_finds_the_screen_that_the_router_shows() -> None:
    for entry in SCREENS:
        route = entry.path.replace(":", "x")
        found = find(route + "?from=here")
        assert found is not None, entry.path
        fixed = next((e for e in SCREENS if e.path == route), entry)
        assert found[0] is fixed
    assert find("/declare/2026-10/amounts#x") == (
        find("/declare/a/b")[0], {"period": "2026-10", "step": "amounts"},  # type: ignore[index]
    )  # fmt: skip
    assert find("/nowhere/at/all") is None
    assert find("/declare//amounts") is None


def test_windows_come_in_by_turns_in_the_order_they_came() -> None:
    async def scenario() -> None:
        turnstile, inside, order = Turnstile(places=2), 0, []
        most = 0

        async def one(number: int) -> None:
            nonlocal inside, most
            async with turnstile.turn():
                inside, most = inside + 1, max(most, inside + 1)
                order.append(number)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(one(number) for number in range(7)))
        assert (most, order) == (2, list(range(7)))

    run(scenario)


def test_somebody_slow_does_not_hold_up_the_others() -> None:
    async def scenario() -> None:
        turnstile, stuck = Turnstile(places=1, longest=0.001), asyncio.Event()

        async def slow() -> None:
            async with turnstile.turn():
                await stuck.wait()

        first = asyncio.ensure_future(slow())
        await asyncio.sleep(0)
        async with turnstile.turn():
            assert not first.done()
        stuck.set()
        await first
        # The place that was given early is not given twice.
        async with turnstile.turn():
            other = asyncio.ensure_future(turnstile._places.acquire())
            await asyncio.sleep(0)
            waits = not other.done()
            other.cancel()
        assert waits

    run(scenario)


def test_figures_read_ahead_are_for_the_first_screen_alone() -> None:
    """Later they would be old."""

    async def scenario() -> None:
        let = asyncio.Event()

        async def fetch() -> str:
            await let.wait()
            return "figures"

        ahead = Ahead()
        let.set()
        await ahead.read(Reading("home", fetch))
        assert ahead.take("home") == "figures"
        assert ahead.take("home") is None
        await ahead.read(Reading("home", fetch))
        ahead.drawn()
        await asyncio.sleep(0)
        assert ahead.take("home") is None, "it was not taken by the first screen"

    run(scenario)


def test_who_leaves_before_the_figures_came_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.services.ahead.PATIENCE", 0)

    async def scenario() -> None:
        let, came = asyncio.Event(), asyncio.Event()

        async def fetch() -> str:
            await let.wait()
            came.set()
            return "figures"

        ahead = Ahead()
        await ahead.read(Reading("home", fetch))
        screen = asyncio.ensure_future(ahead.rest("home"))
        await asyncio.sleep(0)
        screen.cancel()
        let.set()
        await came.wait()
        await asyncio.sleep(0)
        assert ahead.take("home") is None

    run(scenario)


def test_an_error_of_the_collector_is_a_problem_and_not_a_crash() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("figures of somebody")

    async def scenario() -> None:
        backend = Backend(InProcess(broken))
        with pytest.raises(Problem) as caught:
            await backend.send(None, "POST", "/anything")
        assert caught.value.status == 500

    run(scenario)


def test_what_is_asked_in_process_reaches_the_collector_whole() -> None:
    seen: dict[str, Any] = {}

    async def echo(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)
        seen["body"] = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-type", b"text/plain")]})  # fmt: skip
        await send({"type": "http.response.body", "body": b"one ", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})
        seen["after"] = await receive()

    async def scenario() -> None:
        ways = (InProcess(echo), httpx.ASGITransport(echo))
        found = []
        for way in ways:
            backend = Backend(way, token="jeton")
            answer = await backend.request(
                "POST", "/é t%C3%A9/x?q=à&r=%2F", content=b"abc", headers={"X-File-Name": "a"}
            )
            headers = dict(seen["headers"])
            found.append((
                answer.text, answer.headers["content-type"], seen["path"], seen["body"],
                seen["method"], headers[b"authorization"],
                headers[b"x-file-name"], headers[b"content-length"], headers[b"host"],
                headers[b"content-type"], seen["query_string"],
            ))  # fmt: skip
            await backend.close()
            if way is ways[0]:
                assert seen["after"]["type"] == "http.disconnect"
        assert found[0] == found[1]
        assert found[0][:3] == ("one two", "text/plain", "/api/v1/é té/x")

    run(scenario)
