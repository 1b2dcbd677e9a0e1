"""A month as a grid of big buttons: for days that are picked or shown."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import flet as ft

from app.components.buttons import icon_button
from app.components.text import heading, small
from app.services.container import Services
from app.theme import BAR, HAIR, RADIUS, RADIUS_S, TARGET, XXS


@dataclass(frozen=True, slots=True)
class DayMark:
    """How a day is drawn and read out: `chosen` filled, `noted` with a dot, `closed` not to be
    tapped. `said` follows the date for screen readers."""

    chosen: bool = False
    noted: bool = False
    closed: bool = False
    said: str = ""


def month_after(month: date, count: int) -> date:
    """The first day of the month that is `count` months later."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def month_grid(
    services: Services, month: date, mark: Callable[[date], DayMark],
    act: Callable[[date], Any], move: Callable[[date], Any],
) -> ft.Control:  # fmt: skip
    """The month with its two arrows; `act` gets the day tapped, `move` the month asked for."""
    words = services.words
    first = month.replace(day=1)
    name = words.month(first)
    monday = date(2024, 1, 1)
    rows: list[ft.Control] = [
        ft.Row(
            [
                icon_button(words.t("Mois précédent"), ft.Icons.CHEVRON_LEFT,
                            lambda _e: move(month_after(first, -1))),
                ft.Container(heading(name[:1].upper() + name[1:], 2, look=3), expand=True,
                             alignment=ft.Alignment.CENTER),
                icon_button(words.t("Mois suivant"), ft.Icons.CHEVRON_RIGHT,
                            lambda _e: move(month_after(first, 1))),
            ]
        ),
        ft.Row(
            [
                ft.Container(
                    ft.Semantics(
                        hidden=True, exclude_semantics=True,
                        content=small(words.weekday_letter(monday + timedelta(days=n))),
                    ),
                    expand=True, alignment=ft.Alignment.CENTER,
                )
                for n in range(7)
            ],
            spacing=XXS,
        ),
    ]  # fmt: skip
    for week in calendar.Calendar().monthdatescalendar(first.year, first.month):
        rows.append(
            ft.Row(
                [
                    _day(services, day, mark(day), act)
                    if day.month == first.month
                    else ft.Container(expand=True, height=TARGET)
                    for day in week
                ],
                spacing=XXS,
            )
        )
    return ft.Column(rows, spacing=XXS, tight=True)


def _day(services: Services, day: date, mark: DayMark, act: Callable[[date], Any]) -> ft.Control:
    words = services.words
    spoken = ", ".join(part for part in (words.date(day), mark.said) if part)
    ink = ft.Colors.ON_SURFACE
    if mark.chosen:
        ink = ft.Colors.ON_PRIMARY
    elif mark.closed:
        ink = ft.Colors.ON_SURFACE_VARIANT
    label = ft.Column(
        [
            ft.Text(str(day.day), color=ink, theme_style=ft.TextThemeStyle.LABEL_LARGE),
            ft.Container(
                width=BAR, height=BAR, border_radius=RADIUS_S,
                bgcolor=(ink if mark.chosen else ft.Colors.PRIMARY) if mark.noted else None,
            ),
        ],
        spacing=HAIR, tight=True, horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        alignment=ft.MainAxisAlignment.CENTER,
    )  # fmt: skip
    button = ft.TextButton(
        content=ft.Semantics(label=spoken, exclude_semantics=True, content=label),
        disabled=mark.closed,
        on_click=lambda _event: act(day),
        height=TARGET,
        expand=True,
        style=ft.ButtonStyle(
            padding=0,
            bgcolor=ft.Colors.PRIMARY if mark.chosen else None,
            shape=ft.RoundedRectangleBorder(radius=RADIUS),
        ),
    )
    return ft.Container(ft.MergeSemantics(button), expand=True, height=TARGET)
