"""Read the inputs of `quittance assess`: every fault names its field. Raises InputError."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from regimes.regime import InputError

MOST = Decimal(10) ** 12
DECIMALS = 12  # beyond, an amount is noise and its products would not be exact
PLAIN = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,12})?")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def refuse_unknown(inputs: Mapping[str, Any], known: Collection[str]) -> None:
    """Every input must be one of `known`."""
    unknown = set(inputs) - set(known)
    if unknown:
        raise InputError("unknown_field", min(unknown), "this input is not known")


def date_of(inputs: Mapping[str, Any], name: str) -> date:
    """A day written as 2026-10-31."""
    value = inputs.get(name)
    try:
        if isinstance(value, str) and ISO_DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InputError("date_malformed", name, f"{name} is a date such as 2026-10-31")


def amount_of(
    inputs: Mapping[str, Any], name: str, default: Decimal | None = None,
    least: Decimal = Decimal(0), most: Decimal = MOST,
) -> Decimal:  # fmt: skip
    """A number from `least` to `most`; `default` when it is not given."""
    value = inputs.get(name, default)
    text = isinstance(value, str) and PLAIN.fullmatch(value) is not None
    if isinstance(value, bool) or not (text or isinstance(value, int | Decimal)):
        raise InputError("amount_malformed", name, f"{name} is a JSON number")
    amount = Decimal(value)
    if not amount.is_finite() or not least <= amount <= most:
        raise InputError("amount_out_of_range", name, f"{name} is from {least} to {most}")
    if int(amount.as_tuple().exponent) < -DECIMALS:
        raise InputError("amount_too_precise", name, f"at most {DECIMALS} decimals")
    return amount


def choice_of(
    inputs: Mapping[str, Any], name: str, among: tuple[str, ...], default: str | None = None
) -> str:
    """One of `among`."""
    value = inputs.get(name, default)
    if not isinstance(value, str) or value not in among:
        raise InputError("choice_unknown", name, f"{name} is one of {', '.join(among)}")
    return value


def flag_of(inputs: Mapping[str, Any], name: str) -> bool:
    """True or false; false when it is not given."""
    value = inputs.get(name, False)
    if not isinstance(value, bool):
        raise InputError("not_boolean", name, f"{name} is true or false")
    return value
