"""The accounts of a person: their own, and those on which they act."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from backend.services import Services
from backend.storage.tables import Account, Person
from backend.usecases import delegations
from backend.usecases.history import current_profile
from backend.usecases.overview import account_view
from contract.accounts import AccountView
from contract.delegation import ActingView

# Built once: every window that opens asks.
_OWN = (
    select(Account)
    .where(Account.person_id == bindparam("person"))
    .order_by(Account.created_at, Account.id)
)


def accounts_of(services: Services, person: Person) -> list[AccountView]:
    """Their accounts, oldest first; then those that they act on, with what they may do there."""
    with services.storage.read() as database:
        rows = database.scalars(_OWN, {"person": person.id}).all()
        told: list[tuple[Account, ActingView | None]] = [(row, None) for row in rows]
        told += [
            (row, delegations.acting_view(row, delegation))
            for row, delegation in delegations.shared(database, services, person.id)
        ]
        return [
            account_view(
                row, *current_profile(database, services.registry.get(row.regime), row.id), acting
            )
            for row, acting in told
            if row.regime in services.registry
        ]
