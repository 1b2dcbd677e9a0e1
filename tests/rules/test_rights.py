"""Rights: quarters, daily allowances and 100 € more, against the articles and by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.rates import shipped_rates
from regimes.auto_entrepreneur import REGIME
from regimes.auto_entrepreneur.rights import income_of
from regimes.doctor_pamc import REGIME as PAMC
from regimes.doctor_rspm import REGIME as RSPM
from regimes.fisherman import REGIME as SEA
from regimes.regime import Filed
from regimes.registry import REGISTRY
from regimes.rights import Rights, Way, quarters_of, rights_of
from regimes.vrp import REGIME as VRP
from tests.rules.accounts import RATES, TODAY, account, filed, months, period_of
from tests.support.toy_regime import REGIME as TOY

VENTE, BIC, BNC = (Way(c, c, Decimal(k)) for c, k in (("v", 29), ("s", 50), ("l", 66)))


def rights(profile: Any, *history: Filed, today: date = TODAY) -> Rights:
    found = rights_of(REGIME, profile, list(history), today, RATES)
    assert found is not None
    return found


# -- quarters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "unit"),
    [(2023, "1690.50"), (2024, "1747.50"), (2025, "1782.00"), (2026, "1803.00")],
)
def test_a_quarter_is_150_hours_of_the_minimum_wage_of_1_january(year: int, unit: str) -> None:
    """CSS R351-9: 11.27, 11.65, 11.88 and 12.02 € an hour; a rise in May, June or November
    changes nothing."""
    assert quarters_of(year, Decimal(0), RATES).unit == Decimal(unit)
    assert quarters_of(year, Decimal(0), RATES, liberal=True).unit == Decimal(unit)


@pytest.mark.parametrize(
    ("category", "turnover", "acquired", "missing"),
    [
        # 1 803 / 0.29 = 6 217.24, so 6 218 € of sales; 6 217 × 0.29 = 1 802.93.
        ("vente", 6217, 0, 1),
        ("vente", 6218, 1, 6217),  # 3 606 / 0.29 = 12 434.48: 12 435 in all
        ("vente", 24869, 4, 0),  # 7 212 / 0.29 = 24 868.97
        ("vente", 24868, 3, 1),
        ("service_bic", 3606, 1, 3606),  # exactly 1 803 / 0.50
        ("service_bic", 3605, 0, 1),
        ("service_bic", 14424, 4, 0),
        ("service_bnc", 2731, 0, 1),  # 1 803 / 0.66 = 2 731.82
        ("service_bnc", 2732, 1, 2732),
        ("service_bnc", 10928, 4, 0),  # 7 212 / 0.66 = 10 927.27
        ("service_bnc_cipav", 2732, 1, 2732),  # CSS D643-3: the same 150 hours
        ("meuble_tourisme_classe", 13869, 0, 1),  # 1 803 / 0.13 = 13 869.23
        ("service_bnc", 90000, 4, 0),  # never more than four
        ("service_bnc", 0, 0, 2732),
    ],
)
def test_turnover_after_the_allowance_gives_quarters(
    category: str, turnover: int, acquired: int, missing: int
) -> None:
    """CSS L613-7 II: 71, 50 and 34 % are taken off before benefits are reckoned."""
    profile = account("2019-05-01", category)
    quarters = rights(profile, filed(profile, "2026-04", {category: turnover})).quarters
    assert quarters is not None
    assert quarters.acquired == acquired
    assert quarters.turnover_missing(quarters.ways[0]) == missing


def test_a_mixed_activity_adds_its_incomes_and_platforms_count() -> None:
    """3 000 × 29 % + 2 000 × 50 % = 1 870: one quarter; a platform's 200 € count too."""
    profile = account("2019-05-01", "vente", "service_bic")
    found = filed(profile, "2026-05", {"vente": 3000, "service_bic": 2000})
    quarters = rights(profile, found).quarters
    assert quarters is not None
    assert (quarters.income, quarters.acquired) == (Decimal("1870"), 1)
    # 1 736 € of income are missing: 5 987 € of sales or 3 472 € of services.
    assert [quarters.turnover_missing(w) for w in quarters.ways] == [5987, 3472]
    also = filed(profile, "2026-06", {"vente": 0}, platform={"service_bic": "200"})
    more = rights(profile, found, also).quarters
    assert more is not None
    assert more.income == Decimal("1970")


