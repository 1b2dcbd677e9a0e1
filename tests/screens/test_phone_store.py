"""The store of a phone, over a played channel to the system's secure storage: no phone here."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import Any

import flet as ft
import pytest

from app.services.device import mobile
from app.services.device.keys import StoreVault, vault_of
from app.services.device.mobile import PIECE, ROOT, SecureStore, SystemBiometrics
from app.services.device.store import MemoryStore


class Played:
    """What flet_secure_storage.SecureStorage does, by its own names: texts by key. It may stop
    after some writes, as a phone whose battery dies."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {"of-another-part": "kept"}
        self.left: int | None = None

    def _write(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise RuntimeError("the phone is off")

    async def set(self, key: str, value: str) -> None:
        assert isinstance(value, str)
        assert len(value) <= PIECE
        self._write()
        self.texts[key] = value

    async def get(self, key: str) -> str | None:
        return self.texts.get(key)

    async def remove(self, key: str) -> None:
        self._write()
        self.texts.pop(key, None)

    async def get_all(self) -> dict[str, str]:
        return dict(self.texts)


def test_it_holds_what_any_store_holds() -> None:
    """The same random walk in memory and on the played phone, opened anew now and then."""

    async def walk() -> None:
        chance, channel, model = random.Random(5), Played(), MemoryStore()
        store = SecureStore(channel)
        names = [f"known/{n}" for n in range(4)] + ["outbox/2026-11-23T11:00:00+00:00/a/2026-10"]
        for turn in range(300):
            name = chance.choice(names)
            match chance.randrange(8):
                case 0:
                    await store.delete(name)
                    await model.delete(name)
                case 1:
                    store = SecureStore(channel)
                case 2 if turn % 5 == 0:
                    await store.erase()
                    await model.erase()
                case _:
                    value = chance.randbytes(chance.choice([0, 1, 300, 24_000, 80_000]))
                    await store.put(name, value)
                    await model.put(name, value)
            assert await store.list() == await model.list()
            assert await store.list("known/") == await model.list("known/")
            held = [await model.get(each) or b"" for each in names]
            assert await store.size() == sum(map(len, held))
            for each in names:
                assert await store.get(each) == await model.get(each)
        await store.erase()
        assert channel.texts == {"of-another-part": "kept"}, "only what is ours"

    asyncio.run(walk())


@pytest.mark.parametrize("size", [10, 60_000])
def test_a_phone_that_goes_off_while_writing_keeps_one_value_or_the_other(size: int) -> None:
    async def cut() -> None:
        old, new = b"o" * size, b"n" * size
        for after in range(12):
            channel = Played()
            await SecureStore(channel).put("draft/a/2026-10", old)
            channel.left = after
            with suppress(RuntimeError):
                await SecureStore(channel).put("draft/a/2026-10", new)
            channel.left = None
            assert await SecureStore(channel).get("draft/a/2026-10") in {old, new}

    asyncio.run(cut())


def test_its_code_is_a_gate_kept_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StoreVault, "ROUNDS", 10)

    async def gate() -> None:
        channel = Played()
        vault = vault_of(SecureStore(channel))
        assert vault is not None
        proof = await vault.derive("482915", fresh=True)
        await vault.protect("k" * 43, "4c" * 32, offline=False, biometric=False)
        again = vault_of(SecureStore(channel))  # another start
        assert again is not None
        assert await again.derive("482915", fresh=False) == proof
        assert not await again.open("")
        assert await again.derive("482915", fresh=False)
        assert not await again.open("00" * 32)
        assert await again.derive("482915", fresh=False)
        assert await again.open("4c" * 32)
        assert await again.derive("482916", fresh=False) != proof
        assert not await again.open("4c" * 32)
        assert not await again.open_by_body()
        assert "482915" not in "".join(channel.texts.values())

    asyncio.run(gate())


class Phone:
    """What of a page tells where it runs."""

    def __init__(self, platform: ft.PagePlatform, web: bool = False) -> None:
        self.platform = platform
        self.web = web


def test_it_is_looked_for_in_native_builds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def extension(module: str, _name: str) -> Any:
        looked.append(module)
        return Played() if module == "flet_secure_storage" else None

    monkeypatch.setattr(mobile, "_extension", extension)
    for page in (Phone(ft.PagePlatform.LINUX), Phone(ft.PagePlatform.ANDROID, web=True)):
        assert isinstance(mobile.open_store(page), MemoryStore)
        assert mobile.open_biometrics(page) is None
    assert looked == []
    for platform in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS):
        assert isinstance(mobile.open_store(Phone(platform)), SecureStore)
        assert mobile.open_biometrics(Phone(platform)) is None
    assert looked == ["flet_secure_storage", "flet_local_auth"] * 2


def test_a_build_without_the_extensions_keeps_in_memory() -> None:
    assert isinstance(mobile.open_store(Phone(ft.PagePlatform.IOS)), MemoryStore)


def test_a_system_that_refuses_or_fails_recognises_nobody() -> None:
    class Broken:
        async def get_available_biometrics(self) -> list[str]:
            raise RuntimeError("no sensor")

        async def authenticate(self, reason: str, *, biometric_only: bool) -> bool:
            assert biometric_only
            raise RuntimeError("cancelled")

    async def asked() -> None:
        body = SystemBiometrics(Broken())
        assert not await body.available()
        assert not await body.ask("Ouvrir Quittance")

    asyncio.run(asked())


def test_names_are_under_a_root_of_ours() -> None:
    async def put() -> None:
        channel = Played()
        await SecureStore(channel).put("session/token", b"abc")
        assert {key for key in channel.texts if key != "of-another-part"} == {
            f"{ROOT}session/token", f"{ROOT}session/token#0.0",
        }  # fmt: skip
        with pytest.raises(ValueError, match="#"):
            await SecureStore(channel).put("a#b", b"")

    asyncio.run(put())
