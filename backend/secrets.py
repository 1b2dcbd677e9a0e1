"""Random tokens and their hashes: the database never holds a token that works."""

from __future__ import annotations

import hashlib
import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_token() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token. A plain hash is enough: the token is random."""
    return hashlib.sha256(token.encode()).hexdigest()


def human_code(length: int) -> str:
    """`length` random characters without look-alikes (Crockford base 32)."""
    return "".join(CROCKFORD[byte % 32] for byte in secrets.token_bytes(length))  # 256 = 8 × 32


def read_code(text: str) -> str:
    """A code as typed by a person: case, spaces, dashes and look-alikes forgiven."""
    kept = "".join(c for c in text.upper() if c.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))


def grouped(code: str, size: int = 5) -> str:
    """`code` in groups that people can read aloud."""
    return "-".join(code[i : i + size] for i in range(0, len(code), size))
