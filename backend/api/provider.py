"""The provider of identity: linked and unlinked by its owner."""

from __future__ import annotations

from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.api.factor import TOKEN
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import provider
from contract.factor import ProviderDoor, Reauthentication
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/me/provider", tags=["provider"])
EXAMPLES = {"ProviderDoor": {"path": f"/auth/provider/start?door={TOKEN}"}}


@router.post(
    "/link", status_code=201,
    responses=responses(
        P.NOT_AUTHENTICATED, P.EMAIL_NOT_CONFIRMED, P.PROVIDER_UNAVAILABLE, P.THROTTLED
    ),
)  # fmt: skip
def link(
    asked: Reauthentication, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> ProviderDoor:
    """A door to the provider, to link it to my account."""
    door = provider.ticket(services, client, caller.person, caller.session, asked.current_password)
    return ProviderDoor(path=f"/auth/provider/start?door={door}")


@router.post(
    "/unlink", status_code=204, responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.THROTTLED)
)
def unlink(
    asked: Reauthentication, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> None:
    """The provider opens my account no more."""
    provider.unlink(services, client, caller.person, asked.current_password)
