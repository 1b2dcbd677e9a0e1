"""A VRP claims a year: employers, what each paid, and the over-payment that follows the typing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.forms.form import Journey
from app.screens.professions.base import profession
from app.screens.professions.vrp import spread
from contract.i18n import words
from contract.rates import shipped_rates
from regimes.regime import Alert
from regimes.vrp import REGIME, Declaration, Profile, year_result
from tests.screens.harness import open_app, run

Demo = Callable[[str], str]
TODAY = date(2026, 11, 23)
RATES = shipped_rates(REGIME)
PROFILE = Profile.model_validate({"start_date": "2024-01-01"})
EMPLOYERS = (
    ("Alpha", "73282932000074", "30 000"), ("Beta", "12345678200010", "20 000"),
    ("Gamma", "98765432400019", "15 000"),
)  # fmt: skip


def period(code: str = "2025") -> Any:
    return next(p for p in REGIME.periods(PROFILE, TODAY, RATES) if p.code == code)


def test_forms_are_sound() -> None:
    speaks = profession("vrp")
    for form in (
        speaks.profile_form(TODAY), speaks.declaration_form(PROFILE, period(), RATES)
    ):  # fmt: skip
        assert form.faults() == []


@pytest.mark.parametrize(
    "alert",
    [Alert("vrp_year_ending", "warning", {"year": "2023", "last": TODAY}),
     Alert("vrp_year_whole_until", "info", {"year": "2024", "due": TODAY})],
)  # fmt: skip
def test_every_alert_has_its_sentence(alert: Alert) -> None:
    title, text = profession("vrp").alert(alert, words("fr"))
    assert "À savoir" not in title
    assert "{" not in title + text


@given(st.integers(0, 10_000_000), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_a_year_spread_adds_up(cents: int, count: int) -> None:
    parts = spread(Decimal(cents).scaleb(-2), count)
    assert (len(parts), sum(parts)) == (count, Decimal(cents).scaleb(-2))


def test_a_claim_comes_back_as_it_was_typed() -> None:
    speaks = profession("vrp")
    raw = {"employers": "3", "expenses": "1", "expenses.0.category": "travel",
           "expenses.0.amount": "900,50", "employers.1.capped": "19 500",
           "employers.2.start": "01/04/2025"}  # fmt: skip
    for row, (name, siret, gross) in enumerate(EMPLOYERS):
        raw |= {f"employers.{row}.name": name, f"employers.{row}.siret": siret,
                f"employers.{row}.gross": gross}  # fmt: skip
    form = speaks.declaration_form(PROFILE, period(), RATES)
    journey = Journey(form, raw)
    assert journey.complete
    data = speaks.to_declaration(journey.exported(), PROFILE, period(), RATES)
    first = Declaration.model_validate(data)
    again = Journey(form, speaks.from_declaration(first.model_dump(mode="json")))
    back = speaks.to_declaration(again.exported(), PROFILE, period(), RATES)
    one = year_result(first, 2025, RATES)
    other = year_result(Declaration.model_validate(back), 2025, RATES)
    assert (one.refund, one.filed, one.months) == (other.refund, other.filed, other.months)
    assert one.employers[1].capped == 19500
    assert one.employers[2].months == 9


def test_a_claim_is_typed_and_sent(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("vrp-plafond")) as app:
            await app.until(lambda: app.shows("À demander avant"))
            await app.go("/declare/2025/amounts")
            await app.until(lambda: app.shows("Employeurs de l’année"))
            await app.tap("Ajouter un employeur")
            await app.until(lambda: app.shows("Nom de l’employeur"))
            await app.type("Nom de l’employeur", "Alpha")
            await app.type("SIRET de l’employeur", "73282932000074")
            await app.type("Salaire brut de l’année", "30 000")
            await app.tap("Ajouter un frais")
            await app.until(lambda: app.shows("Montant non remboursé"))
            await app.choose("Nature", "travel")
            await app.type("Montant non remboursé", "9 000")
            await app.until(lambda: app.shows("857,72"))
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Un seul employeur cette année"))
            assert app.shows("Total demandé")
            await app.tap("Envoyer la demande")
            await app.until(lambda: app.shows("Demande envoyée"))

    run(scenario)
