"""Passwords: what is accepted (CNIL 2022-100, ANSSI) and how it is kept (argon2id)."""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_left
from functools import cache
from pathlib import Path

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
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "azertyuiop", "qsdfghjklm", "wxcvbn",
    "qwertyuiop", "asdfghjkl", "zxcvbnm",
)  # fmt: skip
ROWS = (*_ROWS, *(row[::-1] for row in _ROWS))
LEAKED = Path(__file__).with_name("leaked.bin")
"""Fingerprints of passwords that leaks made public, in order (tools/leaked_passwords.py)."""
SIZE = 5
"""Bytes of each: one password in twenty million is refused by mistake."""


def weakness(password: str, email: str) -> str | None:
    """None when `password` is accepted, else a code that says why not."""
    return rule(password, email) or ("password_leaked" if leaked(password) else None)


def _folded(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold()


def fingerprint(password: str) -> bytes:
    """What stands for a password in the list of those that leaked, whatever its capitals."""
    return hashlib.sha256(_folded(password).encode("utf-8", "surrogatepass")).digest()[:SIZE]


class _Row:
    """The list as a row of fingerprints: read where it lies, not a thing each."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __len__(self) -> int:
        return len(self._content) // SIZE

    def __getitem__(self, at: int) -> bytes:
        return self._content[at * SIZE : (at + 1) * SIZE]


@cache
def _leaked() -> _Row:
    return _Row(LEAKED.read_bytes())


def leaked(password: str) -> bool:
    """True for one of the commonest passwords that leaks made public."""
    row, wanted = _leaked(), fingerprint(password)
    at = bisect_left(row, wanted)
    return at < len(row) and row[at] == wanted


def rule(password: str, email: str) -> str | None:
    """None when `password` is not one that a rule refuses, else a code that says why.

    CNIL délibération 2022-100 with throttled tries asks for 50 bits; twelve characters with some
    variety, outside what everybody tries, are above it. No class of character is imposed.
    """
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    folded = _folded(password)
    plain = "".join(c for c in folded if c.isalnum())
    if len(set(folded)) < 5:
        return "password_repetitive"
    local, _, domain = email.casefold().partition("@")
    own = [part for part in (local, *domain.split(".")) if len(part) > 3]
    remainder = plain
    for word in sorted((*COMMON, *own), key=len, reverse=True):
        remainder = remainder.replace("".join(c for c in word if c.isalnum()), "")
    if len(_without_runs(remainder)) < 6:
        return "password_common"
    return None


def _without_runs(text: str) -> str:
    """`text` without runs of four keys or letters in a row (azer, 1234, dcba)."""
    kept, i = "", 0
    while i < len(text):
        size = max(_run(text[i:], row) for row in ROWS)
        if size < 4:
            kept, size = kept + text[i], 1
        i += size
    return kept


def _run(text: str, row: str) -> int:
    """How many first characters of `text` follow one another in `row`."""
    size = 1
    while size < len(text) and text[: size + 1] in row:
        size += 1
    return size


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


def outdated(kept: str, settings: Settings) -> bool:
    """True when a hash was made with other parameters than those of the settings."""
    return _hasher(settings.argon2_memory_kib, settings.argon2_time).check_needs_rehash(kept)


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
