"""The window of the served app: what it holds, and how a page comes back to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, ClassVar
from weakref import ReferenceType, ref

import flet as ft
import msgpack
from flet.messaging.session import Session
from flet_web.fastapi import FletApp, app_manager
from starlette.websockets import WebSocketDisconnect

from app.services.window import Inbox, window_class

AGENT = "a telephone"


class Line:
    """One end of a websocket, as a server holds it."""

    def __init__(self, address: str = "192.0.2.1", query: str = "line=page") -> None:
        self.client = SimpleNamespace(host=address)
        self.headers = {"user-agent": AGENT}
        self.cookies: dict[str, str] = {}
        self.url = SimpleNamespace(path="/ws")
        self.query_params = dict([query.split("=")])
        self.coming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.answers: asyncio.Queue[Any] = asyncio.Queue()
        self.broken = False

    async def accept(self) -> None:
        """Nothing to do."""

    async def receive_bytes(self) -> bytes:
        """What the page sends; nothing more once it left."""
        data = await self.coming.get()
        if data is None:
            raise WebSocketDisconnect(1006)
        return data

    async def send_bytes(self, data: bytes) -> None:
        """What the page hears."""
        if self.broken:
            self.coming.put_nowait(None)
            raise WebSocketDisconnect(1006)
        self.answers.put_nowait(msgpack.unpackb(data[1:], strict_map_key=False))

    def say(self, action: int, body: dict[str, Any]) -> None:
        """A message of the page."""
        self.coming.put_nowait(b"\x00" + msgpack.packb([action, body]))

    async def send_text(self, data: str) -> None:
        """What a page that comes back is answered."""
        self.answers.put_nowait(json.loads(data))

    async def registered(self, session: str | None = None) -> str:
        """The session that is answered to a page which opens, and says which it had."""
        self.say(1, {"session_id": session, "page_name": "", "page": {"route": "/"}})
        while True:
            action, body = await self.heard()
            if action == 1:
                return str(body["session_id"])

    async def heard(self) -> Any:
        """The next answer."""
        return await asyncio.wait_for(self.answers.get(), 10)

    async def told(self, session: str, heard: int) -> Any:
        """What is answered to a page that comes back, having heard so many messages."""
        self.say(1, {"session_id": session, "heard": heard})
        return await self.heard()

    async def settled(self, session: str) -> int:
        """How many messages the page was sent, once its screen is there."""
        window = (await held(session)).connection
        while (await self.heard())[0] != 2:
            pass
        return int(window._sent)


@asynccontextmanager
async def opened(line: Line) -> AsyncIterator[asyncio.Task[None]]:
    """The window behind a line, until it is left."""

    async def main(page: ft.Page) -> None:
        page.add(ft.Text("shown"))

    window = window_class()(
        loop=asyncio.get_running_loop(), executor=None, main=main, before_main=None
    )
    task = asyncio.create_task(window.handle(line))
    try:
        yield task
    finally:
        line.coming.put_nowait(None)
        await asyncio.wait_for(task, 10)


async def held(session: str) -> Any:
    """The session, looked up as a page's return does."""
    found = await app_manager.get_session(f"_{session}_{AGENT}")
    assert found is not None
    return found


def test_a_page_comes_back_to_its_session_from_another_address() -> None:
    async def scenario() -> None:
        line, again = Line(), Line("198.51.100.7")
        async with opened(line):
            session = await line.registered()
            heard = await line.settled(session)
            line.say(2, {"target": 1, "name": "resize", "data": None})
        assert (await held(session)).expires_at is not None
        async with opened(again):
            # Its registration and what it said since arrived.
            assert await again.told(session, heard) == {"had": 2, "missed": False}
            found = await held(session)
            assert found.expires_at is None
            found.page.controls[0].value = "changed"
            found.page.update()
            assert (await again.heard())[0] == 2

    asyncio.run(scenario())


def test_a_page_takes_its_session_back_from_a_connection_nobody_ended() -> None:
    async def scenario() -> None:
        line, again = Line(), Line("198.51.100.7")
        async with opened(line) as former:
            session = await line.registered()
            heard = await line.settled(session)
            async with opened(again):
                assert await again.told(session, heard) == {"had": 1, "missed": False}
                await asyncio.wait_for(former, 10)
                assert (await held(session)).expires_at is None
            assert (await held(session)).expires_at is not None

    asyncio.run(scenario())


def test_an_answer_lost_on_its_way_is_given_again() -> None:
    async def scenario() -> None:
        line, lost, again = Line(), Line(), Line()
        async with opened(line):
            session = await line.registered()
            heard = await line.settled(session)
        for returned in (lost, again):
            async with opened(returned):
                assert await returned.told(session, heard) == {"had": 1, "missed": False}

    asyncio.run(scenario())


