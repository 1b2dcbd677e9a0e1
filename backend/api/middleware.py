"""Guards around every request: size of the body, origin, headers, one log line; pure ASGI."""

from __future__ import annotations

import re
import secrets
from time import perf_counter
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.problems import document, failure
from backend.services import Services
from backend.settings import Settings
from backend.usecases.sessions import COOKIE
from backend.web.policy import APP as APP_POLICY
from backend.web.policy import BARE
from contract.attachments import LARGEST as FILE
from contract.problem import ProblemCode
from contract.vrp import LARGEST_DSN, LARGEST_IMPORT

log = structlog.get_logger("quittance.http")

LARGEST = 1_000_000  # bytes of a body
LARGER = (
    # A proof of 10 MB, and a little more so that its own refusal names it.
    (re.compile(r"/api/v1/accounts/[^/]+/attachments"), FILE + 100_000),
    (re.compile(r"/api/v1/accounts/[^/]+/vrp/previews"), LARGEST_IMPORT + 1_000),
    (re.compile(r"/api/v1/operator/dsn"), LARGEST_DSN),
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
APP = "(app)"  # stands for every address of the app in the logs
OURS = (
    "/api/",
    "/auth/",
    "/verifier/",
    "/notify/",
    "/banque-essai/",
)  # paths of the collector; the app has the others


def largest(path: str) -> int:
    """Bytes that a body sent to `path` may have."""
    return next((size for shape, size in LARGER if shape.fullmatch(path)), LARGEST)


def same_origin(headers: Headers, settings: Settings) -> bool:
    """True when the Origin of a request is this service; an unreadable or opaque one is not."""
    origin = headers.get("origin", "")
    if settings.public_url and origin == settings.public_url:
        return True
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host == headers.get("host")


def allowed(scope: Scope, headers: Headers, settings: Settings) -> bool:
    """False for what another site may have made this browser do.

    A cookie goes along whoever asks, so an unsafe request that carries one must name our origin.
    """
    if scope["type"] == "http" and scope["method"] in SAFE:
        return True
    by_cookie = f"{COOKIE}=" in headers.get("cookie", "")
    if "origin" in headers:
        # A page of ours hosted elsewhere shows a token; a cookie never counts for it.
        elsewhere = hosted(scope, headers, settings) and not by_cookie
        return same_origin(headers, settings) or elsewhere
    return scope["type"] == "websocket" or not by_cookie or "authorization" in headers


def hosted(scope: Scope, headers: Headers, settings: Settings) -> bool:
    """True for a call of the API from a page that QUITTANCE_APP_ORIGINS names."""
    called = scope["type"] == "http" and scope["path"].startswith("/api/")
    return called and headers.get("origin", "") in settings.origins


def preflight(scope: Scope, headers: Headers, settings: Settings) -> Response | None:
    """The answer to a browser that asks what a page of ours hosted elsewhere may send."""
    asked = headers.get("access-control-request-method")
    if scope["method"] != "OPTIONS" or not asked or not hosted(scope, headers, settings):
        return None
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, "
            "X-File-Name, If-Match, If-None-Match",
            "Access-Control-Max-Age": "600",
        },
    )


class Guard:
    """Refuses large bodies and foreign origins; adds the security headers; logs one line."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app = app
        self.services = services
        self.settings = services.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one websocket."""
        scope = self._behind_proxy(scope)
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket" and not allowed(
            scope, Headers(scope=scope), self.settings
        ):
            log.warning("websocket refused", reason="origin")
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "websocket" and self.services.draining.is_set():
            await _elsewhere(scope, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        number = secrets.token_hex(6)
        began = perf_counter()
        most = largest(scope["path"])
        body = _Limited(receive, most)
        status = 0
        cut = False

        async def answer(message: Message) -> None:
            nonlocal status, cut
            if cut:
                return
            if message["type"] == "http.response.start":
                if body.over and not cut:
                    # Whoever read the body only saw it end: its answer is not the right one.
                    cut, status = True, 413
                    await document(ProblemCode.BODY_TOO_LARGE)(scope, receive, decorated)
                    return
                status = message["status"]
            await decorated(message)

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._decorate(MutableHeaders(scope=message), scope, number)
            await send(message)

        try:
            length = headers.get("content-length", "")
            asked = preflight(scope, headers, self.settings)
            if asked is not None:
                await asked(scope, receive, answer)
            elif length.isdecimal() and int(length) > most:
                await document(ProblemCode.BODY_TOO_LARGE)(scope, receive, answer)
            elif not allowed(scope, headers, self.settings):
                await document(ProblemCode.WRONG_ORIGIN)(scope, receive, answer)
            elif "\0" in scope["path"]:
                await document(ProblemCode.NOT_FOUND)(scope, receive, answer)
            else:
                with self.services.traces.request(scope, headers) as span:
                    await self.app(scope, body, answer)
                    span.end_request(template(scope), status)
        except Exception as error:
            response = failure(error, number, template(scope))
            if not status:
                await response(scope, receive, answer)
            raise  # for the server's own log, and for tests
        finally:
            route = template(scope)
            self.services.metrics.request(
                scope["method"], route, status, perf_counter() - began,
                inside="quittance.client" in scope,
            )  # fmt: skip
            tell = log.debug if route == APP and status < 400 else log.info
            tell(
                "request", request=number, method=scope["method"], route=route,
                status=status, ms=round((perf_counter() - began) * 1000, 1),
            )  # fmt: skip

    def _behind_proxy(self, scope: Scope) -> Scope:
        """The person's own address, when a proxy we trust states it."""
        client = scope.get("client")
        if not self.settings.trusted_proxy or not client or not self.settings.trusts(client[0]):
            return scope
        told = Headers(scope=scope).get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
        return {**scope, "client": (told[:45], 0)} if told else scope

    def _decorate(self, headers: MutableHeaders, scope: Scope, number: str) -> None:
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        ours = scope["path"].startswith(OURS)
        headers.setdefault("Content-Security-Policy", BARE if ours else APP_POLICY)
        headers["X-Request-Id"] = number
        asked = Headers(scope=scope)
        if hosted(scope, asked, self.settings):
            # No credentials: the cookie of this service is not for pages of another origin.
            headers["Access-Control-Allow-Origin"] = asked["origin"]
            headers["Access-Control-Expose-Headers"] = "ETag, Retry-After, X-Request-Id"
            headers.add_vary_header("Origin")
        # A certificate made here for a trial is no promise for later.
        if self.settings.secure_cookies and not self.settings.tls:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if ours:
            headers.setdefault("Cache-Control", "no-store")


async def _elsewhere(scope: Scope, send: Send) -> None:
    """Refuse a window with an answer that a proxy takes to another process."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1012})
        return
    await send({"type": "websocket.http.response.start", "status": 503, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})


def template(scope: Scope) -> str:
    """The template of the route of a request: a path itself may hold an identifier."""
    route = scope.get("route")
    if route is None:
        return "(none)"
    return APP if isinstance(route, Mount) else str(getattr(route, "path", "(none)"))


class _Limited:
    """Cuts a body that grows past the limit without having announced its length."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._taken = 0
        self.over = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self._most:
            self.over = True
            return {"type": "http.disconnect"}
        return message
