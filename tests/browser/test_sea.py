"""The log of a fisherman in a real browser: taps, keyboard, axe."""

from __future__ import annotations

import re
from typing import Any

from tests.browser.conftest import DESKTOP, PHONE


def test_a_period_by_taps(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("pecheur")
    person.open("/mer/periode")
    person.see("1. Navire")
    person.tap("22 novembre 2026")
    person.see("Ce que cette période change")
    days = person.page.get_by_role("button", name=re.compile("novembre 2026")).all()
    boxes = [box for day in days if (box := day.bounding_box())]
    assert len(boxes) >= 20
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    person.tap("Noter la période")
    person.at("/mer")
    person.see("Période notée.")


def test_a_period_by_the_keyboard_alone(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("debutant")
    person.open("/mer/periode")
    person.see("1. Navire")
    keys = person.page.keyboard

    person.tab_to("21 novembre 2026")
    keys.press("Enter")
    person.see("Ce que cette période change")
    person.tab_to("Noter la période")
    keys.press("Enter")
    person.at("/mer")
    person.see("Période notée.")
