"""Contest an amount or a debit, or ask for a remission: each step, its date, and the whole file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.cards import card, fact
from app.components.choices import choice_card
from app.components.dues import due_name
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, empty
from app.components.terms import words_here
from app.components.text import body, heading, small, to_copy
from app.forms.answers import Choice, Memo, Possible
from app.forms.form import Field, Form
from app.screens.access import ShortForm, short_form
from app.screens.messages import Files
from app.screens.payments import fetch_paying, no_account
from app.services.container import Services, use_services
from app.services.files import give_file
from app.words import N_
from contract.decisions import DecisionView, DisputeAdd, DisputeOpen, DisputeView, StepView
from contract.hiding import fresh_id
from contract.i18n import Words
from contract.payments import Paying

KINDS = {"complaint": N_("Réclamation"), "remission": N_("Demande de remise")}
STAGES = {
    "complaint": N_("Le service"),
    "mediator": N_("Le médiateur"),
    "commission": N_("La commission de recours amiable"),
}
STATES = {
    "open": N_("En attente de réponse"),
    "answered": N_("Répondue"),
    "closed": N_("Close"),
}
OUTCOMES = {
    "accepted": N_("Acceptée"),
    "partial": N_("Acceptée en partie"),
    "refused": N_("Refusée"),
}
DECISIONS = {
    "penalty": N_("Pénalité"),
    "surcharge": N_("Majoration de retard"),
    "office": N_("Taxation d’office"),
    "waiver": N_("Annulation"),
    "remission": N_("Remise gracieuse"),
}
MORE = short_form(
    "dispute.more",
    Field("body", N_("Ce que vous voulez ajouter"), Memo(), hint=N_("Dix caractères au moins.")),
)


def contest_form(found: Paying, words: Words) -> Form:
    """What is contested, how, and why."""
    dues = tuple(
        Possible(due.code, f"{due_name(due, words)} – {words.money(due.amount)}", proper=True)
        for due in found.dues
        if due.amount > 0
    )
    return short_form(
        "dispute.open",
        Field("kind", N_("Que voulez-vous ?"),
              Choice(options=(
                  Possible("complaint", N_("Contester un montant ou un prélèvement"),
                           N_("Le service, puis le médiateur, puis la commission de recours.")),
                  Possible("remission", N_("Demander la remise de majorations ou pénalités"),
                           N_("Après avoir payé les cotisations, ou avec un échéancier "
                              "(CSS R243-20).")),
              ))),
        Field("about", N_("Ce dont il s’agit"), Choice(options=dues), required=False),
        Field("body", N_("Expliquez en quelques phrases"), Memo(),
              hint=N_("Dix caractères au moins.")),
    )  # fmt: skip


@ft.component
def Disputes() -> ft.Control:
    """What was decided, what I contest, and a way to contest."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> tuple[list[DisputeView], list[DecisionView]] | None:
        if account is None:
            return None
        base = f"/accounts/{account.id}"
        mine = await services.backend.get(list[DisputeView], f"{base}/disputes")
        decided = await services.backend.get(list[DecisionView], f"{base}/decisions")
        return mine, decided

    loaded = use_load(services, fetch, [services.session.account_id])
    title = words.t("Pénalités et réclamations")
    if account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    mine, decided = loaded.value
    lines: list[ft.Control] = [
        ft.Row(
            [
                primary(
                    words.t("Contester ou demander une remise"),
                    lambda _e: services.go("/disputes/new"), ft.Icons.GAVEL,
                )
            ],
            wrap=True,
        )
    ]  # fmt: skip
    lines += [
        choice_card(
            f"{words.t(KINDS[d.kind])} {d.number}",
            f"{words.t(STAGES[d.stage])} · {words.t(STATES[d.state])}",
            _open(services, d.id), ft.Icons.FOLDER_OPEN_OUTLINED, expected(d, words),
        )
        for d in mine
    ]  # fmt: skip
    lines.append(heading(words.t("Ce qui a été décidé"), 2))
    if not decided:
        lines.append(
            empty(words.t("Rien ici"), words.t("Ni pénalité ni majoration sur votre compte."))
        )
    lines += [decision_card(d, words) for d in decided]
    lines += words_here("penalite", "majoration", "taxation_office")
    return scaffold(services, title, lines, back="/payments")


def _open(services: Services, wanted: str) -> Callable[[Any], None]:
    return lambda _event: services.go(f"/disputes/{wanted}")


def expected(dispute: DisputeView, words: Words) -> str:
    """When an answer is to be expected; empty once it came."""
    if dispute.state != "open":
        return ""
    return words.t("Réponse attendue le {date} au plus tard").format(
        date=words.date(dispute.expected_by)
    )


