"""Import files of employers' returns: whole or not at all, each file once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from backend.audit import record
from backend.dsn.returns import MonthBase, Person, Totals, read
from backend.ledger import cents
from backend.services import Services
from backend.storage.engine import Database
from backend.storage.tables import Account, new_id
from backend.storage.vrp import DsnFiling, DsnImport, DsnReturn
from backend.usecases import marks as marks_of
from contract.vrp import DsnReport

Open = Callable[[], Iterable[bytes]]
"""Opens the lines of a file, from the first, each time it is called."""


def nir_of_returns(nir: str) -> str:
    """The 13 characters that returns hold, of a NIR with or without its key."""
    return nir[:13]


def import_dsn(services: Services, opened: Open, operator_id: str | None) -> DsnReport:
    """Keep what a file says of VRP; other people's lines are checked, counted, and not kept. A file
    known already is not written again. Raises DsnRefused with a line, and keeps nothing then."""
    digest = hashlib.sha256()
    for line in opened():
        digest.update(line)
    sha256 = digest.hexdigest()
    with services.storage.read() as database:
        kept = database.scalar(select(DsnImport).where(DsnImport.sha256 == sha256))
    if kept is not None:
        return _report(kept, 0, known=True)
    totals = Totals()
    people = [p for p in read(opened(), totals) if p.vrp and p.nir]
    now = services.clock.now()
    row = DsnImport(
        id=new_id(), sha256=sha256, operator_id=operator_id, lines=totals.lines,
        returns=len(totals.returns), people=totals.people, kept=len(people), imported_at=now,
    )  # fmt: skip
    returns: dict[int, dict[str, Any]] = {
        r.number: {
            "id": new_id(), "import_id": row.id, "siret": r.siret,
            "employer": _shown(r.employer), "declared": r.declared, "kind": r.kind,
            "received_at": now,
        }
        for r in totals.returns
    }  # fmt: skip
    marker = marks_of.writer(services)
    marks: dict[str, str] = {}
    filings: list[dict[str, Any]] = []
    for person in people:
        nir = nir_of_returns(person.nir)
        mark = marks.setdefault(nir, marker.newest(nir))
        for month, bases in person.months.items():
            filings.append(
                {
                    **_filing(mark, returns[person.filed.number]["id"], person, month, bases),
                    "mark_generation": marker.generation,
                }
            )
    try:
        with services.storage.write() as database:
            database.add(row)
            database.flush()
            last = database.scalar(select(func.max(DsnReturn.position))) or 0
            database.execute(
                insert(DsnReturn),
                [{**sent, "position": last + 1 + number} for number, sent in returns.items()],
            )
            if filings:
                database.execute(insert(DsnFiling), filings)
            matched = len(_known_marks(database, services) & set(marks.values()))
            record(
                database, now, "dsn.import", person_id=operator_id, file=row.id, lines=row.lines,
                kept=row.kept,
            )  # fmt: skip
    except IntegrityError:
        with services.storage.read() as database:
            kept = database.scalars(select(DsnImport).where(DsnImport.sha256 == sha256)).one()
        return _report(kept, 0, known=True)  # the same file came twice at once
    return _report(row, matched, known=False)


def _report(row: DsnImport, matched: int, known: bool) -> DsnReport:
    return DsnReport(
        id=row.id, lines=row.lines, returns=row.returns, people=row.people, kept=row.kept,
        matched=matched, known=known,
    )  # fmt: skip


def _shown(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:120]


def _filing(
    mark: str, return_id: str, person: Person, month: str, bases: MonthBase
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": new_id(), "return_id": return_id, "nir_mark": mark, "month": month,
        "dfs_rate_hundredths": None if person.dfs_rate is None else int(person.dfs_rate * 100),
        "started": person.start, "ended": person.end,
    }  # fmt: skip
    for name in ("gross", "capped", "uncapped", "csg", "dfs"):
        value = getattr(bases, name)
        found[f"{name}_cents"] = None if value is None else cents(value)
    return found


def _known_marks(database: Database, services: Services) -> set[str]:
    """Fingerprints of the people who told their NIR."""
    known = database.scalars(select(Account.nir).where(Account.nir.is_not(None)))
    marker = marks_of.reader(services, database)
    return {mark for nir in known if nir for mark in marker.every(nir_of_returns(nir))}
