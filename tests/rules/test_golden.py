"""Cases of independent engines, matched to half a cent on every output that nobody disputes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backend.assess_cli import answer_line, dumps

CASES = Path(__file__).parent / "cases"
CENT_HALF = Decimal("0.005")
EXEMPT = {
    "CFP-SERVICE-COM": {"cfp", "total", "revenu_net_an"},
    "FUND-REDUCED": {"by_fund"},
}
FILES = {
    "ae_acre": 130,
    "ae_core": 266,
    "ae_vl": 15,
    "ae_mixed": 69,
    "ae_tfc_region": 20,
    "ae_drom": 47,
}


def lines(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for text in (CASES / f"{name}.jsonl").read_text("utf-8").splitlines():
        yield text, json.loads(text, parse_float=Decimal)


def answer(text: str) -> dict[str, Any]:
    """What the command prints, read back as any program would."""
    return json.loads(dumps(answer_line(text)), parse_float=Decimal)


def different(expected: Any, got: Any) -> bool:
    if isinstance(expected, dict):
        return set(expected) != set(got) or any(different(v, got[k]) for k, v in expected.items())
    return abs(Decimal(got) - Decimal(expected)) > CENT_HALF


def disputed_overseas(case: dict[str, Any]) -> bool:
    """Overseas BNC of 2026: the peer still uses a rate that a decree cancelled."""
    inputs = case["inputs"]
    return "service_bnc" in inputs["turnover"] and inputs["date"] >= "2026-01-01"


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_every_case_matches(name: str, count: int) -> None:
    wrong, seen = [], 0
    for text, case in lines(name):
        seen += 1
        got = answer(text)["exact"]
        assert set(case["expected"]) <= set(got), case["id"]
        if name == "ae_drom" and disputed_overseas(case):
            continue
        skipped = set().union(*(EXEMPT[c] for c in case.get("caveats", ())))
        wrong += [
            (case["id"], key, value, got[key])
            for key, value in case["expected"].items()
            if key not in skipped and different(value, got[key])
        ]
    assert wrong == []
    assert seen == count


def test_overseas_bnc_of_2026_follows_the_formula_of_the_law() -> None:
    """CSS D756-5 on 25.6 %: 4.3, 12.8 and 17.1 where the peer has 4.4, 13.1 and 17.4."""
    law = {
        Decimal("4.4"): Decimal("4.3"),
        Decimal("13.1"): Decimal("12.8"),
        Decimal("17.4"): Decimal("17.1"),
    }
    seen = set()
    for text, case in lines("ae_drom"):
        if disputed_overseas(case):
            peer = case["rates_percent"]["service_bnc"]
            got = answer(text)
            expected = case["inputs"]["turnover"]["service_bnc"] * law[peer] / 100
            assert not different(expected, got["exact"]["contributions"]), case["id"]
            assert got["lines"][0]["status"] == "unconfirmed"
            seen.add(peer)
    assert seen == set(law)


def test_year_cases_answer_every_key_and_match_where_the_peer_is_right() -> None:
    """The peer reads its parameters on 1 January and knows neither the CFP of commercial services
    nor classified lettings: those years and activities are left out."""
    matched = 0
    for text, case in lines("ae_openfisca"):
        got = answer(text)["exact"]
        assert set(case["expected"]) <= set(got), case["id"]
        inputs = case["inputs"]
        changes = inputs["year"] == 2022 or (
            inputs["year"] == 2024
            and {"service_bnc", "service_bnc_cipav"} & set(inputs["turnover"])
        )
        commercial = "service_bic" in inputs["turnover"] and inputs["nature"] == "commerciale"
        if changes or commercial or "meuble_tourisme_classe" in inputs["turnover"]:
            continue
        for key, value in case["expected"].items():
            # The peer computes in 32-bit floats.
            assert abs(got[key] - value) <= max(CENT_HALF, Decimal(value) / 10**6), case["id"]
        matched += 1
    assert matched >= 30


def test_lines_add_up_to_what_is_due() -> None:
    for name in FILES:
        for text, case in lines(name):
            got = answer(text)
            assert got["due"] == sum(line["amount"] for line in got["lines"]), case["id"]
            assert isinstance(got["due"], int)