def test_the_pace_of_the_declared_days_tells_the_end_of_the_year() -> None:
    """January and February declared (59 days): 66 % of 2 000 brought to 365 days."""
    profile = account("2019-05-01", "service_bnc")
    first = [filed(profile, f"2026-0{m}", {"service_bnc": 1000}) for m in (1, 2)]
    quarters = rights(profile, *first, today=date(2026, 3, 10)).quarters
    assert quarters is not None
    assert quarters.expected is not None
    assert quarters.expected == Decimal(1320) * 365 / 59
    assert (quarters.acquired, quarters.count(quarters.expected)) == (0, 4)


def test_a_classified_letting_says_that_its_allowance_is_not_confirmed() -> None:
    quarters = rights(account("2019-05-01", "meuble_tourisme_classe")).quarters
    assert quarters is not None
    assert quarters.status == "unconfirmed"
    assert "64 bis" in quarters.notes[0].text


@given(st.decimals(0, 60000, places=2), st.decimals(0, 60000, places=2))
def test_more_income_never_means_fewer_quarters(one: Decimal, more: Decimal) -> None:
    low, high = quarters_of(2026, one, RATES), quarters_of(2026, one + more, RATES)
    assert low.acquired <= high.acquired <= 4


@given(st.integers(0, 30000), st.sampled_from([VENTE, BIC, BNC]))
def test_the_missing_turnover_is_exact_to_the_euro(turnover: int, way: Way) -> None:
    """With it the next quarter is there; with one euro less it is not."""
    quarters = quarters_of(2026, Decimal(turnover) * way.kept / 100, RATES)
    missing = quarters.turnover_missing(way)
    if quarters.acquired == 4:
        assert missing == 0
        return
    assert quarters.count((turnover + missing) * way.kept / 100) == quarters.acquired + 1
    assert quarters.count((turnover + missing - 1) * way.kept / 100) == quarters.acquired


# -- daily allowances -----------------------------------------------------------------------------


def benefit(found: Rights, code: str) -> Any:
    return next(b for b in found.benefits if b.code == code)


def three_years(amount: Any, category: str = "service_bnc", **facts: Any) -> Rights:
    profile = account("2019-05-01", category, **facts)
    history = [f for year in (2023, 2024, 2025) for f in months(profile, year, amount, category)]
    return rights(profile, *history)


def test_sickness_is_a_730th_of_the_average_of_three_years() -> None:
    """2 500 × 12 × 66 % = 19 800 a year; 19 800 / 730 = 27.12 (CSS D622-7)."""
    found = benefit(three_years(2500), "sickness")
    assert found.amount == Decimal("27.12")
    assert found.notes == ()
    assert found.open_on == date(2020, 5, 1)  # a year of affiliation (CSS D622-1)


def test_sickness_stops_at_one_ceiling_and_at_three_for_the_cipav() -> None:
    """48 060 / 730 = 65.84; 8 000 × 12 × 66 % = 63 360, and 63 360 / 730 = 86.79."""
    assert benefit(three_years(8000), "sickness").amount == Decimal("65.84")
    cipav = three_years(8000, "service_bnc_cipav")
    assert benefit(cipav, "sickness").amount == Decimal("86.79")
    # 87 days at most there (CSS D622-12), 360 elsewhere (R323-1).
    assert any(said.params.get("most") == 87 for said in benefit(cipav, "sickness").said)


def test_a_low_income_gives_no_allowance_and_a_tenth_in_maternity() -> None:
    """10 % of (43 992 + 46 368 + 47 100) / 3 = 4 582: 570 × 12 × 66 % = 4 514.40 stands under
    it, 580 × 12 × 66 % = 4 593.60 above (CSS D622-8, D623-3)."""
    low, enough = three_years(570), three_years(580)
    assert benefit(low, "sickness").amount == 0
    assert benefit(low, "maternity").amount == Decimal("6.58")
    assert benefit(enough, "sickness").amount == Decimal("6.29")
    assert benefit(enough, "maternity").amount == Decimal("65.84")


