"""What can be done with a document of ours: print it, share it, keep it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.states import failure
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.services.files import give_file, print_file, share_file
from app.theme import S

Doing = Callable[[Services, str, str], Awaitable[None]]


@ft.component
def Papers(
    path: str, name: str, download: str = "", others: tuple[ft.Control, ...] = ()
) -> ft.Control:
    """Buttons for the PDF at `path` of the API: print, download when `download` names it, share on
    a phone; `others` stand at the end. An error is told under them."""
    services = use_services()
    words = services.words
    error, set_error = ft.use_state(None)

    def act(doing: Doing) -> Any:
        async def go(_event: Any) -> None:
            set_error(None)
            try:
                await doing(services, path, name)
            except BackendError as problem:
                set_error(problem)

        return go

    buttons: list[ft.Control] = []
    if download:
        buttons.append(secondary(download, act(give_file), ft.Icons.DOWNLOAD_OUTLINED))
    kind = quiet if download else secondary
    buttons.append(kind(words.t("Imprimer"), act(print_file), ft.Icons.PRINT_OUTLINED))
    if not services.layout.wide:
        buttons.append(quiet(words.t("Partager"), act(share_file), ft.Icons.SHARE_OUTLINED))
    lines: list[ft.Control] = [ft.Row([*buttons, *others], wrap=True, spacing=S, run_spacing=0)]
    if error is not None:
        lines.append(failure(services, error))
    return ft.Column(lines, tight=True, spacing=S)
