"""The lock of this device: closed by idleness, by the person or by another window; opened by a
code; erased after ten wrong ones. While it is closed, what reads or writes the device waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

import flet as ft

from app.services.backend import Backend, BackendError, Offline, Problem
from app.services.device.keys import Record, Vault, vault_of
from app.services.device.store import Closed, Store
from contract.device_keys import TRIES, DeviceKeyAsk, DeviceKeyMade, DeviceKeyRelease
from contract.problem import ProblemCode

IDLE = 300.0
"""Seconds without activity before it locks."""
TOLD_EVERY = 20.0
"""Seconds between two signs of activity to the other windows."""
PATIENCE = 6.0
"""Seconds to wait for the collector when the code can open without it."""


class State(StrEnum):
    """Where the lock stands."""

    NONE = "none"  # no code is set
    OPEN = "open"
    LOCKED = "locked"


class PinWrong(Exception):
    """Not the code; `left` tries before this device erases itself."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class NeedsNetwork(Exception):
    """The code was chosen to open with the collector's half only, and there is no answer."""


class Unknown(Exception):
    """The collector does not know this device: the code cannot be checked."""


class Erased(Exception):
    """Too many wrong codes, or revoked from another device: nothing is kept here any more."""


@ft.observable
@dataclass(eq=False)
class LockView:
    """What the screens follow."""

    state: State = State.NONE
    erased: str = ""
    """Why the device erased itself: "" it did not, "tries", "revoked"."""

    @property
    def locked(self) -> bool:
        """True while nothing may be shown."""
        return self.state is State.LOCKED


class Biometrics(Protocol):
    """The system's own recognition of the person (fingerprint, face)."""

    async def available(self) -> bool:
        """True when this device has it, and the person is enrolled."""

    async def ask(self, reason: str) -> bool:
        """True when the system recognised the person."""


async def _nothing() -> None:
    return None


