"""Where the app keeps things: in memory, or in the browser, encrypted. One interface for both."""

from __future__ import annotations

import zlib
from typing import Any, Protocol

from app.services import browser


class Closed(Exception):
    """The key of what is kept is locked."""


class Store(Protocol):
    """Bytes by name. Names are paths (`known/…`, `draft/…`, `outbox/…`)."""

    lasting: bool
    """True when it outlives the page."""

    async def get(self, name: str) -> bytes | None:
        """What is kept under a name, if anything."""

    async def put(self, name: str, value: bytes) -> None:
        """Keep a value; when this returns, it is written."""

    async def delete(self, name: str) -> None:
        """Forget a name; nothing happens when it is not there."""

    async def list(self, prefix: str = "") -> list[str]:
        """Names that begin so, in order."""

    async def size(self) -> int:
        """Bytes kept."""

    async def erase(self) -> None:
        """Forget everything, and the key that read it."""

    async def claim(self, name: str) -> bool:
        """Be the only page to do something; False when another page is at it."""

    async def release(self, name: str) -> None:
        """End a claim."""


LARGE = 2_000  # bytes from which a value is kept compressed


class MemoryStore:
    """As long as the page lives: the served app, and tests. A server holds one for each person:
    what is large is kept compressed."""

    lasting = False

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self._small: set[str] = set()
        self.claims: set[str] = set()

    async def get(self, name: str) -> bytes | None:
        """As Store."""
        value = self.kept.get(name)
        if value is not None and name in self._small:
            return zlib.decompress(value)
        return value

    async def put(self, name: str, value: bytes) -> None:
        """As Store."""
        self._small.discard(name)
        if len(value) >= LARGE:
            value = zlib.compress(value, 6)
            self._small.add(name)
        self.kept[name] = value

    async def delete(self, name: str) -> None:
        """As Store."""
        self.kept.pop(name, None)

    async def list(self, prefix: str = "") -> list[str]:
        """As Store."""
        return sorted(name for name in self.kept if name.startswith(prefix))

    async def size(self) -> int:
        """As Store."""
        return sum(len(value) for value in self.kept.values())

    async def erase(self) -> None:
        """As Store."""
        self.kept.clear()

    async def claim(self, name: str) -> bool:
        """As Store."""
        if name in self.claims:
            return False
        self.claims.add(name)
        return True

    async def release(self, name: str) -> None:
        """As Store."""
        self.claims.discard(name)


class BrowserStore:
    """IndexedDB, each value encrypted with AES-GCM (pocket/device.js). Raises
    browser.Unavailable outside the pocket."""

    lasting = True

    def __init__(self) -> None:
        self._door: Any = browser.module("quittance_device")

    async def get(self, name: str) -> bytes | None:
        """As Store."""
        try:
            found = await self._door.get(name)
        except Exception as error:
            raise _told(error) from None
        return None if found is None else bytes(found.to_bytes())

    async def put(self, name: str, value: bytes) -> None:
        """As Store."""
        from pyodide.ffi import to_js

        try:
            await self._door.put(name, to_js(value))
        except Exception as error:
            raise _told(error) from None

    async def delete(self, name: str) -> None:
        """As Store."""
        await self._door.remove(name)

    async def list(self, prefix: str = "") -> list[str]:
        """As Store."""
        return [str(name) for name in (await self._door.list(prefix)).to_py()]

    async def size(self) -> int:
        """As Store."""
        return int(await self._door.size())

    async def erase(self) -> None:
        """As Store."""
        await self._door.erase()

    async def claim(self, name: str) -> bool:
        """As Store."""
        return bool(await self._door.claim(name))

    async def release(self, name: str) -> None:
        """As Store."""
        await self._door.release(name)


def _told(error: Exception) -> Exception:
    """What pocket/device.js says when the key is locked."""
    return Closed() if str(error).endswith("locked") else error
