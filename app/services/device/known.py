"""The last known state: each answer to a GET, kept with its date, by path."""

from __future__ import annotations

import datetime as dt

import httpx
from pydantic import BaseModel, ValidationError

from app.services.device.store import Store

PREFIX = "known/"
SYNCED = "synced/at"
EVERY = dt.timedelta(minutes=1)
FOR_ALL = "/rates/"
"""What the service says alike to everybody: its reader keeps one for the whole process, and a
store that ends with it need not keep one for each person."""


async def synced_at(store: Store) -> dt.datetime | None:
    """When the service last answered, to the minute."""
    raw = await store.get(SYNCED)
    return None if raw is None else dt.datetime.fromisoformat(raw.decode())


class _Kept(BaseModel):
    read_at: dt.datetime
    etag: str = ""
    body: str


class Known:
    """Answers kept on the device, any route alike."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._synced: dt.datetime | None = None

    async def keep(self, path: str, response: httpx.Response) -> None:
        """Keep an answer, if it is JSON; a file is not kept, nor what the process keeps."""
        if "json" not in response.headers.get("content-type", ""):
            return
        if not self.store.lasting and path.startswith(FOR_ALL):
            return
        now = dt.datetime.now(dt.UTC)
        kept = _Kept(
            read_at=now, etag=response.headers.get("etag", ""),
            body=response.text,
        )  # fmt: skip
        await self.store.put(PREFIX + path, kept.model_dump_json().encode())
        if self._synced is None or now - self._synced >= EVERY:
            self._synced = now
            await self.store.put(SYNCED, now.isoformat().encode())

    async def has(self, path: str) -> bool:
        """True when an answer is kept for a path."""
        return await self.store.get(PREFIX + path) is not None

    async def find(self, path: str) -> tuple[httpx.Response, dt.datetime] | None:
        """The answer kept for a path and when it was read."""
        raw = await self.store.get(PREFIX + path)
        if raw is None:
            return None
        try:
            kept = _Kept.model_validate_json(raw)
        except ValidationError:  # written by another version of the app
            return None
        headers = {"content-type": "application/json"} | ({"etag": kept.etag} if kept.etag else {})
        return httpx.Response(200, headers=headers, text=kept.body), kept.read_at

    async def forget(self) -> None:
        """Forget every answer (somebody else signs in)."""
        for name in await self.store.list(PREFIX):
            await self.store.delete(name)
