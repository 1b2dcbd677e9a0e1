"""Simulated years: the régime's own assessment over a calendar, the tax, the ceilings, A and B."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contract.rates import shipped_rates
from regimes.auto_entrepreneur import REGIME
from regimes.doctor_pamc import REGIME as PAMC
from regimes.doctor_rspm import REGIME as RSPM
from regimes.regime import Filed
from regimes.simulation import COMPARED, Simulation, difference, simulate
from tests.rules.accounts import RATES, TODAY, figures


def year(*, today: date = TODAY, **facts: Any) -> Simulation:
    scenario = REGIME.Scenario.model_validate({"year": 2026, **facts})
    found = simulate(REGIME, scenario, today, RATES)
    assert found is not None
    return found


def test_a_year_of_services_by_hand() -> None:
    """40 000 € of BNC: 3 333 a month × 25.6 % = 853, and 0.2 % = 7: 860 × 12. Taxable 26 400,
    tax 1 468 (see test_income_tax)."""
    found = year(turnover={"service_bnc": "40000"})
    assert [step.due for step in found.steps] == [860] * 12
    assert sum(step.income for step in found.steps) == found.income == 40000
    assert (found.contributions, found.tax, found.taxable) == (10320, 1468, Decimal("26400.00"))
    assert found.net == 40000 - 10320 - 1468
    assert [(k.percent, k.until) for k in found.keep] == [(Decimal("25.8"), None)]
    assert found.quarters is not None
    assert found.quarters.acquired == 4


def test_the_versement_liberatoire_is_paid_with_the_contributions() -> None:
    """3 333 × 2.2 % = 73 a month; nothing later for who has no other income."""
    found = year(turnover={"service_bnc": "40000"}, flat_tax=True)
    assert (found.contributions, found.tax_paid, found.tax_later) == (10320, 73 * 12, 0)
    assert found.keep[0].percent == Decimal("28.0")
    # With 20 000 € beside: tax on 46 400 is 1 977.69 + 16 821 × 30 % = 7 024; its share of
    # 20 000 / 46 400 is 3 028, against 924 − (897 − 418.11) = 445 alone.
    beside = year(turnover={"service_bnc": "40000"}, flat_tax=True, household={"other": "20000"})
    assert beside.tax_later == 3028 - 445
    assert any("taux effectif" in said.text for said in beside.notes)


def test_an_income_too_high_for_the_versement_liberatoire_is_said() -> None:
    for told, expected in (("29315", 0), ("29316", 1)):
        found = year(turnover={"vente": "1000"}, flat_tax=True, income_per_share=told)
        assert len([n for n in found.notes if "n’est pas ouverte" in n.text]) == expected


def test_the_acre_ends_within_the_year_and_the_share_to_keep_says_when() -> None:
    """Begun on 10 May 2025: the ACRE ends on 31 March 2026 (third quarter after)."""
    found = year(turnover={"service_bnc": "2000"}, per="month", start_date="2025-05-10", acre=True)
    # 2 000 × 12.8 % = 256 and 4, then 2 000 × 25.6 % = 512 and 4.
    assert [step.due for step in found.steps] == [260] * 3 + [516] * 9
    assert [(k.percent, k.until) for k in found.keep] == [
        (Decimal("13.0"), date(2026, 3, 31)), (Decimal("25.8"), None),
    ]  # fmt: skip


def test_a_quarterly_beginner_has_a_longer_first_period() -> None:
    """CSS R613-12: from 15 July to 31 December, due on 31 January."""
    found = year(
        turnover={"vente": "1000"}, per="month", start_date="2026-07-15", periodicity="quarterly"
    )
    assert [(s.period.code, s.income, s.period.due) for s in found.steps] == [
        ("2026-Q4", 6000, date(2027, 1, 31))
    ]
    assert found.income == 6000


def test_ceilings_are_crossed_in_the_month_that_crosses_them() -> None:
    """8 000 € of services a month: VAT 37 500 in May (40 000), 41 250 in June (48 000), micro
    83 600 in November (88 000)."""
    found = year(turnover={"service_bnc": "8000"}, per="month")
    crossed = {c.code: (c.on, c.limit) for c in found.crossings}
    assert crossed == {
        "micro.services": (date(2026, 11, 30), 83600),
        "vat.services": (date(2026, 6, 30), 41250),
    }
    under = year(turnover={"service_bnc": "3125"}, per="month")  # 37 500 exactly
    assert all(c.on is None for c in under.crossings)
    between = year(turnover={"service_bnc": "3200"}, per="month")  # 38 400
    assert {c.code: c.on for c in between.crossings}["vat.services"] == date(2026, 12, 31)


def test_overseas_and_alsace_have_their_rates() -> None:
    plain = year(turnover={"vente": "12000"}, nature="artisanale")
    alsace = year(turnover={"vente": "12000"}, nature="artisanale", department="67")
    island = year(turnover={"vente": "12000"}, nature="artisanale", department="974")
    # Per month: 123 + 3 + 2 (0.22 %), 3 (0.29 %); overseas 8.2 % for an old activity: 82 + 3 + 2.
    assert [s.contributions for s in (plain, alsace, island)] == [128 * 12, 129 * 12, 87 * 12]


def test_the_allowance_is_305_euros_at_least() -> None:
    """CGI 50-0 and 102 ter; never more than the turnover."""
    assert year(turnover={"vente": "400"}).taxable == 95
    assert year(turnover={"vente": "300"}).taxable == 0
    assert year(turnover={"vente": "400", "service_bic": "400"}).taxable == 190


def test_a_year_to_come_says_that_its_rates_are_not_published() -> None:
    assert any("{year}" in n.text for n in year(turnover={"vente": "1"}, year=2027).notes)
    assert not any("{year}" in n.text for n in year(turnover={"vente": "1"}).notes)


def test_an_account_that_the_law_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        year(turnover={"service_bnc": "1", "service_bnc_cipav": "1"})
    assert refused.value.errors()[0]["type"] == "categories_bnc_and_cipav"


def test_each_step_is_what_a_declaration_would_be() -> None:
    """The same assessment as a real account's, over the same history."""
    facts = {"turnover": {"service_bnc": "9000"}, "per": "month", "start_date": "2026-01-05",
             "acre": True}  # fmt: skip
    found = year(**facts)
    profile = REGIME.Scenario.model_validate({"year": 2026, **facts}).profile()
    history: list[Filed] = []
    for step in found.steps:
        months = (step.period.end.month - step.period.start.month + 1) * 9000
        declared = figures(profile, step.period, {"service_bnc": months})
        again = REGIME.assess(profile, step.period, declared, history, RATES)
        history.append(Filed(step.period, declared, again, step.period.due))
        assert again == step.assessment
    assert any(".above_limit" in line.code for s in found.steps for line in s.assessment.lines)


