"""Sign in, sign out, list and end sessions; hand a session over to the browser's cookie."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Response
from sqlalchemy import select

from backend.api.cookies import forget_cookie
from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.api.people import opened, session_view
from backend.audit import record
from backend.problems import Problem, responses
from backend.routes import Routes
from backend.storage.tables import Session
from backend.usecases import people
from backend.usecases.sessions import (
    HANDOFF_SECONDS,
    end_sessions,
    make_token,
    open_session,
)
from contract.people import Handoff, SessionOpened, SessionView, SignIn
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/sessions", tags=["sessions"])


@router.post(
    "",
    status_code=201,
    responses=responses(P.BAD_CREDENTIALS, P.ACCOUNT_FROZEN, P.SECOND_FACTOR_NEEDED, P.THROTTLED),
)
def sign_in(asked: SignIn, services: ServicesDep, client: ClientDep) -> SessionOpened:
    """Sign in. Unknown address and wrong password get the same answer. `second-factor-needed`
    carries a challenge for /sessions/second-factor."""
    return opened(people.sign_in(services, client, asked.email, asked.password))


@router.get("", responses=responses(P.NOT_AUTHENTICATED))
def sessions(services: ServicesDep, caller: CallerDep) -> list[SessionView]:
    """My open sessions, latest first."""
    now = services.clock.now()
    with services.storage.read() as database:
        rows = database.scalars(
            select(Session)
            .where(
                Session.person_id == caller.person.id, Session.revoked_at.is_(None),
                Session.idle_expires_at > now, Session.absolute_expires_at > now,
            )
            .order_by(Session.last_seen_at.desc())
        ).all()  # fmt: skip
    return [session_view(row, caller.session.id) for row in rows]


@router.delete("", status_code=204, responses=responses(P.NOT_AUTHENTICATED))
def end_others(services: ServicesDep, caller: CallerDep) -> None:
    """End all my sessions but this one."""
    now = services.clock.now()
    with services.storage.write() as database:
        end_sessions(database, now, caller.person.id, keep=caller.session.id)
        record(database, now, "session.end_others", person_id=caller.person.id)


@router.delete("/current", status_code=204, responses=responses(P.NOT_AUTHENTICATED))
def sign_out(services: ServicesDep, caller: CallerDep, response: Response) -> None:
    """End this session and forget the cookie."""
    now = services.clock.now()
    with services.storage.write() as database:
        end_sessions(database, now, caller.person.id, only=caller.session.id)
        record(
            database, now, "session.end", person_id=caller.person.id, session_id=caller.session.id
        )
    forget_cookie(response, services.settings)


@router.delete(
    "/{session_id}", status_code=204, responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
)
def end_one(session_id: str, services: ServicesDep, caller: CallerDep) -> None:
    """End one of my sessions."""
    now = services.clock.now()
    with services.storage.write() as database:
        if not end_sessions(database, now, caller.person.id, only=session_id):
            raise Problem(P.NOT_FOUND)
        record(database, now, "session.end", person_id=caller.person.id, session_id=session_id)


@router.post("/refresh", status_code=201, responses=responses(P.NOT_AUTHENTICATED))
def refresh(services: ServicesDep, client: ClientDep, caller: CallerDep) -> SessionOpened:
    """A fresh token in exchange for this one, which stops working."""
    now = services.clock.now()
    with services.storage.write() as database:
        if not end_sessions(database, now, caller.person.id, only=caller.session.id):
            raise Problem(P.NOT_AUTHENTICATED)
        token, session = open_session(
            database, services.settings, now, caller.person.id, caller.session.kind, client.device
        )
        # The absolute limit runs from the sign-in, not from the refresh.
        session.absolute_expires_at = caller.session.absolute_expires_at
        record(database, now, "session.refresh", person_id=caller.person.id, session_id=session.id)
    return opened((token, session, caller.person))


@router.post("/handoff", status_code=201, responses=responses(P.NOT_AUTHENTICATED))
def handoff(services: ServicesDep, caller: CallerDep) -> Handoff:
    """A one-time code that /auth/finish turns into a cookie of this browser."""
    now = services.clock.now()
    with services.storage.write() as database:
        code = make_token(
            database, now, caller.person.id, "handoff", timedelta(seconds=HANDOFF_SECONDS),
            {"session": caller.session.id},
        )  # fmt: skip
    return Handoff(code=code, path=f"/auth/finish?code={code}")
