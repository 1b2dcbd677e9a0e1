"""The language of the app: each under its own name, in force at once, remembered."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import quiet
from app.components.states import banner
from app.components.text import heading
from app.services.container import Services, use_services
from app.services.language import remember
from app.theme import XS
from contract.i18n import LANGUAGES, LOCALES

SOME = " · ".join(LANGUAGES[code].name for code in LOCALES[:3]) + "…"
"""What says "languages" in several of them."""


async def speak(services: Services, code: str) -> bool:
    """Use a language from now on; False when it could not be kept for a person signed in."""
    services.settings.locale = code
    await remember(code)
    return not services.session.signed_in or await services.settings.keep(services.backend)


def language_choice(services: Services, change: Any) -> ft.Control:
    """All languages; a sentence under them when the one in force was not reviewed."""
    words = services.words

    async def chosen(event: Any) -> None:
        await change(event.control.value)

    lines: list[ft.Control] = [
        heading(words.t("Langue"), 2),
        ft.Semantics(
            label=words.t("Langue"),
            container=True,
            content=ft.RadioGroup(
                value=words.locale,
                on_change=chosen,
                content=ft.Row(
                    [ft.Radio(value=code, label=LANGUAGES[code].name) for code in LOCALES],
                    wrap=True,
                ),
            ),
        ),
    ]
    if not words.language.reviewed:
        lines.append(
            banner(
                words.t(
                    "Traduction non relue : en cas de doute, le français fait foi. Les documents "
                    "sont établis en français."
                ),
                "info",
            )
        )
    return ft.Column(lines, spacing=XS, tight=True)


@ft.component
def LanguageMenu() -> ft.Control:
    """One button, then the languages: for who is not signed in."""
    services = use_services()
    opened, set_opened = ft.use_state(False)

    async def change(code: str) -> None:
        await speak(services, code)

    button = quiet(SOME, lambda _e: set_opened(not opened), ft.Icons.TRANSLATE)
    if not opened:
        return button
    return ft.Column([button, language_choice(services, change)], spacing=XS, tight=True)
