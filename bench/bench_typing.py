"""In Chromium on loopback: from a key to the amount it changes, on the screen where each profession
declares; and a block of 120 cells pasted in the table of the VRP."""

from __future__ import annotations

import json
import statistics
import tempfile
from typing import Any

from bench import others
from bench.scale import FULL, chromium
from tools.gallery import Desk
from tools.pictures import shown

# profession: (ready account, route, a sentence of it, label of the field typed in)
SCREENS = {
    "auto-entrepreneur": ("plateformes", "/declare/2026-10/amounts", "Étape 1 sur 3", ""),
    "rspm-medecin": ("etudiante", "/declare/2026-Q3/amounts", "Étape 1 sur", ""),
    "pamc-medecin": ("secteur1", "/correct/2025/amounts", "Étape 1 sur", ""),
    "vrp": ("vrp-plafond", "/vrp", "Remplir d’un coup", "Outillage Démo (fictif), Janvier, Brut"),
    "marin-pecheur": ("pecheur", "/mer/periode?jour=2026-11-21", "Ce que cette période", ""),
}
KEYS = 10 if FULL else 5
# From the key to the next change of the accessibility tree outside the field itself.
WATCH = """() => {
  globalThis.typed = new Promise((done) => {
    let from = 0;
    addEventListener('keydown', () => { from = performance.now(); }, { capture: true, once: true });
    const look = new MutationObserver((changes) => {
      const other = changes.some(({ target }) => !(target.nodeType === 1 ? target
        : target.parentElement)?.closest?.('input, textarea'));
      if (from && other) { look.disconnect(); done(performance.now() - from); }
    });
    look.observe(document.body, {
      subtree: true, childList: true, characterData: true, attributeFilter: ['aria-label'],
    });
    setTimeout(() => { look.disconnect(); done(-1); }, 1500);
  });
}"""
# From the key to a text on the page, shown or in the accessibility tree.
TOTALLED = """(words) => {
  globalThis.typed = new Promise((done) => {
    let from = 0;
    addEventListener('keydown', () => { from = performance.now(); }, { capture: true, once: true });
    const said = () => document.body.innerText.includes(words)
      || document.querySelector(`[aria-label*="${words}"]`);
    const look = new MutationObserver(() => {
      if (from && said()) { look.disconnect(); done(performance.now() - from); }
    });
    look.observe(document.body, {
      subtree: true, childList: true, characterData: true, attributeFilter: ['aria-label'],
    });
    setTimeout(() => { look.disconnect(); done(-1); }, 5000);
  });
}"""
# From the key to the last change of the tree that half a second of quiet follows.
SETTLED = """() => {
  globalThis.settled = new Promise((done) => {
    let from = 0, last = 0;
    addEventListener('keydown', (event) => {
      if (event.key === 'v') from = performance.now();
    }, { capture: true });
    new MutationObserver(() => { if (from) last = performance.now(); }).observe(document.body, {
      subtree: true, childList: true, characterData: true, attributeFilter: ['aria-label', 'style'],
    });
    const look = setInterval(() => {
      if (last && performance.now() - last > 500) { clearInterval(look); done(last - from); }
    }, 20);
  });
}"""


def measure() -> dict[str, Any]:
    """Milliseconds by profession. Nothing without a Chromium."""
    path = chromium()
    if path is None:
        return {}
    from playwright.sync_api import sync_playwright

    from tools.screenshots import ARGS, serve

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        process, url = serve(folder)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGS)
            for regime, (slug, route, sentence, label) in SCREENS.items():
                context = browser.new_context(
                    viewport={"width": 1440, "height": 900}, locale="fr-FR"
                )
                page = signed_in(context, url, slug)
                page.goto(url + route)
                shown(page, sentence)
                field = page.get_by_label(label, exact=True) if label else _field(page)
                times = _typed(page, field)
                if times:
                    found[f"{regime}, typed to shown, median"] = (statistics.median(times), "ms")
                    found[f"{regime}, typed to shown, slowest"] = (max(times), "ms")
                context.close()
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
            found["vrp, 120 cells pasted to all shown"] = (_pasted(context, url), "ms")
        finally:
            process.terminate()
            process.wait(20)
        for name in others.NAMES:
            with others.form(name) as address:
                if address is not None:
                    times = _elsewhere(browser, name, address)
                    found[f"{name}, form of 20 rows, typed to shown, median"] = (
                        statistics.median(times),
                        "ms",
                    )
                    found[f"{name}, form of 20 rows, typed to shown, slowest"] = (max(times), "ms")
        browser.close()
    return found


