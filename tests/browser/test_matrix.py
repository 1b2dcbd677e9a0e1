"""Every screen before axe, and what can be pressed measured, as one of the twelve looks shows them
(in turn, or QUITTANCE_LOOK), or as all of them do (`make matrix`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.sizes import POINTED, TARGET, too_small
from tests.browser.walk import LOOKS, Found, Look, allowed, axe, looks_of_this_run, walk
from tools.gallery import SCENES, Scene

TAKEN = looks_of_this_run()
EXCUSED: set[int] = set()
"""Places in `allowed()` that this run met."""


@pytest.fixture(scope="module", params=TAKEN, ids=str)
def seen(request: Any, browser: Browser, stage: Any) -> Iterator[Found]:
    """Every scene as one look shows it: its violations, and what is too small to be pressed."""
    look: Look = request.param
    print(f"\nlook of this run: {look} (QUITTANCE_LOOK={look} shows it again)")
    least = TARGET if look.size == "phone" else POINTED

    def at(page: Page, _session: CDPSession, _scene: Scene) -> tuple[list[str], list[str]]:
        return axe(page, EXCUSED), too_small(page, least)

    return walk(browser, stage.url, stage.places, look, at)


@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
def test_axe_finds_nothing(seen: Found, scene: str) -> None:
    assert seen.of(scene)[0] == []


@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
def test_what_can_be_pressed_is_large_enough(seen: Found, scene: str) -> None:
    assert seen.of(scene)[1] == []


@pytest.mark.skipif(list(LOOKS) != TAKEN, reason="known once every look was taken: make matrix")
def test_nothing_is_allowed_that_no_longer_happens(seen: Found) -> None:
    if seen:
        stale = [rule for place, rule in enumerate(allowed()) if place not in EXCUSED]
        assert stale == []


def test_what_is_allowed_says_why() -> None:
    for rule in allowed():
        assert set(rule) == {"rule", "selector", "link", "reason"}
        assert rule["link"].startswith("https://")


def test_axe_would_find_an_unnamed_button(visit: Any) -> None:
    person = visit()
    person.open("/signin")
    person.see("Mot de passe oublié")
    person.page.evaluate(
        "document.querySelector('flt-semantics-host').insertAdjacentHTML("
        "'beforeend', '<button></button>')"
    )
    assert any("button-name" in fault for fault in axe(person.page, set()))
    assert any("BUTTON" in small for small in too_small(person.page)) is False
    person.page.evaluate(
        "document.querySelector('flt-semantics-host').insertAdjacentHTML('beforeend',"
        "'<div role=button style=\"position:fixed;left:90px;top:90px;width:20px;height:20px\">x')"
    )
    assert any(small.startswith("x 20×20") for small in too_small(person.page))
