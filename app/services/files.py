"""Give a person a file: a window with a cookie downloads it, an app with a token saves it."""

from __future__ import annotations

import flet as ft

from app.services.backend import BASE
from app.services.container import Services

PDF = "application/pdf"


async def give_file(services: Services, path: str, name: str) -> None:
    """Download `path` of the API as `name`. Raises BackendError outside a browser."""
    if services.session.leave_page is not None:
        # In the same window: an attachment leaves the page where it is, and no blocker minds.
        await ft.UrlLauncher().launch_url(BASE + path, web_only_window_name="_self")
        return
    body = await services.backend.file(path)
    await ft.FilePicker().save_file(file_name=name, src_bytes=body)


async def print_file(services: Services, path: str, name: str) -> None:
    """Open a PDF of the API where it can be printed: a window of its own in a browser, the file
    itself elsewhere (a phone prints from there). Raises BackendError outside a browser."""
    if services.session.leave_page is None:
        await give_file(services, path, name)
        return
    shown = path + ("&" if "?" in path else "?") + "view=true"
    await ft.UrlLauncher().launch_url(BASE + shown, web_only_window_name="_blank")


async def share_file(services: Services, path: str, name: str) -> None:
    """Offer a PDF of the API to the other apps of the device; where none can take it, it is
    downloaded. Raises BackendError."""
    body = await services.backend.file(path)
    try:
        await ft.Share().share_files(
            [ft.ShareFile.from_bytes(body, mime_type=PDF, name=name)], title=name
        )
    except Exception:  # no share sheet here, or one that refuses files: each client says it its way
        await give_file(services, path, name)
