"""The ready accounts of the demo mode, open to all; nothing of this exists otherwise."""

from __future__ import annotations

from backend.api.deps import ClientDep, ServicesDep
from backend.api.people import opened
from backend.problems import Problem, responses
from backend.routes import Routes
from backend.usecases.sessions import open_session
from contract.people import DemoAccount, DemoSignIn, SessionOpened
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/demo", tags=["demo"])


@router.get("/accounts", responses=responses())
def accounts(services: ServicesDep) -> list[DemoAccount]:
    """Ready accounts; none outside the demo mode."""
    if not services.settings.demo:
        return []
    from backend.demo import stories  # here: a start without them does without

    return [
        DemoAccount(slug=s.slug, title=s.title, summary=s.summary, regime=s.regime)
        for s in stories(services.clock.today())
    ]


@router.post("/sessions", status_code=201, responses=responses(P.NOT_FOUND))
def sign_in(asked: DemoSignIn, services: ServicesDep, client: ClientDep) -> SessionOpened:
    """Open a ready account. Not found outside the demo mode."""
    if not services.settings.demo:
        raise Problem(P.NOT_FOUND)
    from backend.demo import demo_person  # here: a start without them does without

    person = demo_person(services, asked.slug)
    if person is None:
        raise Problem(P.NOT_FOUND)
    with services.storage.write() as database:
        token, session = open_session(
            database, services.settings, services.clock.now(), person.id, "bearer", client.device
        )
    return opened((token, session, person))
