"""Contracted doctors: cases of independent engines, worked examples, boxes, calls."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.assess_cli import answer_line
from contract.rates import shipped_rates
from regimes.assessment import Assessment, LineStatus
from regimes.dated import RateTable
from regimes.doctor_pamc import REGIME, Declaration, Profile, boxes
from regimes.doctor_pamc.inputs import assess_inputs
from regimes.money import ZERO
from regimes.regime import DeclarationRefused, Filed, Kind, OptionRefused, Period, PeriodStatus

RATES = shipped_rates(REGIME)
TODAY = date(2026, 11, 23)
CASES = Path(__file__).parent / "cases"
# Outputs that hold the complementary pension, disputed in 2026 (10.2 or 11.8 %).
DISPUTED = {"retraite_complementaire_carmf", "caisse_retraite", "cotisations", "total"}


def table(**changed: Any) -> RateTable:
    """The shipped table with the value of a key replaced from 2026 on."""
    return RateTable(
        REGIME.code,
        [
            replace(v, value=Decimal(changed[v.key])) if v.key in changed and v.start.year == 2026
            else v
            for v in RATES
        ],
    )  # fmt: skip


def cases(name: str) -> list[dict[str, Any]]:
    text = (CASES / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def wrong(case: dict[str, Any], rates: RateTable, tolerance: Decimal, skip: Any = ()) -> list[Any]:
    got, _ = assess_inputs(case["inputs"], rates)
    return [
        (case["id"], key, value, got[key])
        for key, value in case["expected"].items()
        if key not in skip and abs(Decimal(value) - got[key]) > tolerance
    ]


@pytest.mark.parametrize(
    ("name", "count", "tolerance"),
    [("pamc_2023_2024", 24, Decimal(1)), ("pamc_2025_2026", 61, Decimal("0.01"))],
)
def test_every_case(name: str, count: int, tolerance: Decimal) -> None:
    found = cases(name)
    assert len(found) == count
    assert [
        fault
        for case in found
        for fault in wrong(
            case, RATES, tolerance, DISPUTED if "CARMF-RC-2026" in case.get("caveats", ()) else ()
        )
    ] == []


def test_every_output_with_the_complementary_rate_of_the_cases() -> None:
    rates = table(complementary="10.2")
    found = cases("pamc_2025_2026")
    assert [fault for case in found for fault in wrong(case, rates, Decimal("0.01"))] == []


def test_rates_of_the_cases() -> None:
    for case in cases("pamc_2025_2026"):
        got, _ = assess_inputs(case["inputs"], RATES)
        for key, value in case["rates_percent"].items():
            assert got["rates"][key] == Decimal(value), case["id"]


def assessed(**inputs: Any) -> Assessment:
    facts = {"date": "2026-06-01", "creation_date": "2015-01-01", "charges": 0, **inputs}
    return REGIME.assess_inputs(facts, RATES)[1]


def amounts(result: Assessment) -> dict[str, Decimal]:
    return {line.code: line.amount for line in result.lines}


@pytest.mark.parametrize(
    ("inputs", "urssaf", "expected"),
    [
        ({"recettes": 60000, "sector": "S1"}, 4826,
         {"maladie": 2495, "maladie.cpam": -2451, "sickpay": 133, "family": 0, "training": 120,
          "unions": 222, "additional": 0, "csg": 4307, "pension": 3751, "asv": 2509,
          "disability": 626}),
        ({"recettes": 100000, "sector": "S1"}, 8407,
         {"maladie": 5247, "maladie.cpam": -5173, "sickpay": 222, "family": 2294,
          "family.cpam": -1721, "training": 120, "unions": 240, "additional": 0, "csg": 7178,
          "pension": 4463, "asv": 2904, "disability": 730}),
        ({"recettes": 100000, "sector": "S2", "depassements": 30000}, 16023,
         {"maladie": 5247, "sickpay": 222, "family": 2294, "training": 120, "unions": 240,
          "additional": 722, "csg": 7178, "pension": 5580, "asv": 8711, "disability": 730}),
    ],
)  # fmt: skip
def test_worked_examples(inputs: dict[str, Any], urssaf: int, expected: dict[str, int]) -> None:
    result = assessed(**inputs)
    found = amounts(result)
    for name in ("csg", "pension", "asv"):
        found[name] = sum((v for k, v in found.items() if k.startswith(name + ".")), ZERO)
    assert {key: found[key] for key in expected} == expected
    assert result.due == urssaf


def test_the_total_of_earlier_years() -> None:
    for year, total in ((2025, "17985.20"), (2026, "18175.20")):
        got, _ = assess_inputs(
            {"date": f"{year}-06-01", "creation_date": "2015-01-01", "recettes": 100000,
             "charges": 30000, "sector": "S1"}, table(complementary="10.2"),
        )  # fmt: skip
        assert abs(got["total"] - Decimal(total)) <= 1


def test_what_the_pension_fund_calls_is_shown_and_never_due() -> None:
    result = assessed(recettes=100000, sector="S1")
    fund = [line for line in result.lines if line.apart == "carmf"]
    assert {line.group for line in fund} == {"carmf"}
    assert all(line.status is not LineStatus.COMPUTED for line in fund)
    assert sum((line.amount for line in fund), ZERO) > result.due
    assert sum((s.amount for s in result.shares), ZERO) == result.due
    shares = [line for line in result.lines if line.code.endswith(".cpam")]
    assert all(line.amount <= 0 and "Assurance maladie" in line.label for line in shares)
    disputed = next(line for line in result.lines if line.code == "complementary")
    assert disputed.status is LineStatus.UNCONFIRMED
    assert "10,2" in disputed.note


def doctor(start: str = "2015-03-01", **facts: Any) -> Profile:
    return Profile.model_validate({"start_date": start, "sector": "S1", **facts})


def figures(**given: Any) -> Declaration:
    return Declaration.model_validate(
        {"receipts": "120000", "contracted": "120000", "profit": "90000", **given}
    )


def period(profile: Profile, code: str, today: date = TODAY) -> Period:
    return next(p for p in REGIME.periods(profile, today, RATES) if p.code == code)


def filed(profile: Profile, year: int, on: date, **given: Any) -> Filed:
    found = period(profile, str(year))
    declaration = figures(**given)
    return Filed(found, declaration, REGIME.assess(profile, found, declaration, (), RATES), on)


def test_it_prepares_and_never_declares() -> None:
    assert REGIME.kind is Kind.PREPARATION


def test_boxes() -> None:
    declaration = figures(contracted="70000", overruns="30000", vouchers="300")
    found = {box.code: box.value for box in boxes(declaration)}
    assert found == {
        "DSCS": 120000, "DSAV": 70000, "DSAW": 30000, "DSAU": Decimal("0.58"), "DSDE": 90000,
        "DSCN": 300,
    }  # fmt: skip
    loss = boxes(figures(profit=None, loss="500"))
    assert {box.code: box.value for box in loss}["DSDG"] == 500
    assert all(box.where and box.label for box in loss)
    micro = boxes(figures(profit=None, micro=True))
    assert not {"DSDE", "DSDG"} & {box.code for box in micro}


@pytest.mark.parametrize(
    "given",
    [
        {"contracted": "110000", "overruns": "20000"}, {"loss": "1"}, {"profit": None},
        {"micro": True}, {"receipts": "-1"}, {"contracted": "120001"},
    ],
)  # fmt: skip
def test_boxes_that_contradict_each_other(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        figures(**given)


def test_contracted_receipts_are_fees_and_overruns() -> None:
    profile = doctor(sector="S2")
    result = REGIME.assess(
        profile, period(profile, "2025"),
        figures(receipts="100000", contracted="70000", overruns="30000", profit="100000"), (),
        RATES,
    )  # fmt: skip
    by_inputs = assessed(
        date="2025-06-01", recettes=100000, sector="S2", depassements=30000,
        recettes_conventionnees=100000,
    )  # fmt: skip
    assert amounts(result) == amounts(by_inputs)


def test_micro_bnc_keeps_66_percent_of_the_receipts() -> None:
    profile = doctor()
    declaration = figures(receipts="30000", contracted="30000", profit=None, micro=True)
    result = REGIME.assess(profile, period(profile, "2025"), declaration, (), RATES)
    assert {line.base for line in result.lines if line.code == "csg.deductible"} == {19800}


def test_periods_follow_the_tax_campaign() -> None:
    found = REGIME.periods(doctor(), date(2026, 5, 1), RATES)
    assert [(p.code, p.status) for p in found[-2:]] == [
        ("2025", PeriodStatus.OPEN), ("2026", PeriodStatus.UPCOMING),
    ]  # fmt: skip
    assert found[-1].note
    known = doctor(known=[{"year": 2024, "income": 1000, "on": "2025-06-01"}])
    assert [p.code for p in REGIME.periods(known, TODAY, RATES)] == ["2025", "2026"]
    assert REGIME.periods(doctor(), date(2030, 1, 1), RATES)[0].status is PeriodStatus.CLOSED
    with pytest.raises(DeclarationRefused):
        REGIME.check(
            doctor(), period(doctor(), "2025"), figures(filed_on=date(2025, 12, 31)), RATES
        )


KNOWN = [{"year": 2024, "income": 72000, "on": "2025-06-01"}]


def test_calls_follow_the_known_income_then_are_regularised() -> None:
    profile = doctor(known=KNOWN)
    before = REGIME.schedule(profile, [], TODAY, RATES)
    assert len([c for c in before if c.period == "2026"]) == 12
    assert sum(c.amount for c in before if c.period == "2026") == 9700
    done = filed(profile, 2025, date(2026, 6, 1))
    after = REGIME.schedule(profile, [done], TODAY, RATES)
    calls = [c for c in after if c.period == "2026"]
    assert [c.amount for c in calls[:5]] == [c.amount for c in before if c.period == "2026"][:5]
    assert calls[5].amount < calls[4].amount
    assert all(c.provisional and c.collector == "urssaf" and c.on.day == 5 for c in calls)
    # The year 2025 itself had no basis at its first call: nothing to compare it with.
    assert not [c for c in after if not c.provisional]


def test_the_change_of_base_is_told() -> None:
    profile = doctor(known=KNOWN)
    done = filed(profile, 2025, date(2026, 6, 1))
    told = {a.code: a.params for a in REGIME.alerts(profile, [done], TODAY, RATES)}
    assert told["pamc_new_base"]["year"] == 2025
    assert told["pamc_new_base"]["before"] > told["pamc_new_base"]["after"]
    assert "pamc_to_prepare" in {a.code for a in REGIME.alerts(profile, [], TODAY, RATES)}


def test_a_refund_and_a_complement() -> None:
    known = [{"year": 2023, "income": 70000, "on": "2024-06-01"}, *KNOWN]
    profile = doctor(known=known)
    day = date(2026, 6, 1)
    for profit, code in (("40000", "pamc_refund"), ("150000", "pamc_regularisation")):
        done = filed(profile, 2025, day, profit=profit)
        calls = REGIME.schedule(profile, [done], day, RATES)
        (last,) = [c for c in calls if not c.provisional]
        called = sum(c.amount for c in calls if c.period == "2025" and c.provisional)
        assert called + last.amount == done.assessment.due
        assert (last.amount < 0) == (code == "pamc_refund")
        assert last.on == date(2026, 6, 5)
        assert code in {a.code for a in REGIME.alerts(profile, [done], day, RATES)}


def test_an_estimate_moves_the_calls_that_follow() -> None:
    profile = doctor(known=KNOWN)
    lower = REGIME.choose(profile, "modulation", "20000", [], date(2026, 3, 10), RATES)
    calls = [c for c in REGIME.schedule(lower, [], TODAY, RATES) if c.period == "2026"]
    plain = [c for c in REGIME.schedule(profile, [], TODAY, RATES) if c.period == "2026"]
    assert calls[:3] == plain[:3]
    assert all(a.amount < b.amount for a, b in zip(calls[3:], plain[3:], strict=True))
    assert REGIME.options(lower, [], TODAY, RATES)[0].current == "20000"


def test_the_first_year_is_called_on_a_flat_base_after_ninety_days() -> None:
    profile = doctor("2026-02-01")
    calls = REGIME.schedule(profile, [], TODAY, RATES)
    assert calls[0].on == date(2026, 5, 5)
    assert all(c.provisional for c in calls)
    late = REGIME.schedule(doctor("2026-11-02"), [], TODAY, RATES)
    assert [c.on for c in late] == [date(2026, 12, 5)]


def test_payments_by_quarter_or_on_the_20th() -> None:
    for payment, days in (("quarterly", 4), ("monthly_20", 12)):
        profile = REGIME.choose(doctor(known=KNOWN), "payment", payment, [], TODAY, RATES)
        calls = [c for c in REGIME.schedule(profile, [], TODAY, RATES) if c.period == "2026"]
        assert len(calls) == days


@pytest.mark.parametrize(
    ("option", "value"),
    [("modulation", "many"), ("payment", "weekly"), ("payment", "monthly_5"), ("nothing", "x"),
     ("cessation", "2030-01-01"), ("cessation", "2001-01-01"), ("cessation", "x")],
)  # fmt: skip
def test_choices_refused(option: str, value: str) -> None:
    with pytest.raises(OptionRefused):
        REGIME.choose(doctor(), option, value, [], TODAY, RATES)


def test_the_end_of_activity_stops_the_calls() -> None:
    ended = REGIME.choose(doctor(known=KNOWN), "cessation", "2026-06-30", [], TODAY, RATES)
    assert max(c.on for c in REGIME.schedule(ended, [], TODAY, RATES)) == date(2026, 6, 5)
    with pytest.raises(OptionRefused):
        REGIME.choose(ended, "modulation", "1", [], TODAY, RATES)


def _total(income: Decimal, sector: str, year: int) -> Decimal:
    got, _ = assess_inputs(
        {"date": f"{year}-06-01", "recettes": income, "charges": 0, "sector": sector}, RATES
    )
    total: Decimal = got["total"]
    return total


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 400_000), st.integers(1, 20_000), st.sampled_from(["S1", "S2", "NC"]),
    st.sampled_from([2025, 2026]),
)  # fmt: skip
def test_a_higher_income_never_costs_less(income: int, more: int, sector: str, year: int) -> None:
    low = _total(Decimal(income), sector, year)
    high = _total(Decimal(income + more), sector, year)
    base = [assess_inputs({"date": f"{year}-06-01", "recettes": Decimal(n), "charges": 0,
                           "sector": sector}, RATES)[0]["assiette_sociale"]
            for n in (income, income + more)]  # fmt: skip
    # One step of the law goes down: at three ceilings the flat class C of invalidity (999, 1 010 €)
    # follows class B (434 € + 0.4 %). The others go up: less taken by the insurance at 140 and
    # 250 % of the ceiling, the regional unions once the net income is positive.
    ceiling = RATES.get("pass", date(year, 1, 1)).value
    drop = Decimal(2) if base[0] < 3 * ceiling <= base[1] else ZERO
    assert high >= low - drop


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"recettes": -1}, "recettes"), ({"sector": "S3"}, "sector"),
        ({"date": "2022-06-01"}, "date"),
        ({"recettes_conventionnees": 100001}, "recettes_conventionnees"),
        ({"depassements": 100001}, "depassements"), ({"creation_date": "2027-01-01"}, "date"),
        ({"creation_date": "x"}, "creation_date"), ({"remplacant": 1}, "remplacant"),
        ({"department": 974}, "department"), ({"revenu_professionnel": 1}, "revenu_professionnel"),
    ],
)  # fmt: skip
def test_bad_inputs_name_their_field(wrong: dict[str, Any], field: str) -> None:
    inputs = {"date": "2026-06-01", "recettes": 100000, "sector": "S1", **wrong}
    line = json.dumps({"id": 1, "regime": "pamc-medecin", "inputs": inputs})
    assert answer_line(line)["error"]["field"] == field


def test_a_loss_leaves_the_minimum() -> None:
    profile = doctor()
    result = REGIME.assess(
        profile, period(profile, "2025"), figures(profit=None, loss="4000"), (), RATES
    )
    assert result.due > 0
    assert amounts(result)["unions"] == 0
