"""Parts, platform turnover, yearly limits, shares by fund, corrections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from regimes.assessment import LineStatus, SharesStatus
from regimes.auto_entrepreneur import REGIME, Declaration
from regimes.regime import DeclarationRefused
from tests.rules.accounts import (
    RATES,
    account,
    amounts,
    assessed,
    figures,
    filed,
    months,
    period_of,
)


def test_each_part_of_a_first_period_bears_its_own_rate() -> None:
    profile = account("2024-05-10", "service_bnc")
    result = assessed(profile, "2024-08", {"service_bnc": 1000}, {"service_bnc": 1000})
    assert amounts(result) == {
        "2024-05-10.contribution.service_bnc": 211,
        "2024-05-10.cfp.service_bnc": 2,
        "2024-07-01.contribution.service_bnc": 231,
        "2024-07-01.cfp.service_bnc": 2,
    }
    assert result.shares_status is SharesStatus.OFFICIAL
    assert sum(share.amount for share in result.shares) == 446


def test_turnover_withheld_by_a_platform_is_not_charged_again() -> None:
    profile = account("2019-05-01", "vente", "service_bic")
    period = period_of(profile, "2026-10")
    alone = figures(profile, period, {"service_bic": 1000})
    both = figures(profile, period, {"service_bic": 1000}, platform={"service_bic": "2000.60"})
    without = REGIME.assess(profile, period, alone, (), RATES)
    withheld = REGIME.assess(profile, period, both, (), RATES)
    assert withheld.lines == without.lines
    assert both.counted() == {"vente": 0, "service_bic": 3001}
    assert withheld.figures[-1].retained == 2001


def test_acre_stops_at_one_ceiling_of_income_in_the_year() -> None:
    """D131-6-3 II: 48 060 € after the 71 % allowance is 165 724 € of sales in 2026."""
    profile = account("2026-01-05", "vente", acre={})
    first = filed(profile, "2026-04", {"vente": 165000})
    assert amounts(first.assessment)["contribution.vente"] == 10230
    code = "2026-05"
    result = assessed(profile, code, {"vente": 1000}, history=[first])
    lines = {line.code: line for line in result.lines}
    reduced, full = lines["contribution.vente"], lines["contribution.vente.above_limit"]
    assert (reduced.base, reduced.rate, reduced.amount) == (724, Decimal("6.2"), 45)
    assert (full.base, full.rate, full.amount) == (276, Decimal("12.3"), 34)
    assert full.status is LineStatus.UNCONFIRMED
    assert full.note
    assert lines["cfp.vente"].base == 1000
    assert sum(share.amount for share in result.shares) == result.due


def test_the_acre_limit_starts_again_with_the_year() -> None:
    profile = account("2025-11-20", "service_bic", acre={})
    result = assessed(profile, "2026-02", {"service_bic": 94200}, {"service_bic": 96120})
    assert not [line for line in result.lines if line.code.endswith(".above_limit")]
    more = assessed(profile, "2026-02", {"service_bic": 94201}, {"service_bic": 96121})
    above = [line for line in more.lines if line.code.endswith(".above_limit")]
    assert [(line.base, line.code[:4]) for line in above] == [(1, "2025"), (1, "2026")]


def test_other_years_leave_the_limits_alone() -> None:
    profile = account("2024-05-01", "vente", department="974")
    history = months(profile, 2025, 50000)
    result = assessed(profile, "2026-01", {"vente": 200000}, history=history)
    assert not [line for line in result.lines if line.code.endswith(".above_limit")]


def test_overseas_rates_stop_at_the_micro_ceilings() -> None:
    """D756-5 II: services at 83 600 €, everything together at 203 100 € in 2026."""
    profile = account("2019-05-01", "vente", "service_bic", department="974")
    history = [filed(profile, "2026-01", {"vente": 100000, "service_bic": 83000})]
    result = assessed(profile, "2026-02", {"vente": 5000, "service_bic": 1000}, history=history)
    above = {line.code: line for line in result.lines if line.code.endswith(".above_limit")}
    assert list(above) == ["contribution.service_bic.above_limit"]
    line = above["contribution.service_bic.above_limit"]
    assert (line.base, line.rate, line.law) == (400, Decimal("21.2"), "CSS D756-5 II")
    history.append(filed(profile, "2026-02", {"vente": 20000}))
    result = assessed(profile, "2026-03", {"vente": 300}, history=history)
    assert amounts(result)["contribution.vente.above_limit"] == 25  # 200 of the 300 euros
    # A mainland account has no such line.
    mainland = account("2019-05-01", "vente")
    result = assessed(mainland, "2026-02", {"vente": 300000})
    assert [line.code for line in result.lines] == [
        "contribution.vente", "cfp.vente", "chamber.commerce.vente",
    ]  # fmt: skip


def status(profile: Any, code: str, turnover: Any) -> SharesStatus:
    result = assessed(profile, code, turnover)
    assert bool(result.shares_note) == (result.shares_status is not SharesStatus.OFFICIAL)
    return result.shares_status


def test_how_far_the_shares_are_law() -> None:
    sales, beds = {"vente": 1000}, {"meuble_tourisme_classe": 1000}
    acre = account("2026-02-10", "vente", acre={})
    lettings = account("2019-05-01", "meuble_tourisme_classe")
    assert status(account(), "2026-10", sales) is SharesStatus.OFFICIAL
    assert status(acre, "2026-10", sales) is SharesStatus.INDICATIVE
    assert status(acre, "2027-01", sales) is SharesStatus.OFFICIAL
    assert status(account(department="974"), "2026-10", sales) is SharesStatus.INDICATIVE
    assert status(lettings, "2025-12", beds) is SharesStatus.NOT_PUBLISHED
    assert status(lettings, "2026-01", beds) is SharesStatus.OFFICIAL


def test_shares_of_2026_name_daily_allowances_apart() -> None:
    result = assessed(account("2019-05-01", "service_bnc", flat_tax_in=True), "2026-10",
                      {"service_bnc": 10000})  # fmt: skip
    assert {share.fund: share.amount for share in result.shares} == {
        "maladie_maternite": Decimal("66.56"), "indemnites_journalieres": Decimal("38.40"),
        "invalidite_deces": Decimal("84.48"), "retraite_base": Decimal("1187.84"),
        "retraite_complementaire": Decimal("537.60"), "csg_crds": Decimal("645.12"),
        "formation": 20, "impot": 220,
    }  # fmt: skip
    before = assessed(account("2019-05-01", "service_bnc"), "2025-12", {"service_bnc": 10000})
    assert "indemnites_journalieres" not in {share.fund for share in before.shares}


def test_small_years_are_told_about_the_chamber_tax() -> None:
    profile = account()
    assert len(assessed(profile, "2026-03", {"vente": 4900}).notes) == 1
    history = [filed(profile, "2026-02", {"vente": 4000})]
    assert assessed(profile, "2026-03", {"vente": 4900}, history=history).notes == ()
    assert assessed(account("2019-05-01", "service_bnc"), "2026-03", {}).notes == ()


def refused(profile: Any, code: str, declaration: Declaration) -> tuple[str, str]:
    with pytest.raises(DeclarationRefused) as caught:
        REGIME.check(profile, period_of(profile, code), declaration, RATES)
    return caught.value.code, caught.value.field


def october(turnover: dict[str, Any], **more: Any) -> Declaration:
    part = {"start": "2026-10-01", "end": "2026-10-31", "turnover": turnover}
    return Declaration.model_validate({"parts": [part], **more})


def test_figures_that_do_not_fit_the_account_are_refused_by_field() -> None:
    profile = account("2019-05-01", "vente", "service_bic")
    good = {"vente": 1, "service_bic": 2}
    REGIME.check(profile, period_of(profile, "2026-10"), october(good), RATES)
    assert refused(profile, "2026-10", october({"vente": 1})) == (
        "missing", "parts.0.turnover.service_bic",
    )  # fmt: skip
    assert refused(profile, "2026-10", october({**good, "service_bnc": 1})) == (
        "category_not_exercised", "parts.0.turnover.service_bnc",
    )  # fmt: skip
    assert refused(profile, "2026-10", october(good, platform={"service_bnc": 1})) == (
        "category_not_exercised", "platform.service_bnc",
    )  # fmt: skip
    assert refused(profile, "2026-09", october(good)) == ("parts_unexpected", "parts")


@pytest.mark.parametrize(
    "bad",
    [-1, "-0.01", "1e400", "NaN", "1.234,56", "12345678901234567890", "😀", 1.5, True, None, ""],
)
def test_bad_amounts_never_make_a_declaration(bad: Any) -> None:
    with pytest.raises(ValueError) as caught:
        october({"vente": bad})
    (error,) = caught.value.errors()  # type: ignore[attr-defined]
    assert error["loc"][:4] == ("parts", 0, "turnover", "vente")


def test_a_correction_names_the_later_periods_it_moves() -> None:
    profile = account("2026-01-05", "vente", acre={})
    first = filed(profile, "2026-04", {"vente": 100000})
    second = filed(profile, "2026-05", {"vente": 100000}, history=[first])
    assert REGIME.affected_by(profile, first.period, [first, second]) == ["2026-05"]
    assert REGIME.affected_by(profile, second.period, [first, second]) == []
    small = [filed(profile, "2026-04", {"vente": 100}), filed(profile, "2026-05", {"vente": 100})]
    assert REGIME.affected_by(profile, small[0].period, small) == []
    plain = account()
    big = months(plain, 2026, 100000)
    assert REGIME.affected_by(plain, big[0].period, big) == []


def test_a_journal_fills_a_declaration_by_day_of_collection() -> None:
    profile = account("2024-05-10", "service_bnc")
    period = period_of(profile, "2024-08")
    receipts = [
        {"on": date(2024, 6, 30), "category": "service_bnc", "amount": Decimal("100.40")},
        {"on": date(2024, 7, 1), "category": "service_bnc", "amount": Decimal("50")},
        {
            "on": date(2024, 7, 2),
            "category": "service_bnc",
            "amount": Decimal("7"),
            "platform": True,
        },
        {"on": date(2024, 9, 1), "category": "service_bnc", "amount": Decimal("999")},
    ]
    found = REGIME.from_journal(profile, receipts, period, RATES)
    assert found is not None
    assert [part.turnover["service_bnc"] for part in found.parts] == [Decimal("100.40"), 50]
    assert found.platform == {"service_bnc": 7}
    REGIME.check(profile, period, found, RATES)
    with pytest.raises(DeclarationRefused):
        REGIME.from_journal(profile, [{**receipts[0], "category": "vente"}], period, RATES)
