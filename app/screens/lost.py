"""A lost phone: the links received by e-mail start the delay, stop it, and end it."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body
from app.screens.access import PASSWORD, ShortForm, query, short_form
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.theme import NARROW
from app.words import N_
from contract.factor import LossRemoval, LossStarted
from contract.people import TokenIn

REMOVE = short_form("loss-remove", PASSWORD)


def _incomplete(services: Services) -> ft.Control:
    return banner(
        services.words.t("Ce lien est incomplet. Ouvrez-le depuis le message."), "warning"
    )


@ft.component
def LossStart() -> ft.Control:
    """The link says that the phone is lost: what follows, then a button that starts the delay."""
    services = use_services()
    words = services.words
    started, set_started = ft.use_state(None)
    problem, set_problem = ft.use_state(None)
    token = query(services).get("token", "")

    async def start(_event: Any) -> None:
        set_problem(None)
        try:
            set_started(
                await services.backend.send(
                    LossStarted, "POST", "/factor-losses/start", TokenIn(token=token)
                )
            )
        except BackendError as error:
            set_problem(error)

    lines: list[ft.Control] = []
    if problem is not None:
        lines.append(failure(services, problem))
    if len(token) < 20:
        lines.append(_incomplete(services))
    elif started is not None:
        lines += [
            banner(
                words.t(
                    "Le délai court jusqu’au {moment}. Le message que nous venons d’envoyer porte "
                    "le lien à ouvrir ensuite, et celui qui arrête tout."
                ).format(moment=words.moment(started.removable_at)),
                "success", live=True,
            ),
            secondary(words.t("Revenir à la connexion"), lambda _e: services.go("/signin")),
        ]  # fmt: skip
    else:
        lines += [
            body(
                words.t(
                    "Sans téléphone ni code de secours, la double authentification ne se retire "
                    "qu’après un délai : il laisse le temps d’arrêter quelqu’un qui se ferait "
                    "passer pour vous."
                )
            ),
            primary(words.t("Lancer le délai"), start),
        ]
    return scaffold(services, words.t("Téléphone perdu"), lines, back="/signin", width=NARROW)


@ft.component
def LossCancel() -> ft.Control:
    """Stop the delay."""
    services = use_services()
    words = services.words
    done, set_done = ft.use_state(False)
    problem, set_problem = ft.use_state(None)
    token = query(services).get("token", "")

    async def stop(_event: Any) -> None:
        set_problem(None)
        try:
            await services.backend.send(None, "POST", "/factor-losses/cancel", TokenIn(token=token))
        except BackendError as error:
            set_problem(error)
            return
        set_done(True)

    lines: list[ft.Control] = []
    if problem is not None:
        lines.append(failure(services, problem))
    if len(token) < 20:
        lines.append(_incomplete(services))
    elif done:
        lines += [
            banner(
                words.t(
                    "C’est arrêté : la double authentification reste active. Si la demande ne "
                    "venait pas de vous, changez de mot de passe."
                ),
                "success", live=True,
            ),
            primary(words.t("Changer de mot de passe"), lambda _e: services.go("/forgot")),
        ]  # fmt: skip
    else:
        lines += [
            body(words.t("La double authentification de votre compte restera active.")),
            primary(words.t("Arrêter le délai"), stop),
        ]
    return scaffold(services, words.t("Arrêter le délai"), lines, back="/signin", width=NARROW)


@ft.component
def LossRemove() -> ft.Control:
    """The delay is over: remove the factor with the password."""
    services = use_services()
    words = services.words
    done, set_done = ft.use_state(False)
    token = query(services).get("token", "")

    async def remove(values: dict[str, Any]) -> None:
        await services.backend.send(
            None, "POST", "/factor-losses/remove",
            LossRemoval(token=token, password=values["password"]),
        )  # fmt: skip
        set_done(True)

    lines: list[ft.Control]
    if len(token) < 20:
        lines = [_incomplete(services)]
    elif done:
        lines = [
            banner(words.t("La double authentification est retirée."), "success", live=True),
            primary(words.t("Se connecter"), lambda _e: services.go("/signin")),
        ]
    else:
        lines = [ShortForm(REMOVE, N_("Retirer la double authentification"), remove, clears=True)]
    return scaffold(
        services, words.t("Retirer la double authentification"), lines, back="/signin", width=NARROW
    )
