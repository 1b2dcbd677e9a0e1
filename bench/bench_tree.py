"""What the accessibility tree, open for everybody from the first frame, costs the browser: CPU of
the page's main thread and memory of its script, beside the same screens with the tree left shut."""

from __future__ import annotations

import statistics
import tempfile
from typing import Any

from bench.bench_typing import SCREENS, signed_in
from bench.scale import FULL, chromium
from tools.pictures import shown

UNIT = "ms"
ROUNDS = 5 if FULL else 3
KEYS = 20
SETTLES = 4000
"""Milliseconds given to a screen to come, and to a field to rest: the same with and without."""
SLUG, ROUTE, SENTENCE, _ = SCREENS["auto-entrepreneur"]
SHUT = """
  const dispatch = EventTarget.prototype.dispatchEvent;
  EventTarget.prototype.dispatchEvent = function (event) {
    return this.nodeName === 'FLT-SEMANTICS-PLACEHOLDER' || dispatch.call(this, event);
  };
"""
FIRST = """
  addEventListener('flutter-first-frame', () => { window.firstFrame = performance.now(); });
"""


def measure() -> dict[str, Any]:
    """Medians with the tree and without. Nothing without a Chromium."""
    path = chromium()
    if path is None:
        return {}
    from playwright.sync_api import sync_playwright

    from tools.screenshots import ARGS, serve

    told: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        process, url = serve(folder)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGS)
            place = _field(browser, url)
            for _ in range(ROUNDS):
                for name, script in (("open", ""), ("shut", SHUT)):
                    for case, value in _visit(browser, url, script, place).items():
                        told.setdefault(f"{case}, tree {name}", []).append(value)
            browser.close()
        finally:
            process.terminate()
            process.wait(20)
    return {
        case: (statistics.median(values), "MB" if "memory" in case else UNIT)
        for case, values in told.items()
    }


def _field(browser: Any, url: str) -> tuple[float, float]:
    """Where the amount is typed: without the tree nothing else tells."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    page = signed_in(context, url, SLUG)
    page.goto(url + ROUTE)
    shown(page, SENTENCE)
    page.wait_for_timeout(SETTLES)
    field = page.locator("flt-semantics input:not([type=range]):not([type=checkbox])").first
    box = field.bounding_box()
    context.close()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _visit(browser: Any, url: str, script: str, place: tuple[float, float]) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    page = signed_in(context, url, SLUG)
    page.add_init_script(FIRST + script)
    page.goto(url + ROUTE)  # fills the browser's cache
    page.wait_for_timeout(SETTLES)
    wire = context.new_cdp_session(page)
    wire.send("Performance.enable")
    page.reload()
    while not page.evaluate("window.firstFrame || 0"):  # the page's policy polls nothing inside
        page.wait_for_timeout(50)
    page.wait_for_timeout(SETTLES // 4)
    page.evaluate("document.getElementById('loading')?.remove()")  # it waits for the tree
    page.wait_for_timeout(SETTLES)
    came = _metrics(wire)
    found = {
        "a later visit, to the first frame": float(page.evaluate("window.firstFrame")),
        "a later visit, CPU until the screen rests": came["TaskDuration"] * 1000,
        "the screen at rest, memory of the script": came["JSHeapUsedSize"] / 1e6,
    }
    page.mouse.click(*place)
    page.wait_for_timeout(SETTLES)
    if page.evaluate("document.activeElement.tagName") not in {"INPUT", "TEXTAREA"}:
        raise RuntimeError("the field never had the keyboard")
    before = _metrics(wire)
    for number in range(KEYS):
        page.keyboard.press("Backspace" if number % 2 else str(2 + number % 7))
        page.wait_for_timeout(150)
    page.wait_for_timeout(SETTLES)
    spent = _metrics(wire)["TaskDuration"] - before["TaskDuration"]
    found["a keystroke, CPU of the page"] = spent * 1000 / KEYS
    context.close()
    return found


def _metrics(wire: Any) -> dict[str, float]:
    return {one["name"]: one["value"] for one in wire.send("Performance.getMetrics")["metrics"]}


if __name__ == "__main__":
    for case, value in measure().items():
        print(f"{case:<60} {value[0]:10.2f} {value[1]}")
