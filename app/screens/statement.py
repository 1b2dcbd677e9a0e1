"""The statement: each movement, each period, and files for an accountant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, divided, fact
from app.components.load import use_load
from app.components.papers import Papers
from app.components.shell import scaffold
from app.components.states import empty
from app.components.text import amount, big, body, heading, small
from app.screens.payments import no_account
from app.services.container import Services, use_services
from app.services.files import give_file
from app.theme import XXS, S
from contract.i18n import Words
from contract.payments import PeriodBalance, Statement, StatementLine

ADVANCE = "advance"


@ft.component
def StatementScreen() -> ft.Control:
    """Newest first, so that what just happened is on top; the balance after each movement."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> Statement | None:
        if account is None:
            return None
        found: Statement = await services.backend.get(
            Statement, f"/accounts/{account.id}/statement"
        )
        return found

    loaded = use_load(services, fetch, [services.session.account_id])
    title = words.t("Relevé de compte")
    if account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    found = loaded.value
    said = words.t("Vous devez") if found.balance > 0 else words.t("Crédit en votre faveur")
    lines: list[ft.Control] = [
        card(
            [small(said if found.balance else words.t("Solde")),
             big(words.money(abs(found.balance), cents=True))],
            emphasis=True,
        ),
        Papers(f"/accounts/{account.id}/statement.pdf?lang={words.paper}", "releve.pdf"),
        Exports(services, account.id),
    ]  # fmt: skip
    years: dict[int, list[StatementLine]] = {}
    for line in reversed(found.lines):
        years.setdefault(line.date.year, []).append(line)
    for year, rows in years.items():
        lines.append(card([heading(str(year), 2), *divided([_row(row, words) for row in rows])]))
    if not found.lines:
        lines.append(
            empty(
                words.t("Aucun mouvement pour l’instant."),
                words.t("Ce qui sera demandé, payé et imputé se lira ici, ligne par ligne."),
                picture="payments",
            )
        )
    waiting = [period for period in found.periods if period.open or period.received]
    if waiting:
        lines.append(heading(words.t("Période par période"), 2))
        lines += [_period(period, words) for period in reversed(waiting)]
    return scaffold(services, title, lines, back="/payments")


def period_name(period: str, start: Any, end: Any, words: Words) -> str:
    """A period as people say it, or the advance."""
    if period == ADVANCE:
        return words.t("Avance")
    name = words.period(start, end) if start and end else period
    return name[:1].upper() + name[1:]


def _row(line: StatementLine, words: Words) -> ft.Control:
    sign = "+" if line.amount > 0 else "−"
    value = f"{sign}{words.money(abs(line.amount), cents=True)}"
    name = period_name(line.period, line.start, line.end, words)
    head = words.t("{date} : {label}").format(date=words.day_month(line.date),
                                              label=words.t(line.label))  # fmt: skip
    balance = words.money(line.balance, cents=True)
    if line.value_date is not None:
        foot = words.t("{period} · à votre banque le {date} · solde {balance}").format(
            period=name, date=words.day_month(line.value_date), balance=balance
        )
    else:
        foot = words.t("{period} · solde {balance}").format(period=name, balance=balance)
    return ft.Column(
        [
            ft.Row(
                [ft.Container(body(head), expand=True), amount(value, strong=True)],
                spacing=S, vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            small(foot),
        ],
        spacing=XXS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


def _period(period: PeriodBalance, words: Words) -> ft.Control:
    lines: list[ft.Control] = [
        heading(period_name(period.period, period.start, period.end, words), 3),
        fact(words.t("Demandé"), words.money(period.asked, cents=True)),
        fact(words.t("Reçu"), words.money(period.received, cents=True)),
    ]
    if period.open > 0:
        lines.append(fact(words.t("Reste à payer"), words.money(period.open, cents=True),
                          strong=True))  # fmt: skip
    elif period.open < 0:
        lines.append(fact(words.t("Crédit"), words.money(-period.open, cents=True), strong=True))
    else:
        lines.append(fact(words.t("Reste à payer"), words.money(Decimal(0)), strong=True))
    return card(lines)


@ft.component
def Exports(services: Services, account_id: str) -> ft.Control:
    """The statement as files."""
    words = services.words

    def take(kind: str, name: str) -> Any:
        async def act(_event: Any) -> None:
            await give_file(
                services, f"/accounts/{account_id}/statement.{kind}?lang={words.paper}", name
            )

        return act

    return ft.Row(
        [
            secondary(words.t("Exporter en CSV"), take("csv", "quittance-statement.csv"),
                      ft.Icons.TABLE_ROWS_OUTLINED),
            secondary(words.t("Exporter en XLSX"), take("xlsx", "quittance-statement.xlsx"),
                      ft.Icons.GRID_ON),
            secondary(words.t("Écritures comptables (FEC)"), take("fec", "quittance-fec.txt"),
                      ft.Icons.ACCOUNT_TREE_OUTLINED),
        ],
        wrap=True,
    )  # fmt: skip
