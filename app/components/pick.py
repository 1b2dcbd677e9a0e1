"""Pick files of this device: their names and bytes, wherever the app runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flet as ft

from app.services.container import Services

PROOFS = ("pdf", "jpg", "jpeg", "png")


@dataclass(frozen=True, slots=True)
class Picked:
    """A file that the person picked."""

    name: str
    content: bytes


async def pick_files(
    services: Services, extensions: Sequence[str] = PROOFS, many: bool = False
) -> list[Picked]:
    """Ask for files by their extensions; none when the person changed their mind."""
    found = await ft.FilePicker().pick_files(
        dialog_title=services.words.t("Choisir un fichier"),
        file_type=ft.FilePickerFileType.CUSTOM,
        allowed_extensions=list(extensions),
        allow_multiple=many,
        with_data=True,
    )
    return [Picked(file.name, file.bytes or b"") for file in found or []]
