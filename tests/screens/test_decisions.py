"""Pay in several times, contest, and see where the euros went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.screens.harness import open_app, run

Demo = Callable[[str], str]


def test_a_complaint_is_opened_followed_and_kept_as_one_file(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/disputes", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Ce qui a été décidé"))
            await app.tap("Contester ou demander une remise")
            await app.until(lambda: app.shows("Expliquez en quelques phrases"))
            await app.tap("Envoyer")
            assert app.shows("Indiquez une réponse.")
            await app.choose("Que voulez-vous", "complaint")
            await app.type("Expliquez en quelques phrases", "Ce montant a déjà été payé.")
            await app.tap("Envoyer")
            await app.until(lambda: app.shows("Tout le dossier en PDF"))
            assert app.shows("Réponse attendue le")
            assert app.shows("L’étape suivante s’ouvre après la réponse")
            await app.type("Ce que vous voulez ajouter", "Voici le numéro du chèque.")
            await app.tap("Ajouter")
            await app.until(lambda: app.shows("Voici le numéro du chèque."))
            assert app.value("Ce que vous voulez ajouter") == ""

    run(scenario)


def test_a_plan_is_offered_only_on_its_conditions(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/plans", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Payer en plusieurs fois"))
            await app.until(
                lambda: app.shows("Des déclarations manquent") or app.shows("Rien n’est en retard")
            )
            assert not app.shows("Demander cet échéancier")

    run(scenario)


def test_where_the_euros_went_is_a_picture_and_a_table(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/euros", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Caisse par caisse"))
            assert app.shows("CSG-CRDS")
            assert app.shows("Payé en 2026")

    run(scenario)
