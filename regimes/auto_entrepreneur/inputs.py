"""Inputs of `quittance assess` for this régime, and the exact (unrounded) values they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.auto_entrepreneur.assess import (
    CategoryPlan,
    Situation,
    assess_turnover,
    plan_for,
)
from regimes.auto_entrepreneur.calendar import EARLIEST, month_end
from regimes.auto_entrepreneur.categories import BNC, CATEGORIES
from regimes.auto_entrepreneur.departments import department_code
from regimes.auto_entrepreneur.spans import quarter_end
from regimes.dated import RateTable
from regimes.money import ZERO, percent_of
from regimes.reading import amount_of, date_of, flag_of, refuse_unknown
from regimes.regime import InputError

PERIODS = {"month": 12, "quarter": 4, "year": 1}
NATURES = ("commerciale", "artisanale", "liberale")
YEARS = range(2022, 2101)
KEYS = frozenset(
    {"date", "year", "period", "turnover", "nature", "creation_date", "acre",
     "versement_liberatoire", "department", "double_registration"}
)  # fmt: skip


def assess_inputs(inputs: Mapping[str, Any], rates: RateTable) -> tuple[dict[str, Any], Assessment]:
    """Exact values (same keys as the shared cases) and the rounded assessment of one line.

    `inputs`: date (or year, with period "year"), period month | quarter | year, turnover by
    category, nature, creation_date, acre, versement_liberatoire, department. Raises InputError.
    """
    refuse_unknown(inputs, KEYS)
    period = inputs.get("period")
    if not isinstance(period, str) or period not in PERIODS:
        raise InputError("choice_unknown", "period", "period is month, quarter or year")
    turnover = _turnover(inputs.get("turnover"))
    nature = inputs.get("nature")
    if nature not in NATURES:
        raise InputError("choice_unknown", "nature", f"nature is one of {', '.join(NATURES)}")
    if period == "year":
        return _year(inputs, turnover, nature, rates)
    on = date_of(inputs, "date")
    if on < EARLIEST:
        raise InputError("date_too_early", "date", "rates are held from 2022-10-01 on")
    situation = _situation(inputs, nature, on, turnover, rates)
    plans = {c: plan_for(c, on, situation, rates) for c in turnover}
    code = f"{on:%Y-%m}" if period == "month" else f"{on.year}-Q{(on.month - 1) // 3 + 1}"
    return _exact(turnover, plans, PERIODS[period]), assess_turnover(
        [(on, turnover)], situation, code, rates
    )


def _exact(
    turnover: dict[str, Decimal], plans: dict[str, CategoryPlan], per_year: int
) -> dict[str, Any]:
    by_category: dict[str, Decimal] = {}
    by_fund = dict.fromkeys(
        ("maladie_maternite", "invalidite_deces", "retraite_base", "retraite_complementaire",
         "csg_crds_autres"), ZERO,
    )  # fmt: skip
    cfp = commerce = trades = flat = ZERO
    for category, base in turnover.items():
        for item in plans[category].lines:
            amount = percent_of(base, item.rate)
            group = item.line.group
            if group == "contributions":
                by_category[category] = amount
                for fund, _, percent, _ in plans[category].funds:
                    by_fund[_FUND_KEYS[fund]] += percent_of(amount, percent)
            elif group == "training":
                cfp += amount
            elif group == "tax":
                flat += amount
            elif item.fund == "chambre_commerce":
                commerce += amount
            else:
                trades += amount
    if len(turnover) > 1:
        # Mixed activity: the three general categories are always listed, at zero if not exercised.
        for category in ("vente", "service_bic", "service_bnc"):
            by_category.setdefault(category, ZERO)
    by_category = {c: by_category[c] for c in CATEGORIES if c in by_category}
    contributions = sum(by_category.values(), ZERO)
    chamber = commerce + trades
    total = contributions + cfp + chamber
    return {
        "total": total,
        "contributions": contributions,
        "by_category": by_category,
        "cfp": cfp,
        "taxe_chambre": chamber,
        "taxe_chambre_commerce": commerce,
        "taxe_chambre_metiers": trades,
        "versement_liberatoire": flat,
        "by_fund": by_fund,
        "revenu_net_an": (sum(turnover.values(), ZERO) - total) * per_year,
    }


_FUND_KEYS = {
    "maladie_maternite": "maladie_maternite",
    "indemnites_journalieres": "maladie_maternite",  # the cases count both as one
    "invalidite_deces": "invalidite_deces",
    "retraite_base": "retraite_base",
    "retraite_complementaire": "retraite_complementaire",
    "csg_crds": "csg_crds_autres",
}


def _year(
    inputs: Mapping[str, Any], turnover: dict[str, Decimal], nature: str, rates: RateTable
) -> tuple[dict[str, Any], Assessment]:
    """A whole year: the turnover is taken as collected evenly, a twelfth each month."""
    year = inputs.get("year")
    if isinstance(year, bool) or not isinstance(year, int | Decimal) or year not in YEARS:
        raise InputError("year_unknown", "year", "year is a whole number from 2022 on")
    year = int(year)
    situation = _situation(inputs, nature, date(year, 1, 1), turnover, rates)
    taxed = replace(situation, flat_tax=True)  # the cases give the tax whether asked for or not
    months: dict[tuple[CategoryPlan, ...], list[date]] = {}
    for month in range(1, 13):
        on = date(year, month, 1)
        months.setdefault(tuple(plan_for(c, on, taxed, rates) for c in turnover), []).append(on)
    both = flat = ZERO
    parts: list[tuple[date, dict[str, Decimal]]] = []
    for plans, days in months.items():
        amounts = {c: base * len(days) / 12 for c, base in turnover.items()}
        parts.append((days[0], amounts))
        for base, plan in zip(amounts.values(), plans, strict=True):
            for item in plan.lines:
                if item.line.group in {"contributions", "training"}:
                    both += percent_of(base, item.rate)
                elif item.line.group == "tax":
                    flat += percent_of(base, item.rate)
    exact = {"contributions_plus_cfp": both, "versement_liberatoire": flat}
    return exact, assess_turnover(parts, situation, str(year), rates)


def _situation(
    inputs: Mapping[str, Any],
    nature: str,
    on: date,
    turnover: Mapping[str, Decimal],
    rates: RateTable,
) -> Situation:
    created = date(2019, 1, 1)  # long enough ago for every reduction to be over
    if inputs.get("creation_date") is not None:
        created = date_of(inputs, "creation_date")
    ends = {"month": month_end(on), "quarter": quarter_end(on), "year": date(on.year, 12, 31)}
    if created > ends[inputs["period"]]:
        raise InputError("date_before_creation", "date", "the date precedes the creation")
    department = inputs.get("department")
    if department is not None:
        code = department_code(department) if isinstance(department, str) else None
        if code is None:
            raise InputError("department_unknown", "department", "no such département")
        department = code
    acre_until = None
    if flag_of(inputs, "acre"):
        quarters = rates.find("acre.quarters", created)
        acre_until = quarter_end(created, int(quarters.value)) if quarters else None
    return Situation(
        created=created,
        nature=nature,
        department=department,
        acre_until=acre_until,
        flat_tax=flag_of(inputs, "versement_liberatoire"),
        double_registration=flag_of(inputs, "double_registration"),
        cipav="service_bnc_cipav" in turnover,
    )


def _turnover(raw: Any) -> dict[str, Decimal]:
    if not isinstance(raw, Mapping) or not raw:
        raise InputError("turnover_missing", "turnover", "turnover is an amount by category")
    found: dict[str, Decimal] = {}
    for category, value in raw.items():
        field = f"turnover.{category}"
        if category not in CATEGORIES:
            raise InputError("category_unknown", field, "no such category")
        found[category] = amount_of({field: value}, field)
    if set(found) >= BNC:
        raise InputError(
            "categories_bnc_and_cipav", "turnover", "liberal activity is general or Cipav"
        )
    return {c: found[c] for c in CATEGORIES if c in found}
