"""A device as a process: the app's own outboxes and drafts over a folder, to be killed at any
moment and started again on what it had written."""

from __future__ import annotations

import asyncio
import fcntl
import os
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from app.services.backend import Backend, Problem
from app.services.device.entries import EntryOutbox, Write
from app.services.device.known import Known
from app.services.device.network import Network
from app.services.device.outbox import Outbox, Signed
from app.services.drafts import DraftKeeper, Drafts, SaveState
from contract.entries import EntryWrite

FORM_VERSION = 1
DELAY = 0.01
BUSY = (SaveState.WAITING, SaveState.SAVING)


class FolderStore:
    """A `Store` of files: a value is there whole or not at all, as in a browser's database."""

    lasting = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._claims: dict[str, int] = {}
        self._puts = count()

    def _file(self, name: str) -> Path:
        return self.folder / ("v-" + quote(name, safe=""))

    async def get(self, name: str) -> bytes | None:
        """As Store."""
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None

    async def put(self, name: str, value: bytes) -> None:
        """As Store."""
        fresh = self.folder / f"new-{os.getpid()}-{next(self._puts)}"  # two may overlap
        fresh.write_bytes(value)
        await asyncio.sleep(0)  # a browser's database lets others run meanwhile
        os.replace(fresh, self._file(name))

    async def delete(self, name: str) -> None:
        """As Store."""
        await asyncio.sleep(0)
        self._file(name).unlink(missing_ok=True)

    async def list(self, prefix: str = "") -> list[str]:
        """As Store."""
        names = (unquote(p.name[2:]) for p in self.folder.iterdir() if p.name.startswith("v-"))
        return sorted(name for name in names if name.startswith(prefix))

    async def size(self) -> int:
        """As Store."""
        return sum(p.stat().st_size for p in self.folder.iterdir())

    async def erase(self) -> None:
        """As Store."""
        for path in self.folder.iterdir():
            path.unlink()

    async def claim(self, name: str) -> bool:
        """As Store; the claim of a killed page ends with it, as a Web Lock does."""
        if name in self._claims:
            return False
        held = os.open(self.folder / f"claim-{quote(name, safe='')}", os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            return False
        self._claims[name] = held
        return True

    async def release(self, name: str) -> None:
        """As Store."""
        held = self._claims.pop(name, None)
        if held is not None:
            os.close(held)


class Device:
    """What a page of the app holds, wired as the app wires it, without its screens."""

    def __init__(self, folder: Path, url: str, account: str) -> None:
        self.account = account
        self.store = FolderStore(folder)
        self.backend = Backend(base_url=url)
        self.backend.known, self.backend.network = Known(self.store), Network()
        self.drafts = Drafts(self.backend, DELAY, self.store)
        self.outbox = Outbox(self.backend, self.store, pause=lambda _failures: 0.05)
        self.entries = EntryOutbox(
            self.backend, self.store, lambda: {account}, pause=lambda _failures: 0.05
        )
        self.backend.outbox = self.entries

    async def sign(self, signed: dict[str, Any]) -> dict[str, Any]:
        """Sign a declaration: received, waiting, or refused."""
        try:
            receipt = await self.outbox.sign(Signed.model_validate(signed))
        except Problem as problem:
            return {"refused": problem.code.value}
        return {"receipt": None if receipt is None else receipt.model_dump(mode="json")}

    async def note(self, name: str, data: dict[str, Any], base: int | None) -> dict[str, Any]:
        """Write an entry: the version that the screen shows, or why it was refused."""
        try:
            kept = await self.backend.put_entry(
                self.account, name, EntryWrite(kind="receipt", data=data, base=base)
            )
        except Problem as problem:
            return {"refused": problem.code.value}
        return {"version": kept.version}

    async def look(self, period: str) -> dict[str, Any]:
        """Open the draft of a period anew, as a reload does."""
        self.drafts.close(self.account, period)
        keeper = await self.drafts.open(self.account, period, FORM_VERSION)
        return self._shown(keeper)

    async def type(self, period: str, answers: dict[str, str]) -> dict[str, Any]:
        """Type answers and wait until the screen says whether they are saved."""
        keeper = await self.drafts.open(self.account, period, FORM_VERSION)
        for path, raw in answers.items():
            keeper.type(path, raw)
        return await self._said(keeper)

    async def save(self, period: str) -> dict[str, Any]:
        """Save what is not saved yet, as the next step of the form does."""
        keeper = await self.drafts.open(self.account, period, FORM_VERSION)
        if keeper.mark.state is SaveState.NOT_SAVED:
            await keeper.save()
        return self._shown(keeper)

    async def choose(self, period: str, mine: bool) -> dict[str, Any]:
        """Choose between two devices."""
        keeper = await self.drafts.open(self.account, period, FORM_VERSION)
        keeper.resolve(mine)
        return await self._said(keeper)

    async def _said(self, keeper: DraftKeeper) -> dict[str, Any]:
        """What the screen shows once it says saved, not saved, or two devices."""
        while keeper.mark.state in BUSY:  # noqa: ASYNC110 a mark has no event to wait for
            await asyncio.sleep(0.002)
        return self._shown(keeper)

    def _shown(self, keeper: DraftKeeper) -> dict[str, Any]:
        return {
            "state": keeper.mark.state.value, "answers": dict(keeper.draft.answers),
            "other": None if keeper.conflict is None else dict(keeper.conflict.answers),
        }  # fmt: skip

    async def flush(self) -> dict[str, Any]:
        """Send what waits, and tell what still does and what was refused."""
        await self.outbox.flush()
        await self.entries.load()
        await self.entries.flush()
        return {
            "ready": [_figure(one) for one in self.outbox.waiting.ready],
            "refused": [_figure(one) for one in self.outbox.waiting.refused],
            "notes_ready": [_note(one) for one in self.entries.unsent.ready],
            "notes_refused": [_note(one) for one in self.entries.unsent.refused],
        }  # fmt: skip

    async def back(self, period: str) -> dict[str, Any]:
        """Take a refused declaration back."""
        await self.outbox.drop(self.account, period)
        return {}

    async def decide(self, name: str, insist: bool) -> dict[str, Any]:
        """Send a refused entry again on the version kept now, or give it up."""
        await self.entries.load()
        for write in list(self.entries.unsent.refused):
            if name in write.ids:
                await (self.entries.insist(write) if insist else self.entries.drop(write))
        return {}


def _figure(signed: Signed) -> str:
    return str(signed.submit.declaration["parts"][0]["turnover"]["vente"])


def _note(write: Write) -> dict[str, Any]:
    """What a screen shows of a write: what was written, and what is kept in its place."""
    entry = write.entries[0]
    return {
        "id": entry.id, "amount": str(entry.data["amount"]), "code": write.code,
        "kept": [{"version": one.version, "amount": str(one.data["amount"])} for one in write.kept],
    }  # fmt: skip


def live(folder: str, url: str, account: str, wire: Connection) -> None:
    """Do what is asked over `wire` until it ends: `{"do", "token", …}` in, what is shown out."""
    asyncio.run(_live(Path(folder), url, account, wire))


async def _live(folder: Path, url: str, account: str, wire: Connection) -> None:
    device = Device(folder, url, account)
    loop = asyncio.get_running_loop()
    wire.send("ready")
    while True:
        try:
            asked = await loop.run_in_executor(None, wire.recv)
        except (EOFError, OSError):
            return
        device.backend.token = asked.pop("token")
        answer = await getattr(device, asked.pop("do"))(**asked)
        wire.send(answer)
