"""A window of the served app: Flet's, holding nothing once it is sent."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any


class Inbox:
    """Messages for one reader, in order: what Flet asks of an `asyncio.Queue`, without the three
    queues and the event which that one keeps for readers and writers that wait."""

    __slots__ = ("_kept", "_reader")

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        """Leave a message."""
        self._kept.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def put(self, message: Any) -> None:
        """Leave a message; there is always room."""
        self.put_nowait(message)

    async def get(self) -> Any:
        """The next message, waited for."""
        while not self._kept:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._kept.pop(0)


@cache
def window_class() -> type[Any]:
    """Flet's window on a websocket, which keeps the last message sent, a whole screen, until the
    next one: this one waits for hours without it. Made when asked: a phone has no such window."""
    from flet_web.fastapi import FletApp

    class Window(FletApp):
        # Names as Python makes them of Flet's private ones; a test tells when Flet renames them.

        _FletApp__websocket: Any

        @property
        def _FletApp__send_queue(self) -> Inbox | None:
            return self._inbox

        @_FletApp__send_queue.setter
        def _FletApp__send_queue(self, queue: object) -> None:
            self._inbox = None if queue is None else Inbox()

        async def _FletApp__send_loop(self) -> None:
            inbox, websocket = self._inbox, self._FletApp__websocket
            assert inbox is not None
            while await _sent(inbox, websocket):
                pass
            self._FletApp__websocket = None
            self._inbox = None

    return Window


async def _sent(inbox: Inbox, websocket: Any) -> bool:
    message = await inbox.get()
    if message is not None:
        await websocket.send_bytes(message)
    return message is not None
