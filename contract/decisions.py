"""What is decided about an account, and what may be asked: plans, remission, complaints; and where
the money went."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contract.attachments import AttachmentView
from contract.base import Answer, Instant, Wire
from contract.entries import EntryId

Explanation = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=10, max_length=4000)
]


class DecisionView(Answer):
    """A penalty, a surcharge, a taxation d'office, or what takes one back. Euros; positive is
    owed. `label` and `reason` are French msgids or sentences of the collector."""

    kind: str
    code: str
    period: str
    amount: Decimal
    base: str
    rate: str
    label: str
    law: str
    reason: str
    decided_at: Instant


class PlanAsk(Wire):
    """An instalment plan asked for: how many months, from when, and why."""

    months: Annotated[int, Field(ge=2, le=12)]
    first_on: dt.date
    reason: Explanation


class InstalmentView(Answer):
    """One instalment. `state`: paid, due (payable from seven days before), coming, missed."""

    number: int
    due_on: dt.date
    amount: Decimal
    left: Decimal
    state: str
    code: str = Field(description="Code to pay it with")


class PlanView(Answer):
    """A plan. `state`: active, kept, broken."""

    id: str
    number: str
    state: str
    total: Decimal
    left: Decimal
    instalments: list[InstalmentView]
    asked_at: Instant
    ended_at: Instant | None = None


class PlanOffer(Answer):
    """Whether a plan can be asked for; `reason` is a stable code otherwise."""

    available: bool
    reason: str | None = None
    total: Decimal
    first_from: dt.date
    first_until: dt.date
    most: int = 12


class Plans(Answer):
    """My plans, newest first, and whether another can be asked for."""

    offer: PlanOffer
    plans: list[PlanView]


class DisputeOpen(Wire):
    """A complaint about an amount or a debit, or a request to remit surcharges. `about` is the
    code of a due; empty for the whole account. `id` is made by the client."""

    id: EntryId
    kind: Literal["complaint", "remission"]
    about: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][A-Za-z0-9_.~-]{0,59})?$")] = ""
    body: Explanation
    files: Annotated[list[EntryId], Field(max_length=10)] = Field(default_factory=list)


class DisputeAdd(Wire):
    """More about a dispute, or its next step (`escalate`)."""

    id: EntryId
    body: Explanation
    files: Annotated[list[EntryId], Field(max_length=10)] = Field(default_factory=list)
    escalate: bool = False


class DisputeAnswer(Wire):
    """The collector's answer. `remit`: euros of penalties and surcharges taken back."""

    id: EntryId
    body: Explanation
    outcome: Literal["accepted", "partial", "refused"]
    remit: Annotated[Decimal, Field(ge=0, le=Decimal("9999999.99"), decimal_places=2)] = Decimal(0)


class StepView(Answer):
    """One step of a dispute."""

    id: str
    stage: str
    kind: str
    author: Literal["person", "collector"]
    body: str
    outcome: str
    files: list[AttachmentView] = Field(default_factory=list)
    at: Instant


class DisputeView(Answer):
    """A dispute. `expected_by`: when an answer is to be expected; `may_escalate`: the next stage
    is open."""

    id: str
    number: str
    kind: str
    about: str
    period: str
    stage: str
    state: str
    opened_at: Instant
    acknowledged_by: dt.date
    expected_by: dt.date
    may_escalate: bool
    next_stage: str | None = None
    steps: list[StepView] = Field(default_factory=list)
    name: str = ""


class FundEuros(Answer):
    """What one fund received of my payments. Euros."""

    fund: str
    label: str
    amount: Decimal


class EurosView(Answer):
    """Where my euros went in a year. `other`: penalties, surcharges and credit."""

    year: int
    years: list[int]
    funds: list[FundEuros]
    other: Decimal
    total: Decimal
