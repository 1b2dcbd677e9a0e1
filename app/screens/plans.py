"""Pay what is late in several times: whether it can be asked, the calendar, and each instalment."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.papers import Papers
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body, heading, small
from app.forms.answers import Choice, Date, Memo, Possible
from app.forms.form import Field, Form
from app.screens.access import ShortForm, short_form
from app.screens.payments import no_account
from app.services.container import Services, use_services
from app.words import N_
from contract.decisions import PlanAsk, PlanOffer, Plans, PlanView
from contract.i18n import Words

REASONS = {
    "plan_active": N_("Un échéancier est déjà en cours."),
    "nothing_late": N_("Rien n’est en retard : il n’y a pas d’échéancier à demander."),
    "declarations_missing": N_(
        "Des déclarations manquent : envoyez-les d’abord, même à zéro. C’est la condition d’un "
        "échéancier."
    ),
    "too_little": N_("Le montant est trop petit pour être étalé : payez-le en une fois."),
}
STATES = {
    "active": N_("En cours"),
    "kept": N_("Terminé, tout est payé"),
    "broken": N_("Arrêté : une mensualité a manqué"),
}
INSTALMENTS = {
    "paid": N_("Payée"),
    "due": N_("À payer"),
    "coming": N_("À venir"),
    "missed": N_("Manquée"),
}
COUNTS = tuple(
    Possible(str(count), label)
    for count, label in zip(
        range(2, 13),
        (
            N_("2 mois"), N_("3 mois"), N_("4 mois"), N_("5 mois"), N_("6 mois"), N_("7 mois"),
            N_("8 mois"), N_("9 mois"), N_("10 mois"), N_("11 mois"), N_("12 mois"),
        ),
        strict=True,
    )
)  # fmt: skip


def plan_form(offer: PlanOffer) -> Form:
    """How many months, from when, and why."""
    return short_form(
        f"plan.{offer.most}.{offer.first_from}",
        Field("months", N_("En combien de mois ?"), Choice(options=COUNTS[: offer.most - 1])),
        Field("first_on", N_("Première mensualité le"),
              Date(earliest=offer.first_from, latest=offer.first_until),
              hint=N_("D’ici une semaine à un mois.")),
        Field("reason", N_("Que se passe-t-il ?"), Memo(),
              hint=N_("Quelques mots : une baisse d’activité, un client qui paie en retard…")),
    )  # fmt: skip


@ft.component
def PaymentPlans() -> ft.Control:
    """The plan that runs or the form to ask for one, then the former ones."""
    services = use_services()
    words = services.words
    account = services.session.account
    done, set_done = ft.use_state(False)

    async def fetch() -> Plans | None:
        if account is None:
            return None
        found: Plans = await services.backend.get(Plans, f"/accounts/{account.id}/plans")
        return found

    loaded = use_load(services, fetch, [services.session.account_id])
    title = words.t("Payer en plusieurs fois")
    if account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    offer = loaded.value.offer

    async def ask(values: dict[str, Any]) -> None:
        first = values["first_on"]
        await services.backend.send(
            PlanView, "POST", f"/accounts/{account.id}/plans",
            PlanAsk(
                months=int(values["months"]), reason=values["reason"],
                first_on=first if isinstance(first, date) else date.fromisoformat(str(first)),
            ),
        )  # fmt: skip
        set_done(True)
        await loaded.reload()

    lines: list[ft.Control] = []
    if done:
        lines.append(banner(words.t("Votre échéancier est accordé."), "success", live=True))
    if offer.available:
        lines += [
            card(
                [fact(words.t("À étaler"), words.money(offer.total, cents=True), strong=True)],
                emphasis=True,
            ),
            body(
                words.t("De 2 à 12 mensualités égales, arrondies à l’euro. Une mensualité manquée "
                        "arrête l’échéancier (CSS R243-21).")
            ),
            ShortForm(plan_form(offer), N_("Demander cet échéancier"), ask),
        ]  # fmt: skip
    elif offer.reason != "plan_active":
        lines.append(banner(words.t(REASONS.get(offer.reason or "", "")), "info"))
    for plan in loaded.value.plans:
        lines.append(plan_card(services, plan))
    return scaffold(services, title, lines, back="/payments")


def plan_card(services: Services, plan: PlanView) -> ft.Control:
    """A plan: its calendar, and what to pay now."""
    words = services.words
    rows: list[ft.Control] = [
        heading(words.t("Échéancier {number}").format(number=plan.number), 2),
        small(words.t(STATES[plan.state])),
        fact(words.t("Reste à payer"), words.money(plan.left, cents=True), strong=True),
    ]
    rows += [fact(_when(item.due_on, item.state, words), words.money(item.amount, cents=True))
             for item in plan.instalments]  # fmt: skip
    account = services.session.account
    if account is not None:
        rows.append(
            Papers(
                f"/accounts/{account.id}/plans/{plan.id}.pdf?lang={words.paper}",
                f"{plan.number}.pdf", words.t("Télécharger le PDF"),
            )
        )  # fmt: skip
    waiting = next((i for i in plan.instalments if i.state in {"due", "missed", "coming"}), None)
    if plan.state == "active" and waiting is not None:
        rows.append(
            primary(
                words.t("Payer la mensualité du {date}").format(date=words.date(waiting.due_on)),
                lambda _e: services.go(f"/pay/{waiting.code}"),
            )
        )
    if plan.state == "broken":
        rows.append(
            ft.Row(
                [
                    secondary(words.t("Payer ce qui reste"), lambda _e: services.go("/payments")),
                    secondary(
                        words.t("Écrire au service"), lambda _e: services.go("/messages/new")
                    ),
                ],
                wrap=True,
            )
        )
    return card(rows)


def _when(due_on: date, state: str, words: Words) -> str:
    return f"{words.date(due_on)} · {words.t(INSTALMENTS[state])}"
