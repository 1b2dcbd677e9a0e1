"""Welcome."""

from __future__ import annotations

import flet as ft

from app.components.buttons import primary
from app.components.shell import scaffold
from app.components.text import body
from app.services.container import use_services


@ft.component
def Welcome() -> ft.Control:
    """First screen."""
    services = use_services()
    words = services.words
    return scaffold(
        services,
        words.t("Bienvenue"),
        [body("x"), primary(words.t("Se connecter"), lambda _e: services.go("/signin"))],
    )
