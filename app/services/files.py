"""Give a person a file: a window with a cookie downloads it, an app with a token saves it."""

from __future__ import annotations

import flet as ft

from app.services.backend import BASE
from app.services.container import Services


async def give_file(services: Services, path: str, name: str) -> None:
    """Download `path` of the API as `name`. Raises BackendError outside a browser."""
    if services.session.leave_page is not None:
        # In the same window: an attachment leaves the page where it is, and no blocker minds.
        await ft.UrlLauncher().launch_url(BASE + path, web_only_window_name="_self")
        return
    body = await services.backend.file(path)
    await ft.FilePicker().save_file(file_name=name, src_bytes=body)
