"""Documents: what can be asked, what was issued, and what anyone may check of one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contract.base import Answer, Instant, Wire
from contract.people import Paper

DocumentKind = Literal["vigilance", "fiscal", "turnover", "affiliation", "training", "statement"]
"""Attestations that a person may ask for."""
Month = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
Amount = Annotated[Decimal, Field(ge=0, le=Decimal("99999999.99"), decimal_places=2)]


class DocumentAsk(Wire):
    """A document asked for. `months` splits what was declared by quarter: for each month of such a
    quarter, what was collected; the three must add up to what was declared."""

    kind: DocumentKind
    year: Annotated[int, Field(ge=2009, le=2100)] | None = None
    locale: Paper = "fr"
    months: Annotated[dict[Month, Amount], Field(max_length=12)] = Field(default_factory=dict)


class DocumentView(Answer):
    """A document of mine. `path` is where its bytes are, under /api/v1."""

    id: str
    kind: str
    title: str
    year: int
    number: str
    locale: str
    media_type: str
    size: int | None = None
    issued_at: Instant
    valid_until: dt.date | None = None
    code: str | None = None
    path: str


class DocumentOffer(Answer):
    """A document that can be asked for, or why it cannot now. `reason` is a stable code."""

    kind: str
    title: str
    summary: str
    years: list[int]
    available: bool
    provisional: bool = False
    reason: str | None = None
    missing: list[str] = Field(default_factory=list, description="Periods in the way")
    named: list[str] = Field(default_factory=list, description="The same periods, in words")
    quarters: list[str] = Field(
        default_factory=list, description="Declared quarters that months can split (2026-Q1)"
    )
    law: str = ""


class DocumentSafe(Answer):
    """Everything kept, newest first, and what can be asked for."""

    documents: list[DocumentView]
    offers: list[DocumentOffer]
