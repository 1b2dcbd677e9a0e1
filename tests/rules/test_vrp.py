"""VRP with several cards: pay, ceilings, over-payments, payslips, entries, periods."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.assess_cli import answer_line, dumps
from contract.rates import shipped_rates
from regimes.money import ZERO
from regimes.regime import DeclarationRefused, PeriodStatus
from regimes.vrp import REGIME, Declaration, Profile, year_result
from regimes.vrp.anomalies import FiledMonth, Job, find_anomalies
from regimes.vrp.bases import dfs_rate, month_bases
from regimes.vrp.declaration import EmployerYear
from regimes.vrp.entries import Employer, Expense, Pay, from_entries, pay_id
from regimes.vrp.overpayment import SITUATION_LABELS
from regimes.vrp.payslip import Payslip, check_payslip, read_pasted

RATES = shipped_rates(REGIME)
SIRETS = ("12345678200010", "98765432400019", "99999999800019")


def months(total: int, count: int = 12, dfs: bool = False) -> list[dict[str, Any]]:
    """`total` euros spread over the first `count` months, to the cent."""
    cents = total * 100
    each = cents // count
    parts = [each] * (count - 1) + [cents - each * (count - 1)]
    return [
        {"month": n, "gross": str(Decimal(p).scaleb(-2)), "dfs": dfs}
        for n, p in enumerate(parts, start=1)
    ]


def three(**more: Any) -> Declaration:
    """Example 4: 30 000, 20 000 and 15 000 €."""
    return Declaration.model_validate(
        {
            "employers": [
                {"siret": siret, "months": months(total)}
                for siret, total in zip(SIRETS, (30000, 20000, 15000), strict=True)
            ],
            **more,
        }
    )


def assess(on: str, employers: Any, **more: Any) -> dict[str, Any]:
    line = {"id": 1, "regime": "vrp", "inputs": {"date": on, "employers": employers, **more}}
    answer: dict[str, Any] = json.loads(
        dumps(answer_line(json.dumps(line))), parse_float=Decimal, parse_int=Decimal
    )
    return answer


def one_month(gross: int, dfs: bool) -> dict[str, Any]:
    pay = {"month": 6, "gross": gross, "dfs": dfs}
    return assess("2026-06-01", [{"siret": SIRETS[0], "months": [pay]}])


@pytest.mark.parametrize(
    ("gross", "dfs", "base", "total", "csg"),
    [
        (3000, False, "3000", "625.21", "285.91"),
        (3000, True, "2366.67", "553.58", "285.91"),
        (5000, True, "4366.67", "972.19", "476.51"),
    ],
)
def test_one_pay(gross: int, dfs: bool, base: str, total: str, csg: str) -> None:
    answer = one_month(gross, dfs)
    employer = answer["exact"]["employers"][0]
    assert employer["base"] == Decimal(base)
    assert abs(employer["employee_total"] - Decimal(total)) <= Decimal("0.02")
    lines = {line["code"]: line for line in answer["lines"]}
    assert lines["e1.csg_crds.employee"]["amount"] == Decimal(csg)
    assert lines["e1.vieillesse_plafonnee.employer"]["rate"] == Decimal("6.9")
    assert lines["e1.atmp.employer"]["rate"] == Decimal("0.96")
    assert answer["due"] == 0


def test_what_example_3_alone_tells_is_marked() -> None:
    lines = {line["code"]: line for line in one_month(5000, True)["lines"]}
    for code in ("ceg_t2", "cet"):
        assert lines[f"e1.{code}.employee"]["status"] == "unconfirmed"
        assert lines[f"e1.{code}.employer"]["status"] == "missing"
    assert lines["e1.cet.employee"]["base"] == Decimal("4366.67")
    assert "e1.cet.employee" not in {x["code"] for x in one_month(3000, True)["lines"]}


def test_three_employers_above_the_ceiling() -> None:
    employers = [
        {"siret": siret, "months": months(total)}
        for siret, total in zip(SIRETS, (30000, 20000, 15000), strict=True)
    ]
    for employer in employers:
        for pay in employer["months"]:
            pay["gross"] = Decimal(pay["gross"])
    line = dumps({"id": 4, "regime": "vrp", "inputs": {"date": "2026-12-31",
                                                       "employers": employers}})  # fmt: skip
    answer = answer_line(line)
    exact = answer["exact"]
    assert exact["overpayment"]["over"] == 16940
    assert exact["overpayment"]["refund"] == Decimal("1168.86")
    assert answer["due"] == Decimal("1168.86")
    assert exact["prorated"]["ceilings"] == [
        Decimal("22181.54"), Decimal("14787.69"), Decimal("11090.77"),
    ]  # fmt: skip
    assert exact["prorated"]["over"] == 0
    steps = exact["overpayment"]["formula"]["steps"]
    assert [step["result"] for step in steps] == [65000, 48060, 16940, Decimal("1168.86")]


def test_expenses_leave_the_base_of_csg() -> None:
    answer = assess("2026-12-31", [{"siret": SIRETS[0], "months": [
        {"month": 1, "gross": 12000}]}], expenses=9000)  # fmt: skip
    assert answer["exact"]["csg"]["refund"] == Decimal("857.72")
    assert answer["due"] == Decimal("857.72")
    alone = assess("2026-12-31", [], expenses=9000)
    assert alone["exact"]["csg"]["refund"] == Decimal("857.72")


def test_expenses_never_give_back_more_than_was_paid() -> None:
    result = year_result(
        Declaration.model_validate(
            {
                "employers": [{"siret": SIRETS[0], "months": [{"month": 1, "gross": "1000"}]}],
                "expenses": [{"category": "travel", "amount": "5000"}],
            }
        ),
        2026,
        RATES,
    )
    assert result.csg.result == Decimal("95.30")  # 982.50 × 9.70 %


@pytest.mark.parametrize(
    ("year", "rate"),
    list(zip(range(2023, 2039), (30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0),
             strict=True)),
)  # fmt: skip
def test_the_deduction_by_year(year: int, rate: int) -> None:
    assert dfs_rate(date(year, 1, 1), RATES) == rate
    assert dfs_rate(date(year, 12, 31), RATES) == rate
    assert dfs_rate(date(2040, 1, 1), RATES) == 0


def test_the_deduction_stops_at_its_yearly_limit_and_at_the_minimum_wage() -> None:
    rich = EmployerYear.model_validate({"siret": SIRETS[0], "months": months(120000, dfs=True)})
    rows = month_bases(rich, 2026, RATES)
    assert rows[0].deduction == Decimal("633.33")
    assert abs(sum(r.deduction for r in rows) - 7600) <= Decimal("0.06")
    poor = EmployerYear.model_validate(
        {"siret": SIRETS[0], "months": [
            {"month": 3, "gross": "2000", "dfs": True}, {"month": 4, "gross": "1000", "dfs": True},
        ]}
    )  # fmt: skip
    first, second = month_bases(poor, 2026, RATES)
    assert first.base == Decimal("1823.03")  # 12.02 € × 151.67 h
    assert second.deduction == 0


def test_other_years_are_missing_unless_sourced() -> None:
    answer = assess("2025-12-31", [{"siret": SIRETS[0], "months": [
        {"month": 1, "gross": 3000}]}])  # fmt: skip
    status = {line["code"]: line["status"] for line in answer["lines"]}
    assert status["e1.maladie.employer"] == "missing"
    assert status["e1.vieillesse_deplafonnee.employer"] == "computed"
    assert status["overpayment.pension"] == "estimate"
    later = assess("2027-12-31", [{"siret": SIRETS[0], "months": [{"month": 1, "gross": 3000}]}])
    found = {line["code"]: line["status"] for line in later["lines"]}
    assert found["overpayment.pension"] == "missing"
    assert later["partial"] is True


def test_each_year_has_its_ceiling() -> None:
    for year, ceiling in ((2023, 43992), (2024, 46368), (2025, 47100), (2026, 48060)):
        result = year_result(three(), year, RATES)
        assert result.ceiling == ceiling
        assert result.over == 65000 - ceiling


def test_months_worked_shorten_the_ceiling() -> None:
    half = Declaration.model_validate(
        {"employers": [
            {"siret": SIRETS[0], "months": months(30000, 6)},
            {"siret": SIRETS[1], "start": "2026-04-10", "end": "2026-08-02",
             "months": [{"month": 5, "gross": "1000"}]},
        ]}
    )  # fmt: skip
    result = year_result(half, 2026, RATES)
    assert [e.months for e in result.employers] == [6, 5]
    assert result.months == 8
    assert result.ceiling == 8 * 4005
    assert result.employers[0].capped == 6 * 4005


def test_bases_filed_stand_before_those_expected() -> None:
    filed = {"capped": "2000", "uncapped": "2500", "csg": "2456.25"}
    data = three().model_dump(mode="json")
    for pay in data["employers"][0]["months"]:
        pay["filed"] = filed
    result = year_result(Declaration.model_validate(data), 2026, RATES)
    assert result.employers[0].capped == 24000
    assert not result.employers[0].estimated
    assert result.employers[1].estimated
    assert result.filed == 24000 + 20000 + 15000


@pytest.mark.parametrize(
    ("agricultural", "expected"),
    [((), "none"), ((False,), "single"), ((True,), "all_agricultural"),
     ((True, True), "all_agricultural"), ((True, False), "mixed"), ((False, False), "several")],
)  # fmt: skip
def test_what_the_employers_mean_is_said(agricultural: tuple[bool, ...], expected: str) -> None:
    employers = [
        {"siret": siret, "agricultural": land, "months": months(60000)}
        for siret, land in zip(SIRETS, agricultural, strict=False)
    ]
    found = Declaration.model_validate({"employers": employers})
    result = year_result(found, 2026, RATES)
    assert result.situation == expected
    assert (expected == "several") == (SITUATION_LABELS[expected] == "")
    period = period_of(2026)
    assessment = REGIME.assess(profile(), period, found, [], RATES)
    if expected == "all_agricultural":
        assert assessment.due == 0
        assert assessment.lines[0].apart == "msa"


def profile(start: str = "2024-03-01", **more: Any) -> Profile:
    return Profile.model_validate({"start_date": start, **more})


def period_of(year: int) -> Any:
    return REGIME.periods(profile("2023-01-01"), date(year, 6, 1), RATES)[-1]


def test_years_open_and_close() -> None:
    found = REGIME.periods(profile("2020-01-01"), date(2026, 11, 23), RATES)
    assert [(p.code, p.status) for p in found] == [
        ("2023", PeriodStatus.OVERDUE), ("2024", PeriodStatus.OPEN), ("2025", PeriodStatus.OPEN),
        ("2026", PeriodStatus.UPCOMING),
    ]  # fmt: skip
    assert found[2].due == date(2028, 2, 4)
    assert all(p.optional for p in found)
    later = REGIME.periods(profile("2020-01-01"), date(2027, 1, 1), RATES)
    assert later[0].status is PeriodStatus.CLOSED
    assert later[3].status is PeriodStatus.OPEN
    alerts = REGIME.alerts(profile("2020-01-01"), [], date(2026, 11, 23), RATES)
    assert [(a.code, a.params["year"]) for a in alerts] == [
        ("vrp_year_ending", "2023"), ("vrp_year_whole_until", "2024"),
    ]  # fmt: skip


AMOUNT = st.integers(0, 9_000_00).map(lambda n: str(Decimal(n).scaleb(-2)))


@st.composite
def declarations(draw: st.DrawFn) -> dict[str, Any]:
    employers = []
    for siret in SIRETS[: draw(st.integers(0, 3))]:
        listed = draw(st.lists(st.integers(1, 12), unique=True, max_size=12))
        rows: list[dict[str, Any]] = []
        for number in listed:
            pay: dict[str, Any] = {
                "month": number, "gross": draw(AMOUNT), "dfs": draw(st.booleans()),
            }  # fmt: skip
            if draw(st.booleans()):
                pay["filed"] = {"capped": draw(AMOUNT), "csg": draw(AMOUNT)}
            rows.append(pay)
        employers.append({"siret": siret, "agricultural": draw(st.booleans()), "months": rows})
    expenses = [
        {"category": "travel", "amount": draw(AMOUNT)} for _ in range(draw(st.integers(0, 2)))
    ]
    return {"employers": employers, "expenses": expenses}


@settings(max_examples=150, deadline=None)
@given(declarations(), st.integers(2023, 2038))
def test_every_year_can_be_assessed(data: dict[str, Any], year: int) -> None:
    declaration = Declaration.model_validate(data)
    result = year_result(declaration, year, RATES)
    assessment = REGIME.assess(profile(), period_of(year), declaration, [], RATES)
    assert assessment.due >= 0
    assert sum((s.amount for s in assessment.shares), ZERO) == assessment.due
    assert len({line.code for line in assessment.lines}) == len(assessment.lines)
    for employer in result.employers:
        assert ZERO <= employer.base <= employer.gross
        assert employer.deduction <= Decimal("7600.12")
        if employer.ceiling is not None and employer.estimated and employer.capped is not None:
            told = [p.filed for e in declaration.employers if e.siret == employer.siret
                    for p in e.months]  # fmt: skip
            if not any(told):
                assert employer.capped <= employer.ceiling
    if result.ceiling is not None:
        assert sum(s.ceiling for s in result.shares) == (result.ceiling if result.shares else 0)
        assert result.over == max(ZERO, result.filed - result.ceiling)


@settings(max_examples=60, deadline=None)
@given(declarations())
def test_the_order_of_employers_and_months_changes_nothing(data: dict[str, Any]) -> None:
    turned = {
        "employers": [
            {**e, "months": list(reversed(e["months"]))} for e in reversed(data["employers"])
        ],
        "expenses": list(reversed(data["expenses"])),
    }
    one = year_result(Declaration.model_validate(data), 2026, RATES)
    other = year_result(Declaration.model_validate(turned), 2026, RATES)
    assert (one.refund, one.over, one.filed) == (other.refund, other.over, other.filed)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 80000), min_size=1, max_size=3))
def test_each_alone_never_pays_less_than_prorated(totals: list[int]) -> None:
    found = Declaration.model_validate(
        {"employers": [{"siret": s, "months": months(t)}
                       for s, t in zip(SIRETS, totals, strict=False)]}
    )  # fmt: skip
    result = year_result(found, 2026, RATES)
    assert result.pension is not None
    assert result.prorated is not None
    assert sum(s.base for s in result.shares) <= result.filed
    assert result.prorated.result >= result.pension.result


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"employers": [{"siret": "12345678200011"}]}, "employers.0.siret"),
        ({"employers": [{"siret": SIRETS[0]}, {"siret": SIRETS[0]}]}, "employers"),
        (
            {"employers": [{"siret": SIRETS[0], "months": [{"month": 13, "gross": 1}]}]},
            "employers.0.months.0.month",
        ),
        (
            {"employers": [{"siret": SIRETS[0], "months": [{"month": 1, "gross": -1}]}]},
            "employers.0.months.0.gross",
        ),
        (
            {"employers": [{"siret": SIRETS[0], "months": [{"month": "2025-01", "gross": 1}]}]},
            "employers.0.months.0.month",
        ),
        (
            {"employers": [{"siret": SIRETS[0], "months": [{"month": 1, "gross": 1, "x": 1}]}]},
            "employers.0.months.0.x",
        ),
        ({"employers": 3}, "employers"),
        ({"expenses": [{"category": "yacht", "amount": 1}]}, "expenses.0.category"),
        ({"expenses": "abc"}, "inputs.expenses"),
    ],
)
def test_bad_inputs_name_their_field(data: dict[str, Any], field: str) -> None:
    answer = answer_line(
        json.dumps({"id": 1, "regime": "vrp", "inputs": {"date": "2026-06-01", **data}})
    )
    assert answer["error"]["field"] == field, answer


def test_a_month_before_the_employer_is_refused() -> None:
    found = Declaration.model_validate(
        {"employers": [{"siret": SIRETS[0], "start": "2026-05-02",
                        "months": [{"month": 4, "gross": "1"}]}]}
    )  # fmt: skip
    with pytest.raises(DeclarationRefused, match="month_before_employer"):
        REGIME.check(profile(), period_of(2026), found, RATES)


def test_a_payslip_line_by_line() -> None:
    slip = Payslip.model_validate(
        {"paid_on": "2026-06-30", "gross": "3000", "withheld": {
            "vieillesse_plafonnee.employee": "256.50", "csg_crds.employee": "285.90",
            "vieillesse_deplafonnee.employee": "10.00", "mutuelle": "20.00",
        }}
    )  # fmt: skip
    checked = {line.code: line for line in check_payslip(slip, RATES).lines}
    assert checked["vieillesse_plafonnee.employee"].verdict == "more"
    assert checked["vieillesse_plafonnee.employee"].difference == Decimal("49.50")
    assert checked["csg_crds.employee"].verdict == "same"
    assert checked["vieillesse_deplafonnee.employee"].verdict == "less"
    assert checked["agirc_t1.employee"].verdict == "not_withheld"
    assert checked["mutuelle"].verdict == "not_in_law"
    assert check_payslip(slip, RATES).law_total == Decimal("625.21")


def test_a_payslip_pasted() -> None:
    text = (
        "Salaire brut\t3 000,00\n"
        "Vieillesse plafonnée\t3 000,00\t6,90\t207,00\n"
        "Vieillesse déplafonnée  3 000,00  0,40  12,00\n"
        "CSG déductible\t2 947,50\t6,80\t200,43\n"
        "CSG/CRDS non déductible\t2 947,50\t2,90\t85,48\n"
        "Retraite complémentaire T1\t3 000,00\t3,15\t94,50\n"
        "CEG T1\t25,80\n"
        "Total cotisations\t—\n"
    )
    withheld, gross, unread = read_pasted(text)
    assert gross == 3000
    assert withheld == {
        "vieillesse_plafonnee.employee": Decimal("207.00"),
        "vieillesse_deplafonnee.employee": Decimal("12.00"),
        "csg_crds.employee": Decimal("285.91"), "agirc_t1.employee": Decimal("94.50"),
        "ceg_t1.employee": Decimal("25.80"),
    }  # fmt: skip
    assert unread == ("Total cotisations\t—",)
    slip = Payslip.model_validate({"paid_on": "2026-06-30", "gross": gross, "withheld": withheld})
    assert {line.verdict for line in check_payslip(slip, RATES).lines} == {"same"}


ACME = Employer.model_validate({"siret": SIRETS[0], "name": "ACME", "start": "2024-01-01"})


def test_a_claim_is_filled_from_entries() -> None:
    found = from_entries(
        2026, {"employer-1": ACME},
        [Pay(employer="employer-1", month="2026-03", gross=Decimal(2500), dfs=True),
         Pay(employer="employer-1", month="2025-03", gross=Decimal(1))],
        [Expense.model_validate({"on": "2026-02-01", "category": "travel", "amount": "100",
                                 "refunded": "40", "employer": "employer-1"}),
         Expense.model_validate({"on": "2025-02-01", "category": "travel", "amount": "7"})],
    )  # fmt: skip
    assert [(p.month, p.gross, p.dfs) for p in found.employers[0].months] == [(3, 2500, True)]
    assert [(x.amount, x.siret) for x in found.expenses] == [(60, SIRETS[0])]
    rows = [
        {"id": "employer-1", "kind": "employer", **ACME.model_dump(mode="json")},
        {"id": "x", "kind": "month", "employer": "employer-1", "month": "2026-03", "gross": "5"},
        {"kind": "filed", "id": "", "siret": SIRETS[0], "month": "2026-03", "capped": Decimal(4)},
    ]
    filled = REGIME.from_journal(profile(), rows, period_of(2026), RATES)
    assert filled is not None
    filed = filled.employers[0].months[0].filed
    assert filed is not None
    assert filed.capped == 4


def test_entries_that_do_not_hold_together() -> None:
    name = pay_id("employer-1", "2026-03")
    pay = Pay(employer="employer-1", month="2026-03")
    REGIME.check_entries(profile(), {"employer": {"employer-1": ACME}, "month": {name: pay}},
                         date(2026, 11, 23), RATES)  # fmt: skip
    cases: list[tuple[Any, str]] = [
        ({"employer": {"employer-1": ACME, "employer-2": ACME}}, "employer_twice"),
        ({"month": {name: pay}}, "employer_unknown"),
        ({"employer": {"employer-1": ACME}, "month": {"other-id": pay}}, "month_identifier"),
    ]
    for entries, code in cases:
        with pytest.raises(DeclarationRefused, match=code):
            REGIME.check_entries(profile(), entries, date(2026, 11, 23), RATES)


def test_anomalies() -> None:
    def filed(month: int, **more: Any) -> FiledMonth:
        usual = {
            "gross": Decimal(2500), "capped": Decimal(2500), "uncapped": Decimal(2500),
            "csg": Decimal("2456.25"),
        }  # fmt: skip
        return FiledMonth(SIRETS[0], f"2026-{month:02}", **(usual | more))

    rows = [
        filed(1), filed(2, capped=Decimal(2600)), filed(3, csg=Decimal("1900")),
        filed(4, uncapped=None), filed(5, copies=2), filed(7, dfs_rate=Decimal("30")),
        FiledMonth(SIRETS[1], "2026-01", *[Decimal(5000)] * 4),
    ]  # fmt: skip
    job = Job(SIRETS[0], date(2025, 1, 1))
    found = find_anomalies(rows, [job], 2026, 7, RATES)
    assert [(a.code, a.month) for a in found if a.siret == SIRETS[0]] == [
        ("capped_above_uncapped", "2026-02"), ("csg_unlike_gross", "2026-03"),
        ("base_missing", "2026-04"), ("doubled", "2026-05"), ("month_missing", "2026-06"),
        ("dfs_rate_other", "2026-07"),
    ]  # fmt: skip
    assert {a.code for a in found if a.siret == SIRETS[1]} == {
        "employer_unknown", "capped_above_ceiling",
    }  # fmt: skip
