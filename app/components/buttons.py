"""Buttons that name themselves to screen readers, 48 pixels high at least."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.theme import HAIR, ML, RADIUS, SM, TARGET, M

Act = Callable[..., Any]


AREA = ft.RoundedRectangleBorder(radius=RADIUS)


def primary(label: str, on_click: Act, icon: Any = None, disabled: bool = False) -> ft.Control:
    """The one action that moves forward."""
    return ft.FilledButton(content=label, icon=icon, on_click=on_click, disabled=disabled)


def amber(label: str, on_click: Act, icon: Any = None) -> ft.Control:
    """The action of the card that answers: amber on petrol, as wide as the card."""
    return ft.FilledButton(
        content=label, icon=icon, on_click=on_click,
        style=ft.ButtonStyle(
            bgcolor=ft.Colors.TERTIARY_FIXED, color=ft.Colors.ON_TERTIARY_FIXED,
            icon_color=ft.Colors.ON_TERTIARY_FIXED, shape=AREA,
            padding=ft.Padding.symmetric(horizontal=ML, vertical=M),
        ),
    )  # fmt: skip


def on_hero(label: str, on_click: Act) -> ft.Control:
    """Another action of the card that answers."""
    return ft.OutlinedButton(
        content=label, on_click=on_click,
        style=ft.ButtonStyle(
            color=ft.Colors.ON_PRIMARY_FIXED, shape=AREA,
            side=ft.BorderSide(HAIR, ft.Colors.ON_PRIMARY_FIXED_VARIANT),
            padding=ft.Padding.symmetric(horizontal=ML, vertical=M),
        ),
    )  # fmt: skip


def secondary(label: str, on_click: Act, icon: Any = None, disabled: bool = False) -> ft.Control:
    """Another action."""
    return ft.OutlinedButton(content=label, icon=icon, on_click=on_click, disabled=disabled)


def quiet(label: str, on_click: Act, icon: Any = None) -> ft.Control:
    """A minor action, a link."""
    return ft.TextButton(content=label, icon=icon, on_click=on_click)


def icon_button(label: str, icon: Any, on_click: Act) -> ft.Control:
    """An icon alone. A tooltip does not name a button: the name of its icon does."""
    return ft.IconButton(
        icon=ft.Icon(icon, semantics_label=label),
        on_click=on_click,
        width=TARGET,
        height=TARGET,
    )


def area_button(
    spoken: str,
    content: ft.Control,
    on_click: Act,
    padding: Any = None,
    bgcolor: Any = None,
    outlined: bool = False,
) -> ft.Control:
    """A whole area that is one button, read as `spoken`. A real button, so that the keyboard and
    screen readers reach it; what it shows is hidden from them, being said already."""
    button = ft.TextButton(
        content=ft.Semantics(label=spoken, exclude_semantics=True, content=content),
        on_click=on_click,
        style=ft.ButtonStyle(
            padding=padding if padding is not None else ft.Padding.symmetric(vertical=SM),
            bgcolor=bgcolor,
            side=ft.BorderSide(HAIR, ft.Colors.OUTLINE_VARIANT) if outlined else None,
            alignment=ft.Alignment.CENTER_LEFT,
            shape=AREA,
            text_style=ft.TextStyle(weight=ft.FontWeight.NORMAL),
        ),
    )
    return ft.MergeSemantics(button)


def link_out(label: str, url: str) -> ft.Control:
    """A link to another site or a file, opened by the browser itself."""
    return ft.TextButton(content=label, icon=ft.Icons.OPEN_IN_NEW, url=ft.Url(url, target="_blank"))
