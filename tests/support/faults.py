"""A network with faults, over any transport: down, 500, hanging, cut after the server stored."""

from __future__ import annotations

import json

import httpx


class FaultyNetwork(httpx.AsyncBaseTransport):
    """`mode`: "" passes; "down" no server; "500" an error page; "hang" no answer in time; "cut"
    the server does its work and the answer is lost. `only` limits a fault to one method."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.mode = ""
        self.only = ""
        self.changed = False
        """The collector now computes otherwise than what was signed."""
        self.puts = 0
        """Declarations that reached the server."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange, with the fault of the moment."""
        mode = self.mode if self.only in ("", request.method) else ""
        if mode == "down":
            raise httpx.ConnectError("down")
        if mode == "500":
            return httpx.Response(500, text="<h1>500</h1>")
        if mode == "hang":
            raise httpx.ReadTimeout("hang")
        if request.method == "PUT" and "/declarations/" in str(request.url):
            self.puts += 1
            if self.changed:
                body = json.loads(await request.aread()) | {"fingerprint": "0" * 64}
                headers = dict(request.headers)
                headers.pop("content-length")
                request = httpx.Request(
                    "PUT", request.url, headers=headers, content=json.dumps(body)
                )
        response = await self.inner.handle_async_request(request)
        await response.aread()
        if mode == "cut":
            raise httpx.ReadError("cut")
        return response
