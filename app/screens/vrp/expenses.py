"""Expenses really borne: nature, day, amount, what was paid back, and the proofs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import quiet
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import failure
from app.components.text import heading, small
from app.forms.answers import Choice, Date, Money, Possible, Text
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.screens.messages import Files
from app.screens.vrp.common import fetch_book, not_ready, years_row
from app.services.backend import BackendError
from app.services.container import use_services
from app.services.vrp import Book
from app.words import N_
from contract.hiding import fresh_id
from regimes.money import ZERO

CATEGORIES = {
    "travel": N_("Déplacements (train, avion, péage)"),
    "vehicle": N_("Véhicule"),
    "meals": N_("Repas"),
    "lodging": N_("Hébergement"),
    "phone": N_("Téléphone, internet"),
    "office": N_("Bureau, fournitures"),
    "samples": N_("Échantillons, collections"),
    "other": N_("Autre"),
}


@ft.component
def Expenses() -> ft.Control:
    """The expenses of a year, and a form to add one."""
    services = use_services()
    words = services.words
    loaded = use_load(
        services, lambda: fetch_book(services),
        [services.session.account_id, services.page.route],
    )  # fmt: skip
    files, set_files = ft.use_state([])
    problem, set_problem = ft.use_state(None)
    title = words.t("Frais réels")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: Book = loaded.value
    found = book.expenses()
    form = short_form(
        f"vrp.expense.{len(found)}",
        Field("category", N_("Nature"),
              Choice(options=tuple(Possible(c, label) for c, label in CATEGORIES.items()))),
        Field("on", N_("Jour de la dépense"), Date(latest=book.overview.today)),
        Field("amount", N_("Montant payé"), Money(declared=False)),
        Field("refunded", N_("Remboursé par l’employeur"), Money(declared=False), required=False),
        Field("label", N_("Précision"), Text(), required=False),
    )  # fmt: skip

    async def keep(values: dict[str, Any]) -> None:
        day = values["on"]
        await book.keep(
            "expense", fresh_id(),
            {
                "on": day.isoformat() if isinstance(day, date) else str(day),
                "category": values["category"], "amount": str(values["amount"]),
                "refunded": str(values.get("refunded") or "0"),
                "label": values.get("label") or "", "proofs": [file.id for file in files],
            },
        )  # fmt: skip
        set_files([])
        await loaded.reload()

    def remove(name: str) -> Any:
        async def act(_event: Any) -> None:
            set_problem(None)
            try:
                await book.remove(name)
            except BackendError as error:
                set_problem(error)
                return
            await loaded.reload()

        return act

    borne = sum((max(ZERO, e.amount - e.refunded) for e in found.values()), Decimal(0))
    lines: list[ft.Control] = [
        years_row(services, book, "/vrp/frais"),
        card(
            [fact(words.t("Restés à votre charge"), words.money(borne, cents=True), strong=True)],
            emphasis=True,
        ),
    ]
    if problem is not None:
        lines.append(failure(services, problem))
    for name, expense in found.items():
        rows: list[ft.Control] = [
            fact(
                words.t(CATEGORIES[expense.category]),
                words.money(expense.amount - expense.refunded, cents=True), strong=True,
            ),
            small(" · ".join(filter(None, (words.date(expense.on), expense.label)))),
            small(
                words.n("{count} preuve", "{count} preuves", len(expense.proofs)).format(
                    count=len(expense.proofs)
                )
            ),
            ft.Row([quiet(words.t("Retirer cette dépense"), remove(name))], wrap=True),
        ]  # fmt: skip
        lines.append(card(rows))
    lines += [
        heading(words.t("Ajouter une dépense"), 2),
        Files(files, set_files),
        ShortForm(form, N_("Enregistrer la dépense"), keep, key=f"expense-{len(found)}"),
    ]
    return scaffold(services, title, lines, back="/home")
