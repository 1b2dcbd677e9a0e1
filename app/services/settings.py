"""How the app looks and speaks, for one person: kept on the backend once signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import flet as ft

from app.services.backend import Backend, BackendError
from contract.i18n import Words, words
from contract.people import PersonView, Preferences

Theme = Literal["system", "light", "dark", "contrast"]


@ft.observable
@dataclass(eq=False)
class Settings:
    """Language, theme and text size (percent). Observable. `contrast` is what the device asks of
    every page, where the theme follows the device."""

    locale: str = "fr"
    theme: Theme = "system"
    text_size: int = 100
    contrast: bool = False

    @property
    def words(self) -> Words:
        """Sentences and figures in the language chosen."""
        return words(self.locale)

    def heed(self, wishes: str) -> None:
        """Note what the device asked for when the window opened."""
        asked = set(wishes.split("."))
        self.contrast = "contrast" in asked

    def take(self, person: PersonView) -> None:
        """Use the preferences of a person who signed in."""
        self.locale = person.preferences.locale
        self.theme = person.preferences.theme
        self.text_size = person.preferences.text_size

    async def keep(self, backend: Backend) -> bool:
        """Save on the backend for next time; False when it could not."""
        chosen = Preferences.model_validate(
            {"locale": self.locale, "theme": self.theme, "text_size": self.text_size}
        )
        try:
            await backend.send(PersonView, "PATCH", "/me/preferences", chosen)
        except BackendError:
            return False
        return True
