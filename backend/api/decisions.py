"""Penalties and surcharges, plans, complaints, and where my euros went."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from backend import ledger
from backend.api.deps import OperatorDep, OwnedDep, SeenDep, ServicesDep
from backend.api.files import Shown, pdf_response
from backend.documents.dispute import dispute_pdf
from backend.problems import Problem, responses
from backend.routes import Routes
from backend.usecases import attachments, disputes, documents, plans
from backend.usecases.attest import euros_document, plan_document
from backend.usecases.decide import decisions_of
from backend.usecases.redistribute import my_euros
from contract.decisions import (
    DecisionView,
    DisputeAdd,
    DisputeAnswer,
    DisputeOpen,
    DisputeView,
    EurosView,
    PlanAsk,
    Plans,
    PlanView,
)
from contract.i18n import words
from contract.people import Paper
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["decisions"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
ROLE = responses(P.NOT_AUTHENTICATED, P.FORBIDDEN, P.NOT_FOUND)
Named = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
ACCOUNT = "/accounts/{account_id}"
ID = "c7f50318c8d14aabb9a1a631b94978d4"
INSTALMENT = {
    "number": 1, "due_on": "2026-12-05", "amount": "250.00", "left": "250.00", "state": "coming",
    "code": "plan.c7f50318c8d1.1",
}  # fmt: skip
PLAN = {
    "id": ID, "number": "E-2026-7K3M9QX2TB", "state": "active", "total": "1000.00",
    "left": "1000.00", "instalments": [INSTALMENT], "asked_at": "2026-11-23T11:00:00.000Z",
    "ended_at": None,
}  # fmt: skip
STEP = {
    "id": "step-0001-abcd", "stage": "complaint", "kind": "opened", "author": "person",
    "body": "Ce prélèvement a été fait deux fois.", "outcome": "", "files": [],
    "at": "2026-11-23T11:00:00.000Z",
}  # fmt: skip
DISPUTE = {
    "id": ID, "account_id": ID, "number": "R-2026-7K3M9QX2TB", "kind": "complaint",
    "about": "declaration.2026-09", "period": "2026-09", "stage": "complaint", "state": "open",
    "opened_at": "2026-11-23T11:00:00.000Z", "acknowledged_by": "2026-11-26",
    "expected_by": "2026-12-24", "may_escalate": False, "next_stage": "mediator",
    "steps": [STEP], "name": "",
}  # fmt: skip
EXAMPLES = {
    "PlanAsk": {"months": 4, "first_on": "2026-12-05", "reason": "Un client a payé en retard."},
    "PlanView": PLAN,
    "Plans": {
        "offer": {
            "available": False, "reason": "plan_active", "total": "1000.00",
            "first_from": "2026-11-30", "first_until": "2026-12-24", "most": 12,
        },
        "plans": [PLAN],
    },
    "DecisionView": {
        "kind": "surcharge", "code": "late.initial", "period": "2026-06", "amount": "50.00",
        "base": "1000", "rate": "5", "label": "Majoration de retard", "law": "CSS R243-16",
        "reason": "", "decided_at": "2026-09-01T08:00:00.000Z",
    },
    "DisputeOpen": {
        "id": "step-0001-abcd", "kind": "complaint", "about": "declaration.2026-09",
        "body": "Ce prélèvement a été fait deux fois.", "files": [],
    },
    "DisputeAdd": {
        "id": "step-0002-abcd", "body": "Je n’ai pas eu de réponse.", "files": [],
        "escalate": True,
    },
    "DisputeAnswer": {
        "id": "step-0003-abcd", "body": "Nous avons rendu le second prélèvement.",
        "outcome": "accepted", "remit": "0",
    },
    "DisputeView": DISPUTE,
    "EurosView": {
        "year": 2026, "years": [2026],
        "funds": [{"fund": "retraite_base", "label": "Retraite de base", "amount": "412.60"}],
        "other": "0.00", "total": "412.60",
    },
}  # fmt: skip


@router.get(ACCOUNT + "/decisions", responses=MINE)
def decisions(owned: SeenDep) -> list[DecisionView]:
    """Every penalty and surcharge, and what took them back, newest first."""
    with owned.services.storage.read() as database:
        return [
            DecisionView(
                kind=row.kind, code=row.code, period=row.period, amount=ledger.euros(row.cents),
                base=row.base, rate=row.rate, label=row.label, law=row.law, reason=row.reason,
                decided_at=row.decided_at,
            )
            for row in decisions_of(database, owned.account.id)
        ]  # fmt: skip


@router.get(ACCOUNT + "/plans", responses=MINE)
def my_plans(owned: SeenDep) -> Plans:
    """My instalment plans, and whether another can be asked for."""
    return plans.plans(owned.services, owned.account, owned.regime)


@router.post(
    ACCOUNT + "/plans",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.PLAN_REFUSED),
)
def ask_plan(asked: PlanAsk, owned: OwnedDep) -> PlanView:
    """Pay what is late in 2 to 12 months: granted at once when its conditions are met."""
    return plans.ask_plan(owned.services, owned.account, owned.regime, asked)


@router.get(
    ACCOUNT + "/plans/{plan_id}.pdf", response_class=Response,
    responses={
        **MINE,
        200: {
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The plan, as granted",
        },
    },
)  # fmt: skip
def plan_pdf(
    plan_id: Named, owned: OwnedDep, lang: Annotated[Paper, Query()] = "fr", shown: Shown = False
) -> Response:
    """An instalment plan as a sealed PDF."""
    found = plans.plans(owned.services, owned.account, owned.regime).plans
    plan = next((p for p in found if p.id == plan_id), None)
    if plan is None:
        raise Problem(P.NOT_FOUND)
    row = plan_document(owned.services, owned.account, owned.regime, plan, lang)
    return pdf_response(documents.content_of(owned.services, row), f"{plan.number}.pdf", shown)


@router.get(ACCOUNT + "/disputes", responses=MINE)
def my_disputes(owned: SeenDep) -> list[DisputeView]:
    """My complaints and requests for remission, newest first."""
    return disputes.disputes_of(owned.services, owned.account)


@router.post(ACCOUNT + "/disputes", status_code=201, responses=MINE)
def contest(asked: DisputeOpen, owned: OwnedDep) -> DisputeView:
    """Contest an amount or a debit, or ask that surcharges be remitted."""
    return disputes.open_dispute(owned.services, owned.account, owned.caller.person, asked)


@router.get(ACCOUNT + "/disputes/{dispute_id}", responses=MINE)
def my_dispute(dispute_id: Named, owned: SeenDep) -> DisputeView:
    """One of my disputes, with all its steps."""
    return disputes.whole(owned.services, dispute_id, owned.account)


@router.post(
    ACCOUNT + "/disputes/{dispute_id}/steps",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.DISPUTE_CLOSED, P.DISPUTE_TOO_SOON),
)
def add(dispute_id: Named, asked: DisputeAdd, owned: OwnedDep) -> DisputeView:
    """Add facts or files, or go to the next stage."""
    return disputes.add_step(owned.services, owned.account, dispute_id, asked)


@router.get(
    ACCOUNT + "/disputes/{dispute_id}/file.pdf", response_class=Response,
    responses={
        **MINE,
        200: {
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The whole file",
        },
    },
)  # fmt: skip
def file(dispute_id: Named, owned: OwnedDep, lang: Annotated[Paper, Query()] = "fr") -> Response:
    """The whole file of a dispute as one sealed PDF, the proofs inside it."""
    services = owned.services
    view = disputes.whole(services, dispute_id, owned.account)
    proofs = []
    for step in view.steps:
        for kept in step.files:
            row = attachments.attachment(services, owned.account, kept.id)
            proofs.append(
                (f"{step.at:%Y-%m-%d}-{row.name}", row.media_type,
                 attachments.content_of(services, row))
            )  # fmt: skip
    today = services.clock.today()
    body = dispute_pdf(view, owned.account.name, today, services.settings, words(lang))
    from backend.documents.seal import load_seal, with_files  # slow to import

    sealed = load_seal(services.settings).apply(with_files(body, proofs), services.clock.now())
    return pdf_response(sealed, f"{view.number}.pdf")


@router.get(ACCOUNT + "/euros", responses=MINE)
def euros(
    owned: SeenDep,
    year: Annotated[
        int | None, Query(ge=2000, le=2100, description="The latest when absent")
    ] = None,
) -> EurosView:
    """Where my euros went: what each fund received of my payments in a year."""
    return my_euros(owned.services, owned.account, year)


@router.get(
    ACCOUNT + "/euros.pdf", response_class=Response,
    responses={
        **MINE,
        200: {
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The year, fund by fund",
        },
    },
)  # fmt: skip
def euros_pdf(
    owned: SeenDep,
    year: Annotated[
        int | None, Query(ge=2000, le=2100, description="The latest when absent")
    ] = None,
    lang: Annotated[Paper, Query()] = "fr",
    shown: Shown = False,
) -> Response:
    """Where my euros went in a year, as a sealed PDF; the same payments give the same document."""
    view = my_euros(owned.services, owned.account, year)
    row = euros_document(owned.services, owned.account, owned.regime, view, lang)
    return pdf_response(documents.content_of(owned.services, row), f"{row.number}.pdf", shown)


@router.get("/operator/disputes", responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN))
def waiting(operator: OperatorDep, services: ServicesDep) -> list[DisputeView]:
    """Disputes that wait for an answer, oldest first."""
    return disputes.waiting(services)


@router.get("/operator/disputes/{dispute_id}", responses=ROLE)
def one_waiting(dispute_id: Named, operator: OperatorDep, services: ServicesDep) -> DisputeView:
    """One dispute with all its steps."""
    return disputes.whole(services, dispute_id, None)


@router.post(
    "/operator/disputes/{dispute_id}/answer",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN, P.NOT_FOUND, P.DISPUTE_CLOSED),
)
def answer(
    dispute_id: Named, asked: DisputeAnswer, operator: OperatorDep, services: ServicesDep
) -> DisputeView:
    """Answer a dispute; what is remitted is booked with the answer."""
    return disputes.answer(services, operator.person, dispute_id, asked)
