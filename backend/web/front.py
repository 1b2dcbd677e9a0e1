"""In front of the app's pages: the cut and compressed client as soon as it is there (ASGI)."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.static import ASK, StaticFiles, accepted
from backend.web.policy import app_page
from backend.web.press import ARABIC, OTHERS, Client, page

# Nothing of another site shares the process of the page.
ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip

NOTO = {"assets/fonts/notosans/": OTHERS, "assets/fonts/notosansarabic/": ARABIC}


@dataclass(frozen=True)
class _Page:
    changed: float
    tag: str
    bodies: dict[str, bytes]
    policy: str


@dataclass
class Front:
    """Answers the page and the client's files; `pages` has the websocket and everything else,
    and the page too until the client is made."""

    pages: ASGIApp
    client: Client
    _files: StaticFiles = field(init=False)
    _page: _Page | None = None

    def __post_init__(self) -> None:
        self._files = StaticFiles(self.client.root, ISOLATED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "http":
            path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
            if path.startswith("/client-"):
                instead = _instead(path.removeprefix(f"/{self.client.name}/"))
                if instead:
                    scope = {**scope, "path": f"/{self.client.name}/{instead}", "root_path": ""}
                await self._files(scope, receive, send)
                return
            if scope["method"] in {"GET", "HEAD"} and _is_route(path):
                found = self._current()
                if found is not None:
                    await self._answer(found, scope)(scope, receive, send)
                    return
                scope, send = _whole(scope), _with_policy(send)
        await self.pages(scope, receive, send)

    def _current(self) -> _Page | None:
        try:
            changed = os.stat(self.client.folder / "client.json").st_mtime
        except OSError:
            return None
        if self._page is None or self._page.changed != changed:
            body = page(self.client)
            bodies = {
                "": body, "br": brotli.compress(body), "gzip": gzip.compress(body, 9, mtime=0),
            }  # fmt: skip
            tag = hashlib.sha256(body).hexdigest()[:20]
            self._page = _Page(changed, tag, bodies, app_page(body))
        return self._page

    def _answer(self, found: _Page, scope: Scope) -> Response:
        asked = Headers(scope=scope)
        coding = next(
            (name for name in accepted(asked.get("accept-encoding", "")) if name in found.bodies),
            "",
        )
        base = f"/{self.client.name}/"
        headers = {
            **ISOLATED, "Cache-Control": ASK, "ETag": f'W/"{found.tag}"',
            "Vary": "Accept-Encoding", "Content-Security-Policy": found.policy,
            "Link": f"<{base}start.js>; rel=preload; as=script",
        }  # fmt: skip
        if found.tag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if coding:
            headers["Content-Encoding"] = coding
        return Response(found.bodies[coding], headers=headers, media_type="text/html")


def _instead(asked: str) -> str:
    """The font that answers for a part of Noto, or nothing."""
    return next((ours for theirs, ours in NOTO.items() if asked.startswith(theirs)), "")


def _whole(scope: Scope) -> Scope:
    """Without what a browser kept: an answer without its page could not say the page's policy."""
    kept = {b"if-none-match", b"if-modified-since", b"range"}
    return {**scope, "headers": [(k, v) for k, v in scope["headers"] if k.lower() not in kept]}


def _with_policy(send: Send) -> Send:
    """`send`, which names in the policy of a page the inline scripts that the client wrote into
    it: the page goes out once it is whole."""
    start: Message = {}
    parts: list[bytes] = []

    async def later(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        if message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts)
            MutableHeaders(scope=start)["Content-Security-Policy"] = app_page(body)
            await send(start)
            message = {"type": "http.response.body", "body": body}
        await send(message)

    return later


def _is_route(path: str) -> bool:
    """True for an address of the app: the page opens it, whatever it is."""
    if path in {"/ws", "/oauth_callback"} or path.startswith("/upload"):
        return False
    return PurePosixPath(path).suffix in {"", ".html"}
