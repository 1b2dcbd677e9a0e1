"""Every screen as it is heard on a phone, in French, compared with what was heard before; its
headings in order, its landmarks; and, the text being twice as large on a narrow phone, nothing cut.

A change is seen in review: `make readings` writes `tests/browser/readings/` again.
"""

from __future__ import annotations

import difflib
import itertools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.reading import headings, heard, still
from tests.browser.sizes import beyond
from tests.browser.walk import Found, Look, walk
from tools.gallery import SCENES, Scene

KEPT = Path(__file__).parent / "readings"
WRITE = os.environ.get("QUITTANCE_READINGS") == "write"
NARROW = (375, 3000)
"""As wide as a small phone; high, so that lists which draw what is seen draw all."""
NAMES = [scene.name for scene in SCENES]
DEVICE = re.compile(r"  text: (Python-urllib\S*|\S+ sur (Linux|Android|iPhone|Windows|Mac)\b.*)")
ELSEWHERE = re.compile(r"  (text: Vue le .*|button: Terminer cette session)")


def mine(lines: list[str]) -> list[str]:
    """Without the sessions of other tests of this run, on the screen that lists them: this one's
    device stands above the words that say so."""
    return [
        line
        for line, below in itertools.zip_longest(lines, lines[1:], fillvalue="")
        if not ELSEWHERE.fullmatch(line)
        and (not DEVICE.fullmatch(line) or below.startswith("  text: Cette session"))
    ]


def test_sessions_of_other_tests_are_not_read() -> None:
    one = ["  text: Chrome sur Android", "  text: Cette session, vue le 23 novembre 2026, …"]
    others = ["  text: Chrome sur Android", "  text: Vue le 23 novembre 2026, …",
              "  button: Terminer cette session"]  # fmt: skip
    for lines in (one, one + others, others + one, others + one + others):
        assert mine(["main", *lines, "navigation"]) == ["main", *one, "navigation"]


@dataclass(frozen=True)
class Told:
    """What one screen said, and what stood out of the window."""

    lines: list[str]
    beyond: list[str]


@pytest.fixture(scope="module")
def told(browser: Browser, stage: Any) -> Found:
    """Every scene on a narrow phone, with text twice as large."""

    def at(page: Page, session: CDPSession, _scene: Scene) -> Told:
        said = [still(f"announced: {words}") for words in page.evaluate("announced")]
        lines = mine(heard(page, session)) + [line for line in said if "Chargement" not in line]
        return Told(lines, beyond(page))

    return walk(browser, stage.url, stage.places, Look(text_size=200), at, NARROW, calm=250)


@pytest.mark.parametrize("scene", NAMES)
def test_a_screen_is_heard_as_before(told: Found, scene: str) -> None:
    now = told.of(scene).lines
    path = KEPT / f"{scene}.txt"
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(now) + "\n", encoding="utf-8")
    assert path.exists(), f"no reading of {scene} is kept: make readings"
    before = path.read_text(encoding="utf-8").splitlines()
    changes = list(difflib.unified_diff(before, now, "before", "now", lineterm="", n=1))
    assert not changes, "make readings, and look at the change:\n" + "\n".join(changes)


@pytest.mark.parametrize("scene", NAMES)
def test_headings_go_down_one_level_at_a_time(told: Found, scene: str) -> None:
    levels = headings(told.of(scene).lines)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1] == []


@pytest.mark.parametrize("scene", NAMES)
def test_everything_is_in_a_landmark(told: Found, scene: str) -> None:
    lines = told.of(scene).lines
    places = [line.split(":")[0] for line in lines if not line.startswith((" ", "announced"))]
    assert places.count("main") == 1
    assert ("link" in places) == (scene != "lost")  # a page that is not there has no menu to pass
    assert set(places) <= {"link", "main", "navigation", "banner"}
    menus = [line for line in lines if re.match(r"navigation", line)]
    assert menus in ([], ["navigation: Menu principal"])


@pytest.mark.parametrize("scene", NAMES)
def test_text_twice_as_large_on_a_narrow_phone_is_not_cut(told: Found, scene: str) -> None:
    assert told.of(scene).beyond == []


def test_no_reading_is_kept_of_a_screen_that_is_gone() -> None:
    kept = {path.stem for path in KEPT.glob("*.txt")}
    if WRITE:
        for name in kept - set(NAMES):
            (KEPT / f"{name}.txt").unlink()
        return
    assert kept - set(NAMES) == set()
