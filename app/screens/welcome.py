"""Welcome: what this is, ways in, and the ready accounts of the demo."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import amber, on_hero, quiet
from app.components.cards import HERO, HERO_SOFT, hero
from app.components.choices import choice_card
from app.components.languages import LanguageMenu
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import drawing, failure
from app.components.text import body, heading, small
from app.screens.access import demo_password
from app.screens.simulator import simulator_line
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.theme import SM, L, M
from contract.people import DemoAccount


@ft.component
def Welcome() -> ft.Control:
    """The first screen of someone we do not know yet."""
    services = use_services()
    words = services.words
    signed_in = services.session.signed_in

    ways: list[ft.Control] = []
    if signed_in:
        ways.append(amber(words.t("Ouvrir mon accueil"), lambda _e: services.go("/home")))
    else:
        ways += [
            amber(words.t("Créer un compte"), lambda _e: services.go("/signup")),
            on_hero(words.t("Se connecter"), lambda _e: services.go("/signin")),
        ]
    return scaffold(
        services,
        "Quittance",
        [
            _promise(services, ways),
            simulator_line(services),
            DemoAccounts(),
            choice_card(
                words.t("Je ne sais pas quel est mon régime"),
                words.t("Cinq questions au plus, et une réponse claire, même si ce n’est pas ici."),
                lambda _e: services.go("/regime"),
                ft.Icons.EXPLORE_OUTLINED,
            ),
            small(
                words.t(
                    "Quittance est un projet indépendant, pas un service officiel : rien n’est "
                    "transmis à l’Urssaf ni à l’administration fiscale."
                )
            ),
            ft.Row(
                [
                    quiet(words.t("Découvrir Quittance"), lambda _e: services.go("/debut")),
                    quiet(words.t("À propos"), lambda _e: services.go("/about")),
                    quiet(
                        words.t("Ce message vient-il de vous ?"),
                        lambda _e: services.go("/est-ce-vous"),
                    ),
                ],
                wrap=True,
            ),
            LanguageMenu(),
        ],
    )  # fmt: skip


def _promise(services: Services, ways: list[ft.Control]) -> ft.Control:
    """What this is, in one glance, and the ways in."""
    words = services.words
    said: list[ft.Control] = [
        ft.Semantics(
            header=True, heading_level=2,
            content=ft.Text(
                words.t("Déclarez en une minute, gardez la preuve."), color=HERO,
                theme_style=ft.TextThemeStyle.HEADLINE_LARGE,
            ),
        ),
        body(
            words.t(
                "Indépendants : déclarez votre chiffre d’affaires, voyez chaque cotisation et "
                "où va chaque euro, recevez un récépissé que tout le monde peut vérifier."
            ),
            color=HERO_SOFT,
        ),
        ft.Row(ways, wrap=True, spacing=SM, run_spacing=SM),
    ]  # fmt: skip
    if not services.layout.wide:
        return hero([drawing("sent"), *said])
    column = ft.Column(said, spacing=M, tight=True, expand=True)
    return hero([ft.Row([column, drawing("sent", large=True)], spacing=L)])


@ft.component
def DemoAccounts() -> ft.Control:
    """The ready accounts, when the backend has any; nothing otherwise, not even an error."""
    services = use_services()
    words = services.words
    problem, set_problem = ft.use_state(None)
    opening, set_opening = ft.use_state("")

    async def fetch() -> list[DemoAccount]:
        found: list[DemoAccount] = await services.backend.get(list[DemoAccount], "/demo/accounts")
        return found

    loaded = use_load(services, fetch, [])

    def enter(slug: str) -> Any:
        async def act(_event: Any) -> None:
            if opening:
                return
            set_opening(slug)
            try:
                await enter_demo(services, slug)
            except BackendError as error:
                set_problem(error)
            set_opening("")

        return act

    if loaded.error is not None:
        return failure(services, loaded.error, loaded.reload)
    if not loaded.value:
        return ft.Container()
    services.demo = True
    lines: list[ft.Control] = [
        heading(words.t("Essayer avec un compte prêt"), 2),
        small(words.t("Mode démonstration : des personnes et des chiffres inventés.")),
        *demo_password(services),
    ]
    if problem is not None:
        lines.append(failure(services, problem))
    lines += [
        choice_card(
            words.t(account.title), words.t(account.summary), enter(account.slug),
            ft.Icons.PERSON_OUTLINE,
            words.t("Ouverture du compte…") if opening == account.slug else "",
        )
        for account in loaded.value
    ]  # fmt: skip
    return ft.Column(
        lines, spacing=SM, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


async def enter_demo(services: Services, slug: str) -> None:
    """Open a ready account. Raises BackendError."""
    route = await services.session.sign_in_demo(slug)
    if route is not None:
        if services.session.person is not None:
            services.settings.take(services.session.person)
        services.go(route)
