"""What every endpoint needs: services of this process, who is asking, and their account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select

from backend.problems import Problem
from backend.services import Client, Services
from backend.storage.tables import Account, Person, Session
from backend.usecases.operators import is_operator, looked_at
from backend.usecases.sessions import COOKIE, live_session
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
    return request.cookies.get(COOKIE)


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
    """An account of the caller, with its régime."""

    account: Account
    regime: Regime
    caller: Caller
    services: Services


def get_owned(account_id: str, caller: CallerDep, services: ServicesDep) -> Owned:
    """The account named in the path, if it is the caller's. Raises not-found otherwise: whether
    someone else's account exists is not the caller's business."""
    with services.storage.read() as database:
        account = database.scalar(
            select(Account).where(Account.id == account_id, Account.person_id == caller.person.id)
        )
    if account is None or account.regime not in services.registry:
        raise Problem(ProblemCode.NOT_FOUND)
    return Owned(account, services.registry.get(account.regime), caller, services)


OwnedDep = Annotated[Owned, Depends(get_owned)]


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
    return Owned(account, services.registry.get(account.regime), operator, services)


LookDep = Annotated[Owned, Depends(get_looked)]
