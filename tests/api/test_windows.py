"""Windows reach the app, counted and guarded, and their messages are compressed when it pays."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Gauge
from starlette.websockets import WebSocketDisconnect
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode

from backend.web.windows import SMALL, Sparing, SparingFactory, WindowProtocol, Windows, counted


def agree() -> tuple[Sparing, Any]:
    """Both ends of a window, as a browser asks for them."""
    browser = ClientPerMessageDeflateFactory(client_max_window_bits=True)
    told, ours = SparingFactory().process_request_params(browser.get_request_params(), [])
    assert isinstance(ours, Sparing)
    return ours, browser.process_response_params(told, [])


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, 50_000])
def test_both_ways_say_the_same_whatever_the_size(size: int) -> None:
    ours, theirs = agree()
    for turn in range(3):  # nothing of one message is needed to read the next
        data = (b"%d abcdefgh " % turn * size)[:size]
        sent = ours.encode(Frame(Opcode.BINARY, data))
        assert bytes(theirs.decode(sent).data) == data
        assert sent.rsv1 is (size >= SMALL)
        back = ours.decode(theirs.encode(Frame(Opcode.BINARY, data)), max_size=100_000)
        assert bytes(back.data) == data


def test_a_large_message_is_small_on_the_wire_and_leaves_no_compressor() -> None:
    ours, _ = agree()
    sent = ours.encode(Frame(Opcode.BINARY, b"the same words again " * 500))
    assert len(sent.data) < 500
    kept = [value for value in vars(ours).values() if isinstance(value, type(zlib.compressobj()))]
    assert kept == []


def test_uvicorn_takes_our_way_of_compressing() -> None:
    async def scenario() -> None:
        config = Config(app=lambda: None, ws=WindowProtocol)
        config.load()
        protocol = WindowProtocol(config=config, server_state=ServerState(), app_state={})
        (factory,) = protocol.conn.available_extensions
        assert isinstance(factory, SparingFactory)

    asyncio.run(scenario())


def test_windows_go_by_their_door_and_the_rest_does_not() -> None:
    went: list[tuple[str, str]] = []

    def place(name: str) -> Any:
        async def app(scope: Any, _receive: Any, _send: Any) -> None:
            went.append((name, scope["type"]))

        return app

    windows = Windows(place("rest"), place("door"), "/ws")
    for scope in (
        {"type": "lifespan"}, {"type": "http", "path": "/ws"},
        {"type": "websocket", "path": "/other"}, {"type": "websocket", "path": "/ws"},
    ):  # fmt: skip
        asyncio.run(windows(scope, None, None))  # type: ignore[arg-type]
    assert went == [
        ("rest", "lifespan"), ("rest", "http"), ("rest", "websocket"), ("door", "websocket"),
    ]  # fmt: skip


def test_open_windows_are_counted_and_one_that_left_is_no_error() -> None:
    open_now = Gauge("windows_of_a_test", "Windows.", registry=CollectorRegistry())
    seen: list[float] = []

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(open_now._value.get())
        raise WebSocketDisconnect(1001)

    serve = counted(app, open_now)
    asyncio.run(serve({"type": "websocket"}, None, None))  # type: ignore[arg-type]
    assert (seen, open_now._value.get()) == ([1.0], 0.0)
