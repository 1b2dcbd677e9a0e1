"""Auto-entrepreneurs (régime micro-social), from 2022-10-01 on. CSS L613-7 and following."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.auto_entrepreneur import alerts as _alerts
from regimes.auto_entrepreneur import assess as _assess
from regimes.auto_entrepreneur import calendar as _calendar
from regimes.auto_entrepreneur import inputs as _inputs
from regimes.auto_entrepreneur import options as _options
from regimes.auto_entrepreneur import sanctions as _sanctions
from regimes.auto_entrepreneur import thresholds as _thresholds
from regimes.auto_entrepreneur.categories import CATEGORIES, LABELS
from regimes.auto_entrepreneur.declaration import Declaration, Part
from regimes.auto_entrepreneur.limits import limit_in_sight
from regimes.auto_entrepreneur.profile import Profile
from regimes.auto_entrepreneur.spans import parts_for
from regimes.dated import RateTable
from regimes.entries import Entries, NoEntries
from regimes.journal import ENTRY_MODELS, RECEIPT, check_receipts
from regimes.money import ZERO
from regimes.regime import (
    Alert,
    Call,
    DeclarationRefused,
    Gauge,
    History,
    Kind,
    Option,
    Period,
    Sanction,
)

Account = Profile  # inside the class, the names Profile and Declaration are its attributes
Figures = Declaration


class AutoEntrepreneur(NoEntries):
    """Answers of the Regime protocol for auto-entrepreneurs."""

    code = _assess.CODE
    kind = Kind.DECLARATION
    label = "Auto-entrepreneur"
    form_version = 1
    package = __name__
    entry_models = ENTRY_MODELS
    linked_entries = frozenset({RECEIPT})
    activity_labels = LABELS
    Profile = Account
    Declaration = Figures

    def periods(self, profile: Account, today: date, rates: RateTable) -> list[Period]:
        """Periods from the start to today (CSS R613-8, R613-12)."""
        return _calendar.periods(profile, today, rates)

    def check(
        self, profile: Account, period: Period, declaration: Figures, rates: RateTable
    ) -> None:
        """Parts and categories must be those of the account. Raises DeclarationRefused."""
        expected = parts_for(profile, period, rates)
        given = [(part.start, part.end) for part in declaration.parts]
        if given != expected:
            raise DeclarationRefused("parts_unexpected", "parts")
        for number, part in enumerate(declaration.parts):
            for category in part.turnover:
                if category not in profile.categories:
                    raise DeclarationRefused(
                        "category_not_exercised", f"parts.{number}.turnover.{category}"
                    )
            for category in profile.categories:
                if category not in part.turnover:
                    raise DeclarationRefused("missing", f"parts.{number}.turnover.{category}")
        for category in declaration.platform:
            if category not in profile.categories:
                raise DeclarationRefused("category_not_exercised", f"platform.{category}")

    def assess(
        self,
        profile: Account,
        period: Period,
        declaration: Figures,
        history: History,
        rates: RateTable,
    ) -> Assessment:
        """Lines to the euro and shares per fund."""
        return _assess.assess(profile, period, declaration, history, rates)

    def recalls(self, profile: Account, period: Period, history: History) -> History:
        """The years of the period: limits and ceilings count by civil year (CSS L131-6-4, CGI
        293 B), and nothing else looks back."""
        years = {period.start.year, period.end.year}
        return [filed for filed in history if filed.period.end.year in years]

    def affected_by(self, profile: Account, period: Period, history: History) -> list[str]:
        """Later declared periods of the year, when a limit of the reduced rates links them."""
        year = period.end.year
        if not (profile.acre or profile.overseas) or not limit_in_sight(history, year):
            return []
        return [
            filed.period.code
            for filed in sorted(history, key=lambda f: f.period.start)
            if filed.period.start > period.start and filed.period.end.year == year
        ]  # fmt: skip

    def alerts(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Alert]:
        """What to know today."""
        return _alerts.alerts(profile, history, today, rates)

    def gauges(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Gauge]:
        """The year against the ceilings."""
        return _thresholds.gauges(profile, history, today, rates)

    def options(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Option]:
        """Rights and events with their windows."""
        return _options.options(profile, history, today, rates)

    def choose(
        self,
        profile: Account,
        option: str,
        value: str,
        history: History,
        today: date,
        rates: RateTable,
    ) -> Account:
        """The profile once an option is used. Raises OptionRefused."""
        return _options.choose(profile, option, value, history, today, rates)

    def schedule(
        self, profile: Account, history: History, today: date, rates: RateTable
    ) -> list[Call]:
        """One call a declaration, at its due date, or at once when it came late."""
        return [
            Call(
                code=f"declaration.{filed.period.code}",
                period=filed.period.code,
                on=max(filed.period.due, filed.filed_on),
                amount=filed.assessment.due,
                label="Déclaration",
            )
            for filed in sorted(history, key=lambda f: f.period.start)
        ]

    def allocation(self) -> tuple[str, ...]:
        """Order of a partial payment (CSS L613-9, D133-4)."""
        return (
            "impot", "csg_crds", "maladie_maternite", "indemnites_journalieres", "retraite_base",
            "invalidite_deces", "retraite_complementaire", "not_published", "formation",
            "chambre_commerce", "chambre_metiers",
        )  # fmt: skip

    def sanctions(
        self,
        profile: Account,
        history: History,
        paid: Mapping[str, Sequence[tuple[date, Decimal]]],
        today: date,
        rates: RateTable,
    ) -> list[Sanction]:
        """Penalties and surcharges incurred today."""
        return _sanctions.sanctions(profile, history, paid, today, rates)

    def check_entries(
        self, profile: Account, entries: Entries, today: date, rates: RateTable
    ) -> None:
        """Whether receipts may be kept. Raises DeclarationRefused. An activity that the account no
        longer exercises stays: its receipts are of the time when it did."""
        check_receipts(entries.get(RECEIPT, {}).values(), today, CATEGORIES)

    def from_journal(
        self, profile: Account, entries: Sequence[Mapping[str, Any]], period: Period,
        rates: RateTable,
    ) -> Figures | None:  # fmt: skip
        """A declaration filled from receipts {on, category, amount, platform}.

        Raises DeclarationRefused for a category that the account does not exercise, and when what
        was given back to clients exceeds what was collected.
        """
        parts: list[dict[str, Any]] = []
        for start, end in parts_for(profile, period, rates):
            turnover: dict[str, Decimal] = dict.fromkeys(profile.categories, ZERO)
            for entry in entries:
                if entry["category"] not in turnover:
                    raise DeclarationRefused("category_not_exercised", "journal")
                if start <= entry["on"] <= end and not entry.get("platform"):
                    turnover[entry["category"]] += entry["amount"]
            parts.append({"start": start, "end": end, "turnover": turnover})
        platform: dict[str, Decimal] = {}
        for entry in entries:
            if entry.get("platform") and period.start <= entry["on"] <= period.end:
                platform[entry["category"]] = (
                    platform.get(entry["category"], ZERO) + entry["amount"]
                )
        totals = [a for part in parts for a in part["turnover"].values()] + [*platform.values()]
        if any(total < 0 for total in totals):
            raise DeclarationRefused("journal_below_zero", "journal")
        return Figures.model_validate({"parts": parts, "platform": platform})

    def assess_inputs(
        self, inputs: Mapping[str, Any], rates: RateTable
    ) -> tuple[dict[str, Any], Assessment]:
        """One line of `quittance assess`. Raises InputError."""
        return _inputs.assess_inputs(inputs, rates)


REGIME = AutoEntrepreneur()

__all__ = ["REGIME", "AutoEntrepreneur", "Declaration", "Part", "Profile", "parts_for"]
