"""The log: the month, the periods, and what they come to."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft

from app.components.buttons import area_button, primary, quiet, secondary
from app.components.cards import card
from app.components.month import DayMark, month_grid
from app.components.shell import scaffold
from app.components.states import banner
from app.components.terms import words_here
from app.components.text import body, heading, small
from app.screens.sea.common import (
    days_said,
    effect_card,
    no_vessel,
    not_ready,
    service_said,
    span_said,
    use_log,
)
from app.services.container import use_services
from app.services.sea import SeaBook
from app.theme import SM, XXS, S


@ft.component
def SeaLog() -> ft.Control:
    """Month, list, totals."""
    services = use_services()
    words = services.words
    month, set_month = ft.use_state(None)
    done = ft.use_ref(lambda: services.cache.pop("sea:told", ""))
    loaded = use_log(services)
    title = words.t("Journal de mer")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: SeaBook = loaded.value
    shown: date = month or book.today.replace(day=1)

    unsent = services.entries.unsent.ids(book.account)
    taken = _days(book)

    def mark(day: date) -> DayMark:
        name = taken.get(day)
        return DayMark(
            chosen=name is not None,
            noted=name in unsent,
            closed=name is None and day > book.today,
            said=words.t("noté") if name else "",
        )

    def open_day(day: date) -> None:
        name = taken.get(day)
        services.go(f"/mer/periode/{name}" if name else f"/mer/periode?jour={day.isoformat()}")

    lines: list[ft.Control] = []
    if done.current:
        lines.append(banner(done.current, "success", live=True))
    if not book.vessels():
        return scaffold(services, title, [*lines, *no_vessel(services)], back="/home")
    actions = [
        primary(words.t("Ajouter une période"), lambda _e: services.go("/mer/periode"),
                ft.Icons.ADD),
    ]  # fmt: skip
    if book.services():
        actions.append(
            secondary(words.t("Répéter la dernière"),
                      lambda _e: services.go("/mer/periode?comme=derniere"), ft.Icons.REPLAY)
        )  # fmt: skip
    lines += [
        ft.Row(actions, wrap=True, spacing=S),
        card([month_grid(services, shown, mark, open_day, set_month)]),
        effect_card(book.effect(), book.today.year, words),
        heading(words.t("Périodes notées"), 2),
    ]
    services_ = book.services()
    if not services_:
        lines.append(body(words.t("Rien de noté pour l’instant.")))
    year = 0
    for name, service in services_.items():
        if service.start.year != year:
            year = service.start.year
            lines.append(heading(str(year), 3))
        lines.append(_tile(services, book, name))
    lines.append(
        ft.Row(
            [quiet(words.t("Échéancier"), lambda _e: services.go("/mer/echeancier")),
             quiet(words.t("Navires"), lambda _e: services.go("/mer/navires"))],
            wrap=True,
        )
    )  # fmt: skip
    lines += words_here("role_equipage", "salaire_forfaitaire", "enim", "regularisation")
    return scaffold(services, title, lines, back="/home")


def _days(book: SeaBook) -> dict[date, str]:
    found: dict[date, str] = {}
    for name, service in book.services().items():
        for number in range(service.start.toordinal(), service.end.toordinal() + 1):
            found[date.fromordinal(number)] = name
    return found


def _tile(services: Any, book: SeaBook, name: str) -> ft.Control:
    words = services.words
    service = book.services()[name]
    title = span_said(service, words)
    said = service_said(service, book, words)
    days = days_said(service, words)
    state = words.t("pas encore envoyé") if services.entries.waits(book.account, name) else ""
    lines: list[ft.Control] = [body(title[:1].upper() + title[1:], strong=True), small(said)]
    if state:
        lines.append(small(state, color=ft.Colors.TERTIARY))
    return area_button(
        ", ".join(part for part in (title, days, said, state) if part),
        ft.Row(
            [
                ft.Column(lines, spacing=XXS, tight=True, expand=True),
                body(days, strong=True),
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
            ],
            spacing=SM,
        ),
        lambda _e: services.go(f"/mer/periode/{name}"),
    )
