"""What every endpoint needs: services of this process, who is asking, and their account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from backend.problems import Problem
from backend.services import Client, Services
from backend.storage.delegations import Delegation
from backend.storage.engine import Along, nothing_else
from backend.storage.tables import Account, Person, Session
from backend.usecases.delegations import acting, note_reading, noting, scopes_of, tell_owner
from backend.usecases.operators import is_operator, looked_at
from backend.usecases.sessions import cookie_name, live_session, live_session_on
from contract.delegation import Scope
from contract.problem import ProblemCode
from regimes.regime import Regime


@dataclass(frozen=True)
class Caller:
    """Who is asking, by an open session."""

    person: Person
    session: Session


async def get_services(request: Request) -> Services:
    """The services of this process. Async, as what waits for nothing: no thread is asked for."""
    services: Services = request.app.state.services
    return services


async def get_client(request: Request) -> Client:
    """Address and device: as the app in process tells them, or the socket."""
    told = request.scope.get("quittance.client")
    if isinstance(told, tuple):
        return Client(told[0], told[1])
    address = request.client.host if request.client else ""
    return Client(address, request.headers.get("user-agent", "")[:120])


def token_of(request: Request) -> str | None:
    """The bearer token, or the cookie of this service."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    services: Services = request.app.state.services
    return request.cookies.get(cookie_name(services.settings))


def get_caller(request: Request) -> Caller:
    """Who is asking. Raises not-authenticated."""
    services: Services = request.app.state.services
    token = token_of(request)
    if not token:
        raise Problem(ProblemCode.NOT_AUTHENTICATED)
    found = live_session(services.storage, services.settings, services.clock, token)
    if found is None:
        raise Problem(ProblemCode.NOT_AUTHENTICATED)
    return Caller(*found)


ServicesDep = Annotated[Services, Depends(get_services)]
ClientDep = Annotated[Client, Depends(get_client)]
CallerDep = Annotated[Caller, Depends(get_caller)]


@dataclass(frozen=True)
class Owned:
    """An account, with its régime, its owner and who is asking: the owner, or somebody who acts
    for them by a delegation."""

    account: Account
    regime: Regime
    caller: Caller
    services: Services
    owner: Person
    delegation: Delegation | None = None

    def along(self, act: str) -> Along:
        """What notes an act in its own transaction: done and noted, or neither."""
        return (
            nothing_else if self.delegation is None else noting(self.services, self.delegation, act)
        )

    def tell(self, act: str) -> None:
        """Tell the owner what was sent or paid by somebody else, once it is done."""
        if self.delegation is not None:
            tell_owner(self.services, self.delegation, act)


def find_account(request: Request, account_id: str, scope: Scope | None) -> Owned:
    """The account of this identifier, if it is the caller's, or one on which they may do what
    `scope` names (None: its owner alone). Raises not-authenticated; not-found: whether someone
    else's account exists is not the caller's business; delegation-scope for somebody who acts on
    it, for less. One statement, for an owner: every request pays for it."""
    services: Services = request.app.state.services
    token = token_of(request)
    found = None
    if token:
        found = live_session_on(
            services.storage, services.settings, services.clock, token, account_id
        )
    if found is None:
        raise Problem(ProblemCode.NOT_AUTHENTICATED)
    person, session, account = found
    caller = Caller(person, session)
    delegation, owner = None, person
    if account is not None and account.person_id != person.id:
        with services.storage.read() as database:
            delegation = acting(database, services, account_id, person.id)
            owner = database.get_one(Person, account.person_id)
        account = account if delegation is not None else None
    if account is None or account.regime not in services.registry:
        raise Problem(ProblemCode.NOT_FOUND)
    if delegation is not None:
        if scope is None or scope not in scopes_of(delegation):
            raise Problem(ProblemCode.DELEGATION_SCOPE)
        note_reading(services, delegation)
    regime = services.registry.get(account.regime)
    return Owned(account, regime, caller, services, owner, delegation)


def get_owned(request: Request, account_id: str) -> Owned:
    """The account named in the path, for its owner alone."""
    return find_account(request, account_id, None)


def get_seen(request: Request, account_id: str) -> Owned:
    """The same, for whoever may read it."""
    return find_account(request, account_id, "see")


def get_prepared(request: Request, account_id: str) -> Owned:
    """The same, for whoever may prepare its declarations."""
    return find_account(request, account_id, "prepare")


def get_sent(request: Request, account_id: str) -> Owned:
    """The same, for whoever may sign and send for it."""
    return find_account(request, account_id, "send")


def get_paid(request: Request, account_id: str) -> Owned:
    """The same, for whoever may pay what it owes."""
    return find_account(request, account_id, "pay")


OwnedDep = Annotated[Owned, Depends(get_owned)]
SeenDep = Annotated[Owned, Depends(get_seen)]
PreparedDep = Annotated[Owned, Depends(get_prepared)]
SentDep = Annotated[Owned, Depends(get_sent)]
PaidDep = Annotated[Owned, Depends(get_paid)]


def get_operator(caller: CallerDep, services: ServicesDep) -> Caller:
    """Who is asking, if they work for the collector. Raises forbidden."""
    if not is_operator(services, caller.person):
        raise Problem(ProblemCode.FORBIDDEN)
    return caller


OperatorDep = Annotated[Caller, Depends(get_operator)]


def get_looked(account_id: str, operator: OperatorDep, services: ServicesDep) -> Owned:
    """The account named in the path, for an operator who said why. Raises reason-missing."""
    account = looked_at(services, operator.person, account_id)
    if account.regime not in services.registry:
        raise Problem(ProblemCode.NOT_FOUND)
    with services.storage.read() as database:
        owner = database.get_one(Person, account.person_id)
    return Owned(account, services.registry.get(account.regime), operator, services, owner)


LookDep = Annotated[Owned, Depends(get_looked)]
