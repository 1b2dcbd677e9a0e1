"""The states every screen may be in: loading, empty, error, offline, crashed, lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.text import body, heading, small
from app.services.backend import Offline, Problem
from app.services.problems import sentence
from app.theme import (
    CELL,
    DRAWING,
    DRAWING_L,
    FIELD,
    HAIR,
    LIST,
    ML,
    RADIUS,
    RADIUS_L,
    RADIUS_S,
    SM,
    TARGET,
    XXL,
    L,
    M,
    S,
)

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
        border_radius=RADIUS,
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


def drawing(name: str, large: bool = False) -> ft.Control:
    """An illustration of ours (assets/drawings): the words beside it say all."""
    return ft.Row(
        [
            ft.Image(
                f"drawings/{name}.svg", height=DRAWING_L if large else DRAWING,
                exclude_from_semantics=True, fit=ft.BoxFit.CONTAIN,
            )
        ],
        alignment=ft.MainAxisAlignment.CENTER,
    )  # fmt: skip


def _bone(width: int | None = None, height: int = M) -> ft.Control:
    """A line of text that is not there yet."""
    bone = ft.Container(
        width=width, height=height, border_radius=RADIUS_S,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
    )  # fmt: skip
    return ft.Row([bone]) if width else bone


def _bones(shape: str) -> list[ft.Control]:
    """The screen that comes, in outline. `shape`: cards (the home screen), list or page."""
    tall = ft.Container(
        height=FIELD, border_radius=RADIUS_L, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH
    )
    row = ft.Row(
        [ft.Container(_bones_of(FIELD, CELL), expand=True), _bone(XXL)], spacing=M,
    )  # fmt: skip
    rows = ft.Container(
        ft.Column([row] * 4, spacing=L, tight=True), padding=ML, border_radius=RADIUS_L,
        border=ft.Border.all(HAIR, ft.Colors.OUTLINE_VARIANT),
    )  # fmt: skip
    if shape == "list":
        return [_bone(LIST, TARGET), rows, rows]
    if shape == "page":
        return [_bone(LIST, L), rows, _bone(), _bone(FIELD)]
    return [tall, rows, rows]


def _bones_of(*widths: int) -> ft.Control:
    return ft.Column([_bone(width) for width in widths], spacing=S, tight=True)


def loading(services: Services, text: str = "", shape: str = "cards") -> ft.Control:
    """Work in progress, named for screen readers and drawn in the shape of what comes. It does
    not move: nothing to wait for stands out, and nobody is made dizzy."""
    said = text or services.words.t("Chargement…")
    lines: list[ft.Control] = _bones(shape)
    if text:
        lines.insert(0, body(text))
    return ft.Semantics(
        label=said, live_region=True, container=True, exclude_semantics=True,
        content=ft.Column(
            lines, spacing=M, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    )  # fmt: skip


def empty(
    title: str, text: str, action: ft.Control | None = None, picture: str = "periods"
) -> ft.Control:
    """Nothing here yet: a picture, one sentence, and what to do about it."""
    lines: list[ft.Control] = [
        drawing(picture),
        ft.Row([heading(title, 2)], alignment=ft.MainAxisAlignment.CENTER, wrap=True),
        body(text, text_align=ft.TextAlign.CENTER),
    ]
    if action:
        lines.append(ft.Row([action], alignment=ft.MainAxisAlignment.CENTER, wrap=True))
    return ft.Container(
        padding=L,
        content=ft.Column(
            lines, spacing=SM, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    )


def no_activity(services: Services) -> ft.Control:
    """Somebody who has not said yet what they do."""
    words = services.words
    return empty(
        words.t("Aucune activité pour l’instant"),
        words.t("Ajoutez votre activité pour connaître vos échéances."),
        primary(words.t("Ajouter une activité"), lambda _e: services.go("/accounts/new")),
    )


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
                    drawing("lost"),
                    heading(words.t("Cette page n’existe pas"), 1),
                    small(words.t("L’adresse a peut-être été mal recopiée.")),
                    primary(words.t("Retour à l’accueil"), lambda _e: services.go(target)),
                ],
                spacing=M,
                horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            ),
        )
    )


def sealed(services: Services, title: str, text: str, number: str) -> ft.Control:
    """The moment of the receipt: it is received, under a number. Calm, and nothing moves."""
    return ft.Semantics(
        live_region=True,
        container=True,
        content=ft.Container(
            bgcolor=ft.Colors.PRIMARY_FIXED,
            border_radius=RADIUS_L,
            padding=L,
            content=ft.Column(
                [
                    drawing("sent"),
                    heading(title, 2, color=ft.Colors.ON_PRIMARY_FIXED),
                    body(
                        text, color=ft.Colors.ON_PRIMARY_FIXED_VARIANT,
                        text_align=ft.TextAlign.CENTER,
                    ),
                    ft.Container(
                        ft.Semantics(  # left alone, what can be selected is an unnamed field
                            label=number, exclude_semantics=True,
                            content=ft.Text(
                                number, theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
                                selectable=True, color=ft.Colors.ON_TERTIARY_FIXED,
                            ),
                        ),
                        bgcolor=ft.Colors.TERTIARY_FIXED, border_radius=RADIUS_S,
                        padding=ft.Padding.symmetric(horizontal=M, vertical=S),
                    ),
                ],
                spacing=SM, tight=True, horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            ),
        ),
    )  # fmt: skip
