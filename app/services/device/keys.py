"""The key of what a device keeps, and the code (PIN) that opens it. One interface: the browser
wraps the key itself; elsewhere the store is sealed by the system, and the code is a gate to it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, ClassVar, Protocol
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ValidationError

from app.services import browser
from app.services.device.store import BrowserStore, Store

TABS = ("locked", "changed", "erased", "active")
"""What windows of one device tell each other."""


class Record(BaseModel):
    """That a code is set, and how it opens."""

    id: str
    """Name of the collector's half."""
    offline: bool
    """True when the code alone opens the key, without a network."""
    tries: int = 0
    """Wrong codes in a row on this device."""
    biometric: bool = False
    """True when the system may open it (fingerprint, face)."""


class Vault(Protocol):
    """A key, and the code on it."""

    async def record(self) -> Record | None:
        """The code that is set, if any."""

    async def derive(self, code: str, fresh: bool) -> str:
        """The proof of a code for the collector (64 hexadecimal digits); `fresh` for a new one."""

    async def protect(self, key_id: str, half: str, offline: bool, biometric: bool) -> None:
        """Put the code derived last on the key."""

    async def open(self, half: str) -> bool:
        """Open with the code derived last and the collector's half, or "" without a network."""

    async def open_by_body(self) -> bool:
        """Open because the system recognised the person; False where it cannot."""

    async def close(self) -> None:
        """Forget the key until the next code."""

    async def unprotect(self) -> None:
        """Take the code away; the key is open."""

    async def count(self, change: int) -> int:
        """Add wrong codes (0 forgives them all); how many there are now."""

    def listen(self, owner: object, handler: Callable[[str], Any]) -> Callable[[], None]:
        """Hear the other windows (TABS). Returns what ends it."""

    def tell(self, owner: object, name: str) -> None:
        """Tell the other windows."""


class BrowserVault:
    """pocket/device.js: AES-GCM, the key wrapped by what PBKDF2 makes of the code."""

    def __init__(self) -> None:
        self._door: Any = browser.module("quittance_device")

    async def record(self) -> Record | None:
        """As Vault."""
        found = str(await self._door.lock_record())
        return None if found == "null" else Record.model_validate_json(found)

    async def derive(self, code: str, fresh: bool) -> str:
        """As Vault."""
        return str(await self._door.derive(code, fresh))

    async def protect(self, key_id: str, half: str, offline: bool, biometric: bool) -> None:
        """As Vault."""
        await self._door.protect(key_id, half, offline)

    async def open(self, half: str) -> bool:
        """As Vault."""
        return bool(await self._door.open_with(half))

    async def open_by_body(self) -> bool:
        """Never: the key needs the code."""
        return False

    async def close(self) -> None:
        """As Vault."""
        self._door.close()

    async def unprotect(self) -> None:
        """As Vault."""
        await self._door.unprotect()

    async def count(self, change: int) -> int:
        """As Vault."""
        return int(await self._door.count(change))

    def listen(self, owner: object, handler: Callable[[str], Any]) -> Callable[[], None]:
        """As Vault."""
        from pyodide.ffi import create_proxy

        leave = [browser.listen(f"tab:{name}", lambda _d, n=name: handler(n)) for name in TABS]
        self._door.hear(create_proxy(lambda name: browser.heard(f"tab:{name}", "null")))

        def stop() -> None:
            for each in leave:
                each()

        return stop

    def tell(self, owner: object, name: str) -> None:
        """As Vault."""
        self._door.tell(name)


class _Sealed(BaseModel):
    """What StoreVault keeps: proofs of the code, with and without the collector's half."""

    id: str
    salt: str
    online: str
    offline: str = ""
    tries: int = 0
    biometric: bool = False


class StoreVault:
    """For a store that the system seals (a phone's keystore): the code is a gate to it, and its
    record is kept beside what it guards."""

    NAME = "lock/record"
    ROUNDS = 600_000  # of PBKDF2-SHA256; a third of a second on a phone

    _windows: ClassVar[WeakKeyDictionary[Any, list[tuple[object, Callable[[str], Any]]]]] = (
        WeakKeyDictionary()
    )

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending: tuple[bytes, bytes] | None = None
        self._ears = self._windows.setdefault(store, [])

    async def _read(self) -> _Sealed | None:
        raw = await self._store.get(self.NAME)
        try:
            return None if raw is None else _Sealed.model_validate_json(raw)
        except ValidationError:
            return None

    async def _write(self, sealed: _Sealed) -> None:
        await self._store.put(self.NAME, sealed.model_dump_json().encode())

    async def record(self) -> Record | None:
        """As Vault."""
        found = await self._read()
        if found is None:
            return None
        return Record(
            id=found.id, offline=bool(found.offline), tries=found.tries, biometric=found.biometric
        )

    async def derive(self, code: str, fresh: bool) -> str:
        """As Vault."""
        found = None if fresh else await self._read()
        salt = bytes.fromhex(found.salt) if found is not None else secrets.token_bytes(16)
        master = hashlib.pbkdf2_hmac("sha256", code.encode(), salt, self.ROUNDS)
        self._pending = salt, master
        return self._part("proof")

    def _part(self, use: str, half: str = "") -> str:
        if self._pending is None:
            raise RuntimeError("no code was derived")
        told = f"quittance {use} {half}".encode()
        return hmac.new(self._pending[1], told, hashlib.sha256).hexdigest()

    async def protect(self, key_id: str, half: str, offline: bool, biometric: bool) -> None:
        """As Vault."""
        online, alone = self._part("online", half), self._part("offline") if offline else ""
        salt = self._pending[0].hex() if self._pending else ""
        self._pending = None
        await self._write(
            _Sealed(id=key_id, salt=salt, online=online, offline=alone, biometric=biometric)
        )

    async def open(self, half: str) -> bool:
        """As Vault."""
        found = await self._read()
        if found is None or not (half or found.offline):
            return False
        typed = self._part("online", half) if half else self._part("offline")
        self._pending = None
        return hmac.compare_digest(typed, found.online if half else found.offline)

    async def open_by_body(self) -> bool:
        """Allowed when the person chose it."""
        found = await self._read()
        return found is not None and found.biometric

    async def close(self) -> None:
        """As Vault."""
        self._pending = None

    async def unprotect(self) -> None:
        """As Vault."""
        await self._store.delete(self.NAME)

    async def count(self, change: int) -> int:
        """As Vault."""
        found = await self._read()
        if found is None:
            return 0
        tries = found.tries + change if change else 0
        await self._write(found.model_copy(update={"tries": tries}))
        return tries

    def listen(self, owner: object, handler: Callable[[str], Any]) -> Callable[[], None]:
        """As Vault."""
        ear = (owner, handler)
        self._ears.append(ear)
        return lambda: self._ears.remove(ear) if ear in self._ears else None

    def tell(self, owner: object, name: str) -> None:
        """As Vault."""
        for other, handler in list(self._ears):
            if other is not owner:
                handler(name)


def vault_of(store: Store) -> Vault | None:
    """The vault of a store; None where nothing outlives the page."""
    if isinstance(store, BrowserStore):
        return BrowserVault()
    return StoreVault(store) if store.lasting else None
