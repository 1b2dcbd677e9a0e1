"""Big buttons to choose one thing of a few: for thumbs, gloves and wet hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from app.components.buttons import area_button
from app.components.text import body, small
from app.forms.render import error_line
from app.services.container import Services
from app.theme import SM, M, S


def picks(
    services: Services, title: str, options: Sequence[tuple[str, str, str]], chosen: str,
    act: Callable[[str], Any], error: str = "",
) -> ft.Control:  # fmt: skip
    """`options`: code, name and sentence of each; the one chosen is filled, ticked and said so."""
    words = services.words
    lines: list[ft.Control] = [
        ft.Semantics(header=True, heading_level=2, content=ft.Text(
            title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, color=ft.Colors.ON_SURFACE))
    ]  # fmt: skip
    if error:
        lines.append(error_line(error))
    for code, name, sentence in options:
        mine = code == chosen
        ink = ft.Colors.ON_PRIMARY_CONTAINER if mine else ft.Colors.ON_SURFACE
        texts: list[ft.Control] = [body(name, strong=True, color=ink)]
        if sentence:
            texts.append(small(sentence, color=ink))
        spoken = ". ".join(part.rstrip(".") for part in (name, sentence) if part)
        if mine:
            spoken = words.t("{name}, choisi").format(name=spoken)
        lines.append(
            area_button(
                spoken,
                ft.Row(
                    [
                        ft.Icon(
                            ft.Icons.CHECK_CIRCLE if mine else ft.Icons.CIRCLE_OUTLINED,
                            color=ft.Colors.PRIMARY,
                        ),
                        ft.Column(texts, spacing=0, tight=True, expand=True),
                    ],
                    spacing=M,
                ),
                lambda _event, value=code: act(value),
                padding=ft.Padding.symmetric(horizontal=M, vertical=SM),
                bgcolor=ft.Colors.PRIMARY_CONTAINER if mine else ft.Colors.SURFACE_CONTAINER_LOWEST,
                outlined=True,
            )
        )
    return ft.Column(
        lines, spacing=S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
