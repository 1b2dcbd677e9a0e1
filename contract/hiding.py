"""NIR and IBAN that people write where nobody asked for them (a message, a reason, a label): they
are kept masked, in every text that is not sealed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from pydantic_core import PydanticCustomError

from contract.identifiers import compact, iban_error, mask, masked_iban, nir_error

_GAP = r"[ .\-\u00a0\u202f\u2009\t]?"
_NIR = re.compile(rf"(?<![0-9A-Za-z])[123478](?:{_GAP}[0-9ABab]){{14}}(?![0-9A-Za-z])")
_IBAN = re.compile(
    rf"(?<![0-9A-Za-z])[A-Za-z]{{2}}{_GAP}[0-9]{_GAP}[0-9](?:{_GAP}[0-9A-Za-z]){{11,30}}"
)


def hidden(text: str) -> str:
    """`text` with each valid NIR (with its key) and each valid IBAN masked to its last characters,
    however they are spaced."""
    if sum(c.isdigit() for c in text) < 12:
        return text
    return _IBAN.sub(_iban, _NIR.sub(_nir, text))


def nobody(value: str) -> str:
    """`value`, an identifier that a client made. Raises when it is somebody's NIR or IBAN: it
    would lie in clear in addresses, and in the database."""
    if hidden(value) != value:
        raise PydanticCustomError("string_pattern_mismatch", "an identifier of one's own making")
    return value


def fresh_id() -> str:
    """An identifier of a client's own making (22 characters, 80 bits). Chance alone writes an IBAN
    in plain hexadecimal (Belgium's and Estonia's begin BE and EE): what begins it here cannot."""
    return f"x0{secrets.token_hex(10)}"


def hidden_within(value: Any) -> Any:
    """The same in every text of a JSON value."""
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, list):
        return [hidden_within(item) for item in value]
    if isinstance(value, dict):
        return {name: hidden_within(item) for name, item in value.items()}
    return value


def _nir(found: re.Match[str]) -> str:
    return _masked(found[0], nir_error, lambda nir: mask(nir))


def _iban(found: re.Match[str]) -> str:
    """The words after an IBAN may look like its end: the longest valid beginning counts."""
    text = found[0]
    for end in range(len(text), 14, -1):
        if not text[end - 1].isalnum() or (end < len(text) and text[end].isalnum()):
            continue  # between two groups, or in the middle of a word
        told = _masked(text[:end], iban_error, masked_iban)
        if told != text[:end]:
            return told + text[end:]
    return text


def _masked(
    text: str, error: Callable[[str], str | None], shown: Callable[[str], str]
) -> str:  # fmt: skip
    return text if error(text) is not None else shown(compact(text).upper())