def _elsewhere(browser: Any, name: str, url: str) -> list[float]:
    """From the key to the total of the form in another framework; Streamlit reads a field when it
    is left or Enter is pressed: from Enter."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    page.goto(url)
    if name == "stock Flet":
        hidden = page.locator("flt-semantics-placeholder")
        hidden.wait_for(state="attached", timeout=60_000)
        hidden.evaluate("element => element.click()")
        field = _field(page)
    else:
        field = page.get_by_label("Ligne 0", exact=True).first
    field.wait_for(state="attached", timeout=60_000)
    found = []
    field.focus()
    for number in range(KEYS + 1):
        text = str(27 + 10 * number)
        page.keyboard.press("Control+a")
        page.keyboard.type(text[:-1])
        page.wait_for_timeout(500)
        if name == "Streamlit":
            page.keyboard.type(text[-1])
            page.wait_for_timeout(300)
        page.evaluate(TOTALLED, others.TOTAL + text)
        page.keyboard.press("Enter" if name == "Streamlit" else text[-1])
        took = float(page.evaluate("typed"))
        if took >= 0 and number:  # the first finds everything cold
            found.append(took)
        page.wait_for_timeout(300)
    page.close()
    if not found:
        raise RuntimeError(f"{name} never showed its total")
    return found


def signed_in(context: Any, url: str, slug: str, before: Any = None) -> Any:
    """A page of somebody of the demo, after `before(context, url, token)` if given."""
    desk = Desk(url)
    token = desk.enter(slug)
    if before is not None:
        before(context, url, token)
    desk.lend(context, token)
    return context.new_page()


def _field(page: Any) -> Any:
    return page.locator("flt-semantics input:not([type=range]):not([type=checkbox])").first


def _typed(page: Any, field: Any) -> list[float]:
    found = []
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("1")
    page.wait_for_timeout(1500)
    for number in range(KEYS):
        page.evaluate(WATCH)
        page.keyboard.press("Backspace" if number % 2 else str(2 + number % 7))
        took = float(page.evaluate("typed"))
        if took >= 0:
            found.append(took)
        page.wait_for_timeout(800)  # the draft is saved: its note is not what is waited for
    return found


def _pasted(context: Any, url: str) -> float:
    """Twelve months by ten employers, from the key to the last change before half a second of
    quiet: the cells, what each says, the totals."""
    page = signed_in(context, url, "vrp-plafond", ten_employers)
    page.goto(url + "/vrp")
    shown(page, "Remplir d’un coup")
    shown(page, "Maison 10, Janvier, Brut")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    field = page.get_by_label("Maison 01, Janvier, Brut").first
    field.focus()
    lines = ["\t".join(str(1000 + 10 * row + column) for column in range(10)) for row in range(12)]
    page.evaluate("text => navigator.clipboard.writeText(text)", "\n".join(lines))
    page.keyboard.press("Control+a")
    page.wait_for_timeout(2000)
    page.evaluate(SETTLED)
    page.keyboard.press("Control+v")
    took = float(page.evaluate("settled"))
    last = page.get_by_label("Maison 10, Décembre, Brut").first
    last.focus()
    page.wait_for_timeout(300)
    if "1119" not in last.input_value().replace(" ", ""):
        raise RuntimeError(f"the block was not pasted whole: {last.input_value()!r}")
    return took


def ten_employers(context: Any, url: str, token: str) -> None:
    """Ten employers more, of every year."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    account = context.request.get(url + "/api/v1/accounts", headers=headers).json()[0]["id"]
    base = f"{url}/api/v1/accounts/{account}/entries"
    writes = [
        {"id": f"bench-employer-{number:02d}", "kind": "employer",
         "data": {"siret": siret(number), "name": f"Maison {number:02d}", "start": "2020-01-01"}}
        for number in range(1, 11)
    ]  # fmt: skip
    answer = context.request.post(
        base + "/batch", data=json.dumps({"entries": writes}), headers=headers
    )
    assert answer.ok, answer.text()


def siret(number: int) -> str:
    """A number of 14 digits whose two keys are right (Luhn), of nobody."""
    company = _keyed(f"9999{number:04d}")
    return _keyed(f"{company}{number:04d}")


def _keyed(digits: str) -> str:
    total = sum(
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10))
        for place, digit in enumerate(reversed(digits))
    )
    return f"{digits}{-total % 10}"


if __name__ == "__main__":
    for case, value in measure().items():
        print(f"{case:<60} {value[0]:10.2f} {value[1]}")
