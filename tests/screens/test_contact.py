"""Messages, reminders and the operator's side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.usecases.operators import add_operator
from tests.screens.harness import open_app, run

Demo = Callable[[str], str]


def test_a_message_is_written_answered_and_read(api: Any, demo: Demo) -> None:
    services = api.state.services

    async def scenario() -> None:
        async with open_app("/messages", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Écrire au service"))
            await app.tap("Écrire au service")
            await app.tap("Envoyer le message")
            assert app.shows("Indiquez une réponse.")
            await app.choose("De quoi s’agit-il", "Une erreur à corriger")
            await app.type("En quelques mots", "Montant du deuxième trimestre")
            await app.type("Votre message", "J’ai déclaré deux fois\nla même facture.")
            await app.tap("Envoyer le message")
            await app.until(lambda: app.shows("Pas encore lu"))
            assert app.shows("la même facture")
            thread = app.route.rsplit("/", 1)[-1]
            assert app.services.session.person is not None
            mine = app.services.session.person.email
        add_operator(services, other_than(services, mine))
        token = demo("consultante")
        async with open_app("/operateur", backend=api, token=token) as agent:
            await agent.until(lambda: agent.shows("Montant du deuxième trimestre"))
            await agent.go(f"/operateur/messages/{thread}")
            await agent.until(lambda: agent.shows("la même facture"))
            await agent.type("Votre message", "C’est corrigé de notre côté.")
            await agent.tap("Envoyer le message")
            await agent.until(lambda: agent.shows("C’est corrigé de notre côté."))
            assert agent.value("Votre message") == ""
        async with open_app(f"/messages/{thread}", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("C’est corrigé de notre côté."))
            assert app.shows("Lu le")

    run(scenario)


def other_than(services: Any, mine: str) -> str:
    """The address of the demo consultant."""
    from sqlalchemy import select

    from backend.storage.tables import Person

    with services.storage.read() as database:
        found = database.scalars(select(Person.email)).all()
    return next(str(e) for e in found if "consultante" in e and e != mine)


def test_an_account_is_read_once_the_reason_is_said(api: Any, demo: Demo) -> None:
    add_operator(api.state.services, other_than(api.state.services, ""))

    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("artisan")) as app:
            account = app.services.session.accounts[0].id
            address = app.services.session.person.email  # type: ignore[union-attr]
        async with open_app("/operateur", backend=api, token=demo("consultante")) as agent:
            await agent.until(lambda: agent.shows("Trouver un compte"))
            await agent.type("SIRET, adresse e-mail", address)
            await agent.tap("Chercher")
            await agent.until(lambda: agent.shows("1 compte"))
            await agent.go(f"/operateur/comptes/{account}")
            await agent.until(lambda: agent.shows("Pourquoi consultez-vous"))
            await agent.type("Pourquoi consultez-vous", "Réponse à son message du jour")
            await agent.tap("Consulter une demi-heure")
            await agent.until(lambda: agent.shows("Lecture seule"))
            assert agent.shows("2e trimestre 2026")

    run(scenario)


def test_the_operators_area_is_closed_to_others(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/operateur", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("réservé à ceux qui travaillent"))
            await app.go("/settings")
            assert not app.shows("Espace opérateur")

    run(scenario)


def test_channels_are_chosen_and_the_calendar_address_is_shown_once(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/reminders", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Rappels par e-mail"))
            await app.choose("Rappels par e-mail", False)
            await app.until(lambda: app.value("Rappels par e-mail") is False)
            await app.tap("Créer une adresse")
            await app.until(lambda: app.shows(".ics"))
            await app.tap("Copier l’adresse")
            assert app.clipboard.endswith(".ics")
            await app.go("/settings")
            await app.go("/reminders")
            await app.until(lambda: app.shows("Créer une nouvelle adresse"))
            assert not app.shows(".ics")
            await app.tap("Fermer l’adresse")
            await app.until(lambda: not app.shows("Fermer l’adresse"))

    run(scenario)
