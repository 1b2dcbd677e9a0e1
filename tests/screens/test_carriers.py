"""What carries the app: fetch in the pocket, a new version that waits, files without a cookie."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from app.services import browser
from app.services.backend import Backend, Offline
from app.services.fetching import Fetched, FetchTransport
from tests.screens.harness import open_app, run


class Played:
    """A fetch that answers what it is told and notes what it was asked."""

    def __init__(self, *answers: Fetched) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, dict[str, str], bytes, int]] = []

    async def __call__(
        self, method: str, url: str, headers: dict[str, str], body: bytes, milliseconds: int
    ) -> Fetched:
        self.asked.append((method, url, headers, body, milliseconds))
        return self.answers.pop(0)


def request(fetch: Played, method: str = "GET", **more: Any) -> httpx.Response:
    """One request through the transport."""

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=FetchTransport(fetch), base_url="https://q.test", timeout=15
        ) as client:
            return await client.request(method, "/api/v1/me", **more)

    return asyncio.run(go())


def test_fetch_gets_what_the_app_sends_and_nothing_that_a_browser_sets_itself() -> None:
    fetch = Played(Fetched(200, [("content-type", "application/json")], b"{}"))
    request(
        fetch, "PUT", content=b'{"a":1}', headers={"Authorization": "Bearer t", "Cookie": "c=1"}
    )
    method, url, headers, body, timeout = fetch.asked[0]
    assert (method, url, body, timeout) == ("PUT", "https://q.test/api/v1/me", b'{"a":1}', 15_000)
    assert headers["authorization"] == "Bearer t"
    assert not {"cookie", "host", "content-length", "user-agent", "accept-encoding"} & set(headers)


def test_content_that_the_browser_decoded_is_not_decoded_again() -> None:
    told = [("Content-Encoding", "br"), ("Content-Length", "3"), ("ETag", '"v1"')]
    answer = request(Played(Fetched(200, told, b'{"ok": true}')))
    assert answer.json() == {"ok": True}
    assert answer.headers["etag"] == '"v1"'


@pytest.mark.parametrize(
    ("fault", "error"),
    [("connect", httpx.ConnectError), ("read", httpx.ReadError), ("timeout", httpx.ReadTimeout)],
)
def test_a_failed_exchange_is_offline_and_names_no_address(
    fault: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        request(Played(Fetched(0, [], b"", fault)))
    assert "q.test" not in str(raised.value)

    async def asked() -> None:
        backend = Backend(FetchTransport(Played(Fetched(0, [], b"", fault))))
        with pytest.raises(Offline):
            await backend.request("POST", "/me")

    asyncio.run(asked())


def test_outside_a_browser_its_door_is_shut() -> None:
    assert not browser.inside()
    with pytest.raises(browser.Unavailable):
        browser.config()
    with pytest.raises(browser.Unavailable):
        asyncio.run(browser.ask("persist"))


def test_what_the_window_tells_reaches_who_listens_until_they_leave() -> None:
    async def scenario() -> None:
        told: list[Any] = []

        async def later(data: Any) -> None:
            told.append(("later", data))

        leave = browser.listen("online", told.append)
        also = browser.listen("online", later)
        browser.heard("online", '{"at": 1}')
        await asyncio.sleep(0)
        leave()
        also()
        browser.heard("online", '{"at": 2}')
        await asyncio.sleep(0)
        assert told == [{"at": 1}, ("later", {"at": 1})]

    asyncio.run(scenario())


def test_a_version_told_before_anybody_listens_is_not_lost() -> None:
    async def scenario() -> None:
        told: list[Any] = []
        browser.heard("update", "true")
        browser.heard("hidden", "null")
        for event in ("update", "hidden"):
            leave = browser.listen(event, told.append)
            await asyncio.sleep(0)
            leave()
        browser.listen("update", told.append)()
        await asyncio.sleep(0)
        assert told == [True]

    asyncio.run(scenario())


def test_a_new_version_is_offered_but_never_during_a_declaration(api: Any, demo: Any) -> None:
    async def scenario() -> None:
        applied: list[bool] = []

        async def apply() -> None:
            applied.append(True)

        async with open_app("/home", backend=api, token=demo("vendeuse")) as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            assert not app.shows("Une nouvelle version est prête.")
            app.services.update.apply = apply
            app.services.update.ready = True
            await app.until(lambda: app.shows("Une nouvelle version est prête."))
            await app.go("/declare/2026-10/amounts")
            await app.until(lambda: app.shows("Étape 1 sur 3"))
            assert not app.shows("Une nouvelle version est prête.")
            await app.go("/home")
            await app.until(lambda: app.shows("Une nouvelle version est prête."))
            await app.tap("Mettre à jour")
            assert applied == [True]

    run(scenario)


@pytest.mark.parametrize("before", [True, False])
def test_the_browsers_offer_to_install_waits_for_the_person(
    api: Any, demo: Any, before: bool
) -> None:
    async def scenario() -> None:
        asked: list[bool] = []

        async def ask() -> None:
            asked.append(True)
            app.services.install.ready = False

        async with open_app("/home", backend=api, token=demo("vendeuse")) as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            app.services.install.ask = ask
            if before:
                app.services.install.ready = True
            await app.go("/appareil")
            await app.until(lambda: app.shows("Ce qui est gardé"))
            app.services.install.ready = True
            await app.until(lambda: app.shows("Installer l’application"))
            assert asked == []
            await app.tap("Installer")
            assert asked == [True]
            await app.until(lambda: not app.shows("Installer l’application"))

    run(scenario)
