"""Passwords: what is accepted (CNIL 2022-100, ANSSI) and how it is kept (argon2id)."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.settings import Settings

SHORTEST = 12
LONGEST = 256
# Twelve characters of these are still the first that anyone tries.
COMMON = (
    "password", "motdepasse", "azerty", "qwerty", "123456", "bonjour", "soleil", "doudou",
    "marseille", "welcome", "bienvenue", "iloveyou", "jetaime", "admin", "quittance", "urssaf",
    "letmein", "chocolat", "football", "princesse", "autoentrepreneur", "abcdef",
)  # fmt: skip


def weakness(password: str, email: str) -> str | None:
    """None when `password` is accepted, else a code that says why not.

    CNIL délibération 2022-100 with throttled tries asks for 50 bits; twelve characters with some
    variety, outside what everybody tries, are above it. No class of character is imposed.
    """
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    folded = unicodedata.normalize("NFKC", password).casefold()
    plain = "".join(c for c in folded if c.isalnum())
    if len(set(folded)) < 5:
        return "password_repetitive"
    local = email.split("@")[0].casefold()
    remainder = plain
    for word in (*COMMON, local if len(local) > 3 else "quittance"):
        remainder = remainder.replace(word, "")
    if len(remainder.strip("0123456789")) < 3 and len(remainder) < 8:
        return "password_common"
    return None


@cache
def _hasher(memory: int, time: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time, memory_cost=memory, parallelism=1)


@cache
def _decoy(memory: int, time: int) -> str:
    return _hasher(memory, time).hash("a password nobody has")


def hash_password(password: str, settings: Settings) -> str:
    """argon2id of `password` (OWASP: 46 MiB, one pass)."""
    return _hasher(settings.argon2_memory_kib, settings.argon2_time).hash(
        unicodedata.normalize("NFKC", password)
    )


def verify_password(password: str, kept: str | None, settings: Settings) -> bool:
    """True when `password` is the one kept. None (no such person) costs the same work."""
    memory, time = settings.argon2_memory_kib, settings.argon2_time
    try:
        _hasher(memory, time).verify(
            kept or _decoy(memory, time), unicodedata.normalize("NFKC", password)
        )
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