def decision_card(decision: DecisionView, words: Words) -> ft.Control:
    """A decision with its calculation, its article, and what took it back."""
    lines: list[ft.Control] = [
        fact(
            words.t(DECISIONS.get(decision.kind, decision.kind)),
            words.money(decision.amount, cents=True), strong=True,
        ),
        small(words.t(decision.label)),
    ]  # fmt: skip
    if decision.base and decision.rate:
        lines.append(
            small(
                words.t("{base} € × {rate} %").format(
                    base=decision.base.replace(".", ","), rate=decision.rate.replace(".", ",")
                )
            )
        )
    lines.append(
        small(
            words.t("Décidé le {moment} · {law}").format(
                moment=words.moment(decision.decided_at), law=decision.law
            )
            if decision.law
            else words.moment(decision.decided_at)
        )
    )
    if decision.reason:
        lines.append(small(words.t(decision.reason)))
    return card(lines)


@ft.component
def NewDispute() -> ft.Control:
    """A new complaint or request."""
    services = use_services()
    words = services.words
    key = ft.use_ref(fresh_id())
    files, set_files = ft.use_state([])
    loaded = use_load(services, lambda: fetch_paying(services), [services.session.account_id])
    title = words.t("Contester ou demander une remise")
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/disputes")

    async def send(values: dict[str, Any]) -> None:
        account = services.session.account
        if account is None:
            return
        made: DisputeView = await services.backend.send(
            DisputeView, "POST", f"/accounts/{account.id}/disputes",
            DisputeOpen(
                id=key.current, kind=values["kind"], about=values.get("about") or "",
                body=values["body"], files=[file.id for file in files],
            ),
        )  # fmt: skip
        services.go(f"/disputes/{made.id}")

    return scaffold(
        services, title,
        [
            body(
                words.t("Vous recevez un numéro aussitôt. Le service dit qu’il a lu sous 3 jours "
                        "et répond sous 31 jours ; d’ici là, rien n’est réclamé pour ce que "
                        "vous contestez.")
            ),
            Files(files, set_files),
            ShortForm(contest_form(loaded.value, words), N_("Envoyer"), send),
        ],
        back="/disputes",
    )  # fmt: skip


@ft.component
def DisputeDetail() -> ft.Control:
    """One dispute: where it is, every step, what can be done next."""
    services = use_services()
    words = services.words
    wanted = ft.use_route_params().get("dispute", "")
    account = services.session.account
    key, set_key = ft.use_state(fresh_id())
    files, set_files = ft.use_state([])
    base = f"/accounts/{account.id}/disputes/{wanted}" if account else ""

    async def fetch() -> DisputeView | None:
        if not base:
            return None
        found: DisputeView = await services.backend.get(DisputeView, base)
        return found

    loaded = use_load(services, fetch, [base])
    if loaded.value is None:
        return scaffold(
            services, words.t("Réclamation"), [loaded.other(services)], back="/disputes"
        )
    view = loaded.value

    def adding(escalate: bool) -> Callable[[dict[str, Any]], Any]:
        async def send(values: dict[str, Any]) -> None:
            await services.backend.send(
                DisputeView, "POST", f"{base}/steps",
                DisputeAdd(id=key, body=values["body"], files=[f.id for f in files],
                           escalate=escalate),
            )  # fmt: skip
            set_files([])
            set_key(fresh_id())
            await loaded.reload()

        return send

    async def take(_event: Any) -> None:
        await give_file(services, f"{base}/file.pdf?lang={words.paper}", f"{view.number}.pdf")

    lines: list[ft.Control] = [
        card(
            [
                fact(words.t("Étape"), words.t(STAGES[view.stage])),
                fact(words.t("État"), words.t(STATES[view.state]), strong=True),
                small(expected(view, words)) if view.state == "open" else small(""),
            ]
        ),
        *[dispute_step(services, step) for step in view.steps],
        ft.Row(
            [secondary(words.t("Tout le dossier en PDF"), take, ft.Icons.PICTURE_AS_PDF_OUTLINED)],
            wrap=True,
        ),
    ]
    if view.may_escalate and view.next_stage is not None:
        lines += [
            heading(words.t("Étape suivante"), 2),
            body(words.t(STAGES[view.next_stage])),
            Files(files, set_files),
            ShortForm(MORE, N_("Passer à l’étape suivante"), adding(True), key=f"{key}-next"),
        ]
    elif view.state != "closed":
        if view.next_stage is not None:
            lines.append(
                banner(
                    words.t("L’étape suivante s’ouvre après la réponse, ou le {date} sans "
                            "réponse.").format(date=words.date(view.expected_by)), "info",
                )
            )  # fmt: skip
        lines += [
            heading(words.t("Ajouter au dossier"), 2),
            Files(files, set_files),
            ShortForm(MORE, N_("Ajouter"), adding(False), key=key),
        ]
    title = f"{words.t(KINDS[view.kind])} {view.number}"
    return scaffold(services, title, lines, back="/disputes")


def dispute_step(services: Services, step: StepView) -> ft.Control:
    """One step: who said what, when, with which files."""
    words = services.words
    who = words.t("Vous") if step.author == "person" else words.t("Le service")
    lines: list[ft.Control] = []
    if step.outcome:
        lines.append(body(words.t(OUTCOMES[step.outcome]), strong=True))
    lines += [to_copy(step.body), small(f"{who}, {words.moment(step.at)}")]
    if step.files:
        lines.append(small(", ".join(file.name for file in step.files)))
    return card(lines, emphasis=step.author == "person")
