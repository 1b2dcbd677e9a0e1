"""A browser's fetch, played over an httpx transport: how the pocket asks, without a browser."""

from __future__ import annotations

import httpx

from app.services.fetching import FORBIDDEN, Fetch, Fetched


def fake_fetch(transport: httpx.AsyncBaseTransport) -> Fetch:
    """What pocket/worker.js does with `fetch`, over `transport`: no cookie goes or comes, content
    is decoded, a redirection is a failure, and only the kind of a failure is told."""

    async def fetch(
        method: str, url: str, headers: dict[str, str], body: bytes, milliseconds: int
    ) -> Fetched:
        assert milliseconds > 0, "an exchange without a limit could hang for ever"
        sent = {name.lower() for name in headers}
        assert not sent & FORBIDDEN, f"a browser refuses to send {sent & FORBIDDEN}"
        request = httpx.Request(method, url, headers=headers, content=body)
        try:
            response = await transport.handle_async_request(request)
            content = await response.aread()
        except httpx.TimeoutException:
            return Fetched(0, [], b"", "timeout")
        except (httpx.ReadError, httpx.RemoteProtocolError):
            return Fetched(0, [], b"", "read")
        except httpx.HTTPError:
            return Fetched(0, [], b"", "connect")
        if 300 <= response.status_code < 400 and response.status_code != 304:
            return Fetched(0, [], b"", "connect")
        shown = [(k, v) for k, v in response.headers.multi_items() if k != "set-cookie"]
        return Fetched(response.status_code, shown, content)

    return fetch
