"""Two steps to sign in, as a person sets them up, uses them, and loses them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flet as ft
import pyotp
import pytest

from backend.storage.factor import Passkey
from tests.screens.conftest import PASSWORD
from tests.screens.harness import App, open_app, run
from tests.screens.test_access import link_of


def code(secret: str, steps: int = 0) -> str:
    """What the phone shows; `steps` later counts as another code."""
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + steps)


@pytest.fixture
def confirmed(call: Any, api_folder: Path, newcomer: tuple[str, str]) -> tuple[str, str]:
    """Somebody new whose address is confirmed."""
    email, token = newcomer
    answer = call(
        "POST", "/email-confirmations", json={"token": link_of(api_folder, email, "confirm")}
    )
    assert answer.status_code == 204
    return email, token


@pytest.fixture
def enrolled(call: Any, confirmed: tuple[str, str]) -> tuple[str, str, str, list[str]]:
    """Somebody with an app: e-mail, token, secret, recovery codes."""
    email, token = confirmed
    setup = call("POST", "/me/totp", token, json={"current_password": PASSWORD}).json()
    secret = setup["secret"].replace(" ", "")
    codes = call("POST", "/me/totp/confirm", token, json={"code": code(secret, -1)}).json()
    return email, token, secret, codes["codes"]


def test_the_app_is_set_up_in_the_settings(api: Any, confirmed: tuple[str, str]) -> None:
    _, token = confirmed

    async def scenario() -> None:
        async with open_app("/settings", backend=api, token=token) as app:
            await app.tap("Sécurité de la connexion")
            await app.until(lambda: app.shows("Activer avec une application"))
            await app.tap("Activer avec une application")
            await app.type("Mot de passe actuel", "pas le bon")
            await app.tap("Continuer")
            await app.until(lambda: app.shows("Ce n’est pas votre mot de passe actuel"))
            await app.type("Mot de passe actuel", PASSWORD)
            await app.tap("Continuer")
            await app.until(lambda: app.shows("Ou recopiez cette clé"))
            picture = app.find(ft.Image)
            assert picture.src.startswith("iVBOR")
            assert picture.semantics_label
            texts = [str(t.value) for t in app.find_all(ft.Text)]
            secret = texts[texts.index("Ou recopiez cette clé :") + 1].replace(" ", "")
            await app.type("Code affiché par l’application", "000000")
            await app.tap("Activer")
            await app.until(lambda: app.shows("Vérifiez l’heure de votre téléphone"))
            await app.type("Code affiché par l’application", code(secret))
            await app.tap("Activer")
            await app.until(lambda: app.shows("Notez ces codes de secours maintenant"))
            await app.tap("Copier les codes")
            assert len(app.clipboard.splitlines()) == 10
            await app.tap("Je les ai notés")
            await app.until(lambda: app.shows("Active depuis le"))
            assert not app.shows(app.clipboard.splitlines()[0])
            await app.tap("Retirer la double authentification")
            await app.type("Mot de passe actuel", PASSWORD)
            await app.tap("Retirer")
            await app.until(lambda: app.shows("Activer avec une application"))

    run(scenario)


async def first_step(app: App, email: str) -> None:
    """Address and password, up to the code."""
    await app.type("Adresse e-mail", email)
    await app.type("Mot de passe", PASSWORD)
    await app.tap("Se connecter")
    await app.until(lambda: app.shows("Deuxième étape"))


def test_sign_in_asks_the_code_then_goes_on(
    api: Any, enrolled: tuple[str, str, str, list[str]]
) -> None:
    email, _, secret, codes = enrolled

    async def scenario(given: str) -> None:
        async with open_app("/signin?next=%2Fsettings", backend=api) as app:
            await first_step(app, email)
            assert not app.services.session.signed_in
            await app.type("Code de connexion", "000000")
            await app.tap("Continuer")
            await app.until(lambda: app.shows("Essais restants : 4"))
            await app.type("Code de connexion", given)
            await app.tap("Continuer")
            await app.until(lambda: app.route == "/settings")

    run(lambda: scenario(code(secret)))
    run(lambda: scenario(codes[0]))


def test_a_reload_or_too_many_codes_start_again(
    api: Any, enrolled: tuple[str, str, str, list[str]]
) -> None:
    email = enrolled[0]

    async def scenario() -> None:
        async with open_app("/signin", backend=api) as app:
            await first_step(app, email)
            for left in (4, 3, 2, 1, 0):
                await app.type("Code de connexion", "000000")
                await app.tap("Continuer")
                await app.until(lambda left=left: app.shows(f"Essais restants : {left}"))
            await app.type("Code de connexion", "000000")
            await app.tap("Continuer")
            await app.until(lambda: app.shows("Recommencez la connexion"))
            await app.tap("Recommencer la connexion")
            await app.until(lambda: app.shows("Mot de passe oublié"))

    run(scenario)


def test_a_lost_phone_takes_a_delay(
    api: Any, api_folder: Path, enrolled: tuple[str, str, str, list[str]]
) -> None:
    email, token, _, _ = enrolled

    async def scenario() -> None:
        async with open_app("/signin", backend=api) as app:
            await first_step(app, email)
            await app.tap("J’ai perdu mon téléphone")
            assert app.shows("Un code de secours suffit")
            await app.tap("Recevoir le lien par e-mail")
            await app.until(lambda: app.shows("Un message vient de partir"))
            await app.go(f"/perdu?token={link_of(api_folder, email, 'perdu')}")
            await app.tap("Lancer le délai")
            await app.until(lambda: app.shows("Le délai court jusqu’au"))
            await app.go(f"/perdu/retirer?token={link_of(api_folder, email, 'perdu/retirer')}")
            await app.type("Mot de passe", PASSWORD)
            await app.tap("Retirer la double authentification")
            await app.until(lambda: app.shows("Le délai n’est pas encore écoulé"))
        async with open_app("/securite", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Quelqu’un a dit avoir perdu le téléphone"))
        async with open_app("/", backend=api) as app:
            await app.go(f"/perdu/annuler?token={link_of(api_folder, email, 'perdu/annuler')}")
            await app.tap("Arrêter le délai")
            await app.until(lambda: app.shows("la double authentification reste active"))
            await app.go("/perdu?token=court")
            assert app.shows("Ce lien est incomplet")

    run(scenario)


def test_few_codes_left_is_said_and_new_ones_are_made(
    api: Any, call: Callable[..., Any], enrolled: tuple[str, str, str, list[str]]
) -> None:
    email, token, _, codes = enrolled

    def use(given: str) -> None:
        first = call("POST", "/sessions", json={"email": email, "password": PASSWORD})
        challenge = first.json()["extra"]["challenge"]
        answer = call(
            "POST", "/sessions/second-factor", json={"challenge": challenge, "code": given}
        )
        assert answer.status_code == 201

    async def scenario() -> None:
        async with open_app("/securite", backend=api, token=token) as app:
            await app.until(lambda: app.shows("peu de codes de secours"))
            await app.tap("Créer de nouveaux codes")
            await app.type("Mot de passe actuel", PASSWORD)
            await app.tap("Créer les codes")
            await app.until(lambda: app.shows("Notez ces codes de secours maintenant"))
            await app.tap("Je les ai notés")
            await app.until(lambda: not app.shows("peu de codes de secours"))

    for given in codes[:7]:
        use(given)
    run(scenario)


def test_passkeys_are_renamed_and_removed(
    api: Any, call: Callable[..., Any], confirmed: tuple[str, str]
) -> None:
    _, token = confirmed
    services = api.state.services
    me = call("GET", "/me", token).json()["id"]
    with services.storage.write() as database:
        database.add(
            Passkey(
                person_id=me, credential_id=f"of-{me}", public_key="", sign_count=0,
                name="Tablette", synced=True, created_at=services.clock.now(), last_used_at=None,
            )
        )  # fmt: skip

    async def scenario() -> None:
        async with open_app("/securite", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Tablette"))
            assert app.shows("Pas encore servie")
            assert app.shows("Gardée sur plusieurs de vos appareils")
            await app.tap("Renommer « Tablette »")
            await app.type("Nom de la clé d’accès", "Vieille tablette")
            await app.tap("Renommer")
            await app.until(lambda: app.shows("Retirer « Vieille tablette »"))
            await app.tap("Retirer « Vieille tablette »")
            await app.type("Mot de passe actuel", "pas le bon")
            await app.tap("Retirer cette clé")
            await app.until(lambda: app.shows("Ce n’est pas votre mot de passe actuel"))
            await app.type("Mot de passe actuel", PASSWORD)
            await app.tap("Retirer cette clé")
            await app.until(lambda: not app.shows("Vieille tablette"))

    run(scenario)


@pytest.mark.parametrize(
    ("told", "said"),
    [("lier", "Connectez-vous une fois par mot de passe"), ("adresse", "n’a pas donné d’adresse"),
     ("echec", "n’a pas abouti"), ("gele", "Ce compte est bloqué")],
)  # fmt: skip
def test_what_came_of_a_visit_to_the_provider_is_said(api: Any, told: str, said: str) -> None:
    async def scenario() -> None:
        async with open_app(f"/signin?fournisseur={told}", backend=api) as app:
            await app.until(lambda: app.shows(said))
            assert app.shows("Mot de passe oublié")

    run(scenario)


def test_a_provider_may_hand_over_a_second_step(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/signin", backend=api) as app:
            await app.until(lambda: app.shows("Mot de passe oublié"))
            # The window they left is the one they come back to.
            await app.go("/signin?challenge=" + "x" * 43)
            await app.until(lambda: app.shows("Deuxième étape"))
            await app.type("Code de connexion", "123456")
            await app.tap("Continuer")
            await app.until(lambda: app.shows("Recommencez la connexion"))
            await app.tap("Recommencer la connexion")
            await app.until(lambda: app.shows("Mot de passe oublié"))

    run(scenario)