def test_a_page_that_missed_something_is_told_so() -> None:
    async def scenario() -> None:
        line, again, later, last = Line(), Line(), Line(), Line()
        async with opened(line):
            session = await line.registered()
            heard = await line.settled(session)
        async with opened(again):  # the last message did not reach it
            assert (await again.told(session, heard - 1))["missed"] is True
        found = await held(session)
        found.connection._missed = False
        async with opened(later):
            assert (await later.told(session, heard))["missed"] is False
        found.page.controls[0].value = "while it was away"
        found.page.update()
        async with opened(last):
            assert (await last.told(session, heard))["missed"] is True

    asyncio.run(scenario())


def test_a_copy_of_a_page_does_not_take_its_session() -> None:
    async def scenario() -> None:
        line, copy, told = Line(), Line(query="line=another"), Line(query="line=another")
        async with opened(line) as former:
            session = await line.registered()
            heard = await line.settled(session)
            async with opened(copy):
                assert await copy.registered(session) != session
            async with opened(told):
                assert await told.told(session, heard) == {}
            assert not former.done()

    asyncio.run(scenario())


def test_a_page_that_opens_afresh_finds_the_session_it_left() -> None:
    async def scenario() -> None:
        line, reloaded = Line(), Line(query="line=another")
        async with opened(line):
            session = await line.registered()
        async with opened(reloaded):
            assert await reloaded.registered(session) == session

    asyncio.run(scenario())


def test_a_page_that_opens_elsewhere_with_the_name_of_a_session_gets_another() -> None:
    async def scenario() -> None:
        line, elsewhere = Line(), Line("198.51.100.7", "line=another")
        async with opened(line):
            session = await line.registered()
        async with opened(elsewhere):
            assert await elsewhere.registered(session) != session

    asyncio.run(scenario())


def test_a_line_cut_as_it_is_written_to_leaves_its_session_free() -> None:
    async def scenario() -> None:
        line, again = Line(), Line()
        async with opened(line) as former:
            session = await line.registered()
            heard = await line.settled(session)
            line.broken = True
            window = (await held(session)).connection
            for _ in range(2):
                window._FletApp__send_queue.put_nowait(b"lost")
            await asyncio.wait_for(former, 10)
        assert (await held(session)).expires_at is not None
        async with opened(again):
            assert (await again.told(session, heard))["missed"] is True

    asyncio.run(scenario())


def test_a_line_that_never_said_whose_it_was_ends_with_its_connection() -> None:
    async def scenario() -> None:
        line = Line()
        async with opened(line):
            pass

    asyncio.run(scenario())


def test_messages_are_read_in_order_and_waited_for() -> None:
    async def scenario() -> None:
        inbox = Inbox()
        inbox.put_nowait(1)
        await inbox.put(2)
        assert [await inbox.get(), await inbox.get()] == [1, 2]
        reading = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        assert not reading.done()
        inbox.put_nowait(3)
        inbox.put_nowait(None)
        assert await reading == 3
        assert await inbox.get() is None
        given_up = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        inbox.put_nowait(4)
        assert await inbox.get() == 4

    asyncio.run(scenario())


def test_a_window_forgets_what_it_sent() -> None:
    class Message:
        """Something that says when nobody holds it any more."""

    class Socket:
        sent: ClassVar[list[ReferenceType[Message]]] = []
        told = asyncio.Event()

        async def send_bytes(self, message: Message) -> None:
            self.sent.append(ref(message))
            self.told.set()

    async def scenario() -> None:
        window = window_class()(loop=asyncio.get_running_loop(), executor=None, main=None,
                                before_main=None)  # fmt: skip
        window._FletApp__websocket = Socket()
        window._FletApp__send_queue = asyncio.Queue()  # as Flet does when a window opens
        assert isinstance(window._FletApp__send_queue, Inbox)
        sending = asyncio.create_task(window._FletApp__send_loop())
        window._FletApp__send_queue.put_nowait(Message())
        await asyncio.wait_for(Socket.told.wait(), 10)
        await asyncio.sleep(0)  # back in the loop, which waits for the next
        assert Socket.sent[0]() is None
        assert not sending.done()
        await window._FletApp__send_queue.put(None)
        await sending
        assert window._FletApp__send_queue is window._FletApp__websocket is None

    # Names of Flet's own that `Window` answers to.
    for name in ("__send_loop", "__receive_loop", "__on_message", "__get_unique_session_id"):
        assert f"_FletApp{name}" in vars(FletApp)
    names = Session.__init__.__code__.co_names
    assert {"_Session__conn", "_Session__pending_updates"} <= set(names)
    asyncio.run(scenario())
