"""HTTP through the browser's own fetch: sockets do not exist there."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import httpx

from app.services import browser

# Set by the browser itself, or about bytes that it has already decoded.
FORBIDDEN = frozenset({
    "host", "connection", "content-length", "accept-encoding", "user-agent", "cookie",
    "transfer-encoding", "origin", "referer",
})  # fmt: skip
DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True)
class Fetched:
    """What fetch answered. `fault`: "" for an answer, else connect, read or timeout."""

    status: int
    headers: list[tuple[str, str]]
    content: bytes
    fault: str = ""


class Fetch(Protocol):
    """One exchange; `milliseconds` is how long it may take, 0 for ever. Raises nothing."""

    def __call__(
        self, method: str, url: str, headers: dict[str, str], body: bytes, milliseconds: int
    ) -> Awaitable[Fetched]: ...


async def browser_fetch(
    method: str, url: str, headers: dict[str, str], body: bytes, milliseconds: int
) -> Fetched:
    """The browser's fetch (pocket/worker.js), without cookies."""
    from pyodide.ffi import to_js

    door = browser.module("quittance_js")
    sent = to_js(body) if body else None
    found = await door.fetch(method, url, json.dumps(headers), sent, milliseconds)
    content = found.content.to_bytes() if not found.fault else b""
    listed = [(str(k), str(v)) for k, v in json.loads(found.headers)]
    return Fetched(int(found.status), listed, content, str(found.fault))


FAULTS: dict[str, Callable[[str], httpx.TransportError]] = {
    "connect": httpx.ConnectError,
    "read": httpx.ReadError,
    "timeout": httpx.ReadTimeout,
}


class FetchTransport(httpx.AsyncBaseTransport):
    """httpx over fetch. The page shows its token in a header and never a cookie, so another site
    that has the person's browser ask something asks as nobody."""

    def __init__(self, fetch: Fetch = browser_fetch) -> None:
        self._fetch = fetch

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange. Raises httpx.TransportError when there is no answer."""
        body = await request.aread()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in FORBIDDEN}
        limits = request.extensions.get("timeout", {})
        seconds = limits.get("read") or limits.get("connect") or 0
        found = await self._fetch(
            request.method, str(request.url), headers, body, int(seconds * 1000)
        )
        if found.fault:
            raise FAULTS.get(found.fault, httpx.ConnectError)(found.fault)
        kept = [(k, v) for k, v in found.headers if k.lower() not in DECODED]
        return httpx.Response(found.status, headers=kept, content=found.content, request=request)
