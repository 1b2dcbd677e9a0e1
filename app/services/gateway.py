"""How a served app knows who opened it, and how it reaches a backend in the same process.

A page served over a websocket cannot read a cookie. The handshake can: `HandshakeGate` notes what
it says in a context variable, which `app.main.main` reads when the session starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import httpx

from contract.i18n import LOCALES

COOKIE = "quittance_session"
LANGUAGE = "quittance_language"
"""Cookie of the language chosen in this browser (assets/language.js)."""

Scope = MutableMapping[str, Any]
Asgi = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Any]


@dataclass(frozen=True)
class Handshake:
    """What the browser said when it opened the page."""

    token: str | None = None
    address: str = ""
    agent: str = ""
    languages: str = ""
    wishes: str = ""
    """What the device asks of every page: `contrast`, or nothing."""

    @property
    def locale(self) -> str | None:
        """The language chosen in this browser, else the first it asks for that the app speaks."""
        for part in self.languages.split(","):
            tag = part.split(";")[0].strip().lower()[:2]
            if tag in LOCALES:
                return tag
        return None


NOBODY = Handshake()
handshake: ContextVar[Handshake] = ContextVar("quittance_handshake", default=NOBODY)


def read_handshake(scope: Scope, cookie: str = COOKIE) -> Handshake:
    """The handshake of an ASGI scope, whose session is in `cookie`; an unreadable
    cookie is no cookie."""
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
    token, chosen = None, ""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
        found, spoken = cookies.get(cookie), cookies.get(LANGUAGE)
        token = found.value if found else None
        chosen = spoken.value if spoken and spoken.value in LOCALES else ""
    except CookieError:
        token = None
    asked = scope.get("query_string", b"").decode("latin-1")[:200]
    found_wishes = parse_qs(asked).get("wishes")
    client = scope.get("client") or ("", 0)
    return Handshake(
        token=token,
        address=str(client[0]),
        agent=headers.get("user-agent", "")[:120],
        languages=",".join(filter(None, (chosen, headers.get("accept-language", "")[:200]))),
        wishes=found_wishes[0][:40] if found_wishes else "",
    )


class HandshakeGate:
    """ASGI wrapper: notes the handshake of each websocket before the app sees it."""

    def __init__(self, app: Asgi, cookie: str = COOKIE) -> None:
        self.app = app
        self.cookie = cookie

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            handshake.set(read_handshake(scope, self.cookie))
        await self.app(scope, receive, send)


def in_process(api: Asgi, told: Handshake = NOBODY) -> httpx.AsyncBaseTransport:
    """A transport to `api` without a socket, which tells it the person's own address and device
    (the backend would otherwise see one client for everybody)."""

    async def told_api(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "quittance.client": (told.address, told.agent)}
        await api(scope, receive, send)

    return httpx.ASGITransport(app=told_api, raise_app_exceptions=False)
