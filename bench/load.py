"""People at their windows, without windows: Flet's protocol over websockets, as its client speaks.

A frame is `\\0` and msgpack of [action, body]. Actions: 1 registers the client and answers it, 2 is
a patch of the screen, 3 an event of a control, 4 properties the client changed, 5 a method the app
calls and the client answers with 5.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

REGISTER, PATCH, EVENT, UPDATE, INVOKE = 1, 2, 3, 4, 5
PAGE = {
    "width": 412.0, "height": 915.0, "web": True, "pwa": False, "wasm": True,
    "platform": "android", "platform_brightness": "light",
}  # fmt: skip
WAIT = 20.0  # seconds a screen may take


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _dicts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _dicts(inner)


def unpack(frame: bytes) -> Any:
    """A frame as [action, body]."""
    return msgpack.unpackb(frame[1:], ext_hook=lambda *_: None, strict_map_key=False)


@dataclass
class Visitor:
    """One person's window. `tree` notes the controls told so far, by identifier."""

    url: str
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    """Beside the session's."""
    tls: ssl.SSLContext | None = None
    origin: str = ""
    """The page's, when it is not the address."""
    address: str = ""
    """This side's address, when it matters which."""
    session: str | None = None
    """The session the app gave this window, which a window that comes back names."""
    route: str = ""
    wire: ClientConnection | None = None
    tree: dict[int, dict[str, Any]] = field(default_factory=dict)
    received: int = 0
    patches: int = 0
    typed: int = 0
    quiet: bool = False
    """True once the screen is known: patches are then counted, not read."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """The other side has closed."""
    only: bytes = b""
    """Patches without these words are counted too, not read."""
    _listened: dict[bytes, asyncio.Event] = field(default_factory=dict)
    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: list[asyncio.Future[float]] = field(default_factory=list)
    _reader: asyncio.Task[None] | None = None

    async def open(self, route: str) -> None:
        """Connect, register at `route`."""
        name = f"{'__Host-' if self.tls else ''}quittance_session"
        cookies = {**self.cookies, **({name: self.token} if self.token else {})}
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())} if cookies else {}
        self.route = route
        self.wire = await connect(
            self.url.replace("http", "ws") + "/ws", origin=self.origin or self.url, max_size=None,
            additional_headers={**headers, "Accept-Language": "fr-FR"}, ping_interval=None,
            compression=None, open_timeout=WAIT,
            extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
            ssl=self.tls, **({"local_addr": (self.address, 0)} if self.address else {}),
        )  # fmt: skip
        await self.send(REGISTER, {
            "session_id": self.session, "page_name": "",
            "page": {**PAGE, "route": route, "url": self.url + route},
        })  # fmt: skip
        self.left.clear()
        self._reader = asyncio.create_task(self._read())

    async def send(self, action: int, body: Any) -> None:
        """One message to the app."""
        assert self.wire is not None
        await self.wire.send(b"\0" + msgpack.packb([action, body]))

    async def _read(self) -> None:
        assert self.wire is not None
        try:
            async for frame in self.wire:
                assert isinstance(frame, bytes)
                self.received += len(frame)
                for words in [words for words in self._listened if words in frame]:
                    self._listened.pop(words).set()
                # [array of two, action]: a patch nobody looks into costs the generator nothing.
                if frame[2] == PATCH and (self.quiet or self.only not in frame):
                    self._patched()
                    continue
                action, body = unpack(frame)
                if action == INVOKE:
                    await self._answer(body)
                    continue
                if action == REGISTER:
                    self.session = body["session_id"]
                for found in _dicts(body):
                    if "_i" in found:
                        self.tree[found["_i"]] = found
                if action == PATCH:
                    self._patched()
                self._told.set()
        except ConnectionClosed:
            pass
        self.left.set()

    def _patched(self) -> None:
        self.patches += 1
        now = perf_counter()
        for one in self._waiting:
            if not one.done():
                one.set_result(now)
        self._waiting.clear()

    async def _answer(self, call: dict[str, Any]) -> None:
        if call["name"] == "push_route":
            self.route = call["args"]["route"]
            await self.go(self.route)
        await self.send(INVOKE, {
            "control_id": call["control_id"], "call_id": call["call_id"], "result": None,
            "error": None,
        })  # fmt: skip

    async def go(self, route: str) -> None:
        """Another address, as the window's bar changes it."""
        await self.send(UPDATE, {"id": 1, "props": {"route": route}})
        await self.send(EVENT, {"target": 1, "name": "route_change", "data": {"route": route}})

    async def find(self, kind: str, words: str) -> int:
        """Wait for a control of this kind that says `words`; its identifier."""
        end = perf_counter() + WAIT
        while True:
            for number, control in list(self.tree.items()):
                if control.get("_c") == kind and any(
                    isinstance(value, str) and words in value for value in control.values()
                ):
                    return number
            self._told.clear()
            async with asyncio.timeout(max(0.01, end - perf_counter())):
                await self._told.wait()

    def listen(self, words: str) -> asyncio.Event:
        """Set once the app has sent `words` from now on, new or in place of others."""
        return self._listened.setdefault(words.encode(), asyncio.Event())

    async def keystroke(self, target: int, value: str) -> float:
        """Type `value` and wait for the screen that shows it; seconds."""
        told: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append(told)
        began = perf_counter()
        await self.send(UPDATE, {"id": target, "props": {"value": value}})
        await self.send(EVENT, {"target": target, "name": "change", "data": value})
        async with asyncio.timeout(WAIT):
            return await told - began

    def another(self, step: int) -> str:
        """An amount that this person did not just type: every keystroke then changes the screen."""
        self.typed = (self.typed + 1 + step % 300) % 700
        return str(1000 + 100 * self.typed)

    async def close(self) -> None:
        """Leave."""
        if self.wire is not None:
            await self.wire.close()
        if self._reader is not None:
            self._reader.cancel()


@dataclass(frozen=True)
class Told:
    """Latencies of a run, in milliseconds."""

    rate: float
    count: int
    p50: float
    p99: float
    late: int
    """Keystrokes due that nobody was free to type: the app was not keeping up."""


async def at_rate(
    people: list[Visitor], targets: list[int], rate: float, seconds: float, seed: int = 1
) -> Told:
    """Keystrokes at a steady rate, each by somebody chosen at random; latency counts from the
    moment it was due, so that an app that falls behind is seen to."""
    pick = random.Random(seed)
    busy: set[int] = set()
    found: list[float] = []
    late = 0
    tasks = []

    async def one(who: int, due: float) -> None:
        try:
            await people[who].keystroke(targets[who], people[who].another(pick.randrange(300)))
            found.append((perf_counter() - due) * 1000)
        except TimeoutError:
            found.append(WAIT * 1000)
        finally:
            busy.discard(who)

    began = perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        pause = due - perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        free = next((w for w in (pick.randrange(len(people)) for _ in range(20)) if w not in busy),
                    None)  # fmt: skip
        if free is None:
            late += 1
            continue
        busy.add(free)
        tasks.append(asyncio.create_task(one(free, due)))
    await asyncio.gather(*tasks)
    cut = statistics.quantiles(found, n=100) if len(found) > 1 else found * 99
    return Told(rate, len(found), statistics.median(found), cut[98], late)
