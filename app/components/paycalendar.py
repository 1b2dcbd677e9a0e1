"""A year of payments as a calendar: a cell a month, the days in it, each with a sign and a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import flet as ft

from app.components.text import body, small
from app.services.container import use_services
from app.theme import HAIR, ICON_S, RADIUS, THICK, XS, S
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from contract.payments import DueView, Paying


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: what happens (`state`, of STATES), on what, how much. `name` is in
    the person's language."""

    on: date
    name: str
    amount: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is drawn and said: never by its colour alone."""

    word: str
    icon: ft.IconData
    colour: ft.Colors


STATES: dict[str, Look] = {
    "due": Look(N_("à payer"), ft.Icons.RADIO_BUTTON_UNCHECKED, ft.Colors.PRIMARY),
    "debit": Look(N_("sera prélevé"), ft.Icons.SCHEDULE, ft.Colors.PRIMARY),
    "paid": Look(N_("payé"), ft.Icons.CHECK_CIRCLE, ft.Colors.PRIMARY),
    "late": Look(N_("en retard"), ft.Icons.WARNING_AMBER, ft.Colors.ERROR),
    "rejected": Look(N_("refusé"), ft.Icons.BLOCK, ft.Colors.ERROR),
    "plan": Look(N_("étalé"), ft.Icons.CALENDAR_VIEW_MONTH, ft.Colors.PRIMARY),
    "coming": Look(N_("à venir"), ft.Icons.RADIO_BUTTON_UNCHECKED, ft.Colors.PRIMARY),
    "past": Look(N_("date passée"), ft.Icons.EVENT_OUTLINED, ft.Colors.ON_SURFACE_VARIANT),
    "back": Look(N_("vous est rendu"), ft.Icons.UNDO, ft.Colors.TERTIARY),
}
DUES = {
    "open": "due", "pending": "due", "ordered": "debit", "sent": "debit", "paid": "paid",
    "late": "late", "rejected": "rejected", "plan": "plan", "credit": "back",
}  # fmt: skip


def day_of(due: DueView) -> date:
    """The day that counts: of the debit once it is ordered, of the money once it came, else of
    the law."""
    if due.state == "ordered" and due.order is not None:
        return due.order.collect_on
    if due.payment is not None and due.payment.value_date and due.state in {"sent", "paid"}:
        return due.payment.value_date
    return due.due_on


def days_of_dues(found: Paying, year: int, words: Words) -> list[Day]:
    """The days of what was asked in `year`."""
    from app.components.dues import due_name

    days = []
    for due in found.dues:
        day = day_of(due)
        if day.year == year:
            amount = due.open if due.open > 0 else due.amount
            days.append(Day(day, due_name(due, words), abs(amount), DUES.get(due.state, "due")))
    return sorted(days, key=lambda d: d.on)


def days_of_calls(
    overview: Overview, dues: Sequence[DueView], year: int, words: Words
) -> list[Day]:
    """The days of the calls of `year`: what the ledger knows of each (`dues`) says more than its
    date."""
    known = {(due.due_on, due.period): due for due in dues if due.amount > 0}
    days = []
    for call in overview.calls:
        if call.on.year != year:
            continue
        name = words.t(call.label)
        if not call.provisional:
            name = words.t("{name} de {year}").format(name=name, year=call.period)
        state = "past" if call.on < overview.today else "coming"
        if call.amount < 0:
            state = "back"
        due = known.get((call.on, call.period)) if call.amount > 0 else None
        if due is not None:
            state = DUES.get(due.state, state)
        days.append(Day(day_of(due) if due is not None else call.on, name, abs(call.amount), state))
    return days


@ft.component
def PayCalendar(year: int, today: date, days: tuple[Day, ...], words: Words) -> ft.Control:
    """The twelve months of `year`; the present one is framed. Fewer on a line when the text is
    large."""
    services = use_services()
    large = services.settings.text_size
    across = 4 if services.layout.wide else 3
    across = 1 if large >= 175 else 2 if large > 110 else across
    months = [date(year, number, 1) for number in range(1, 13)]
    cells = [
        _month(month, [d for d in days if d.on.month == month.month],
               (month.year, month.month) == (today.year, today.month), words)
        for month in months
    ]  # fmt: skip
    rows = [
        ft.Row(
            cells[start : start + across], spacing=S,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH, intrinsic_height=True,
        )
        for start in range(0, 12, across)
    ]  # fmt: skip
    return ft.Column(
        [*rows], spacing=S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def _month(month: date, days: Sequence[Day], now: bool, words: Words) -> ft.Control:
    name = words.month_name(month)
    told = [
        words.t("{date} : {name}, {amount}, {state}").format(
            date=words.day_month(day.on), name=day.name, amount=words.money(day.amount),
            state=words.t(STATES[day.state].word),
        )
        for day in days
    ]  # fmt: skip
    lines: list[ft.Control] = [
        body(name[:1].upper() + name[1:], strong=True, no_wrap=True)
        if days or now
        else small(name[:1].upper() + name[1:], no_wrap=True)
    ]
    lines += [_day(day, words) for day in days]
    if not days:
        lines.append(small("–"))
    return ft.Semantics(
        label=". ".join([words.month(month), *told]) if told else words.t("{month} : rien").format(
            month=words.month(month)
        ),
        container=True,
        exclude_semantics=True,
        expand=True,
        content=ft.Container(
            padding=S,
            border_radius=RADIUS,
            border=ft.Border.all(
                THICK if now else HAIR,
                ft.Colors.PRIMARY if now else ft.Colors.OUTLINE_VARIANT,
            ),
            content=ft.Column(
                lines, spacing=XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
            ),
        ),
    )  # fmt: skip


def _day(day: Day, words: Words) -> ft.Control:
    look = STATES[day.state]
    return ft.Column(
        [
            ft.Row(
                [
                    ft.Icon(look.icon, size=ICON_S, color=look.colour),
                    small(words.t("le {day}").format(day=words.day_number(day.on)), no_wrap=True),
                ],
                spacing=XS,
            ),
            body(words.money(day.amount), strong=True, no_wrap=True),
            small(words.t(look.word)),
        ],
        spacing=0, tight=True,
    )  # fmt: skip


__all__ = ["STATES", "Day", "PayCalendar", "days_of_calls", "days_of_dues"]
