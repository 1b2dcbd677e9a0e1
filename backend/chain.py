"""The chain of an account's submissions: append-only, verifiable, erasable.

The chain holds a salted commitment to each payload, never the payload: erasing a payload and its
salt at the end of its retention leaves the chain whole.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from contract.canonical import canonical_json, sha256_hex

START = "0" * 64


@dataclass(frozen=True)
class Link:
    """One link, ready to be stored."""

    index: int
    prev_hash: str
    salt: str
    commitment: str
    hash: str


def commitment_of(salt: str, payload: bytes) -> str:
    """Commitment to `payload`: without the salt, small payloads could be guessed from it."""
    return sha256_hex(bytes.fromhex(salt) + payload)


def link_hash(
    account_id: str, index: int, prev_hash: str, commitment: str, number: str, received_at: datetime
) -> str:
    """Hash of a link over the one before it."""
    return sha256_hex(
        canonical_json(
            {
                "account": account_id, "index": index, "previous": prev_hash,
                "commitment": commitment, "number": number,
                "received_at": received_at.isoformat(timespec="microseconds"),
            }
        )
    )  # fmt: skip


def next_link(
    account_id: str, length: int, head: str, payload: bytes, number: str, received_at: datetime
) -> Link:
    """The link after `head` for `payload`."""
    salt = secrets.token_hex(32)
    commitment = commitment_of(salt, payload)
    index = length + 1
    return Link(
        index, head, salt, commitment,
        link_hash(account_id, index, head, commitment, number, received_at),
    )  # fmt: skip
