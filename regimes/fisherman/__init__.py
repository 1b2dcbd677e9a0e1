"""Sea fishermen (Enim régime, collected by Urssaf), from the grid of 1 April 2023 on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.ending import ending_option, read_end
from regimes.entries import Entries
from regimes.fisherman import assess as _assess
from regimes.fisherman import calendar as _calendar
from regimes.fisherman import inputs as _inputs
from regimes.fisherman import log as _log
from regimes.fisherman.models import CrewService, Declaration, Profile, Service, Vessel, overlap
from regimes.regime import (
    Alert,
    Call,
    DeclarationRefused,
    Gauge,
    History,
    Kind,
    Model,
    Option,
    OptionRefused,
    Period,
    PeriodStatus,
    RecallsAll,
    Sanction,
)

Account = Profile  # inside the class, the names Profile and Declaration are its attributes
Year = Declaration
ENDING_SOURCE = "https://marins.urssaf.fr/"
SUMMARY_ENDING = "Indiquer votre dernier jour de navigation pour votre compte."


class SeaFisherman(RecallsAll):
    """Answers of the Regime protocol for self-employed fishermen and their spouses."""

    code = _assess.CODE
    kind = Kind.DECLARATION
    label = "Marin pêcheur"
    form_version = 1
    package = __name__
    Profile = Account
    Declaration = Year
    entry_models: Mapping[str, type[Model]] = {
        _log.VESSEL: Vessel, _log.SERVICE: Service, _log.CREW: CrewService,
    }  # fmt: skip
    linked_entries = frozenset({_log.VESSEL, _log.SERVICE, _log.CREW})
    activity_labels: Mapping[str, str] = MappingProxyType({})
    scheduled = True

    def periods(self, profile: Account, today: date, rates: RateTable) -> list[Period]:
        """One a year."""
        return _calendar.periods(profile, today, rates)

    def check(self, profile: Account, period: Period, declaration: Year, rates: RateTable) -> None:
        """Days of the year, each once, on a known vessel. Raises DeclarationRefused."""
        for number, service in enumerate(declaration.periods):
            where = f"periods.{number}"
            if service.start < period.start or service.end > period.end:
                raise DeclarationRefused("service_out_of_year", f"{where}.start")
            if service.vessel not in declaration.vessels:
                raise DeclarationRefused("vessel_unknown", f"{where}.vessel")
        clash = overlap([(str(n), s) for n, s in enumerate(declaration.periods)])
        if clash is not None:
            raise DeclarationRefused("service_overlap", f"periods.{clash}.start")

    def assess(
        self, profile: Account, period: Period, declaration: Year, history: History,
        rates: RateTable,
    ) -> Assessment:  # fmt: skip
        """Flat wages of the days, and the lines of the year."""
        return _log.assess_declaration(profile, period.code, period.end, declaration, rates)

    def affected_by(self, profile: Account, period: Period, history: History) -> list[str]:
        """None: each year stands by itself."""
        return []

    def alerts(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Alert]:
        """The year to validate before 28 February."""
        sent = {f.period.code for f in history}
        found = []
        for period in _calendar.periods(profile, today, rates):
            if period.code in sent or period.status is PeriodStatus.UPCOMING:
                continue
            late = period.status is PeriodStatus.OVERDUE
            found.append(
                Alert("sea_validate", "urgent" if late else "warning",
                      {"year": period.end.year, "due": period.due}, period.law,
                      f"/mer/valider/{period.code}")
            )  # fmt: skip
        return found

    def gauges(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Gauge]:
        """None: no ceiling."""
        return []

    def options(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Option]:
        """The end of the activity."""
        return [
            ending_option(profile.start_date, profile.end_date, _calendar.LAW, ENDING_SOURCE,
                          SUMMARY_ENDING)
        ]  # fmt: skip

    def choose(
        self, profile: Account, option: str, value: str, history: History, today: date,
        rates: RateTable,
    ) -> Account:  # fmt: skip
        """The profile with its last day. Raises OptionRefused."""
        if option != "cessation":
            raise OptionRefused("option_unknown", "option")
        if profile.end_date is not None:
            raise OptionRefused("option_closed")
        return profile.model_copy(update={"end_date": read_end(value, profile.start_date, today)})

    def schedule(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Call]:
        """Instalments by quarter, then the regularisation of each year validated."""
        return _calendar.schedule(profile, history, today, rates)

    def allocation(self) -> tuple[str, ...]:
        """Order of a partial payment: no text found for this service, the general one."""
        return ("csg_crds", "enim_cgp", "enim_crm", "caf", "formation")

    def sanctions(
        self, profile: Account, history: History,
        paid: Mapping[str, Sequence[tuple[date, Decimal]]], today: date, rates: RateTable,
    ) -> list[Sanction]:  # fmt: skip
        """None: the surcharges of this service are not established."""
        return []

    def check_entries(
        self, profile: Account, entries: Entries, today: date, rates: RateTable
    ) -> None:
        """No overlap, no future, a known vessel and position. Raises DeclarationRefused."""
        _log.check_log(profile, entries, today, rates)

    def from_journal(
        self, profile: Account, entries: Sequence[Mapping[str, Any]], period: Period,
        rates: RateTable,
    ) -> Year | None:  # fmt: skip
        """The declaration of the log's entries {id, kind, data}; None when it holds no day."""
        log: dict[str, dict[str, Model]] = {kind: {} for kind in self.entry_models}
        for entry in entries:
            model = self.entry_models.get(str(entry.get("kind", "")))
            if model is None:
                continue
            try:
                log[entry["kind"]][entry["id"]] = model.model_validate(entry["data"])
            except ValidationError:
                continue  # written by a newer app
        found = _log.declaration_of(log, period.start, period.end)
        return found if found.periods else None

    def effect(
        self, profile: Account, log: Entries, history: History, year: int, rates: RateTable
    ) -> _log.Effect:
        """What the log comes to in `year`, against the instalments called."""
        start = max(profile.start_date, date(year, 1, 1))
        end = date(year, 12, 31)
        declaration = _log.declaration_of(log, start, end)
        found = _log.assess_declaration(profile, str(year), end, declaration, rates)
        return _log.Effect(
            sum((s.end - s.start).days + 1 for s in declaration.periods),
            found.figures[0].retained, found.due,
            _calendar.called(profile, history, year, rates), found.partial,
        )  # fmt: skip

    def assess_inputs(
        self, inputs: Mapping[str, Any], rates: RateTable
    ) -> tuple[dict[str, Any], Assessment]:
        """One `quittance assess` line. Raises InputError."""
        return _inputs.assess_inputs(inputs, rates)


REGIME = SeaFisherman()
