"""Boxes of the home and history screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.components.buttons import area_button
from app.components.text import amount, body, small
from app.theme import RADIUS, M, S


def card(controls: list[ft.Control], emphasis: bool = False) -> ft.Control:
    """A box that groups what belongs together."""
    return ft.Container(
        bgcolor=ft.Colors.PRIMARY_CONTAINER if emphasis else ft.Colors.SURFACE_CONTAINER_LOW,
        border=None if emphasis else ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
        border_radius=RADIUS + 4,
        padding=M + 4,
        content=ft.Column(
            controls,
            spacing=S + 2,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    )


def fact(label: str, value: str, strong: bool = False) -> ft.Control:
    """A label with its value at the end of the line; on two lines when they do not fit."""
    # A figure is never cut in two; a sentence wraps.
    shown = amount(value, strong=strong) if len(value) <= 20 else body(value, strong=strong)
    return ft.Row(
        [body(label, strong=strong), shown],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        wrap=True,
        spacing=S,
        run_spacing=0,
    )


def tile(
    title: str, subtitle: str, value: str, on_click: Callable[..., Any], icon: Any, spoken: str
) -> ft.Control:
    """A row that opens something: read as one button by a screen reader."""
    return area_button(
        spoken,
        ft.Row(
            [
                ft.Icon(icon, color=ft.Colors.PRIMARY),
                ft.Column(
                    [body(title, strong=True), small(subtitle)],
                    spacing=2, tight=True, expand=True,
                ),
                amount(value, strong=True),
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
            ],
            spacing=12,
        ),
        on_click,
    )  # fmt: skip
