"""For those who work for the collector: find an account, say why, read it."""

from __future__ import annotations

from backend.api.deps import LookDep, OperatorDep, OwnedDep, ServicesDep
from backend.problems import responses
from backend.routes import Routes
from backend.storage.tables import Person
from backend.usecases import operators, overview
from contract.accounts import Overview
from contract.operators import AccountFound, AccountSearch, LookAsk, LookView
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["operators"])
ROLE = responses(P.NOT_AUTHENTICATED, P.FORBIDDEN)
ID = "c7f50318c8d14aabb9a1a631b94978d4"
EXAMPLES = {
    "AccountSearch": {"text": "camille@example.org"},
    "AccountFound": {"account_id": ID, "regime": "auto-entrepreneur", "name": "Camille Démo"},
    "LookAsk": {"account_id": ID, "reason": "Réponse à son message du 20 novembre"},
    "LookView": {
        "account_id": ID, "reason": "Réponse à son message du 20 novembre",
        "opened_at": "2026-11-23T11:00:00.000Z", "expires_at": "2026-11-23T11:30:00.000Z",
    },
}  # fmt: skip


@router.post("/operator/searches", responses=ROLE)
def search(
    asked: AccountSearch, operator: OperatorDep, services: ServicesDep
) -> list[AccountFound]:
    """Accounts of a whole SIRET, address or receipt number."""
    return operators.find_accounts(services, operator.person, asked.text)


@router.post(
    "/operator/looks",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN, P.NOT_FOUND),
)
def look(asked: LookAsk, operator: OperatorDep, services: ServicesDep) -> LookView:
    """Say why, then read an account for half an hour. Its owner can read the reason."""
    return operators.open_look(services, operator.person, asked)


@router.get(
    "/operator/accounts/{account_id}/overview",
    responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN, P.REASON_MISSING),
)
def read(looked: LookDep) -> Overview:
    """What the home screen of this person shows."""
    with looked.services.storage.read() as database:
        person = database.get_one(Person, looked.account.person_id)
    return overview.overview(looked.services, person, looked.account, looked.regime)


@router.get("/accounts/{account_id}/looks", responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND))
def looks(owned: OwnedDep) -> list[LookView]:
    """Who of the collector read my account, when and why."""
    return operators.looks_at(owned.services, owned.account)