MONEY = st.integers(0, 200_000).map(str)
SCENARIOS = st.fixed_dictionaries(
    {
        "turnover": st.dictionaries(
            st.sampled_from(["vente", "service_bic", "service_bnc"]), MONEY, min_size=1
        ),
        "flat_tax": st.booleans(),
        "acre": st.booleans(),
        "start_date": st.sampled_from([None, "2026-01-01", "2026-08-20", "2025-11-03"]),
        "periodicity": st.sampled_from(["monthly", "quarterly"]),
        "department": st.sampled_from([None, "57", "971"]),
        "household": st.fixed_dictionaries(
            {"couple": st.booleans(), "children": st.integers(0, 3), "other": MONEY}
        ),
    }
)


@settings(max_examples=60)
@given(SCENARIOS, SCENARIOS)
def test_the_difference_is_antisymmetric_and_adds_up(one: Any, other: Any) -> None:
    a, b = year(**one), year(**other)
    forth, back = difference(a, b), difference(b, a)
    assert set(forth) == set(COMPARED)
    assert all(forth[name] == -back[name] for name in COMPARED)
    assert all(value == 0 for value in difference(a, a).values())
    assert forth["net"] == (
        forth["income"] - forth["contributions"] - forth["apart"] - forth["expenses"]
        - forth["tax"]
    )  # fmt: skip


@settings(max_examples=60)
@given(SCENARIOS)
def test_a_year_adds_up(scenario: Any) -> None:
    found = year(**scenario)
    assert sum(step.due for step in found.steps) == found.contributions + found.tax_paid
    assert sum(part for _, part in found.funds.values()) == found.contributions + found.tax_paid
    assert sum(step.income for step in found.steps) == found.income
    assert found.net + found.tax + found.contributions == found.income


@settings(max_examples=40)
@given(st.integers(0, 80_000), st.integers(1, 20_000))
def test_more_turnover_never_leaves_much_less(before: int, more: int) -> None:
    """Without other income each euro more leaves something, to the roundings of twelve months and
    the 61 € under which no tax is asked."""
    low = year(turnover={"service_bnc": str(before)})
    high = year(turnover={"service_bnc": str(before + more)})
    assert high.contributions >= low.contributions
    assert high.net >= low.net - 75


def test_a_replacement_doctor_crosses_the_first_ceiling() -> None:
    """22 000 €: 13.5 % to 19 000, 21.2 % after, by quarter: 3 × 743, then 2 500 and 3 000 €:
    337.50 + 636 = 973.50."""
    rates = shipped_rates(RSPM)
    scenario = RSPM.Scenario.model_validate({"year": 2026, "fees": "22000"})
    found = simulate(RSPM, scenario, TODAY, rates)
    assert found is not None
    assert [step.due for step in found.steps] == [743, 743, 743, 974]
    assert found.taxable == Decimal("14520.00")
    assert [c.on for c in found.crossings] == [date(2026, 12, 31), None]


def test_a_contracted_doctor_pays_two_bodies() -> None:
    """Sector 1, 100 000 € and no expense: 8 407 € to Urssaf, the fund's part beside it."""
    rates = shipped_rates(PAMC)
    scenario = PAMC.Scenario.model_validate({"year": 2026, "receipts": "100000"})
    found = simulate(PAMC, scenario, TODAY, rates)
    assert found is not None
    assert found.contributions == 8407
    # Profit less what is deductible: all but 2.9 % of 74 000 (2 146).
    assert found.taxable == 100000 - 8407 - found.apart + 2146
    assert found.net == 100000 - 8407 - found.apart - found.tax
