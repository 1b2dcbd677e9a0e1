"""What employers filed for an account: the year's cells, their anomalies, and filling the table."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from backend.ledger import euros
from backend.problems import Problem
from backend.services import Services
from backend.storage.engine import Database
from backend.storage.notes import EntryRow
from backend.storage.tables import Account
from backend.storage.vrp import DsnFiling, DsnReturn
from backend.usecases import marks as marks_of
from backend.usecases.dsn import nir_of_returns
from contract.entries import EntryIn
from contract.problem import ProblemCode
from contract.vrp import AnomalyView, FilingsView, FilingView, PrefillView
from regimes.regime import Regime
from regimes.vrp.anomalies import Anomaly, FiledMonth, Job, find_anomalies
from regimes.vrp.entries import CELLS, Employer, Pay, pay_id

REPLACES = frozenset({"03", "04", "05"})
FILING_DAY = 15
"""Latest day of the next month on which an employer files (R133-14 CSS: the 5th or the 15th)."""
NAMELESS = "Établissement {siret}"


@dataclass(frozen=True)
class YearFilings:
    """A year of an account: what was filed and what is noted."""

    linked: bool
    filings: list[FilingView]
    employers: dict[str, Employer]
    months: dict[str, tuple[Pay, int]]
    anomalies: list[Anomaly]


def expected_through(year: int, today: date) -> int:
    """Last month of `year` whose returns should be there by `today`; 0 for none."""
    months = today.year * 12 + today.month - 1 - (1 if today.day > FILING_DAY else 2)
    return max(0, min(12, months - year * 12 + 1))


def year_filings(services: Services, account: Account, regime: Regime, year: int) -> YearFilings:
    """Everything filed for the account in `year`, and what is wrong in it."""
    with services.storage.read() as database:
        rows = database.scalars(
            select(EntryRow).where(
                EntryRow.account_id == account.id, EntryRow.deleted.is_(False),
                EntryRow.kind.in_(("employer", "month")),
            )
        ).all()  # fmt: skip
        filings = _filings(database, services, account, year)
    employers = {r.id: Employer.model_validate(r.data) for r in rows if r.kind == "employer"}
    months = {r.id: (Pay.model_validate(r.data), r.version) for r in rows if r.kind == "month"}
    names = {e.siret: e.name for e in employers.values()}
    shown = [f.model_copy(update={"employer": names.get(f.siret) or f.employer}) for f in filings]
    anomalies = find_anomalies(
        [
            FiledMonth(f.siret, f.month, f.gross, f.capped, f.uncapped, f.csg, f.dfs_rate, f.copies)
            for f in shown
        ],
        [Job(e.siret, e.start, e.end) for e in employers.values()],
        year,
        expected_through(year, services.clock.today()) if account.nir else 0,
        services.rates.table(regime),
    )
    return YearFilings(account.nir is not None, shown, employers, months, anomalies)


def _filings(
    database: Database, services: Services, account: Account, year: int
) -> list[FilingView]:
    if not account.nir:
        return []
    known = {account.siret} | {
        str(data.get("siret"))
        for data in database.scalars(
            select(EntryRow.data).where(
                EntryRow.account_id == account.id, EntryRow.kind == "employer",
                EntryRow.deleted.is_(False),
            )
        )
    }  # fmt: skip
    marks = marks_of.reader(services, database).every(nir_of_returns(account.nir))
    rows = database.execute(
        select(DsnFiling, DsnReturn)
        .join(DsnReturn, DsnReturn.id == DsnFiling.return_id)
        .where(DsnFiling.nir_mark.in_(marks), DsnFiling.month.startswith(f"{year}-"))
        .order_by(DsnReturn.position, DsnFiling.id)
    ).all()
    sirets = {sent.siret for _, sent in rows}
    if not sirets & known:
        return []  # a NIR alone opens nothing: one employer at least must be named too
    returns = database.scalars(
        select(DsnReturn)
        .where(DsnReturn.siret.in_(sirets), DsnReturn.kind.in_(REPLACES))
        .order_by(DsnReturn.position)
    ).all()
    replaced = {(r.siret, r.declared): r.position for r in returns}
    standing: dict[tuple[str, str], dict[str, list[tuple[DsnFiling, DsnReturn]]]] = {}
    for filing, sent in rows:
        limit = replaced.get((sent.siret, sent.declared))
        if limit is not None and sent.position < limit:
            continue  # a later return took its place
        if sent.kind == "04":
            continue
        told = standing.setdefault((sent.siret, filing.month), {})
        told.setdefault(sent.declared, []).append((filing, sent))
    return [
        _view(siret, month, list(told.values()))
        for (siret, month), told in sorted(standing.items())
    ]


def _view(
    siret: str, month: str, told: Sequence[Sequence[tuple[DsnFiling, DsnReturn]]]
) -> FilingView:
    """Bases of one month: returns of several months add up (a later one rectifies); among returns
    of one month side by side, the last one counts and the others are told as copies."""
    last = [copies[-1] for copies in told]

    def total(name: str) -> Decimal | None:
        known = [v for f, _ in last if (v := getattr(f, f"{name}_cents")) is not None]
        return euros(sum(known)) if known else None

    filing, sent = last[-1]
    rate = filing.dfs_rate_hundredths
    return FilingView(
        siret=siret, employer=sent.employer, month=month, gross=total("gross"),
        capped=total("capped"), uncapped=total("uncapped"), csg=total("csg"),
        dfs_rate=None if rate is None else Decimal(rate).scaleb(-2), dfs_amount=total("dfs"),
        start=filing.started, end=filing.ended, copies=max(len(copies) for copies in told),
        received_at=sent.received_at,
    )  # fmt: skip


def anomaly_id(account: Account, year: int, anomaly: Anomaly) -> str:
    """Name of an anomaly in an address: nothing can be read from it."""
    text = "|".join(
        (account.id, str(year), anomaly.code, anomaly.siret, anomaly.month, anomaly.field)
    )
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def filings_view(services: Services, account: Account, regime: Regime, year: int) -> FilingsView:
    """What was filed for a year, and its anomalies."""
    found = year_filings(services, account, regime, year)
    names = {f.siret: f.employer for f in found.filings} | {
        e.siret: e.name for e in found.employers.values()
    }
    return FilingsView(
        year=year, linked=found.linked, filings=found.filings,
        anomalies=[
            AnomalyView(
                id=anomaly_id(account, year, a), code=a.code, siret=a.siret,
                employer=names.get(a.siret, ""), month=a.month, field=a.field, filed=a.filed,
                expected=a.expected,
            )
            for a in found.anomalies
        ],
    )  # fmt: skip


def one_anomaly(
    services: Services, account: Account, regime: Regime, year: int, wanted: str
) -> AnomalyView:
    """The anomaly of this identifier. Raises not-found."""
    for found in filings_view(services, account, regime, year).anomalies:
        if found.id == wanted:
            return found
    raise Problem(ProblemCode.NOT_FOUND)


def prefill(services: Services, account: Account, regime: Regime, year: int) -> PrefillView:
    """Entries that fill the empty cells of the year from what was filed; what was typed is never
    touched. They are sent like any others."""
    found = year_filings(services, account, regime, year)
    ids = {e.siret: name for name, e in found.employers.items()}
    written: list[EntryIn] = []
    for siret in sorted({f.siret for f in found.filings}):
        filed = [f for f in found.filings if f.siret == siret]
        if siret not in ids:
            ids[siret] = f"emp{secrets.token_hex(8)}"
            written.append(_employer(ids[siret], siret, filed))
        for filing in filed:
            entry = _month(ids[siret], filing, found.months)
            if entry is not None:
                written.append(entry)
    return PrefillView(entries=written)


def _employer(name: str, siret: str, filed: Sequence[FilingView]) -> EntryIn:
    first = filed[0]
    year, month = map(int, min(f.month for f in filed).split("-"))
    data: dict[str, object] = {
        "siret": siret, "name": first.employer or NAMELESS.format(siret=siret),
        "start": _earliest(f.start for f in filed) or date(year, month, 1).isoformat(),
    }  # fmt: skip
    if filed[-1].end is not None:
        data["end"] = filed[-1].end.isoformat()
    return EntryIn(id=name, kind="employer", data=data)


def _earliest(days: Iterable[date | None]) -> str | None:
    known = [day for day in days if day is not None]
    return min(known).isoformat() if known else None


def _month(employer: str, filing: FilingView, months: dict[str, tuple[Pay, int]]) -> EntryIn | None:
    name = pay_id(employer, filing.month)
    kept, version = months.get(name, (Pay(employer=employer, month=filing.month), None))
    data = kept.model_dump(mode="json", exclude_none=True)
    filled = dict(data)
    for cell in CELLS:
        value = getattr(filing, cell)
        if value is not None and value >= 0 and cell not in data:
            filled[cell] = str(value)
    if "dfs" not in data and filing.gross is not None:
        filled["dfs"] = bool(filing.dfs_amount) or (
            filing.uncapped is not None and filing.uncapped < filing.gross
        )
    if filled == data:
        return None
    return EntryIn(id=name, kind="month", data=filled, base=version)
