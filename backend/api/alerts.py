"""Freeze everything at once, and ask whether a message is from us."""

from __future__ import annotations

from fastapi import Response

from backend import throttle
from backend.api.cookies import forget_cookie
from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import alerts
from backend.usecases.authentic import judge
from contract.alerts import MessageCheck, MessageVerdict
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["alerts"])
EXAMPLES = {
    "MessageCheck": {"text": "https://quittance.example.evil.example/payer"},
    "MessageVerdict": {"verdict": "imitation", "kind": "link", "why": "domain"},
}


@router.post("/me/freeze", status_code=204, responses=responses(P.NOT_AUTHENTICATED))
def freeze(services: ServicesDep, caller: CallerDep, response: Response) -> None:
    """End all my sessions, and let nobody sign in as me until I choose a new password by e-mail."""
    alerts.freeze(services, caller.person.id, "screen")
    forget_cookie(response, services.settings)


@router.post("/message-checks", responses=responses(P.THROTTLED))
def check(asked: MessageCheck, services: ServicesDep, client: ClientDep) -> MessageVerdict:
    """Whether a link, an address or a phone number is ours. Nothing is opened or kept."""
    door = ("address", throttle.bucket("message-check", client.address))
    throttle.take(services.storage, services.clock, door)
    return judge(asked.text, services.settings)
