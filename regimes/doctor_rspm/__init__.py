"""Replacement doctors under the simplified scheme (RSPM), from 2020 on. CSS L642-4-2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.doctor_rspm import assess as _assess
from regimes.doctor_rspm import calendar as _calendar
from regimes.doctor_rspm import ceilings as _ceilings
from regimes.doctor_rspm import inputs as _inputs
from regimes.doctor_rspm import options as _options
from regimes.doctor_rspm.declaration import Declaration
from regimes.doctor_rspm.profile import Profile
from regimes.entries import Entries, NoEntries
from regimes.journal import ENTRY_MODELS, RECEIPT, check_receipts
from regimes.money import ZERO
from regimes.regime import (
    Alert,
    Call,
    Filed,
    Gauge,
    History,
    Kind,
    Move,
    Option,
    Period,
    PeriodStatus,
    RecallsAll,
    Sanction,
)

ACTIVITY_LABELS: dict[str, str] = {"fees": "Honoraires"}

Account = Profile  # inside the class, the names Profile and Declaration are its attributes
Figures = Declaration


class ReplacementDoctor(RecallsAll, NoEntries):
    """Answers of the Regime protocol for replacement doctors. Urssaf collects everything, the
    pension fund's part included."""

    code = _assess.CODE
    kind = Kind.DECLARATION
    label = "Médecin remplaçant (régime simplifié)"
    form_version = 1
    package = __name__
    entry_models = ENTRY_MODELS
    linked_entries = frozenset({RECEIPT})
    activity_labels = ACTIVITY_LABELS
    Profile = Account
    Declaration = Figures

    def periods(self, profile: Account, today: date, rates: RateTable) -> list[Period]:
        """Quarters, or months by option, none of them due when nothing was earned."""
        return _calendar.periods(profile, today, rates)

    def check(
        self, profile: Account, period: Period, declaration: Figures, rates: RateTable
    ) -> None:
        """Nothing to refuse: zero is lawful in a correction, the screen refuses it elsewhere."""

    def assess(
        self, profile: Account, period: Period, declaration: Figures, history: History,
        rates: RateTable,
    ) -> Assessment:  # fmt: skip
        """Two rates on the running total of the civil year."""
        return _assess.assess(profile, period, declaration, history, rates)

    def affected_by(self, profile: Account, period: Period, history: History) -> list[str]:
        """Later declared periods of the same civil year: their place in the bands moves."""
        return [
            filed.period.code
            for filed in sorted(history, key=lambda f: f.period.start)
            if filed.period.start > period.start and filed.period.end.year == period.end.year
        ]

    def alerts(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Alert]:
        """Ceilings, the end of the régime, quarters left empty, the window of the periodicity."""
        found = _ceilings.alerts(profile, history, today, rates)
        sent = {f.period.code for f in history}
        empty = [
            p
            for p in _calendar.periods(profile, today, rates)
            if p.status is PeriodStatus.OVERDUE and p.code not in sent
        ]
        if empty:
            last = empty[-1]
            found.append(
                Alert("rspm_empty", "info",
                      {"count": len(empty), "start": last.start, "end": last.end}, last.law,
                      f"/declare/{last.code}/amounts")
            )  # fmt: skip
        window = _options.options(profile, history, today, rates)[0]
        if window.open and window.closes and window.closes - today <= timedelta(days=45):
            found.append(
                Alert("window_periodicity", "info",
                      {"closes": window.closes, "effective": window.effective}, window.law,
                      "/options/periodicity")
            )  # fmt: skip
        rank = {"urgent": 0, "warning": 1, "info": 2}
        return sorted(found, key=lambda alert: rank[alert.level])

    def gauges(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Gauge]:
        """The year against 19 000 and 38 000 €."""
        return _ceilings.gauges(profile, history, today, rates)

    def options(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Option]:
        """Rights and events with their windows."""
        return _options.options(profile, history, today, rates)

    def choose(
        self, profile: Account, option: str, value: str, history: History, today: date,
        rates: RateTable,
    ) -> Account | Move:  # fmt: skip
        """The profile once an option is used, or the passage to PAMC. Raises OptionRefused."""
        return _options.choose(profile, option, value, history, today, rates)

    def schedule(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Call]:
        """One call a declaration, at its due date, or at once when it came late."""
        return [
            Call(
                code=f"declaration.{filed.period.code}", period=filed.period.code,
                on=max(filed.period.due, filed.filed_on), amount=filed.assessment.due,
                label="Déclaration",
            )
            for filed in sorted(history, key=lambda f: f.period.start)
            if isinstance(filed.declaration, Declaration)
        ]  # fmt: skip

    def allocation(self) -> tuple[str, ...]:
        """Order of a partial payment: no text found for this service, the general one."""
        return (
            "csg_crds", "maladie_maternite", "retraite_base", "retraite_complementaire",
        )  # fmt: skip

    def sanctions(
        self, profile: Account, history: History,
        paid: Mapping[str, Sequence[tuple[date, Decimal]]], today: date, rates: RateTable,
    ) -> list[Sanction]:  # fmt: skip
        """None: whether the general surcharges apply to this service is not established."""
        return []

    def check_entries(
        self, profile: Account, entries: Entries, today: date, rates: RateTable
    ) -> None:
        """Whether receipts may be kept. Raises DeclarationRefused."""
        check_receipts(entries.get(RECEIPT, {}).values(), today)

    def from_journal(
        self, profile: Account, entries: Sequence[Mapping[str, Any]], period: Period,
        rates: RateTable,
    ) -> Figures | None:  # fmt: skip
        """The fees {on, amount} received in the period; None when there are none."""
        total = sum((e["amount"] for e in entries if period.start <= e["on"] <= period.end), ZERO)
        return Figures(fees=total) if total > 0 else None

    def assess_inputs(
        self, inputs: Mapping[str, Any], rates: RateTable
    ) -> tuple[dict[str, Any], Assessment]:
        """One line of `quittance assess`. Raises InputError."""
        return _inputs.assess_inputs(inputs, rates)


REGIME = ReplacementDoctor()

__all__ = ["REGIME", "Declaration", "Filed", "Profile", "ReplacementDoctor"]
