"""What is true of every declaration, whatever the figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from regimes.assessment import Assessment, SharesStatus
from regimes.auto_entrepreneur import REGIME, Profile, parts_for
from regimes.auto_entrepreneur.categories import CATEGORIES
from regimes.auto_entrepreneur.departments import DEPARTMENTS
from regimes.money import ZERO
from regimes.regime import Filed, Period, within_reach
from tests.rules.accounts import RATES, account, assessed, figures

TODAY = date(2026, 12, 31)
EUROS = st.decimals(min_value=0, max_value=400_000, places=2)
LAWFUL = settings(max_examples=120, deadline=None)
LIBERAL = frozenset({"service_bnc", "service_bnc_cipav"})


@st.composite
def accounts(draw: st.DrawFn) -> Profile:
    """Any account that the profile accepts."""
    chosen = draw(st.sets(st.sampled_from(CATEGORIES), min_size=1, max_size=3))
    if chosen >= LIBERAL:
        chosen -= {"service_bnc_cipav"}
    natures = []
    if chosen & LIBERAL:
        natures.append("liberale")
    if chosen - LIBERAL:
        natures += ["commerciale", "artisanale"]
    start = draw(st.dates(date(2018, 1, 1), date(2026, 9, 30))).isoformat()
    facts: dict[str, Any] = {
        "nature": draw(st.sampled_from(natures)),
        "department": draw(st.none() | st.sampled_from(sorted(DEPARTMENTS))),
        "rhythm": draw(st.sampled_from(["monthly", "quarterly"])),
        "flat_tax_in": draw(st.booleans()),
        "double_registration": draw(st.booleans()),
    }
    if draw(st.booleans()):
        facts["acre"] = {}
    return account(start, *chosen, **facts)


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    """The assessment of any period of any account, alone or after another one."""
    profile = draw(accounts())
    periods = REGIME.periods(profile, TODAY, RATES)
    period = draw(st.sampled_from(periods))
    turnovers = [
        {c: draw(EUROS) for c in profile.categories}
        for _ in parts_for(profile, period, RATES)
    ]  # fmt: skip
    declaration = figures(profile, period, *turnovers)
    REGIME.check(profile, period, declaration, RATES)
    return REGIME.assess(profile, period, declaration, (), RATES)


@LAWFUL
@given(assessments())
def test_lines_are_whole_euros_of_base_times_rate(result: Assessment) -> None:
    assert not result.partial
    for line in result.lines:
        assert line.rate is not None
        assert line.base == int(line.base)
        assert line.exact == line.base * line.rate / 100
        assert line.amount == int(line.amount)
        assert Decimal("-0.5") <= line.exact - line.amount < Decimal("0.5")


@LAWFUL
@given(assessments())
def test_shares_add_up_to_what_is_due_and_to_the_contribution_where_the_split_is_law(
    result: Assessment,
) -> None:
    assert sum((share.amount for share in result.shares), ZERO) == result.due
    for share in result.shares:
        assert share.amount == share.amount.quantize(Decimal("0.01"))
        assert abs(share.amount - share.exact) < Decimal("0.01")
    if result.shares_status is SharesStatus.OFFICIAL:
        other = {"formation", "chambre_commerce", "chambre_metiers", "impot"}
        funds = sum((s.exact for s in result.shares if s.fund not in other), ZERO)
        assert funds == sum(
            (line.amount for line in result.lines if line.group == "contributions"), ZERO
        )


@LAWFUL
@given(accounts(), st.data(), EUROS, EUROS)
def test_more_turnover_never_costs_less(
    profile: Profile, data: st.DataObject, one: Decimal, two: Decimal
) -> None:
    period = data.draw(st.sampled_from(REGIME.periods(profile, TODAY, RATES)))
    parts = len(parts_for(profile, period, RATES))
    low, high = (
        REGIME.assess(
            profile, period,
            figures(profile, period, *[dict.fromkeys(profile.categories, amount)] * parts),
            (), RATES,
        ).due
        for amount in sorted((one, two))
    )  # fmt: skip
    # One euro may move from a reduced line to a full one: each line rounds on its own.
    crossings = 2 * parts * len(profile.categories)
    assert low <= high + (crossings if profile.acre or profile.overseas else 0)


@LAWFUL
@given(accounts(), st.data())
def test_nothing_collected_nothing_due(profile: Profile, data: st.DataObject) -> None:
    period = data.draw(st.sampled_from(REGIME.periods(profile, TODAY, RATES)))
    parts = len(parts_for(profile, period, RATES))
    result = REGIME.assess(profile, period, figures(profile, period, *[{}] * parts), (), RATES)
    assert result.due == 0
    assert result.exact_due == 0
    assert all(share.amount == 0 for share in result.shares)


@LAWFUL
@given(
    st.sampled_from(CATEGORIES), st.lists(EUROS, min_size=3, max_size=3),
    st.sampled_from([(2023, 1), (2024, 2), (2024, 3), (2025, 4), (2026, 1), (2026, 3)]),
)  # fmt: skip
def test_three_months_come_to_the_quarter_within_rounding(
    category: str, amounts: list[Decimal], quarter: tuple[int, int]
) -> None:
    year, number = quarter
    monthly = account("2019-05-01", category)
    quarterly = account("2019-05-01", category, rhythm="quarterly")
    apart = [
        assessed(monthly, f"{year}-{number * 3 - 2 + n:02}", {category: amount})
        for n, amount in enumerate(amounts)
    ]
    whole = assessed(quarterly, f"{year}-Q{number}", {category: sum(amounts, ZERO)})
    lines = len(whole.lines)
    # Half a euro a line and a declaration, and half a euro of turnover for each rounded base.
    slack = Decimal("0.5") * lines * 4 + 2
    assert abs(sum((a.due for a in apart), ZERO) - whole.due) <= slack


@given(st.data())
@LAWFUL
def test_what_is_within_reach_is_all_that_the_rules_read(data: st.DataObject) -> None:
    profile = data.draw(accounts())
    periods = REGIME.periods(profile, TODAY, RATES)
    period = data.draw(st.sampled_from(periods))
    others = [p for p in periods if p.code != period.code]
    history = []
    for other in (
        data.draw(st.lists(st.sampled_from(others), unique=True, max_size=14)) if others else []
    ):
        past = figures(profile, other, *_turnovers(data, profile, other))
        history.append(
            Filed(other, past, REGIME.assess(profile, other, past, (), RATES), other.due)
        )
    declaration = figures(profile, period, *_turnovers(data, profile, period))
    recalled = within_reach(REGIME, period, history)
    for rule in (
        lambda known: REGIME.assess(profile, period, declaration, known, RATES),
        lambda known: REGIME.affected_by(profile, period, known),
        lambda known: REGIME.gauges(profile, known, period.end, RATES),
    ):
        assert rule(recalled) == rule(history)


def _turnovers(data: st.DataObject, profile: Profile, period: Period) -> list[dict[Any, Decimal]]:
    return [
        {category: data.draw(EUROS) for category in profile.categories}
        for _ in parts_for(profile, period, RATES)
    ]
