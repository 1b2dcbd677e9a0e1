"""Offline from end to end: read, declare and sign without a network; received once when it is
back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.services.device.store import MemoryStore
from app.services.gateway import NOBODY, InProcess
from tests.screens.harness import open_app, run
from tests.screens.test_declaring import amounts, seller  # noqa: F401
from tests.support.faults import FaultyNetwork

Caller = Callable[..., httpx.Response]


class Kept(MemoryStore):
    """A device whose memory outlives the page."""

    lasting = True


def receipts(call: Caller, token: str) -> list[Any]:
    """What the collector holds for October."""
    account = call("GET", "/accounts", token=token).json()[0]["id"]
    found = call("GET", f"/accounts/{account}/declarations/2026-10", token=token)
    return list(found.json()) if found.status_code == 200 else []


@pytest.mark.parametrize("mode", ["down", "500", "hang", "cut"])
def test_received_once(
    api: Any,
    call: Caller,
    seller: str,  # noqa: F811
    mode: str,
) -> None:
    async def scenario() -> None:
        wire = FaultyNetwork(InProcess(api, NOBODY))
        async with open_app("/declare/2026-10/amounts", backend=wire, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            wire.mode = mode
            if mode == "cut":
                wire.only = "PUT"
            await amounts(app, "1 234,56", "100")
            await app.until(lambda: app.shows("Total à payer : 179 €"))
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Le calcul, ligne par ligne"))
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.shows("Prête, pas encore envoyée"))
            assert app.shows("Signée le")
            assert app.shows("À recevoir au plus tard le")
            wire.mode = ""
            await app.until(lambda: app.shows("Télécharger le reçu"))
            assert not app.shows("pas encore envoyée")
        assert len(receipts(call, seller)) == 1

    run(scenario)


def test_a_cold_start_without_a_network(api: Any, call: Caller, seller: str) -> None:  # noqa: F811
    async def scenario() -> None:
        wire, device = FaultyNetwork(InProcess(api, NOBODY)), Kept()
        await device.put("session/token", seller.encode())
        async with open_app("/home", backend=wire, store=device) as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
        wire.mode = "down"
        async with open_app("/home", backend=wire, store=device) as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            assert app.shows("Hors ligne : dernier état connu le")
            await app.go("/declare/2026-10/amounts")
            await app.until(lambda: app.shows("Total incomplet"))
            await amounts(app, "1 234,56", "100")
            await app.until(lambda: app.shows("Total à payer : 179 €"))
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Le calcul, ligne par ligne"))
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.shows("Prête, pas encore envoyée"))
        # The app is closed and opened again, still without a network: it is all there.
        async with open_app("/home", backend=wire, store=device) as app:
            await app.until(lambda: app.shows("Prête, pas encore envoyée"))
            wire.mode = ""
            await app.until(lambda: not app.shows("pas encore envoyée"))
        assert len(receipts(call, seller)) == 1
        assert wire.puts == 1

    run(scenario)


def test_refused_late(api: Any, call: Caller, seller: str) -> None:  # noqa: F811
    """Refused when the network is back: both sums are shown, and the figures are intact."""

    async def scenario() -> None:
        wire = FaultyNetwork(InProcess(api, NOBODY))
        async with open_app("/declare/2026-10/amounts", backend=wire, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            wire.mode = "down"
            await amounts(app, "1 234,56", "100")
            await app.until(lambda: app.shows("Total à payer : 179 €"))
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Le calcul, ligne par ligne"))
            wire.changed = True
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.shows("Prête, pas encore envoyée"))
            wire.mode = ""
            await app.until(lambda: app.shows("Déclaration non reçue"))
            assert app.shows("Vous avez signé 179")
            await app.tap("Reprendre la déclaration")
            await app.until(lambda: app.shows("Total à payer : 179 €"))
        assert receipts(call, seller) == []

    run(scenario)


def test_what_is_typed_outlives_the_banner_that_says_offline(
    api: Any,
    seller: str,  # noqa: F811
) -> None:
    async def scenario() -> None:
        wire = FaultyNetwork(InProcess(api, NOBODY))
        async with open_app("/journal/new", backend=wire, token=seller) as app:
            await app.until(lambda: app.shows("Montant"))
            await app.type("Montant", "321,09")
            app.services.network.failed()
            await app.until(lambda: app.shows("Hors ligne"))
            assert app.value("Montant") == "321,09"
            app.services.network.passed()
            await app.until(lambda: not app.shows("Hors ligne"))
            assert app.value("Montant") == "321,09"

    run(scenario)


def test_two_windows_send_once(api: Any, call: Caller, seller: str) -> None:  # noqa: F811
    async def scenario() -> None:
        wire, device = FaultyNetwork(InProcess(api, NOBODY)), Kept()
        await device.put("session/token", seller.encode())
        async with open_app("/declare/2026-10/amounts", backend=wire, store=device) as one:
            await one.until(lambda: one.shows("Total incomplet"))
            wire.mode = "down"
            await amounts(one, "1 234,56", "100")
            await one.until(lambda: one.shows("Total à payer : 179 €"))
            await one.tap("Vérifier")
            await one.until(lambda: one.shows("Le calcul, ligne par ligne"))
            await one.tap("Envoyer la déclaration")
            await one.until(lambda: one.shows("Prête, pas encore envoyée"))
            async with open_app("/home", backend=wire, store=device) as two:
                await two.until(lambda: two.shows("Prête, pas encore envoyée"))
                wire.mode = ""
                for app in (one, two):
                    await app.until(lambda app=app: not app.shows("pas encore envoyée"))
        assert wire.puts == 1
        assert len(receipts(call, seller)) == 1

    run(scenario)
