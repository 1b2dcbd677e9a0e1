"""Assess a declaration as it is typed, on the spot, with the same rules as the collector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Any

import flet as ft
from pydantic import ValidationError

from app.forms.form import Journey
from app.screens.professions.base import Profession, profession, read_profile
from contract.accounts import Overview, PeriodView
from contract.base import lightened
from contract.canonical import assessment_fingerprint
from regimes.assessment import Assessment, Line
from regimes.dated import RateTable
from regimes.regime import Filed, Gauge, Model, Period, PeriodStatus, within_reach
from regimes.registry import REGISTRY


@ft.observable
@dataclass(eq=False)
class LineNote:
    """What one typed figure costs: redraws its own line alone."""

    rate: Decimal | None = None
    amount: Decimal | None = None


@ft.observable
@dataclass(eq=False)
class Totals:
    """What the whole declaration costs, or what is missing to know it."""

    due: Decimal | None = None
    missing: tuple[str, ...] = ()
    partial: bool = False


def period_of(view: PeriodView) -> Period:
    """The régime's period from what the backend answered: one for everybody who has it."""
    return _shared(
        Period(
            code=view.code, start=view.start, end=view.end, opens=view.opens, due=view.due,
            status=PeriodStatus.OPEN, due_time=time(view.due_at.hour, view.due_at.minute),
            first=view.first, last=view.last, law=view.law, note=view.note,
        )
    )  # fmt: skip


@lru_cache(maxsize=1000)
def _shared(period: Period) -> Period:
    return period


@dataclass(eq=False)
class Calculator:
    """The calculation of one period of one account, kept up with the typing."""

    speaks: Profession
    profile: Model
    period: Period
    rates: RateTable
    history: list[Filed]
    regime: Any
    journey: Journey
    totals: Totals = field(default_factory=Totals)
    notes: dict[str, LineNote] = field(default_factory=dict)
    _typed: Filed | None = None

    def note(self, path: str) -> LineNote:
        """The note beside a figure."""
        return self.notes.setdefault(path, LineNote())

    def declaration(self, fill: bool = False) -> Model | None:
        """The declaration of the present answers; None while one is missing or not valid. With
        `fill`, what is missing counts as zero (to show the other lines)."""
        answers: dict[str, Any] = {}
        if fill:
            answers = {q.path: "0" for q in self.journey.asked()}
        answers |= self.journey.exported()
        if not fill and not self.journey.complete:
            return None
        data = self.speaks.to_declaration(answers, self.profile, self.period, self.rates)
        found: Model = self.regime.Declaration.model_validate(data)
        return found

    def assess(self, declaration: Model) -> Assessment:
        """The calculation of a declaration."""
        found: Assessment = self.regime.assess(
            self.profile, self.period, declaration, self.history, self.rates
        )
        return found

    def refresh(self) -> None:
        """Compute again after a keystroke; only what changed is redrawn."""
        missing = tuple(q.label for _, q, _ in self.journey.missing())
        try:
            declaration = self.declaration(fill=True)
        except ValidationError:
            declaration = None  # figures that contradict each other cost nothing yet
        if declaration is None:
            self._show(None, missing)
            return
        assessment = self.assess(declaration)
        given = self.journey.look().values
        sums: dict[str, tuple[Decimal | None, Decimal]] = {}
        bases: dict[str, Decimal] = {}
        for line in assessment.lines:
            if line.apart:
                continue
            rate, amount = sums.get(line.declared_as, (Decimal(0), Decimal(0)))
            above = line.code.endswith(".above_limit")
            if not above and bases.setdefault(line.declared_as, line.base) != line.base:
                rate = None  # the figure is cut between rates: no one rate tells its cost
            if rate is not None and not above:
                rate += line.rate or Decimal(0)
            sums[line.declared_as] = (rate, amount + line.amount)
        figures = {question.path for question in self.journey.asked()}
        for path, (rate, amount) in sums.items():
            if path not in figures:
                continue
            note = self.note(path)
            if note.rate != rate:
                note.rate = rate
            shown = amount if path in given else None
            if note.amount != shown:
                note.amount = shown
        self._typed = Filed(self.period, declaration, assessment, self.period.due)
        self._show(None if missing else assessment.due, missing)
        if self.totals.partial != assessment.partial:
            self.totals.partial = assessment.partial

    def _show(self, due: Decimal | None, missing: tuple[str, ...]) -> None:
        if self.totals.due != due:
            self.totals.due = due
        if self.totals.missing != missing:
            self.totals.missing = missing

    def gauges(self) -> list[Gauge]:
        """The ceilings of the civil year of the period, the figures being typed included."""
        history = [*self.history, *([self._typed] if self._typed else [])]
        found: list[Gauge] = self.regime.gauges(self.profile, history, self.period.end, self.rates)
        return found

    def fingerprint(self, declaration: Model, assessment: Assessment) -> str:
        """What signing this calculation signs."""
        return assessment_fingerprint(declaration, assessment)


def _light(assessment: Assessment) -> Assessment:
    """What rules and screens read of a past calculation: the amount of each line, and what it is.
    A server holds a history for each person; names are the same for all."""
    return replace(
        assessment, figures=(), shares=(), notes=(),
        lines=tuple(
            Line(
                code=intern(line.code), label=intern(line.label), group=intern(line.group),
                base=line.amount, rate=None, exact=line.amount, amount=line.amount, law="",
                status=line.status, declared_as=intern(line.declared_as), apart=intern(line.apart),
            )
            for line in assessment.lines
        ),
    )  # fmt: skip


def build_calculator(
    overview: Overview, rates: RateTable, code: str, raw: Mapping[str, str]
) -> Calculator | None:
    """The calculator of a period of the account in `overview`; None for an unknown period."""
    views = {view.code: view for view in overview.periods}
    if code not in views:
        return None
    account = overview.account
    regime = REGISTRY.get(account.regime)
    speaks = profession(account.regime)
    profile = read_profile(account.regime, account.profile)
    period = period_of(views[code])
    history = [
        Filed(
            period=period_of(views[filed.period]),
            declaration=lightened(regime.Declaration.model_validate(filed.declaration)),
            assessment=_light(filed.assessment),
            filed_on=filed.filed_at.date(),
            version=filed.version,
        )
        for filed in overview.filed
        if filed.period != code and filed.period in views
    ]
    history = list(within_reach(regime, period, history))
    form = speaks.declaration_form(profile, period, rates)
    return Calculator(speaks, profile, period, rates, history, regime, Journey(form, dict(raw)))
