"""Contracted doctors (praticiens et auxiliaires médicaux conventionnés), incomes of 2023 on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.doctor_pamc import alerts as _alerts
from regimes.doctor_pamc import assess as _assess
from regimes.doctor_pamc import calendar as _calendar
from regimes.doctor_pamc import inputs as _inputs
from regimes.doctor_pamc import options as _options
from regimes.doctor_pamc import schedule as _schedule
from regimes.doctor_pamc.declaration import Box, Declaration, boxes
from regimes.doctor_pamc.profile import Profile, YearIncome
from regimes.entries import NoEntries
from regimes.regime import (
    Alert,
    Call,
    DeclarationRefused,
    Gauge,
    History,
    Kind,
    Option,
    Period,
    RecallsAll,
    Sanction,
)

Account = Profile  # inside the class, the names Profile and Declaration are its attributes
Figures = Declaration


class ContractedDoctor(RecallsAll, NoEntries):
    """Answers of the Regime protocol for contracted doctors. The boxes are prepared here and filed
    with the income tax; what the collector receives is the income they come to."""

    code = _assess.CODE
    kind = Kind.PREPARATION
    label = "Médecin conventionné (PAMC)"
    form_version = 1
    scheduled = True
    package = __name__
    Profile = Account
    Declaration = Figures

    def periods(self, profile: Account, today: date, rates: RateTable) -> list[Period]:
        """One a civil year of income."""
        return _calendar.periods(profile, today, rates)

    def check(
        self, profile: Account, period: Period, declaration: Figures, rates: RateTable
    ) -> None:
        """The day of the tax filing follows the year. Raises DeclarationRefused."""
        if declaration.filed_on is not None and declaration.filed_on <= period.end:
            raise DeclarationRefused("filed_before_the_end", "filed_on")

    def assess(
        self, profile: Account, period: Period, declaration: Figures, history: History,
        rates: RateTable,
    ) -> Assessment:  # fmt: skip
        """Urssaf's part is due here; the pension fund's is an estimate beside it."""
        return _assess.assess(profile, period, declaration, rates)

    def affected_by(self, profile: Account, period: Period, history: History) -> list[str]:
        """None: another year has its own income; provisional calls follow by themselves."""
        return []

    def alerts(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Alert]:
        """What to know today."""
        return _alerts.alerts(profile, history, today, rates)

    def gauges(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Gauge]:
        """None: no ceiling bounds this régime."""
        return []

    def options(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Option]:
        """Rights and events with their windows."""
        return _options.options(profile, history, today, rates)

    def choose(
        self, profile: Account, option: str, value: str, history: History, today: date,
        rates: RateTable,
    ) -> Account:  # fmt: skip
        """The profile once an option is used. Raises OptionRefused."""
        return _options.choose(profile, option, value, history, today, rates)

    def schedule(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Call]:
        """Provisional calls of each year, then its regularisation."""
        return _schedule.schedule(profile, history, today, rates)

    def allocation(self) -> tuple[str, ...]:
        """Order of a partial payment (CSS D133-4)."""
        return ("csg_crds", "health", "family", "training", "unions")

    def sanctions(
        self, profile: Account, history: History,
        paid: Mapping[str, Sequence[tuple[date, Decimal]]], today: date, rates: RateTable,
    ) -> list[Sanction]:  # fmt: skip
        """None here: the return is the tax office's, surcharges on calls are not established."""
        return []

    def from_journal(
        self, profile: Account, entries: Sequence[Mapping[str, Any]], period: Period,
        rates: RateTable,
    ) -> Figures | None:  # fmt: skip
        """No journal: figures come from the 2035 and the SNIR statement."""
        return None

    def assess_inputs(
        self, inputs: Mapping[str, Any], rates: RateTable
    ) -> tuple[dict[str, Any], Assessment]:
        """One line of `quittance assess`. Raises InputError."""
        return _inputs.assess_inputs(inputs, rates)


REGIME = ContractedDoctor()

__all__ = [
    "REGIME", "Box", "ContractedDoctor", "Declaration", "Profile", "YearIncome", "boxes",
]  # fmt: skip
