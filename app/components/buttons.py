"""Buttons that name themselves to screen readers, 48 pixels high at least."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.theme import TARGET

Act = Callable[..., Any]


def primary(label: str, on_click: Act, icon: Any = None, disabled: bool = False) -> ft.Control:
    """The one action that moves forward."""
    return ft.FilledButton(
        content=label, icon=icon, on_click=on_click, disabled=disabled, height=None
    )


def secondary(label: str, on_click: Act, icon: Any = None, disabled: bool = False) -> ft.Control:
    """Another action."""
    return ft.OutlinedButton(content=label, icon=icon, on_click=on_click, disabled=disabled)


def quiet(label: str, on_click: Act, icon: Any = None) -> ft.Control:
    """A minor action, a link."""
    return ft.TextButton(content=label, icon=icon, on_click=on_click)


def icon_button(label: str, icon: Any, on_click: Act) -> ft.Control:
    """An icon alone. A tooltip does not name a button: the semantics around it do."""
    return ft.Semantics(
        label=label,
        button=True,
        container=True,
        on_tap=on_click,
        exclude_semantics=True,
        content=ft.IconButton(
            icon=icon, tooltip=label, on_click=on_click, width=TARGET, height=TARGET
        ),
    )


def link_out(label: str, url: str) -> ft.Control:
    """A link to another site or a file, opened by the browser itself."""
    return ft.TextButton(content=label, icon=ft.Icons.OPEN_IN_NEW, url=ft.Url(url, target="_blank"))
