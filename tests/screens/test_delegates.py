"""Somebody acts for me, on the screens: invited, accepted, limited to what was given, ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.screens.conftest import PASSWORD, Caller
from tests.screens.harness import open_app, run
from tests.screens.test_access import link_of

ENDS = "2027-06-30"
PROFILE = {
    "start_date": "2024-01-10", "categories": ["vente"], "nature": "commerciale",
    "department": "75", "periodicity": [{"since": "2024-01-10", "value": "monthly"}],
}  # fmt: skip


@pytest.fixture
def owner(call: Caller, api_folder: Path, newcomer: tuple[str, str]) -> tuple[str, str]:
    """Somebody with an account and a confirmed address: (token, account)."""
    email, token = newcomer
    link = link_of(api_folder, email, "confirm")
    assert call("POST", "/email-confirmations", json={"token": link}).status_code == 204
    body = {
        "regime": "auto-entrepreneur", "siret": "12345678200010", "name": "Camille Essai",
        "profile": PROFILE,
    }  # fmt: skip
    return token, call("POST", "/accounts", token, json=body).json()["id"]


@pytest.fixture
def cabinet(call: Caller, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Somebody else: (e-mail, token)."""
    mark = crc32(b"cabinet" + request.node.name.encode())
    email = f"cabinet-{mark:08x}@exemple.fr"
    body = {"email": email, "password": PASSWORD, "locale": "fr"}
    address = f"10.{mark >> 16 & 255}.{mark >> 8 & 255}.{mark & 255}"
    answer = call("POST", "/persons", address=address, json=body)
    return email, answer.json()["token"]


def given(
    call: Caller, folder: Path, owner: tuple[str, str], cabinet: tuple[str, str], *scopes: str
) -> None:
    """The cabinet acts on the owner's account."""
    token, account = owner
    body = {
        "email": cabinet[0], "name": "Cabinet Martin", "kind": "accountant",
        "scopes": list(scopes), "ends_on": ENDS, "current_password": PASSWORD,
    }  # fmt: skip
    made = call("POST", f"/accounts/{account}/delegations", token, json=body)
    assert made.status_code == 201, made.text
    answer = {"token": link_of(folder, cabinet[0], "invitation"), "accept": True}
    assert call("POST", "/invitations/answer", cabinet[1], json=answer).status_code == 204


def test_somebody_is_invited_from_the_settings(
    api: Any, call: Caller, owner: tuple[str, str], cabinet: tuple[str, str]
) -> None:
    async def scenario() -> None:
        async with open_app("/settings", backend=api, token=owner[0]) as app:
            await app.tap("Qui agit pour moi")
            await app.until(lambda: app.shows("Inviter quelqu’un"))
            await app.choose("Qui est-ce ?", "accountant")
            await app.type("Son nom", "Cabinet Martin")
            await app.type("Son adresse e-mail", cabinet[0])
            await app.choose("Préparer les déclarations", True)
            await app.type("Jusqu’au", "22/11/2026")
            await app.type("Votre mot de passe", PASSWORD)
            await app.tap("Envoyer l’invitation")
            await app.until(lambda: app.shows("Choisissez un jour à venir."))
            assert app.value("Son nom") == "Cabinet Martin"  # nothing typed is lost
            await app.type("Jusqu’au", "30/06/2027")
            await app.type("Votre mot de passe", PASSWORD)
            await app.tap("Envoyer l’invitation")
            await app.until(lambda: app.shows(f"Invitation envoyée à {cabinet[0]}"))
            assert app.shows("Invitation envoyée, sans réponse")
            await app.until(lambda: app.shows("Voir le compte, Préparer les déclarations"))
            await app.tap("Mettre fin pour Cabinet Martin")
            await app.tap("Mettre fin maintenant")
            await app.until(lambda: app.shows("Vous y avez mis fin"))

    run(scenario)


def test_an_invitation_is_accepted_and_its_account_opens(
    api: Any, call: Caller, api_folder: Path, owner: tuple[str, str], cabinet: tuple[str, str]
) -> None:
    body = {
        "email": cabinet[0], "name": "Cabinet Martin", "kind": "spouse", "scopes": ["send"],
        "ends_on": ENDS, "current_password": PASSWORD,
    }  # fmt: skip
    assert call("POST", f"/accounts/{owner[1]}/delegations", owner[0], json=body).status_code == 201
    link = link_of(api_folder, cabinet[0], "invitation")

    async def scenario() -> None:
        route = f"/invitation?token={link}"
        async with open_app(route, backend=api, token=cabinet[1]) as app:
            await app.until(lambda: app.shows("Camille Essai vous invite à agir sur son compte"))
            assert app.shows("Signer et envoyer les déclarations")
            assert not app.shows("Payer, sans changer de compte bancaire")
            await app.tap("Accepter")
            await app.until(lambda: app.route == "/home")
            await app.until(lambda: app.shows("Vous agissez pour Camille Essai"))

    run(scenario)


def test_who_prepares_does_not_send_nor_pay(
    api: Any, call: Caller, api_folder: Path, owner: tuple[str, str], cabinet: tuple[str, str]
) -> None:
    given(call, api_folder, owner, cabinet, "prepare")

    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=cabinet[1]) as app:
            await app.until(lambda: app.shows("Vente de marchandises"))
            await app.type("Vente de marchandises (BIC)", "1000")
            await app.choose(
                "Une plateforme a-t-elle déjà retenu vos cotisations sur une partie ?", "no"
            )
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("vous ne pouvez pas signer à sa place"))
            assert not app.shows("Envoyer la déclaration")
        # The owner comes back to the same figures.
        async with open_app("/declare/2026-10/amounts", backend=api, token=owner[0]) as app:
            await app.until(lambda: app.shows("Vente de marchandises (BIC)"))
            assert app.value("Vente de marchandises (BIC)") == "1\u202f000"
        async with open_app("/qui-agit", backend=api, token=owner[0]) as app:
            await app.until(lambda: app.shows("a préparé une déclaration"))

    run(scenario)


def test_who_sends_for_somebody_is_told_so(
    api: Any, call: Caller, api_folder: Path, owner: tuple[str, str], cabinet: tuple[str, str]
) -> None:
    given(call, api_folder, owner, cabinet, "send")

    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=cabinet[1]) as app:
            await app.until(lambda: app.shows("Vente de marchandises"))
            await app.type("Vente de marchandises (BIC)", "1000")
            await app.choose(
                "Une plateforme a-t-elle déjà retenu vos cotisations sur une partie ?", "no"
            )
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Vous signez pour Camille Essai"))
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.route.endswith("/sent"))
            await app.go("/pay/declaration.2026-10")
            await app.until(lambda: app.shows("ne vous a pas confié ses paiements"))
        async with open_app("/history/2026-10", backend=api, token=owner[0]) as app:
            await app.until(lambda: app.shows("Envoyée par Cabinet Martin"))

    run(scenario)


def test_one_stops_acting(
    api: Any, call: Caller, api_folder: Path, owner: tuple[str, str], cabinet: tuple[str, str]
) -> None:
    given(call, api_folder, owner, cabinet, "see")

    async def scenario() -> None:
        async with open_app("/qui-agit", backend=api, token=cabinet[1]) as app:
            await app.tap("Ne plus agir pour cette personne")
            await app.until(lambda: app.shows("Aucune activité pour l’instant"))

    run(scenario)
    assert call("GET", f"/accounts/{owner[1]}", cabinet[1]).status_code == 404
