"""A window of the served app: Flet's, holding nothing once it is sent."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any


class Inbox:
    """Messages for one reader, in order: what Flet asks of an `asyncio.Queue`, without the three
    queues and the event which that one keeps for readers and writers that wait."""

    __slots__ = ("_kept", "_reader")

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def __bool__(self) -> bool:
        return bool(self._kept)

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


class _Unregistered(Exception):
    """A connection ended before it said whose it was."""


@cache
def window_class() -> type[Any]:
    """Flet's window on a websocket, made when asked: a phone has no such window. Flet's keeps the
    last message sent, a whole screen, until the next one: this one waits for hours without it. And
    a page whose network changed comes back to its own (assets/back.js): both ends count what they
    said and heard, so that nothing typed is lost, said twice, or answered to nobody."""
    from flet.messaging.protocol import MessageAction
    from flet_web.fastapi import FletApp, app_manager
    from starlette.websockets import WebSocketDisconnect

    register = MessageAction.REGISTER_CLIENT.value

    class Window(FletApp):
        # Names as Python makes them of Flet's private ones; a test tells when Flet renames them.

        _FletApp__session: Any
        _FletApp__websocket: Any
        _FletApp__session_timeout_seconds: int
        _handling: asyncio.Task[Any] | None = None
        _sending: asyncio.Task[Any] | None = None
        _inbox: Inbox | None = None
        _left: Any = None
        _line = ""
        """Which page it is: one that comes back says the same, a copy of it another."""
        _sent = 0
        _received = 0
        _missed = False
        """Whether something was said that cannot have reached the page."""

        async def handle(self, websocket: Any) -> None:
            """Serve one connection. Once it ended, its session keeps this window, which notes
            whether anything more is said, until the page comes back or the session is given up."""
            self._handling = asyncio.current_task()
            self._line = websocket.query_params.get("line", "")[:32]
            session = None
            try:
                await super().handle(websocket)
                session = self._left
            except _Unregistered:
                pass
            except asyncio.CancelledError:
                if self._handling is not None:  # by another than `_leave`
                    raise
            finally:
                self._handling = self._sending = self._left = None
            if session is not None and session.connection is None:
                session._Session__conn = self

        async def _FletApp__receive_loop(self) -> None:
            await super()._FletApp__receive_loop()
            session = self._left = self._FletApp__session
            if session is None:  # Flet would wait for ever for its other loop
                assert self._inbox is not None
                self._inbox.put_nowait(None)
                raise _Unregistered
            self._missed |= bool(session._Session__pending_updates)

        async def _FletApp__on_message(self, data: Any) -> None:
            if data[0] == register and await self._comes_back(**data[1]):
                return
            self._received += 1
            await super()._FletApp__on_message(data)

        async def _comes_back(
            self, session_id: Any = None, heard: int | None = None, **_page: Any
        ) -> bool:
            """Whether it is a page that heard so many messages of the session it comes back to. It
            is answered how many of its own arrived, or nothing where it has to open afresh."""
            key = self._FletApp__get_unique_session_id(session_id)
            session = await app_manager.get_session(key)
            former = session.connection if session is not None else None
            if heard is None:
                # Free for a page that opens, where it opens whence the last one left.
                here = self._FletApp__client_ip
                if former and former._handling is None and former._FletApp__client_ip == here:
                    session._Session__conn = None
                return False
            if former is None or not self._line or former._line != self._line:
                await self._FletApp__websocket.send_text("{}")
                return True
            if former._handling is not None:  # nobody told it that its network is gone
                await former._leave(session, key)
            self._sent, self._received = former._sent, former._received
            self._missed = former._missed or heard != former._sent
            await self._FletApp__websocket.send_text(
                json.dumps({"had": self._received, "missed": self._missed})
            )
            self._FletApp__session = session
            await app_manager.reconnect_session(key, self)
            return True

        async def _leave(self, session: Any, key: str) -> None:
            """Give the session up to the connection that comes back for it."""
            tasks = [task for task in (self._handling, self._sending) if task is not None]
            self._handling = None
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._missed |= bool(self._inbox or session._Session__pending_updates)
            self._FletApp__websocket = self._inbox = None
            await app_manager.disconnect_session(key, self._FletApp__session_timeout_seconds)

        def _FletApp__get_unique_session_id(self, session_id: Any) -> str:
            # Without the address: it changes on the way, and a page that comes back says its line.
            return f"{self.page_name}_{session_id}_{self._FletApp__client_user_agent}"

        def send_message(self, message: Any) -> None:
            if self._inbox is None:
                self._missed = True
            else:
                super().send_message(message)

        @property
        def _FletApp__send_queue(self) -> Inbox | None:
            return self._inbox

        @_FletApp__send_queue.setter
        def _FletApp__send_queue(self, queue: object) -> None:
            self._inbox = None if queue is None else Inbox()

        async def _FletApp__send_loop(self) -> None:
            self._sending = asyncio.current_task()
            inbox, websocket = self._inbox, self._FletApp__websocket
            assert inbox is not None
            try:
                while await _sent(inbox, websocket):
                    self._sent += 1
            except (OSError, RuntimeError, WebSocketDisconnect):
                # Cut as it was written to: what waits is lost too. An error here would leave the
                # session taken for ever.
                self._missed = True
                while await inbox.get() is not None:
                    pass
            self._FletApp__websocket = None
            self._inbox = None

    return Window


async def _sent(inbox: Inbox, websocket: Any) -> bool:
    message = await inbox.get()
    if message is not None:
        await websocket.send_bytes(message)
    return message is not None
