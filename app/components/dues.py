"""Something to pay, in words: its name, where it stands, and why a bank said no."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet
from app.components.cards import card
from app.components.states import banner, empty
from app.components.text import amount as figure
from app.components.text import body, heading, small
from app.services.container import Services
from app.words import N_
from contract.i18n import Words
from contract.payments import DueView

PAYABLE = {"open", "late", "rejected", "pending"}

REASONS: dict[str, str] = {
    "AM04": N_(
        "Votre compte bancaire n’était pas assez approvisionné. Approvisionnez-le, puis payez de "
        "nouveau."
    ),
    "MS03": N_(
        "Votre banque a refusé sans dire pourquoi. Demandez-lui la raison, ou payez autrement."
    ),
    "MS02": N_("Vous avez refusé ce prélèvement auprès de votre banque."),
    "AC01": N_("Le numéro de compte est faux. Ajoutez un compte avec le bon IBAN."),
    "AC04": N_("Ce compte bancaire est fermé. Ajoutez un autre compte."),
    "AC06": N_("Ce compte bancaire est bloqué : votre banque vous dira pourquoi."),
    "AC13": N_("Ce compte n’accepte pas ce genre de prélèvement. Ajoutez un autre compte."),
    "AG01": N_(
        "Ce compte n’accepte pas les prélèvements (un livret d’épargne, par exemple). Ajoutez un "
        "compte courant."
    ),
    "MD01": N_("Votre banque ne connaît pas de mandat pour ce prélèvement. Signez-en un nouveau."),
    "MD06": N_("Vous avez demandé à votre banque de vous rembourser ce prélèvement."),
    "MD07": N_("La banque signale que le titulaire du compte est décédé."),
    "SL01": N_(
        "Votre banque n’accepte pas ce créancier : autorisez-le dans votre espace bancaire."
    ),
    "RC01": N_("Votre banque n’a pas été trouvée. Ajoutez un compte avec le bon IBAN."),
}
OTHER_REASON = N_("Votre banque n’a pas exécuté le prélèvement. Demandez-lui pourquoi.")

STATES: dict[str, str] = {
    "open": N_("À payer le {date} au plus tard"),
    "late": N_("En retard : c’était dû le {date}"),
    "ordered": N_("Prélèvement prévu le {date}"),
    "sent": N_("Prélèvement en cours, le {date}"),
    "rejected": N_("Prélèvement refusé par votre banque"),
    "plan": N_("Payé en plusieurs fois, par votre échéancier"),
    "paid": N_("Payé"),
    "credit": N_("Crédit en votre faveur"),
}


def reason(words: Words, code: str) -> str:
    """Why a bank sent a debit back, and what to do; the code last, for the bank's counter."""
    said = words.t(REASONS.get(code, OTHER_REASON))
    return words.t("{reason} (code {code})").format(reason=said, code=code) if code else said


def period_words(code: str, words: Words) -> str:
    """A period's code (2026-10, 2026-Q3, 2025) in words."""
    found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})))?", code)
    if found is None:
        return code
    year, quarter, month = int(found[1]), found[2], found[3]
    first, last = (1, 12)
    if quarter:
        first, last = 3 * int(quarter) - 2, 3 * int(quarter)
    elif month:
        first = last = int(month)
    return words.period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def due_name(due: DueView, words: Words) -> str:
    """The period declared, or the call and its year; with a capital."""
    kind, _, rest = due.code.partition(".")
    if kind in {"penalty", "office"}:
        name = words.t("{label}, {period}").format(
            label=words.t(due.label), period=period_words(rest, words)
        )
    elif kind == "plan":
        name = words.t("{label} n° {number}").format(
            label=words.t(due.label), number=rest.rpartition(".")[2]
        )
    elif due.provisional or kind != "declaration":
        name = words.t("{label} {year}").format(label=words.t(due.label), year=due.period)
    elif due.start is not None and due.end is not None:
        name = words.period(due.start, due.end)
    else:
        name = due.period
    return name[:1].upper() + name[1:]


def due_state(due: DueView, words: Words) -> str:
    """Where it stands, in one line."""
    if due.state == "pending":
        method = due.payment.method if due.payment is not None else ""
        said = PENDING_WORDS[0 if method == "card" else 1]
        return words.t(said)
    day = due.due_on
    if due.state == "ordered" and due.order is not None:
        day = due.order.collect_on
    elif due.state == "sent" and due.payment is not None and due.payment.value_date is not None:
        day = due.payment.value_date
    return words.t(STATES.get(due.state, STATES["open"])).format(date=words.date(day))


PENDING_WORDS = (N_("Paiement par carte en attente"), N_("Virement attendu"))


def due_card(services: Services, due: DueView) -> ft.Control:
    """A due with its state, its amount and what can be done."""
    words = services.words
    amount = due.open if due.open > 0 else due.amount
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(heading(due_name(due, words), 2, look=3), expand=True),
                figure(words.money(amount), strong=True),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        body(due_state(due, words)),
    ]
    if 0 < due.open < due.amount:
        lines.append(
            small(
                words.t("Sur {amount}, déjà réglé en partie.").format(
                    amount=words.money(due.amount)
                )
            )
        )
    if due.state == "rejected" and due.payment is not None:
        lines.append(banner(reason(words, due.payment.reason), "urgent"))
    lines.append(ft.Row(due_actions(services, due), wrap=True))
    return card(lines)


def due_actions(services: Services, due: DueView) -> list[ft.Control]:
    """Pay, pay again, or change an order that has not left."""
    words = services.words

    def go(_event: Any) -> None:
        services.go(f"/pay/{due.code}")

    if due.state == "rejected":
        return [primary(words.t("Payer de nouveau"), go, ft.Icons.PAYMENTS_OUTLINED)]
    if due.state in PAYABLE:
        return [primary(words.t("Payer"), go, ft.Icons.PAYMENTS_OUTLINED)]
    if due.state == "ordered" and due.order is not None and due.order.amendable:
        return [
            small(
                words.t("Modifiable jusqu’au {moment}.").format(
                    moment=words.moment(due.order.cutoff_at)
                )
            ),
            quiet(words.t("Modifier"), go, ft.Icons.EDIT_OUTLINED),
        ]
    return []


def nothing_due(services: Services) -> ft.Control:
    """All is settled."""
    words = services.words
    return card(
        [
            empty(
                words.t("Rien à payer pour l’instant."),
                words.t("Le prochain montant paraîtra ici dès qu’il sera connu."),
                picture="payments",
            )
        ]
    )
