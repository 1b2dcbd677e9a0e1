"""For those who work for the collector: what waits for an answer, and an account read with a
reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.choices import choice_card
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, empty
from app.components.text import body, heading, small
from app.forms.answers import Choice, Memo, Money, Possible, Text
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.screens.disputes import KINDS, OUTCOMES, STAGES, dispute_step, expected
from app.screens.messages import thread_card, thread_screen
from app.services.backend import Problem
from app.services.container import Services, use_services
from app.theme import SM
from app.words import N_
from contract.accounts import Overview
from contract.contact import ThreadSummary
from contract.decisions import DisputeAnswer, DisputeView
from contract.hiding import fresh_id
from contract.operators import AccountFound, AccountSearch, LookAsk, LookView
from contract.problem import ProblemCode
from regimes.registry import REGISTRY

SEARCH = short_form(
    "operator.search",
    Field("text", N_("SIRET, adresse e-mail ou numéro de reçu"), Text(longest=254),
          hint=N_("En entier : une partie ne trouve rien.")),
)  # fmt: skip
REASON = short_form(
    "operator.reason",
    Field("reason", N_("Pourquoi consultez-vous ce compte ?"), Text(longest=200),
          hint=N_("Dix caractères au moins. La personne peut lire cette raison.")),
)  # fmt: skip


def _closed(services: Services) -> ft.Control:
    words = services.words
    return scaffold(
        services, words.t("Espace opérateur"),
        [banner(words.t("Cet espace est réservé à ceux qui travaillent pour le service."),
                "warning")],
        back="/home",
    )  # fmt: skip


def _is_operator(services: Services) -> bool:
    person = services.session.person
    return person is not None and person.operator


ANSWER = short_form(
    "operator.answer",
    Field("outcome", N_("Votre réponse"),
          Choice(options=tuple(Possible(code, label) for code, label in OUTCOMES.items()))),
    Field("body", N_("Expliquez à la personne"), Memo(), hint=N_("Dix caractères au moins.")),
    Field("remit", N_("Pénalités et majorations remises"), Money(declared=False), required=False),
)  # fmt: skip


@ft.component
def Inbox() -> ft.Control:
    """What waits, oldest first; then a way to find an account."""
    services = use_services()
    words = services.words
    answered, set_answered = ft.use_state(False)
    allowed = _is_operator(services)

    async def fetch() -> tuple[list[ThreadSummary], list[DisputeView]]:
        if not allowed:
            return [], []
        threads = await services.backend.get(
            list[ThreadSummary], f"/operator/threads?answered={str(answered).lower()}"
        )
        disputes = await services.backend.get(list[DisputeView], "/operator/disputes")
        return threads, disputes

    loaded = use_load(services, fetch, [answered, allowed])
    if not allowed:
        return _closed(services)
    lines: list[ft.Control] = [
        heading(words.t("Répondus") if answered else words.t("En attente de réponse"), 2)
    ]
    if loaded.value is None:
        lines.append(loaded.other(services))
    elif not loaded.value[0]:
        lines.append(empty(words.t("Rien ici"), words.t("Aucun message dans cette liste.")))
    else:
        lines += [thread_card(services, t, "/operateur/messages") for t in loaded.value[0]]
    if loaded.value is not None and loaded.value[1]:
        lines.append(heading(words.t("Réclamations et demandes de remise"), 2))
        lines += [
            choice_card(
                f"{words.t(KINDS[d.kind])} {d.number}", f"{d.name} · {words.t(STAGES[d.stage])}",
                _dispute(services, d.id), ft.Icons.GAVEL, expected(d, words),
            )
            for d in loaded.value[1]
        ]  # fmt: skip
    lines += [
        ft.Row(
            [
                secondary(
                    words.t("Voir ce qui attend") if answered else words.t("Voir les répondus"),
                    lambda _e: set_answered(not answered),
                )
            ],
            wrap=True,
        ),
        heading(words.t("Trouver un compte"), 2),
        Search(),
    ]
    return scaffold(services, words.t("Espace opérateur"), lines)


@ft.component
def Search() -> ft.Control:
    """Find an account by something whole."""
    services = use_services()
    words = services.words
    found, set_found = ft.use_state(None)

    async def send(values: dict[str, Any]) -> None:
        set_found(
            await services.backend.send(
                list[AccountFound], "POST", "/operator/searches",
                AccountSearch(text=values["text"]),
            )
        )  # fmt: skip

    lines: list[ft.Control] = [ShortForm(SEARCH, N_("Chercher"), send)]
    if found is not None:
        told = words.n("{count} compte", "{count} comptes", len(found)).format(count=len(found))
        lines.append(ft.Semantics(live_region=True, container=True, content=small(told)))
        lines += [
            choice_card(
                row.name,
                words.t(REGISTRY.get(row.regime).label) if row.regime in REGISTRY else row.regime,
                _open(services, row.account_id), ft.Icons.PERSON_OUTLINE,
            )
            for row in found
        ]  # fmt: skip
    return ft.Column(lines, spacing=SM, tight=True)


def _dispute(services: Services, wanted: str) -> Any:
    return lambda _event: services.go(f"/operateur/reclamations/{wanted}")


@ft.component
def OperatorDispute() -> ft.Control:
    """One dispute as the collector reads it, and the answer to give."""
    services = use_services()
    words = services.words
    wanted = ft.use_route_params().get("dispute", "")
    key = ft.use_ref(fresh_id())
    allowed = _is_operator(services)

    async def fetch() -> DisputeView | None:
        if not allowed:
            return None
        found: DisputeView = await services.backend.get(DisputeView, f"/operator/disputes/{wanted}")
        return found

    loaded = use_load(services, fetch, [wanted, allowed])
    if not allowed:
        return _closed(services)
    if loaded.value is None:
        return scaffold(
            services, words.t("Réclamation"), [loaded.other(services)], back="/operateur"
        )
    view = loaded.value

    async def send(values: dict[str, Any]) -> None:
        await services.backend.send(
            DisputeView, "POST", f"/operator/disputes/{wanted}/answer",
            DisputeAnswer(
                id=key.current, body=values["body"], outcome=values["outcome"],
                remit=Decimal(str(values.get("remit") or 0)),
            ),
        )  # fmt: skip
        await loaded.reload()

    lines: list[ft.Control] = [
        card(
            [
                fact(words.t("Étape"), words.t(STAGES[view.stage])),
                fact(words.t("Concerne"), view.about or words.t("Tout le compte")),
                small(expected(view, words)),
            ]
        ),
        *[dispute_step(services, step) for step in view.steps],
        ft.Row(
            [
                secondary(
                    words.t("Consulter le compte"),
                    lambda _e: services.go(f"/operateur/comptes/{view.account_id}"),
                )
            ],
            wrap=True,
        ),
    ]
    if view.state == "open":
        lines += [
            heading(words.t("Répondre"), 2), ShortForm(ANSWER, N_("Envoyer la réponse"), send),
        ]  # fmt: skip
    else:
        lines.append(banner(words.t("La réponse est envoyée."), "success", live=True))
    return scaffold(
        services, f"{words.t(KINDS[view.kind])} {view.number}", lines, back="/operateur"
    )


def _open(services: Services, account_id: str) -> Any:
    return lambda _event: services.go(f"/operateur/comptes/{account_id}")


@ft.component
def OperatorThread() -> ft.Control:
    """A conversation, and a way to the account it is about."""
    services = use_services()
    words = services.words
    thread = ft.use_route_params().get("thread", "")
    if not _is_operator(services):
        return _closed(services)
    return thread_screen(
        services, f"/operator/threads/{thread}", "/operateur", "collector",
        words.t("Espace opérateur"),
    )  # fmt: skip


@ft.component
def OperatorAccount() -> ft.Control:
    """An account, read only, once the reason is said."""
    services = use_services()
    words = services.words
    account_id = ft.use_route_params().get("account", "")
    allowed = _is_operator(services)

    async def fetch() -> Overview | str:
        if not allowed:
            return "closed"
        try:
            found: Overview = await services.backend.get(
                Overview, f"/operator/accounts/{account_id}/overview"
            )
        except Problem as problem:
            if problem.code is ProblemCode.REASON_MISSING:
                return "reason"
            raise
        return found

    loaded = use_load(services, fetch, [account_id, allowed])
    title = words.t("Compte consulté")
    if not allowed:
        return _closed(services)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/operateur")

    async def look(values: dict[str, Any]) -> None:
        await services.backend.send(
            LookView, "POST", "/operator/looks",
            LookAsk(account_id=account_id, reason=values["reason"]),
        )  # fmt: skip
        await loaded.reload()

    if loaded.value == "reason":
        return scaffold(
            services, title,
            [body(words.t("Ce compte n’est pas le vôtre : dites pourquoi vous le consultez. La "
                          "raison est notée et la personne peut la lire.")),
             ShortForm(REASON, N_("Consulter une demi-heure"), look)],
            back="/operateur",
        )  # fmt: skip
    overview: Overview = loaded.value
    regime = REGISTRY.get(overview.account.regime)
    states = {
        "submitted": words.t("Envoyée"), "corrected": words.t("Corrigée"),
        "to_declare": words.t("À déclarer"), "draft": words.t("Brouillon"),
        "late": words.t("En retard"), "upcoming": words.t("À venir"),
        "closed": words.t("Fermée"), "optional": words.t("Facultative"),
    }  # fmt: skip
    rows = [
        fact(
            words.period(p.start, p.end),
            states[p.state]
            + (f" · {words.money(p.amount_due)}" if p.amount_due is not None else ""),
        )
        for p in reversed(overview.periods)
    ]
    return scaffold(
        services, overview.account.name,
        [
            banner(words.t("Lecture seule, pour une demi-heure."), "info"),
            card(
                [
                    fact(words.t("Profession"), words.t(regime.label)),
                    fact(words.t("Solde"), words.money(overview.balance.balance, cents=True)),
                ]
            ),
            heading(words.t("Périodes"), 2),
            card(rows),
        ],
        back="/operateur",
    )  # fmt: skip
