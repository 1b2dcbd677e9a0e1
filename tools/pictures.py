"""A page of the app as a small picture, taken once it stands still."""

from __future__ import annotations

import io
import json

from PIL import Image
from playwright.sync_api import Page

PAUSE = 400
"""Milliseconds between two looks: the frame comes after the tree that tells of it."""


BLANK = 16
"""Colours up to which a picture shows the client still starting."""


def shown(page: Page, text: str) -> None:
    """Wait until the accessibility tree says it."""
    quoted = json.dumps(text, ensure_ascii=False)
    page.locator(f"[aria-label*={quoted}]").or_(
        page.locator("flt-semantics").filter(has_text=text)
    ).first.wait_for(state="attached", timeout=60_000)


def settled(page: Page) -> bytes:
    """The picture of a page, once two in a row are alike: no skeleton, no ripple. Raises
    LookupError when it never stands still."""
    before = b""
    for _ in range(40):
        page.wait_for_timeout(PAUSE)
        found = page.screenshot()
        if found == before and _drawn(found):
            return found
        before = found
    raise LookupError(f"{page.url} never stands still")


def _drawn(picture: bytes) -> bool:
    return Image.open(io.BytesIO(picture)).convert("RGB").getcolors(BLANK) is None


def small(picture: bytes, colours: int = 256) -> Image.Image:
    """In as few colours as a file needs."""
    return (
        Image.open(io.BytesIO(picture)).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    )
