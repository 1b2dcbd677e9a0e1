"""Entries: kept by version, so that two devices never overwrite one another unseen."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy import func, select

from backend.problems import Problem, field_problem, field_problems
from backend.services import Services
from backend.storage.engine import Along, Database, nothing_else
from backend.storage.notes import EntryRow
from backend.storage.tables import Account
from backend.usecases.accounts import locked
from backend.usecases.history import current_profile
from contract.entries import Entry, EntryIn, EntryList
from contract.hiding import hidden_within
from contract.problem import FieldProblem, ProblemCode
from regimes.regime import DeclarationRefused, Model, Regime

LARGEST = 8_000  # characters of the JSON of one entry


def entry_view(row: EntryRow) -> Entry:
    """An entry as the wire says it."""
    return Entry(
        id=row.id, kind=row.kind, data=row.data, version=row.version, deleted=row.deleted,
        changed_at=row.changed_at,
    )  # fmt: skip


def list_entries(
    services: Services, account: Account, kind: str | None, after: int | None
) -> EntryList:
    """Living entries, or with `after` (a cursor) all that changed since, deleted ones included."""
    with services.storage.read() as database:
        query = select(EntryRow).where(EntryRow.account_id == account.id)
        if kind is not None:
            query = query.where(EntryRow.kind == kind)
        if after is None:
            query = query.where(EntryRow.deleted.is_(False))
        else:
            query = query.where(EntryRow.change > after)
        rows = database.scalars(query.order_by(EntryRow.change, EntryRow.id)).all()
        return EntryList(
            entries=[entry_view(row) for row in rows], cursor=_last_change(database, account.id)
        )


def _last_change(database: Database, account_id: str) -> int:
    return (
        database.scalar(select(func.max(EntryRow.change)).where(EntryRow.account_id == account_id))
        or 0
    )


def read_entry(regime: Regime, asked: EntryIn) -> Model | None:
    """The régime's model of an entry; None for one deleted. Raises invalid-input."""
    model = regime.entry_models.get(asked.kind)
    if model is None:
        raise field_problem("kind", "entry_kind_unknown")
    if asked.deleted:
        return None
    if len(json.dumps(asked.data)) > LARGEST:
        raise field_problem("data", "entry_too_large")
    try:
        return model.model_validate(asked.data)
    except ValidationError as error:
        raise Problem(ProblemCode.INVALID_INPUT, errors=field_problems(error, "data")) from None


def write_entries(
    services: Services, account: Account, regime: Regime, asked: Sequence[EntryIn], batch: bool,
    along: Along = nothing_else,
) -> list[Entry]:  # fmt: skip
    """Keep all of `asked`, or nothing. Raises invalid-input, or entry-changed with the newer
    version of each entry that was changed elsewhere."""
    asked = [e.model_copy(update={"data": hidden_within(e.data)}) for e in asked]
    models = [_read_one(regime, entry, at if batch else None) for at, entry in enumerate(asked)]
    if len({entry.id for entry in asked}) < len(asked):
        raise field_problem("entries", "entry_twice")
    with services.storage.write() as database:
        locked(database, account.id)
        kept = _kept(database, account.id, [entry.id for entry in asked])
        stale = [
            e for e, model in zip(asked, models, strict=True) if _is_stale(kept.get(e.id), e, model)
        ]
        if stale:
            raise Problem(
                ProblemCode.ENTRY_CHANGED,
                extra={
                    "kept": [
                        entry_view(kept[e.id]).model_dump(mode="json")
                        for e in stale if e.id in kept
                    ]
                },
            )  # fmt: skip
        change = _last_change(database, account.id)
        written = []
        for entry, model in zip(asked, models, strict=True):
            row = kept.get(entry.id)
            if row is None:
                row = EntryRow(account_id=account.id, id=entry.id, kind=entry.kind, version=0)
                database.add(row)
            elif _same(row, entry, model):
                written.append(row)  # a retry of a write whose answer was lost
                continue
            change += 1
            row.data = row.data if model is None and row.data else entry.data
            if model is not None:
                row.data = model.model_dump(mode="json", exclude_unset=True)
            row.version += 1
            row.deleted, row.change = entry.deleted, change
            row.changed_at = services.clock.now()
            written.append(row)
        database.flush()
        if any(entry.kind in regime.linked_entries for entry in asked):
            _check(services, database, account, regime)
        along(database, "")
        return [entry_view(row) for row in written]


def _read_one(regime: Regime, entry: EntryIn, at: int | None) -> Model | None:
    try:
        return read_entry(regime, entry)
    except Problem as problem:
        if at is None:
            raise
        errors = [
            FieldProblem(field=f"entries.{at}.{e.field}", code=e.code, params=e.params)
            for e in problem.errors
        ]
        raise Problem(problem.code, errors=errors) from None


def _kept(database: Database, account_id: str, ids: Sequence[str]) -> dict[str, EntryRow]:
    rows = database.scalars(
        select(EntryRow).where(EntryRow.account_id == account_id, EntryRow.id.in_(ids))
    )
    return {row.id: row for row in rows}


def _same(row: EntryRow, asked: EntryIn, model: Model | None) -> bool:
    if row.kind != asked.kind or row.deleted != asked.deleted:
        return False
    return model is None or row.data == model.model_dump(mode="json", exclude_unset=True)


def _is_stale(row: EntryRow | None, asked: EntryIn, model: Model | None) -> bool:
    """True when what is kept is not what the person had before their eyes."""
    if row is None:
        return asked.base is not None
    if row.kind != asked.kind:
        return True
    if row.version == asked.base:
        return False
    # The same write again: its answer was lost on the way.
    return not (row.version == (asked.base or 0) + 1 and _written(row, asked, model))


def _written(row: EntryRow, asked: EntryIn, model: Model | None) -> bool:
    """True when what is kept is what is asked, as the régime writes it: 12.50 is kept as 12.5."""
    if model is None or row.deleted:
        return row.deleted == asked.deleted
    told = model.model_dump(mode="json", exclude_unset=True)
    return all(row.data.get(name) == value for name, value in told.items())


def load_entries(
    database: Database, account: Account, regime: Regime, kinds: frozenset[str] | None = None
) -> dict[str, dict[str, Model]]:
    """Living entries of an account as the régime's models, by kind, then by identifier."""
    wanted = frozenset(regime.entry_models) if kinds is None else kinds
    found: dict[str, dict[str, Model]] = {kind: {} for kind in wanted}
    rows = database.scalars(
        select(EntryRow)
        .where(
            EntryRow.account_id == account.id, EntryRow.deleted.is_(False),
            EntryRow.kind.in_(wanted),
        )
        .order_by(EntryRow.change)
    )  # fmt: skip
    for row in rows:
        found[row.kind][row.id] = regime.entry_models[row.kind].model_validate(row.data)
    return found


def _check(services: Services, database: Database, account: Account, regime: Regime) -> None:
    profile, _ = current_profile(database, regime, account.id)
    entries = load_entries(database, account, regime, regime.linked_entries)
    try:
        rates = services.rates.table(regime)
        regime.check_entries(profile, entries, services.clock.today(), rates)
    except DeclarationRefused as refused:
        raise Problem(
            ProblemCode.INVALID_INPUT, errors=[FieldProblem(field=refused.field, code=refused.code)]
        ) from None
