"""Who acts for me: invite somebody, see what they did, end it; answer an invitation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, empty, failure
from app.components.text import body, heading, small
from app.forms.answers import Choice, Date, Email, MultiChoice, Password, Possible, Text
from app.forms.form import Field
from app.screens.access import ShortForm, query, short_form
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.theme import ICON_S, MIDDLE, M
from app.words import N_
from contract.accounts import AccountView
from contract.delegation import (
    ActView,
    DelegationAsk,
    DelegationView,
    InvitationAnswer,
    InvitationAsk,
    InvitationView,
)
from contract.i18n import Words

KINDS: dict[str, str] = {
    "accountant": N_("Expert-comptable"),
    "spouse": N_("Conjoint ou proche"),
    "partner": N_("Tiers déclarant ou partenaire"),
    "other": N_("Autre personne"),
}
SCOPES: dict[str, str] = {
    "see": N_("Voir le compte"),
    "prepare": N_("Préparer les déclarations"),
    "send": N_("Signer et envoyer les déclarations"),
    "pay": N_("Payer, sans changer de compte bancaire"),
}
ACTS: dict[str, str] = {
    "see": N_("a consulté le compte"),
    "draft": N_("a préparé une déclaration"),
    "entries": N_("a complété le journal"),
    "file": N_("a ajouté ou retiré un fichier"),
    "declare": N_("a envoyé une déclaration"),
    "answer": N_("a répondu à une demande"),
    "order": N_("a ordonné un prélèvement"),
    "cancel": N_("a annulé un prélèvement"),
    "card": N_("a commencé un paiement par carte"),
    "transfer": N_("a demandé les références d’un virement"),
}
STATES: dict[str, str] = {
    "invited": N_("Invitation envoyée, sans réponse"),
    "active": N_("Agit sur votre compte"),
    "lapsed": N_("N’a pas répondu à temps"),
    "revoked": N_("Vous y avez mis fin"),
    "left": N_("Y a mis fin"),
    "refused": N_("A refusé"),
    "over": N_("Terminé à la date prévue"),
}
FORM = short_form(
    "delegation",
    Field("kind", N_("Qui est-ce ?"), Choice(options=tuple(map(Possible, KINDS, KINDS.values())))),
    Field(
        "name", N_("Son nom"), Text(longest=80),
        hint=N_("Tel que vous voulez le lire ici et sur les reçus."),
    ),
    Field("email", N_("Son adresse e-mail"), Email()),
    Field(
        "scopes", N_("Ce que cette personne peut faire"),
        MultiChoice(options=tuple(map(Possible, SCOPES, SCOPES.values()))),
        hint=N_("Préparer n’envoie rien : c’est vous qui signez. Envoyer vous engage."),
    ),
    Field(
        "ends_on", N_("Jusqu’au"), Date(),
        hint=N_("Trois ans au plus ; vous pouvez y mettre fin à tout moment."),
    ),
    Field("current_password", N_("Votre mot de passe"), Password()),
)  # fmt: skip


def scopes_told(words: Words, scopes: Any) -> str:
    """What somebody may do, in a few words."""
    return ", ".join(words.t(SCOPES[scope]) for scope in SCOPES if scope in scopes)


def acting_notice(services: Services) -> ft.Control | None:
    """On the account of somebody else: for whom, for what, until when."""
    account = services.session.account
    if account is None or account.acting is None:
        return None
    words, acting = services.words, account.acting
    return banner(
        words.t("{scopes}. Jusqu’au {day}. Tout ce que vous faites ici est écrit pour cette "
                "personne.").format(
            scopes=scopes_told(words, acting.scopes), day=words.date(acting.ends_on)
        ),
        "info", words.t("Vous agissez pour {owner}").format(owner=acting.owner),
    )  # fmt: skip


def may(account: AccountView | None, scope: str) -> bool:
    """True when this account is mine, or when I may do this on it."""
    return account is None or account.acting is None or scope in account.acting.scopes


def account_label(account: AccountView, words: Words) -> str:
    """Name of an account in a list: one of somebody else says so."""
    if account.acting is None:
        return account.name
    return words.t("{name} (vous agissez)").format(name=account.name)


@ft.component
def Delegates() -> ft.Control:
    """Everybody who acts on my account, and the form to invite somebody."""
    services = use_services()
    words = services.words
    account = services.session.account
    title = words.t("Qui agit pour moi")
    said, set_said = ft.use_state("")
    times, set_times = ft.use_state(0)

    async def fetch() -> list[DelegationView]:
        if account is None or account.acting is not None:
            return []
        found: list[DelegationView] = await services.backend.get(
            list[DelegationView], f"/accounts/{account.id}/delegations"
        )
        return found

    loaded = use_load(services, fetch, [account.id if account else ""])
    if account is None:
        return scaffold(
            services, title,
            [empty(title, words.t("Ajoutez d’abord votre activité."))], back="/settings",
        )  # fmt: skip
    if account.acting is not None:
        return scaffold(services, title, [Leaving(account, key=account.id)], back="/settings")

    async def invite(values: dict[str, Any]) -> None:
        assert account is not None
        day = values["ends_on"]
        made = await services.backend.send(
            DelegationView, "POST", f"/accounts/{account.id}/delegations",
            DelegationAsk(
                email=values["email"], name=values["name"], kind=values["kind"],
                scopes=list(values["scopes"]),
                ends_on=day if isinstance(day, dt.date) else dt.date.fromisoformat(day),
                current_password=values["current_password"],
            ),
        )  # fmt: skip
        set_said(words.t("Invitation envoyée à {email}.").format(email=made.email))
        set_times(times + 1)
        await loaded.reload()

    lines: list[ft.Control] = [
        body(
            words.t(
                "Un expert-comptable, un conjoint ou un partenaire peut agir à votre place, pour "
                "ce que vous choisissez. Vous voyez tout ce qui est fait, et vous y mettez fin "
                "quand vous voulez. Personne n’a besoin de votre mot de passe."
            )
        )
    ]
    if said:
        lines.append(banner(said, "success", live=True))
    if loaded.value is None:
        lines.append(loaded.other(services))
    else:
        live = [d for d in loaded.value if d.state in {"active", "invited"}]
        gone = [d for d in loaded.value if d.state not in {"active", "invited"}]
        lines += [Delegate(d, account.id, loaded.reload, key=d.id) for d in live]
        lines.append(
            card(
                [
                    heading(words.t("Inviter quelqu’un"), 2),
                    # Sent, the form begins again empty.
                    ShortForm(FORM, N_("Envoyer l’invitation"), invite, key=f"invite-{times}"),
                ]
            )
        )
        if gone:
            lines.append(heading(words.t("Avant"), 2))
            lines += [Delegate(d, account.id, loaded.reload, key=d.id) for d in gone]
    return scaffold(services, title, lines, back="/settings")


@ft.component
def Delegate(found: DelegationView, account_id: str, reload: Callable[..., Awaitable[None]]
             ) -> ft.Control:  # fmt: skip
    """One person: what they may do, what they did, one button to end it."""
    services = use_services()
    words = services.words
    sure, set_sure = ft.use_state(False)
    failed, set_failed = ft.use_state(None)

    async def end(_event: Any) -> None:
        try:
            await services.backend.send(
                DelegationView, "DELETE", f"/accounts/{account_id}/delegations/{found.id}"
            )
        except BackendError as problem:
            set_failed(problem)
            return
        await reload()

    state = found.state if found.state != "ended" else found.how_ended
    lines: list[ft.Control] = [
        heading(found.name or words.t("Compte fermé"), 2),
        small(f"{words.t(KINDS[found.kind])} · {found.email}".rstrip(" ·")),
        fact(words.t("État"), words.t(STATES[state])),
        body(scopes_told(words, found.scopes)),
        fact(words.t("Jusqu’au"), words.date(found.ends_on)),
    ]
    if failed is not None:
        lines.append(failure(services, failed))
    if found.acts:
        lines.append(heading(words.t("Ce qui a été fait"), 3))
        lines += [small(act_told(act, words)) for act in found.acts[:20]]
    elif found.state == "active":
        lines.append(small(words.t("Rien n’a encore été fait.")))
    if found.state in {"active", "invited"}:
        if sure:
            lines.append(
                ft.Row(
                    [
                        primary(words.t("Mettre fin maintenant"), end, ft.Icons.BLOCK),
                        quiet(words.t("Annuler"), lambda _e: set_sure(False)),
                    ],
                    wrap=True,
                )
            )
        else:
            lines.append(
                ft.Row(
                    [
                        secondary(
                            words.t("Mettre fin pour {name}").format(name=found.name),
                            lambda _e: set_sure(True), ft.Icons.BLOCK,
                        )
                    ],
                    wrap=True,
                )
            )  # fmt: skip
    return card(lines)


def act_told(act: ActView, words: Words) -> str:
    """One line of what was done: when, what, about what."""
    about = act.subject.rpartition(".")[2]
    told = f"{words.moment(act.at)} : {words.t(ACTS[act.act])}"
    return f"{told} ({about})" if about else told


@ft.component
def Leaving(account: AccountView) -> ft.Control:
    """On the account of somebody else: what I may do there, and how to stop."""
    services = use_services()
    words = services.words
    failed, set_failed = ft.use_state(None)

    async def leave(_event: Any) -> None:
        if account.acting is None:
            return
        try:
            await services.backend.send(None, "DELETE", f"/delegations/{account.acting.delegation}")
            await services.session.reload()
        except BackendError as problem:
            set_failed(problem)
            return
        services.session.account_id = None
        services.go("/home")

    lines: list[ft.Control] = []
    notice = acting_notice(services)
    if notice is not None:
        lines.append(notice)
    if failed is not None:
        lines.append(failure(services, failed))
    lines.append(
        ft.Row(
            [secondary(words.t("Ne plus agir pour cette personne"), leave, ft.Icons.LOGOUT)],
            wrap=True,
        )
    )
    return ft.Column(lines, tight=True, spacing=M)


@ft.component
def Invitation() -> ft.Control:
    """Accept or refuse to act for somebody, by the link of a message."""
    services = use_services()
    words = services.words
    token = query(services).get("token", "")
    busy, set_busy = ft.use_state(False)
    failed, set_failed = ft.use_state(None)
    refused, set_refused = ft.use_state(False)
    title = words.t("Agir pour quelqu’un")

    async def fetch() -> InvitationView | None:
        if len(token) < 20:
            return None
        found: InvitationView = await services.backend.send(
            InvitationView, "POST", "/invitations/look", InvitationAsk(token=token)
        )
        return found

    loaded = use_load(services, fetch, [token])

    async def answer(accept: bool) -> None:
        if busy:
            return
        set_busy(True)
        try:
            await services.backend.send(
                None, "POST", "/invitations/answer",
                InvitationAnswer(token=token, accept=accept),
            )  # fmt: skip
            if accept:
                await services.session.reload()
        except BackendError as problem:
            set_failed(problem)
            set_busy(False)
            return
        if not accept:
            set_refused(True)
            return
        acting = [a for a in services.session.accounts if a.acting is not None]
        owner = loaded.value.owner if loaded.value is not None else ""
        mine = next((a for a in acting if a.name == owner), acting[-1] if acting else None)
        services.session.account_id = mine.id if mine is not None else None
        services.go("/home")

    async def accept(_event: Any) -> None:
        await answer(True)

    async def refuse(_event: Any) -> None:
        await answer(False)

    lines: list[ft.Control] = []
    if len(token) < 20:
        lines.append(banner(words.t("Ce lien est incomplet : copiez-le en entier."), "warning"))
    elif refused:
        lines += [
            banner(words.t("Vous avez refusé. Rien ne vous a été confié."), "success", live=True),
            ft.Row([primary(words.t("Aller à l’accueil"), lambda _e: services.go("/home"))],
                   wrap=True),
        ]  # fmt: skip
    elif loaded.value is None:
        lines.append(loaded.other(services))
    else:
        found = loaded.value
        lines += [
            heading(
                words.t("{owner} vous invite à agir sur son compte").format(owner=found.owner), 2
            ),
            card(
                [
                    fact(words.t("En tant que"), words.t(KINDS[found.kind])),
                    fact(words.t("Jusqu’au"), words.date(found.ends_on)),
                    *[
                        ft.Row(
                            [
                                ft.Icon(ft.Icons.CHECK, size=ICON_S, color=ft.Colors.PRIMARY),
                                ft.Container(body(words.t(SCOPES[scope])), expand=True),
                            ]
                        )
                        for scope in found.scopes
                    ],
                ]
            ),
            small(
                words.t("Tout ce que vous ferez sera écrit et visible de cette personne, qui peut "
                        "y mettre fin à tout moment. Vous aussi.")
            ),
        ]  # fmt: skip
        if failed is not None:
            lines.append(failure(services, failed))
        lines.append(
            ft.Row(
                [
                    primary(words.t("Accepter"), accept, ft.Icons.CHECK, disabled=busy),
                    secondary(words.t("Refuser"), refuse),
                ],
                wrap=True,
            )
        )
    return scaffold(services, title, lines, back="/home", width=MIDDLE)
