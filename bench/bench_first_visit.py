"""A first and a second visit in Chromium on a slow network (1.6 Mbit/s, 150 ms), beside the stock
Flet server, NiceGUI and Streamlit (a form of twenty rows) of the same machine in the same run:
bytes over the wire, first paint, usable screen.

The network is the browser's own emulation (DevTools protocol). A screen is usable when its
accessibility tree holds what it is for, here the button that opens an account.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import others
from bench.scale import FULL, chromium

RATE = 1.6e6 / 8  # bytes a second, both ways
DELAY = 150  # milliseconds
RUNS = 3
LIMIT = 240_000  # milliseconds a visit may take
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-quic"]  # fmt: skip
# A browser that Flutter's WebAssembly renderer is not known to work in: it takes CanvasKit.
OTHER = "Object.defineProperty(navigator, 'vendor', { get: () => '' });"
STOCK = """
import os
import flet as ft
def main(page):
    page.title = "Stock"
    page.add(ft.Text("Chiffre d'affaires"), ft.TextField(label="Ventes"), ft.Button("Envoyer"))
app = ft.run(main, export_asgi_app=True, no_cdn=True)
import uvicorn
uvicorn.run(app, port=int(os.environ["PORT"]), log_level="error")
"""


@dataclass(frozen=True)
class Visit:
    """One visit: seconds since the address was asked, bytes received, requests made."""

    paint: float
    usable: float
    received: int
    requests: int


def visit(context: Any, url: str, button: str, slow: bool = True) -> Visit:
    """Open `url` in a new page and wait for the button; the page is closed after it."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    if slow:
        wire.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": DELAY, "downloadThroughput": RATE,
            "uploadThroughput": RATE,
        })  # fmt: skip
    seen = {"bytes": 0, "requests": 0}

    def add(size: float) -> None:
        seen["bytes"] += int(size)

    def asked(_event: Any) -> None:
        seen["requests"] += 1

    wire.on("Network.loadingFinished", lambda event: add(event["encodedDataLength"]))
    wire.on("Network.requestWillBeSent", asked)
    wire.on(
        "Network.webSocketFrameReceived",
        lambda event: add(len(event["response"]["payloadData"]) * 3 / 4),
    )
    began = time.perf_counter()
    page.goto(url, wait_until="commit", timeout=LIMIT)
    hidden = page.locator("flt-semantics-placeholder")
    named = page.get_by_role("button", name=button).or_(page.get_by_role("link", name=button))
    while True:
        # The stock page keeps its tree behind a button that only screen readers find.
        if hidden.count() and not named.count():
            hidden.first.evaluate("button => button.click()")
        if named.count():
            break
        page.wait_for_timeout(20)
        if time.perf_counter() - began > LIMIT / 1000:
            raise TimeoutError(url)
    usable = time.perf_counter() - began
    paints = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)"
    )
    page.wait_for_timeout(500 if not slow else 1500)  # what trickles in belongs to the visit
    page.close()
    return Visit(paints[0] / 1000 if paints else usable, usable, seen["bytes"], seen["requests"])


@contextmanager
def stock() -> Iterator[str]:
    """A server as Flet's documentation starts one, with a form of one field."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "stock.py").write_text(STOCK)
        process = subprocess.Popen(
            [sys.executable, "stock.py"], cwd=folder, env={**os.environ, "PORT": str(port)}
        )
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(20)


def pair(
    browser: Any, url: str, button: str, slow: bool = True, script: str = ""
) -> tuple[Visit, Visit]:
    """A visit with nothing kept, then another by the same browser, where `script` runs first."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 412, "height": 915})
    context.add_init_script(script or "0")
    try:
        return visit(context, url, button, slow), visit(context, url, button, slow)
    finally:
        context.close()


def _told(name: str, visits: list[Visit]) -> dict[str, Any]:
    middle = statistics.median
    return {
        f"{name}, usable, median of {len(visits)}": (middle(v.usable for v in visits), "s"),
        f"{name}, first paint": (middle(v.paint for v in visits), "s"),
        f"{name}, received": (middle(v.received for v in visits) / 1000, "kB"),
        f"{name}, requests": (middle(v.requests for v in visits), ""),
    }


def _stock(chromium: str) -> dict[str, Any]:
    """Visits to the stock server, in a browser of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, stock() as url:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        try:
            if FULL:
                pairs = [pair(browser, url, "Envoyer") for _ in range(RUNS)]
                found = _told("stock Flet, second visit", [second for _, second in pairs])
                return found | _told("stock Flet, first visit", [first for first, _ in pairs])
            context = browser.new_context(locale="fr-FR")
            return _told("stock Flet, first visit", [visit(context, url, "Envoyer")])
        finally:
            browser.close()


def _elsewhere(browser: Any) -> dict[str, Any]:
    """Visits to the other frameworks."""
    found: dict[str, Any] = {}
    for name in ("NiceGUI", "Streamlit"):
        with others.form(name) as address:
            if address is None:
                continue
            pairs = [pair(browser, address, others.BUTTON) for _ in range(RUNS if FULL else 1)]
            found |= _told(f"{name}, first visit", [first for first, _ in pairs])
            found |= _told(f"{name}, second visit", [second for _, second in pairs])
    return found


def measure() -> dict[str, Any]:
    """Seconds, kB and requests by case. Nothing without a Chromium."""
    path = chromium()
    if path is None:
        return {}
    from playwright.sync_api import sync_playwright

    from backend.settings import load_settings
    from backend.web.press import found as found_client
    from backend.web.press import press
    from tools.screenshots import serve

    found: dict[str, Any] = {}
    press(found_client(load_settings().cache_dir))  # as every start but the first finds it
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        process, url = serve(folder)
        try:
            pairs = [pair(browser, url, "Créer un compte") for _ in range(RUNS)]
            found |= _told("first visit", [first for first, _ in pairs])
            found |= _told("second visit", [second for _, second in pairs])
            with ThreadPoolExecutor(1) as beside:
                # It waits for the network for a minute and more: the others are measured meanwhile.
                stocks = beside.submit(_stock, path)
                pairs = [
                    pair(browser, url, "Créer un compte", script=OTHER)
                    for _ in range(RUNS if FULL else 1)
                ]
                found |= _told("fallback renderer, first visit", [first for first, _ in pairs])
                found |= _told("fallback renderer, second visit", [second for _, second in pairs])
                elsewhere = _elsewhere(browser)
                found |= stocks.result() | elsewhere
        finally:
            process.terminate()
            process.wait(20)
        browser.close()
    return found


if __name__ == "__main__":
    for case, value in measure().items():
        shown, unit = value
        print(f"{case:<50} {shown:10.2f} {unit}")
