"""The language chosen on a device, kept there: who comes back is met in it before signing in.

A browser's page hands it over (assets/language.js) with the languages that the browser asks for.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import flet as ft

from contract.i18n import LOCALES

KEY = "quittance.language"


async def remember(code: str) -> None:
    """Keep a language on this device. One that keeps nothing asks again next time."""
    with suppress(Exception):
        await ft.SharedPreferences().set(KEY, code)


async def remembered() -> str | None:
    """The language kept on this device, if any."""
    found: Any = None
    with suppress(Exception):
        found = await ft.SharedPreferences().get(KEY)
    return found if found in LOCALES else None
