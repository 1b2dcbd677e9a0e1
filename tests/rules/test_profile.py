"""The facts of an account: each error names its field and a stable code."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from regimes.auto_entrepreneur import Profile
from tests.rules.accounts import account

BASE: dict[str, Any] = {
    "start_date": "2026-01-05",
    "categories": ["vente"],
    "nature": "commerciale",
    "periodicity": [{"since": "2026-01-05", "value": "monthly"}],
}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"start_date": "2008-12-31"}, ("start_date",), "start_date_too_early"),
        ({"start_date": "2101-01-01"}, ("start_date",), "start_date_too_late"),
        ({"department": "99"}, ("department",), "department_unknown"),
        ({"categories": []}, ("categories",), "categories_missing"),
        ({"categories": ["vente", "vente"]}, ("categories",), "categories_doubled"),
        ({"categories": ["service_bnc", "service_bnc_cipav"], "nature": "liberale"},
         ("categories",), "categories_bnc_and_cipav"),
        ({"periodicity": []}, ("periodicity",), "periodicity_missing"),
        ({"end_date": "2026-01-04"}, (), "end_before_start"),
        ({"nature": "liberale"}, (), "nature_without_liberal"),
        ({"categories": ["service_bnc"]}, (), "nature_needs_bic"),
        ({"periodicity": [{"since": "2026-02-01", "value": "monthly"},
                          {"since": "2026-01-01", "value": "quarterly"}]}, (), "periodicity_order"),
        ({"flat_tax": [{"since": "2026-02-01", "value": True},
                       {"since": "2026-02-01", "value": False}]}, (), "flat_tax_order"),
        ({"income_per_share": -1}, ("income_per_share",), "greater_than_equal"),
        ({"nature": "agricole"}, ("nature",), "literal_error"),
        ({"favourite_colour": "blue"}, ("favourite_colour",), "extra_forbidden"),
    ],
)  # fmt: skip
def test_errors_name_their_field(change: dict[str, Any], field: tuple[str, ...], code: str) -> None:
    Profile.model_validate(BASE)
    with pytest.raises(ValidationError) as caught:
        Profile.model_validate(BASE | change)
    (error,) = caught.value.errors()
    assert (error["loc"], error["type"]) == (field, code)


def test_errors_never_repeat_what_was_typed() -> None:
    with pytest.raises(ValidationError) as caught:
        Profile.model_validate(BASE | {"income_per_share": "-98765.43"})
    assert "98765" not in str(caught.value)


def test_categories_take_the_official_order() -> None:
    profile = account("2026-01-05", "service_bnc", "service_bic", "vente")
    assert profile.categories == ("vente", "service_bic", "service_bnc")


def test_a_profile_survives_the_wire() -> None:
    profile = account("2026-01-05", "vente", acre={"requested_on": "2026-01-06"}, flat_tax_in=True,
                      income_per_share="20000.50", end_date="2026-10-01")  # fmt: skip
    assert Profile.model_validate_json(profile.model_dump_json()) == profile
