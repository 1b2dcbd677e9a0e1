"""A real server, a real Chromium, and hands that use the accessibility tree."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from backend.web.press import QUICK, found, press
from tests.browser.walk import axe
from tools.gallery import TODAY, prepare

WAIT = 30_000  # milliseconds a condition may take on a busy machine
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
LONG = ("test_readings", "test_matrix", "test_offline", "test_pocket", "test_back", "test_journeys",
        "test_policy", "test_keyboard", "test_lock", "test_everyone")  # fmt: skip
"""Files that take longest, the longest first: of two processes neither is left alone with one."""
LONGEST = 300  # seconds of one test
PHONE, DESKTOP = (412, 915), (1440, 900)

FOCUSED = """() => { const e = document.activeElement;
    const own = e.querySelectorAll('flt-semantics').length ? '' : e.textContent;
    return [e.id + e.className, (e.getAttribute('aria-label') || own || '').trim()]; }"""

expect.set_options(timeout=WAIT)

VISITORS: list[Visitor] = []
"""Who is before a window in the test that runs."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    order = {here / f"{name}.py": place for place, name in enumerate(LONG)}
    for item in items:
        if here in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: order.get(Path(item.fspath), len(LONG)))


@pytest.fixture(autouse=True)
def _not_for_ever() -> Iterator[None]:
    """A window that hangs fails its test: some calls to a page have no limit of their own."""

    def rung(*_: object) -> None:
        raise TimeoutError("the window hangs")

    signal.signal(signal.SIGALRM, rung)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure tells what each window was showing: on another machine it is all there is."""
    report = yield
    if report.when == "call" and report.failed:
        for visitor in VISITORS:
            if not visitor.page.is_closed():
                report.sections.append(("the window showed", visitor.shows()))
    if report.when == "teardown":
        VISITORS.clear()
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium that `make` found; without one these tests say so, and fail under CI."""
    path = os.environ.get("QUITTANCE_CHROMIUM") or "/usr/bin/chromium"
    if not os.access(path, os.X_OK):
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("no Chromium: the browser tests cannot run")
        pytest.skip("NO CHROMIUM: the browser tests did not run")
    return path


@dataclass
class Server:
    """A running `quittance serve --demo`."""

    url: str
    data: Path

    def post(self, path: str, body: dict[str, Any], token: str = "") -> Any:
        """One call to its API, for what a test needs before it starts."""
        request = urllib.request.Request(
            self.url + "/api/v1" + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def get(self, path: str, token: str) -> Any:
        """What its API holds."""
        request = urllib.request.Request(
            self.url + "/api/v1" + path, headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def letters(self, to: str) -> list[str]:
        """Texts of the messages sent to an address, latest last."""
        found = []
        for path in sorted((self.data / "outbox").glob("*.eml"), key=lambda p: p.stat().st_mtime):
            message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
            if message["To"] == to:
                body = message.get_body(("plain",))
                found.append(body.get_content() if body else "")
        return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real thing on a free port, with a data folder of its own."""
    with serving(tmp_path_factory.mktemp("quittance")) as found:
        yield found


@dataclass
class Stage:
    """A demo that nobody changes, with what every screen of the gallery needs."""

    url: str
    places: dict[str, str]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A server of its own: what other tests do to the ready accounts is not seen here."""
    data = tmp_path_factory.mktemp("stage")
    with serving(data) as found:
        yield Stage(found.url, prepare(found.url, data))


@contextmanager
def serving(data: Path, **more: str) -> Iterator[Server]:
    """`quittance serve --demo` with a data folder; `more` are settings of the environment."""
    env = {
        **os.environ, "QUITTANCE_DATA_DIR": str(data), "QUITTANCE_PORT": "0",
        "QUITTANCE_ARGON2_MEMORY_KIB": "64", **more,
    }  # fmt: skip
    press(found(Path(env["QUITTANCE_CACHE_DIR"])), QUICK)
    log = (data / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "serve", "--demo", "--today", TODAY],
        env=env, stdout=log, stderr=subprocess.STDOUT, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        url = _address(process, data / "serve.log")
        yield Server(url, data)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0, "Ctrl-C must end the server cleanly"
        log.close()
        assert "Traceback" not in (data / "serve.log").read_text()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    limit = time.monotonic() + 180
    while time.monotonic() < limit:
        found = re.search(r"(http://(?:127\.0\.0\.1|localhost):\d+)", log.read_text())
        if found:
            try:
                urllib.request.urlopen(found[1] + "/api/v1/ready", timeout=5)
                return found[1]
            except urllib.error.URLError:
                pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)  # the one wait on a process that has no event to offer
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium_path, args=ARGS)
        yield found
        found.close()


