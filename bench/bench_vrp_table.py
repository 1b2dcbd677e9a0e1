"""Time in a real Chromium, on the table of 10 employers and 12 months: from the keys that paste 120
cells, and from one key in a cell, to the total of the year that says so."""

from __future__ import annotations

import os
import tempfile
from statistics import median
from typing import Any

from tools.gallery import Desk

UNIT = "ms"
ROUNDS = 5
EMPLOYERS, MONTHS = 10, 12
SHOWN = """(said) => new Promise((done) => {
  // Looked for once and then followed: a search of the whole tree at each frame would be measured.
  let total = null;
  const text = (one) => (one.getAttribute('aria-label') || one.textContent).replace(/\\s/g, ' ');
  const look = () => {
    if (!total?.isConnected) {
      total = [...document.querySelectorAll('flt-semantics')]
        .find((one) => text(one).startsWith('Total de l’année ')) || null;
    }
    if (total && text(total).includes(said)) done(performance.now() - window.pressedAt);
    else requestAnimationFrame(look);
  };
  look();
})"""
WATCH = """addEventListener('keydown', () => { window.pressedAt = performance.now(); }, true)"""


def _siret(number: int) -> str:
    """A SIRET with a good key, of nobody in particular."""
    body = f"{900000000 + number * 10:09}"[:8]

    def key(digits: str) -> str:
        total = sum(
            sum(divmod(int(d) * 2, 10)) if at % 2 == 0 else int(d)
            for at, d in enumerate(reversed(digits))
        )
        return str(-total % 10)

    siren = body + key(body)
    return siren + "0001" + key(siren + "0001")


def _fill(context: Any, url: str) -> None:
    """Sign in to the demo's VRP and bring its employers to ten."""
    desk = Desk(url)
    token = desk.enter("vrp-plafond")
    entries = f"/accounts/{desk.account(token)}/entries"
    known = desk.ask("GET", f"{entries}?kind=employer", token=token)["entries"]
    more = [
        {
            "id": f"bench-{n:08}", "kind": "employer",
            "data": {"siret": _siret(n), "name": f"Maison {n:02}", "start": "2020-01-01"},
        }
        for n in range(EMPLOYERS - len(known))
    ]  # fmt: skip
    desk.ask("POST", f"{entries}/batch", {"entries": more}, token)
    desk.lend(context, token)


def measure() -> dict[str, float]:
    """Median milliseconds by gesture; nothing without a Chromium."""
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
                    viewport={"width": 1680, "height": 1000}, locale="fr-FR",
                    permissions=["clipboard-read", "clipboard-write"],
                )  # fmt: skip
                _fill(context, url)
                return _walk(context.new_page(), url)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _walk(page: Any, url: str) -> dict[str, float]:
    page.add_init_script(WATCH)
    page.goto(url + "/vrp")
    cells = page.locator("textarea[aria-label$='Brut']")
    cells.nth(EMPLOYERS * MONTHS - 1).wait_for(state="attached", timeout=60_000)
    first = page.locator("textarea[aria-label$='Janvier, Brut']").first
    paste: list[float] = []
    for turn in range(1, ROUNDS + 1):
        block = "\n".join("\t".join([f"{turn}000"] * EMPLOYERS) for _ in range(MONTHS))
        page.evaluate("text => navigator.clipboard.writeText(text)", block)
        first.focus()
        page.wait_for_function("e => e === document.activeElement", arg=first.element_handle())
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+v")
        whole = f"{turn * 1000 * EMPLOYERS * MONTHS:,}".replace(",", " ")
        paste.append(page.evaluate(SHOWN, f"Total de l’année {whole},00"))
    typed: list[float] = []
    for turn in range(1, ROUNDS + 1):
        first.focus()
        page.keyboard.press("Control+a")
        page.keyboard.press(str(turn))
        whole = f"{ROUNDS * 1000 * (EMPLOYERS * MONTHS - 1) + turn:,}".replace(",", " ")
        typed.append(page.evaluate(SHOWN, f"Total de l’année {whole},00"))
    return {
        "120 cells pasted, to the total": median(paste),
        "one key in a cell, to the total": median(typed),
    }


if __name__ == "__main__":
    for case, milliseconds in measure().items():
        print(f"{case:<40} {milliseconds:8.1f} ms")
