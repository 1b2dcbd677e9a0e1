"""The running bill: what is due so far on receipts not declared yet, and what to keep of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.screens.professions.base import Profession, profession, read_profile
from app.services.calculator import period_of
from app.services.journal import Journal, Noted
from contract.accounts import Overview, PeriodView
from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.journal import Receipt, facts, in_period
from regimes.regime import DeclarationRefused, Filed, Model, Period
from regimes.registry import REGISTRY

SENT = {"submitted", "corrected"}


@dataclass(frozen=True, slots=True)
class Origin:
    """A figure of a declaration filled from the journal: the raw answer, and how many receipts."""

    raw: str
    count: int
    amount: Decimal


@dataclass
class Bill:
    """What one period comes to so far, from its receipts."""

    view: PeriodView
    collected: Decimal
    platform: Decimal
    """Collected through platforms that withheld already: not in what is due."""
    assessment: Assessment | None
    """None when the receipts make no declaration (given back more than collected)."""
    aside: dict[str, Decimal] = field(default_factory=dict)
    """Euros to keep of each receipt, by identifier; they add up to what is due."""

    @property
    def due(self) -> Decimal:
        """Euros due so far."""
        return self.assessment.due if self.assessment is not None else Decimal(0)


class Counter:
    """Computes with one account: its profile, its history, its rates."""

    def __init__(self, overview: Overview, rates: RateTable) -> None:
        account = overview.account
        self.overview = overview
        self.rates = rates
        self.regime: Any = REGISTRY.get(account.regime)
        self.speaks: Profession = profession(account.regime)
        self.profile: Model = read_profile(account.regime, account.profile)
        views = {view.code: view for view in overview.periods}
        self.history = [
            Filed(
                period=period_of(views[filed.period]),
                declaration=self.regime.Declaration.model_validate(filed.declaration),
                assessment=filed.assessment, filed_on=filed.filed_at.date(),
                version=filed.version,
            )
            for filed in overview.filed
            if filed.period in views
        ]  # fmt: skip

    def declaration(self, receipts: Iterable[Receipt], period: Period) -> Model | None:
        """The declaration that these receipts fill; None when they fill none."""
        counted = [
            r for r in receipts if self.speaks.journal_path(r, self.profile, period, self.rates)
        ]
        if not counted:
            return None
        try:
            found: Model | None = self.regime.from_journal(
                self.profile, facts(counted), period, self.rates
            )
        except DeclarationRefused:
            return None
        return found

    def assess(
        self, receipts: Iterable[Receipt], period: Period, before: Sequence[Filed] = ()
    ) -> Assessment | None:
        """The calculation on these receipts. `before`: periods that are not declared yet and come
        first."""
        declaration = self.declaration(receipts, period)
        if declaration is None:
            return None
        found: Assessment = self.regime.assess(
            self.profile, period, declaration, [*self.history, *before], self.rates
        )
        return found

    def origins(self, receipts: Iterable[Receipt], period: Period) -> dict[str, Origin]:
        """The figures that the journal gives for a period, by path of the form."""
        inside = in_period(receipts, period.start, period.end)
        declaration = self.declaration(inside, period)
        if declaration is None:
            return {}
        raw = self.speaks.from_declaration(declaration.model_dump(mode="json"))
        sums: dict[str, tuple[int, Decimal]] = {}
        for receipt in inside:
            path = self.speaks.journal_path(receipt, self.profile, period, self.rates)
            count, total = sums.get(path, (0, Decimal(0)))
            sums[path] = (count + 1, total + receipt.amount)
        return {
            path: Origin(answer, *sums.get(path, (0, Decimal(0)))) for path, answer in raw.items()
        }

    def due_on(self, receipts: Sequence[Receipt], period: Period) -> Decimal:
        """Euros due on these receipts, zero when they fill no declaration."""
        assessment = self.assess(receipts, period)
        return assessment.due if assessment is not None else Decimal(0)

    def sent_for(self, on: date) -> PeriodView | None:
        """The period declared already in which a day falls: its receipts need a correction."""
        return next(
            (v for v in self.overview.periods if v.start <= on <= v.end and v.state in SENT), None
        )

    def keep_of(self, receipt: Receipt, journal: Journal) -> Decimal | None:
        """Euros to keep of one more receipt: what is due with it, less what is without. None when
        its period is declared already, or is not one of the account."""
        view = next((v for v in self.overview.periods if v.start <= receipt.on <= v.end), None)
        if view is None or view.state in SENT:
            return None
        period = period_of(view)
        others = in_period(journal.receipts(), period.start, period.end)
        return self.due_on([*others, receipt], period) - self.due_on(others, period)


def bill_of(counter: Counter, view: PeriodView, notes: Sequence[Noted]) -> Bill:
    """The bill of one period from its receipts, and the share of each."""
    period = period_of(view)
    inside = sorted(
        (n for n in notes if view.start <= n.receipt.on <= view.end),
        key=lambda n: (n.receipt.on, n.id),
    )
    paths = {
        n.id: counter.speaks.journal_path(n.receipt, counter.profile, period, counter.rates)
        for n in inside
    }
    kept = [n for n in inside if paths[n.id]]
    # One running sum for each figure: what is due depends on nothing else, and each receipt costs
    # what it adds to it.
    sums: dict[str, Receipt] = {}
    aside: dict[str, Decimal] = {}
    before = Decimal(0)
    for noted in kept:
        path = paths[noted.id]
        held = sums.get(path)
        amount = noted.receipt.amount + (held.amount if held else Decimal(0))
        if amount == 0:
            sums.pop(path, None)
        else:
            sums[path] = noted.receipt.model_copy(update={"amount": amount})
        now = counter.due_on(list(sums.values()), period) if sums else Decimal(0)
        aside[noted.id] = now - before
        before = now
    receipts = [n.receipt for n in kept]
    return Bill(
        view=view,
        collected=sum((r.amount for r in receipts if not r.platform), Decimal(0)),
        platform=sum((r.amount for r in receipts if r.platform), Decimal(0)),
        assessment=counter.assess(receipts, period),
        aside=aside,
    )


def bills(counter: Counter, journal: Journal) -> list[Bill]:
    """Bills of the periods that are not declared and hold receipts, oldest first; the one that
    runs today is always there."""
    today: date = counter.overview.today
    notes = list(journal.notes.values())
    found = []
    for view in counter.overview.periods:
        if view.state in SENT or view.state == "closed":
            continue
        runs = view.start <= today <= view.end
        if runs or any(view.start <= n.receipt.on <= view.end for n in notes):
            found.append(bill_of(counter, view, notes))
    return found
