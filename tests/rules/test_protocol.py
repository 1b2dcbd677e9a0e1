"""What every régime answers: the professions shipped, and the toy one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backend.assess_cli import answer_line
from contract.canonical import assessment_fingerprint
from contract.rates import rates_view, shipped_rates, table_from_view
from regimes.auto_entrepreneur import REGIME
from regimes.regime import Call, DeclarationRefused, Filed, PeriodStatus, Regime
from regimes.registry import REGISTRY, build_registry
from tests.rules.accounts import RATES, TODAY, account, assessed, figures, filed, period_of
from tests.support.toy_regime import REGIME as TOY
from tests.support.toy_regime import Income, Inventor


def test_the_registry_holds_every_shipped_profession() -> None:
    assert "auto-entrepreneur" in build_registry().codes()
    for code in REGISTRY.codes():
        regime = REGISTRY.get(code)
        assert isinstance(regime, Regime)
        assert regime.code == code
        assert "regime" in regime.Declaration.model_fields
        assert shipped_rates(regime).regime == code


def test_the_toy_answers_the_same_protocol() -> None:
    assert isinstance(TOY, Regime)


def test_a_filed_declaration_is_called_once_on_its_due_date() -> None:
    profile = account("2026-01-01")
    on_time = filed(profile, "2026-04", {"vente": 1000})
    late = filed(profile, "2026-05", {"vente": 2000}, on=date(2026, 7, 9))
    calls = REGIME.schedule(profile, [late, on_time], TODAY, RATES)
    assert [(c.period, c.on, c.amount, c.provisional, c.collector) for c in calls] == [
        ("2026-04", date(2026, 5, 31), 124, False, "urssaf"),
        ("2026-05", date(2026, 7, 9), 248, False, "urssaf"),
    ]


def test_a_partial_payment_goes_to_every_fund_in_the_legal_order() -> None:
    """CSS L613-9 and D133-4: the tax first, then CSG-CRDS …, training and chambers last."""
    order = REGIME.allocation()
    assert order[:3] == ("impot", "csg_crds", "maladie_maternite")
    assert order.index("retraite_base") < order.index("invalidite_deces")
    assert order.index("invalidite_deces") < order.index("retraite_complementaire")
    assert order[-3] == "formation"
    for facts, code in (
        ({"nature": "artisanale", "double_registration": True}, "2026-10"),
        ({}, "2025-12"),
    ):
        profile = account(
            "2019-05-01", "vente", "meuble_tourisme_classe", flat_tax_in=True, **facts
        )
        result = assessed(profile, code, {"vente": 100000, "meuble_tourisme_classe": 100000})
        assert {share.fund for share in result.shares} <= set(order)


def test_the_calculation_is_pure() -> None:
    profile = account("2026-01-05", "vente", acre={})
    history = [filed(profile, "2026-04", {"vente": 165000})]
    before = copy.deepcopy(history)
    one = assessed(profile, "2026-05", {"vente": "1000.50"}, history=history)
    two = assessed(profile, "2026-05", {"vente": "1000.50"}, history=history)
    assert one == two
    assert history == before
    with pytest.raises(AttributeError):
        one.lines[0].amount = Decimal(0)  # type: ignore[misc]


@pytest.mark.parametrize("facts", [{"acre": {}}, {"department": "974"}, {}])
def test_an_assessment_looks_no_further_than_it_says(facts: dict[str, Any]) -> None:
    """Cut to the reach of a period, the history gives the same amounts and the same later periods;
    cut shorter it would not (the yearly limit of the reduced rates)."""
    profile = account("2025-03-01", "vente", **facts)
    codes = [f"2025-{m:02}" for m in range(6, 13)] + [f"2026-{m:02}" for m in range(1, 8)]
    history = [filed(profile, code, {"vente": 60000}) for code in codes]
    seen = 0
    for code in codes:
        period = period_of(profile, code)
        first, last = REGIME.reach(period)
        others = [one for one in history if one.period.code != code]
        near = [one for one in others if one.period.end >= first and one.period.start <= last]
        assert len(near) < len(others)
        whole = assessed(profile, code, {"vente": 60000}, history=others)
        assert whole == assessed(profile, code, {"vente": 60000}, history=near)
        assert REGIME.affected_by(profile, period, near) == REGIME.affected_by(
            profile, period, others
        )
        seen += whole != assessed(profile, code, {"vente": 60000})
    assert bool(seen) is bool(facts)


def test_rates_served_by_the_backend_give_the_same_fingerprint() -> None:
    served = table_from_view(rates_view(RATES))
    assert served.version == RATES.version
    profile = account()
    period = period_of(profile, "2026-10")
    declaration = figures(profile, period, {"vente": 1234})
    here = REGIME.assess(profile, period, declaration, (), RATES)
    there = REGIME.assess(profile, period, declaration, (), served)
    assert assessment_fingerprint(declaration, here) == assessment_fingerprint(declaration, there)
    other = figures(profile, period, {"vente": 1235})
    changed = REGIME.assess(profile, period, other, (), RATES)
    assert assessment_fingerprint(other, changed) != assessment_fingerprint(declaration, here)


# --- the toy régime: yearly, provisional calls, regularisation, refund

TOY_RATES = shipped_rates(TOY)


@pytest.fixture
def registered() -> Iterator[None]:
    REGISTRY.add(TOY)
    yield
    REGISTRY.remove(TOY.code)


def toy_filed(profile: Inventor, year: int, income: int, history: Any = ()) -> Filed:
    period = next(
        p for p in TOY.periods(profile, date(2027, 1, 1), TOY_RATES) if p.code == str(year)
    )
    declaration = Income(income=Decimal(income))
    TOY.check(profile, period, declaration, TOY_RATES)
    result = TOY.assess(profile, period, declaration, history, TOY_RATES)
    return Filed(period, declaration, result, date(year + 1, 5, 2))


def test_toy_calls_are_provisional_then_regularised_then_refunded() -> None:
    profile = Inventor(start_date=date(2024, 3, 1))
    good, bad = toy_filed(profile, 2024, 10001), toy_filed(profile, 2025, 4000)
    assert (good.assessment.due, bad.assessment.due) == (3000, 1240)
    calls = TOY.schedule(profile, [bad, good], TODAY, TOY_RATES)
    first = Call("regularisation.2024", "2024", date(2025, 6, 15), Decimal(3000),
                 label="Régularisation")  # fmt: skip
    assert calls[0] == first
    provisional = [c for c in calls if c.provisional and c.period == "2025"]
    assert [c.amount for c in provisional] == [750] * 4
    refund = next(c for c in calls if c.code == "regularisation.2025")
    assert refund.amount == 1240 - 3000
    assert TOY.affected_by(profile, good.period, [good, bad]) == ["2025"]


def test_toy_periods_open_in_april_and_close_in_june() -> None:
    profile = Inventor(start_date=date(2024, 3, 1))
    statuses = [p.status for p in TOY.periods(profile, date(2026, 4, 1), TOY_RATES)]
    assert statuses == [PeriodStatus.OVERDUE, PeriodStatus.OPEN, PeriodStatus.UPCOMING]
    with pytest.raises(DeclarationRefused):
        TOY.check(
            profile, TOY.periods(profile, TODAY, TOY_RATES)[0],
            Income(income=Decimal(1), expenses=Decimal(2)), TOY_RATES,
        )  # fmt: skip


def test_the_command_knows_the_toy_once_registered(registered: None) -> None:
    answer = answer_line('{"id": 1, "regime": "toy", "inputs": {"year": 2025, "income": 1000.40}}')
    assert (answer["id"], answer["due"], answer["exact"]["total"]) == (1, 310, 310)


def test_the_command_forgets_the_toy() -> None:
    answer = answer_line('{"id": 1, "regime": "toy", "inputs": {"year": 2025, "income": 1}}')
    assert answer["error"]["code"] == "regime_unknown"
