"""`quittance assess`: JSON lines in, JSON lines out, for any régime of the registry."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TextIO

from backend.ratefiles import folder_of_environment, read_folder
from contract.rates import completed_rates, shipped_rates
from regimes.assessment import Assessment
from regimes.dated import RatesError, RateTable
from regimes.money import plain
from regimes.regime import InputError
from regimes.registry import REGISTRY

LONGEST = 1_000_000  # characters of one line
LONGEST_NUMBER = 400  # digits of one whole number
_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(value: Any) -> str:
    """JSON text of `value` with each Decimal printed digit for digit, never through a float."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        inside = ",".join(f"{dumps(str(key))}:{dumps(item)}" for key, item in value.items())
        return "{" + inside + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    text = json.dumps(value, ensure_ascii=False)
    # Half of a surrogate pair is legal in JSON but has no UTF-8: it goes out escaped, as it came.
    return text if text.isascii() or not _SURROGATE.search(text) else json.dumps(value)


def run(source: TextIO, target: TextIO) -> int:
    """Assess each line of `source` and print one line each to `target`.

    A bad line prints an error and the rest goes on. Returns 1 if any line was bad, 2 if the
    operator's rates cannot be read, else 0.
    """
    try:
        tables = completed_rates(REGISTRY, read_folder(folder_of_environment()))
    except RatesError as error:
        print(error, file=sys.stderr)
        return 2
    status = 0
    for text in source:
        if not text.strip():
            continue
        answer = answer_line(text, tables)
        if "error" in answer:
            status = 1
        target.write(dumps(answer) + "\n")
        target.flush()
    return status


def answer_line(text: str, tables: Mapping[str, RateTable] | None = None) -> dict[str, Any]:
    """The answer to one line: exact values, lines and due; or an error with code and field.

    `tables` by profession; the shipped ones without.
    """
    if len(text) > LONGEST:
        return _error(None, "line_too_long", "", "the line is too long")
    try:
        line = json.loads(text, parse_float=_number, parse_int=_whole, parse_constant=_number)
    except (ValueError, RecursionError):
        return _error(None, "json_malformed", "", "the line is not JSON")
    if not isinstance(line, dict):
        return _error(None, "json_not_object", "", "the line is not a JSON object")
    found = line.get("id")
    number = found if isinstance(found, str | int) else None
    code = line.get("regime")
    if not isinstance(code, str) or code not in REGISTRY:
        return _error(number, "regime_unknown", "regime", "no such régime")
    inputs = line.get("inputs")
    if not isinstance(inputs, dict):
        return _error(number, "inputs_missing", "inputs", "inputs is a JSON object")
    regime = REGISTRY.get(code)
    try:
        rates = (tables or {}).get(code) or shipped_rates(regime)
        exact, assessment = regime.assess_inputs(inputs, rates)
    except InputError as error:
        return _error(number, error.code, error.field, error.message)
    return {
        "id": number,
        "exact": exact,
        "lines": _lines(assessment),
        "due": _due(assessment.due),
        **({"partial": True} if assessment.partial else {}),
    }


def _due(amount: Decimal) -> int | Decimal:
    """Whole euros, as the law rounds them; a claim keeps its cents."""
    return int(amount) if amount == amount.to_integral_value() else amount


def _lines(assessment: Assessment) -> list[dict[str, Any]]:
    return [
        {
            "code": line.code,
            "label": line.label,
            "base": line.base,
            "rate": line.rate,
            "amount": line.amount,
            "law": line.law,
            "status": line.status.value,
            **({"apart": line.apart} if line.apart else {}),
        }
        for line in assessment.lines
    ]


def _error(number: Any, code: str, field: str, message: str) -> dict[str, Any]:
    return {"id": number, "error": {"code": code, "field": field, "message": message}}


def _number(text: str) -> Decimal:
    """A number as written; NaN, Infinity and what no Decimal holds stay in, for the régime to
    refuse with the name of the field."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal("NaN")


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONGEST_NUMBER else Decimal("NaN")
