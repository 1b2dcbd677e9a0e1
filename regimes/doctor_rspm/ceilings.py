"""Fees of the civil year against 19 000 and 38 000 €, and when the régime ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from regimes.dated import RateTable
from regimes.doctor_rspm.assess import fees_of_year
from regimes.doctor_rspm.profile import Profile
from regimes.regime import Alert, Gauge, History

NEAR = Decimal("0.8")


def gauges(profile: Profile, history: History, today: date, rates: RateTable) -> list[Gauge]:
    """The year of `today` against the first ceiling, then against the one that ends the régime."""
    total = fees_of_year(history, today.year)
    found = []
    for code in ("ceiling.step", "ceiling.upper"):
        limit = rates.get(code, today)
        found.append(
            Gauge(
                f"rspm.{code.split('.')[1]}", limit.label, today.year, total, limit.value,
                law=limit.law, status=limit.status, note=limit.note,
            )
        )  # fmt: skip
    return found


def in_band(history: History, year: int, rates: RateTable) -> bool:
    """True when the fees of `year` are above the first ceiling and not above the second."""
    on = date(year, 12, 31)
    total = fees_of_year(history, year)
    return rates.get("ceiling.step", on).value < total <= rates.get("ceiling.upper", on).value


def above(history: History, year: int, rates: RateTable) -> bool:
    """True when the fees of `year` are above the second ceiling."""
    return fees_of_year(history, year) > rates.get("ceiling.upper", date(year, 12, 31)).value


def exit_on(profile: Profile, history: History, today: date, rates: RateTable) -> date | None:
    """1 January on which the régime ends: after a year above 38 000 €, or after two consecutive
    years above 19 000 €."""
    for year in range(profile.start_date.year, today.year + 1):
        if above(history, year, rates):
            return date(year + 1, 1, 1)
        if in_band(history, year - 1, rates) and in_band(history, year, rates):
            return date(year + 1, 1, 1)
    return None


def alerts(profile: Profile, history: History, today: date, rates: RateTable) -> list[Alert]:
    """Ceilings near or crossed, a second year in the band, and the end of the régime."""
    leaving = exit_on(profile, history, today, rates)
    step, upper = gauges(profile, history, today, rates)
    facts = {"value": step.value, "limit": step.limit, "upper": upper.limit}
    law, source = upper.law, {"status": upper.status, "note": upper.note}
    if leaving is not None:
        why = "rspm_exit_above" if above(history, leaving.year - 1, rates) else "rspm_exit_band"
        return [Alert(why, "urgent", {**facts, "on": leaving}, law, "/options/pamc", **source)]
    found = []
    second = in_band(history, today.year - 1, rates)
    if second:
        found.append(
            Alert("rspm_second_year", "warning",
                  {**facts, "left": max(Decimal(0), step.limit - step.value),
                   "on": date(today.year + 1, 1, 1)}, law, "/options/pamc", **source)
        )  # fmt: skip
    if upper.value >= upper.limit * NEAR:
        found.append(Alert("rspm_upper_near", "warning", facts, law, **source))
    elif step.value > step.limit:
        found.append(Alert("rspm_step_above", "warning", facts, step.law))
    elif step.value >= step.limit * NEAR and not second:
        found.append(Alert("rspm_step_near", "info", facts, step.law))
    return found
