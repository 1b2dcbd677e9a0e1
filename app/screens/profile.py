"""My profile: the facts of the account, my address, my password, my open sessions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.devices import device_name
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, heading, small
from app.forms.answers import Email, Password
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.words import N_
from contract.people import EmailChange, MessageNotice, PasswordChange, PersonView, SessionView
from regimes.registry import REGISTRY

PASSWORD_FORM = short_form(
    "password",
    Field("current_password", N_("Mot de passe actuel"), Password()),
    Field("new_password", N_("Nouveau mot de passe"), Password(new=True),
          hint=N_("12 caractères au moins.")),
)  # fmt: skip
EMAIL_FORM = short_form(
    "email",
    Field("email", N_("Nouvelle adresse e-mail"), Email()),
    Field("current_password", N_("Mot de passe actuel"), Password()),
)


@ft.component
def ProfileScreen() -> ft.Control:
    """Everything about me, in sections."""
    services = use_services()
    words = services.words
    account = services.session.account
    lines: list[ft.Control] = []
    if account is not None:
        siret = account.siret
        lines.append(
            card(
                [
                    heading(words.t("Mon activité"), 2),
                    fact(words.t("Nom ou enseigne"), account.name),
                    fact(words.t("Régime"), words.t(REGISTRY.get(account.regime).label)),
                    fact(
                        words.t("SIRET"),
                        f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}",
                    ),
                    small(
                        words.t(
                            "Pour changer de périodicité, d’imposition ou cesser, ouvrez les "
                            "options."
                        )
                    ),
                    ft.Row(
                        [
                            secondary(
                                words.t("Voir les options"), lambda _e: services.go("/options")
                            )
                        ],
                        wrap=True,
                    ),
                ]
            )
        )
    lines += [
        EmailSection(services.session),
        PasswordSection(),
        SessionsSection(),
    ]
    return scaffold(services, words.t("Mon profil"), lines, back="/settings")


@ft.component
def EmailSection(session: Any) -> ft.Control:
    """My address: confirmed or not, and how to change it."""
    services = use_services()
    words = services.words
    notice, set_notice = ft.use_state(None)
    problem, set_problem = ft.use_state(None)
    person: PersonView = session.person

    async def resend(_event: Any) -> None:
        try:
            set_notice(
                await services.backend.send(MessageNotice, "POST", "/email-confirmations/resend")
            )
        except BackendError as error:
            set_problem(error)

    async def change(values: dict[str, Any]) -> None:
        body_sent = EmailChange(email=values["email"], current_password=values["current_password"])
        set_notice(await services.backend.send(MessageNotice, "POST", "/me/email", body_sent))
        await services.session.reload()

    lines: list[ft.Control] = [
        heading(words.t("Adresse e-mail"), 2),
        body(person.email if person else ""),
    ]
    if person and not person.email_confirmed:
        lines.append(
            banner(
                words.t("Cette adresse n’est pas confirmée : ouvrez le lien du message reçu."),
                "warning", actions=[secondary(words.t("Renvoyer le message"), resend)],
            )
        )  # fmt: skip
    if person and person.pending_email:
        lines.append(
            banner(
                words.t("En attente de confirmation : {email}").format(email=person.pending_email)
            )
        )
    if notice is not None:
        lines.append(banner(words.t("Le message est parti."), "success", live=True))
        if notice.outbox:
            lines.append(
                small(
                    words.t("Sans serveur d’envoi, le message est un fichier dans : {folder}")
                    .format(folder=notice.outbox)
                )
            )  # fmt: skip
    if problem is not None:
        lines.append(failure(services, problem))
    lines.append(Unfold(words.t("Changer d’adresse"), "email", EMAIL_FORM, change))
    return card(lines)


@ft.component
def PasswordSection() -> ft.Control:
    """Change my password; every other session ends."""
    services = use_services()
    words = services.words
    done, set_done = ft.use_state(False)

    async def change(values: dict[str, Any]) -> None:
        sent = PasswordChange(
            current_password=values["current_password"], new_password=values["new_password"]
        )
        await services.backend.send(None, "POST", "/me/password", sent)
        set_done(True)

    lines: list[ft.Control] = [heading(words.t("Mot de passe"), 2)]
    if done:
        lines.append(
            banner(
                words.t("Votre mot de passe est changé ; vos autres sessions sont terminées."),
                "success", live=True,
            )
        )  # fmt: skip
    else:
        lines.append(Unfold(words.t("Changer de mot de passe"), "password", PASSWORD_FORM, change))
    return card(lines)


@ft.component
def Unfold(label: str, code: str, form: Any, send: Any) -> ft.Control:
    """A button that unfolds a short form."""
    opened, set_opened = ft.use_state(False)
    if opened:
        return ShortForm(form, N_("Enregistrer"), send)
    return ft.Row([secondary(label, lambda _e: set_opened(True))], wrap=True)


@ft.component
def SessionsSection() -> ft.Control:
    """Where I am signed in, and how to end it."""
    services = use_services()
    words = services.words

    async def fetch() -> list[SessionView]:
        found: list[SessionView] = await services.backend.get(list[SessionView], "/sessions")
        return found

    loaded = use_load(services, fetch, [])
    lines: list[ft.Control] = [heading(words.t("Sessions ouvertes"), 2)]
    if loaded.value is None:
        lines.append(loaded.other(services))
    else:
        for session in loaded.value:
            seen = words.moment(session.last_seen_at)
            lines.append(body(device_name(session.device, words)))
            if session.current:
                lines.append(small(words.t("Cette session, vue le {moment}").format(moment=seen)))
            else:
                lines.append(small(words.t("Vue le {moment}").format(moment=seen)))
                lines.append(
                    ft.Row(
                        [
                            secondary(
                                words.t("Terminer cette session"),
                                _end(services, session.id, loaded.reload),
                            )
                        ],
                        wrap=True,
                    )
                )
    return card(lines)


def _end(services: Services, session_id: str, then: Any) -> Any:
    async def act(_event: Any) -> None:
        with suppress(BackendError):  # the list that is read again says whether it ended
            await services.backend.send(None, "DELETE", f"/sessions/{session_id}")
        await then()

    return act
