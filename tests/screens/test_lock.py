"""The code of a device: set, locked by idleness, by hand and by another window, opened, erased."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import flet as ft
import httpx
import pytest

from app.components.devices import device_name
from app.services.device.keys import StoreVault
from app.services.device.lock import State
from app.services.device.store import MemoryStore
from app.services.gateway import NOBODY, InProcess
from contract.i18n import words
from tests.screens.harness import App, open_app, run
from tests.screens.test_declaring import amounts, seller  # noqa: F401
from tests.support.faults import FaultyNetwork

Caller = Callable[..., httpx.Response]
CODE, WRONG = "482915", "482916"


class Kept(MemoryStore):
    """A device whose memory outlives the page."""

    lasting = True


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StoreVault, "ROUNDS", 10)


class Device:
    """A device of somebody signed in, on a wire that can fail."""

    def __init__(self, api: Any, token: str) -> None:
        self.store = Kept()
        self.store.kept["session/token"] = token.encode()
        self.wire = FaultyNetwork(InProcess(api, NOBODY))

    @asynccontextmanager
    async def open(self, route: str = "/home") -> AsyncIterator[App]:
        async with open_app(route, backend=self.wire, store=self.store) as app:
            yield app


@pytest.fixture
def device(api: Any, seller: str) -> Device:  # noqa: F811
    return Device(api, seller)


async def set_code(app: App, offline: str = "yes") -> None:
    await app.go("/appareil")
    await app.until(lambda: app.shows("Ce qui est gardé"))
    await app.tap("Choisir un code")
    await app.until(lambda: app.shows("dissuade, sans plus"))
    await app.type("Nouveau code", CODE)
    await app.type("Le même code", CODE)
    await app.choose("Sans réseau", offline)
    await app.tap("Enregistrer le code")
    await app.until(lambda: app.shows("Le code est enregistré"))


async def give(app: App, code: str) -> None:
    await app.type("Code de cet appareil", code)
    await app.tap("Ouvrir")


def locked(app: App) -> bool:
    return app.shows("Quittance est verrouillée")


def test_a_code_is_set_then_asked_at_each_start(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
        async with device.open("/history") as app:
            await app.until(lambda: locked(app))
            assert not app.services.session.signed_in
            assert not app.shows("Octobre")
            assert not app.find_all(ft.NavigationBar), "nothing to walk to"
            await give(app, WRONG)
            await app.until(lambda: app.shows("Essais restants : 9"))
            assert app.value("Code de cet appareil") == ""
            await give(app, CODE)
            await app.until(lambda: not locked(app))
            assert app.route == "/history", "where the person was going"
            await app.until(lambda: app.services.session.signed_in)

    run(scenario)


def test_what_is_typed_is_there_after_a_lock(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
            await app.go("/journal/new")
            await app.until(lambda: app.shows("Montant"))
            await app.type("Montant", "321,09", leave=False)
            await app.services.lock.lock()
            await app.until(lambda: locked(app))
            assert "321,09" not in app.text()
            await give(app, CODE)
            await app.until(lambda: not locked(app))
            assert app.value("Montant") == "321,09", "a form without a draft"
            await app.go("/declare/2026-10/amounts")
            await app.until(lambda: app.shows("Total incomplet"))
            device.wire.mode = "down"
            await amounts(app, "1 234,56", "100")
            await app.services.lock.lock()
            assert await device.store.list("draft/"), "written before it locks"
        async with device.open("/declare/2026-10/amounts") as app:
            await app.until(lambda: locked(app))
            assert "234" not in app.text()
            await give(app, CODE)
            await app.until(lambda: app.shows("Total à payer : 179 €"))

    run(scenario)


def test_five_minutes_without_activity_lock_it(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            lock, now = app.services.lock, [1000.0]
            lock._clock = lambda: now[0]
            await set_code(app)
            now[0] += 299
            await lock.check()
            assert lock.view.state is State.OPEN
            await app.go("/home")  # the person does something
            now[0] += 299
            await lock.check()
            assert lock.view.state is State.OPEN
            now[0] += 2
            await lock.check()
            await app.until(lambda: locked(app))

    run(scenario)


def test_time_alone_locks_it(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
        async with device.open() as app:
            app.services.lock._idle = 0.01
            await app.until(lambda: locked(app))
            await give(app, CODE)
            await app.until(lambda: app.services.session.signed_in)
            await app.until(lambda: locked(app))

    run(scenario)


@pytest.mark.parametrize("mode", ["", "down"])
def test_ten_wrong_codes_erase_it_with_or_without_a_network(
    device: Device, call: Caller, mode: str
) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
        device.wire.mode = mode
        for turn in range(2):  # closing the app gives no try back
            async with device.open() as app:
                await app.until(lambda: locked(app))
                for n in range(5):
                    await give(app, WRONG)
                    left = 9 - n - 5 * turn
                    if left:
                        await app.until(lambda left=left: app.shows(f"Essais restants : {left} ;"))
                if turn:
                    await app.until(lambda: app.shows("Dix codes faux"))
                    assert app.route == "/signin"
                    assert app.shows("en sûreté")
                    assert app.services.backend.token is None
        assert not [name for name in device.store.kept if not name.startswith("known/")]

    run(scenario)


def test_offline_only_if_the_person_chose_so(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app, "no")
        device.wire.mode = "down"
        async with device.open() as app:
            await app.until(lambda: locked(app))
            await give(app, CODE)
            await app.until(lambda: app.shows("qu’avec le réseau"))
            assert (await app.services.lock.record()).tries == 0, "this one did not count"
            device.wire.mode = ""
            await give(app, CODE)
            await app.until(lambda: app.shows("Prochaine échéance"))

    run(scenario)


def test_a_forgotten_code_names_what_would_be_lost(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
            await app.go("/declare/2026-10/amounts")
            await app.until(lambda: app.shows("Total incomplet"))
            device.wire.mode = "down"
            await amounts(app, "1 234,56", "100")
            await app.until(lambda: app.shows("Total à payer : 179 €"))
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Le calcul, ligne par ligne"))
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.shows("Prête, pas encore envoyée"))
        async with device.open() as app:
            await app.until(lambda: locked(app))
            await app.tap("Code oublié")
            await app.until(lambda: app.shows("1 déclaration signée et pas encore envoyée"))
            assert app.shows("octobre 2026")
            await app.tap("Revenir au code")
            await app.until(lambda: locked(app))
            await app.tap("Code oublié")
            await app.tap("Effacer et me reconnecter")
            await app.until(lambda: app.route == "/signin")
            assert not await device.store.list()

    run(scenario)


def test_weak_and_different_codes_are_refused_beside_the_field(device: Device) -> None:
    async def scenario() -> None:
        async with device.open("/appareil") as app:
            await app.until(lambda: app.shows("Ce qui est gardé"))
            await app.tap("Choisir un code")
            for weak in ("123456", "000000", "121212", "123123", "987654"):
                await app.type("Nouveau code", weak)
                assert app.shows("trop facile à deviner"), weak
            await app.type("Nouveau code", "12a456")
            assert app.shows("de 6 à 12 chiffres")
            await app.type("Nouveau code", CODE)
            await app.type("Le même code", WRONG)
            await app.tap("Enregistrer le code")
            await app.until(lambda: app.shows("Les deux codes sont différents"))
            assert await app.services.lock.record() is None
            device.wire.mode = "down"
            await app.type("Le même code", CODE)
            await app.tap("Enregistrer le code")
            await app.until(lambda: app.shows("Pas de réponse"))
            assert await app.services.lock.record() is None

    run(scenario)


def test_a_code_is_changed_and_taken_away_by_who_knows_it(device: Device, call: Caller) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
            token = app.services.backend.token
            first = await app.services.lock.record()
            await app.tap("Changer le code")
            await app.type("Code actuel", WRONG)
            await app.type("Nouveau code", "739164")
            await app.type("Le même code", "739164")
            await app.tap("Enregistrer le code")
            await app.until(lambda: app.shows("Essais restants : 9"))
            assert app.value("Nouveau code") == "739164", "only the fault is to be typed again"
            await app.type("Code actuel", CODE)
            await app.tap("Enregistrer le code")
            await app.until(lambda: app.shows("Le code est enregistré"))
            assert first.id not in [
                row["id"] for row in call("GET", "/device-keys", token=token).json()
            ]
            await app.tap("Verrouiller")
            await app.until(lambda: locked(app))
            await give(app, "739164")
            await app.until(lambda: not locked(app))
            await app.tap("Retirer le code")
            await app.type("Code actuel", "739164")
            await app.tap("Retirer le code")
            await app.until(lambda: app.shows("Cet appareil s’ouvre sans code"))
            assert call("GET", "/device-keys", token=token).json() == []
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))

    run(scenario)


def test_a_lost_device_is_erased_from_another(api: Any, device: Device, seller: str) -> None:  # noqa: F811
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
        async with open_app("/appareil", backend=api, token=seller) as other:
            await other.until(lambda: other.shows("Appareil perdu ou vendu"))
            await other.tap("Appareil perdu ou vendu")
            await other.until(lambda: other.shows("Effacer à distance ?"))
            await other.tap("Effacer à distance")
            await other.until(lambda: other.shows("Aucun pour l’instant"))
        async with device.open() as app:
            await app.until(lambda: locked(app))
            await give(app, CODE)
            await app.until(lambda: app.shows("retiré à distance"))
            assert app.route == "/signin"

    run(scenario)


def test_a_collector_that_knows_nothing_of_it_erases_nothing(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app, "no")
            await app.services.lock.revoke("")  # a path that is not there: nothing happens
            record = await app.services.lock.vault._read()
            await app.services.lock.vault._write(record.model_copy(update={"id": "z" * 43}))
        async with device.open() as app:
            await app.until(lambda: locked(app))
            await give(app, CODE)
            await app.until(lambda: app.shows("ne connaît plus cet appareil"))
            assert await device.store.list("session/")

    run(scenario)


def test_two_windows_lock_and_erase_together(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as one, device.open() as two:
            await one.until(lambda: one.shows("Prochaine échéance"))
            await two.until(lambda: two.shows("Prochaine échéance"))
            await set_code(one)
            await two.until(lambda: locked(two))
            await give(two, CODE)
            await two.until(lambda: not locked(two))
            assert not locked(one), "opening one asks nothing of the other"
            two.services.lock._last -= 250
            one.services.lock._told = 0.0
            one.services.lock.touch()
            assert two.services.lock._last > one.services.lock._last - 5, "activity is shared"
            await one.tap("Verrouiller")
            await two.until(lambda: locked(two))
            for app in (one, two):
                await give(app, CODE)
                await app.until(lambda app=app: not locked(app))
            await one.tap("Effacer cet appareil")
            await one.until(lambda: one.shows("Rien ne sera perdu"))
            await one.tap("Effacer maintenant")
            await two.until(lambda: two.route == "/signin")
            assert two.services.backend.token is None
            await two.until(lambda: two.shows("Mot de passe oublié"))

    run(scenario)


def test_what_waits_at_the_gate_is_never_written_for_the_next_person(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await set_code(app)
            await app.services.lock.lock()
            late = asyncio.ensure_future(app.services.store.put("known/late", b"of somebody"))
            read = asyncio.ensure_future(app.services.store.get("session/token"))
            await app.settle()
            assert not late.done()
            await app.services.lock.erase()
            await late
            assert await read is None
            assert await device.store.list() == []

    run(scenario)


class Body:
    """A phone that recognises, or not."""

    def __init__(self) -> None:
        self.known = False

    async def available(self) -> bool:
        return True

    async def ask(self, reason: str) -> bool:
        assert reason
        return self.known


def test_the_system_may_open_it_where_the_person_chose_so(device: Device) -> None:
    async def scenario() -> None:
        body = Body()
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            app.services.lock.biometrics = body
            await app.go("/appareil")
            await app.until(lambda: app.shows("Choisir un code"))
            await app.tap("Choisir un code")
            await app.type("Nouveau code", CODE)
            await app.type("Le même code", CODE)
            await app.choose("Ouvrir aussi avec", "yes")
            await app.tap("Enregistrer le code")
            await app.until(lambda: app.shows("Le code est enregistré"))
            await app.tap("Verrouiller")
            await app.until(lambda: app.shows("Ouvrir avec l’empreinte ou le visage"))
            await app.tap("Ouvrir avec l’empreinte")
            assert locked(app)
            body.known = True
            await app.tap("Ouvrir avec l’empreinte")
            await app.until(lambda: not locked(app))

    run(scenario)


def test_what_is_kept_is_told_in_figures(device: Device) -> None:
    async def scenario() -> None:
        async with device.open() as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            await app.go("/settings")
            await app.until(lambda: app.shows("Ce qui est gardé, code de verrouillage"))
            await app.tap("Sur cet appareil")
            await app.until(lambda: app.shows("Dernier échange avec le service"))
            told = r"Place occupée\n[1-9]\d* ko\nDernier échange avec le service\n(1er|\d+) \w+ 20"
            await app.until(lambda: re.search(told, app.text()))

    run(scenario)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
         "Chrome sur Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
         "Safari sur iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/156.0 Safari/537.36 Edg/156.0",
         "Edge sur Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox sur Linux"),
        ("quittance 1.0", "quittance 1.0"),
        ("", "Appareil inconnu"),
    ],
)  # fmt: skip
def test_devices_have_names(agent: str, name: str) -> None:
    assert device_name(agent, words("fr")) == name


def test_a_served_page_offers_no_code(api: Any, seller: str) -> None:  # noqa: F811
    async def scenario() -> None:
        async with open_app("/appareil", backend=api, token=seller) as app:
            await app.until(lambda: app.shows("Gardé le temps de cette page seulement"))
            assert not app.shows("Choisir un code")

    run(scenario)