@dataclass
class Visitor:
    """A person before a window, who finds things as a screen reader names them."""

    server: Server
    context: BrowserContext
    page: Page
    hosts: set[str] = field(default_factory=set)
    console: list[str] = field(default_factory=list)
    axe: Axe = field(default_factory=Axe)

    def __post_init__(self) -> None:
        VISITORS.append(self)
        self.page.on("console", lambda m: self.console.append(f"console {m.type}: {m.text}"))

    def sign_in(self, slug: str) -> None:
        """Hold the cookie of a demo account."""
        token = self.server.post("/demo/sessions", {"slug": slug})["token"]
        self.enter(token)

    def enter(self, token: str) -> None:
        """Turn a session into the browser's cookie, as the app does."""
        handoff = self.server.post("/sessions/handoff", {}, token)
        self.context.request.get(self.server.url + handoff["path"], max_redirects=0)

    def open(self, route: str) -> None:
        """Go to a route and wait for its accessibility tree."""
        self.page.goto(self.server.url + route)
        self.ready()

    def ready(self) -> None:
        """Wait until the accessibility tree has something to say."""
        self.page.locator("flt-semantics").nth(4).wait_for(state="attached", timeout=60_000)

    def see(self, text: str) -> None:
        """Wait until `text` is on the screen, as a text or as a name."""
        self.saying(text).first.wait_for(state="attached", timeout=WAIT)

    def gone(self, text: str) -> None:
        """Wait until `text` is nowhere on the screen."""
        expect(self.saying(text)).to_have_count(0)

    def saying(self, text: str, exactly: bool = False) -> Locator:
        """What shows `text`, or is named so; `exactly`: capitals too."""
        named = self.page.locator(f"[aria-label*={json.dumps(text, ensure_ascii=False)}]")
        shown = re.compile(r"\s+".join(map(re.escape, text.split()))) if exactly else text
        return named.or_(self.page.locator("flt-semantics").filter(has_text=shown))

    def field(self, label: str) -> Locator:
        """The text field of this name."""
        return self.page.get_by_role("textbox", name=label)

    def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Wait for a condition of the page; whether it came."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if condition():
                return True
            self.page.wait_for_timeout(30)  # lets the page run between two looks
        return condition()

    def enter_field(self, label: str) -> Locator:
        """Click a field until the keyboard is its own."""
        field = self.field(label)
        for _ in range(4):
            field.click()
            if self.until(lambda: field.evaluate("e => e === document.activeElement"), 3):
                break
        expect(field).to_be_focused()
        return field

    def holds(self, label: str, text: str) -> None:
        """Wait until a field holds `text` (any kind of space). The client tells the tree what a
        field holds once it has the focus."""
        pattern = re.compile(r"\s".join(re.escape(part) for part in text.split(" ")) + "$")
        expect(self.enter_field(label)).to_have_value(pattern)

    def type(self, label: str, text: str, says: str = "") -> None:
        """Click a field and type, as fast as fingers go; `says` is what the screen then says.

        In a page that is still arriving the tree's own field may take keys that the client does not
        hear of: a person sees that nothing follows, and types again."""
        for _ in range(3):
            self.enter_field(label)
            self.write(text)
            if not says or self.until(lambda: self.saying(says, exactly=True).count() > 0, 6):
                return
            self.page.keyboard.press("Tab")
        self.see(says)

    def write(self, text: str, says: str = "") -> None:
        """Type in the field that has the keyboard, in place of what it held. On a busy machine the
        client takes a frame or two to give a field the keyboard, and puts back what it held: a
        person sees the cursor first, this hand looks at what was written and writes again. `says`
        is what the screen then says: where nothing follows, the field is left and come back to."""
        field = self.page.locator("input:focus, textarea:focus")
        for _ in range(4):
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(text, delay=15)
            if self.until(lambda: field.input_value() == text, 3):
                if not says or self.until(lambda: self.saying(says, exactly=True).count() > 0, 6):
                    return
                name = self.focused()
                self.page.keyboard.press("Shift+Tab")
                self.until(lambda name=name: self.focused() != name, 3)
                self.page.keyboard.press("Tab")
                self.until(lambda name=name: self.focused() == name, 3)
        expect(field).to_have_value(text)
        if says:
            self.see(says)

    def tap(self, label: str, exact: bool = False) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=label, exact=exact).first.click()

    def tap_to(self, label: str, route: str) -> None:
        """Press a button until it leads to `route`, as people do: a screen that is still taking its
        place on a busy machine lets a press go by."""
        button = self.page.get_by_role("button", name=label).first
        for _ in range(6):
            if button.count():
                with suppress(PlaywrightError):  # it may lead away between the look and the press
                    button.click(timeout=5_000)
            if self.until(lambda: self.page.url.endswith(route), 5):
                break
        self.at(route)

    def focused(self) -> str:
        """What a screen reader says of the control that has the keyboard."""
        return str(self.page.evaluate(FOCUSED)[1])

    def tab_to(self, name: str, backward: bool = False) -> None:
        """Press Tab until the focus is on the control of this name. The client moves its own focus
        first and the tree's a frame or more later: each press waits for it."""
        for _ in range(60):
            before = self.page.evaluate(FOCUSED)
            self.page.keyboard.press("Shift+Tab" if backward else "Tab")
            self.until(lambda before=before: self.page.evaluate(FOCUSED) != before, 3)
            if self.focused().startswith(name):
                return
        raise AssertionError(f"Tab never reached {name}")

    def choose(self, label: str, option: str) -> None:
        """Scroll to a list below the window's edge, unfold it and take one of its options."""
        button = self.page.get_by_role("button", name=label, exact=True)
        size = self.page.viewport_size or {"width": PHONE[0], "height": PHONE[1]}
        for _ in range(20):
            box = button.bounding_box()
            if box is not None and box["y"] + box["height"] <= size["height"]:
                break
            self.page.mouse.move(size["width"] / 2, size["height"] / 2)
            self.page.mouse.wheel(0, 200)
            self.page.evaluate("() => new Promise((drawn) => setTimeout(drawn, 200))")
        button.click()
        self.page.get_by_role("menuitem", name=option).or_(
            self.page.get_by_role("button", name=option)
        ).first.click()

    def at(self, route: str) -> None:
        """Wait until the address is this route."""
        self.page.wait_for_url(re.compile(re.escape(self.server.url + route)), timeout=WAIT)

    def shows(self) -> str:
        """Address, focus, accessibility tree and what the console said, for a failure's report.
        Demo accounts only: the figures are nobody's."""
        try:
            focus = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            tree = self.page.locator("body").aria_snapshot(timeout=5_000)
        except PlaywrightError as error:
            focus, tree = "?", f"no tree: {error}"
        return "\n".join([self.page.url, f"focus: {focus}", tree, *self.console[-20:]])

    def violations(self) -> list[str]:
        """What axe finds, with an accessibility tree proven not empty."""
        return axe(self.page, set())


@pytest.fixture
def visit(server: Server, browser: Browser) -> Iterator[Any]:
    """visit(size=PHONE, locale="fr-FR"): a new person in a window of their own."""
    contexts: list[BrowserContext] = []

    def make(
        size: tuple[int, int] = PHONE, locale: str = "fr-FR", scheme: str = "light"
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale, color_scheme=scheme,
            accept_downloads=True,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        visitor = Visitor(server, context, page)
        page.on("response", lambda r: visitor.hosts.add(r.url.split("/")[2]))
        return visitor

    yield make
    for context in contexts:
        context.close()
