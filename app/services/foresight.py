"""What the next declaration will cost, as far as it is known: by its draft, or by the journal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

from app.screens.professions.base import profession
from app.services.backend import Backend, BackendError
from app.services.bill import Counter
from app.services.calculator import build_calculator, period_of
from app.services.journal import Journal
from contract.accounts import Overview, PeriodView
from contract.declarations import DraftView
from regimes.dated import RateTable
from regimes.journal import in_period
from regimes.regime import DeclarationRefused, Kind
from regimes.registry import REGISTRY

TO_DO = {"to_declare", "draft", "late"}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Euros, and where they come from: draft or journal. `partial`: a line is not computed."""

    amount: Decimal
    origin: str
    partial: bool = False


def next_period(overview: Overview) -> PeriodView | None:
    """The oldest period to declare, or None."""
    return next((p for p in overview.periods if p.state in TO_DO), None)


async def foresee(
    backend: Backend, overview: Overview, rates: RateTable, journal: Journal | None
) -> Foreseen | None:
    """The amount of the next declaration; None when nothing tells it yet. A draft comes before
    the journal: it is what will be sent. Raises nothing: without network, nothing is foreseen."""
    regime = overview.account.regime
    period = next_period(overview)
    if period is None or REGISTRY.get(regime).kind is not Kind.DECLARATION:
        return None
    if period.has_draft and not profession(regime).declare_path:
        found = await _of_draft(backend, overview, rates, period)
        if found is not None:
            return found
    if journal is not None and journal.notes:
        inside = in_period(journal.receipts(), period.start, period.end)
        assessment = Counter(overview, rates).assess(inside, period_of(period)) if inside else None
        if assessment is not None:
            return Foreseen(assessment.due, "journal", assessment.partial)
    return None


async def _of_draft(
    backend: Backend, overview: Overview, rates: RateTable, period: PeriodView
) -> Foreseen | None:
    place = f"/accounts/{overview.account.id}/drafts/{period.code}"
    try:
        draft = await backend.get(DraftView, place)
    except BackendError:
        return None
    calculator = build_calculator(overview, rates, period.code, draft.answers)
    if calculator is None or draft.form_version != calculator.regime.form_version:
        return None
    try:
        declaration = calculator.declaration()
    except (ValidationError, DeclarationRefused):
        return None
    if declaration is None:
        return None
    assessment = calculator.assess(declaration)
    return Foreseen(assessment.due, "draft", assessment.partial)
