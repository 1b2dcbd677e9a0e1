"""Cards that are one big button, and where one stands in a journey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.components.buttons import area_button
from app.components.text import body, small
from app.theme import BAR, XXS, M, S


def choice_card(
    title: str, text: str, act: Callable[..., Any], icon: Any = None, note: str = ""
) -> ft.Control:
    """A card to tap: a title, a sentence, a remark; read as one button."""
    lines: list[ft.Control] = [body(title, strong=True), small(text)]
    if note:
        lines.append(small(note, color=ft.Colors.PRIMARY))
    row: list[ft.Control] = [ft.Column(lines, spacing=XXS, tight=True, expand=True)]
    if icon is not None:
        row.insert(0, ft.Icon(icon, color=ft.Colors.PRIMARY))
    row.append(ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT))
    return area_button(
        ". ".join(part.rstrip(".") for part in (title, text, note) if part),
        ft.Row(row, spacing=M),
        act,
        padding=M,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        outlined=True,
    )


def step_header(done: int, total: int, label: str) -> ft.Control:
    """Where one stands in a journey: « Étape 2 sur 4 », and a bar."""
    return ft.Column(
        [small(label), ft.ProgressBar(value=done / total, semantics_label=label, bar_height=BAR)],
        spacing=S,
        tight=True,
    )


def one_of(
    name: str, options: list[tuple[Any, str]], current: Any, choose: Callable[[Any], None]
) -> ft.Control:
    """Radio buttons on a line, under their name."""
    by_key = {str(number): value for number, (value, _) in enumerate(options)}
    chosen = next(key for key, value in by_key.items() if value == current)
    radios = ft.RadioGroup(
        value=chosen,
        on_change=lambda event: choose(by_key[str(event.control.value)]),
        content=ft.Row(
            [
                ft.Row([ft.Radio(value=str(number), label=label)], tight=True)
                for number, (_, label) in enumerate(options)
            ],
            wrap=True,
        ),
    )
    return ft.Column(
        [
            ft.Semantics(hidden=True, exclude_semantics=True, content=small(name)),
            ft.Semantics(label=name, container=True, content=radios),
        ],
        spacing=0, tight=True,
    )  # fmt: skip
