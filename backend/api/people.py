"""Sign-up, me, and my preferences, password and address."""

from __future__ import annotations

from fastapi import Request, Response

from backend.api.deps import CallerDep, ClientDep, ServicesDep, get_caller
from backend.problems import responses
from backend.routes import Routes, written
from backend.services import Services
from backend.storage.tables import Person, Session
from backend.usecases import people
from backend.usecases.mine import accounts_of
from backend.usecases.operators import is_operator
from contract.accounts import Opening
from contract.people import (
    EmailChange,
    MessageNotice,
    PasswordChange,
    PersonView,
    Preferences,
    SessionOpened,
    SessionView,
    SignUp,
)
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["people"])


def person_view(person: Person, operator: bool = False) -> PersonView:
    """Me, as the wire says it."""
    return PersonView.model_validate(
        {
            "id": person.id,
            "email": person.email,
            "email_confirmed": person.email_confirmed_at is not None,
            "pending_email": person.pending_email,
            "preferences": {
                "locale": person.locale, "theme": person.theme, "text_size": person.text_size,
            },
            "operator": operator, "created_at": person.created_at,
        }
    )  # fmt: skip


def session_view(session: Session, current: str) -> SessionView:
    """A session, as the wire says it."""
    return SessionView(
        id=session.id, created_at=session.created_at, last_seen_at=session.last_seen_at,
        expires_at=min(session.idle_expires_at, session.absolute_expires_at),
        device=session.device, current=session.id == current,
    )  # fmt: skip


def opened(found: tuple[str, Session, Person]) -> SessionOpened:
    """A session just opened, with its token."""
    token, session, person = found
    return SessionOpened(
        token=token, session=session_view(session, session.id), person=person_view(person)
    )


def notice(services: Services) -> MessageNotice:
    """Where a message went; the folder is told to people of this machine only."""
    settings = services.settings
    told = services.mailer.outbox is not None and settings.loopback and not settings.public_url
    return MessageNotice(outbox=str(services.mailer.outbox) if told else None)


@router.post("/persons", status_code=201, responses=responses(P.EMAIL_TAKEN, P.THROTTLED))
def sign_up(asked: SignUp, services: ServicesDep, client: ClientDep) -> SessionOpened:
    """Create my sign-in. A message asks to confirm the address; until then I draft, not send."""
    return opened(people.sign_up(services, client, asked))


@router.get("/me", responses=responses(P.NOT_AUTHENTICATED))
def me(services: ServicesDep, caller: CallerDep) -> PersonView:
    """Who I am here."""
    return person_view(caller.person, is_operator(services, caller.person))


@router.get("/me/opening", response_model=Opening, responses=responses(P.NOT_AUTHENTICATED))
def opening(request: Request, services: ServicesDep) -> Response:
    """Who I am and my accounts: what an app asks first."""
    person = get_caller(request).person
    found = Opening(
        person=person_view(person, is_operator(services, person)),
        accounts=accounts_of(services, person),
    )
    return written(Opening, found)


@router.patch("/me/preferences", responses=responses(P.NOT_AUTHENTICATED))
def preferences(asked: Preferences, services: ServicesDep, caller: CallerDep) -> PersonView:
    """Language, theme and text size."""
    person = people.set_preferences(services, caller.person, asked)
    return person_view(person, is_operator(services, person))


@router.post("/me/password", status_code=204, responses=responses(P.NOT_AUTHENTICATED, P.THROTTLED))
def password(
    asked: PasswordChange, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> None:
    """Change my password; my other sessions end."""
    people.change_password(
        services, client, caller.person, caller.session, asked.current_password, asked.new_password
    )


@router.post("/me/email", status_code=202, responses=responses(P.NOT_AUTHENTICATED, P.THROTTLED))
def email(
    asked: EmailChange, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> MessageNotice:
    """Ask for another address; it counts once confirmed."""
    people.change_email(services, client, caller.person, asked.email, asked.current_password)
    return notice(services)
