"""Drafts, estimates, declarations, corrections, history and receipts."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import Header, Query, Request, Response
from pydantic import AfterValidator
from sqlalchemy import select

from backend import exports, ledger
from backend.api.deps import OwnedDep, PreparedDep, SeenDep, get_seen, get_sent
from backend.api.files import Shown, pdf_response
from backend.problems import Problem, responses
from backend.routes import Routes, written
from backend.storage.tables import Submission, SubmissionPayload
from backend.usecases import declare, drafts
from backend.usecases.history import Stored, versions
from backend.usecases.receipts import sealed_receipt, stored_submission
from contract.base import PeriodCode
from contract.declarations import (
    DraftSave,
    DraftView,
    Estimate,
    EstimateAsk,
    Receipt,
    SubmissionSummary,
    Submit,
)
from contract.hiding import nobody
from contract.i18n import words
from contract.people import Paper
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/accounts/{account_id}", tags=["declarations"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)


@router.get("/drafts", responses=MINE)
def all_drafts(owned: SeenDep) -> list[DraftView]:
    """What I typed and have not sent yet."""
    return drafts.all_drafts(owned.services, owned.account)


@router.get("/drafts/{period}", response_model=DraftView, responses=MINE)
def draft(request: Request, account_id: str, period: PeriodCode) -> Response:
    """The draft of a period."""
    owned = get_seen(request, account_id)
    found = drafts.find_draft(owned.services, owned.account, period)
    if found is None:
        raise Problem(P.NOT_FOUND)
    return written(DraftView, found)


@router.put(
    "/drafts/{period}",
    responses=responses(
        P.NOT_AUTHENTICATED, P.NOT_FOUND, P.PERIOD_UNKNOWN, P.DRAFT_CONFLICT, P.ALREADY_DECLARED
    ),
)
def save(period: PeriodCode, asked: DraftSave, owned: PreparedDep) -> DraftView:
    """Keep what I typed, as typed. An older sequence is refused with the newer draft."""
    return drafts.save_draft(
        owned.services, owned.account, owned.regime, period, asked, owned.along("draft")
    )


@router.delete("/drafts/{period}", status_code=204, responses=MINE)
def drop(period: PeriodCode, owned: PreparedDep) -> None:
    """Forget a draft."""
    drafts.drop_draft(owned.services, owned.account, period, owned.along("draft"))


@router.post("/estimates", responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.PERIOD_UNKNOWN))
def estimate(asked: EstimateAsk, owned: PreparedDep) -> Estimate:
    """What would this declaration cost? Nothing is kept."""
    return declare.estimate(
        owned.services, owned.account, owned.regime, asked.period, asked.declaration
    )


@router.put(
    "/declarations/{period}",
    status_code=201,
    response_model=Receipt,
    responses={
        200: {"model": Receipt, "description": "The same receipt: this key was used already"},
        **responses(
            P.IDEMPOTENCY_KEY_MISSING, P.NOT_AUTHENTICATED, P.EMAIL_NOT_CONFIRMED, P.NOT_FOUND,
            P.PERIOD_UNKNOWN, P.PERIOD_NOT_OPEN, P.PERIOD_CLOSED, P.ALREADY_DECLARED,
            P.CORRECTS_OUTDATED, P.CALCULATION_CHANGED, P.FORM_OUTDATED, P.REQUEST_IN_PROGRESS,
            P.IDEMPOTENCY_KEY_REUSED,
        ),
    },
)  # fmt: skip
def submit(
    request: Request,
    account_id: str,
    period: PeriodCode,
    asked: Submit,
    idempotency_key: Annotated[
        Annotated[str, AfterValidator(nobody)] | None,
        Header(pattern=r"^[A-Za-z0-9_-]{16,64}$", description="Born with the draft"),
    ] = None,
) -> Response:
    """Send a declaration, or a correction of it. Same key and body, same receipt, once."""
    owned = get_sent(request, account_id)
    if idempotency_key is None:
        raise Problem(P.IDEMPOTENCY_KEY_MISSING)
    receipt, replay = declare.declare(
        owned.services, owned.owner, owned.account, owned.regime, period, idempotency_key, asked,
        by=owned.caller.person.id, sent_by=owned.delegation.name if owned.delegation else "",
        along=owned.along("declare"),
    )  # fmt: skip
    if not replay:
        owned.tell("declare")
    return written(Receipt, receipt, 200 if replay else 201)


@router.get("/declarations", responses=MINE)
def history(owned: SeenDep) -> list[SubmissionSummary]:
    """Everything I sent, newest first."""
    with owned.services.storage.read() as database:
        rows = database.scalars(
            select(Submission)
            .where(Submission.account_id == owned.account.id)
            .order_by(Submission.chain_index.desc())
        ).all()
    newest: dict[str, int] = {}
    for row in rows:
        newest[row.period] = max(row.version, newest.get(row.period, 0))
    return [
        SubmissionSummary(
            number=row.number, period=row.period, period_start=row.period_start,
            period_end=row.period_end, version=row.version, corrects=row.corrects,
            received_at=row.received_at, due=ledger.euros(row.due_cents),
            latest=newest[row.period] == row.version, late=row.late,
        )
        for row in rows
    ]  # fmt: skip


@router.get("/declarations/{period}", responses=MINE)
def of_period(period: PeriodCode, owned: SeenDep) -> list[Receipt]:
    """Every version sent for a period, newest first."""
    with owned.services.storage.read() as database:
        found = versions(database, owned.account.id, period)
    return [declare.receipt_of(item) for item in found]


@router.get(
    "/receipts/{number}.pdf",
    response_class=Response,
    responses={**MINE, 200: {"content": {"application/pdf": {}}, "description": "The receipt"}},
)
def pdf(
    number: str, owned: SeenDep, lang: Annotated[Paper, Query()] = "fr", shown: Shown = False
) -> Response:
    """The receipt as an accessible, sealed PDF, made from the submission alone."""
    body = sealed_receipt(owned.services, owned.account, number, lang)
    return pdf_response(body, f"quittance-{number}.pdf", shown)


@router.get("/receipts/{number}", responses=MINE)
def receipt(number: str, owned: SeenDep) -> Receipt:
    """One receipt."""
    return declare.receipt_of(stored_submission(owned.services, owned.account, number))


def _everything(owned: OwnedDep) -> list[Stored]:
    with owned.services.storage.read() as database:
        rows = database.execute(
            select(Submission, SubmissionPayload.payload)
            .join(SubmissionPayload, SubmissionPayload.submission_id == Submission.id)
            .where(Submission.account_id == owned.account.id)
            .order_by(Submission.period_start, Submission.version)
        ).all()
    return [Stored(row, json.loads(payload)) for row, payload in rows]


@router.get(
    "/export.{kind}",
    response_class=Response,
    responses={**MINE, 200: {"content": {"text/csv": {}}, "description": "The file"}},
)
def export(
    kind: Literal["csv", "xlsx"], owned: SeenDep, lang: Annotated[Paper, Query()] = "fr"
) -> Response:
    """My history, one row a line of calculation, as CSV or XLSX."""
    w = words(lang)
    if kind == "csv":
        body, media = exports.to_csv(_everything(owned), w), "text/csv; charset=utf-8"
    else:
        body = exports.to_xlsx(_everything(owned), w)
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(
        body,
        media_type=media,
        headers={"Content-Disposition": f'attachment; filename="quittance.{kind}"'},
    )
