"""What is wrong in what employers filed: missing, doubled or inconsistent bases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from regimes.dated import RateTable
from regimes.money import percent_of, round_cent

AnomalyCode = Literal[
    "month_missing",
    "base_missing",
    "doubled",
    "capped_above_ceiling",
    "capped_above_uncapped",
    "uncapped_above_gross",
    "csg_unlike_gross",
    "dfs_rate_other",
    "employer_unknown",
]
TOLERANCE = Decimal("1.00")
"""Euros that roundings may explain."""


@dataclass(frozen=True, slots=True)
class FiledMonth:
    """What was filed for one month with one employer, in euros; None: not filed."""

    siret: str
    month: str
    gross: Decimal | None = None
    capped: Decimal | None = None
    uncapped: Decimal | None = None
    csg: Decimal | None = None
    dfs_rate: Decimal | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """An employer of the person, with its dates."""

    siret: str
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something wrong. `month` 2026-03; `field` names the cell; euros (percent for the rate)."""

    code: AnomalyCode
    siret: str
    month: str
    field: str = ""
    filed: Decimal | None = None
    expected: Decimal | None = None


def find_anomalies(
    filed: Sequence[FiledMonth], jobs: Iterable[Job], year: int, through: int, rates: RateTable
) -> list[Anomaly]:
    """Everything wrong in `year`, by employer and month. `through` is the last month that should
    be filed by now (0: none). A single capped base above a whole ceiling of the year is wrong even
    when each month is not: the year is looked at too."""
    found: list[Anomaly] = []
    by_month = {(f.siret, f.month): f for f in filed}
    known = {job.siret for job in jobs_list(jobs)}
    for job in jobs_list(jobs):
        for number in range(1, through + 1):
            on = date(year, number, 1)
            if (job.start.year, job.start.month) > (year, number):
                continue
            if job.end is not None and on > job.end:
                continue
            code = f"{year}-{number:02}"
            if (job.siret, code) not in by_month:
                found.append(Anomaly("month_missing", job.siret, code))
    for f in sorted(filed, key=lambda f: (f.siret, f.month)):
        if f.siret not in known:
            found.append(Anomaly("employer_unknown", f.siret, f.month))
        found += _of_month(f, rates)
    found += _of_year(filed, year, rates)
    return sorted(found, key=lambda a: (a.siret, a.month, a.code, a.field))


def jobs_list(jobs: Iterable[Job]) -> list[Job]:
    """Jobs by SIRET, so that the order never depends on the source."""
    return sorted(jobs, key=lambda job: job.siret)


def _of_month(f: FiledMonth, rates: RateTable) -> list[Anomaly]:
    on = date(int(f.month[:4]), int(f.month[5:]), 1)
    found = []
    if f.copies > 1:
        found.append(Anomaly("doubled", f.siret, f.month))
    for field, value in (("capped", f.capped), ("uncapped", f.uncapped), ("csg", f.csg)):
        if value is None:
            found.append(Anomaly("base_missing", f.siret, f.month, field))
    if f.capped is not None and f.uncapped is not None and f.capped > f.uncapped + TOLERANCE:
        found.append(
            Anomaly("capped_above_uncapped", f.siret, f.month, "capped", f.capped, f.uncapped)
        )
    if f.gross is not None and f.uncapped is not None and f.uncapped > f.gross + TOLERANCE:
        found.append(
            Anomaly("uncapped_above_gross", f.siret, f.month, "uncapped", f.uncapped, f.gross)
        )
    if f.gross is not None and f.csg is not None:
        low = round_cent(percent_of(f.gross, rates.get("csg.share", on).value))
        # An employer's part of a health plan may be added; less than the share never is right.
        if f.csg < low - TOLERANCE or f.csg > f.gross * 2 + TOLERANCE:
            found.append(Anomaly("csg_unlike_gross", f.siret, f.month, "csg", f.csg, low))
    rate = rates.find("dfs.rate", on)
    if f.dfs_rate is not None and rate is not None and f.dfs_rate != rate.value:
        found.append(
            Anomaly("dfs_rate_other", f.siret, f.month, "dfs_rate", f.dfs_rate, rate.value)
        )
    return found


def _of_year(filed: Sequence[FiledMonth], year: int, rates: RateTable) -> list[Anomaly]:
    """An employer whose capped bases pass the ceiling of the months it filed."""
    pmss = rates.find("pmss", date(year, 12, 31))
    if pmss is None:
        return []
    found = []
    for siret in sorted({f.siret for f in filed}):
        months = [f for f in filed if f.siret == siret and f.month[:4] == str(year)]
        total = sum((f.capped for f in months if f.capped is not None), Decimal(0))
        if months and total > pmss.value * len(months) + TOLERANCE:
            last = max(f.month for f in months)
            found.append(
                Anomaly("capped_above_ceiling", siret, last, "capped", total,
                        pmss.value * len(months))
            )  # fmt: skip
    return found
