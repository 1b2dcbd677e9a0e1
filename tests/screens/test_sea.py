"""The log of a fisherman on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from sqlalchemy import update

from backend.storage.tables import Person
from tests.screens.harness import open_app, run
from tests.screens.test_entries_outbox import services_of, skipper  # noqa: F401


def test_a_period_in_four_taps(api: Any, demo: Callable[[str], str]) -> None:
    async def scenario() -> None:
        async with open_app("/mer", backend=api, token=demo("pecheur")) as app:
            await app.until(lambda: app.shows("Périodes notées"))
            assert app.shows("Total partiel")
            before = app.text()
            await app.tap("Ajouter une période")
            await app.until(lambda: app.shows("1. Navire"))
            await app.tap("Petite Aurore")
            await app.tap("22 novembre 2026")
            await app.tap("Patron breveté")
            await app.tap("Embarqué")
            await app.until(lambda: app.shows("Ce que cette période change"))
            assert app.shows("74,60") or app.shows("74,6")
            await app.tap("Noter la période")
            await app.until(lambda: app.route == "/mer" and app.shows("Période notée."))
            assert app.text() != before

    run(scenario)


def test_a_day_twice_and_a_missing_answer_are_refused_beside_the_field(
    api: Any, demo: Callable[[str], str]
) -> None:
    async def scenario() -> None:
        async with open_app("/mer/periode", backend=api, token=demo("debutant")) as app:
            await app.until(lambda: app.shows("1. Navire"))
            await app.tap("Noter la période")
            assert app.shows("Touchez le premier jour, puis le dernier.")
            await app.tap("12 novembre 2026")
            await app.tap("22 novembre 2026")
            assert app.shows("un jour ne compte qu’une fois")
            await app.tap("21 novembre 2026")
            assert not app.shows("un jour ne compte qu’une fois")

    run(scenario)


class Cut(httpx.AsyncBaseTransport):
    """A network that can be cut."""

    def __init__(self, app: Any) -> None:
        self.inner = httpx.ASGITransport(app=app)
        self.down = False
        self.writes: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("no network")
        if request.method == "PUT" and "/entries/" in request.url.path:
            self.writes.append(request.content.decode())
        return await self.inner.handle_async_request(request)


def test_three_periods_without_a_network_are_sent_once_each_in_order(
    api: Any, demo: Callable[[str], str]
) -> None:
    network = Cut(api)

    async def scenario() -> None:
        async with open_app("/mer", backend=network, token=demo("conchyliculteur")) as app:
            await app.until(lambda: app.shows("Périodes notées"))
            network.down = True
            for day in ("20", "21", "22"):
                await app.tap("Ajouter une période")
                await app.until(lambda: app.shows("1. Navire"))
                await app.tap(f"{day} novembre 2026")
                await app.tap("Noter la période")
                await app.until(lambda: app.route == "/mer" and app.shows("pas encore envoyé"))
            assert app.shows("3 éléments pas encore envoyés")
            network.down = False
            await app.tap("Envoyer maintenant")
            await app.until(lambda: not app.shows("pas encore envoyé"))
            days = [text.split('"start":"')[1][:10] for text in network.writes]
            assert days == ["2026-11-20", "2026-11-21", "2026-11-22"]

    run(scenario)


def test_a_vessel_is_added_and_the_year_is_shown_as_partial(
    api: Any, demo: Callable[[str], str]
) -> None:
    async def scenario() -> None:
        async with open_app("/mer/navires", backend=api, token=demo("armateur")) as app:
            await app.until(lambda: app.shows("Étoile du Large"))
            assert app.shows("Plus de 12 et jusqu’à 25 mètres")
            await app.tap("Ajouter un navire")
            await app.until(lambda: app.shows("Nom du navire"))
            await app.type("Nom du navire", "Annexe")
            await app.type("Longueur, en mètres", "4,5")
            await app.choose("Genre de navigation", "Pêche côtière")
            await app.tap("Enregistrer le navire")
            await app.until(lambda: app.route == "/mer/navires" and app.shows("Annexe"))
            await app.go("/mer/valider/2026")
            await app.until(lambda: app.shows("Vos périodes"))
            assert app.shows("Total partiel")
            assert app.shows("L’année se valide à partir du")
            await app.go("/mer/echeancier")
            await app.until(lambda: app.shows("Vos cotisations 2026"))
            await app.go("/mer/equipage")
            await app.until(lambda: app.shows("Yann Kerbrat"))
            assert app.shows("Jours à bord en 2026")

    run(scenario)


def test_home_leads_to_the_log_and_declaring_leads_to_the_year(
    api: Any, demo: Callable[[str], str]
) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("pecheur")) as app:
            await app.until(lambda: app.shows("En mer"))
            await app.tap("Journal de mer")
            await app.until(lambda: app.route == "/mer")
            await app.go("/declare/2025/amounts")
            await app.until(lambda: app.route == "/mer/valider/2025")

    run(scenario)


async def answer_all(app: Any, day: str) -> None:
    """The four taps of a period of one day."""
    await app.until(lambda: app.shows("1. Navire"))
    await app.tap(f"{day} novembre 2026")
    await app.tap("Patron breveté")
    await app.tap("Embarqué")


def test_upgraded_part_time_repeated_and_removed(api: Any, call: Any, skipper: str) -> None:  # noqa: F811
    async def scenario() -> None:
        async with open_app("/mer/periode", backend=api, token=skipper) as app:
            await answer_all(app, "12")
            await app.choose("Catégorie", "Catégorie 9")
            assert app.shows("Surclassement : 6 d’après la table.")
            await app.type("Temps de travail, en % d’un temps plein", "0")
            await app.tap("Noter la période")
            assert app.shows("Un pourcentage de 1 à 100.")
            await app.keys("Temps de travail, en % d’un temps plein", "50")
            await app.tap("Noter la période")
            await app.until(lambda: app.route == "/mer" and app.shows("Période notée."))
            await app.tap("Répéter la dernière")
            await app.until(lambda: app.shows("1. Navire"))
            assert app.value("Temps de travail, en % d’un temps plein") == "50"
            assert app.shows("Surclassement : 6 d’après la table.")
            await app.tap("13 novembre 2026")
            await app.tap("Noter la période")
            await app.until(lambda: app.route == "/mer" and app.shows("Période notée."))
            await app.tap("13 novembre 2026")
            await app.until(lambda: app.shows("Supprimer la période"))
            await app.tap("Supprimer la période")
            await app.until(lambda: app.route == "/mer" and app.shows("Période supprimée."))

    run(scenario)
    kept = [e["data"] for e in services_of(call, skipper).values()]
    assert [(d["start"], d["category"], d["upgraded"]) for d in kept] == [("2026-11-12", 9, True)]
    assert float(kept[0]["ratio"]) == 50


def test_a_year_is_validated_and_its_receipt_shown(api: Any, call: Any, skipper: str) -> None:  # noqa: F811
    account = call("GET", "/accounts", token=skipper).json()[0]["id"]
    with api.state.services.storage.write() as database:
        database.execute(update(Person).values(email_confirmed_at=api.state.services.clock.now()))
    for name, start, end in (("days-0001", "03-01", "04-30"), ("days-0002", "06-01", "08-31")):
        data = {"start": f"2025-{start}", "end": f"2025-{end}", "vessel": "vessel-0001",
                "function": "skipper", "category": 6}  # fmt: skip
        done = call("PUT", f"/accounts/{account}/entries/{name}", token=skipper,
                    json={"kind": "service", "data": data})  # fmt: skip
        assert done.status_code == 200, done.text

    async def scenario() -> None:
        async with open_app("/mer/valider/2025", backend=api, token=skipper) as app:
            await app.until(lambda: app.shows("Vos périodes"))
            await app.tap("Valider mon année")
            await app.until(lambda: app.shows("Télécharger le reçu"))
            await app.go("/mer/valider/2025")
            await app.until(lambda: app.shows("Rien n’a changé depuis votre validation."))

    run(scenario)
    found = call("GET", f"/accounts/{account}/declarations/2025", token=skipper).json()
    assert len(found) == 1
