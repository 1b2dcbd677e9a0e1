"""Three screens for somebody new: what one does here, what one sees, what one keeps."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.shell import scaffold
from app.components.states import drawing
from app.components.text import body, heading, small
from app.services.container import Services, use_services
from app.theme import BAR, MIDDLE, RADIUS_S, L, S
from app.words import N_

SEEN = "start/seen"

SCREENS: tuple[tuple[str, str, str], ...] = (
    (
        "start-declare", N_("Vous écrivez ce que vous avez encaissé"),
        N_("Le montant à payer se calcule à chaque chiffre, et chaque ligne s’explique. Ce que "
           "vous tapez est gardé tout de suite, même sans réseau."),
    ),
    (
        "start-euros", N_("Vous voyez où va chaque euro"),
        N_("Retraite, santé, formation : chaque caisse, avec sa part. Un mot compliqué ? Touchez-"
           "le, il s’explique en deux phrases."),
    ),
    (
        "start-proof", N_("Vous gardez la preuve"),
        N_("Chaque envoi donne un reçu numéroté et scellé. Un client ou une banque peut vérifier "
           "qu’il est vrai, sans rien vous demander."),
    ),
)  # fmt: skip


async def first_screen(services: Services) -> str:
    """Where somebody who has just signed up goes: here, unless this device has shown it."""
    return "/home" if await services.store.get(SEEN) else "/debut"


@ft.component
def Start() -> ft.Control:
    """One screen of three, and a way out of each."""
    services = use_services()
    words = services.words
    place, set_place = ft.use_state(0)
    picture, title, text = SCREENS[place]
    last = place == len(SCREENS) - 1

    async def seen() -> None:
        await services.store.put(SEEN, b"1")

    ft.use_effect(seen, [])

    def leave(_event: Any) -> None:
        services.go("/home" if services.session.signed_in else "/")

    said = words.t("Écran {number} sur {count}").format(number=place + 1, count=len(SCREENS))
    dots = ft.Semantics(
        label=said, container=True, exclude_semantics=True,
        content=ft.Row(
            [
                ft.Container(
                    width=L, height=BAR, border_radius=RADIUS_S,
                    bgcolor=ft.Colors.PRIMARY if n <= place else ft.Colors.OUTLINE_VARIANT,
                )
                for n in range(len(SCREENS))
            ],
            spacing=S, alignment=ft.MainAxisAlignment.CENTER,
        ),
    )  # fmt: skip
    buttons: list[ft.Control] = [
        primary(words.t("Commencer"), leave)
        if last
        else primary(words.t("Suivant"), lambda _e: set_place(place + 1))
    ]
    if place:
        buttons.append(secondary(words.t("Retour"), lambda _e: set_place(place - 1)))
    if not last:
        buttons.append(quiet(words.t("Passer"), leave))
    return scaffold(
        services,
        words.t("Découvrir Quittance"),
        [
            drawing(picture, large=True),
            dots,
            ft.Semantics(
                live_region=True, container=True, key=str(place),
                content=ft.Column(
                    [
                        heading(words.t(title), 2),
                        body(words.t(text), text_align=ft.TextAlign.CENTER),
                    ],
                    spacing=S, tight=True,
                    horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                ),
            ),
            ft.Row(
                buttons, wrap=True, spacing=S, run_spacing=S,
                alignment=ft.MainAxisAlignment.CENTER,
            ),
            *(
                [
                    small(
                        words.t(
                            "Quittance est un projet indépendant, pas un service officiel : rien "
                            "n’est transmis à l’Urssaf ni à l’administration fiscale."
                        )
                    )
                ]
                if last
                else []
            ),
        ],
        width=MIDDLE,
    )  # fmt: skip
