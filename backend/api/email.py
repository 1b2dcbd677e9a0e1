"""Links received by e-mail: confirm an address, choose a new password."""

from __future__ import annotations

from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.api.people import notice
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import people
from contract.people import ForgottenPassword, MessageNotice, PasswordReset, TokenIn
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["e-mail"])


@router.post("/email-confirmations", status_code=204, responses=responses(P.TOKEN_INVALID))
def confirm(asked: TokenIn, services: ServicesDep) -> None:
    """Confirm the address that received this token."""
    people.confirm_email(services, asked.token)


@router.post(
    "/email-confirmations/resend", status_code=202,
    responses=responses(P.NOT_AUTHENTICATED, P.THROTTLED),
)  # fmt: skip
def resend(services: ServicesDep, caller: CallerDep) -> MessageNotice:
    """Send the message to confirm my address again."""
    people.resend_confirmation(services, caller.person)
    return notice(services)


@router.post("/password-resets", status_code=202, responses=responses(P.THROTTLED))
def forgot(asked: ForgottenPassword, services: ServicesDep, client: ClientDep) -> MessageNotice:
    """Ask for a link to choose a new password. Same answer for an unknown address."""
    people.forgot_password(services, client, asked.email)
    return notice(services)


@router.post("/password-resets/complete", status_code=204, responses=responses(P.TOKEN_INVALID))
def reset(asked: PasswordReset, services: ServicesDep) -> None:
    """Choose a new password with the link; every session ends."""
    people.reset_password(services, asked.token, asked.password)
