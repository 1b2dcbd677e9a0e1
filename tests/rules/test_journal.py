"""Receipts of the journal, and what they fill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contract.rates import shipped_rates
from regimes.auto_entrepreneur import REGIME, Profile
from regimes.doctor_rspm import REGIME as RSPM
from regimes.journal import RECEIPT, LabelRule, Receipt, check_receipts, facts, in_period
from regimes.regime import DeclarationRefused

TODAY = date(2026, 11, 23)
RATES = shipped_rates(REGIME)
PROFILE = Profile.model_validate(
    {
        "start_date": "2024-01-01", "categories": ["vente", "service_bic"],
        "nature": "artisanale", "department": "75",
        "periodicity": [{"since": "2024-01-01", "value": "monthly"}],
    }
)  # fmt: skip
PERIOD = next(p for p in REGIME.periods(PROFILE, TODAY, RATES) if p.code == "2026-10")


def receipt(on: str, amount: str, category: str = "vente", **more: Any) -> Receipt:
    return Receipt.model_validate({"on": on, "amount": amount, "category": category, **more})


@pytest.mark.parametrize(
    "data",
    [
        {"on": "2026-10-01", "amount": "0"},
        {"on": "2026-10-01", "amount": 1.5},
        {"on": "2026-10-01", "amount": "1.234"},
        {"on": "2008-12-31", "amount": "1"},
        {"on": "2026-10-01", "amount": "1", "client": "a\nb"},
        {"on": "2026-10-01", "amount": "1", "category": "Vente !"},
        {"on": "2026-10-01", "amount": "1", "method": "gold"},
        {"on": "2026-10-01", "amount": "1", "more": 1},
        {"amount": "1"},
    ],
)
def test_what_is_no_receipt(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Receipt.model_validate(data)


def test_a_receipt_of_tomorrow_is_not_collected() -> None:
    check_receipts([receipt("2026-11-24", "1")], TODAY)  # it is tomorrow already in Nouméa
    with pytest.raises(DeclarationRefused, match="receipt_in_future"):
        REGIME.check_entries(PROFILE, {RECEIPT: {"a": receipt("2026-11-25", "1")}}, TODAY, RATES)
    with pytest.raises(DeclarationRefused, match="category_unknown"):
        REGIME.check_entries(
            PROFILE, {RECEIPT: {"a": receipt("2026-11-20", "1", "fees")}}, TODAY, RATES
        )
    # An activity left since: its receipts stay.
    REGIME.check_entries(
        PROFILE, {RECEIPT: {"a": receipt("2026-11-20", "1", "service_bnc")}}, TODAY, RATES
    )


def test_a_declaration_fills_itself_and_platforms_stand_apart() -> None:
    found = REGIME.from_journal(
        PROFILE,
        facts([
            receipt("2026-10-01", "100.40"), receipt("2026-10-31", "0.20"),
            receipt("2026-10-05", "50", "service_bic"),
            receipt("2026-10-06", "640", "service_bic", platform=True),
            receipt("2026-09-30", "999"), receipt("2026-10-07", "-10.60"),
        ]),
        PERIOD, RATES,
    )  # fmt: skip
    assert found is not None
    assert found.parts[0].turnover == {"vente": Decimal("90.00"), "service_bic": Decimal(50)}
    assert found.platform == {"service_bic": Decimal(640)}


def test_more_given_back_than_collected_fills_nothing() -> None:
    with pytest.raises(DeclarationRefused, match="journal_below_zero"):
        REGIME.from_journal(PROFILE, facts([receipt("2026-10-01", "-1")]), PERIOD, RATES)


def test_fees_of_a_replacement_doctor() -> None:
    profile = RSPM.Profile.model_validate(
        {"start_date": "2026-01-05", "status": "doctor", "disability_option": 100}
    )
    rates = shipped_rates(RSPM)
    period = RSPM.periods(profile, TODAY, rates)[0]
    found = RSPM.from_journal(
        profile, facts([receipt(period.start.isoformat(), "300", "fees")]), period, rates
    )
    assert found is not None
    assert found.fees == 300


@given(
    st.lists(
        st.tuples(
            st.dates(date(2026, 9, 1), date(2026, 11, 23)),
            st.decimals("0.01", "99999", places=2),
            st.sampled_from(["vente", "service_bic"]),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_merged_receipts_say_what_receipts_say(given_receipts: list[Any]) -> None:
    receipts = [
        Receipt(on=on, amount=amount, category=category, platform=platform)
        for on, amount, category, platform in given_receipts
    ]
    found = REGIME.from_journal(PROFILE, facts(receipts), PERIOD, RATES)
    assert found is not None
    inside = in_period(receipts, PERIOD.start, PERIOD.end)
    for category in ("vente", "service_bic"):
        assert found.declared().get(category, 0) == sum(
            r.amount for r in inside if r.category == category and not r.platform
        )
        assert found.platform.get(category, 0) == sum(
            r.amount for r in inside if r.category == category and r.platform
        )


def test_a_rule_remembers_what_a_label_is() -> None:
    assert LabelRule(label="stripe payments", receipt=True, category="vente").platform is False
    with pytest.raises(ValidationError):
        LabelRule.model_validate({"label": "x" * 121, "receipt": True})
