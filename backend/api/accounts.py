"""My accounts, their profile, what home shows, and the options of the régime."""

from __future__ import annotations

from fastapi import Request, Response

from backend.api.deps import CallerDep, OwnedDep, SeenDep, ServicesDep, get_seen
from backend.problems import responses
from backend.routes import Routes, written
from backend.usecases import accounts, overview
from backend.usecases.history import current_profile, filed_history, latest
from backend.usecases.mine import accounts_of
from contract.accounts import (
    AccountCreate,
    AccountView,
    OptionChoice,
    OptionsView,
    Overview,
    PeriodView,
    ProfileChange,
)
from contract.base import Code
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/accounts", tags=["accounts"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)


@router.get("", responses=responses(P.NOT_AUTHENTICATED))
def mine(services: ServicesDep, caller: CallerDep) -> list[AccountView]:
    """My accounts, oldest first; then those that I act on, with what I may do there."""
    return accounts_of(services, caller.person)


@router.post("", status_code=201, responses=responses(P.NOT_AUTHENTICATED, P.ACCOUNT_EXISTS))
def create(asked: AccountCreate, services: ServicesDep, caller: CallerDep) -> AccountView:
    """Open an account in a profession."""
    account = accounts.open_account(services, caller.person, asked)
    return overview.load_account(services, account, services.registry.get(account.regime))


@router.get("/{account_id}", responses=MINE)
def one(owned: SeenDep) -> AccountView:
    """One of my accounts."""
    return overview.load_account(owned.services, owned.account, owned.regime)


@router.patch("/{account_id}", responses=MINE)
def change(asked: ProfileChange, owned: OwnedDep) -> AccountView:
    """Correct my profile; a new version is kept beside the older ones."""
    account = accounts.change_profile(owned.services, owned.account, owned.regime, asked)
    return overview.load_account(owned.services, account, owned.regime)


@router.get("/{account_id}/overview", response_model=Overview, responses=MINE)
def home(request: Request, account_id: str) -> Response:
    """Everything the home screen shows. Looked for and read in one thread: asked most often."""
    owned = get_seen(request, account_id)
    found = overview.overview(owned.services, owned.owner, owned.account, owned.regime)
    return written(Overview, found)


@router.get("/{account_id}/periods", responses=MINE)
def periods(owned: SeenDep) -> list[PeriodView]:
    """My periods with what was sent for each, oldest first."""
    return overview.overview(owned.services, owned.owner, owned.account, owned.regime).periods


@router.get("/{account_id}/options", responses=MINE)
def options(owned: SeenDep) -> OptionsView:
    """Rights and events, each with its window and what it changes."""
    today, rates = owned.services.clock.today(), owned.services.rates.table(owned.regime)
    with owned.services.storage.read() as database:
        profile, _ = current_profile(database, owned.regime, owned.account.id)
        history = filed_history(owned.regime, latest(database, owned.account.id))
    return OptionsView(
        today=today,
        options=owned.regime.options(profile, history, today, rates),
    )


@router.post(
    "/{account_id}/options/{option}",
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.OPTION_REFUSED),
)
def choose(option: Code, asked: OptionChoice, owned: OwnedDep) -> AccountView:
    """Use an option."""
    account = accounts.choose_option(
        owned.services, owned.account, owned.regime, option, asked.value
    )
    regime = owned.services.registry.get(account.regime)  # an option may lead to another
    return overview.load_account(owned.services, account, regime)
