"""Requests of a test, handed to the application in this process."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import anyio
import httpx
from anyio.from_thread import BlockingPortal

Message = dict[str, Any]


class InProcess(httpx.BaseTransport):
    """Hands each request to an application, whole, on the loop of a portal: one turn of it for a
    request, where a client that hands over part after part takes several. Raises what the
    application raises."""

    def __init__(self, app: Any, portal: BlockingPortal) -> None:
        self._app = app
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, whole."""
        url = request.url
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
            "method": request.method, "scheme": url.scheme, "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0], "query_string": url.query,
            "root_path": "", "client": ("testclient", 50000),
            "server": (url.host, url.port or {"http": 80, "https": 443}[url.scheme]),
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }  # fmt: skip
        start, body = self._portal.call(self._ask, scope, request.read())
        return httpx.Response(
            start["status"], headers=start.get("headers", []), stream=httpx.ByteStream(body)
        )

    async def _ask(self, scope: dict[str, Any], body: bytes) -> tuple[Message, bytes]:
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        told: list[Message] = []
        ended = anyio.Event()

        async def receive() -> Message:
            if waiting:
                return waiting.pop()
            await ended.wait()  # nobody hangs up before the end
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            told.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                ended.set()

        await self._app(scope, receive, send)
        start, *parts = told
        empty = scope["method"] == "HEAD"
        return start, b"" if empty else b"".join(part.get("body", b"") for part in parts)


def in_process(app: Any, portal: BlockingPortal, url: str) -> httpx.Client:
    """A client of the application at `url`, which follows where it is sent and keeps cookies."""
    return httpx.Client(
        transport=InProcess(app, portal), base_url=url, follow_redirects=True,
        headers={"user-agent": "testclient"},
    )  # fmt: skip
