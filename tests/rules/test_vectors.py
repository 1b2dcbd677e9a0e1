"""Whole declarations, to the euro."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from regimes.assessment import LineStatus
from tests.rules.accounts import account, amounts, assessed

VECTORS: dict[str, tuple[dict[str, Any], tuple[str, ...], str, dict[str, Any], list[int]]] = {
    "seller with the versement libératoire": (
        {"flat_tax_in": True}, ("vente",), "2026-10", {"vente": 12345}, [1518, 12, 2, 123]),
    "craft services, quarter": (
        {"nature": "artisanale", "rhythm": "quarterly"}, ("service_bic",), "2026-Q3",
        {"service_bic": 8000}, [1696, 24, 38]),
    "liberal, half a euro goes up": (
        {"flat_tax_in": True}, ("service_bnc",), "2026-10", {"service_bnc": "3456.50"},
        [885, 7, 76]),
    "liberal, rate of 2025": ({}, ("service_bnc",), "2025-12", {"service_bnc": 3457}, [850, 7]),
    "Cipav": ({}, ("service_bnc_cipav",), "2026-10", {"service_bnc_cipav": 4000}, [928, 8]),
    "ACRE, first cohort": (
        {"start": "2026-05-10", "acre": {}}, ("vente",), "2026-09", {"vente": 10000},
        [620, 10, 2]),
    "ACRE, second cohort": (
        {"start": "2026-07-15", "acre": {}}, ("vente",), "2026-11", {"vente": 10000},
        [930, 10, 2]),
    "ACRE, second cohort, Cipav": (
        {"start": "2026-07-15", "acre": {}}, ("service_bnc_cipav",), "2026-11",
        {"service_bnc_cipav": 10000}, [1740, 20]),
    "ACRE, first cohort, Cipav has a floor": (
        {"start": "2026-03-01", "acre": {}}, ("service_bnc_cipav",), "2026-07",
        {"service_bnc_cipav": 10000}, [1340, 20]),
    "nothing collected": ({}, ("vente",), "2026-10", {"vente": 0}, [0, 0, 0]),
    "Moselle craft": (
        {"nature": "artisanale", "department": "57"}, ("vente", "service_bic"), "2026-10",
        {"vente": 10000, "service_bic": 10000}, [1230, 30, 37, 2120, 30, 83]),
    "double registration": (
        {"nature": "artisanale", "double_registration": True}, ("vente",), "2026-10",
        {"vente": 20000}, [2460, 60, 44, 1]),
    "classified lettings": (
        {"flat_tax_in": True}, ("meuble_tourisme_classe",), "2026-10",
        {"meuble_tourisme_classe": 10000}, [600, 10, 100]),
    "liberal account with a little trade": (
        {"nature": "liberale"}, ("vente", "service_bnc"), "2026-10",
        {"vente": 1000, "service_bnc": 1000}, [123, 1, 256, 2]),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_lines_to_the_euro(name: str) -> None:
    facts, categories, code, turnover, expected = VECTORS[name]
    facts = dict(facts)
    profile = account(facts.pop("start", "2019-05-01"), *categories, **facts)
    result = assessed(profile, code, turnover)
    assert [int(line.amount) for line in result.lines] == expected
    assert result.due == sum(expected)
    assert sum(share.amount for share in result.shares) == result.due
    assert not result.partial


def test_codes_groups_and_reasons_of_the_lines() -> None:
    profile = account("2019-05-01", "vente", "service_bic", nature="artisanale", flat_tax_in=True)
    result = assessed(profile, "2026-10", {"vente": "100.49", "service_bic": "100.50"})
    assert [(line.code, line.group) for line in result.lines] == [
        ("contribution.vente", "contributions"), ("cfp.vente", "training"),
        ("chamber.metiers.vente", "chamber"), ("vl.vente", "tax"),
        ("contribution.service_bic", "contributions"), ("cfp.service_bic", "training"),
        ("chamber.metiers.service_bic", "chamber"), ("vl.service_bic", "tax"),
    ]  # fmt: skip
    assert [(f.declared, f.retained) for f in result.figures] == [
        (Decimal("100.49"), 100),
        (Decimal("100.50"), 101),
    ]
    first = result.lines[4]
    assert (first.base, first.rate, first.exact) == (101, Decimal("21.2"), Decimal("21.412"))
    assert first.law.startswith("CSS D613-4")
    assert first.source.startswith("https://")
    assert first.rate_from is not None
    assert first.rate_from.isoformat() == "2022-10-01"


def test_disputed_values_say_so() -> None:
    """CFP of commercial services as levied, ACRE 9.3 and 17.4, overseas BNC of 2026, Mayotte."""

    def status(profile: Any, code: str, line: str, turnover: Any) -> tuple[LineStatus, bool]:
        result = assessed(profile, code, turnover)
        found = next(x for x in result.lines if x.code == line)
        return found.status, bool(found.note)

    doubt = (LineStatus.UNCONFIRMED, True)
    sure = (LineStatus.COMPUTED, False)
    services = account("2019-05-01", "service_bic")
    assert status(services, "2026-10", "cfp.service_bic", {"service_bic": 100}) == doubt
    assert status(services, "2026-10", "contribution.service_bic", {"service_bic": 100}) == sure
    late = account("2026-07-15", "vente", acre={})
    assert status(late, "2026-11", "contribution.vente", {"vente": 100}) == doubt
    early = account("2026-05-15", "vente", acre={})
    assert status(early, "2026-09", "contribution.vente", {"vente": 100}) == sure
    reunion = account("2019-05-01", "service_bnc", department="974")
    bnc = {"service_bnc": 100}
    assert status(reunion, "2026-10", "contribution.service_bnc", bnc) == doubt
    assert status(reunion, "2025-10", "contribution.service_bnc", bnc) == sure
    mayotte = account("2019-05-01", "vente", department="976")
    assert status(mayotte, "2025-10", "contribution.vente", {"vente": 100}) == doubt
    both = account("2019-05-01", "vente", "service_bnc_cipav")
    assert status(both, "2025-10", "contribution.vente", {"vente": 100}) == doubt
    assert amounts(assessed(both, "2025-10", {"vente": 1000}))["contribution.vente"] == 123
