"""VRP with several cards: what was overpaid in a year, claimed back once a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.ending import ending_option, read_end
from regimes.entries import Entries, NoEntries
from regimes.regime import (
    Alert,
    Call,
    Gauge,
    History,
    Kind,
    Option,
    OptionRefused,
    Period,
    PeriodStatus,
    RecallsAll,
    Sanction,
)
from regimes.vrp import assess as _assess
from regimes.vrp import calendar as _calendar
from regimes.vrp import entries as _entries
from regimes.vrp import inputs as _inputs
from regimes.vrp.declaration import Declaration
from regimes.vrp.overpayment import year_result
from regimes.vrp.profile import Profile

Account = Profile  # inside the class, the names Profile and Declaration are its attributes
Figures = Declaration


class MultiCardVrp(RecallsAll, NoEntries):
    """Answers of the Regime protocol for VRP. Employers file and pay each month; the VRP claims
    once a year."""

    code = _assess.CODE
    kind = Kind.CLAIM
    label = "VRP multicartes"
    form_version = 1
    package = __name__
    Profile = Account
    Declaration = Figures
    entry_models = _entries.MODELS
    linked_entries = _entries.LINKED

    def periods(self, profile: Account, today: date, rates: RateTable) -> list[Period]:
        """One a year, claimed from the year after."""
        return _calendar.periods(profile, today, rates)

    def check(
        self, profile: Account, period: Period, declaration: Figures, rates: RateTable
    ) -> None:
        """Months inside the dates of each employer. Raises DeclarationRefused."""
        _assess.check(period, declaration)

    def assess(
        self, profile: Account, period: Period, declaration: Figures, history: History,
        rates: RateTable,
    ) -> Assessment:  # fmt: skip
        """What is asked back; a year stands alone."""
        return _assess.assess(period, declaration, rates)

    def affected_by(self, profile: Account, period: Period, history: History) -> list[str]:
        """No other year."""
        return []

    def alerts(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Alert]:
        """Years not claimed whose three years run out within six months."""
        sent = {filed.period.code for filed in history}
        found = []
        for period in _calendar.periods(profile, today, rates):
            if period.code in sent or period.status is PeriodStatus.UPCOMING:
                continue
            last = _calendar.last_day(int(period.code), rates)
            route = f"/declare/{period.code}/amounts"
            if period.status is PeriodStatus.OVERDUE:
                params: dict[str, Any] = {"year": period.code, "last": last}
                found.append(Alert("vrp_year_ending", "warning", params, period.law, route))
            elif period.due - today <= timedelta(days=183):
                params = {"year": period.code, "due": period.due}
                found.append(Alert("vrp_year_whole_until", "info", params, period.law, route))
        return found

    def gauges(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Gauge]:
        """None: the year's bases come from what employers file, not from what was sent."""
        return []

    def options(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Option]:
        """The end of the activity."""
        return [
            ending_option(
                profile.start_date, profile.end_date, law="C. trav. L7311-1",
                source="https://www.urssaf.fr",
                summary="Indiquer votre dernier jour comme VRP. Les années passées restent à "
                "réclamer pendant trois ans.",
            )
        ]  # fmt: skip

    def choose(
        self, profile: Account, option: str, value: str, history: History, today: date,
        rates: RateTable,
    ) -> Account:  # fmt: skip
        """The profile once the end is stated. Raises OptionRefused."""
        if option != "cessation":
            raise OptionRefused("option_unknown", "option")
        if profile.end_date is not None:
            raise OptionRefused("option_closed", "option")
        end = read_end(value, profile.start_date, today)
        if any(int(filed.period.code) > end.year for filed in history):
            raise OptionRefused("period_already_declared")
        return profile.model_copy(update={"end_date": end})

    def schedule(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Call]:
        """Nothing is called: a claim is decided, then paid, by the collector."""
        return []

    def allocation(self) -> tuple[str, ...]:
        """Funds of the claim."""
        return ("retraite_base", "csg_crds")

    def sanctions(
        self, profile: Account, history: History,
        paid: Mapping[str, Sequence[tuple[date, Decimal]]], today: date, rates: RateTable,
    ) -> list[Sanction]:  # fmt: skip
        """None: a claim is a right."""
        return []

    def from_journal(
        self, profile: Account, entries: Sequence[Mapping[str, Any]], period: Period,
        rates: RateTable,
    ) -> Figures | None:  # fmt: skip
        """The claim that the entries of the year make; each has `id`, `kind` and its fields, read
        or not; a kind `filed` holds {siret, month, capped, uncapped, csg}. None: no employer."""
        return _entries.from_rows(int(period.code), entries)

    def check_entries(self, profile: Any, entries: Entries, today: date, rates: RateTable) -> None:
        """Employers and months hold together. Raises DeclarationRefused."""
        _entries.check_entries(entries)

    def assess_inputs(
        self, inputs: Mapping[str, Any], rates: RateTable
    ) -> tuple[dict[str, Any], Assessment]:
        """One line of `quittance assess`. Raises InputError."""
        return _inputs.assess_inputs(inputs, rates)


REGIME = MultiCardVrp()

__all__ = ["REGIME", "Declaration", "MultiCardVrp", "Profile", "year_result"]
