"""Words on a screen: headings that screen readers can jump between, paragraphs, amounts."""

from __future__ import annotations

from typing import Any

import flet as ft

_HEADINGS = {
    1: ft.TextThemeStyle.HEADLINE_MEDIUM,
    2: ft.TextThemeStyle.TITLE_LARGE,
    3: ft.TextThemeStyle.TITLE_MEDIUM,
}


def heading(
    text: str, level: int = 2, color: Any = ft.Colors.ON_SURFACE, look: int = 0
) -> ft.Control:
    """A heading of `level` 1 to 3, named as such to screen readers: no level is ever skipped. It
    looks like its level, or like `look`."""
    return ft.Semantics(
        header=True,
        heading_level=level,
        content=ft.Text(text, theme_style=_HEADINGS[look or level], color=color),
    )


def body(text: str, strong: bool = False, **more: Any) -> ft.Text:
    """A paragraph."""
    style = ft.TextThemeStyle.LABEL_LARGE if strong else ft.TextThemeStyle.BODY_MEDIUM
    more.setdefault("color", ft.Colors.ON_SURFACE)
    return ft.Text(text, theme_style=style, **more)


def to_copy(text: str, strong: bool = False) -> ft.Control:
    """Words that the pointer can select. Left alone they would be heard as an unnamed field."""
    return ft.Semantics(
        label=text, exclude_semantics=True, content=body(text, strong=strong, selectable=True)
    )


def small(text: str, **more: Any) -> ft.Text:
    """A remark."""
    more.setdefault("color", ft.Colors.ON_SURFACE_VARIANT)
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, **more)


def big(text: str, **more: Any) -> ft.Text:
    """The one figure of a card."""
    more.setdefault("color", ft.Colors.ON_SURFACE)
    return ft.Text(text, theme_style=ft.TextThemeStyle.DISPLAY_SMALL, **more)


def amount(text: str, strong: bool = False) -> ft.Text:
    """An amount at the end of a row: never cut, aligned to the right."""
    style = ft.TextThemeStyle.LABEL_LARGE if strong else ft.TextThemeStyle.BODY_MEDIUM
    return ft.Text(
        text,
        theme_style=style,
        text_align=ft.TextAlign.END,
        no_wrap=True,
        color=ft.Colors.ON_SURFACE,
    )
