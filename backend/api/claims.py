"""Claims after they were sent: follow, answer, contest; and the collector's steps."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from backend.api.deps import ClientDep, OperatorDep, OwnedDep, SeenDep, SentDep, ServicesDep
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import claims
from contract.problem import ProblemCode as P
from contract.vrp import (
    ClaimAnswer,
    ClaimContest,
    ClaimMove,
    ClaimState,
    ClaimView,
    IbanWrite,
    IdentityWrite,
    RefundDetails,
)

router = Routes(prefix="/api/v1", tags=["claims"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
STEP = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.OPTION_REFUSED)
Number = Annotated[str, Path(pattern=r"^[A-Z0-9-]{5,40}$")]
PASSWORD = "une phrase longue et à moi"  # noqa: S105 an example
VIEW = {
    "number": "Q-2027-7F3K9M2PQR", "account_id": "c7f50318c8d14aabb9a1a631b94978d4",
    "period": "2026", "amount": "1168.86", "state": "proofs_asked", "accepted": None, "paid": None,
    "events": [
        {"state": "received", "at": "2027-03-02T09:00:00.000Z", "by": "service"},
        {"state": "proofs_asked", "at": "2027-03-20T09:00:00.000Z", "by": "collector",
         "note": "Merci d’envoyer les bulletins de décembre."},
    ],
    "next": ["proofs_sent"], "contest_until": "2029-02-04",
}  # fmt: skip
EXAMPLES = {
    "ClaimView": VIEW,
    "ClaimAnswer": {"note": "Voici les trois bulletins.", "files": []},
    "ClaimContest": {"note": "Le plafond a été compté deux fois.", "files": []},
    "ClaimMove": {"state": "accepted_in_part", "note": "Un mois sans base.", "amount": "1000.00"},
    "IbanWrite": {
        "iban": "FR76 3000 6000 0112 3456 7890 189", "holder": "Camille Démo",
        "current_password": PASSWORD,
    },
    "IdentityWrite": {"nir": "1 85 05 78 006 084 91"},
    "RefundDetails": {
        "nir": "•••••••••••8491", "iban": "FR76 •••• •••• 0189", "holder": "Camille Démo",
        "changed_at": "2027-03-02T09:00:00.000Z",
    },
}  # fmt: skip


@router.get("/accounts/{account_id}/claims", responses=MINE)
def mine(owned: SeenDep) -> list[ClaimView]:
    """My claims and where each stands."""
    return claims.claims(owned.services, owned.account)


@router.post("/accounts/{account_id}/claims/{number}/proofs", responses=STEP)
def answer(owned: SentDep, number: Number, asked: ClaimAnswer) -> ClaimView:
    """Answer a request for proofs, with files of mine."""
    view = claims.own_step(
        owned.services, owned.account, number, "proofs_sent", asked.note, asked.files,
        owned.along("answer"),
    )  # fmt: skip
    owned.tell("answer")
    return view


@router.post("/accounts/{account_id}/claims/{number}/contests", responses=STEP)
def contest(owned: OwnedDep, number: Number, asked: ClaimContest) -> ClaimView:
    """Contest a decision."""
    return claims.own_step(
        owned.services, owned.account, number, "contested", asked.note, asked.files
    )


@router.get("/accounts/{account_id}/refund", responses=MINE)
def details(owned: SeenDep) -> RefundDetails:
    """Where I am paid back, and the number employers file under; both masked."""
    return claims.refund_details(owned.services, owned.account)


@router.put(
    "/accounts/{account_id}/refund/iban",
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.THROTTLED),
)
def iban(owned: OwnedDep, client: ClientDep, asked: IbanWrite) -> RefundDetails:
    """Where I want to be paid back, with my password."""
    return claims.set_iban(owned.services, client, owned.owner, owned.account, asked)


@router.put("/accounts/{account_id}/refund/nir", responses=MINE)
def nir(owned: OwnedDep, asked: IdentityWrite) -> RefundDetails:
    """The NIR that my employers file under."""
    return claims.set_nir(owned.services, owned.account, asked.nir)


@router.get("/operator/claims", responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN))
def every(
    _operator: OperatorDep,
    services: ServicesDep,
    state: Annotated[ClaimState | None, Query(description="This state only")] = None,
) -> list[ClaimView]:
    """Claims of everybody, the oldest first."""
    return claims.every_claim(services, state)


@router.post(
    "/operator/claims/{number}/moves",
    responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN, P.NOT_FOUND, P.OPTION_REFUSED),
)
def move(
    operator: OperatorDep, services: ServicesDep, number: Number, asked: ClaimMove
) -> ClaimView:
    """Ask for proofs, accept, accept in part, refuse, or say that it is paid."""
    return claims.move(services, operator.person, number, asked)
