"""Ask a credit back."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary
from app.components.cards import card
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import big, body, small
from app.forms.answers import Choice, Iban, Money, Password, Possible, Text
from app.forms.form import Condition, Field
from app.screens.access import ShortForm, demo_password, short_form
from app.screens.payments import fetch_paying, no_account
from app.services.container import use_services
from app.words import N_
from contract.payments import RefundAsk, RefundView

OTHER = "other"


@ft.component
def Refund() -> ft.Control:
    """How much, and on which bank account."""
    services = use_services()
    words = services.words
    loaded = use_load(services, lambda: fetch_paying(services), [services.session.account_id])
    done, set_done = ft.use_state(None)
    title = words.t("Demander un remboursement")
    account = services.session.account
    if account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    found = loaded.value
    if done is not None:
        return scaffold(
            services, title,
            [
                banner(
                    words.t("Demande enregistrée : {amount} vers {iban}. Le virement part avec le "
                            "prochain envoi à la banque.").format(
                        amount=words.money(done.amount), iban=done.iban),
                    "success", live=True,
                ),
                ft.Row([primary(words.t("Voir mes paiements"),
                                lambda _e: services.go("/payments"))]),
            ],
            back="/payments",
        )  # fmt: skip
    if found.credit <= 0:
        return scaffold(
            services, title,
            [banner(words.t("Il n’y a pas de crédit à rembourser."), "info")], back="/payments",
        )  # fmt: skip
    active = [m for m in found.mandates if m.state == "active"]
    options = tuple(Possible(m.id, m.iban, m.holder) for m in active)
    other = Possible(OTHER, N_("Un autre compte"))
    fields: list[Field] = [
        Field("amount", N_("Montant"), Money(declared=False)),
        Field("account", N_("Vers quel compte ?"), Choice(options=(*options, other))),
        Field("holder", N_("Titulaire du compte"), Text(longest=70),
              when=(Condition("account", (OTHER,)),)),
        Field("iban", N_("IBAN"), Iban(), when=(Condition("account", (OTHER,)),)),
        Field("current_password", N_("Votre mot de passe"), Password(),
              hint=N_("Personne ne peut détourner votre remboursement d’un appareil laissé "
                      "ouvert."),
              when=(Condition("account", (OTHER,)),)),
    ]  # fmt: skip
    start = {
        "amount": Money(declared=False).write(found.credit, words),
        "account": active[0].id if active else OTHER,
    }

    async def send(values: dict[str, Any]) -> None:
        elsewhere = values["account"] == OTHER
        asked = RefundAsk(
            mandate=None if elsewhere else values["account"],
            iban=values.get("iban") if elsewhere else None,
            holder=values.get("holder") if elsewhere else None, amount=values["amount"],
            current_password=values.get("current_password") if elsewhere else None,
        )  # fmt: skip
        set_done(
            await services.backend.send(
                RefundView, "POST", f"/accounts/{account.id}/refunds", asked
            )
        )

    return scaffold(
        services, title,
        [
            card([small(words.t("Crédit en votre faveur")), big(words.money(found.credit))],
                 emphasis=True),
            body(words.t("Sans demande, il est déduit de ce que vous devrez.")),
            *demo_password(services),
            ShortForm(short_form("refund", *fields), N_("Demander le remboursement"), send, start),
        ],
        back="/payments",
    )  # fmt: skip
