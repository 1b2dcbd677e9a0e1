"""The websockets of open windows: straight to the app, and without a compressor kept for each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from prometheus_client import Gauge
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import CTRL_OPCODES, Frame
from websockets.typing import ExtensionParameter

SMALL = 600  # bytes: a keystroke's answer, which compression costs more than it spares
BITS = 12  # of what a window may look back on in one message


class Windows:
    """ASGI: windows at `path` go to `door`, everything else to `rest`.

    A window stays open for hours. Through the whole application, each of its layers would wait for
    it, and hand on every message both ways."""

    def __init__(self, rest: ASGIApp, door: ASGIApp, path: str) -> None:
        self.rest = rest
        self.door = door
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        window = scope["type"] == "websocket" and scope["path"] == self.path
        await (self.door if window else self.rest)(scope, receive, send)


def counted(app: ASGIApp, open_now: Gauge) -> ASGIApp:
    """`app`, whose open windows are counted; one closed while something was on its way to it is no
    error of ours."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await app(scope, receive, send)
            return
        open_now.inc()
        try:
            with suppress(WebSocketDisconnect):
                await app(scope, receive, send)
        finally:
            open_now.dec()

    return serve


class Sparing(PerMessageDeflate):
    """Compression of large messages alone, each by itself: nothing is kept between two."""

    def encode(self, frame: Frame) -> Frame:
        """A message on its way out; a small one goes as it is (RFC 7692, section 6)."""
        if frame.opcode in CTRL_OPCODES or len(frame.data) < SMALL:
            return frame
        return super().encode(frame)


class SparingFactory(ServerPerMessageDeflateFactory):
    """Agrees with a browser on `Sparing`."""

    def __init__(self) -> None:
        super().__init__(
            server_no_context_takeover=True, client_no_context_takeover=True,
            client_max_window_bits=BITS,
        )  # fmt: skip

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """As its base, with its own answer."""
        told, agreed = super().process_request_params(params, accepted_extensions)
        return told, Sparing(
            agreed.remote_no_context_takeover, agreed.local_no_context_takeover,
            agreed.remote_max_window_bits, agreed.local_max_window_bits, {"level": 6},
        )  # fmt: skip


class WindowProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, with `Sparing` in place of the compressor it would keep for each window."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.conn.available_extensions = [SparingFactory()]

    def data_received(self, data: bytes) -> None:
        """What comes from the window. Once it is open, how it was asked for is told in its scope:
        the request and its answer are not kept for as long as it stays."""
        super().data_received(data)
        if self.handshake_complete and hasattr(self, "request"):
            for told in (self.request, self.response):
                told.headers.clear()  # held by the parser, too
            del self.request, self.response


__all__ = ["Sparing", "SparingFactory", "WindowProtocol", "Windows", "counted"]
