"""Inputs of `quittance assess` for this régime."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast, get_args

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.fisherman.assess import Facts, assess_services
from regimes.fisherman.models import EARLIEST, Navigation, Role, Service, Vessel, overlap
from regimes.fisherman.tables import POSITIONS
from regimes.reading import amount_of, choice_of, date_of, flag_of, refuse_unknown
from regimes.regime import InputError

KEYS = frozenset({"date", "role", "birth_date", "vessels", "periods", "honoured"})
VESSEL_KEYS = frozenset(
    {"length_m", "tonnage", "oslo_certificate_before_1986", "insured", "navigation"}
)
PERIOD_KEYS = frozenset(
    {"start", "end", "vessel", "owner_embarked", "category", "position", "ratio"}
)
MOST = 400


def assess_inputs(inputs: Mapping[str, Any], rates: RateTable) -> tuple[dict[str, Any], Assessment]:
    """Exact values and the assessment of one line: `date`, `role` (owner, crew, spouse),
    `birth_date`, `vessels` by name, `periods`. `ratio` is a fraction of full time (1). Raises
    InputError."""
    refuse_unknown(inputs, KEYS)
    on = date_of(inputs, "date")
    if on < EARLIEST:
        raise InputError("date_too_early", "date", "the first grid is that of 2023-04-01")
    born = date_of(inputs, "birth_date") if inputs.get("birth_date") is not None else None
    role = choice_of(inputs, "role", get_args(Role), "owner")
    facts = Facts(role, born, flag_of(inputs, "honoured"))
    names, vessels = _vessels(inputs)
    services = _periods(inputs, names)
    clash = overlap([(str(n), s) for n, s in enumerate(services)])
    if clash is not None:
        raise InputError("periods_overlap", f"periods.{clash}.start", "a day counts once")
    found = assess_services(str(on.year), facts, vessels, services, on, rates)
    exact: dict[str, Any] = {
        "base": found.figures[0].retained,
        "total": found.exact_due,
        "by_fund": {share.fund: share.exact for share in found.shares},
        "days": sum((s.end - s.start).days + 1 for s in services),
    }
    return exact, found


def _vessels(inputs: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Vessel]]:
    given = inputs.get("vessels")
    if not isinstance(given, Mapping) or not given or len(given) > 20:
        raise InputError("vessels_missing", "vessels", "vessels is an object of 1 to 20 vessels")
    names, vessels = {}, {}
    for number, (name, raw) in enumerate(given.items()):
        with _Under(f"vessels.{name}"):
            if not isinstance(raw, Mapping):
                raise InputError("vessel_malformed", "name", "a vessel is an object")
            names[name] = f"v{number}"
            vessels[f"v{number}"] = _vessel(name, raw)
    return names, vessels


def _vessel(name: str, raw: Mapping[str, Any]) -> Vessel:
    refuse_unknown(raw, VESSEL_KEYS)
    tonnage = None
    if raw.get("tonnage") is not None:
        tonnage = amount_of(raw, "tonnage", most=Decimal(20000))
    old = flag_of(raw, "oslo_certificate_before_1986")
    if old and tonnage is None:
        raise InputError("tonnage_required", "tonnage", "an Oslo certificate needs it")
    navigation = choice_of(raw, "navigation", get_args(Navigation), "petite_peche")
    return Vessel.model_construct(
        name=name, registration="", power_kw=None, tonnage=tonnage,
        length_m=amount_of(raw, "length_m", least=Decimal("0.01"), most=Decimal(200)),
        navigation=cast("Navigation", navigation), oslo_certificate_before_1986=old,
        insured=flag_of({"insured": True, **raw}, "insured"), owners_embarked=True,
    )  # fmt: skip


def _periods(inputs: Mapping[str, Any], names: Mapping[str, str]) -> list[Service]:
    given = inputs.get("periods")
    if not isinstance(given, list) or len(given) > MOST:
        raise InputError("periods_missing", "periods", f"periods is a list of at most {MOST}")
    found = []
    for number, raw in enumerate(given):
        with _Under(f"periods.{number}"):
            if not isinstance(raw, Mapping):
                raise InputError("period_malformed", "start", "a period is an object")
            found.append(_period(raw, names))
    return found


def _period(raw: Mapping[str, Any], names: Mapping[str, str]) -> Service:
    refuse_unknown(raw, PERIOD_KEYS)
    start, end = date_of(raw, "start"), date_of(raw, "end")
    if start < EARLIEST:
        raise InputError("date_too_early", "start", "the first grid is that of 2023-04-01")
    if end < start or (end - start).days > 366 or end.year > 2100:
        raise InputError("end_out_of_range", "end", "from the start, a year at most")
    vessel = raw.get("vessel")
    if not isinstance(vessel, str) or vessel not in names:
        raise InputError("vessel_unknown", "vessel", "one of vessels")
    category = amount_of(raw, "category", least=Decimal(1), most=Decimal(20))
    if category != int(category):
        raise InputError("category_unknown", "category", "a whole number from 1 to 20")
    ratio = amount_of(raw, "ratio", Decimal(1), least=Decimal("0.0001"), most=Decimal(1))
    return Service.model_construct(
        start=start, end=end, vessel=names[vessel], function="", category=int(category),
        upgraded=False, position=choice_of(raw, "position", POSITIONS, "00"), ratio=ratio * 100,
        owner_embarked=flag_of({"owner_embarked": True, **raw}, "owner_embarked"),
    )  # fmt: skip


class _Under:
    """Puts `where` before the field of an InputError."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, InputError):
            field = f"{self._where}.{error.field}"
            raise InputError(error.code, field, error.message) from None
