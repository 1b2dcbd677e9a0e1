"""Sign in by e-mail and password, then by a code for who asked for two steps; or by a passkey, or
at a provider of identity."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, small
from app.forms.answers import Text
from app.forms.form import Field
from app.screens.access import EMAIL, PASSWORD, ShortForm, inner_route, query, short_form
from app.screens.lock import erased_words, refused
from app.services.backend import BackendError, Problem
from app.services.container import use_services
from app.services.problems import sentence
from app.theme import NARROW, L
from app.words import N_
from contract.factor import LossAsk, SignInWays
from contract.people import MessageNotice
from contract.problem import ProblemCode

FORM = short_form("signin", EMAIL, PASSWORD)
CODE = short_form(
    "signin-code",
    Field(
        "code", N_("Code de connexion"), Text(longest=40, autofill="one-time-code"),
        hint=N_("Les six chiffres de votre application, ou un code de secours."),
    ),
)  # fmt: skip


@ft.component
def SignInScreen() -> ft.Control:
    """The person's address and password, then a code if they chose so; then on to where they were
    going."""
    services = use_services()
    words = services.words
    erased = erased_words(services)
    asked = query(services)
    target = inner_route(asked.get("next", "/home"))
    step, set_step = ft.use_state(
        {"challenge": asked["challenge"], "passkeys": asked.get("cles") == "1"}
        if len(asked.get("challenge", "")) > 20
        else None
    )

    async def send(values: dict[str, Any]) -> None:
        try:
            route = await services.session.sign_in(values["email"], values["password"], target)
        except Problem as problem:
            if problem.code is not ProblemCode.SECOND_FACTOR_NEEDED:
                raise
            set_step(problem.extra)
            return
        _arrive(services, route)

    said = {
        "lier": words.t(
            "Un compte existe déjà avec votre adresse. Connectez-vous une fois par mot de passe, "
            "puis reliez le fournisseur dans « Sécurité de la connexion »."
        ),
        "gele": sentence(words, ProblemCode.ACCOUNT_FROZEN),
        "adresse": words.t(
            "Le fournisseur d’identité n’a pas donné d’adresse e-mail : créez un compte, puis "
            "reliez-le."
        ),
        "echec": words.t(
            "La connexion chez le fournisseur d’identité n’a pas abouti. Réessayez, ou "
            "connectez-vous par mot de passe."
        ),
    }.get(asked.get("fournisseur", ""))
    lines: list[ft.Control] = []
    if erased:
        lines.append(banner(erased, "warning", live=True))
    if step is not None:
        lines.append(SecondStep(step, target, lambda: set_step(None)))
        return scaffold(
            services, words.t("Deuxième étape"), lines, back="/", width=NARROW
        )  # fmt: skip
    if said:
        lines.append(banner(said, "warning", live=True))
    lines += [
        ShortForm(FORM, N_("Se connecter"), send, key="password"),
        OtherWays(target),
        ft.Row(
            [
                quiet(words.t("Mot de passe oublié"), lambda _e: services.go("/forgot")),
                quiet(words.t("Créer un compte"), lambda _e: services.go("/signup")),
            ],
            wrap=True,
        ),
    ]
    return scaffold(services, words.t("Se connecter"), lines, back="/", width=NARROW)


def _arrive(services: Any, route: str | None) -> None:
    if route is not None:
        if services.session.person is not None:
            services.settings.take(services.session.person)
        services.go(route)


@ft.component
def OtherWays(target: str) -> ft.Control:
    """A passkey, a provider: what this service offers, once it has said so."""
    services = use_services()
    words, leave = services.words, services.session.leave_page
    ways, set_ways = ft.use_state(None)

    async def look() -> None:
        if leave is None:
            return
        try:
            set_ways(await services.backend.get(SignInWays, "/sign-in-ways"))
        except BackendError:
            set_ways(None)  # the password remains

    ft.use_effect(look, [])

    def door(path: str) -> Any:
        async def act(_event: Any) -> None:
            if leave is not None:
                await leave(path + "?" + urlencode({"next": target, "lang": words.locale}))

        return act

    buttons: list[ft.Control] = []
    if ways is not None and ways.passkeys:
        buttons.append(
            secondary(
                words.t("Utiliser une clé d’accès"),
                door("/auth/passkey/signin"),
                ft.Icons.KEY_OUTLINED,
            )
        )
    if ways is not None and ways.provider:
        buttons.append(
            secondary(
                words.t("Continuer avec {provider}").format(provider=ways.provider),
                door("/auth/provider/start"), ft.Icons.ACCOUNT_CIRCLE_OUTLINED,
            )
        )  # fmt: skip
    return ft.Column(
        buttons, visible=bool(buttons), tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


@ft.component
def SecondStep(step: dict[str, Any], target: str, over: Any) -> ft.Control:
    """The code of the app, a recovery code, or a passkey; and the way out when all are lost."""
    services = use_services()
    words = services.words
    lost, set_lost = ft.use_state(False)
    notice, set_notice = ft.use_state(None)
    problem, set_problem = ft.use_state(None)
    challenge = str(step["challenge"])

    async def send(values: dict[str, Any]) -> None:
        set_problem(None)
        try:
            route = await services.session.second_step(challenge, values["code"], target)
        except Problem as error:
            if error.code is ProblemCode.CODE_WRONG:
                raise refused("code", "code_wrong_left", left=error.extra.get("left", 0)) from None
            if error.code is ProblemCode.CHALLENGE_OVER:
                set_problem(error)
                return
            raise
        _arrive(services, route)

    async def key(_event: Any) -> None:
        if services.session.leave_page is not None:
            told = {"challenge": challenge, "next": target, "lang": words.locale}
            await services.session.leave_page("/auth/passkey/signin?" + urlencode(told))

    async def say_lost(_event: Any) -> None:
        set_problem(None)
        try:
            set_notice(
                await services.backend.send(
                    MessageNotice, "POST", "/factor-losses", LossAsk(challenge=challenge)
                )
            )
        except BackendError as error:
            set_problem(error)

    lines: list[ft.Control] = []
    if problem is not None:
        lines.append(failure(services, problem))
        lines.append(secondary(words.t("Recommencer la connexion"), lambda _e: over()))
    if notice is not None:
        lines.append(
            banner(
                words.t("Un message vient de partir : ouvrez son lien dans l’heure."),
                "success", live=True,
            )
        )  # fmt: skip
        if notice.outbox:
            lines.append(
                small(
                    words.t("Sans serveur d’envoi, le message est un fichier dans : {folder}")
                    .format(folder=notice.outbox)
                )
            )  # fmt: skip
    elif lost:
        lines += [
            body(
                words.t(
                    "Un code de secours suffit : saisissez-le à la place des six chiffres. Sans "
                    "code de secours, demandez un lien par e-mail : la double authentification "
                    "pourra être retirée après un délai, jamais tout de suite."
                )
            ),
            secondary(words.t("Recevoir le lien par e-mail"), say_lost, ft.Icons.MAIL_OUTLINE),
        ]
    if problem is None:
        lines.insert(0, ShortForm(CODE, N_("Continuer"), send, clears=True, key="code"))
    if problem is None and step.get("passkeys") and services.session.leave_page is not None:
        lines.append(secondary(words.t("Utiliser une clé d’accès"), key, ft.Icons.KEY_OUTLINED))
    if not lost and problem is None:
        lines.append(quiet(words.t("J’ai perdu mon téléphone"), lambda _e: set_lost(True)))
    return ft.Column(
        lines, spacing=L, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
