"""Native builds: the system's secure storage (Android Keystore, iOS Keychain) and its recognition
of the person, through Flet's own extensions. They are in the native packages only ([tool.flet] in
pyproject.toml) and are looked for there, never imported elsewhere."""

from __future__ import annotations

import base64
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import flet as ft

from app.services import browser
from app.services.device.lock import Biometrics
from app.services.device.store import BrowserStore, MemoryStore, Store

PIECE = 32_000
"""Characters under one key: a keychain is made for small values."""
ROOT = "q/"
NATIVE = frozenset({ft.PagePlatform.ANDROID, ft.PagePlatform.IOS, ft.PagePlatform.ANDROID_TV})


class Channel(Protocol):
    """What flet_secure_storage.SecureStorage offers: texts by key, sealed by the system."""

    async def set(self, key: str, value: str) -> Any:
        """Keep a text."""

    async def get(self, key: str) -> str | None:
        """The text of a key."""

    async def remove(self, key: str) -> Any:
        """Forget a key."""

    async def get_all(self) -> dict[str, str]:
        """Everything."""


class SecureStore:
    """The store of a phone. A value is cut into pieces, `q/<name>#<side>.<piece>`; `q/<name>` says
    which of two sides holds it, in how many pieces, and its size: written after the pieces, it
    turns from one value to the next at once. Names are read once and held: only this app writes."""

    lasting = True

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._held: dict[str, tuple[int, int, int]] | None = None
        self._claims: set[str] = set()

    async def _known(self) -> dict[str, tuple[int, int, int]]:
        """Side, pieces and bytes by name."""
        if self._held is None:
            found: dict[str, tuple[int, int, int]] = {}
            for key, text in (await self._channel.get_all()).items():
                if key.startswith(ROOT) and "#" not in key:
                    with suppress(ValueError):
                        side, pieces, size = map(int, text.split(" "))
                        found[key.removeprefix(ROOT)] = (side, pieces, size)
            self._held = found
        return self._held

    async def get(self, name: str) -> bytes | None:
        """As Store."""
        known = await self._known()
        if name not in known:
            return None
        side, count, _ = known[name]
        texts = [await self._channel.get(_piece(name, side, n)) for n in range(count)]
        if any(text is None for text in texts):
            return None
        return base64.b64decode("".join(text or "" for text in texts))

    async def put(self, name: str, value: bytes) -> None:
        """As Store."""
        if "#" in name:
            raise ValueError("a name holds no #")
        known = await self._known()
        before, former, _ = known.get(name, (1, 0, 0))
        side, text = 1 - before, base64.b64encode(value).decode()
        pieces = [text[i : i + PIECE] for i in range(0, len(text), PIECE)]
        for number, piece in enumerate(pieces):
            await self._channel.set(_piece(name, side, number), piece)
        await self._channel.set(ROOT + name, f"{side} {len(pieces)} {len(value)}")
        known[name] = (side, len(pieces), len(value))
        for number in range(former):
            await self._channel.remove(_piece(name, before, number))

    async def delete(self, name: str) -> None:
        """As Store."""
        known = await self._known()
        if name not in known:
            return
        await self._channel.remove(ROOT + name)
        side, count, _ = known.pop(name)
        for number in range(count):
            await self._channel.remove(_piece(name, side, number))

    async def list(self, prefix: str = "") -> list[str]:
        """As Store."""
        return sorted(name for name in await self._known() if name.startswith(prefix))

    async def size(self) -> int:
        """As Store."""
        return sum(size for _, _, size in (await self._known()).values())

    async def erase(self) -> None:
        """As Store."""
        for key in list(await self._channel.get_all()):
            if key.startswith(ROOT):
                await self._channel.remove(key)
        self._held = {}

    async def claim(self, name: str) -> bool:
        """As Store: a native app has one window."""
        if name in self._claims:
            return False
        self._claims.add(name)
        return True

    async def release(self, name: str) -> None:
        """As Store."""
        self._claims.discard(name)


def _piece(name: str, side: int, number: int) -> str:
    return f"{ROOT}{name}#{side}.{number}"


class SystemBiometrics:
    """flet_local_auth.LocalAuthentication. A refusal and a failure are both "no"."""

    def __init__(self, service: Any) -> None:
        self._service = service

    async def available(self) -> bool:
        """As Biometrics."""
        try:
            return bool(await self._service.get_available_biometrics())
        except Exception:
            return False

    async def ask(self, reason: str) -> bool:
        """As Biometrics."""
        try:
            return bool(await self._service.authenticate(reason, biometric_only=True))
        except Exception:
            return False


def native(page: ft.Page) -> bool:
    """True in a native build on a phone."""
    return not browser.inside() and not page.web and page.platform in NATIVE


def _extension(module: str, name: str) -> Any | None:
    return getattr(import_module(module), name)() if find_spec(module) is not None else None


def open_store(page: ft.Page) -> Store:
    """The store of where this runs: the browser's, the phone's, or this page's memory."""
    if browser.inside():
        return BrowserStore()
    channel = _extension("flet_secure_storage", "SecureStorage") if native(page) else None
    return SecureStore(channel) if channel is not None else MemoryStore()


def open_biometrics(page: ft.Page) -> Biometrics | None:
    """The system's recognition of the person, in a native build that has it."""
    service = _extension("flet_local_auth", "LocalAuthentication") if native(page) else None
    return SystemBiometrics(service) if service is not None else None
