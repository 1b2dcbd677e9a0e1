"""Write the chain of an account's ledger, mandates and delegations.

As in the chain of submissions a link holds a commitment, never what it commits to. That of a
mandate is salted: erasing its holder, its account and its salt leaves the chain whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from backend import chain
from backend.storage.delegations import Delegation
from backend.storage.engine import Database, written_over
from backend.storage.events import Event, EventHead
from backend.storage.tables import LedgerLine, LedgerTransaction, Mandate
from contract.canonical import canonical_json, sha256_hex

TRANSACTION = "transaction"
MANDATE = "mandate."
DELEGATION = "delegation."

# Built once: every booking adds a link.
_HEAD = select(EventHead.length, EventHead.head).where(EventHead.account_id == bindparam("account"))
_LINK = insert(Event.__table__)  # type: ignore[arg-type]
_NEW_HEAD = written_over(EventHead, "length", "head")


def moment(at: datetime) -> str:
    """A moment as links hold it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def transaction_commitment(
    identifier: str, kind: str, origin: tuple[str, str], booked_at: datetime, value_date: date,
    lines: Iterable[tuple[int, str, str, str, int]],
) -> str:  # fmt: skip
    """Commitment to a transaction of the ledger with its lines (position, ledger account, period,
    code, cents). Without salt: the ledger is never erased."""
    return sha256_hex(
        canonical_json(
            {
                "id": identifier, "kind": kind, "origin": list(origin),
                "booked_at": moment(booked_at), "value_date": value_date.isoformat(),
                "lines": [list(line) for line in sorted(lines)],
            }
        )
    )  # fmt: skip


def mandate_commitment(
    salt: str, identifier: str, rum: str, ics: str, holder: str, iban: str | None, one_off: bool,
    signed_at: datetime, signature: dict[str, Any],
) -> str:  # fmt: skip
    """Commitment to what was signed. No `iban` for a mandate signed before there was a chain: it
    is sealed, and whoever wrote the chain had no key."""
    told = canonical_json(
        {
            "id": identifier, "rum": rum, "ics": ics, "holder": holder, "iban": iban,
            "one_off": one_off, "signed_at": moment(signed_at), "signature": signature,
        }
    )  # fmt: skip
    return chain.commitment_of(salt, told)


def state_commitment(mandate_id: str, state: str) -> str:
    """Commitment to the end of a mandate."""
    return sha256_hex(canonical_json({"mandate": mandate_id, "state": state}))


def event_hash(
    account_id: str, position: int, prev_hash: str, what: str, subject: str, commitment: str,
    at: datetime,
) -> str:  # fmt: skip
    """Hash of a link over the one before it."""
    return sha256_hex(
        canonical_json(
            {
                "account": account_id, "position": position, "previous": prev_hash, "what": what,
                "subject": subject, "commitment": commitment, "at": moment(at),
            }
        )
    )  # fmt: skip


def append(
    database: Database, account_id: str, what: str, subject: str, commitment: str, at: datetime
) -> None:
    """Add a link. The caller holds the account locked."""
    database.flush()
    connection = database.connection()
    told = database.info.get((_HEAD, account_id))
    length, head = told or _end(connection.execute(_HEAD, {"account": account_id}).first())
    sealed = event_hash(account_id, length + 1, head, what, subject, commitment, at)
    connection.execute(
        _LINK,
        {
            "account_id": account_id, "position": length + 1, "what": what, "subject": subject,
            "at": at, "prev_hash": head, "commitment": commitment, "hash": sealed,
        },
    )  # fmt: skip
    connection.execute(
        _NEW_HEAD[connection.dialect.name],
        {"account_id": account_id, "length": length + 1, "head": sealed},
    )
    know_end(database, account_id, length + 1, sealed)


def know_end(database: Database, account_id: str, length: int | None, head: str | None) -> None:
    """Where the chain of an account ends, as read by whoever holds it: not read again before the
    transaction ends. None: it has no link yet."""
    database.info[_HEAD, account_id] = _end(None if head is None else (length, head))


def _end(found: Any) -> tuple[int, str]:
    return (0, chain.START) if found is None else (found[0], found[1])


def commitment_to(transaction: LedgerTransaction, lines: Iterable[LedgerLine]) -> str:
    """Commitment to a transaction as it is kept."""
    return transaction_commitment(
        transaction.id, transaction.kind, (transaction.origin_kind, transaction.origin_id),
        transaction.booked_at, transaction.value_date,
        ((x.position, x.ledger_account, x.period, x.line_code, x.amount_cents) for x in lines),
    )  # fmt: skip


def signed(mandate: Mandate, salt: str, with_account: bool = True) -> str:
    """Commitment to a mandate as it is kept."""
    return mandate_commitment(
        salt, mandate.id, mandate.rum, mandate.ics, mandate.holder,
        mandate.iban if with_account else None, mandate.one_off, mandate.signed_at,
        mandate.signature,
    )  # fmt: skip


def mandate_signed(database: Database, mandate: Mandate) -> None:
    """Chain a mandate that was just signed."""
    if mandate.salt is None:
        raise ValueError("a mandate is signed with its salt")
    append(
        database, mandate.account_id, MANDATE + "signed", mandate.id,
        signed(mandate, mandate.salt), mandate.signed_at,
    )  # fmt: skip


def mandate_ended(database: Database, mandate: Mandate, at: datetime) -> None:
    """Chain the end of a mandate."""
    append(
        database, mandate.account_id, MANDATE + mandate.state, mandate.id,
        state_commitment(mandate.id, mandate.state), at,
    )  # fmt: skip


def given(row: Delegation) -> str:
    """Commitment to a delegation as it was given: what for and until when, never to whom."""
    return sha256_hex(
        canonical_json(
            {
                "id": row.id, "kind": row.kind, "scopes": row.scopes,
                "ends_on": row.ends_on.isoformat(), "at": moment(row.invited_at),
            }
        )
    )  # fmt: skip


def delegation_state(identifier: str, state: str) -> str:
    """Commitment to what became of a delegation."""
    return sha256_hex(canonical_json({"delegation": identifier, "state": state}))


def delegation_granted(database: Database, row: Delegation) -> None:
    """Chain an invitation to act."""
    append(database, row.account_id, DELEGATION + "given", row.id, given(row), row.invited_at)


def delegation_accepted(database: Database, row: Delegation) -> None:
    """Chain its acceptance."""
    if row.accepted_at is None:
        raise ValueError("accepted when")
    append(
        database, row.account_id, DELEGATION + "accepted", row.id,
        delegation_state(row.id, "accepted"), row.accepted_at,
    )  # fmt: skip


def delegation_ended(database: Database, row: Delegation) -> None:
    """Chain its end."""
    if row.ended_at is None:
        raise ValueError("ended when")
    append(
        database, row.account_id, DELEGATION + row.how_ended, row.id,
        delegation_state(row.id, row.how_ended), row.ended_at,
    )  # fmt: skip
