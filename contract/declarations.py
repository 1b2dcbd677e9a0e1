"""Drafts, estimates, submissions and receipts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contract.base import Answer, Fingerprint, IdempotencyKey, Instant, PeriodCode, Wire
from regimes.assessment import Assessment

RawAnswer = Annotated[str, StringConstraints(max_length=2000)]


class DraftSave(Wire):
    """A draft as typed: raw texts by field path, so that nothing typed is lost, even what is not
    yet valid. `sequence` grows by one at each save of one device; an older one changes nothing.
    `base` is the sequence of the draft that this one was typed over, 0 for none: what another
    device saved since is never overwritten."""

    sequence: Annotated[int, Field(ge=1, le=2**53)]
    base: Annotated[int, Field(ge=0, le=2**53)] | None = None
    form_version: Annotated[int, Field(ge=1)]
    step: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")] = "amounts"
    answers: Annotated[dict[str, RawAnswer], Field(max_length=400)]
    key: IdempotencyKey
    device: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "web"
    corrects: str | None = Field(default=None, description="Number of the submission it corrects")


class DraftView(Answer):
    """A draft as saved."""

    period: str
    sequence: int
    form_version: int
    step: str
    answers: dict[str, str]
    key: str
    device: str
    corrects: str | None = None
    saved_at: Instant


class EstimateAsk(Wire):
    """What would this declaration cost? Nothing is kept."""

    period: PeriodCode
    declaration: dict[str, Any]


class Estimate(Answer):
    """The calculation, and the fingerprint to sign it with."""

    assessment: Assessment
    due: Decimal
    partial: bool
    fingerprint: str
    rates_version: str
    form_version: int


class Submit(Wire):
    """A signed declaration: the figures, and the fingerprint of the calculation the person saw."""

    declaration: dict[str, Any]
    fingerprint: Fingerprint
    rates_version: Annotated[str, StringConstraints(max_length=64)]
    form_version: Annotated[int, Field(ge=1)]
    corrects: str | None = Field(
        default=None, description="Number of the latest submission, when this one replaces it"
    )


class LineDifference(Answer):
    """One line before and after a correction. Euros."""

    code: str
    label: str
    before: Decimal
    after: Decimal
    difference: Decimal


class Receipt(Answer):
    """Proof of a submission (CRPA L112-11, R112-11-1): never changes once issued."""

    number: str
    account_id: str
    regime: str
    period: str
    period_start: dt.date
    period_end: dt.date
    version: int
    corrects: str | None = None
    received_at: Instant
    declaration: dict[str, Any]
    assessment: Assessment
    due: Decimal
    previous_due: Decimal | None = None
    differences: list[LineDifference] = Field(default_factory=list)
    due_date: dt.date
    due_at: Instant
    late: bool = False
    fingerprint: str = Field(description="SHA-256 of the canonical submission")
    verification_code: str
    verification_path: str
    affected: list[str] = Field(default_factory=list)
    overlays: list[str] = Field(
        default_factory=list, description="Operator's files that completed the shipped rates"
    )
    sent_by: str = Field(default="", description="Who sent it for the owner, if somebody else did")


class SubmissionSummary(Answer):
    """One line of the history."""

    number: str
    period: str
    period_start: dt.date
    period_end: dt.date
    version: int
    corrects: str | None = None
    received_at: Instant
    due: Decimal
    latest: bool
    late: bool


class Verification(Answer):
    """What anyone may check of a receipt from its code: no figure, no identity."""

    valid: bool
    number: str | None = None
    received_at: Instant | None = None
    period: str | None = None
    regime: str | None = None
    fingerprint: str | None = None
    kind: str | None = Field(default=None, description="receipt, or the kind of document")
    valid_until: dt.date | None = None
    superseded: bool = False
