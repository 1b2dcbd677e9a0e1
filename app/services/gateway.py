"""How a served app knows who opened it, and how it reaches a backend in the same process.

A page served over a websocket cannot read a cookie. The handshake can: `HandshakeGate` notes what
it says in a context variable, which `app.main.main` reads when the session starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, unquote

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
HOST = "quittance.invalid"
"""Of a request that no network carries."""
SAFE = "/?%:@!$&'()*+,;=~"
"""What an address keeps as it is (RFC 3986), beside letters and figures."""
OURS = frozenset({"host", "content-length", "transfer-encoding"})
"""Headers that say how a request is carried."""
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


class InProcess(httpx.AsyncBaseTransport):
    """A way to `api` without a socket. It tells it the person's own address and device: the
    backend would otherwise see one client for everybody."""

    def __init__(self, api: Asgi, told: Handshake = NOBODY) -> None:
        self._api = api
        self._told = (told.address, told.agent)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As a transport of an `httpx.AsyncClient`."""
        target = request.url.raw_path.decode("ascii")
        headers = [pair for pair in request.headers.items() if pair[0] not in OURS]
        return await self.request(
            request.method, target, content=await request.aread(), headers=dict(headers)
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_network: Any,
    ) -> httpx.Response:
        """One request in the place of an `httpx.AsyncClient`, without what that one does for a
        network: a screen makes several as it opens, and each layer is paid for by every person of
        this process. `url`: path and query; what else a client is told is for networks. Raises
        nothing: an error of `api` is its answer 500."""
        # A part of an address that somebody typed is in it, whatever it is.
        raw, _, query = quote(url, safe=SAFE).partition("?")
        sent = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in (headers or {}).items()
        ]
        if content:
            sent.append((b"content-length", str(len(content)).encode()))
        scope: Scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "headers": [*sent, (b"host", HOST.encode())], "scheme": "http", "path": unquote(raw),
            "raw_path": raw.encode("ascii"), "query_string": query.encode("ascii"),
            "server": (HOST, None), "client": ("127.0.0.1", 0), "root_path": "",
            "quittance.client": self._told,
        }  # fmt: skip
        answer = Answer(content or b"")
        with suppress(Exception):  # logged where it happened, and told by what was answered
            await self._api(scope, answer.receive, answer.send)
        answer.whole.set()
        return httpx.Response(answer.status, headers=answer.headers, content=b"".join(answer.parts))


class Answer:
    """What an ASGI application answers to one request whose body is `content`."""

    def __init__(self, content: bytes) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        self.whole = asyncio.Event()
        self._content: bytes | None = content

    async def receive(self) -> dict[str, Any]:
        """The body, once; then the end, when all is answered."""
        if self._content is None:
            await self.whole.wait()
            return {"type": "http.disconnect"}
        content, self._content = self._content, None
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """A part of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.whole.set()
