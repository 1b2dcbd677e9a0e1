"""Before an account, and around it: welcome, sign-up, sign-in, password, options, settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screens.conftest import PASSWORD
from tests.screens.harness import App, open_app, run

Demo = Callable[[str], str]


def link_of(folder: Path, address: str, kind: str) -> str:
    """The token of the newest message of `kind` (confirm, reset) sent to `address`."""
    for message in sorted((folder / "outbox").iterdir(), key=lambda f: f.stat().st_mtime_ns)[::-1]:
        text = message.read_text("utf-8").replace("=\n", "").replace("=3D", "=")
        found = re.search(rf"/{kind}\?token=([A-Za-z0-9_-]+)", text)
        if address in text and found:
            return found[1]
    raise AssertionError(f"no {kind} message for {address}")


def test_a_ready_account_opens_in_one_tap(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/", backend=api) as app:
            await app.until(lambda: app.shows("Essayer avec un compte prêt"))
            await app.tap("Outre-mer")
            await app.until(lambda: app.route == "/home" and app.shows("Prochaine échéance"))

    run(scenario)


def test_sign_up_from_welcome_to_home(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/", backend=api) as app:
            await app.tap("Créer un compte")
            await app.tap("Auto-entrepreneur")
            await app.tap("Continuer")
            assert app.shows("2 réponses sont à revoir : Nom ou enseigne, SIRET.")
            assert app.shows("Indiquez une réponse.")
            await app.type("Nom ou enseigne", "Atelier Camille")
            await app.type("SIRET", "732 829 320 00075")
            assert app.shows("Ce SIRET n’existe pas")
            await app.type("SIRET", "73282932000074")
            assert app.value("SIRET") == "732 829 320 00074"
            await app.tap("Continuer")
            assert app.route == "/signup/activity"
            await app.choose("Vente de marchandises", True)
            await app.choose("Comment êtes-vous inscrit", "Commerce")
            await app.choose("Dans quel département", "75")
            await app.tap("Continuer")
            assert app.route == "/signup/start", app.text()
            await app.type("Quand votre activité", "15/03/2026")
            await app.choose("À quel rythme", "Chaque mois")
            await app.tap("Continuer")
            for question in ("Avez-vous obtenu l’ACRE", "Avez-vous choisi le versement",
                             "Facturez-vous la TVA"):  # fmt: skip
                await app.choose(question, "Non")
            await app.tap("Continuer")
            assert app.route == "/signup/access", app.text()
            await app.type("Adresse e-mail", "Camille.Atelier@exemple.fr")
            await app.type("Choisissez un mot de passe", "court")
            assert app.shows("Choisissez au moins 12 caractères.")
            await app.type("Choisissez un mot de passe", PASSWORD)
            await app.tap("Continuer")
            assert app.shows("Relire et créer")
            assert app.shows("Atelier Camille")
            assert app.shows("15 mars 2026")
            assert not app.shows(PASSWORD)
            await app.tap("Créer le compte")
            await app.until(lambda: app.shows("Vous écrivez ce que vous avez encaissé"))
            await app.tap("Passer")
            await app.until(lambda: app.route == "/home" and app.shows("Atelier Camille"))

    run(scenario)


def test_sign_up_cannot_be_entered_in_the_middle(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/signup/access", backend=api) as app:
            await app.until(lambda: app.route == "/signup/identity")
            assert app.shows("Nom ou enseigne")

    run(scenario)


def test_what_the_backend_refuses_stands_beside_its_field(
    api: Any, newcomer: tuple[str, str]
) -> None:
    email, _ = newcomer

    async def scenario() -> None:
        async with open_app("/signin", backend=api) as app:
            await app.type("Adresse e-mail", email)
            await app.type("Mot de passe", "une autre phrase entière")
            await app.tap("Se connecter")
            await app.until(lambda: app.shows("ne correspond pas"))
            await app.type("Mot de passe", PASSWORD)
            await app.tap("Se connecter")
            await app.until(lambda: app.route == "/home")

    run(scenario)


def test_sign_in_goes_on_to_where_one_was_going_but_not_elsewhere(
    api: Any, newcomer: tuple[str, str]
) -> None:
    email, _ = newcomer

    async def scenario(target: str, expected: str) -> None:
        async with open_app(f"/signin?next={target}", backend=api) as app:
            await app.type("Adresse e-mail", email)
            await app.type("Mot de passe", PASSWORD)
            await app.tap("Se connecter")
            await app.until(lambda: app.route == expected)

    run(lambda: scenario("%2Fsettings", "/settings"))
    run(lambda: scenario("https%3A%2F%2Fmechant.example", "/home"))
    run(lambda: scenario("%2F%2Fmechant.example", "/home"))


def test_a_forgotten_password_is_changed_by_a_link(
    api: Any, api_folder: Path, newcomer: tuple[str, str]
) -> None:
    email, _ = newcomer

    async def scenario() -> None:
        async with open_app("/forgot", backend=api) as app:
            await app.type("Adresse e-mail", email)
            await app.tap("Recevoir un lien")
            await app.until(lambda: app.shows("un message vient de partir"))
            await app.go(f"/reset?token={link_of(api_folder, email, 'reset')}")
            await app.type("Choisissez un mot de passe", "motdepasse123")
            await app.tap("Changer le mot de passe")
            await app.until(lambda: app.shows("trop facile à deviner"))
            await app.type("Choisissez un mot de passe", "cinq lapins dorment au soleil")
            await app.tap("Changer le mot de passe")
            await app.until(lambda: app.shows("Votre mot de passe est changé"))
            await app.tap("Se connecter")
            await app.type("Adresse e-mail", email)
            await app.type("Mot de passe", "cinq lapins dorment au soleil")
            await app.tap("Se connecter")
            await app.until(lambda: app.route == "/home")

    run(scenario)


def test_an_address_is_confirmed_by_its_link_once(
    api: Any, api_folder: Path, newcomer: tuple[str, str]
) -> None:
    email, token = newcomer

    async def scenario() -> None:
        link = f"/confirm?token={link_of(api_folder, email, 'confirm')}"
        async with open_app(link, backend=api, token=token) as app:
            await app.until(lambda: app.shows("Votre adresse est confirmée"))
            assert app.services.session.person is not None
            assert app.services.session.person.email_confirmed
        async with open_app(link, backend=api) as app:
            await app.until(lambda: app.shows("a expiré ou a déjà servi"))

    run(scenario)


def test_the_finder_is_kind_when_the_answer_is_not_here() -> None:
    async def scenario() -> None:
        async with open_app("/regime") as app:
            await app.tap("Comme salarié")
            assert app.shows("Question 2, 5 au plus")
            await app.tap("Non")
            assert app.shows("Vous n’avez rien à déclarer ici")
            await app.tap("Question précédente")
            await app.tap("Question précédente")
            await app.tap("À mon compte")
            await app.tap("Commerce, artisanat")
            await app.tap("Non, je suis en micro")
            await app.tap("Non")
            assert app.shows("Vous êtes auto-entrepreneur")
            await app.tap("Créer un compte")
            assert app.route == "/signup"

    run(scenario)


def test_an_option_is_chosen_and_says_so(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/options", backend=api, token=demo("reunion")) as app:
            await app.until(lambda: app.shows("Ouvertes aujourd’hui"))
            await app.tap("Périodicité des déclarations")
            await app.until(lambda: app.shows("Votre choix"))
            await app.tap("Enregistrer mon choix")
            assert app.shows("Une réponse est à revoir")
            other = "Chaque trimestre" if "Chaque mois" in app.text() else "Chaque mois"
            await app.choose("Votre choix", other)
            await app.tap("Enregistrer mon choix")
            await app.until(lambda: app.shows("Votre choix est enregistré"))

    run(scenario)


def test_a_closed_option_says_why(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/options/acre", backend=api, token=demo("vendeuse")) as app:
            await app.until(lambda: app.shows("L’ACRE est déjà enregistrée"))
            with pytest.raises(AssertionError):
                await app.tap("Enregistrer mon choix")

    run(scenario)


def test_settings_follow_the_person(api: Any, newcomer: tuple[str, str]) -> None:
    _, token = newcomer

    async def scenario() -> None:
        async with open_app("/settings", backend=api, token=token) as app:
            await app.choose("Thème", "Sombre")
            await app.choose("Taille du texte", "150 %")
            await app.choose("Langue", "English")
            await app.settle()
        async with open_app("/settings", backend=api, token=token) as app:
            kept = app.services.settings
            assert (kept.theme, kept.text_size, kept.locale) == ("dark", 150, "en")

    run(scenario)


def test_password_and_sessions_of_the_profile(api: Any, newcomer: tuple[str, str]) -> None:
    _, token = newcomer

    async def scenario() -> None:
        async with open_app("/profile", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Cette session"))
            await app.tap("Changer de mot de passe")
            await app.type("Mot de passe actuel", "ce n’est pas lui du tout")
            await app.type("Nouveau mot de passe", "six canards glissent sur le lac")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("Ce n’est pas votre mot de passe actuel"))
            await app.type("Mot de passe actuel", PASSWORD)
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("vos autres sessions sont terminées"))

    run(scenario)


def test_signing_out_forgets_everything(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/settings", backend=api, token=demo("reunion")) as app:
            await app.tap("Se déconnecter")
            await app.until(lambda: app.route == "/")
            assert not app.services.session.signed_in
            await app.go("/home")
            await app.until(lambda: app.route.startswith("/signin"))

    run(scenario)


async def walk(app: App, path: str) -> None:
    """Open a route of the table with the values of a real account, and wait until it is there."""
    await app.go(path)
    await app.until(lambda: not app.shows("Chargement…") and not app.shows("Loading…"))


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("width", [375, 1440])
def test_every_route_draws(api: Any, demo: Demo, locale: str, width: int) -> None:
    from app.router import SCREENS

    values = {":period": "2026-09", ":code": "acre"}

    async def scenario() -> None:
        async with open_app("/", backend=api, token=demo("vendeuse"), width=width) as app:
            app.services.settings.locale = locale
            for entry in SCREENS:
                path = entry.path.replace(":step", "identity" if "signup" in entry.path
                                          else "amounts")  # fmt: skip
                for name, value in values.items():
                    path = path.replace(name, value)
                await walk(app, path)
                assert len(app.text()) > 20, path
                for crash in ("Erreur n°", "Error no"):
                    assert not app.shows(crash), f"{path}\n{app.text()}"

    run(scenario)
