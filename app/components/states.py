"""The states every screen may be in: loading, empty, error, offline, crashed, lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.text import body, heading, small
from app.services.backend import Offline, Problem
from app.services.problems import sentence
from app.theme import L, M, S

if TYPE_CHECKING:
    from app.services.container import Services

LEVELS: dict[str, tuple[Any, Any, Any]] = {
    "info": (ft.Colors.PRIMARY_CONTAINER, ft.Colors.ON_PRIMARY_CONTAINER, ft.Icons.INFO_OUTLINE),
    "warning": (
        ft.Colors.TERTIARY_CONTAINER, ft.Colors.ON_TERTIARY_CONTAINER, ft.Icons.WARNING_AMBER,
    ),
    "urgent": (ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER, ft.Icons.ERROR_OUTLINE),
    "success": (
        ft.Colors.SECONDARY_CONTAINER, ft.Colors.ON_SECONDARY_CONTAINER,
        ft.Icons.CHECK_CIRCLE_OUTLINE,
    ),
}  # fmt: skip


def banner(
    text: str,
    level: str = "info",
    title: str = "",
    actions: list[ft.Control] | None = None,
    live: bool = False,
) -> ft.Control:
    """A message in a box: info, warning, urgent or success. `live` has it read out as it comes."""
    background, ink, icon = LEVELS[level]
    lines: list[ft.Control] = []
    if title:
        lines.append(body(title, strong=True, color=ink))
    lines.append(body(text, color=ink))
    if actions:
        lines.append(ft.Row(actions, wrap=True, spacing=S))
    box = ft.Container(
        bgcolor=background,
        border_radius=10,
        padding=M,
        content=ft.Row(
            [
                ft.Icon(icon, color=ink),
                ft.Column(lines, spacing=S, expand=True, tight=True),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
    )
    return ft.Semantics(live_region=True, container=True, content=box) if live else box


def loading(services: Services, text: str = "") -> ft.Control:
    """Work in progress, named; without the moving bar for whoever asked for less motion."""
    said = text or services.words.t("Chargement…")
    moving = ft.ProgressBar(semantics_label=said, width=260)
    return ft.Container(
        padding=L,
        content=ft.Column(
            [
                ft.Semantics(live_region=True, container=True, content=body(said)),
                *([] if services.settings.calm else [moving]),
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            tight=True,
        ),
    )


def empty(title: str, text: str, action: ft.Control | None = None) -> ft.Control:
    """Nothing here yet, and what to do about it."""
    lines = [heading(title, 2), body(text)] + ([action] if action else [])
    return ft.Container(padding=L, content=ft.Column(lines, spacing=M, tight=True))


def failure(
    services: Services, error: BaseException, retry: Callable[..., Any] | None = None
) -> ft.Control:
    """What went wrong, in words, with a way to try again."""
    words = services.words
    actions = [secondary(words.t("Réessayer"), retry, ft.Icons.REFRESH)] if retry else []
    if isinstance(error, Offline):
        return banner(
            words.t("Pas de réponse. Vérifiez votre connexion ; ce que vous avez saisi est gardé."),
            "warning", words.t("Hors ligne"), actions, live=True,
        )  # fmt: skip
    if isinstance(error, Problem):
        text = sentence(words, error.code.value)
        if error.number:
            text += " " + words.t("Erreur n° {number}.").format(number=error.number)
        return banner(text, "urgent", words.t("La demande n’a pas abouti"), actions, live=True)
    number = services.failed(error)
    return banner(
        words.t("Erreur n° {number}. Réessayez ; si elle revient, donnez-nous ce numéro.").format(
            number=number
        ),
        "urgent", words.t("Un incident est survenu"), actions, live=True,
    )  # fmt: skip


def crash_view(services: Services) -> ft.View:
    """The whole window after an error nobody caught."""
    words = services.words

    def retry(_event: Any) -> None:
        services.crash.number = ""

    def home(_event: Any) -> None:
        services.crash.number = ""
        services.go("/home" if services.session.signed_in else "/")

    return ft.View(
        route="/crash",
        padding=L,
        controls=[
            ft.SafeArea(
                ft.Column(
                    [
                        heading(words.t("Un incident est survenu"), 1),
                        ft.Semantics(
                            live_region=True,
                            container=True,
                            content=body(
                                words.t(
                                    "Erreur n° {number}. Ce que vous aviez saisi dans une "
                                    "déclaration est gardé dans son brouillon."
                                ).format(number=services.crash.number)
                            ),
                        ),
                        ft.Row(
                            [
                                primary(words.t("Réessayer"), retry),
                                secondary(words.t("Retour à l’accueil"), home),
                            ],
                            wrap=True,
                        ),
                    ],
                    spacing=M,
                )
            )
        ],
    )


def not_found_content(services: Services) -> ft.Control:
    """An address that leads nowhere."""
    words = services.words
    target = "/home" if services.session.signed_in else "/"
    return ft.SafeArea(
        ft.Container(
            padding=L,
            content=ft.Column(
                [
                    heading(words.t("Cette page n’existe pas"), 1),
                    small(words.t("L’adresse a peut-être été mal recopiée.")),
                    primary(words.t("Retour à l’accueil"), lambda _e: services.go(target)),
                ],
                spacing=M,
            ),
        )
    )
