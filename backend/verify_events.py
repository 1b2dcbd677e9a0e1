"""Compute the chain of an account's ledger and mandates again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from backend import chain, events, ledger
from backend.allocation import Position
from backend.storage.delegations import Delegation
from backend.storage.engine import Database
from backend.storage.events import Event, EventHead
from backend.storage.tables import LedgerLine, LedgerTransaction, Mandate

Found = tuple[str, str]
"""What differs, and where."""


def faults(database: Database, account_id: str) -> Iterator[Found]:
    """What is not as it was written, in the ledger and the mandates of an account."""
    links = list(
        database.scalars(
            select(Event).where(Event.account_id == account_id).order_by(Event.position)
        )
    )
    head, length = chain.START, 0
    for link in links:
        length += 1
        if link.position != length or link.prev_hash != head:
            yield "event missing", f"event {length}"
            length = link.position
        if link.hash != events.event_hash(
            account_id, link.position, link.prev_hash, link.what, link.subject, link.commitment,
            link.at,
        ):  # fmt: skip
            yield "event changed", f"event {link.position}"
        head = link.hash
    kept = database.get(EventHead, account_id)
    if (kept.length, kept.head) != (length, head) if kept is not None else bool(links):
        yield "events cut", f"{length} events"
    yield from _transactions(database, account_id, links)
    yield from _balances(database, account_id)
    yield from _mandates(database, account_id, links)
    yield from _delegations(database, account_id, links)


def _transactions(database: Database, account_id: str, links: list[Event]) -> Iterator[Found]:
    lines: dict[str, list[LedgerLine]] = {}
    for line in database.scalars(select(LedgerLine).where(LedgerLine.account_id == account_id)):
        lines.setdefault(line.transaction_id, []).append(line)
    told = {link.subject: link.commitment for link in links if link.what == events.TRANSACTION}
    known = set()
    for transaction in database.scalars(
        select(LedgerTransaction).where(LedgerTransaction.account_id == account_id)
    ):
        known.add(transaction.id)
        commitment = told.get(transaction.id)
        if commitment is None:
            yield "transaction not chained", transaction.id
        elif commitment != events.commitment_to(transaction, lines.pop(transaction.id, ())):
            yield "transaction changed", transaction.id
    for missing in sorted(set(told) - known):
        yield "transaction missing", missing
    for stray in sorted(set(lines) - known):
        yield "line without transaction", stray


def _balances(database: Database, account_id: str) -> Iterator[Found]:
    """A period's balance is kept beside its lines: it must be what they add up to."""
    told = ledger.balances(database, account_id)
    held = ledger.positions(database, account_id)
    for period in sorted(set(told) | set(held)):
        position = held.get(period, Position())
        kept = told.get(period, ledger.Balance(0, 0))
        if (kept.called, kept.received) != (position.called, position.total):
            yield "balance differs from its lines", period


def _mandates(database: Database, account_id: str, links: list[Event]) -> Iterator[Found]:
    begun = {link.subject: link for link in links
             if link.what in {events.MANDATE + "signed", events.MANDATE + "kept"}}  # fmt: skip
    ends = {link.subject: link for link in links
            if link.what.startswith(events.MANDATE) and link not in begun.values()}  # fmt: skip
    doubled = Counter(link.subject for link in links if link.what.startswith(events.MANDATE))
    known = set()
    for mandate in database.scalars(select(Mandate).where(Mandate.account_id == account_id)):
        known.add(mandate.id)
        start, end = begun.get(mandate.id), ends.get(mandate.id)
        if start is None:
            yield "mandate not chained", mandate.id
        elif mandate.salt is not None and start.commitment != events.signed(
            mandate, mandate.salt, with_account=start.what.endswith("signed")
        ):
            yield "mandate changed", mandate.id
        said = end.what.removeprefix(events.MANDATE) if end is not None else "active"
        told = end.commitment if end is not None else events.state_commitment(mandate.id, said)
        right = told == events.state_commitment(mandate.id, mandate.state)
        if not right or doubled[mandate.id] > 2:
            yield "mandate state changed", mandate.id
    for missing in sorted((set(begun) | set(ends)) - known):
        yield "mandate missing", missing


def _delegations(database: Database, account_id: str, links: list[Event]) -> Iterator[Found]:
    told: dict[str, dict[str, str]] = {}
    for link in links:
        if link.what.startswith(events.DELEGATION):
            what = link.what.removeprefix(events.DELEGATION)
            told.setdefault(link.subject, {})[what] = link.commitment
    known = set()
    for row in database.scalars(select(Delegation).where(Delegation.account_id == account_id)):
        known.add(row.id)
        wanted = {"given": events.given(row)}
        if row.accepted_at is not None:
            wanted["accepted"] = events.delegation_state(row.id, "accepted")
        if row.ended_at is not None:
            wanted[row.how_ended] = events.delegation_state(row.id, row.how_ended)
        if told.get(row.id, {}) != wanted:
            yield "delegation changed", row.id
    for missing in sorted(set(told) - known):
        yield "delegation missing", missing
