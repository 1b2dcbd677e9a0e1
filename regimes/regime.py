"""The Regime protocol: what every profession must answer, and the registry of professions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from regimes.assessment import Assessment
from regimes.dated import RateTable


class Kind(StrEnum):
    """What sending means: a declaration, a refund asked for, or a preparation filed elsewhere."""

    DECLARATION = "declaration"
    CLAIM = "claim"
    PREPARATION = "preparation"


class PeriodStatus(StrEnum):
    """Where a period stands on the calendar alone (what was sent is the backend's to know)."""

    UPCOMING = "upcoming"  # not open yet
    OPEN = "open"
    OVERDUE = "overdue"  # past its due date, still accepted
    CLOSED = "closed"  # too old to be declared or corrected online


class Model(BaseModel):
    """Base of every profile and declaration: closed, immutable, and silent about its input."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Period:
    """A period to declare. `code` is stable (2026-10, 2026-Q3, 2025). `due` is the last day and
    `due_time` the hour of Paris on that day; `first` marks a longer first period."""

    code: str
    start: date
    end: date
    opens: date
    due: date
    status: PeriodStatus
    due_time: time = time(23, 59)
    first: bool = False
    last: bool = False
    law: str = ""
    note: str = ""
    optional: bool = False  # nothing to send when nothing was earned: never late while unsent


@dataclass(frozen=True, slots=True)
class Filed:
    """The latest version of what was sent for one period."""

    period: Period
    declaration: Model
    assessment: Assessment
    filed_on: date
    version: int = 1


History = Sequence[Filed]


@dataclass(frozen=True, slots=True)
class Call:
    """An amount called: negative for a refund. `collector` is "urssaf" for what reaches our ledger
    and bank; any other body calls its own."""

    code: str
    period: str
    on: date
    amount: Decimal
    provisional: bool = False
    collector: str = "urssaf"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something the person should know now. `code` names the sentence, `params` fill it
    (dates as date, amounts as Decimal); `route` is where to act."""

    code: str
    level: str  # info, warning, urgent
    params: Mapping[str, Any] = field(default_factory=dict)
    law: str = ""
    route: str = ""
    status: str = "confirmed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A yearly total against a limit of the law: what the home chart draws."""

    code: str
    label: str
    year: int
    value: Decimal
    limit: Decimal
    upper: Decimal | None = None
    law: str = ""
    status: str = "confirmed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that an option may take; `label` and `effect` are French msgids."""

    value: str
    label: str
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A right the person may use, with its window. `open` says whether it may be used today;
    `reason` (French msgid) says why not. `asks` names what must be given (date, yes_no, choice)."""

    code: str
    label: str
    summary: str
    current: str
    choices: tuple[Choice, ...]
    open: bool
    closes: date | None = None
    effective: date | None = None
    opens: date | None = None
    reason: str = ""
    law: str = ""
    source: str = ""
    status: str = "confirmed"
    note: str = ""
    asks: str = "choice"
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sanction:
    """A penalty or surcharge with the rule it comes from. Euros; `rate` percent or None."""

    code: str
    label: str
    period: str
    base: Decimal
    rate: Decimal | None
    exact: Decimal
    amount: Decimal
    since: date
    law: str
    waived: bool = False
    waiver: str = ""
    status: str = "confirmed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """What `choose` answers when an option leads to another régime: the account keeps its number
    and its history, and goes on under `regime` with `profile` (wire form)."""

    regime: str
    profile: Mapping[str, Any]


class OptionRefused(ValueError):
    """A choice that the law does not allow now. `code` is stable, `field` names the answer."""

    def __init__(self, code: str, field: str = "value") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


class DeclarationRefused(ValueError):
    """Figures that do not fit the account or the period. `field` is the path of the figure."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code)
        self.code = code
        self.field = field


class InputError(ValueError):
    """An input of `quittance assess` that cannot be assessed."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.message = message


@runtime_checkable
class Regime(Protocol):
    """What every profession answers. All methods are pure: same arguments, same answer.

    Optional, looked for where they are used: `rights` and `noted` (regimes/rights.py), `Scenario`
    and `simulate` (regimes/simulation.py), `common_law` (contract/rates.py), `scheduled` (below).
    """

    code: str
    """Wire name, such as `auto-entrepreneur`."""
    kind: Kind
    label: str
    """French msgid of the profession's name."""
    form_version: int
    """Version of the declaration form, kept in drafts and submissions."""
    package: str
    """Package that holds `rates.toml`."""
    Profile: type[Model]
    """Facts about the account that the computation needs."""
    Declaration: type[Model]
    """Figures of one period; a field `regime` names the régime."""

    def periods(self, profile: Any, today: date, rates: RateTable) -> list[Period]:
        """Periods to declare, oldest first, up to and including the one that runs today."""
        ...

    def check(self, profile: Any, period: Period, declaration: Any, rates: RateTable) -> None:
        """Whether a well-formed declaration fits the account. Raises DeclarationRefused."""
        ...

    def assess(
        self, profile: Any, period: Period, declaration: Any, history: History, rates: RateTable
    ) -> Assessment:
        """Contributions by line and by fund. Total: never raises on a valid declaration."""
        ...

    def reach(self, period: Period) -> tuple[date, date]:
        """First and last day of what `assess`, `affected_by` and the gauges of this period look
        at: of the history they need the periods that have a day in it, and no other."""
        ...

    def affected_by(self, profile: Any, period: Period, history: History) -> list[str]:
        """Codes of the later declared periods that a correction of `period` recomputes."""
        ...

    def alerts(self, profile: Any, history: History, today: date, rates: RateTable) -> list[Alert]:
        """Thresholds, end of an exemption, missing declarations, options whose window is open."""
        ...

    def gauges(self, profile: Any, history: History, today: date, rates: RateTable) -> list[Gauge]:
        """Yearly totals against the limits of the law, for the civil year of `today`."""
        ...

    def options(
        self, profile: Any, history: History, today: date, rates: RateTable
    ) -> list[Option]:
        """Rights and events the person may use, each with its window and what it changes."""
        ...

    def choose(
        self, profile: Any, option: str, value: str, history: History, today: date, rates: RateTable
    ) -> Any:
        """The profile once `option` is set to `value`, or a Move. Raises OptionRefused."""
        ...

    def schedule(self, profile: Any, history: History, today: date, rates: RateTable) -> list[Call]:
        """What is called and when, for every filed declaration."""
        ...

    def allocation(self) -> tuple[str, ...]:
        """Funds in the legal order in which a partial payment is spread."""
        ...

    def sanctions(
        self,
        profile: Any,
        history: History,
        paid: Mapping[str, Sequence[tuple[date, Decimal]]],
        today: date,
        rates: RateTable,
    ) -> list[Sanction]:
        """Penalties and surcharges as of `today`. `paid`: payments (date, euros) by period code."""
        ...  # fmt: skip

    def from_journal(
        self, profile: Any, entries: Sequence[Mapping[str, Any]], period: Period, rates: RateTable
    ) -> Any | None:
        """A declaration filled from recorded receipts or days; None when the régime has none."""
        ...

    entry_models: Mapping[str, type[Model]]
    """What people note between declarations (receipts, days at sea…): a model by kind."""
    linked_entries: frozenset[str]
    """Kinds whose entries constrain one another; a write to one of them calls check_entries."""

    activity_labels: Mapping[str, str]
    """What a receipt may be of: French msgids by code; empty without a journal of receipts."""

    def check_entries(
        self, profile: Any, entries: Mapping[str, Mapping[str, Any]], today: date, rates: RateTable
    ) -> None:
        """Whether the linked entries (by kind, then identifier, deleted ones left out) hold
        together. Raises DeclarationRefused; its field is `<identifier>.<name>`."""
        ...

    def assess_inputs(
        self, inputs: Mapping[str, Any], rates: RateTable
    ) -> tuple[dict[str, Any], Assessment]:
        """One `quittance assess` line: exact values and the assessment. Raises InputError."""
        ...


def civil_years(period: Period, after: int = 0) -> tuple[date, date]:
    """From 1 January of the year a period begins in to 31 December of the one it ends in, and of
    `after` years more."""
    return date(period.start.year, 1, 1), date(period.end.year + after, 12, 31)


def scheduled(regime: Regime) -> bool:
    """True when what is owed is asked by the calls of `schedule`, apart from the declaration
    (`scheduled = True` on the régime); else each declaration is paid at its own due date."""
    return bool(getattr(regime, "scheduled", False))


def within_reach(regime: Regime, period: Period, history: History) -> History:
    """Of what was filed, all that the calculation of `period` may read: nobody keeps more for
    somebody who types."""
    first, last = regime.reach(period)
    return [one for one in history if one.period.end >= first and one.period.start <= last]


class Registry:
    """The professions known to this process, by wire name."""

    def __init__(self) -> None:
        self._regimes: dict[str, Regime] = {}

    def add(self, regime: Regime) -> None:
        """Register `regime`; a second one of the same code is a programming error."""
        if regime.code in self._regimes:
            raise ValueError(f"régime {regime.code} is registered twice")
        self._regimes[regime.code] = regime

    def remove(self, code: str) -> None:
        """Forget a régime (tests add a toy one and take it away)."""
        self._regimes.pop(code, None)

    def get(self, code: str) -> Regime:
        """The régime of this wire name. Raises KeyError."""
        return self._regimes[code]

    def codes(self) -> list[str]:
        """Wire names, in order of registration."""
        return list(self._regimes)

    def __contains__(self, code: object) -> bool:
        return code in self._regimes
