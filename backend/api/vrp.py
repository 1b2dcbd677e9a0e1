"""What employers filed for a VRP, letters about it, tables to import, and employers' returns."""

from __future__ import annotations

import io
from typing import Annotated

from fastapi import Depends, Path, Query, Response
from sqlalchemy import select

from backend.api.attachments import RawBody
from backend.api.deps import OperatorDep, Owned, OwnedDep, SeenDep, ServicesDep
from backend.documents.letters import letter_sheet, letter_view
from backend.documents.sheet import sheet_pdf
from backend.dsn.neodes import DsnRefused
from backend.problems import Problem, field_problem, responses
from backend.routes import Routes
from backend.storage.notes import EntryRow
from backend.usecases import filings, tables
from backend.usecases.dsn import import_dsn
from contract.i18n import words
from contract.problem import ProblemCode as P
from contract.vrp import DsnReport, FilingsView, LetterView, PrefillView, Preview

router = Routes(prefix="/api/v1", tags=["vrp"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}
ANOMALY = "5b1f0c9e2a7d4e6f5b1f0c9e"
FILED = {
    "siret": "12345678200010", "employer": "ACME", "month": "2026-03", "gross": "2500.00",
    "capped": "2500.00", "uncapped": "2500.00", "csg": "2456.25", "dfs_rate": "24.00",
    "dfs_amount": None, "start": "2024-01-01", "end": None, "copies": 1,
    "received_at": "2026-04-16T08:00:00.000Z",
}  # fmt: skip
EXAMPLES = {
    "FilingsView": {
        "year": 2026, "linked": True, "filings": [FILED],
        "anomalies": [{
            "id": ANOMALY, "code": "month_missing", "siret": "12345678200010", "employer": "ACME",
            "month": "2026-04", "field": "", "filed": None, "expected": None,
        }],
    },
    "LetterView": {
        "anomaly": ANOMALY, "to": "ACME", "subject": "DSN d’avril 2026 : bases à vérifier",
        "text": "Madame, Monsieur,\n\nAucune base ne figure à mon nom…",
    },
    "PrefillView": {
        "entries": [{
            "id": "emp5b1f0c9e2a7d4e6f-202603", "kind": "month", "base": None, "deleted": False,
            "data": {"employer": "emp5b1f0c9e2a7d4e6f", "month": "2026-03", "gross": "2500.00"},
        }],
    },
    "Preview": {
        "rows": [{
            "row": 2, "siret": "12345678200010", "month": "2026-03", "gross": "2500.00",
            "capped": None, "uncapped": None, "csg": None, "dfs": None,
        }],
        "bad": [{"row": 3, "column": "gross", "code": "amount_malformed", "text": "1,200"}],
        "read": 2,
    },
    "DsnReport": {
        "id": "c7f50318c8d14aabb9a1a631b94978d4", "lines": 420, "returns": 3, "people": 12,
        "kept": 2, "matched": 1, "known": False,
    },
}  # fmt: skip


def _vrp(owned: OwnedDep) -> Owned:
    """An account of a profession whose employers file for it. Raises not-found."""
    if not {"employer", "month"} <= set(owned.regime.entry_models):
        raise Problem(P.NOT_FOUND)
    return owned


def _vrp_seen(seen: SeenDep) -> Owned:
    """The same, for whoever may read it. Raises not-found."""
    return _vrp(seen)


VrpDep = Annotated[Owned, Depends(_vrp)]
VrpSeenDep = Annotated[Owned, Depends(_vrp_seen)]
Year = Annotated[int, Query(ge=2023, le=2100, description="Civil year")]
AnomalyId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]


@router.get("/accounts/{account_id}/vrp/filings", responses=MINE)
def filed(owned: VrpSeenDep, year: Year) -> FilingsView:
    """What my employers filed for a year, and what is wrong in it."""
    return filings.filings_view(owned.services, owned.account, owned.regime, year)


@router.get("/accounts/{account_id}/vrp/prefill", responses=MINE)
def prefill(owned: VrpSeenDep, year: Year) -> PrefillView:
    """Entries that would fill the empty cells of a year: look, then send them as a batch."""
    return filings.prefill(owned.services, owned.account, owned.regime, year)


@router.get("/accounts/{account_id}/vrp/anomalies/{anomaly_id}/letter", responses=MINE)
def letter(owned: VrpDep, anomaly_id: AnomalyId, year: Year) -> LetterView:
    """A letter to the employer about an anomaly, ready to send."""
    found = filings.one_anomaly(owned.services, owned.account, owned.regime, year, anomaly_id)
    return letter_view(found, owned.account.name, words("fr"))


@router.get(
    "/accounts/{account_id}/vrp/anomalies/{anomaly_id}/letter.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": BINARY}}, **MINE},
)
def letter_pdf(owned: VrpDep, anomaly_id: AnomalyId, year: Year) -> Response:
    """The same letter, to print and sign."""
    found = filings.one_anomaly(owned.services, owned.account, owned.regime, year, anomaly_id)
    w = words("fr")
    sheet = letter_sheet(found, owned.account.name, owned.services.clock.today(), w)
    return Response(
        sheet_pdf(sheet, owned.services.settings, w),
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="lettre-employeur.pdf"'},
    )


@router.post(
    "/accounts/{account_id}/vrp/previews",
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.BODY_TOO_LARGE),
    openapi_extra=BODY,
)
def preview(owned: VrpSeenDep, content: RawBody, year: Year) -> Preview:
    """What a CSV or XLSX file would fill, and each cell that was not understood. Nothing is
    kept."""
    with owned.services.storage.read() as database:
        rows = database.scalars(
            select(EntryRow).where(
                EntryRow.account_id == owned.account.id, EntryRow.kind == "employer",
                EntryRow.deleted.is_(False),
            )
        ).all()  # fmt: skip
    sirets = [str(row.data.get("siret")) for row in rows]
    return tables.preview(content, year, sirets or None)


@router.post(
    "/operator/dsn",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN, P.BODY_TOO_LARGE),
    openapi_extra=BODY,
)
def returns(operator: OperatorDep, services: ServicesDep, content: RawBody) -> DsnReport:
    """Import a file of employers' returns, whole or not at all; a wrong one is refused with the
    number of the line."""
    try:
        return import_dsn(services, lambda: io.BytesIO(content), operator.person.id)
    except DsnRefused as refused:
        raise field_problem("file", refused.code, line=refused.line) from None
