"""What the VRP's screens share: the year being looked at, and formulas written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.load import Loaded
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import amount, big, body, small
from app.screens.access import query
from app.services.container import Services
from app.services.vrp import Book, open_book
from app.theme import HAIR, S
from app.words import N_
from contract.i18n import Words
from regimes.assessment import LineStatus
from regimes.vrp import REGIME
from regimes.vrp.formula import Formula, Step
from regimes.vrp.overpayment import YearResult

MONTHS = (
    N_("Janvier"), N_("Février"), N_("Mars"), N_("Avril"), N_("Mai"), N_("Juin"), N_("Juillet"),
    N_("Août"), N_("Septembre"), N_("Octobre"), N_("Novembre"), N_("Décembre"),
)  # fmt: skip
MEASURES = {
    "gross": N_("Brut"),
    "capped": N_("Base plafonnée"),
    "uncapped": N_("Base déplafonnée"),
    "csg": N_("Base CSG"),
    "dfs": N_("Abattement appliqué"),
}
SIGNS = {"sum": "+ ", "positive": "− ", "product": "× ", "percent": "× ", "limited": "× "}
"""What stands before the second term of a step, and the next ones."""


async def fetch_book(services: Services) -> Book | None:
    """The book of the year of the address (?annee=2025), else of last year."""
    given = query(services).get("annee", "")
    return await open_book(services, int(given) if given.isdigit() else None)


def not_ready(
    services: Services, title: str, loaded: Loaded[Any], back: str = "/home"
) -> ft.Control:
    """The screen while nothing is read, and for a profession without employers."""
    account = services.session.account
    if account is None or account.regime != REGIME.code:
        other = services.words.t("Ces pages sont celles des VRP à plusieurs employeurs.")
        return scaffold(services, title, [banner(other, "info")], back="/home")
    return scaffold(services, title, [loaded.other(services)], back=back)


def years_row(services: Services, book: Book, path: str) -> ft.Control:
    """Buttons to the other years."""
    today = book.overview.today.year
    first = max(2019, today - 4)
    return ft.Row(
        [
            secondary(str(year), _go(services, f"{path}?annee={year}"), disabled=year == book.year)
            for year in range(today, first - 1, -1)
        ],
        wrap=True,
    )


def _go(services: Services, route: str) -> Callable[[Any], None]:
    return lambda _event: services.go(route)


def value_words(value: Decimal, unit: str, words: Words) -> str:
    """A figure with its unit."""
    if unit == "percent":
        return words.percent(value)
    if unit == "months":
        return words.n("{count} mois", "{count} mois", int(value)).format(count=int(value))
    if unit == "count":
        return str(value)
    return words.money(value, cents=True)


def step_lines(step: Step, words: Words) -> list[ft.Control]:
    """A step as a sum is written by hand: its terms one under the other, then what they make."""
    rows: list[ft.Control] = []
    for at, term in enumerate(step.terms):
        sign = SIGNS.get(step.operation, "") if at else ""
        label = term.name or words.t(term.label)
        rows.append(figure(f"{sign}{label}", value_words(term.value, term.unit, words)))
    if step.operation == "limited":
        rows.append(small(words.t("Jamais plus que la base sur laquelle la CSG a été payée.")))
    rows.append(figure(words.t(step.label), value_words(step.result, step.unit, words), True))
    return rows


def figure(label: str, value: str, strong: bool = False) -> ft.Control:
    """A line of a calculation: long labels wrap, figures stand under one another."""
    return ft.Row(
        [ft.Container(body(label, strong=strong), expand=True), amount(value, strong=strong)],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=S,
    )


def asked(result: YearResult, words: Words, more: Sequence[ft.Control] = ()) -> ft.Control:
    """What a year asks back, and `more` under it."""
    return card(
        [
            small(words.t("À demander pour l’année")),
            big(words.money(result.refund, cents=True)),
            small(words.t("Estimation : c’est l’Urssaf qui décide.")),
            *more,
        ],
        emphasis=True,
    )


def formula_card(formula: Formula, words: Words) -> ft.Control:
    """An amount, how it is found, and what is only an estimate."""
    rows: list[ft.Control] = [
        fact(words.t(formula.label), words.money(formula.result, cents=True), strong=True)
    ]
    if formula.status is LineStatus.ESTIMATE:
        rows.append(body(words.t("Estimation : c’est l’Urssaf qui décide."), strong=True))
    for step in formula.steps:
        rows += [ft.Divider(height=HAIR), *step_lines(step, words)]
    rows.append(ft.Divider(height=HAIR))
    if formula.hypothesis:
        rows.append(small(words.t(formula.hypothesis)))
    if formula.law:
        rows.append(small(words.t("Texte : {law}").format(law=formula.law)))
    return card(rows)
