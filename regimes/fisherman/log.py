"""The log becomes the declaration; what it does to the instalments of the year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.fisherman.assess import Facts, assess_services
from regimes.fisherman.models import CrewService, Declaration, Profile, Service, Vessel, overlap
from regimes.fisherman.tables import position_of
from regimes.regime import DeclarationRefused, Model

VESSEL, SERVICE, CREW = "vessel", "service", "crew-service"

Log = Mapping[str, Mapping[str, Model]]
"""Entries by kind, then by identifier."""


def facts_of(profile: Profile) -> Facts:
    """What the computation needs of the person."""
    return Facts(profile.role, profile.birth_date, profile.honoured)


def vessels_of(log: Log) -> dict[str, Vessel]:
    """Vessels by identifier."""
    return {k: v for k, v in log.get(VESSEL, {}).items() if isinstance(v, Vessel)}


def services_of(log: Log) -> dict[str, Service]:
    """The person's own periods, by identifier."""
    return {k: v for k, v in log.get(SERVICE, {}).items() if isinstance(v, Service)}


def crew_of(log: Log) -> dict[str, CrewService]:
    """The periods of the crew, by identifier."""
    return {k: v for k, v in log.get(CREW, {}).items() if isinstance(v, CrewService)}


def check_service(
    name: str, service: Service, others: Mapping[str, Service], vessels: Mapping[str, Vessel],
    profile: Profile, today: date, rates: RateTable,
) -> None:  # fmt: skip
    """Whether a period may stand in the log beside `others`. Raises DeclarationRefused, its field
    being the answer at fault."""
    if service.end > today:
        field = "start" if service.start > today else "end"
        raise DeclarationRefused("service_future", f"{name}.{field}")
    if service.start < profile.start_date:
        raise DeclarationRefused("service_before_start", f"{name}.start")
    if profile.end_date is not None and service.end > profile.end_date:
        raise DeclarationRefused("service_after_end", f"{name}.end")
    if service.vessel not in vessels:
        raise DeclarationRefused("vessel_unknown", f"{name}.vessel")
    if position_of(service.position, service.start, rates) is None:
        raise DeclarationRefused("position_unknown", f"{name}.position")
    for other, against in others.items():
        if other != name and service.start <= against.end and against.start <= service.end:
            field = "end" if service.start < against.start else "start"
            raise DeclarationRefused("service_overlap", f"{name}.{field}")


def check_log(profile: Profile, log: Log, today: date, rates: RateTable) -> None:
    """Every period stands with every other. Raises DeclarationRefused."""
    vessels, services = vessels_of(log), services_of(log)
    clash = overlap(list(services.items()))
    if clash is not None:
        raise DeclarationRefused("service_overlap", f"{clash}.start")
    for name, service in services.items():
        check_service(name, service, {}, vessels, profile, today, rates)
    members: dict[str, list[tuple[str, Service]]] = {}
    for name, days in crew_of(log).items():
        if days.end > today:
            raise DeclarationRefused("service_future", f"{name}.end")
        if days.vessel not in vessels:
            raise DeclarationRefused("vessel_unknown", f"{name}.vessel")
        members.setdefault(days.member, []).append((name, days))
    for periods in members.values():
        clash = overlap(periods)
        if clash is not None:
            raise DeclarationRefused("service_overlap", f"{clash}.start")


def declaration_of(log: Log, start: date, end: date) -> Declaration:
    """The declaration of the days of the log from `start` to `end`; a period that straddles one of
    them is cut there."""
    periods = tuple(
        service.model_copy(
            update={"start": max(service.start, start), "end": min(service.end, end)}
        )
        for service in sorted(services_of(log).values(), key=lambda s: s.start)
        if service.start <= end and service.end >= start
    )
    return Declaration(vessels=vessels_of(log), periods=periods)


def assess_declaration(
    profile: Profile, code: str, end: date, declaration: Declaration, rates: RateTable
) -> Assessment:
    """The contributions of a year of the log."""
    return assess_services(
        code, facts_of(profile), declaration.vessels, declaration.periods, end, rates
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What the log comes to for a year: `due` so far, `called` by instalments. Euros. `partial`: a
    rate is not published."""

    days: int
    base: Decimal
    due: Decimal
    called: Decimal
    partial: bool

    @property
    def balance(self) -> Decimal:
        """Due less called: what the regularisation would be (negative: given back)."""
        return self.due - self.called
