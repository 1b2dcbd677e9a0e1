"""Open an account, correct its profile, use an option: each a new version of the profile."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import record
from backend.problems import Problem, field_problem, field_problems
from backend.services import Services
from backend.storage.engine import Database
from backend.storage.tables import Account, Person, ProfileVersion
from backend.usecases.history import current_profile, filed_history, latest
from contract.accounts import AccountCreate, ProfileChange
from contract.problem import FieldProblem, ProblemCode
from regimes.regime import Model, Move, OptionRefused, Regime


def read_profile(regime: Regime, data: dict[str, Any]) -> Model:
    """The régime's profile. Raises invalid-input naming profile.… fields."""
    try:
        return regime.Profile.model_validate(data)
    except ValidationError as error:
        raise Problem(ProblemCode.INVALID_INPUT, errors=field_problems(error, "profile")) from None


def open_account(services: Services, person: Person, asked: AccountCreate) -> Account:
    """A new account of `person`."""
    if asked.regime not in services.registry:
        raise field_problem("regime", "regime_unknown")
    regime = services.registry.get(asked.regime)
    profile = read_profile(regime, asked.profile)
    now = services.clock.now()
    account = Account(
        person_id=person.id, regime=asked.regime, siret=asked.siret, name=asked.name,
        created_at=now, chain_length=0, chain_head="0" * 64,
    )  # fmt: skip
    try:
        with services.storage.write() as database:
            database.add(account)
            database.flush()
            _add_version(database, account.id, 1, profile, "sign-up", services)
            record(
                database, now, "account.open", person_id=person.id, account_id=account.id,
                regime=asked.regime,
            )  # fmt: skip
    except IntegrityError:
        raise Problem(ProblemCode.ACCOUNT_EXISTS) from None
    return account


def _add_version(
    database: Database, account_id: str, version: int, profile: Model, reason: str,
    services: Services,
) -> None:  # fmt: skip
    database.add(
        ProfileVersion(
            account_id=account_id,
            version=version,
            data=profile.model_dump(mode="json"),
            reason=reason,
            created_at=services.clock.now(),
        )
    )


def locked(database: Database, account_id: str) -> Account:
    """The account, held until the transaction ends: what touches its chain comes one by one."""
    return database.scalars(select(Account).where(Account.id == account_id).with_for_update()).one()


def change_profile(
    services: Services, account: Account, regime: Regime, asked: ProfileChange
) -> Account:
    """Correct what was entered at sign-up. Declarations already sent keep their calculation."""
    profile = read_profile(regime, asked.profile) if asked.profile is not None else None
    with services.storage.write() as database:
        kept = locked(database, account.id)
        if asked.name is not None:
            kept.name = asked.name
        if profile is not None:
            _, version = current_profile(database, regime, account.id)
            _add_version(database, account.id, version + 1, profile, "correction", services)
        record(
            database, services.clock.now(), "account.change", person_id=account.person_id,
            account_id=account.id,
        )  # fmt: skip
    return kept


def choose_option(
    services: Services, account: Account, regime: Regime, option: str, value: str
) -> Account:
    """Use a right of the régime. Raises option-refused with the field and the reason's code."""
    rates = services.rates.table(regime)
    with services.storage.write() as database:
        kept = locked(database, account.id)
        profile, version = current_profile(database, regime, account.id)
        history = filed_history(regime, latest(database, account.id))
        try:
            chosen = regime.choose(profile, option, value, history, services.clock.today(), rates)
        except OptionRefused as error:
            raise Problem(
                ProblemCode.OPTION_REFUSED,
                errors=[FieldProblem(field=error.field, code=error.code)],
            ) from None
        except ValidationError as error:
            raise Problem(
                ProblemCode.OPTION_REFUSED, errors=field_problems(error, "profile")
            ) from None
        if isinstance(chosen, Move):
            # Another régime: the account, its number, its ledger and its history stay.
            kept.regime = chosen.regime
            chosen = read_profile(services.registry.get(chosen.regime), dict(chosen.profile))
        _add_version(database, account.id, version + 1, chosen, f"option:{option}"[:40], services)
        record(
            database, services.clock.now(), "account.option", person_id=account.person_id,
            account_id=account.id, option=option,
        )  # fmt: skip
    return kept
