"""Doctors: eligibility, the running total, later periods recomputed, boxes and payments."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from app.forms.form import Form
from app.screens.professions.base import WORDINGS, profession
from backend.storage.tables import Person
from contract.i18n import words
from contract.rates import shipped_rates
from regimes.doctor_pamc import REGIME as PAMC
from regimes.doctor_rspm import REGIME as RSPM
from regimes.regime import Alert, Kind
from tests.screens.harness import App, open_app, run

Demo = Callable[[str], str]
Caller = Callable[..., httpx.Response]
FEES = "Honoraires bruts perçus"
TODAY = date(2026, 11, 23)
SENT = re.compile(r"envoy|déclarée?s?\b|Déclarer\b|[Dd]éclarations? (envoy|reçue)", re.IGNORECASE)


def confirmed(api: Any, email: str) -> None:
    with api.state.services.storage.write() as database:
        database.execute(
            update(Person)
            .where(Person.email == email)
            .values(email_confirmed_at=api.state.services.clock.now())
        )


def opened(call: Caller, token: str, regime: str, profile: dict[str, Any]) -> str:
    made = call(
        "POST", "/accounts", token=token,
        json={"regime": regime, "siret": "73282932000074", "name": "Camille Essai",
              "profile": profile},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def sent(call: Caller, token: str, account: str, period: str, figures: dict[str, Any]) -> Any:
    shown = call(
        "POST", f"/accounts/{account}/estimates", token=token,
        json={"period": period, "declaration": figures},
    ).json()  # fmt: skip
    answer = call(
        "PUT", f"/accounts/{account}/declarations/{period}", token=token,
        json={"declaration": figures, "fingerprint": shown["fingerprint"],
              "rates_version": shown["rates_version"], "form_version": shown["form_version"]},
        headers={"Idempotency-Key": f"doctor-{account}-{period}"[:60]},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def replacement(api: Any, call: Caller, newcomer: tuple[str, str]) -> tuple[str, str]:
    """A replacement doctor of 2026 with a first quarter at 10 000 €: token and account."""
    email, token = newcomer
    confirmed(api, email)
    account = opened(
        call, token, "rspm-medecin",
        {"start_date": "2026-01-01", "status": "doctor", "disability_option": 100},
    )  # fmt: skip
    sent(call, token, account, "2026-Q1", {"fees": "10000"})
    return token, account


def forms(regime: Any) -> list[Form]:
    speaks = profession(regime.code)
    rates = shipped_rates(regime)
    facts: dict[str, Any] = {"start_date": "2025-01-01"}
    facts |= {"status": "doctor", "disability_option": 100} if regime is RSPM else {"sector": "S1"}
    profile = regime.Profile.model_validate(facts)
    period = regime.periods(profile, TODAY, rates)[0]
    return [speaks.profile_form(TODAY), speaks.declaration_form(profile, period, rates)]


@pytest.mark.parametrize("regime", [RSPM, PAMC], ids=["rspm", "pamc"])
def test_forms_are_sound(regime: Any) -> None:
    for form in forms(regime):
        assert form.faults() == []


def test_a_preparation_is_never_called_declared_or_sent(api: Any, demo: Demo) -> None:
    for text in asdict(WORDINGS[Kind.PREPARATION]).values():
        assert not SENT.search(text), text

    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("secteur2")) as app:
            for route, shown in (
                ("/home", "Vos paiements 2026"), ("/history", "2025"),
                ("/history/2025", "Cases à reporter"), ("/declare/2025/amounts", "déjà préparée"),
                ("/correct/2025/amounts", "Recettes brutes totales"),
                ("/declare/2026/amounts", "pas encore ouverte"), ("/options", "Fin d’activité"),
            ):  # fmt: skip
                await app.go(route)
                await app.until(lambda shown=shown: app.shows(shown))
                found = SENT.search(app.text())
                assert found is None, (route, found)

    run(scenario)


@pytest.mark.parametrize(
    ("regime", "alerts"),
    [
        (RSPM, ["rspm_step_near", "rspm_step_above", "rspm_second_year", "rspm_upper_near",
                "rspm_exit_band", "rspm_exit_above", "rspm_empty", "window_periodicity"]),
        (PAMC, ["pamc_to_prepare", "pamc_refund", "pamc_regularisation", "pamc_new_base"]),
    ],
    ids=["rspm", "pamc"],
)  # fmt: skip
def test_every_alert_has_its_sentence(regime: Any, alerts: list[str]) -> None:
    figures = ("value", "limit", "upper", "left", "amount", "before", "after", "year", "count")
    params: dict[str, Any] = dict.fromkeys(figures, 1000)
    params |= dict.fromkeys(("on", "due", "closes", "effective"), TODAY)
    for code in alerts:
        title, text = profession(regime.code).alert(Alert(code, "info", params), words("fr"))
        assert title != "À savoir"
        assert "{" not in title + text


def test_eligibility_is_asked_and_explained(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/signup", backend=api) as app:
            await app.tap("Médecin remplaçant (régime simplifié)")
            await app.type("Nom ou enseigne", "Camille Essai")
            await app.type("SIRET", "73282932000074")
            await app.tap("Continuer")
            await app.until(lambda: app.shows("Est-ce votre seule activité indépendante ?"))
            await app.choose("Êtes-vous médecin", "yes")
            await app.choose("Est-ce votre seule activité", "no")
            await app.choose("Bénéficiez-vous de l’ACRE", "yes")
            await app.choose("Pensez-vous rester sous", "no")
            await app.tap("Continuer")
            await app.until(lambda: app.shows("Une autre activité indépendante exclut ce régime"))
            assert app.shows("L’ACRE ne se cumule pas avec ce régime")
            assert app.shows("Au-dessus de 19 000 € d’honoraires par an")

    run(scenario)


def test_the_student_sees_the_ceiling_near(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("etudiante")) as app:
            await app.until(lambda: app.shows("19 000 € bientôt atteints"))
            assert app.shows("Honoraires déclarés")
            assert app.shows("Premier palier : 19 000 €")
            assert app.shows("Plafond de sortie : 38 000 €")
            assert not app.shows("En retard")

    run(scenario)


def test_the_second_year_in_the_band_ends_the_regime(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("remplacant")) as app:
            await app.until(lambda: app.shows("Vous sortez du régime le 1er janvier 2027"))

    run(scenario)


async def to_check(app: App, amount: str) -> None:
    await app.until(lambda: app.shows(FEES))
    await app.type(FEES, amount)
    await app.tap("Vérifier")


def test_a_replacement_doctor_declares_across_the_step(
    api: Any, replacement: tuple[str, str]
) -> None:
    async def scenario() -> None:
        token, _ = replacement
        async with open_app("/declare/2026-Q2/amounts", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Votre année, avec ce montant"))
            assert app.shows("10 000 € sur 19 000 €")
            assert not app.shows("Rien encaissé sur cette période")
            await app.type(FEES, "12000")
            await app.until(lambda: app.shows("22 000 € sur 19 000 €"))
            assert app.shows("1 851 €")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Honoraires au-dessus de 19 000 €"))
            assert app.shows("À part, une fois par an")
            assert app.shows("La répartition n’est publiée que pour le taux de 2020")
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.shows("Déclaration envoyée"))
            assert app.crashes == []

    run(scenario)


def test_zero_is_not_declared(api: Any, replacement: tuple[str, str]) -> None:
    async def scenario() -> None:
        token, _ = replacement
        async with open_app("/declare/2026-Q2/amounts", backend=api, token=token) as app:
            await to_check(app, "0")
            await app.until(lambda: app.shows("Zéro ne se déclare pas dans ce régime"))
            assert app.route == "/declare/2026-Q2/amounts"

    run(scenario)


def test_a_correction_shows_what_the_later_quarters_become(
    api: Any, call: Caller, replacement: tuple[str, str]
) -> None:
    token, account = replacement
    sent(call, token, account, "2026-Q2", {"fees": "12000"})

    async def scenario() -> None:
        async with open_app("/correct/2026-Q1/amounts", backend=api, token=token) as app:
            await to_check(app, "19000")
            await app.until(lambda: app.shows("Périodes suivantes, recalculées"))
            assert app.shows("636 €, puis 2 544 €")
            await app.tap("Envoyer la correction")
            await app.until(lambda: app.shows("Correction envoyée"))

    run(scenario)
    latest = call("GET", f"/accounts/{account}/declarations/2026-Q2", token=token).json()[0]
    assert (latest["version"], latest["due"]) == (2, "2544")
    balance = call("GET", f"/accounts/{account}/overview", token=token).json()["balance"]["balance"]
    assert float(balance) == 2565 + 2544


def test_a_doctor_moves_to_the_contracted_regime_and_keeps_the_history(
    api: Any, call: Caller, replacement: tuple[str, str]
) -> None:
    token, account = replacement

    async def scenario() -> None:
        async with open_app("/options/pamc", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Indiquez d’abord la fin de vos remplacements"))
        ended = call(
            "POST", f"/accounts/{account}/options/cessation", token=token,
            json={"value": "2026-09-30"},
        )  # fmt: skip
        assert ended.status_code == 200, ended.text
        async with open_app("/options/pamc", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Secteur 1"))
            await app.choose("Votre choix", "S1")
            await app.tap("Enregistrer mon choix")
            await app.until(
                lambda: call("GET", "/accounts", token=token).json()[0]["regime"] == "pamc-medecin"
            )
        async with open_app("/history", backend=api, token=token) as app:
            await app.until(lambda: app.shows("1er trimestre 2026"))
            assert app.shows("1 350 €")
        async with open_app("/history/2026-Q1", backend=api, token=token) as app:
            await app.until(lambda: app.shows(FEES))
            assert not app.shows("Corriger")
        async with open_app("/home", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Rien à préparer aujourd’hui"))
            assert app.crashes == []

    run(scenario)


def test_the_home_of_a_contracted_doctor_is_a_schedule(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("secteur1")) as app:
            await app.until(lambda: app.shows("Vos paiements 2026"))
            assert app.shows("Régularisation de 2025")
            assert app.shows("La base de vos cotisations a changé")
            assert app.shows("Enregistrée le")
            assert not app.shows("Envoyée le")
            assert not app.shows("À mettre de côté")

    run(scenario)


@pytest.fixture
def contracted(api: Any, call: Caller, newcomer: tuple[str, str]) -> str:
    """A sector 1 doctor whose year 2025 is to prepare: the token."""
    email, token = newcomer
    confirmed(api, email)
    opened(
        call, token, "pamc-medecin",
        {"start_date": "2015-03-01", "sector": "S1",
         "known": [{"year": 2024, "income": "72000", "on": "2025-06-30"}]},
    )  # fmt: skip
    return token


def test_a_contracted_doctor_prepares_the_boxes(api: Any, contracted: str) -> None:
    async def scenario() -> None:
        async with open_app("/declare/2025/amounts", backend=api, token=contracted) as app:
            await app.until(lambda: app.shows("Recettes brutes totales"))
            await app.type("Recettes brutes totales", "100000")
            await app.type("Honoraires conventionnés", "90000")
            await app.type("Dépassements d’honoraires", "20000")
            await app.choose("Êtes-vous au régime micro-BNC ?", "no")
            await app.choose("L’année se termine par", "profit")
            await app.type("Revenu brut social", "70000")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("ne peuvent pas dépasser les recettes"))
            await app.type("Dépassements d’honoraires", "0")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Cases à reporter"))
            assert app.shows("DSAU")
            assert app.shows("0,90")
            assert app.shows("Appelé par la Carmf, estimation")
            assert app.shows("Prise en charge de l’Assurance maladie")
            assert not app.shows("Envoyer la déclaration")
            await app.tap("Copier la fiche")
            await app.until(lambda: "DSCS\t100000" in app.clipboard)
            await app.tap("Enregistrer mon revenu")
            await app.until(lambda: app.shows("Revenu enregistré"))
            assert not app.shows("Déclaration envoyée")
            assert app.crashes == []
        async with open_app("/history/2025", backend=api, token=contracted) as app:
            await app.until(lambda: app.shows("Ce que vous avez préparé"))
            assert app.shows("Cases à reporter")

    run(scenario)


def test_an_estimate_of_the_income(api: Any, contracted: str) -> None:
    async def scenario() -> None:
        async with open_app("/options/modulation", backend=api, token=contracted) as app:
            await app.until(lambda: app.shows("Revenu estimé pour l’année"))
            await app.type("Revenu estimé pour l’année", "30 000")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("Votre choix est enregistré."))
            assert app.shows("30 000 €")

    run(scenario)


def test_ordinary_sector_2_is_told_where_to_go(api: Any) -> None:
    async def scenario() -> None:
        async with open_app("/signup", backend=api) as app:
            await app.tap("Médecin conventionné (PAMC)")
            await app.type("Nom ou enseigne", "Camille Essai")
            await app.type("SIRET", "73282932000074")
            await app.tap("Continuer")
            await app.choose("Dans quel secteur exercez-vous ?", "S2")
            await app.choose("Avez-vous choisi le régime PAMC", "no")
            await app.tap("Continuer")
            await app.until(lambda: app.shows("vous relevez du régime des indépendants"))

    run(scenario)
