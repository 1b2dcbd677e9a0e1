"""Forgotten password, new password, confirmation of an address: the links received by e-mail."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body
from app.screens.access import EMAIL, NEW_PASSWORD, ShortForm, query, short_form
from app.services.container import use_services
from app.theme import NARROW
from app.words import N_
from contract.people import ForgottenPassword, MessageNotice, PasswordReset, TokenIn

FORGOT = short_form("forgot", EMAIL)
RESET = short_form("reset", NEW_PASSWORD)


@ft.component
def Forgot() -> ft.Control:
    """Ask for a link; the answer is the same whether the address is known or not."""
    services = use_services()
    words = services.words
    notice, set_notice = ft.use_state(None)

    async def send(values: dict[str, Any]) -> None:
        set_notice(
            await services.backend.send(
                MessageNotice, "POST", "/password-resets", ForgottenPassword(email=values["email"])
            )
        )

    lines: list[ft.Control]
    if notice is not None:
        text = words.t(
            "Si un compte existe à cette adresse, un message vient de partir. Son lien sert une "
            "fois, pendant une heure."
        )
        lines = [banner(text, "success", live=True)]
        if notice.outbox:
            lines.append(
                body(
                    words.t("Sans serveur d’envoi, le message est un fichier dans : {folder}")
                    .format(folder=notice.outbox)
                )
            )  # fmt: skip
    else:
        lines = [
            body(words.t("Indiquez votre adresse : vous recevrez un lien pour en changer.")),
            ShortForm(FORGOT, N_("Recevoir un lien"), send),
        ]
    return scaffold(services, words.t("Mot de passe oublié"), lines, back="/signin", width=NARROW)


@ft.component
def Reset() -> ft.Control:
    """Set a new password with the token of the link."""
    services = use_services()
    words = services.words
    done, set_done = ft.use_state(False)
    token = query(services).get("token", "")

    async def send(values: dict[str, Any]) -> None:
        await services.backend.send(
            None, "POST", "/password-resets/complete",
            PasswordReset(token=token, password=values["password"]),
        )  # fmt: skip
        set_done(True)

    lines: list[ft.Control]
    if done:
        lines = [
            banner(words.t("Votre mot de passe est changé."), "success", live=True),
            primary(words.t("Se connecter"), lambda _e: services.go("/signin")),
        ]
    elif len(token) < 20:
        lines = [
            banner(words.t("Ce lien est incomplet. Demandez-en un nouveau."), "warning"),
            secondary(words.t("Recevoir un lien"), lambda _e: services.go("/forgot")),
        ]
    else:
        lines = [ShortForm(RESET, N_("Changer le mot de passe"), send)]
    return scaffold(services, words.t("Nouveau mot de passe"), lines, back="/signin", width=NARROW)


@ft.component
def Confirm() -> ft.Control:
    """Confirm an address with the token of the link."""
    services = use_services()
    words = services.words
    token = query(services).get("token", "")

    async def confirm() -> bool:
        if len(token) < 20:
            return False
        await services.backend.send(None, "POST", "/email-confirmations", TokenIn(token=token))
        if services.session.signed_in:
            await services.session.reload()
        return True

    loaded = use_load(services, confirm, [token])
    lines: list[ft.Control]
    if loaded.value is None:
        lines = [loaded.other(services)]
    elif loaded.value:
        lines = [
            banner(
                words.t("Votre adresse est confirmée : vous pouvez envoyer vos déclarations."),
                "success", live=True,
            )
        ]  # fmt: skip
    else:
        lines = [banner(words.t("Ce lien est incomplet. Ouvrez-le depuis le message."), "warning")]
    target = "/home" if services.session.signed_in else "/signin"
    lines.append(primary(words.t("Continuer"), lambda _e: services.go(target)))
    return scaffold(services, words.t("Confirmer mon adresse"), lines, width=NARROW)
