"""My data: a copy with the password, what is kept, and the way out and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from backend.storage.privacy import Closure
from backend.usecases.sessions import make_token
from tests.screens.harness import open_app, run

Demo = Callable[[str], str]


def test_a_copy_is_asked_for_with_the_password(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/mes-donnees", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Ce qui est gardé"))
            assert app.shows("6 ans après la fin de l’année")
            assert app.shows("à confirmer")
            await app.tap("Préparer ma copie")
            assert app.shows("Indiquez une réponse.")
            await app.choose("Sous quelle forme ?", "JSON, complet")
            await app.type("Mot de passe actuel", "pas le bon du tout")
            await app.tap("Préparer ma copie")
            await app.until(lambda: app.shows("Ce n’est pas votre mot de passe actuel."))
            assert app.value("Mot de passe actuel") == ""

    run(scenario)


def test_closing_says_what_is_in_the_way_and_may_be_taken_back(api: Any, demo: Demo) -> None:
    services = api.state.services

    async def scenario() -> None:
        async with open_app("/mes-donnees", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Il vaut mieux régler ceci avant"))
            assert not app.shows("Fermer dans 30 jours")
            await app.tap("Fermer mon compte…")
            assert app.shows("Je ferme l’accès en sachant")
            person = app.services.session.person
            assert person is not None
            now = services.clock.now()
            with services.storage.write() as database:
                database.add(
                    Closure(
                        person_id=person.id, state="asked", asked_at=now,
                        effective_at=now + timedelta(days=30),
                    )
                )  # fmt: skip
                token = make_token(
                    database, now, person.id, "cancel-closure", timedelta(days=30)
                )  # fmt: skip
        async with open_app("/mes-donnees", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Votre compte fermera le"))
            assert not app.shows("Fermer mon compte…")
            await app.tap("Garder mon compte")
            await app.until(lambda: app.shows("Fermer mon compte…"))
        async with open_app(f"/keep?token={token}", backend=api) as app:
            await app.tap("Garder mon compte")
            await app.until(lambda: app.shows("Ce lien a déjà servi") or app.shows("expiré"))
        async with open_app("/keep?token=short", backend=api) as app:
            assert app.shows("Ce lien est incomplet")

    run(scenario)


def test_the_way_there_is_in_the_settings(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/settings", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Mes données"))
            await app.tap("Mes données")
            await app.until(lambda: app.shows("Télécharger mes données"))

    run(scenario)
