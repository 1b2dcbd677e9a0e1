"""Decimal euros and the roundings that the law names. Never a float."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer
from pydantic_core import PydanticCustomError

ZERO = Decimal(0)
ONE = Decimal(1)
CENT = Decimal("0.01")
TENTH = Decimal("0.1")

_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?")


def round_euro(amount: Decimal) -> Decimal:
    """Nearest whole euro, a half counts as one. CSS L133-10 (contributions and declared bases)."""
    return amount.quantize(ONE, ROUND_HALF_UP)


def round_cent(amount: Decimal) -> Decimal:
    """Nearest cent, a half counts as one."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def ceil_euro(amount: Decimal) -> Decimal:
    """Next whole euro up. CSS R613-9 (penalties)."""
    return amount.quantize(ONE, ROUND_CEILING)


def ceil_tenth(rate: Decimal) -> Decimal:
    """Next tenth of a point up. CSS D131-6-3 and D756-5 (reduced rates)."""
    return rate.quantize(TENTH, ROUND_CEILING)


def percent_of(base: Decimal, rate: Decimal) -> Decimal:
    """Exact `base` (euros) × `rate` (percent); no rounding."""
    return (base * rate).scaleb(-2)


def largest_remainder(
    total: Decimal, weights: list[Decimal], unit: Decimal = CENT
) -> list[Decimal]:
    """Split `total` euros along `weights` into multiples of `unit` that add up to `total` exactly.

    `total` must itself be a multiple of `unit`. Ties go to the earlier weight, so that the split is
    reproducible. All weights zero: everything goes to the first.
    """
    if not weights:
        return []
    whole = sum(weights, ZERO)
    if whole == 0:
        return [total] + [ZERO] * (len(weights) - 1)
    sign = -1 if total < 0 else 1
    units = int((abs(total) / unit).to_integral_value())
    exact = [units * w / whole for w in weights]
    floors = [int(e) for e in exact]
    order = sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: units - sum(floors)]:
        floors[i] += 1
    return [sign * n * unit for n in floors]


def _wire_euros(value: Any) -> Any:
    """Amounts cross as strings or whole numbers; a binary float has already lost the figure."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise PydanticCustomError("amount_not_finite", "An amount is a finite number of euros")
        return value
    if isinstance(value, (bool, float)):
        raise PydanticCustomError(
            "amount_float", 'An amount is a string such as "1234.56" or a whole number'
        )
    if isinstance(value, int):
        if abs(value) > 10**15:
            raise PydanticCustomError("amount_too_large", "The amount is too large")
        return Decimal(value)
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return Decimal(value)
    raise PydanticCustomError(
        "amount_malformed", 'An amount is digits with a point and at most two decimals: "1234.56"'
    )


def plain(amount: Decimal) -> str:
    """Canonical text of a Decimal: no exponent, no trailing zero, no negative zero."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


Euros = Annotated[
    Decimal,
    BeforeValidator(_wire_euros, json_schema_input_type=str | int),
    PlainSerializer(plain, return_type=str, when_used="json"),
]
"""Euros on the wire: a string with at most two decimals, or a whole number."""

DeclaredEuros = Annotated[Euros, Field(ge=0, le=Decimal("99999999.99"))]
"""Euros a person declares: zero or more, under one hundred million."""
