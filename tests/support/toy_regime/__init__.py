"""A profession that does not exist: it declares once a year, pays four provisional calls of the
next year, then a regularisation, which may be a refund. So nothing else may know professions.

    REGISTRY.add(REGIME)   …   REGISTRY.remove(REGIME.code)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from regimes.assessment import Assessment, Figure, Line, LineStatus, Share
from regimes.dated import RateTable
from regimes.entries import NoEntries
from regimes.money import CENT, ONE, ZERO, DeclaredEuros, largest_remainder, percent_of, round_euro
from regimes.regime import (
    Alert,
    Call,
    DeclarationRefused,
    Filed,
    Gauge,
    History,
    InputError,
    Kind,
    Model,
    Option,
    OptionRefused,
    Period,
    PeriodStatus,
    RecallsAll,
    Sanction,
)

FUNDS = ("toy.health", "toy.pension")


class Inventor(Model):
    """When the inventor began."""

    start_date: date


class Income(Model):
    """The income of one civil year, in euros, and what was spent to make it."""

    regime: Literal["toy"] = "toy"
    income: DeclaredEuros
    expenses: DeclaredEuros = ZERO


class Idea(Model):
    """An idea noted on a day; two on the same day are one too many."""

    on: date
    words: str = ""


class ToyRegime(RecallsAll, NoEntries):
    """Answers of the Regime protocol for inventors."""

    code = "toy"
    kind = Kind.DECLARATION
    label = "Inventeur"
    form_version = 1
    scheduled = True
    package = __name__
    Profile = Inventor
    Declaration = Income
    entry_models: Mapping[str, type[Model]] = {"idea": Idea, "sketch": Idea}
    linked_entries = frozenset({"idea"})

    def check_entries(
        self, profile: Inventor, entries: Mapping[str, Mapping[str, Any]], today: date,
        rates: RateTable,
    ) -> None:  # fmt: skip
        """One idea a day, none in the future."""
        days: set[date] = set()
        for name, idea in entries["idea"].items():
            if idea.on > today:
                raise DeclarationRefused("idea_future", f"{name}.on")
            if idea.on in days:
                raise DeclarationRefused("idea_twice", f"{name}.on")
            days.add(idea.on)

    def periods(self, profile: Inventor, today: date, rates: RateTable) -> list[Period]:
        """One period a year, open from 1 April to 15 June of the next."""
        found = []
        for year in range(profile.start_date.year, today.year + 1):
            opens, due = date(year + 1, 4, 1), date(year + 1, 6, 15)
            status = PeriodStatus.UPCOMING
            if today >= opens:
                status = PeriodStatus.OPEN if today <= due else PeriodStatus.OVERDUE
            first = year == profile.start_date.year
            start = profile.start_date if first else date(year, 1, 1)
            found.append(
                Period(str(year), start, date(year, 12, 31), opens, due, status, first=first)
            )
        return found

    def check(
        self, profile: Inventor, period: Period, declaration: Income, rates: RateTable
    ) -> None:
        """Expenses never exceed the income. Raises DeclarationRefused."""
        if declaration.expenses > declaration.income:
            raise DeclarationRefused("expenses_above_income", "expenses")

    def assess(
        self, profile: Inventor, period: Period, declaration: Income, history: History,
        rates: RateTable,
    ) -> Assessment:  # fmt: skip
        """Health and pension on income less expenses, each to the euro."""
        net = max(ZERO, declaration.income - declaration.expenses)
        base = round_euro(net)
        lines, shares = [], []
        for fund in FUNDS:
            value = rates.get(fund, period.end)
            exact = percent_of(base, value.value)
            lines.append(
                Line(fund, value.label, "contributions", base, value.value, exact,
                     round_euro(exact), value.law, value.source, value.start, declared_as="income")
            )  # fmt: skip
            shares.append(
                Share(fund, value.label, exact, round_euro(exact).quantize(CENT), value.law)
            )
        muse = rates.find("toy.muse", period.end)
        if muse is None:  # nobody published it: the total is partial until someone does
            (awaited,) = (a for a in rates.awaited if a.key == "toy.muse")
            lines.append(
                Line("toy.muse", awaited.label, "contributions", base, None, ZERO, ZERO, "", "",
                     None, LineStatus.MISSING, awaited.note)
            )  # fmt: skip
        else:
            exact = percent_of(base, muse.value)
            lines.append(
                Line("toy.muse", muse.label, "contributions", base, muse.value, exact,
                     round_euro(exact), muse.law, muse.source, muse.start)
            )  # fmt: skip
            shares.append(
                Share(FUNDS[0], muse.label, exact, round_euro(exact).quantize(CENT), muse.law)
            )
        figures = (
            Figure(
                "income", "Revenu de l’année", declaration.income, round_euro(declaration.income)
            ),
            Figure("expenses", "Frais", declaration.expenses, round_euro(declaration.expenses)),
        )
        return Assessment(
            self.code, period.code, rates.version, figures, tuple(lines), tuple(shares)
        )

    def affected_by(self, profile: Inventor, period: Period, history: History) -> list[str]:
        """The next year, whose provisional calls came from this one."""
        following = str(period.end.year + 1)
        return [f.period.code for f in history if f.period.code == following]

    def alerts(
        self, profile: Inventor, history: History, today: date, rates: RateTable
    ) -> list[Alert]:
        """None: inventors worry about nothing."""
        return []

    def gauges(
        self, profile: Inventor, history: History, today: date, rates: RateTable
    ) -> list[Gauge]:
        """None: no ceiling."""
        return []

    def options(
        self, profile: Inventor, history: History, today: date, rates: RateTable
    ) -> list[Option]:
        """None."""
        return []

    def choose(
        self, profile: Inventor, option: str, value: str, history: History, today: date,
        rates: RateTable,
    ) -> Inventor:  # fmt: skip
        """Always refused: there is no option."""
        raise OptionRefused("option_unknown", "option")

    def schedule(
        self, profile: Inventor, history: History, today: date, rates: RateTable
    ) -> list[Call]:
        """Four provisional calls of the next year after each declaration, then what remains."""
        calls: list[Call] = []
        provisional: dict[int, Decimal] = {}
        for filed in sorted(history, key=lambda f: f.period.start):
            year, due = filed.period.end.year, filed.assessment.due
            on = max(filed.period.due, filed.filed_on)
            left = due - provisional.get(year, ZERO)
            calls.append(
                Call(f"regularisation.{year}", filed.period.code, on, left, label="Régularisation")
            )
            calls += self._provisional(filed, year + 1, rates)
            provisional[year + 1] = due
        return sorted(calls, key=lambda call: (call.on, call.code))

    def _provisional(self, filed: Filed, year: int, rates: RateTable) -> list[Call]:
        count = int(rates.get("toy.calls", date(year, 1, 1)).value)
        amounts = largest_remainder(filed.assessment.due, [ONE] * count, ONE)
        days = [date(year, 8, 5), date(year, 11, 5), date(year + 1, 2, 5), date(year + 1, 5, 5)]
        return [
            Call(
                f"provisional.{year}.{n}", str(year), day, amount, True, label="Appel provisionnel"
            )
            for n, (day, amount) in enumerate(zip(days, amounts, strict=True), start=1)
        ]

    def allocation(self) -> tuple[str, ...]:
        """Health first."""
        return FUNDS

    def sanctions(
        self, profile: Inventor, history: History,
        paid: Mapping[str, Sequence[tuple[date, Decimal]]], today: date, rates: RateTable,
    ) -> list[Sanction]:  # fmt: skip
        """None: inventors are forgiven."""
        return []

    def from_journal(
        self, profile: Inventor, entries: Sequence[Mapping[str, Any]], period: Period,
        rates: RateTable,
    ) -> Income | None:  # fmt: skip
        """No journal."""
        return None

    def assess_inputs(
        self, inputs: Mapping[str, Any], rates: RateTable
    ) -> tuple[dict[str, Any], Assessment]:
        """Inputs: year and income. Raises InputError."""
        year, income = inputs.get("year"), inputs.get("income")
        if not isinstance(year, int) or not 2020 <= year <= 2100:
            raise InputError("year_unknown", "year", "year is a whole number from 2020 on")
        if (
            isinstance(income, bool)
            or not isinstance(income, int | Decimal)
            or not 0 <= income < 10**8
        ):
            raise InputError("amount_malformed", "income", "income is a number of euros")
        profile = Inventor(start_date=date(year, 1, 1))
        period = self.periods(profile, date(year, 12, 31), rates)[0]
        declaration = Income(income=Decimal(income))
        assessment = self.assess(profile, period, declaration, (), rates)
        return {"total": assessment.exact_due}, assessment


REGIME = ToyRegime()
