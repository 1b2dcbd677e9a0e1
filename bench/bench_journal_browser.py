"""Time in a real Chromium, from a tap to the screen that says so, of the home and the journal of an
account with 365 receipts and 24 months of history. Nothing is measured without a Chromium."""

from __future__ import annotations

import os
import tempfile
from statistics import median
from time import perf_counter
from typing import Any

from bench.bench_typing import signed_in
from tools.pictures import shown

UNIT = "ms"
ROUNDS = 5


def _timed(page: Any, tap: Any, text: str) -> float:
    begin = perf_counter()
    tap()
    shown(page, text)
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
                return _walk(signed_in(context, url, "ceramiste"), url)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _walk(page: Any, url: str) -> dict[str, float]:
    page.goto(url + "/settings")
    shown(page, "Taille du texte")
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
