"""How the app looks and speaks; accounts; the way out."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.choices import choice_card
from app.components.languages import language_choice, speak
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import heading, small
from app.screens.delegates import account_label
from app.screens.rights import rights_line
from app.screens.unsent import unsent_count
from app.services.container import Services, use_services
from app.services.settings import Settings
from app.theme import XS, M

SIZES = (100, 125, 150, 175, 200)


@ft.component
def SettingsScreen() -> ft.Control:
    """Language, theme, text size; profile, other accounts, sign out."""
    services = use_services()
    words = services.words
    held, set_held = ft.use_state(False)

    async def leave(_event: Any) -> None:
        await services.outbox.flush()
        await services.entries.flush()
        if services.outbox.waiting.ready or unsent_count(services):
            set_held(True)  # not received: signing out would lose it
            return
        # First away from the screens of members, which would send a stranger to sign in.
        await services.page.push_route("/")
        await services.session.sign_out()

    accounts: list[ft.Control] = []
    for account in services.session.accounts:
        lit = services.session.account is not None and services.session.account.id == account.id
        accounts.append(
            choice_card(
                account_label(account, words),
                words.t("Compte affiché") if lit else words.t("Afficher ce compte"),
                _switch(services, account.id),
                ft.Icons.CHECK_CIRCLE if lit else ft.Icons.RADIO_BUTTON_UNCHECKED,
            )
        )
    return scaffold(
        services,
        words.t("Réglages"),
        [
            Appearance(services.settings),
            heading(words.t("Mes activités"), 2),
            *accounts,
            ft.Row(
                [
                    secondary(
                        words.t("Ajouter une activité"), lambda _e: services.go("/accounts/new"),
                        ft.Icons.ADD,
                    )
                ],
                wrap=True,
            ),
            heading(words.t("Mon compte"), 2),
            rights_line(services),
            choice_card(
                words.t("Simulateur"),
                words.t("Et si je gagnais… : cotisations, impôt, ce qui reste"),
                lambda _e: services.go("/simulateur"), ft.Icons.CALCULATE_OUTLINED,
            ),
            choice_card(
                words.t("Options et événements"),
                words.t("Périodicité, imposition, cessation, et ce que chacune change"),
                lambda _e: services.go("/options"), ft.Icons.EVENT_AVAILABLE_OUTLINED,
            ),
            choice_card(
                words.t("Messages"), words.t("Écrire au service, lire ses réponses"),
                lambda _e: services.go("/messages"), ft.Icons.MAIL_OUTLINE,
            ),
            choice_card(
                words.t("Rappels et calendrier"),
                words.t("E-mail, notifications, agenda abonné"),
                lambda _e: services.go("/reminders"), ft.Icons.NOTIFICATIONS_OUTLINED,
            ),
            *(
                [
                    choice_card(
                        words.t("Espace opérateur"),
                        words.t("Messages qui attendent, comptes consultés"),
                        lambda _e: services.go("/operateur"), ft.Icons.SUPPORT_AGENT,
                    )
                ]
                if services.session.person is not None and services.session.person.operator
                else []
            ),
            choice_card(
                words.t("Mon profil"), words.t("Activité, adresse e-mail, mot de passe, sessions"),
                lambda _e: services.go("/profile"), ft.Icons.PERSON_OUTLINE,
            ),
            choice_card(
                words.t("Sécurité de la connexion"),
                words.t("Double authentification, clés d’accès, codes de secours"),
                lambda _e: services.go("/securite"), ft.Icons.SHIELD_OUTLINED,
            ),
            choice_card(
                words.t("Qui agit pour moi"),
                words.t("Confier le compte à un expert-comptable, un conjoint, un partenaire"),
                lambda _e: services.go("/qui-agit"), ft.Icons.GROUP_OUTLINED,
            ),
            choice_card(
                words.t("Mes données"),
                words.t("Tout télécharger, ce qui est gardé, fermer mon compte"),
                lambda _e: services.go("/mes-donnees"), ft.Icons.FOLDER_SHARED_OUTLINED,
            ),
            choice_card(
                words.t("Sur cet appareil"),
                words.t("Ce qui est gardé, code de verrouillage, effacement"),
                lambda _e: services.go("/appareil"), ft.Icons.LOCK_OUTLINE,
            ),
            *(
                [
                    banner(
                        words.t(
                            "Ce que vous avez signé ou noté n’est pas encore envoyé. Retrouvez le "
                            "réseau avant de vous déconnecter."
                        ),
                        "urgent", live=True,
                    )
                ]
                if held
                else []
            ),
            ft.Row(
                [
                    secondary(words.t("Se déconnecter"), leave, ft.Icons.LOGOUT),
                    quiet(words.t("Les mots, en clair"), lambda _e: services.go("/glossaire")),
                    quiet(words.t("Découvrir Quittance"), lambda _e: services.go("/debut")),
                    quiet(words.t("À propos"), lambda _e: services.go("/about")),
                    quiet(
                        words.t("Ce message vient-il de vous ?"),
                        lambda _e: services.go("/est-ce-vous"),
                    ),
                ],
                wrap=True,
            ),
        ],
    )  # fmt: skip


def _switch(services: Services, account_id: str) -> Any:
    def act(_event: Any) -> None:
        services.session.account_id = account_id
        services.go("/home")

    return act


@ft.component
def Appearance(settings: Settings) -> ft.Control:
    """The three choices, in force at once and kept for next time."""
    services = use_services()
    words = services.words
    kept, set_kept = ft.use_state(True)

    async def keep() -> None:
        set_kept(not services.session.signed_in or await settings.keep(services.backend))

    async def language(code: str) -> None:
        set_kept(await speak(services, code))

    async def theme(event: Any) -> None:
        settings.theme = event.control.value
        await keep()

    async def size(event: Any) -> None:
        settings.text_size = int(event.control.value)
        await keep()

    lines: list[ft.Control] = [
        language_choice(services, language),
        _radios(words.t("Thème"), settings.theme, theme,
                [("system", words.t("Comme l’appareil")), ("light", words.t("Clair")),
                 ("dark", words.t("Sombre")), ("contrast", words.t("Contraste élevé"))]),
        _radios(words.t("Taille du texte"), str(settings.text_size), size,
                [(str(s), words.percent(s)) for s in SIZES]),
        small(words.t("Ces choix s’appliquent tout de suite.")),
    ]  # fmt: skip
    if not kept:
        lines.append(
            banner(words.t("Ces choix n’ont pas pu être gardés pour la prochaine fois."), "warning",
                   live=True)
        )  # fmt: skip
    return ft.Column(lines, spacing=M, tight=True)


def _radios(title: str, value: str, change: Any, options: list[tuple[str, str]]) -> ft.Control:
    return ft.Column(
        [
            heading(title, 2),
            ft.Semantics(
                label=title,
                container=True,
                content=ft.RadioGroup(
                    value=value,
                    on_change=change,
                    content=ft.Row(
                        [ft.Radio(value=code, label=label) for code, label in options], wrap=True
                    ),
                ),
            ),
        ],
        spacing=XS,
        tight=True,
    )
