"""What is noted without a network: kept on the device, sent once each in order, decided by the
person when it is refused."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.services.gateway import NOBODY, InProcess
from tests.screens.harness import open_app, run
from tests.screens.test_offline import Kept
from tests.support.faults import FaultyNetwork

VESSEL = {
    "name": "Étoile du Large", "length_m": "9.5", "tonnage": "5.2", "navigation": "petite_peche",
}  # fmt: skip


@pytest.fixture
def skipper(call: Any, newcomer: tuple[str, str]) -> str:
    """Somebody with one vessel and nothing noted: the token."""
    token = newcomer[1]
    made = call(
        "POST", "/accounts", token=token,
        json={
            "regime": "marin-pecheur", "siret": "73282932000074", "name": "Noé Essai",
            "profile": {"start_date": "2020-03-01", "birth_date": "1985-06-12"},
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text
    account = made.json()["id"]
    kept = call("PUT", f"/accounts/{account}/entries/vessel-0001", token=token,
                json={"kind": "vessel", "data": VESSEL})  # fmt: skip
    assert kept.status_code == 200, kept.text
    return token


class Wire(FaultyNetwork):
    """A faulty network that notes the entries which reach the collector."""

    def __init__(self, api: Any) -> None:
        super().__init__(InProcess(api, NOBODY))
        self.seen: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        if self.mode in ("", "cut") and request.method == "PUT" and "/entries/" in str(request.url):
            self.seen.append(json.loads(await request.aread()))
        return await super().handle_async_request(request)


def services_of(call: Any, token: str, kind: str = "service") -> dict[str, dict[str, Any]]:
    """Entries that the collector holds, by identifier."""
    account = call("GET", "/accounts", token=token).json()[0]["id"]
    found = call("GET", f"/accounts/{account}/entries?kind={kind}", token=token).json()
    return {entry["id"]: entry for entry in found["entries"]}


async def log_day(app: Any, day: str) -> None:
    """Note one day at sea."""
    await app.go("/mer/periode")
    await app.until(lambda: app.shows("1. Navire"))
    await app.tap(f"{day} novembre 2026")
    await app.tap("Patron breveté")
    await app.tap("Embarqué")
    await app.tap("Noter la période")
    await app.until(lambda: app.route == "/mer" and app.shows("pas encore envoyé"))


@pytest.mark.parametrize("mode", ["down", "500", "hang", "cut"])
def test_noted_closed_reopened_sent_once_in_order(
    api: Any, call: Any, skipper: str, mode: str
) -> None:
    token = skipper
    before = set(services_of(call, token))

    async def scenario() -> None:
        wire, device = Wire(api), Kept()
        await device.put("session/token", token.encode())
        async with open_app("/mer", backend=wire, store=device) as app:
            await app.until(lambda: app.shows("Périodes notées"))
            wire.mode = mode
            if mode == "cut":
                wire.only = "PUT"
            for day in ("20", "21", "22"):
                await log_day(app, day)
        # Closed, and opened again: it is all there, though nobody answers.
        async with open_app("/mer", backend=wire, store=device) as app:
            await app.until(lambda: app.shows("Périodes notées"))
            await app.until(lambda: app.shows("3 éléments pas encore envoyés"))
            assert app.shows("22 novembre 2026")
            wire.mode = ""
            await app.tap("Envoyer maintenant")
            await app.until(lambda: not app.shows("pas encore envoyé"))
        assert await device.list("entries/") == []
        days = [body["data"]["start"] for body in wire.seen]
        assert sorted(days) == days, "in the order they were written"
        assert set(days) == {"2026-11-20", "2026-11-21", "2026-11-22"}
        if mode != "cut":
            assert len(days) == 3

    run(scenario)
    added = [e for name, e in services_of(call, token).items() if name not in before]
    assert sorted(e["data"]["start"] for e in added) == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert {e["version"] for e in added} == {1}


def test_changed_and_removed_before_it_was_sent(api: Any, call: Any, skipper: str) -> None:
    token = skipper

    async def scenario() -> None:
        wire, device = Wire(api), Kept()
        async with open_app("/mer", backend=wire, store=device, token=token) as app:
            await app.until(lambda: app.shows("Périodes notées"))
            wire.mode = "down"
            await log_day(app, "18")
            await log_day(app, "19")
            await app.tap("19 novembre 2026")
            await app.until(lambda: app.shows("1. Navire"))
            await app.tap("20 novembre 2026")
            await app.tap("Noter la période")
            await app.until(lambda: app.shows("du 19 novembre au 20 novembre 2026"))
            await app.tap("du 19 novembre au 20 novembre 2026")
            await app.until(lambda: app.shows("1. Navire"))
            await app.tap("Supprimer la période")
            await app.until(lambda: app.route == "/mer")
            wire.mode = ""
            await app.tap("Envoyer maintenant")
            await app.until(lambda: not app.shows("pas encore envoyé"))
            assert not app.shows("n’a pas été accepté")
            assert len(wire.seen) == 4

    run(scenario)
    days = [(e["data"]["start"], e["data"]["end"]) for e in services_of(call, token).values()]
    assert ("2026-11-18", "2026-11-18") in days
    assert all(start != "2026-11-19" for start, _ in days)


def test_refused_late_is_told_kept_and_decided(api: Any, call: Any, skipper: str) -> None:
    """Another device noted the same day meanwhile."""
    token = skipper

    async def scenario() -> None:
        wire, device = Wire(api), Kept()
        async with open_app("/mer", backend=wire, store=device, token=token) as app:
            await app.until(lambda: app.shows("Périodes notées"))
            wire.mode = "down"
            await log_day(app, "16")
            async with open_app("/mer/periode", backend=api, token=token) as other:
                await other.until(lambda: other.shows("1. Navire"))
                await other.tap("16 novembre 2026")
                await other.tap("Patron breveté")
                await other.tap("Embarqué")
                await other.tap("Noter la période")
                await other.until(lambda: other.route == "/mer")
            wire.mode = ""
            await app.tap("Envoyer maintenant")
            await app.until(lambda: app.shows("1 élément n’a pas été accepté"))
            await app.tap("Voir et décider")
            await app.until(lambda: app.shows("un jour ne compte qu’une fois"))
            assert app.shows("16 novembre 2026")
            await app.tap("Corriger")
            await app.until(lambda: app.shows("1. Navire"))
            await app.go("/unsent")
            await app.until(lambda: app.shows("Abandonner"))
            await app.tap("Abandonner")
            await app.tap("Abandonner pour de bon")
            await app.until(lambda: app.shows("Tout est envoyé"))
            assert not app.shows("n’a pas été accepté")

    run(scenario)


@pytest.mark.parametrize(
    ("choice", "stays"),
    [("Garder ce que j’ai écrit ici", "Ici"), ("Garder ce qui est enregistré", "Ailleurs")],
)
def test_two_devices_change_one_entry_and_the_person_chooses(
    api: Any, call: Any, skipper: str, choice: str, stays: str
) -> None:
    token = skipper

    async def rename(app: Any, name: str) -> None:
        await app.go("/mer/navires")
        await app.until(lambda: app.shows("Étoile du Large") or app.shows("Ailleurs"))
        await app.tap("Étoile du Large")
        await app.until(lambda: app.shows("Nom du navire"))
        await app.type("Nom du navire", name)
        await app.tap("Enregistrer le navire")
        await app.until(lambda: app.route == "/mer/navires")

    async def scenario() -> None:
        wire, device = Wire(api), Kept()
        async with open_app("/mer/navires", backend=wire, store=device, token=token) as app:
            await app.until(lambda: app.shows("Étoile du Large"))
            wire.mode = "down"
            await rename(app, "Ici")
            async with open_app("/mer/navires", backend=api, token=token) as other:
                await rename(other, "Ailleurs")
            wire.mode = ""
            await app.tap("Envoyer maintenant")
            await app.until(lambda: app.shows("1 élément n’a pas été accepté"))
            await app.tap("Voir et décider")
            await app.until(lambda: app.shows("Écrit ici"))
            assert app.shows("Ailleurs")
            await app.tap(choice)
            await app.until(lambda: app.shows("Tout est envoyé"))

    run(scenario)
    names = {e["data"]["name"] for e in services_of(call, token, "vessel").values()}
    assert stays in names
    assert not {"Ici", "Ailleurs", "Étoile du Large"} - {stays} & names


def test_two_pages_of_one_device_send_once(api: Any, skipper: str) -> None:
    token = skipper

    async def scenario() -> None:
        wire, device = Wire(api), Kept()
        async with (
            open_app("/mer", backend=wire, store=device, token=token) as app,
            open_app("/mer", backend=wire, store=device, token=token) as other,
        ):
            await app.until(lambda: app.shows("Périodes notées"))
            await other.until(lambda: other.shows("Périodes notées"))
            wire.mode = "down"
            await log_day(app, "14")
            await log_day(other, "15")
            wire.mode = ""
            await app.until(lambda: not app.shows("pas encore envoyé"))
            await other.until(lambda: not other.shows("pas encore envoyé"))
        days = [body["data"]["start"] for body in wire.seen]
        assert sorted(days) == ["2026-11-14", "2026-11-15"]

    run(scenario)


def test_signing_out_waits_for_what_is_not_sent(api: Any, skipper: str) -> None:
    async def scenario() -> None:
        wire = Wire(api)
        async with open_app("/mer", backend=wire, store=Kept(), token=skipper) as app:
            await app.until(lambda: app.shows("Périodes notées"))
            wire.mode = "down"
            await log_day(app, "12")
            await app.go("/settings")
            await app.until(lambda: app.shows("Se déconnecter"))
            await app.tap("Se déconnecter")
            await app.until(lambda: app.shows("pas encore envoyé. Retrouvez le réseau"))

    run(scenario)
