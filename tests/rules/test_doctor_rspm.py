"""Replacement doctors: two rates on the cumulated fees, ceilings, options, periods."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.assess_cli import answer_line
from contract.rates import shipped_rates
from regimes.assessment import Assessment, LineStatus, SharesStatus
from regimes.doctor_rspm import REGIME, Declaration, Profile, ceilings
from regimes.money import ZERO
from regimes.regime import Filed, Move, OptionRefused, Period, PeriodStatus

RATES = shipped_rates(REGIME)
TODAY = date(2026, 11, 23)


def doctor(start: str = "2024-01-01", **facts: Any) -> Profile:
    return Profile.model_validate(
        {"start_date": start, "status": "doctor", "disability_option": 100, **facts}
    )


def period(profile: Profile, code: str, today: date = TODAY) -> Period:
    return next(p for p in REGIME.periods(profile, today, RATES) if p.code == code)


def filed(profile: Profile, code: str, fees: Any, history: Any = ()) -> Filed:
    found = period(profile, code, date(2027, 3, 1))
    declaration = Declaration(fees=Decimal(str(fees)))
    result = REGIME.assess(profile, found, declaration, history, RATES)
    return Filed(found, declaration, result, found.due)


def year(profile: Profile, number: int, *fees: Any) -> list[Filed]:
    history: list[Filed] = []
    for quarter, amount in enumerate(fees, start=1):
        history.append(filed(profile, f"{number}-Q{quarter}", amount, list(history)))
    return history


def codes(history: list[Filed], today: date = TODAY) -> list[str]:
    return [a.code for a in REGIME.alerts(doctor(), history, today, RATES)]


def amounts(result: Assessment) -> dict[str, Decimal]:
    return {line.code: line.amount for line in result.lines if not line.apart}


def test_a_quarter_under_the_step() -> None:
    assert filed(doctor(), "2026-Q1", 10000).assessment.due == 1350


def test_a_quarter_that_straddles_the_step() -> None:
    first, second = year(doctor(), 2026, 10000, 12000)
    assert amounts(second.assessment) == {"fees.first": 1215, "fees.second": 636}
    assert second.assessment.due == 1851
    assert first.assessment.due + second.assessment.due == 3201


def test_the_split_of_2020_is_law() -> None:
    result = filed(doctor("2020-01-01"), "2020-Q1", 19000).assessment
    assert result.due == 2527
    assert result.shares_status is SharesStatus.OFFICIAL
    assert [s.exact for s in result.shares] == [
        Decimal("12.635"), Decimal("995.638"), Decimal("305.767"), Decimal("1212.96"),
    ]  # fmt: skip
    assert sum(s.amount for s in result.shares) == 2527


@pytest.mark.parametrize(("start", "fees"), [("2026-01-01", 10000), ("2020-01-01", 20000)])
def test_any_other_split_is_indicative(start: str, fees: int) -> None:
    result = filed(doctor(start), f"{start[:4]}-Q1", fees).assessment
    assert result.shares_status is SharesStatus.INDICATIVE
    assert result.shares_note


def test_above_the_second_ceiling_the_rate_is_not_confirmed() -> None:
    result = filed(doctor(), "2026-Q1", 40000).assessment
    assert amounts(result) == {"fees.first": 2565, "fees.second": 4028, "fees.above": 424}
    assert result.lines[2].status is LineStatus.UNCONFIRMED
    history = year(doctor(), 2026, 40000)
    assert ceilings.exit_on(doctor(), history, TODAY, RATES) == date(2027, 1, 1)


@pytest.mark.parametrize(("option", "amount"), [(100, 626), (25, Decimal("156.5"))])
def test_invalidity_is_a_yearly_line_outside_what_is_due(option: int, amount: Any) -> None:
    result = filed(doctor(disability_option=option), "2026-Q1", 1000).assessment
    line = result.lines[-1]
    assert (line.code, line.rate, line.exact, line.apart) == ("disability", None, amount, "yearly")
    assert result.due == 135


EUROS = st.decimals(min_value=0, max_value=60000, places=2)


@settings(max_examples=150, deadline=None)
@given(st.lists(EUROS, min_size=1, max_size=4), st.booleans())
def test_a_year_costs_the_same_in_any_split(fees: list[Decimal], monthly: bool) -> None:
    rhythm = [{"since": "2026-01-01", "value": "monthly"}] if monthly else []
    split = doctor("2026-01-01", periodicity=rhythm)
    history: list[Filed] = []
    for number, amount in enumerate(fees, start=1):
        code = f"2026-{number:02}" if monthly else f"2026-Q{number}"
        history.append(filed(split, code, amount, list(history)))
    whole = filed(split, "2026-01" if monthly else "2026-Q1", sum(fees, ZERO)).assessment
    lines = sum(len(amounts(f.assessment)) for f in history) + len(amounts(whole))
    assert abs(sum((f.assessment.due for f in history), ZERO) - whole.due) <= lines / Decimal(2)
    exact = sum((f.assessment.exact_due for f in history), ZERO)
    assert abs(exact - whole.exact_due) <= lines * Decimal("0.005")


@settings(max_examples=60, deadline=None)
@given(EUROS, EUROS, EUROS)
def test_more_fees_never_cost_less(before: Decimal, one: Decimal, two: Decimal) -> None:
    profile = doctor()
    history = [filed(profile, "2026-Q1", before)]
    low, high = (
        filed(profile, "2026-Q2", fees, history).assessment.due for fees in sorted((one, two))
    )
    assert low <= high + 1


def test_a_correction_recomputes_the_later_periods_of_the_year() -> None:
    profile = doctor()
    history = [*year(profile, 2025, 100), *year(profile, 2026, 10000, 12000, 1000)]
    assert REGIME.affected_by(profile, history[1].period, history) == ["2026-Q2", "2026-Q3"]
    raised = filed(profile, "2026-Q1", 19000)
    again = filed(profile, "2026-Q2", 12000, [raised]).assessment
    assert amounts(again) == {"fees.second": 2544}


def test_periods_are_quarters_or_months_of_whole_years() -> None:
    profile = doctor("2025-02-10", periodicity=[{"since": "2026-01-01", "value": "monthly"}])
    found = REGIME.periods(profile, TODAY, RATES)
    assert [p.code for p in found][:6] == [
        "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-01", "2026-02",
    ]  # fmt: skip
    assert (found[0].start, found[0].end, found[0].due) == (
        date(2025, 2, 10), date(2025, 3, 31), date(2025, 4, 30),
    )  # fmt: skip
    assert found[0].note
    assert all(p.optional for p in found)
    assert found[-1].status is PeriodStatus.UPCOMING
    assert found[-2].status is PeriodStatus.OPEN


def test_ceilings_are_told_before_they_bite() -> None:
    profile = doctor()
    near = year(profile, 2026, 8000, 8000)
    assert "rspm_step_near" in codes(near)
    assert "rspm_step_above" in codes(year(profile, 2026, 10000, 12000))
    assert "rspm_upper_near" in codes(year(profile, 2026, 15000, 16000))
    before = year(profile, 2025, 12000, 12000)
    assert "rspm_second_year" in codes(before)
    both = [*before, *year(profile, 2026, 20000)]
    assert codes(both)[0] == "rspm_exit_band"
    assert codes(year(profile, 2026, 39000))[0] == "rspm_exit_above"
    gauges = REGIME.gauges(profile, near, TODAY, RATES)
    assert [(g.value, g.limit) for g in gauges] == [(16000, 19000), (16000, 38000)]


def test_an_empty_quarter_is_information_not_a_fault() -> None:
    found = REGIME.alerts(doctor("2026-01-01"), [], TODAY, RATES)
    assert [(a.code, a.level) for a in found] == [
        ("rspm_empty", "info"), ("window_periodicity", "info"),
    ]  # fmt: skip
    assert REGIME.sanctions(doctor(), [], {}, TODAY, RATES) == []


def test_the_rhythm_changes_until_30_november_for_a_civil_year() -> None:
    profile = doctor()
    option = REGIME.options(profile, [], TODAY, RATES)[0]
    assert (option.closes, option.effective) == (date(2026, 11, 30), date(2027, 1, 1))
    changed = REGIME.choose(profile, "periodicity", "monthly", [], TODAY, RATES)
    assert isinstance(changed, Profile)
    assert changed.periodicity_on(TODAY) == "quarterly"
    assert changed.periodicity_on(date(2027, 1, 1)) == "monthly"
    late = REGIME.options(profile, [], date(2026, 12, 1), RATES)[0]
    assert late.effective == date(2028, 1, 1)


@pytest.mark.parametrize("end", [None, date(2026, 11, 20), TODAY])
def test_nobody_moves_before_what_was_earned_can_be_declared(end: date | None) -> None:
    """Without an end, or while a period of this régime is still to send, the move would lose it."""
    with pytest.raises(OptionRefused) as refused:
        REGIME.choose(doctor(end_date=end), "pamc", "S1", [], TODAY, RATES)
    assert refused.value.code == "option_closed"


def test_leaving_for_the_contracted_regime_moves_the_account() -> None:
    gone = doctor(end_date=date(2026, 9, 30))
    moved = REGIME.choose(gone, "pamc", "S1", [], TODAY, RATES)
    assert moved == Move(
        "pamc-medecin", {"start_date": "2026-10-01", "sector": "S1", "replacement": False}
    )
    with pytest.raises(OptionRefused):
        REGIME.choose(gone, "pamc", "S3", [], TODAY, RATES)
    with pytest.raises(OptionRefused):
        REGIME.choose(doctor(), "disability", "25", [], TODAY, RATES)


def test_an_end_of_activity() -> None:
    ended = REGIME.choose(doctor(), "cessation", "2026-05-10", [], TODAY, RATES)
    assert REGIME.periods(ended, TODAY, RATES)[-1].end == date(2026, 5, 10)
    for value in ("2027-01-01", "2023-01-01", "x"):
        with pytest.raises(OptionRefused):
            REGIME.choose(doctor(), "cessation", value, [], TODAY, RATES)
    with pytest.raises(OptionRefused):
        REGIME.choose(doctor(), "cessation", "2026-01-10", year(doctor(), 2026, 1, 1, 1), TODAY,
                      RATES)  # fmt: skip


def test_calls_and_journal() -> None:
    profile = doctor()
    history = year(profile, 2026, 10000)
    (call,) = REGIME.schedule(profile, history, TODAY, RATES)
    assert (call.on, call.amount, call.collector) == (date(2026, 4, 30), 1350, "urssaf")
    receipts = [{"on": date(2026, 2, 3), "amount": Decimal("120.50")}]
    assert REGIME.from_journal(profile, receipts, period(profile, "2026-Q1"), RATES) == Declaration(
        fees=Decimal("120.50")
    )
    assert REGIME.from_journal(profile, [], period(profile, "2026-Q1"), RATES) is None


@pytest.mark.parametrize(
    "facts",
    [
        {"start_date": "2019-12-31"}, {"start_date": "2101-01-01"}, {"disability_option": 50},
        {"end_date": "2023-01-01"}, {"status": "nurse"},
        {"periodicity": [{"since": "2026-01-01", "value": "monthly"},
                         {"since": "2025-01-01", "value": "monthly"}]},
    ],
)  # fmt: skip
def test_a_profile_that_does_not_hold(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        doctor(**facts)


def ask(**inputs: Any) -> dict[str, Any]:
    line = json.dumps({"id": 1, "regime": "rspm-medecin", "inputs": inputs})
    return answer_line(line)


def test_the_command() -> None:
    answer = ask(date="2026-06-01", period="quarter", fees=12000, fees_before_in_year=10000,
                 disability_option=25)  # fmt: skip
    assert answer["due"] == 1851
    assert answer["exact"]["bands"] == {"fees.first": 9000, "fees.second": 3000, "fees.above": 0}
    assert answer["exact"]["disability"] == Decimal("156.5")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"fees": -1}, "fees"), ({"fees": "x"}, "fees"), ({"fees": True}, "fees"),
        ({"date": "2019-12-31"}, "date"), ({"date": "2026-02-30"}, "date"),
        ({"period": "week"}, "period"), ({"disability_option": 50}, "disability_option"),
        ({"colour": 1}, "colour"), ({"fees_before_in_year": 1e13}, "fees_before_in_year"),
        ({"fees": "1.1234567890123"}, "fees"),
    ],
)  # fmt: skip
def test_bad_inputs_name_their_field(wrong: dict[str, Any], field: str) -> None:
    answer = ask(**{"date": "2026-06-01", "fees": 100, **wrong})
    assert answer["error"]["field"] == field