class Lock:
    """The lock of one page. `keep` saves what is typed before it closes; `forgotten` is told that
    everything here was erased; `opened` that what is kept can be read."""

    def __init__(
        self, backend: Backend, store: Store, vault: Vault | None,
        clock: Callable[[], float] = time.time, idle: float = IDLE,
    ) -> None:  # fmt: skip
        self.backend = backend
        self.store = store
        self.vault = vault
        self.view = LockView()
        self.keep: Callable[[], Awaitable[None]] = _nothing
        self.opened: Callable[[], Awaitable[None]] = _nothing
        self.forgotten: Callable[[], Awaitable[None]] = _nothing
        self.biometrics: Biometrics | None = None
        self.life = 0
        """Raised when everything is erased: what waited to be written before is dropped."""
        self._clock = clock
        self._idle = idle
        self._last = clock()
        self._told = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._leave: Callable[[], None] = lambda: None

    # -- life ------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read whether a code is set: then the device is locked. Called before anything is read."""
        if self.vault is None:
            return
        self._leave = self.vault.listen(self, self._heard)
        if await self.vault.record() is not None:
            self._shut()

    def stop(self) -> None:
        """The page is gone."""
        self._leave()
        for task in [self._watch, *self._tasks]:
            if task is not None:
                task.cancel()

    async def record(self) -> Record | None:
        """The code that is set, if any."""
        return await self.vault.record() if self.vault is not None else None

    @cached_property
    def _gate(self) -> asyncio.Event:
        gate = asyncio.Event()
        gate.set()
        return gate

    async def gate(self) -> bool:
        """Wait until what is kept may be read; False when it was erased meanwhile."""
        if self.vault is None:
            return True  # a server keeps nothing of a device, and has many of these
        life = self.life
        await self._gate.wait()
        return life == self.life

    def shut_out(self) -> None:
        """The key changed under this page: another window set a code."""
        if self.view.state is not State.LOCKED:
            self._shut()

    def _shut(self) -> None:
        self._gate.clear()
        self.view.state = State.LOCKED
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    # -- setting a code --------------------------------------------------------------------------

    async def set_code(self, code: str, offline: bool, biometric: bool = False) -> None:
        """Put a code on this device, or another in its place. Raises Offline or Problem."""
        assert self.vault is not None
        former = await self.vault.record()
        proof = await self.vault.derive(code, fresh=True)
        made: DeviceKeyMade = await self.backend.send(
            DeviceKeyMade, "POST", "/device-keys", DeviceKeyAsk(proof=proof)
        )
        await self.vault.protect(made.id, made.half, offline, biometric)
        self.vault.tell(self, "changed")
        self._open()
        if former is not None:
            await self.revoke(former.id)

    async def remove_code(self) -> None:
        """Take the code away (it was just typed)."""
        assert self.vault is not None
        former = await self.vault.record()
        await self.vault.unprotect()
        self._quiet()
        self.vault.tell(self, "changed")
        if former is not None:
            await self.revoke(former.id)

    async def leave(self) -> None:
        """Before signing out: the collector forgets its half, if it can be told."""
        found = await self.record()
        if found is not None:
            await self.revoke(found.id)

    async def revoke(self, key_id: str) -> None:
        """The collector destroys its half of a key, if it can be told."""
        with suppress(BackendError):  # unreachable: the half alone opens nothing
            await self.backend.send(None, "DELETE", f"/device-keys/{key_id}")

    # -- locking ---------------------------------------------------------------------------------

    async def lock(self, tell: bool = True) -> None:
        """Close, what is typed being kept first."""
        if self.view.state is not State.OPEN or self.vault is None:
            return
        await self.keep()
        self._shut()
        await self.vault.close()
        if tell:
            self.vault.tell(self, "locked")

    def touch(self) -> None:
        """The person did something."""
        if self.view.state is not State.OPEN or self.vault is None:
            return
        self._last = now = self._clock()
        if now - self._told >= TOLD_EVERY:
            self._told = now
            self.vault.tell(self, "active")

    async def check(self) -> None:
        """Lock if nothing was done for long (a device that slept, too)."""
        if self._clock() - self._last >= self._idle:
            await self.lock()

    async def _watching(self) -> None:
        while self.view.state is State.OPEN:
            left = self._last + self._idle - self._clock()
            if left <= 0:
                self._watch = None  # not to be cancelled by what it does
                await self.lock()
                return
            await asyncio.sleep(left)

    # -- opening ---------------------------------------------------------------------------------

    async def unlock(self, code: str) -> None:
        """Open with a code. Raises PinWrong, NeedsNetwork, Unknown, Erased, Problem (throttled)."""
        assert self.vault is not None
        record = await self.vault.record()
        if record is None:  # taken away in another window
            await self._let_in()
            return
        proof = await self.vault.derive(code, fresh=False)
        # Counted before it is looked at: closing the window gives no try back.
        tries = await self.vault.count(1)
        half, answered = "", True
        try:
            half = await self._half(record, proof)
        except Offline:
            answered = False
        except Problem as problem:
            if problem.code is ProblemCode.PIN_WRONG:
                left = min(int(problem.extra.get("left", TRIES)), TRIES - tries)
                await self._refused(left)
            if problem.code is ProblemCode.DEVICE_REVOKED:
                await self.erase("tries" if tries >= TRIES else "revoked")
                raise Erased from None
            if problem.code is not ProblemCode.NOT_FOUND and problem.status < 500:
                await self._give_back(tries)
                raise
        if not half and not record.offline:
            await self._give_back(tries)
            raise Unknown if answered else NeedsNetwork
        if not await self.vault.open(half):
            await self._refused(TRIES - tries)
        await self.vault.count(0)
        await self._let_in()

    async def _half(self, record: Record, proof: str) -> str:
        sending = self.backend.send(
            DeviceKeyMade, "POST", f"/device-keys/{record.id}/release",
            DeviceKeyRelease(proof=proof),
        )  # fmt: skip
        try:
            made: DeviceKeyMade = await asyncio.wait_for(
                sending, PATIENCE if record.offline else None
            )
        except TimeoutError:
            raise Offline("timeout") from None
        return made.half

    async def _give_back(self, tries: int) -> None:
        assert self.vault is not None
        # 0 forgives them all, so that one try becomes none.
        await self.vault.count(-1 if tries > 1 else 0)

    async def _refused(self, left: int) -> None:
        if left > 0:
            raise PinWrong(left)
        await self.erase("tries")
        raise Erased

    async def unlock_by_body(self, reason: str) -> bool:
        """Open because the system recognised the person, where they chose so."""
        if self.vault is None or self.biometrics is None or not await self.vault.open_by_body():
            return False
        if not await self.biometrics.ask(reason):
            return False
        await self._let_in()
        return True

    async def _let_in(self) -> None:
        if await self.record() is None:
            self._quiet()
        else:
            self._open(watched=False)
        # What is read while it opens is the person's doing: idleness counts from its end.
        await self.opened()
        if self.view.state is State.OPEN:
            self._open()

    def _open(self, watched: bool = True) -> None:
        self._last = self._clock()
        self.view.erased = ""
        self.view.state = State.OPEN
        self._gate.set()
        if watched and (self._watch is None or self._watch.done()):
            self._watch = asyncio.get_running_loop().create_task(self._watching())

    def _quiet(self) -> None:
        self.view.state = State.NONE
        self._gate.set()

    # -- erasing ---------------------------------------------------------------------------------

    async def erase(self, why: str = "") -> None:
        """Forget everything that this device keeps, the code too."""
        await self.store.erase()
        await self.was_erased(why)

    async def was_erased(self, why: str = "", tell: bool = True) -> None:
        """Everything was erased, here or in another window: nobody is signed in any more."""
        self.life += 1
        # Away from the screens first: they are hidden until the lock is gone.
        await self.forgotten()
        await self.reset(why, tell)

    async def reset(self, why: str = "", tell: bool = True) -> None:
        """Nothing is kept any more, and no code is set."""
        self.life += 1
        self.view.erased = why
        if self.vault is not None:
            await self.vault.close()
            if tell:
                self.vault.tell(self, "erased")
        self._quiet()

    # -- other windows ---------------------------------------------------------------------------

    def _heard(self, name: str) -> None:
        act: Callable[[], Awaitable[Any]] | None = {
            "locked": lambda: self.lock(tell=False),
            "changed": self._changed,
            "erased": lambda: self.was_erased(tell=False),
        }.get(name)
        if name == "active":
            self._last = self._clock()
        if act is not None:
            task = asyncio.get_running_loop().create_task(_run(act))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _changed(self) -> None:
        if await self.record() is None:
            if self.view.state is not State.NONE:
                await self._let_in()
            return
        if self.view.state is State.NONE:
            # What is typed is written by who holds the new key, once the code is typed here.
            self._shut()
        else:
            await self.lock(tell=False)


