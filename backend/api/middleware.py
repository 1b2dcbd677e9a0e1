"""Guards around every request: size of the body, origin, headers; pure ASGI, no buffering."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.problems import document
from backend.settings import Settings
from backend.usecases.sessions import COOKIE
from contract.problem import ProblemCode

log = structlog.get_logger("quittance.http")

LARGEST = 1_000_000  # bytes of a body
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# The web client compiles WebAssembly and keeps its fonts and workers on this host.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def same_origin(headers: Headers, settings: Settings) -> bool:
    """True when the Origin of a request is this service, or when none is given."""
    origin = headers.get("origin")
    if origin is None:
        return True
    if settings.public_url and origin == settings.public_url:
        return True
    return urlsplit(origin).netloc == headers.get("host", "")


class Guard:
    """Refuses large bodies and foreign origins; adds the security headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one websocket."""
        scope = self._behind_proxy(scope)
        if scope["type"] == "websocket":
            if not same_origin(Headers(scope=scope), self.settings):
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        number = secrets.token_hex(6)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._decorate(MutableHeaders(scope=message), scope, number)
            await send(message)

        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > LARGEST:
            await document(ProblemCode.BODY_TOO_LARGE)(scope, receive, answer)
            return
        by_cookie = f"{COOKIE}=" in headers.get("cookie", "")
        if (
            scope["method"] not in SAFE
            and (by_cookie or headers.get("origin"))
            and not same_origin(headers, self.settings)
        ):
            await document(ProblemCode.WRONG_ORIGIN)(scope, receive, answer)
            return
        await self.app(scope, _Limited(receive), answer)

    def _behind_proxy(self, scope: Scope) -> Scope:
        """The person's own address, when a proxy we trust states it."""
        client = scope.get("client")
        proxy = self.settings.trusted_proxy
        if not proxy or not client or client[0] != proxy:
            return scope
        told = Headers(scope=scope).get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
        return {**scope, "client": (told, 0)} if told else scope

    def _decorate(self, headers: MutableHeaders, scope: Scope, number: str) -> None:
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Request-Id"] = number
        if self.settings.secure_cookies:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if scope["path"].startswith(("/api/", "/auth/", "/verifier/")):
            headers.setdefault("Cache-Control", "no-store")


class _Limited:
    """Cuts a body that grows past the limit without having announced its length."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > LARGEST:
            return {"type": "http.disconnect"}
        return message
