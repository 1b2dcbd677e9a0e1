"""Who acts for me, and for whom I act."""

from __future__ import annotations

from backend.api.deps import CallerDep, ClientDep, OwnedDep, ServicesDep
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import delegations
from contract.delegation import (
    DelegationAsk,
    DelegationView,
    InvitationAnswer,
    InvitationAsk,
    InvitationView,
)
from contract.payments import Identifier
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["delegation"])
ACCOUNT = "/accounts/{account_id}/delegations"
TOKEN = "dGhpcyBpcyBhbiBleGFtcGxlIG9mIGEgdG9rZW4h"  # noqa: S105
EXAMPLES = {
    "DelegationAsk": {
        "email": "cabinet@example.org", "name": "Cabinet Martin", "kind": "accountant",
        "scopes": ["see", "prepare"], "ends_on": "2027-11-23",
        "current_password": "sept mots sans rapport",
    },
    "DelegationView": {
        "id": "3f1d5b7a9c2e4f6a8b0c2d4e6f8a0b1c", "email": "cabinet@example.org",
        "name": "Cabinet Martin", "kind": "accountant", "scopes": ["see", "prepare"],
        "ends_on": "2027-11-23", "state": "active", "how_ended": "",
        "invited_at": "2026-11-23T11:00:00.000Z", "accepted_at": "2026-11-23T15:00:00.000Z",
        "ended_at": None,
        "acts": [{"at": "2026-11-24T09:00:00.000Z", "act": "draft", "subject": "2026-10"}],
    },
    "InvitationAsk": {"token": TOKEN},
    "InvitationAnswer": {"token": TOKEN, "accept": True},
    "InvitationView": {
        "owner": "Camille Démo", "regime": "auto-entrepreneur", "kind": "accountant",
        "scopes": ["see", "prepare"], "ends_on": "2027-11-23",
    },
}  # fmt: skip


@router.get(ACCOUNT, responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND))
def mine(owned: OwnedDep) -> list[DelegationView]:
    """Everybody who acts, acted or was asked to act on my account, and what they did."""
    return delegations.mine(owned.services, owned.account)


@router.post(
    ACCOUNT,
    status_code=201,
    responses=responses(
        P.NOT_AUTHENTICATED, P.NOT_FOUND, P.EMAIL_NOT_CONFIRMED, P.THROTTLED
    ),
)  # fmt: skip
def invite(asked: DelegationAsk, owned: OwnedDep, client: ClientDep) -> DelegationView:
    """Invite somebody to act on my account, with my password. The same answer whether or not they
    have an account."""
    return delegations.invite(owned.services, client, owned.owner, owned.account, asked)


@router.delete(ACCOUNT + "/{delegation_id}", responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND))
def revoke(delegation_id: Identifier, owned: OwnedDep) -> DelegationView:
    """End it at once."""
    return delegations.revoke(owned.services, owned.account, owned.owner, delegation_id)


@router.post(
    "/invitations/look",
    responses=responses(P.NOT_AUTHENTICATED, P.DELEGATION_ADDRESS, P.TOKEN_INVALID),
)
def look(asked: InvitationAsk, services: ServicesDep, caller: CallerDep) -> InvitationView:
    """What an invitation asks of me."""
    return delegations.look(services, caller.person, asked.token)


@router.post(
    "/invitations/answer", status_code=204,
    responses=responses(P.NOT_AUTHENTICATED, P.DELEGATION_ADDRESS, P.TOKEN_INVALID),
)  # fmt: skip
def answer(asked: InvitationAnswer, services: ServicesDep, caller: CallerDep) -> None:
    """Accept an invitation, or refuse it."""
    delegations.answer(services, caller.person, asked.token, asked.accept)


@router.delete(
    "/delegations/{delegation_id}", status_code=204,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND),
)  # fmt: skip
def leave(delegation_id: Identifier, services: ServicesDep, caller: CallerDep) -> None:
    """Stop acting for somebody."""
    delegations.leave(services, caller.person, delegation_id)
