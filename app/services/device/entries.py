"""Entries written and not yet received: written down first, then sent, once each, in order.

Every screen writes through `Backend.put_entry` and `put_entries`, and reads through
`Backend.entries`: with an outbox, what waits is already in what they read.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import flet as ft
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.services.backend import Backend, Offline, Problem
from app.services.device.network import pause_after
from app.services.device.outbox import LATER, State
from app.services.device.store import Store
from contract.entries import Entry, EntryIn
from contract.problem import FieldProblem, ProblemCode

PREFIX = "entries/"
CLAIM = "entries"


class Write(BaseModel):
    """One write as the person made it. Its identifiers and versions make a second sending
    harmless."""

    account_id: str
    number: int
    """Order of writing on this device."""
    entries: list[EntryIn]
    single: bool
    written_at: dt.datetime
    state: State = State.READY
    code: str = ""
    errors: list[FieldProblem] = []
    kept: list[Entry] = []
    """What the collector holds in place of what was changed elsewhere."""

    @property
    def name(self) -> str:
        """Where it is kept: the order of names is the order of writing."""
        return f"{PREFIX}{self.account_id}/{self.number:012}"

    @property
    def ids(self) -> set[str]:
        """Identifiers of its entries."""
        return {entry.id for entry in self.entries}


@ft.observable
@dataclass(eq=False)
class Unsent:
    """What waits and what was refused, oldest first, for the screens."""

    ready: list[Write] = field(default_factory=list)
    refused: list[Write] = field(default_factory=list)

    def ids(self, account_id: str) -> set[str]:
        """Identifiers of the entries of an account that are not received."""
        writes = [*self.ready, *self.refused]
        return {name for w in writes if w.account_id == account_id for name in w.ids}


class EntryOutbox:
    """Sends what is written. One page at a time (a claim), one write at a time, and only for the
    accounts of who is signed in."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        mine: Callable[[], set[str]],
        pause: Callable[[int], float] = pause_after,
    ) -> None:
        self.backend = backend
        self.store = store
        self.unsent = Unsent()
        self._mine = mine
        self._pause = pause
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._kept: list[Write] = []
        self._now: set[str] = set()
        """Writes that a screen is waiting for: not told as waiting."""
        self._replaced: set[str] = set()
        """Refused writes that a screen is writing anew."""

    # -- what screens do -------------------------------------------------------------------------

    async def write(
        self, account_id: str, entries: Sequence[EntryIn], single: bool = False
    ) -> list[Entry]:
        """Write entries down, then send them behind what waits. Without a network, the answer is
        what the collector will say when it has them. Raises Problem when this write is refused
        now: nothing of it waits then. What was refused before of these entries is replaced."""
        await self.load()
        write = Write(
            account_id=account_id, number=await self._next(), entries=list(entries),
            single=single, written_at=dt.datetime.now(dt.UTC),
        )  # fmt: skip
        old = {
            other.name for other in self._kept
            if other.state is State.REFUSED
            and other.account_id == account_id and other.ids <= write.ids
        }  # fmt: skip
        self._now.add(write.name)
        self._replaced |= old
        try:
            await self.store.put(write.name, write.model_dump_json().encode())
            down = self.backend.network is not None and self.backend.network.down
            answer = None if down else (await self._flush(asked=write.name))[1]
            # Refused: what was refused before stays, beside what the screen still holds.
            for name in {write.name} if isinstance(answer, Problem) else old:
                await self.store.delete(name)
        finally:
            self._now.discard(write.name)
            self._replaced -= old
            await self.load()
        if isinstance(answer, Problem):
            raise answer
        if answer is None:
            self.start()
            return [_expected(entry, write) for entry in entries]
        return answer

    def laid_over(self, account_id: str, entries: Sequence[Entry]) -> list[Entry]:
        """`entries` as they will be once what waits, and what was refused, is received."""
        found = {entry.id: entry for entry in entries}
        for write in self._kept:
            if write.account_id != account_id:
                continue
            for entry in write.entries:
                found.pop(entry.id, None)
                if not entry.deleted:
                    found[entry.id] = _expected(entry, write)
        return list(found.values())

    def waits(self, account_id: str, name: str) -> bool:
        """Whether an entry is not received yet."""
        return name in self.unsent.ids(account_id)

    async def ready(self) -> None:
        """Send what waits before something is read, if the network seems there."""
        if self.unsent.ready and not (self.backend.network and self.backend.network.down):
            await self.flush()

    async def flush(self) -> bool:
        """Send what waits, oldest first. True when nothing waits any more."""
        return (await self._flush())[0]

    async def drop(self, write: Write) -> None:
        """Give a write up: the collector's stands."""
        await self.store.delete(write.name)
        await self.load()

    async def insist(self, write: Write) -> None:
        """Send a refused write again, on the versions that the collector holds now."""
        versions = {entry.id: entry.version for entry in write.kept}
        again = [
            entry.model_copy(update={"base": versions.get(entry.id, entry.base)})
            for entry in write.entries
        ]
        ready = write.model_copy(
            update={"entries": again, "state": State.READY, "code": "", "errors": [], "kept": []}
        )
        await self.store.put(ready.name, ready.model_dump_json().encode())
        await self.flush()
        if self.unsent.ready:
            self.start()

    # -- the work --------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read what is kept (another page may have sent or added)."""
        mine, found = self._mine(), []
        for name in await self.store.list(PREFIX):
            raw = await self.store.get(name)
            if raw is None:
                continue
            try:
                write = Write.model_validate_json(raw)
            except ValidationError:
                continue  # of another version of the app: kept
            if write.account_id in mine:
                found.append(write)
        self._kept = sorted(found, key=lambda write: write.number)
        ready = [w for w in self._kept if w.state is State.READY and w.name not in self._now]
        refused = [write for write in self._kept if write.state is State.REFUSED]
        if ready != self.unsent.ready:
            self.unsent.ready = ready
        if refused != self.unsent.refused:
            self.unsent.refused = refused

    async def _next(self) -> int:
        names = await self.store.list(PREFIX)
        return max((int(name.rsplit("/", 1)[1]) for name in names), default=0) + 1

    async def _flush(self, asked: str = "") -> tuple[bool, list[Entry] | Problem | None]:
        """Whether nothing waits any more, and what became of the write `asked`."""
        async with self._turn:
            if not await self.store.claim(CLAIM):
                return False, None
            try:
                return await self._send_all(asked)
            finally:
                await self.store.release(CLAIM)
                await self.load()

    async def _send_all(self, asked: str) -> tuple[bool, list[Entry] | Problem | None]:
        answer: list[Entry] | Problem | None = None
        while True:
            await self.load()
            held = {
                name for w in self._kept
                if w.state is State.REFUSED and w.name not in self._replaced for name in w.ids
            }  # fmt: skip
            write = next((w for w in self._kept if w.state is State.READY), None)
            if write is None:
                return True, answer
            try:
                if write.ids & held:  # it was made on what was refused
                    raise Problem.of(ProblemCode.ENTRY_CHANGED)
                kept = await self._send(write)
            except Problem as problem:
                refused = write.model_copy(
                    update={
                        "state": State.REFUSED, "code": problem.code.value,
                        "errors": problem.errors, "kept": _entries(problem.extra.get("kept")),
                    }
                )  # fmt: skip
                await self.store.put(write.name, refused.model_dump_json().encode())
                if write.name == asked:
                    return False, problem
                continue
            if kept is None:
                return False, answer
            await self.store.delete(write.name)
            if write.name == asked:
                answer = kept

    async def _send(self, write: Write) -> list[Entry] | None:
        """Send one write; None when no answer says what became of it."""
        try:
            return await self.backend.send_entries(write.account_id, write.entries, write.single)
        except Offline:
            return None
        except Problem as problem:
            if problem.status >= 500 or problem.status == 429 or problem.code in LATER:
                return None
            raise

    def start(self) -> None:
        """Try again, later and later, until nothing waits."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._again())

    async def _again(self) -> None:
        failures = 0
        while self.unsent.ready:
            await asyncio.sleep(self._pause(failures))
            failures += 1
            await self.flush()

    def stop(self) -> None:
        """The page is gone."""
        if self._task is not None:
            self._task.cancel()
            self._task = None


def _expected(entry: EntryIn, write: Write) -> Entry:
    """An entry as the collector will answer it; as it was before, when it was refused."""
    version = (entry.base or 0) + (1 if write.state is State.READY else 0)
    return Entry(
        id=entry.id, kind=entry.kind, data=entry.data, version=version, deleted=entry.deleted,
        changed_at=write.written_at,
    )  # fmt: skip


def _entries(raw: Any) -> list[Entry]:
    try:
        return TypeAdapter(list[Entry]).validate_python(raw or [])
    except ValidationError:
        return []
