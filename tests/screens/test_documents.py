"""The safe: asked, found, taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.screens.harness import open_app, run

Demo = Callable[[str], str]


def test_an_attestation_is_asked_made_and_found_again(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("consultante")) as app:
            await app.go("/documents")
            await app.until(lambda: app.shows("Demander une attestation"))
            await app.tap("Attestation d’affiliation")
            await app.until(lambda: app.shows("Établir l’attestation"))
            await app.tap("Établir l’attestation")
            await app.until(lambda: app.shows("est prêt"))
            await app.tap("Voir tous mes documents")
            await app.until(lambda: app.shows("Vos documents"))
            await app.type("Chercher un titre ou un numéro", "AFFILIATION")
            await app.until(lambda: app.shows("1 document"))
            assert not app.shows("Reçu Q-")
            await app.type("Chercher un titre ou un numéro", "reçu inexistant")
            await app.until(lambda: app.shows("0 document"))

    run(scenario)


def test_documents_are_filtered_by_year_and_kind(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/documents", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Vos documents"))
            everything = app.text()
            assert "2026" in everything
            await app.choose("Année", "2025")
            await app.until(lambda: app.text() != everything)
            await app.choose("Genre", "Reçus")
            assert app.shows("Reçu Q-")

    run(scenario)


def test_the_months_of_a_quarter_must_add_up(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/documents/ask/turnover", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Établir l’attestation"))
            assert app.shows("Vous déclarez chaque trimestre")
            for month in ("Janvier", "Février", "Mars"):
                await app.type(month, "1")
            await app.tap("Établir l’attestation")
            await app.until(lambda: app.shows("n’ont pas pour total"))
            assert app.value("Janvier") == "1"
            await app.type("Mars", "")
            await app.tap("Établir l’attestation")
            await app.until(lambda: app.shows("Il manque ce mois"))

    run(scenario)


def test_what_is_in_the_way_is_said_in_words(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/documents/ask/vigilance", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Des déclarations manquent"))
            assert not app.shows("Établir l’attestation")

    run(scenario)
