"""Read one line of `quittance assess` for a VRP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.reading import amount_of, date_of, refuse_unknown
from regimes.regime import InputError
from regimes.vrp.assess import assessment_of, exact_of
from regimes.vrp.calendar import FIRST_YEAR
from regimes.vrp.declaration import Declaration
from regimes.vrp.overpayment import year_result

INPUTS = ("date", "employers", "expenses")
EMPLOYER = ("siret", "name", "agricultural", "start", "end", "months")
MONTH = ("month", "gross", "dfs", "filed")
BASES = ("capped", "uncapped", "csg")


def assess_inputs(inputs: Mapping[str, Any], rates: RateTable) -> tuple[dict[str, Any], Assessment]:
    """{date, employers: [{siret, months: [{month, gross, dfs, filed}]}], expenses}: the year of
    `date`. A month is 3 or "2026-03"; `expenses` one amount or a list of {category, amount,
    siret}. Raises InputError."""
    refuse_unknown(inputs, INPUTS)
    on = date_of(inputs, "date")
    if not FIRST_YEAR <= on.year <= 2100:
        raise InputError("date_out_of_range", "date", f"rates are known from {FIRST_YEAR} on")
    data = {
        "employers": [
            _employer(item, f"employers.{at}", on)
            for at, item in enumerate(_list(inputs, "employers"))
        ],
        "expenses": _expenses(inputs),
    }
    try:
        declaration = Declaration.model_validate(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "employers"
        raise InputError(fault["type"], where, fault["msg"]) from None
    result = year_result(declaration, on.year, rates)
    return dict(exact_of(result)), assessment_of(result, rates)


def _list(inputs: Mapping[str, Any], name: str) -> list[Any]:
    value = inputs.get(name, [])
    if not isinstance(value, list):
        raise InputError("list_expected", name, f"{name} is a list")
    return value


def _object(value: Any, where: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError("object_expected", where, f"{where} is an object")
    unknown = set(value) - set(known)
    if unknown:
        raise InputError("unknown_field", f"{where}.{min(unknown)}", "this input is not known")
    return value


def _amount(value: Mapping[str, Any], name: str, where: str) -> Decimal:
    try:
        amount = amount_of(value, name, most=Decimal("99999999.99"))
    except InputError as error:
        raise InputError(error.code, f"{where}.{name}", error.message) from None
    if amount != amount.quantize(Decimal("0.01")):
        raise InputError("amount_too_precise", f"{where}.{name}", "at most two decimals")
    return amount.quantize(Decimal("0.01"))


def _employer(raw: Any, where: str, on: date) -> dict[str, Any]:
    value = _object(raw, where, EMPLOYER)
    found = {name: item for name, item in value.items() if name != "months"}
    if not isinstance(value.get("siret"), str):
        raise InputError("siret_characters", f"{where}.siret", "a SIRET of 14 digits, as a text")
    months = value.get("months", [])
    if not isinstance(months, list):
        raise InputError("list_expected", f"{where}.months", "months is a list")
    found["months"] = [_month(item, f"{where}.months.{at}", on) for at, item in enumerate(months)]
    return found


def _month(raw: Any, where: str, on: date) -> dict[str, Any]:
    value = _object(raw, where, MONTH)
    month = value.get("month")
    if isinstance(month, str) and month[:5] == f"{on.year}-" and month[5:].isdecimal():
        month = int(month[5:])
    if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= 12:
        raise InputError("month_malformed", f"{where}.month",
                         "a month of the year of the date: 3 or 2026-03")  # fmt: skip
    dfs = value.get("dfs", False)
    if not isinstance(dfs, bool):
        raise InputError("not_boolean", f"{where}.dfs", "dfs is true or false")
    found: dict[str, Any] = {"month": month, "gross": _amount(value, "gross", where), "dfs": dfs}
    filed = value.get("filed")
    if filed is not None:
        bases = _object(filed, f"{where}.filed", BASES)
        found["filed"] = {
            name: _amount(bases, name, f"{where}.filed")
            for name in BASES
            if bases.get(name) is not None
        }
    return found


def _expenses(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    value = inputs.get("expenses")
    if value is None:
        return []
    if not isinstance(value, list):
        return [{"category": "other", "amount": _amount(inputs, "expenses", "inputs")}]
    found = []
    for at, raw in enumerate(value):
        where = f"expenses.{at}"
        item = _object(raw, where, ("category", "amount", "siret"))
        found.append({"category": item.get("category", "other"), "siret": item.get("siret"),
                      "amount": _amount(item, "amount", where)})  # fmt: skip
    return found