def test_a_beginner_s_income_is_brought_to_a_year() -> None:
    """CSS D622-7 II: 10 000 × 66 % in the 326 days from 1 January to 23 November 2026, × 365 / 326
    = 7 389.57; / 730 = 10.12. Not before a year, maternity after six months (D623-8)."""
    profile = account("2026-01-01", "service_bnc")
    found = rights(profile, filed(profile, "2026-04", {"service_bnc": 10000}))
    sickness = benefit(found, "sickness")
    assert sickness.amount == Decimal("10.12")
    assert sickness.open_on == date(2027, 1, 1)
    assert benefit(found, "maternity").open_on == date(2026, 7, 1)


def test_years_that_the_account_does_not_hold_are_said() -> None:
    profile = account("2019-05-01", "service_bnc")
    found = benefit(rights(profile, *months(profile, 2025, 2500, "service_bnc")), "sickness")
    assert found.amount == Decimal("9.04")  # 19 800 / 3 / 730
    assert found.notes[0].params["years"] == "2023, 2024"


# -- 100 € more -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "facts", "due", "exact", "tax", "income"),
    [
        ("service_bnc", {}, 26, "25.80", 0, 66),  # 25.60 → 26, training 0.20 → 0
        ("service_bnc", {"flat_tax_in": True}, 28, "28.00", 2, 66),  # and 2.20 → 2
        ("vente", {}, 12, "12.415", 0, 29),
    ],
)
def test_a_hundred_euros_more(
    category: str, facts: dict[str, Any], due: int, exact: str, tax: int, income: int
) -> None:
    more = rights(account("2019-05-01", category, **facts)).more[0]
    assert (more.due, more.exact, more.tax) == (due, Decimal(exact), tax)
    assert (more.net, more.income) == (100 - due, income)
    assert sum(part for _, part in more.funds()) == due


@given(
    st.sampled_from(["vente", "service_bic", "service_bnc", "service_bnc_cipav"]),
    st.booleans(), st.booleans(), st.sampled_from([None, "67", "971"]),
    st.integers(0, 80000),
)  # fmt: skip
def test_more_is_the_difference_of_two_assessments(
    category: str, flat_tax: bool, acre: bool, department: str | None, before: int
) -> None:
    profile = account(
        "2026-03-01", category, flat_tax_in=flat_tax, acre={} if acre else None,
        department=department,
    )  # fmt: skip
    history = [filed(profile, "2026-06", {category: before})]
    more = rights(profile, *history).more[0]
    period = period_of(profile, "2026-11")
    for amount, said in ((0, more.before), (100, more.after)):
        declared = REGIME.Declaration.model_validate(
            {"parts": [{"start": period.start, "end": period.end,
                        "turnover": {category: amount}}]}
        )  # fmt: skip
        assert REGIME.assess(profile, period, declared, history, RATES).lines == said.lines
    assert more.due + more.net == 100
    assert more.income == income_of({category: Decimal(100)}, TODAY, RATES)


# -- the other professions ------------------------------------------------------------------------


def test_every_profession_tells_rights_and_the_toy_need_not() -> None:
    for code in REGISTRY.codes():
        assert hasattr(REGISTRY.get(code), "rights"), code
    assert rights_of(TOY, None, [], TODAY, shipped_rates(TOY)) is None


def test_a_replacement_doctor_counts_66_percent_and_says_it_is_not_confirmed() -> None:
    rates = shipped_rates(RSPM)
    profile = RSPM.Profile(start_date=date(2026, 1, 5), status="doctor", disability_option=25)
    period = RSPM.periods(profile, TODAY, rates)[0]
    declaration = RSPM.Declaration(fees=Decimal(7000))
    history = [
        Filed(period, declaration, RSPM.assess(profile, period, declaration, [], rates),
              date(2026, 4, 10))
    ]  # fmt: skip
    found = rights_of(RSPM, profile, history, TODAY, rates)
    assert found is not None
    assert found.quarters is not None
    assert (found.quarters.income, found.quarters.acquired) == (4620, 2)
    assert found.quarters.status == "unconfirmed"
    assert found.more[0].due == 14  # 13.50 to the euro
    assert benefit(found, "sickness").amount == Decimal("7.17")  # 4 620 × 365 / 322 / 730