async def _run(act: Callable[[], Awaitable[Any]]) -> None:
    await act()


class LockedStore:
    """A store behind the lock: reading and writing wait until it opens; names and sizes, which are
    not secret, do not."""

    def __init__(self, inner: Store, lock: Lock) -> None:
        self._inner = inner
        self._lock = lock

    @property
    def lasting(self) -> bool:
        """As Store."""
        return self._inner.lasting

    async def get(self, name: str) -> bytes | None:
        """As Store; None when it was erased while waiting."""
        while await self._lock.gate():
            try:
                return await self._inner.get(name)
            except Closed:
                self._lock.shut_out()
        return None

    async def put(self, name: str, value: bytes) -> None:
        """As Store; nothing is written when everything was erased while waiting."""
        while await self._lock.gate():
            try:
                await self._inner.put(name, value)
            except Closed:
                self._lock.shut_out()
            else:
                return

    async def delete(self, name: str) -> None:
        """As Store."""
        await self._inner.delete(name)

    async def list(self, prefix: str = "") -> list[str]:
        """As Store."""
        return await self._inner.list(prefix)

    async def size(self) -> int:
        """As Store."""
        return await self._inner.size()

    async def erase(self) -> None:
        """As Store."""
        await self._inner.erase()
        await self._lock.reset()

    async def claim(self, name: str) -> bool:
        """As Store."""
        return await self._inner.claim(name)

    async def release(self, name: str) -> None:
        """As Store."""
        await self._inner.release(name)


def build_lock(backend: Backend, store: Store) -> tuple[Lock, LockedStore]:
    """The lock of a store, and the store behind it."""
    lock = Lock(backend, store, vault_of(store))
    return lock, LockedStore(store, lock)
