"""The pocket at /pocket/: the same app, run by the browser, kept on the device."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

from backend.settings import Settings
from backend.static import StaticFiles

PATH = "/pocket"


def policy(backend: str = "") -> str:
    """Content-Security-Policy of the pocket: its own files, and the backend it was built for.
    Stricter than the served app's: no inline script."""
    there = f" {backend}" if backend else ""
    return (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"connect-src 'self'{there}; worker-src 'self' blob:; manifest-src 'self'; "
        "media-src blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def built(settings: Settings) -> Path | None:
    """Folder of the pocket, when it was built."""
    folder = settings.pocket
    return folder if (folder / "build.json").is_file() else None


class _Files(Mount):
    """A mount that the log names as the app: its paths say nothing of anybody."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match, and say who answers."""
        match, child = super().matches(scope)
        return match, {**child, "route": self} if match is not Match.NONE else child


async def _folder(_request: Request) -> RedirectResponse:
    # Relative addresses of the page count from a folder.
    return RedirectResponse(f"{PATH}/", 308)


def pocket_routes(settings: Settings) -> list[BaseRoute]:
    """The pocket's routes; none when it was not built."""
    folder = built(settings)
    if folder is None:
        return []
    told = json.loads((folder / "build.json").read_text("utf-8"))
    backend = told.get("backend", "")
    address = urlsplit(backend)
    origin = f"{address.scheme}://{address.netloc}" if address.netloc else ""
    headers = {
        "Content-Security-Policy": policy(origin),
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    files = StaticFiles(folder, headers)
    return [Route(PATH, _folder, include_in_schema=False), _Files(PATH, app=files, name="pocket")]
