"""Requests of a test, handed to the application in this process."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import httpx
from anyio.from_thread import BlockingPortal

from app.services.gateway import Answer


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
        answer = Answer(request.read())
        self._portal.call(self._app, scope, answer.receive, answer.send)
        body = b"" if request.method == "HEAD" else b"".join(answer.parts)
        # As a stream: a client says how long an answer took once it has read one.
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))


def in_process(app: Any, portal: BlockingPortal, url: str) -> httpx.Client:
    """A client of the application at `url`, which follows where it is sent and keeps cookies."""
    return httpx.Client(
        transport=InProcess(app, portal), base_url=url, follow_redirects=True,
        headers={"user-agent": "testclient"},
    )  # fmt: skip
