"""Time in a real Chromium, from a tap to the screen that says so, of the home and the journal of an
account with 365 receipts and 24 months of history. Nothing is measured without a Chromium."""

from __future__ import annotations

import json
import os
import tempfile
from statistics import median
from time import perf_counter
from typing import Any

UNIT = "ms"
ROUNDS = 5


def _shown(page: Any, text: str) -> None:
    quoted = json.dumps(text, ensure_ascii=False)
    page.locator(f"[aria-label*={quoted}]").or_(
        page.locator("flt-semantics").filter(has_text=text)
    ).first.wait_for(state="attached", timeout=60_000)


def _timed(page: Any, tap: Any, text: str) -> float:
    begin = perf_counter()
    tap()
    _shown(page, text)
    return (perf_counter() - begin) * 1000


def measure() -> dict[str, float]:
    """Median milliseconds by screen."""
    path = os.environ.get("QUITTANCE_CHROMIUM") or "/usr/bin/chromium"
    if not os.access(path, os.X_OK):
        return {}
    from playwright.sync_api import sync_playwright

    from tools.screenshots import ARGS, serve

    with tempfile.TemporaryDirectory() as folder:
        process, url = serve(folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=ARGS)
                context = browser.new_context(
                    viewport={"width": 1440, "height": 900}, locale="fr-FR"
                )
                page = context.new_page()
                return _walk(context, page, url)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _walk(context: Any, page: Any, url: str) -> dict[str, float]:
    opened = context.request.post(
        url + "/api/v1/demo/sessions", data=json.dumps({"slug": "ceramiste"}),
        headers={"Content-Type": "application/json"},
    ).json()  # fmt: skip
    handoff = context.request.post(
        url + "/api/v1/sessions/handoff", headers={"Authorization": f"Bearer {opened['token']}"}
    ).json()
    context.request.get(url + handoff["path"], max_redirects=0)
    page.goto(url + "/settings")
    _shown(page, "Taille du texte")
    home: list[float] = []
    journal: list[float] = []
    for _ in range(ROUNDS):
        accueil = page.get_by_role("link", name="Accueil")
        home.append(_timed(page, accueil.first.click, "Ouvrir le journal"))
        button = page.get_by_role("button", name="Ouvrir le journal").first
        journal.append(_timed(page, button.click, "Chercher dans le journal"))
    return {
        "home, from the tap, in Chromium": median(home),
        "journal, from the tap, in Chromium": median(journal),
    }


if __name__ == "__main__":
    for case, milliseconds in measure().items():
        print(f"{case:<40} {milliseconds:8.1f} ms")
