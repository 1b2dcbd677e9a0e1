"""Receipts on the screen: a row of the journal, the running bill, what was just done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import area_button, primary, quiet, secondary
from app.components.cards import card, fact
from app.components.states import banner, drawing
from app.components.text import amount, body, heading, small
from app.services.bill import Bill
from app.services.container import Services
from app.services.journal import Noted, Undo
from app.theme import SM, XXS, S
from app.words import N_
from contract.i18n import Words
from regimes.journal import METHOD_LABELS, Receipt

DONE: dict[str, str] = {
    "added": N_("Encaissement noté."),
    "changed": N_("Encaissement modifié."),
    "removed": N_("Encaissement supprimé."),
    "undone": N_("Le journal est comme avant."),
}


def title_of(receipt: Receipt, words: Words) -> str:
    """What a receipt is called: who paid, or for what."""
    if receipt.client or receipt.nature:
        return receipt.client or receipt.nature
    return words.t("Remboursement") if receipt.amount < 0 else words.t("Encaissement")


def receipt_tile(
    noted: Noted, labels: Mapping[str, str], aside: Decimal | None, words: Words,
    act: Callable[..., Any],
) -> ft.Control:  # fmt: skip
    """A receipt in the journal: day, who, activity, amount, what to keep of it."""
    receipt = noted.receipt
    euros = words.money(receipt.amount, cents=True)
    parts = [words.day_month(receipt.on), words.t(labels.get(receipt.category, receipt.category))]
    if receipt.method:
        parts.append(words.t(METHOD_LABELS[receipt.method]))
    if receipt.platform:
        parts.append(words.t("cotisations déjà retenues"))
    if receipt.attachment:
        parts.append(words.t("avec justificatif"))
    if aside:
        parts.append(
            words.t("à mettre de côté : {amount}").format(amount=words.money(aside, cents=False))
        )
    said = " · ".join(part for part in parts if part)
    title = title_of(receipt, words)
    return area_button(
        f"{title}, {euros}, {said}",
        ft.Row(
            [
                ft.Column([body(title, strong=True), small(said)], spacing=XXS, tight=True,
                          expand=True),
                amount(euros, strong=True),
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
            ],
            spacing=SM,
        ),
        act,
    )  # fmt: skip


def bills_card(services: Services, bills: Sequence[Bill]) -> ft.Control:
    """What is due so far, period by period, the one that runs today first."""
    words = services.words
    ink = ft.Colors.ON_PRIMARY_CONTAINER
    lines: list[ft.Control] = [heading(words.t("Dû à ce jour"), 2, color=ink)]
    for bill in reversed(bills):
        view = bill.view
        name = words.period(view.start, view.end)
        lines.append(
            ft.Row(
                [
                    heading(name[:1].upper() + name[1:], 3, color=ink),
                    ft.Text(words.money(bill.due), theme_style=ft.TextThemeStyle.HEADLINE_SMALL,
                            no_wrap=True, color=ink),
                ],
                alignment=ft.MainAxisAlignment.SPACE_BETWEEN, wrap=True, spacing=S, run_spacing=0,
            )
        )  # fmt: skip
        lines.append(
            small(
                words.t("Sur {amount} encaissés, à payer avant le {due}.").format(
                    amount=words.money(bill.collected), due=words.date(view.due)
                ),
                color=ink,
            )
        )
        lines += [small(remark, color=ink) for remark in _remarks(bill, words)]
    return card(lines, emphasis=True)


def _remarks(bill: Bill, words: Words) -> list[str]:
    found = []
    if bill.platform:
        found.append(
            words.t(
                "À part : {amount} par des plateformes qui ont déjà retenu les cotisations."
            ).format(amount=words.money(bill.platform))
        )
    if bill.assessment is None and bill.collected < 0:
        found.append(words.t("Les remboursements dépassent les encaissements : rien à déclarer."))
    if bill.assessment is not None and bill.assessment.partial:
        found.append(words.t("Total partiel : une ligne n’est pas calculée."))
    return found


def home_card(services: Services, bill: Bill | None, count: int) -> ft.Control:
    """The journal on the home screen: what is due so far, and one tap to note a receipt."""
    words = services.words
    lines: list[ft.Control] = [heading(words.t("Journal des recettes"), 2)]
    if count == 0:
        lines.append(
            body(
                words.t(
                    "Notez chaque encaissement : la déclaration se remplit toute seule, et vous "
                    "savez ce qu’il faut mettre de côté."
                )
            )
        )
    elif bill is not None:
        period = words.period(bill.view.start, bill.view.end)
        lines.append(
            fact(words.t("Encaissé, {period}").format(period=period), words.money(bill.collected))
        )
        lines.append(fact(words.t("Dû à ce jour"), words.money(bill.due), strong=True))
    lines.append(
        ft.Row(
            [
                secondary(
                    words.t("Ajouter un encaissement"),
                    lambda _e: services.go("/journal/new"), ft.Icons.ADD,
                ),
                quiet(words.t("Ouvrir le journal"), lambda _e: services.go("/journal")),
            ],
            wrap=True,
        )
    )  # fmt: skip
    return card(lines)


def done_banner(
    services: Services, what: Undo, told: str, undo: Callable[..., Any] | None
) -> ft.Control:
    """What was just done, and the way back."""
    words = services.words
    if what.done == "imported":
        count = len(what.before)
        said = words.n(
            "{count} encaissement importé.", "{count} encaissements importés.", count
        ).format(count=count)
    else:
        said = words.t(DONE[what.done])
    actions = [secondary(words.t("Annuler"), undo, ft.Icons.UNDO)] if undo is not None else []
    return banner(f"{said} {told}".strip(), "success", actions=actions, live=True)


def empty_journal(services: Services) -> list[ft.Control]:
    """Nothing noted yet, and what to do about it."""
    words = services.words
    return [
        drawing("journal"),
        body(
            words.t(
                "Notez chaque encaissement le jour où vous le recevez, ou importez un relevé de "
                "votre banque. La déclaration se remplit à partir d’ici."
            )
        ),
        ft.Row(
            [
                primary(words.t("Ajouter un encaissement"),
                        lambda _e: services.go("/journal/new"), ft.Icons.ADD),
                secondary(words.t("Importer un relevé"),
                          lambda _e: services.go("/journal/import"), ft.Icons.UPLOAD_FILE_OUTLINED),
            ],
            wrap=True, spacing=S,
        ),
    ]  # fmt: skip
