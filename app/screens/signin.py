"""Sign in by e-mail and password."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import quiet
from app.components.shell import scaffold
from app.components.states import banner
from app.screens.access import EMAIL, PASSWORD, ShortForm, inner_route, query, short_form
from app.screens.lock import erased_words
from app.services.container import use_services
from app.words import N_

FORM = short_form("signin", EMAIL, PASSWORD)


@ft.component
def SignInScreen() -> ft.Control:
    """The person's address and password; then on to where they were going."""
    services = use_services()
    words = services.words
    erased = erased_words(services)
    target = inner_route(query(services).get("next", "/home"))

    async def send(values: dict[str, Any]) -> None:
        route = await services.session.sign_in(values["email"], values["password"], target)
        if route is not None:
            if services.session.person is not None:
                services.settings.take(services.session.person)
            services.go(route)

    return scaffold(
        services,
        words.t("Se connecter"),
        [
            *([banner(erased, "warning", live=True)] if erased else []),
            ShortForm(FORM, N_("Se connecter"), send),
            ft.Row(
                [
                    quiet(words.t("Mot de passe oublié"), lambda _e: services.go("/forgot")),
                    quiet(words.t("Créer un compte"), lambda _e: services.go("/signup")),
                ],
                wrap=True,
            ),
        ],
        back="/",
        width=480,
    )
