"""People before a real window, in Chromium, on a thread of their own: Playwright blocks."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser.conftest import ARGS, PHONE, WAIT, Server, Visitor
from tests.fleet.harness import FIELD, SAVED, Fleet


@dataclass
class Window:
    """One window, and what happened to it."""

    figure: str
    token: str
    visitor: Visitor
    sockets: list[list[int]] = field(default_factory=list)
    """Bytes received on each websocket, in the order they were opened."""
    left: float = 0.0
    """When its connection ended."""
    back: float = 0.0
    fault: str = ""


class Windows:
    """Windows on one Chromium."""

    def __init__(self, fleet: Fleet, chromium: str) -> None:
        self.fleet = fleet
        self._chromium = chromium
        self._thread = ThreadPoolExecutor(1)
        self._stack = ExitStack()
        self._all: list[Window] = []
        self._browser: Browser | None = None

    def _do(self, work: Callable[..., Any], *given: Any) -> Any:
        return self._thread.submit(work, *given)

    def open(self, tokens: list[str]) -> Any:
        """Open a window for each token, type a figure and see it saved (a future)."""
        return self._do(self._open, tokens)

    def come_back(self, since: float, in_order: bool) -> Any:
        """Wait until each shows its figure again on a new connection, and takes another (a
        future of the windows). `in_order`: time counts from the end of its connection."""
        return self._do(self._come_back, since, in_order)

    def close(self) -> None:
        """End the browser."""
        self._do(self._stack.close).result()
        self._thread.shutdown()

    def _open(self, tokens: list[str]) -> None:
        playwright = self._stack.enter_context(sync_playwright())
        self._browser = playwright.chromium.launch(executable_path=self._chromium, args=ARGS)
        self._stack.callback(self._browser.close)
        for number, token in enumerate(tokens):
            self._all.append(self._one(f"{5000 + number}", token))

    def _one(self, figure: str, token: str) -> Window:
        fleet = self.fleet
        assert self._browser is not None
        context = self._browser.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]}, locale="fr-FR",
            ignore_https_errors=True,
        )  # fmt: skip
        context.set_default_timeout(WAIT)
        context.add_cookies([{
            "name": "__Host-quittance_session", "value": token, "url": fleet.url, "httpOnly": True,
            "secure": True, "sameSite": "Lax",
        }])  # fmt: skip
        page = context.new_page()
        window = Window(figure, token, Visitor(Server(fleet.url, fleet.folder), context, page))

        def connected(socket: Any) -> None:
            received = [0]
            window.sockets.append(received)
            socket.on("close", lambda _: setattr(window, "left", time.monotonic()))
            socket.on(
                "framereceived", lambda data: received.__setitem__(0, received[0] + len(data))
            )

        page.on("websocket", connected)
        for attempt in range(3):
            try:
                window.visitor.open(fleet.route)
                window.visitor.type(FIELD, figure, says=SAVED)
                break
            except PlaywrightError:  # a machine too busy for one click
                if attempt == 2:
                    raise
        window.sockets[:-1] = []  # the last is the one to lose
        return window

    def _come_back(self, since: float, in_order: bool) -> list[Window]:
        for window in self._all:
            try:
                self._again(window, since, in_order)
            except Exception as error:
                window.fault = f"{type(error).__name__}: {error}"[:300]
        for window in self._all:
            if not window.fault:
                self._goes_on(window)
        return self._all

    def _again(self, window: Window, since: float, in_order: bool) -> None:
        hand = window.visitor
        came = hand.until(lambda: len(window.sockets) > 1 and window.sockets[-1][0] > 5_000, 60)
        assert came, f"no new connection: {window.sockets}"
        hand.at(self.fleet.route)
        hand.holds(FIELD, window.figure)
        window.back = time.monotonic() - (window.left if in_order else since)

    def _goes_on(self, window: Window) -> None:
        """What is typed now reaches the process that took over."""
        more = window.figure + "7"
        window.visitor.type(FIELD, more)
        if not window.visitor.until(lambda: more in self._draft(window.token), 20):
            window.fault = "typed afterwards, and not saved"

    def _draft(self, token: str) -> str:
        with httpx.Client(
            base_url=f"https://127.0.0.1:{self.fleet.front}/api/v1", verify=self.fleet.tls,
            headers={"Authorization": f"Bearer {token}"}, timeout=20,
        ) as client:  # fmt: skip
            (account,) = client.get("/accounts").json()
            found = client.get(f"/accounts/{account['id']}/drafts/{self.fleet.period}")
            return str(found.json().get("answers")).replace(" ", "").replace("\u202f", "")
