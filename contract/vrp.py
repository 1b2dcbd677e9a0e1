"""What employers filed for a VRP, what is wrong in it, files to import, and the life of a claim."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from contract.base import Answer, Instant, Wire
from contract.entries import EntryId, EntryIn
from contract.identifiers import compact, iban_error, nir_error
from contract.people import Password
from regimes.money import DeclaredEuros
from regimes.vrp.anomalies import AnomalyCode
from regimes.vrp.entries import MonthCode
from regimes.vrp.tabular import Preview

__all__ = ["Preview"]

LARGEST_IMPORT = 2_000_000
"""Bytes of a CSV or XLSX file."""
LARGEST_DSN = 50_000_000
"""Bytes of a file of employers' returns sent to the API; the command takes larger ones."""

ClaimState = Literal[
    "received",
    "proofs_asked",
    "proofs_sent",
    "accepted",
    "accepted_in_part",
    "refused",
    "paid",
    "contested",
]
"""Where a claim stands. `received` comes with the submission; `proofs_sent` and `contested` are the
VRP's own, the others the collector's."""

MOVES: dict[str, tuple[str, ...]] = {
    "received": ("proofs_asked", "accepted", "accepted_in_part", "refused"),
    "proofs_asked": ("proofs_sent", "accepted", "accepted_in_part", "refused"),
    "proofs_sent": ("proofs_asked", "accepted", "accepted_in_part", "refused"),
    "accepted": ("paid", "contested"),
    "accepted_in_part": ("paid", "contested"),
    "refused": ("contested",),
    "paid": ("contested",),
    "contested": ("proofs_asked", "accepted", "accepted_in_part", "refused"),
}
"""The states that may follow each state."""
OWN_MOVES = frozenset({"proofs_sent", "contested"})
"""States that the VRP brings about; the collector brings about the others."""


def _iban(value: str) -> str:
    error = iban_error(value)
    if error is not None:
        raise PydanticCustomError(error, "Not a valid IBAN")
    return compact(value).upper()


def _nir(value: str) -> str:
    error = nir_error(value)
    if error is not None:
        raise PydanticCustomError(error, "Not a valid NIR")
    return compact(value).upper()


Iban = Annotated[str, StringConstraints(max_length=60), AfterValidator(_iban)]
Nir = Annotated[str, StringConstraints(max_length=30), AfterValidator(_nir)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


class FilingView(Answer):
    """What one employer filed for one month. Euros; None: not in the return. `copies`: how many
    returns that stand side by side were filed for this month."""

    siret: str
    employer: str
    month: MonthCode
    gross: Decimal | None = None
    capped: Decimal | None = None
    uncapped: Decimal | None = None
    csg: Decimal | None = None
    dfs_rate: Decimal | None = None
    dfs_amount: Decimal | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    copies: int = 1
    received_at: Instant


class AnomalyView(Answer):
    """Something wrong in what was filed. `code` names the sentence; `month` is None for the year.
    `id` names its letter; `field` the cell (gross, capped, uncapped, csg)."""

    id: str
    code: AnomalyCode
    siret: str
    employer: str
    month: str | None = None
    field: str = ""
    filed: Decimal | None = None
    expected: Decimal | None = None


class FilingsView(Answer):
    """What was filed for a year. `linked` is False while no NIR is known: nothing can be found."""

    year: int
    linked: bool
    filings: list[FilingView]
    anomalies: list[AnomalyView]


class LetterView(Answer):
    """A letter to an employer, ready to send."""

    anomaly: str
    to: str
    subject: str
    text: str


class Prefill(Wire):
    """Fill the year's table from what was filed: cells that are empty alone."""

    year: Annotated[int, Field(ge=2019, le=2100)]


class PrefillView(Answer):
    """What filling would write, or wrote: entries to send as a batch."""

    entries: list[EntryIn]


class IdentityWrite(Wire):
    """The NIR that employers file under (kept encrypted, shown masked)."""

    nir: Nir


class IbanWrite(Wire):
    """Where a refund is paid, with the password: a session left open must not turn money away."""

    iban: Iban
    holder: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=70)]
    current_password: Password


class RefundDetails(Answer):
    """What the collector knows to find filings and to pay, masked."""

    nir: str | None = Field(default=None, description="Masked, or null")
    iban: str | None = Field(default=None, description="Masked, or null")
    holder: str | None = None
    changed_at: Instant | None = None


class ClaimEvent(Answer):
    """One step of a claim. `by` is person, collector or service. `amount` in euros: accepted, or
    paid. `files` names attachments."""

    state: ClaimState
    at: Instant
    by: Literal["person", "collector", "service"]
    note: str = ""
    amount: Decimal | None = None
    files: list[str] = Field(default_factory=list)


class ClaimView(Answer):
    """A claim, for its owner and for the collector. `amount` asked, `accepted` and `paid` so far.
    `next` lists what its owner may do (proofs_sent, contested)."""

    number: str
    account_id: str
    period: str
    amount: Decimal
    state: ClaimState
    accepted: Decimal | None = None
    paid: Decimal | None = None
    events: list[ClaimEvent]
    next: list[str] = Field(default_factory=list)
    contest_until: dt.date | None = Field(
        default=None, description="Last day of a known limit; null: ask the collector"
    )


class ClaimAnswer(Wire):
    """Proofs sent back to the collector."""

    note: Sentence
    files: Annotated[list[EntryId], Field(max_length=20)] = Field(default_factory=list)


class ClaimContest(Wire):
    """Why a decision is contested."""

    note: Sentence
    files: Annotated[list[EntryId], Field(max_length=20)] = Field(default_factory=list)


class ClaimMove(Wire):
    """The collector's step. `amount`: accepted (in part), or paid."""

    state: Literal["proofs_asked", "accepted", "accepted_in_part", "refused", "paid"]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    amount: DeclaredEuros | None = None


class DsnReport(Answer):
    """What an import of employers' returns kept. `known` is True when this very file had been
    imported already: nothing was written again."""

    id: str
    lines: int
    returns: int
    people: int
    kept: int
    matched: int
    known: bool = False
