"""A walk through every screen of the gallery in one window: the client is loaded once for each
person who looks, and goes from screen to screen inside the app."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, CDPSession, Page
from playwright.sync_api import Error as PlaywrightError

from tools.gallery import SCENES, Desk, Scene, filled, people

HERE = Path(__file__).parent
SIZES = {"phone": (412, 915), "desktop": (1440, 900)}
THEMES = ("light", "dark", "contrast")
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
WAIT = 30_000
# A phone says that it is one: the client then draws for fingers.
PHONE_SAYS = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)

AXE = next(Path(axe_playwright_python.__file__).parent.glob("**/axe.min.js")).read_text()


@dataclass(frozen=True)
class Look:
    """How a screen is looked at."""

    size: str = "phone"
    theme: str = "light"
    locale: str = "fr"
    text_size: int = 100

    def __str__(self) -> str:
        return f"{self.size}-{self.theme}-{self.locale}"


LOOKS = tuple(Look(size, theme, locale) for size in SIZES for theme in THEMES for locale in LOCALES)


def looks_of_this_run() -> list[Look]:
    """QUITTANCE_LOOK: `all`, or the name of one (phone-dark-en); without it one of the twelve, in
    turn by commit, by day where there is no history."""
    asked = os.environ.get("QUITTANCE_LOOK", "")
    if asked == "all":
        return list(LOOKS)
    if asked:
        return [look for look in LOOKS if str(look) == asked] or _unknown(asked)
    return [LOOKS[_turn() % len(LOOKS)]]


def _unknown(asked: str) -> list[Look]:
    raise SystemExit(f"QUITTANCE_LOOK={asked}: one of all, {', '.join(map(str, LOOKS))}")


def _turn() -> int:
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=HERE, capture_output=True, text=True, check=True
        )
        return int(commit.stdout[:8], 16)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return date.today().toordinal()


# What is announced from now on, by the client or by the page.
LISTEN = """() => {
  globalThis.announced = [];
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const place = target.nodeType === 1 ? target : target.parentElement;
      if (!place?.closest('flt-announcement-polite, flt-announcement-assertive')) continue;
      for (const node of addedNodes) if (node.textContent) announced.push(node.textContent);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
}"""
# Every heading of the screen before is marked: the next one is there when a new one is.
GO = """route => {
  globalThis.announced = [];
  document.querySelectorAll('h1').forEach((old) => { old.dataset.old = ''; });
  history.pushState(null, '', route);
  dispatchEvent(new PopStateEvent('popstate', { state: null }));
}"""
# The tree says the sentence under a heading that is new, and has not changed for a while.
THERE = """([text, calm]) => new Promise((done) => {
  const plain = (s) => s.replace(/[\\u00a0\\u202f]/g, ' ');
  const says = () => {
    const host = document.querySelector('flt-semantics-host');
    if (!host || document.querySelector('h1[data-old]')) return false;
    if (!host.querySelector('h1')) return false;
    return plain(host.textContent).includes(text)
      || [...host.querySelectorAll('[aria-label]')].some(
        (e) => plain(e.getAttribute('aria-label')).includes(text));
  };
  const start = performance.now();
  let since = start;
  const watch = new MutationObserver(() => { since = performance.now(); });
  watch.observe(document.body, { subtree: true, childList: true, characterData: true,
    attributes: true });
  const look = () => {
    const now = performance.now();
    const there = says();
    if ((there && now - since >= calm) || now - start > 20000) {
      watch.disconnect();
      done(there);
    } else setTimeout(look, 20);
  };
  look();
})"""
RUN_AXE = """async (allowed) => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations.flatMap((v) => v.nodes.map((node) => {
    const element = document.querySelector(node.target.at(-1));
    const excused = allowed.findIndex((a) => a.rule === v.id && element?.matches(a.selector));
    return { rule: v.id, impact: v.impact, html: node.html.slice(0, 200), excused };
  }));
}"""


@cache
def allowed() -> tuple[dict[str, str], ...]:
    """Violations that are upstream's to mend, each with its rule, selector, link and reason."""
    found = tomllib.loads((HERE / "allowed.toml").read_text(encoding="utf-8"))
    return tuple(found.get("allowed", ()))


@dataclass
class Found:
    """What was seen of each scene; `lost` says why a scene never came."""

    seen: dict[str, Any] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    excused: set[int] = field(default_factory=set)
    """Places in `allowed()` that something matched."""

    def of(self, scene: str) -> Any:
        """What was seen of a scene, which must have come."""
        assert scene not in self.lost, self.lost[scene]
        return self.seen[scene]


def walk(
    browser: Browser,
    url: str,
    places: dict[str, str],
    look: Look,
    at: Callable[[Page, CDPSession, Scene], Any],
    size: tuple[int, int] | None = None,
    calm: int = 120,
    only: Sequence[Scene] = SCENES,
) -> Found:
    """Call `at` on every scene as `look` shows it; `size` in place of the look's own. `places` are
    what `prepare` gave; `calm`: milliseconds without a change before a screen is looked at."""
    width, height = size or SIZES[look.size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[look.locale],
        color_scheme="dark" if look.theme == "dark" else "light",
        forced_colors="active" if look.theme == "contrast" else "none",
        **({"user_agent": PHONE_SAYS, "has_touch": True} if look.size == "phone" else {}),
    )  # fmt: skip
    context.set_default_timeout(WAIT)
    found, desk = Found(), Desk(url)
    try:
        context.add_init_script(f"({LISTEN})()")
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Accessibility.enable")  # kept up to date, not made for each question
        for who in people():
            scenes = [scene for scene in only if scene.who == who]
            if scenes:
                _enter(context, desk, who, look)
                for number, scene in enumerate(scenes):
                    _see(page, session, url, places, look, scene, at, found, calm, number == 0)
    finally:
        context.close()
    return found


def _enter(context: Any, desk: Desk, who: str, look: Look) -> None:
    context.clear_cookies()
    if not who:
        return
    token = desk.enter(who)
    theme = "contrast" if look.theme == "contrast" else "system"
    desk.prefer(token, look.locale, theme, look.text_size)
    desk.lend(context, token)


def _see(
    page: Page, session: CDPSession, url: str, places: dict[str, str], look: Look, scene: Scene,
    at: Callable[[Page, CDPSession, Scene], Any], found: Found, calm: int, first: bool,
) -> None:  # fmt: skip
    route = filled(scene.route, places)
    says = scene.says(look.locale).replace("\u00a0", " ").replace("\u202f", " ")
    try:
        if first:
            page.goto(url + route)
        else:
            page.evaluate(GO, route)
        if not page.evaluate(THERE, [says, calm]):
            found.lost[scene.name] = (
                f"{route} never said {says!r}\n" + page.locator("body").aria_snapshot()
            )
            return
        found.seen[scene.name] = at(page, session, scene)
    except PlaywrightError as error:
        found.lost[scene.name] = f"{route}: {error}"


def axe(page: Page, found_excused: set[int]) -> list[str]:
    """What axe finds, of any impact, that is not allowed. The tree is proven not empty first."""
    assert page.locator("flt-semantics-host [role], flt-semantics-host h1").count() >= 2, (
        "axe would see an empty page"
    )
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE)
    faults = []
    for fault in page.evaluate(RUN_AXE, list(allowed())):
        if fault["excused"] >= 0:
            found_excused.add(fault["excused"])
        else:
            faults.append(f"{fault['rule']} ({fault['impact']}): {fault['html']}")
    return faults
