"""Canonical texts and their fingerprints: what is signed is the calculation that was shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from regimes.assessment import Assessment
from regimes.money import plain


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys, no space, Decimals as plain strings, dates in ISO 8601.

    Two equal values give the same bytes on every machine. Raises TypeError for a float: money that
    went through one cannot be signed.
    """
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data`, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def assessment_fingerprint(declaration: BaseModel, assessment: Assessment) -> str:
    """Fingerprint of a declaration and of the calculation shown for it.

    Covers the figures, each line (code, base, rate, amount), what is due, and the version of the
    rates; not the labels, so that a translation or a reworded note changes nothing.
    """
    return sha256_hex(
        canonical_json(
            {
                "regime": assessment.regime,
                "period": assessment.period,
                "rates": assessment.rates_version,
                "declaration": declaration.model_dump(mode="json"),
                "lines": [
                    [line.code, line.base, line.rate, line.amount, line.status]
                    for line in assessment.lines
                ],
                "due": assessment.due,
            }
        )
    )


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool:
        return value
    if kind is dict:
        return {key if type(key) is str else str(key): _plain(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_plain(item) for item in value]
    if kind is Decimal:
        return plain(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"{kind.__name__} has no canonical text")
