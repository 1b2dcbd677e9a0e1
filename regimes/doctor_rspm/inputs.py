"""Inputs of `quittance assess` for this régime."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.doctor_rspm.assess import assess_fees, bands
from regimes.doctor_rspm.profile import EARLIEST
from regimes.money import ZERO
from regimes.reading import amount_of, choice_of, date_of, refuse_unknown
from regimes.regime import InputError

KEYS = frozenset({"date", "period", "fees", "fees_before_in_year", "disability_option"})


def assess_inputs(inputs: Mapping[str, Any], rates: RateTable) -> tuple[dict[str, Any], Assessment]:
    """Exact values and the assessment of one line: `date`, `period` (month, quarter or year),
    `fees`, `fees_before_in_year` (0), `disability_option` (25 or 100). Raises InputError."""
    refuse_unknown(inputs, KEYS)
    on = date_of(inputs, "date")
    if on < EARLIEST:
        raise InputError("date_too_early", "date", "the régime starts on 2020-01-01")
    period = choice_of(inputs, "period", ("month", "quarter", "year"), "quarter")
    fees = amount_of(inputs, "fees")
    before = amount_of(inputs, "fees_before_in_year", ZERO)
    option = inputs.get("disability_option", 100)
    if isinstance(option, bool) or option not in (25, 100):
        raise InputError("choice_unknown", "disability_option", "disability_option is 25 or 100")
    code = {
        "month": f"{on:%Y-%m}", "quarter": f"{on.year}-Q{(on.month - 1) // 3 + 1}",
        "year": str(on.year),
    }[period]  # fmt: skip
    found = assess_fees(code, fees, before, on, int(option), rates)
    exact: dict[str, Any] = {
        "total": found.exact_due,
        "bands": bands(fees, before, on, rates),
        "by_fund": {share.fund: share.exact for share in found.shares},
        "disability": next((line.exact for line in found.lines if line.apart), Decimal(0)),
        "year_total": before + fees,
    }
    return exact, found
