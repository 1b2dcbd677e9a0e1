"""Payments: what is left to pay, what is on its way, what may come back, and what was paid."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import secondary
from app.components.cards import HERO, HERO_SOFT, card, divided, fact, hero
from app.components.choices import choice_card
from app.components.dues import due_card, due_name, nothing_due, reason
from app.components.load import use_load
from app.components.paycalendar import PayCalendar, days_of_dues
from app.components.shell import scaffold
from app.components.states import banner, no_activity
from app.components.terms import words_here
from app.components.text import big, body, heading, small
from app.services.container import Services, use_services
from app.theme import XXS
from app.words import N_
from contract.i18n import Words
from contract.payments import Paying, PaymentView

METHODS = {"debit": N_("Prélèvement"), "card": N_("Carte"), "transfer": N_("Virement")}
PAYMENT_STATES = {
    "pending": N_("en attente"), "paid": N_("reçu"), "rejected": N_("refusé par la banque"),
    "failed": N_("non abouti"),
}  # fmt: skip
REFUND_STATES = {
    "asked": N_("Demandé : il part avec le prochain virement."),
    "sent": N_("Viré le {date}"),
    "rejected": N_("Revenu : votre banque ne l’a pas accepté."),
}
SHOWN = 12


async def fetch_paying(services: Services) -> Paying | None:
    """Everything the payment screens show, or None without an account."""
    account = services.session.account
    if account is None:
        return None
    found: Paying = await services.backend.get(Paying, f"/accounts/{account.id}/paying")
    return found


def no_account(services: Services, title: str) -> ft.Control:
    """A payment screen of somebody without an activity."""
    return scaffold(services, title, [no_activity(services)])


@ft.component
def Payments() -> ft.Control:
    """The hub: to pay, credits, bank accounts, statement, latest payments."""
    services = use_services()
    words = services.words
    loaded = use_load(services, lambda: fetch_paying(services), [services.session.account_id])
    title = words.t("Paiements")
    if services.session.account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services, "cards")])
    found = loaded.value
    waiting = [due for due in found.dues if due.state not in {"paid", "credit"}]
    lines: list[ft.Control] = []
    if found.open > 0:
        lines.append(
            hero(
                [
                    small(words.t("Reste à payer"), color=HERO_SOFT),
                    big(words.money(found.open), color=HERO),
                ]
            )
        )
    lines += [due_card(services, due) for due in waiting] or [nothing_due(services)]
    lines += _calendar(found, words)
    lines += _credit(services, found)
    lines += [
        choice_card(
            words.t("Comptes bancaires"), _accounts(found, words),
            lambda _e: services.go("/mandates"), ft.Icons.ACCOUNT_BALANCE_OUTLINED,
        ),
        choice_card(
            words.t("Relevé de compte"),
            words.t("Ce qui a été demandé, payé et imputé, ligne par ligne"),
            lambda _e: services.go("/statement"), ft.Icons.RECEIPT_LONG_OUTLINED,
        ),
        choice_card(
            words.t("Où sont allés mes euros"),
            words.t("Ce que chaque caisse a reçu, année par année"),
            lambda _e: services.go("/euros"), ft.Icons.PIE_CHART_OUTLINE,
        ),
        choice_card(
            words.t("Payer en plusieurs fois"),
            words.t("Étaler ce qui est en retard sur 2 à 12 mois"),
            lambda _e: services.go("/plans"), ft.Icons.CALENDAR_VIEW_MONTH,
        ),
        choice_card(
            words.t("Pénalités et réclamations"),
            words.t("Ce qui a été décidé, contester, demander une remise"),
            lambda _e: services.go("/disputes"), ft.Icons.GAVEL,
        ),
    ]  # fmt: skip
    lines += _latest(found, words)
    return scaffold(services, title, lines)


def _calendar(found: Paying, words: Words) -> list[ft.Control]:
    """The year as a calendar, when something falls in it."""
    year = found.today.year
    days = tuple(days_of_dues(found, year, words))
    if not days:
        return []
    return [
        card(
            [
                heading(words.t("Votre année de paiements, {year}").format(year=year), 2),
                PayCalendar(year, found.today, days, words),
                *words_here("echeance", "mandat_sepa"),
            ]
        )
    ]


def _accounts(found: Paying, words: Words) -> str:
    count = sum(1 for mandate in found.mandates if mandate.state == "active")
    if not count:
        return words.t("Aucun compte : ajoutez-en un pour être prélevé")
    return words.n("{count} compte peut être prélevé", "{count} comptes peuvent être prélevés",
                   count).format(count=count)  # fmt: skip


def _credit(services: Services, found: Paying) -> list[ft.Control]:
    words = services.words
    lines: list[ft.Control] = []
    if found.credit > 0:
        lines.append(
            banner(
                words.t(
                    "Vous avez {amount} de crédit. Il sera déduit de ce que vous devrez, ou "
                    "remboursé si vous le demandez."
                ).format(amount=words.money(found.credit)),
                "success", words.t("Crédit en votre faveur"),
                [secondary(words.t("Demander le remboursement"),
                           lambda _e: services.go("/refund"))],
            )
        )  # fmt: skip
    if found.refunds:
        rows: list[ft.Control] = [heading(words.t("Remboursements"), 2)]
        for refund in found.refunds[:SHOWN]:
            said = words.t(REFUND_STATES[refund.state]).format(
                date=words.date(refund.executed_on) if refund.executed_on else ""
            )
            rows += [fact(refund.iban, words.money(refund.amount), strong=True), small(said)]
        lines.append(card(rows))
    return lines


def _latest(found: Paying, words: Words) -> list[ft.Control]:
    if not found.payments:
        return []
    names = {due.code: due_name(due, words) for due in found.dues}
    rows: list[ft.Control] = [heading(words.t("Derniers paiements"), 2)]
    for payment in found.payments[:SHOWN]:
        rows.append(payment_row(payment, names.get(payment.due or "", ""), words))
    return [card([rows[0], *divided(rows[1:])])]


def payment_row(payment: PaymentView, name: str, words: Words) -> ft.Control:
    """One payment: how, for what, when, and how it ended."""
    state = words.t(PAYMENT_STATES[payment.state])
    if payment.state == "paid" and not payment.settled:
        state = words.t("en cours")
    day = payment.value_date or payment.created_at.date()
    said = words.t("{method} du {date}, {state}").format(
        method=words.t(METHODS[payment.method]), date=words.date(day), state=state
    )
    lines: list[ft.Control] = [
        fact(name or words.t("Paiement"), words.money(payment.amount, cents=None), strong=True),
        small(said),
    ]
    if payment.state == "rejected":
        lines.append(body(reason(words, payment.reason)))
    return ft.Column(
        lines, spacing=XXS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def open_payment(services: Services, code: str) -> Any:
    """An action that opens the payment of a due."""
    return lambda _event: services.go(f"/pay/{code}")
