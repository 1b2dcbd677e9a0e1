"""What a declaration costs: lines (base × rate) and where the money goes (shares per fund)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from regimes.money import ZERO


class LineStatus(StrEnum):
    """How sure a line is. A total that holds a missing line is partial and says so."""

    COMPUTED = "computed"
    ESTIMATE = "estimate"
    UNCONFIRMED = "unconfirmed"
    MISSING = "missing"


class SharesStatus(StrEnum):
    """How far the split by fund is law."""

    OFFICIAL = "official"
    INDICATIVE = "indicative"
    NOT_PUBLISHED = "not_published"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the calculation, as it stands on the notice.

    `base` euros as retained (rounded when the law rounds it), `rate` percent or None for a flat
    amount, `exact` euros unrounded, `amount` euros as due. `label` and `note` are French msgids.
    `rate_from` is the date of effect of the rate used; `code` is stable and machine-readable;
    `group` gathers lines of one nature (contributions, training, chamber, tax …). `apart` names
    who calls or bears a line that is shown but never part of what is due here: `carmf`, `cpam`, or
    `yearly` for an amount called once a year outside the declaration.
    """

    code: str
    label: str
    group: str
    base: Decimal
    rate: Decimal | None
    exact: Decimal
    amount: Decimal
    law: str
    source: str = ""
    rate_from: date | None = None
    status: LineStatus = LineStatus.COMPUTED
    note: str = ""
    declared_as: str = ""  # code of the declared field that this line comes from, if one
    apart: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one fund receives of the amount due: `exact` unrounded euros, `amount` in cents that
    add up to the due (largest remainder). `label` is a French msgid."""

    fund: str
    label: str
    exact: Decimal
    amount: Decimal
    law: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A declared figure as typed (`declared`, euros and cents) and as retained (`retained`)."""

    code: str
    label: str
    declared: Decimal
    retained: Decimal


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole calculation of one declaration under one version of the rates."""

    regime: str
    period: str
    rates_version: str
    figures: tuple[Figure, ...]
    lines: tuple[Line, ...]
    shares: tuple[Share, ...]
    shares_status: SharesStatus = SharesStatus.OFFICIAL
    shares_note: str = ""
    notes: tuple[str, ...] = ()

    @property
    def due(self) -> Decimal:
        """Euros due here for this declaration: the sum of the rounded lines (CSS L133-10) that
        this collector calls."""
        return sum((line.amount for line in self.lines if not line.apart), ZERO)

    @property
    def exact_due(self) -> Decimal:
        """Unrounded euros: what the lines due here come to before the legal rounding."""
        return sum((line.exact for line in self.lines if not line.apart), ZERO)

    @property
    def partial(self) -> bool:
        """True when a line due here has no published rate: the total is then not final."""
        return any(line.status is LineStatus.MISSING and not line.apart for line in self.lines)
