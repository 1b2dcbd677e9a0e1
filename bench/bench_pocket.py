"""The pocket in a real Chromium on loopback: starts, typing, bytes over the wire.

Needs dist/pocket (built when missing) and a Chromium; without one it measures sizes only.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.scale import FULL
from tools.chromium import on_path
from tools.pocket.build import DIST, build, report

UNIT = "ms"
STARTS = 5 if FULL else 3
PERIOD = "2026-10"

# From the key to the first change of an amount in the accessibility tree, which the client writes
# with the frame that shows it.
WATCH = """() => {
  globalThis.typed = new Promise((done) => {
    let from = 0;
    addEventListener('keydown', () => { from = performance.now(); }, { capture: true, once: true });
    const look = new MutationObserver((changes) => {
      const amount = changes.some(({ target }) => {
        const near = target.nodeType === 1 ? target : target.parentElement;
        return /€/.test((near?.textContent || '') + (near?.getAttribute?.('aria-label') || ''));
      });
      if (from && amount) { look.disconnect(); done(performance.now() - from); }
    });
    look.observe(document.body, {
      subtree: true, childList: true, characterData: true, attributeFilter: ['aria-label'],
    });
  });
}"""


def measure() -> dict[str, Any]:
    """Milliseconds, and kB of an installation by part."""
    folder = DIST if (DIST / "build.json").exists() else build()
    found: dict[str, Any] = {}
    parts = report(folder)
    for part, size in parts.items():
        found[f"wire, {part}"] = (size / 1000, "kB")
    found["wire, whole installation"] = (sum(parts.values()) / 1000, "kB")
    chromium = on_path()
    if chromium is None:
        print("no Chromium: sizes only", file=sys.stderr)
        return found
    with tempfile.TemporaryDirectory() as place:
        found |= _driven(Path(place), folder, chromium)
    return found


def _driven(place: Path, folder: Path, chromium: str) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    from tests import conftest as _settings  # noqa: F401 where tests keep the client
    from tests.browser.conftest import serving
    from tests.browser.test_pocket import Phone
    from tests.support.relay import Relay

    data = place / "data"
    data.mkdir()
    with (
        serving(data, QUITTANCE_POCKET_DIR=str(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        wire = Relay(int(server.url.rsplit(":", 1)[1]))
        phone = Phone(browser, place / "profile", server, wire)
        phone._path = chromium
        first = _start(phone)
        received = wire.received
        # What was compiled is kept a few seconds after the first screen.
        page = phone.context.pages[0]  # type: ignore[union-attr]
        for _ in range(400):
            if page.evaluate("caches.has('quittance-bytecode')") and page.evaluate(
                "caches.open('quittance-bytecode').then(c => c.keys()).then(k => k.length)"
            ):
                break
            page.wait_for_timeout(100)
        starts = [_start(phone) for _ in range(STARTS)]
        typed = _typed(phone)
        phone.stop()
        wire.close()
        browser.close()
    return {
        "first start, nothing kept": first * 1000,
        "received by Chromium at the first start": (received / 1000, "kB"),
        f"second start, median of {STARTS}": statistics.median(starts) * 1000,
        "typed to shown, median": statistics.median(typed),
        "typed to shown, slowest of ten": statistics.quantiles(typed, n=10)[-1],
    }


def _start(phone: Any) -> float:
    """Seconds from the address to a screen that can be used, in a browser just started."""
    person = phone.start()
    began = time.perf_counter()
    phone.open(person)
    return time.perf_counter() - began


def _typed(phone: Any) -> list[float]:
    person = phone.start()
    phone.open(person)
    person.tap("Vendeuse, ACRE bientôt finie")
    person.see("Prochaine échéance")
    person.page.goto(f"{phone.wire.url}/pocket/#/declare/{PERIOD}/amounts")
    person.see("Étape 1 sur 3")
    found = []
    for _ in range(5):
        person.type("Vente de marchandises (BIC)", "0")
        person.page.keyboard.press("Control+a")
        for digit in "9999":
            person.page.evaluate(WATCH)
            person.page.keyboard.press(digit)
            found.append(float(person.page.evaluate("typed")))
    return found
