"""What people do, mixed: most type; some check what it comes to, read their history, sign in, send.

Each act counts from the moment it was due until the screen shows what it was for, as Flet's client
would be told it.
"""

from __future__ import annotations

import asyncio
import random
import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter

import httpx

from bench.load import EVENT, WAIT, Visitor
from tests.support.world import PASSWORD

PERIOD = "2026-10"
AMOUNTS = f"/declare/{PERIOD}/amounts"
FIELD = "Vente de marchandises"
SHARES = {"type": 84, "check": 6, "read": 6, "sign in": 3, "send": 1}  # of a hundred acts
CHECKED, READ, HOME, SENT = "ligne par ligne", "Exporter en CSV", "Votre année", "Reçue le"
SEND = "Envoyer la déclaration"


@dataclass
class Place:
    """A window on the screen of the amounts, and its field."""

    window: Visitor
    field: int
    busy: bool = False


@dataclass
class Mix:
    """People who do things at a steady rate."""

    url: str
    places: list[Place]
    addresses: list[str]
    """E-mail addresses of people who may sign in; each does once."""
    seed: int = 1
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds of each act."""
    late: int = 0
    """Acts due that nobody was free to do: the app was not keeping up."""
    failed: int = 0

    async def run(self, rate: float, seconds: float) -> None:
        """`rate` acts a second."""
        pick = random.Random(self.seed)
        doing: dict[str, Callable[[Place], Awaitable[None]]] = {
            "type": self._type, "check": self._check, "read": self._read, "send": self._send,
        }  # fmt: skip
        names, weights = list(SHARES), list(SHARES.values())
        tasks = []
        began = perf_counter()
        async with httpx.AsyncClient(base_url=self.url, timeout=WAIT) as client:
            for number in range(int(rate * seconds)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - perf_counter()))
                name = pick.choices(names, weights)[0]
                if name == "sign in":
                    tasks.append(asyncio.create_task(self._sign_in(client, due)))
                    continue
                place = next(
                    (p for p in (pick.choice(self.places) for _ in range(20)) if not p.busy), None
                )
                if place is None:
                    self.late += 1
                    continue
                place.busy = True
                tasks.append(asyncio.create_task(self._one(name, doing[name], place, due)))
            await asyncio.gather(*tasks)

    async def _one(
        self, name: str, do: Callable[[Place], Awaitable[None]], place: Place, due: float
    ) -> None:
        try:
            await do(place)
            self.times[name].append((perf_counter() - due) * 1000)
            if name in ("check", "read"):
                await self._back(place)
            place.busy = name == "send"  # sent: this person is done
        except TimeoutError:
            self.failed += 1  # left busy: where it is is not known
            self.times[name].append(WAIT * 1000)

    async def _type(self, place: Place) -> None:
        await place.window.keystroke(place.field, place.window.another(7))

    async def _check(self, place: Place) -> None:
        await self._type(place)  # there is nothing to check before an amount
        await self._go(place, f"/declare/{PERIOD}/check", CHECKED)

    async def _read(self, place: Place) -> None:
        await self._go(place, "/history", READ)

    async def _send(self, place: Place) -> None:
        window = place.window
        await self._type(place)
        window.tree.clear()
        window.quiet = False
        await self._go(place, f"/declare/{PERIOD}/check", CHECKED)
        button = await window.find("FilledButton", SEND)
        sent = window.listen(SENT)
        await window.send(EVENT, {"target": button, "name": "click", "data": None})
        async with asyncio.timeout(WAIT):
            await sent.wait()
        window.tree.clear()
        window.quiet = True

    async def _go(self, place: Place, route: str, words: str) -> None:
        seen = place.window.listen(words)
        await place.window.go(route)
        async with asyncio.timeout(WAIT):
            await seen.wait()

    async def _back(self, place: Place) -> None:
        window = place.window
        window.tree.clear()
        window.quiet = False
        await window.go(AMOUNTS)
        place.field = await window.find("TextField", FIELD)
        window.quiet = True
        window.tree.clear()

    async def _sign_in(self, client: httpx.AsyncClient, due: float) -> None:
        if not self.addresses:
            return
        asked = {"email": self.addresses.pop(), "password": PASSWORD}
        window = None
        try:
            answer = await client.post("/api/v1/sessions", json=asked)
            answer.raise_for_status()
            window = Visitor(self.url, answer.json()["token"], quiet=True)
            seen = window.listen(HOME)
            await window.open("/home")
            async with asyncio.timeout(WAIT):
                await seen.wait()
            self.times["sign in"].append((perf_counter() - due) * 1000)
        except (TimeoutError, httpx.HTTPError):
            self.failed += 1
            self.times["sign in"].append(WAIT * 1000)
        if window is not None:
            await window.close()

    def told(self) -> dict[str, tuple[float, float]]:
        """Median and p99 of each act, in milliseconds; of all of them under "all"."""
        every = {name: times for name, times in self.times.items() if times}
        if every:
            every["all"] = [one for times in every.values() for one in times]
        return {name: (statistics.median(t), _p99(t)) for name, t in every.items()}


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98] if len(times) > 1 else times[0]
