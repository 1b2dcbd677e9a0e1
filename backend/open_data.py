"""`quittance open-data`: yearly and quarterly aggregates, under statistical secrecy.

Field names follow the collector's public data sets as far as they are known (their exact
identifiers are not confirmed: NAMES maps ours to theirs, in one place). A cell is published when it
counts at least eleven units and none makes more than 85 % of its total; otherwise it is left empty
and says so.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from backend.services import Services
from backend.storage.tables import Account, ProfileVersion
from backend.usecases.history import latest
from regimes.money import ZERO

FEWEST = 11
DOMINANT = Decimal("0.85")
NAMES = {
    "regime": "regime",
    "department": "departement",
    "period": "periode",
    "started": "immatriculations",
    "ended": "radiations",
    "active": "administrativement_actifs",
    "earning": "economiquement_actifs",
    "turnover": "chiffre_affaires",
    "mean": "chiffre_affaires_moyen",
    "contributions": "cotisations",
    "secret": "secret_statistique",
}
"""Our names, and the column names written."""


@dataclass
class Cell:
    """What one régime, one department and one period add up to."""

    started: int = 0
    ended: int = 0
    active: int = 0
    turnover: list[Decimal] = field(default_factory=list)
    contributions: Decimal = ZERO

    @property
    def secret(self) -> bool:
        """True when publishing would tell somebody's own figure."""
        if self.active < FEWEST or (self.turnover and len(self.turnover) < FEWEST):
            return True
        total = sum(self.turnover, ZERO)
        return bool(total) and max(self.turnover) > DOMINANT * total

    def row(self, regime: str, department: str, period: str) -> dict[str, Any]:
        """The row as written: figures empty when secret."""
        told: dict[str, Any] = {
            "regime": regime, "department": department, "period": period, "started": None,
            "ended": None, "active": None, "earning": None, "turnover": None, "mean": None,
            "contributions": None, "secret": self.secret,
        }  # fmt: skip
        if not self.secret:
            total, earning = sum(self.turnover, ZERO), len(self.turnover)
            told |= {
                "started": self.started if self.started >= FEWEST else None,
                "ended": self.ended if self.ended >= FEWEST else None,
                "active": self.active, "earning": earning, "turnover": round(total),
                "mean": round(total / earning) if earning else None,
                "contributions": round(self.contributions),
            }  # fmt: skip
        return {NAMES[name]: value for name, value in told.items()}


def quarter_of(day: date) -> str:
    """2026-T3."""
    return f"{day.year}-T{(day.month + 2) // 3}"


def aggregates(services: Services) -> dict[str, list[dict[str, Any]]]:
    """Rows of the quarterly and yearly files, over quarters and years that are over."""
    today = services.clock.today()
    quarters: dict[tuple[str, str, str], Cell] = defaultdict(Cell)
    years: dict[tuple[str, str, str], Cell] = defaultdict(Cell)
    with services.storage.read() as database:
        accounts = database.scalars(select(Account).order_by(Account.id)).all()
        for account in accounts:
            if account.regime not in services.registry:
                continue
            profile = database.scalars(
                select(ProfileVersion.data)
                .where(ProfileVersion.account_id == account.id)
                .order_by(ProfileVersion.version.desc())
                .limit(1)
            ).one()
            sent = [
                (
                    item.row.period_end,
                    sum((f.declared for f in item.assessment.figures), ZERO),
                    item.assessment.due,
                )
                for item in latest(database, account.id)
            ]
            department = str(profile.get("department") or "")
            start = date.fromisoformat(str(profile.get("start_date", account.created_at.date())))
            ended = profile.get("end_date")
            end = date.fromisoformat(str(ended)) if ended else None
            for cells, key_of in ((quarters, quarter_of), (years, lambda d: str(d.year))):
                _add(cells, key_of, account.regime, department, start, end, sent, today)
    return {"trimestriel": _rows(quarters), "annuel": _rows(years)}


def _add(
    cells: dict[tuple[str, str, str], Cell], key_of: Any, regime: str, department: str,
    start: date, end: date | None, sent: Iterable[tuple[date, Decimal, Decimal]], today: date,
) -> None:  # fmt: skip
    seen: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for day, turnover, due in sent:
        seen[key_of(day)][0] += turnover
        seen[key_of(day)][1] += due
    current = key_of(today)
    day, keys = start, []
    while day <= min(end or today, today):
        if key_of(day) not in keys:
            keys.append(key_of(day))
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    for key in keys:
        if key == current:
            continue  # not over
        cell = cells[(regime, department, key)]
        cell.active += 1
        cell.started += key == key_of(start)
        cell.ended += end is not None and key == key_of(end)
        turnover, due = seen[key]
        if turnover > 0:
            cell.turnover.append(turnover)
        cell.contributions += due


def _rows(cells: dict[tuple[str, str, str], Cell]) -> list[dict[str, Any]]:
    return [cells[key].row(*key) for key in sorted(cells)]


def write(services: Services, folder: Path) -> list[Path]:
    """CSV and Parquet files in `folder`; their paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, rows in aggregates(services).items():
        path = folder / f"independants-{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(NAMES.values()), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        made.append(path)
        texts = {NAMES[n] for n in ("regime", "department", "period")}
        schema = pa.schema(
            [
                (
                    column,
                    pa.string()
                    if column in texts
                    else pa.bool_()
                    if column == NAMES["secret"]
                    else pa.int64(),
                )
                for column in NAMES.values()
            ]
        )
        path = folder / f"independants-{name}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
        made.append(path)
    return made
