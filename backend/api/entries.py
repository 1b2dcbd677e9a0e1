"""What I note between declarations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request, Response

from backend.api.deps import PreparedDep, get_seen
from backend.problems import responses
from backend.routes import Routes, written
from backend.usecases.entries import list_entries, write_entries
from contract.entries import Entry, EntryBatch, EntryId, EntryIn, EntryKind, EntryList, EntryWrite
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/accounts/{account_id}/entries", tags=["entries"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
WRITE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.ENTRY_CHANGED)

EXAMPLE = {"kind": "receipt", "data": {"on": "2026-11-20", "amount": "80.00"}, "base": None}
KEPT = {
    "id": "5b1f0c9e2a7d4e6f", "kind": "receipt", "data": {"on": "2026-11-20", "amount": "80.00"},
    "version": 1, "deleted": False, "changed_at": "2026-11-23T11:00:00.000Z",
}  # fmt: skip
EXAMPLES = {
    "EntryWrite": EXAMPLE,
    "EntryBatch": {"entries": [{"id": "5b1f0c9e2a7d4e6f", **EXAMPLE}]},
    "Entry": KEPT,
    "EntryList": {"entries": [KEPT], "cursor": 1},
}


@router.get("", response_model=EntryList, responses=MINE)
def entries(
    request: Request,
    account_id: str,
    kind: Annotated[EntryKind | None, Query(description="This kind only")] = None,
    after: Annotated[
        int | None, Query(ge=0, le=2**53, description="Cursor of the last answer")
    ] = None,
) -> Response:
    """My entries; with a cursor, what changed since, deleted entries included."""
    owned = get_seen(request, account_id)
    return written(EntryList, list_entries(owned.services, owned.account, kind, after))


@router.put("/{entry_id}", responses=WRITE)
def write(entry_id: Annotated[EntryId, Path()], asked: EntryWrite, owned: PreparedDep) -> Entry:
    """Keep, change or delete an entry. The same write twice changes nothing more."""
    entry = EntryIn(id=entry_id, **asked.model_dump())
    return write_entries(
        owned.services, owned.account, owned.regime, [entry], False, owned.along("entries")
    )[0]


@router.post("/batch", responses=WRITE)
def write_many(asked: EntryBatch, owned: PreparedDep) -> list[Entry]:
    """Keep several entries, all together or not at all."""
    return write_entries(
        owned.services, owned.account, owned.regime, asked.entries, True, owned.along("entries")
    )
