"""Marks in the accessibility tree that assets/page.js reads in a browser, and nobody hears.

An identifier is `kind|words` or `kind|name|value`. Phones need none: their own readers know what a
field holds, and the error of a field is part of its name.
"""

from __future__ import annotations

import flet as ft


def part(kind: str, words: str, content: ft.Control) -> ft.Control:
    """A landmark: `main` (words of the link that leads to it), `nav` or `top` (their name)."""
    return ft.Semantics(identifier=f"{kind}|{words}", container=True, content=content)


def apart(content: ft.Control) -> ft.Control:
    """A column beside another: read to its end before the other begins. Without it the tree goes by
    rows of the window, from one column to the other and back."""
    return ft.Semantics(container=True, content=content)


def held(path: str, content: ft.Control, value: str | None = None) -> ft.Control:
    """A field by its path, with what it holds when the app wrote it (never a password)."""
    mark = f"field|{path}" if value is None else f"field|{path}|{value}"
    return ft.Semantics(identifier=mark, container=True, content=content)


def noted(kind: str, path: str, content: ft.Control) -> ft.Control:
    """The `hint` or the `error` of a field."""
    return ft.Semantics(identifier=f"{kind}|{path}", container=True, content=content)


def total(name: str, content: ft.Control, web: bool, said: str | None = None) -> ft.Control:
    """Figures that move with each key: read out once the typing rests, as `said` or as they are
    written. `name` tells them from the others of the screen. A phone's reader (`web` false) has no
    such rest: it is told at once, politely."""
    return ft.Semantics(
        identifier=f"total|{name}", label=said, container=True, exclude_semantics=said is not None,
        live_region=not web, content=content,
    )  # fmt: skip