def test_a_contracted_doctor_has_three_quarters_at_least() -> None:
    """CSS D642-4: contributions on 450 hours of the minimum wage at least."""
    rates = shipped_rates(PAMC)

    def told(income: str) -> Rights:
        profile = PAMC.Profile(
            start_date=date(2012, 3, 1), sector="S1",
            known=({"year": 2025, "income": income, "on": date(2026, 5, 1)},),
        )  # fmt: skip
        found = rights_of(PAMC, profile, [], TODAY, rates)
        assert found is not None
        assert found.quarters is not None
        return found

    poor, rich = told("1000"), told("100000")
    assert poor.quarters is not None
    assert rich.quarters is not None
    assert (poor.quarters.income, poor.quarters.acquired) == (Decimal("5346"), 3)  # 450 × 11.88
    # 100 000 less 26 % = 74 000, a year of three: 74 000 / 3 / 730, floors of 40 % elsewhere.
    assert rich.quarters.acquired == 4
    assert rich.more[0].beside > 0  # the pension fund calls its part itself
    assert rich.more[0].net == 100 - rich.more[0].due - rich.more[0].beside


def test_a_vrp_counts_the_wages_of_all_employers() -> None:
    rates = shipped_rates(VRP)
    profile = VRP.Profile(start_date=date(2020, 1, 1))
    period = next(p for p in VRP.periods(profile, TODAY, rates) if p.code == "2025")
    declaration = VRP.Declaration.model_validate(
        {"employers": [
            {"siret": siret, "months": [{"month": m, "gross": "900"} for m in (1, 2)]}
            for siret in ("12345678200010", "98765432400019")
        ]}
    )  # fmt: skip
    filed_ = Filed(period, declaration, VRP.assess(profile, period, declaration, [], rates), TODAY)
    found = rights_of(VRP, profile, [filed_], TODAY, rates)
    assert found is not None
    assert found.quarters is not None
    assert (found.quarters.income, found.quarters.acquired) == (3600, 2)  # 2 × 1 782 = 3 564
    # 1.4 × 1 867.02 (151.67 hours) = 2 613.83; × 3 / 91.25 / 2 = 42.97 (CSS R323-4, R323-5).
    assert benefit(found, "sickness").amount == Decimal("42.97")


def test_a_fisherman_s_days_give_services_not_quarters() -> None:
    rates = shipped_rates(SEA)
    profile = SEA.Profile(start_date=date(2015, 1, 1), birth_date=date(1980, 5, 5))
    period = next(p for p in SEA.periods(profile, TODAY, rates) if p.code == "2026")
    declaration = SEA.Declaration.model_validate(
        {
            "vessels": {"v": {"name": "Ty", "length_m": "9", "navigation": "petite_peche"}},
            "periods": [{"start": "2026-04-01", "end": "2026-09-27", "vessel": "v", "category": 6}],
        }
    )
    filed_ = Filed(period, declaration, SEA.assess(profile, period, declaration, [], rates), TODAY)
    found = rights_of(SEA, profile, [filed_], TODAY, rates)
    assert found is not None
    assert found.quarters is None
    pension = benefit(found, "pension")
    # 180 days of 360: half of 2 % of 26 854.93.
    assert (pension.amount, pension.status) == (Decimal("268.55"), "unconfirmed")
    assert benefit(found, "sickness").amount == Decimal("37.30")  # half of 74.60
    assert benefit(found, "accident").amount == Decimal("49.73")  # two thirds
    # One day more: 10.85 + 1.6 + 5.55 + 9.7 % of 74.60, to the cent in each line.
    day = found.more[0]
    assert day.step == Decimal("74.60")
    assert day.due == day.after.due - day.before.due > 0
