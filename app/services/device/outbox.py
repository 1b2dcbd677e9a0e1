"""Declarations signed and not yet received: written down first, then sent, once, in order."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import flet as ft
from pydantic import BaseModel, ValidationError

from app.services.backend import Backend, Offline, Problem
from app.services.device.network import pause_after
from app.services.device.store import Store
from contract.declarations import Receipt, Submit
from contract.problem import ProblemCode

PREFIX = "outbox/"
CLAIM = "outbox"
LATER = frozenset({ProblemCode.REQUEST_IN_PROGRESS, ProblemCode.NOT_AUTHENTICATED})
"""Refusals that say nothing of the declaration: it is sent again."""


class State(StrEnum):
    """Where a signed declaration stands."""

    READY = "ready"
    REFUSED = "refused"


class Signed(BaseModel):
    """A declaration as it was signed. Its key is that of its draft: sent twice, received once."""

    account_id: str
    period: str
    kind: str
    key: str
    submit: Submit
    due: str
    """What the person read, euros."""
    due_date: dt.date
    signed_at: dt.datetime
    state: State = State.READY
    code: str = ""
    extra: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """Where it is kept: the order of names is the order of signing."""
        return f"{PREFIX}{self.signed_at.isoformat()}/{self.account_id}/{self.period}"


@ft.observable
@dataclass(eq=False)
class Waiting:
    """What is in the outbox, for the screens."""

    ready: list[Signed] = field(default_factory=list)
    refused: list[Signed] = field(default_factory=list)


class Outbox:
    """Sends what is signed. One page at a time (a claim), one declaration at a time."""

    def __init__(
        self,
        backend: Backend,
        store: Store,
        received: Callable[[Receipt], None] = lambda _receipt: None,
        pause: Callable[[int], float] = pause_after,
    ) -> None:
        self.backend = backend
        self.store = store
        self.received = received
        self.waiting = Waiting()
        self._pause = pause
        self._task: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Read what is kept (another page may have sent or added)."""
        found: list[Signed] = []
        for name in await self.store.list(PREFIX):
            raw = await self.store.get(name)
            if raw is not None:
                try:
                    found.append(Signed.model_validate_json(raw))
                except ValidationError:
                    continue  # of another version: kept, its draft is on the backend
        ready = [one for one in found if one.state is State.READY]
        refused = [one for one in found if one.state is State.REFUSED]
        if ready != self.waiting.ready:
            self.waiting.ready = ready
        if refused != self.waiting.refused:
            self.waiting.refused = refused

    def of(self, account_id: str, period: str) -> Signed | None:
        """What waits for a period."""
        for one in [*self.waiting.ready, *self.waiting.refused]:
            if one.account_id == account_id and one.period == period:
                return one
        return None

    async def drop(self, account_id: str, period: str) -> None:
        """Take a declaration back: the person changes it, or signs it again."""
        await self.load()
        for one in [*self.waiting.ready, *self.waiting.refused]:
            if one.account_id == account_id and one.period == period:
                await self.store.delete(one.name)
        await self.load()

    async def sign(self, signed: Signed) -> Receipt | None:
        """Write a declaration down, then send it. None: it waits for the network. Raises Problem
        when it is refused; nothing waits then."""
        await self.drop(signed.account_id, signed.period)
        earlier = bool(self.waiting.ready) and not await self.flush()
        await self.store.put(signed.name, signed.model_dump_json().encode())
        if earlier:  # what was signed before goes first
            await self.load()
            self.start()
            return None
        try:
            receipt = await self._send(signed)
        except Problem:
            await self.store.delete(signed.name)
            await self.load()
            raise
        await self.load()
        if receipt is None:
            self.start()
        return receipt

    async def flush(self) -> bool:
        """Send what waits, oldest first; stops at the first that does not pass. True when nothing
        waits any more."""
        if not await self.store.claim(CLAIM):
            return False
        try:
            await self.load()
            for signed in list(self.waiting.ready):
                try:
                    if await self._send(signed) is None:
                        return False
                except Problem as problem:
                    back = signed.model_copy(
                        update={"state": State.REFUSED, "code": problem.code.value,
                                "extra": problem.extra}
                    )  # fmt: skip
                    await self.store.put(back.name, back.model_dump_json().encode())
            return True
        finally:
            await self.store.release(CLAIM)
            await self.load()

    async def _send(self, signed: Signed) -> Receipt | None:
        path = f"/accounts/{signed.account_id}/declarations/{signed.period}"
        try:
            receipt: Receipt = await self.backend.send(
                Receipt, "PUT", path, signed.submit, {"Idempotency-Key": signed.key}
            )
        except Offline:
            return None
        except Problem as problem:
            if problem.status >= 500 or problem.status == 429 or problem.code in LATER:
                return None
            raise
        await self.store.delete(signed.name)
        self.received(receipt)
        return receipt

    def start(self) -> None:
        """Try again, later and later, until nothing waits."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._again())

    async def _again(self) -> None:
        failures = 0
        while self.waiting.ready:
            await asyncio.sleep(self._pause(failures))
            failures += 1
            await self.flush()

    def stop(self) -> None:
        """The page is gone."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
