"""Boxes of the home and history screens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from app.components.buttons import area_button
from app.components.text import amount, body, small
from app.theme import HAIR, ML, RADIUS_L, SM, XXS, S


def card(controls: list[ft.Control], emphasis: bool = False) -> ft.Control:
    """A sheet of paper that groups what belongs together; with `emphasis`, tinted."""
    return ft.Container(
        bgcolor=ft.Colors.PRIMARY_CONTAINER if emphasis else ft.Colors.SURFACE_CONTAINER_LOWEST,
        border=None if emphasis else ft.Border.all(HAIR, ft.Colors.OUTLINE_VARIANT),
        border_radius=RADIUS_L,
        padding=ML,
        content=ft.Column(
            controls,
            spacing=SM,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    )


HERO = ft.Colors.ON_PRIMARY_FIXED
HERO_SOFT = ft.Colors.ON_PRIMARY_FIXED_VARIANT


def hero(controls: list[ft.Control]) -> ft.Control:
    """The one card that answers: what, when, how much. Its words are written in HERO and
    HERO_SOFT."""
    return ft.Container(
        bgcolor=ft.Colors.PRIMARY_FIXED,
        border_radius=RADIUS_L,
        padding=ML,
        content=ft.Column(
            controls,
            spacing=S,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    )


def divided(rows: Sequence[ft.Control]) -> list[ft.Control]:
    """Rows of one list, a hairline between each and the next."""
    found: list[ft.Control] = []
    for row in rows:
        if found:
            found.append(ft.Divider(height=HAIR))
        found.append(row)
    return found


def listed(rows: Sequence[ft.Control]) -> ft.Control:
    """The same as one control, its rows close together."""
    return ft.Column(
        divided(rows), spacing=0, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
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
                    spacing=XXS, tight=True, expand=True,
                ),
                amount(value, strong=True),
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
            ],
            spacing=SM,
        ),
        on_click,
    )  # fmt: skip
