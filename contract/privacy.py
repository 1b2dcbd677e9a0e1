"""My data: a copy of all of it, and the way out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field

from contract.base import Answer, Instant, Wire
from contract.people import Paper, Password, Token


class DataAsk(Wire):
    """Ask for a copy of all my data, with my password."""

    current_password: Password
    form: Literal["json", "pdf"]
    locale: Paper = "fr"


class DataCopyView(Answer):
    """A copy of my data. `state`: making, ready, failed. Kept until `expires_at`."""

    id: str
    form: str
    state: str
    size: int
    asked_at: Instant
    expires_at: Instant
    path: str


class KeptView(Answer):
    """A period: what it covers, how long, until when for me, and the text it comes from."""

    key: str
    days: int = 0
    months: int = 0
    years: int = 0
    until: dt.date | None = Field(default=None, description="First day it is erased, if known")
    law: str
    source: str
    confirmed: bool
    note: str


class ObstacleView(Answer):
    """What an account still owes or has to declare."""

    account_id: str
    name: str
    open: Decimal = Field(description="Still to pay, in euros")
    credit: Decimal = Field(description="To be paid back, in euros")
    periods: list[str] = Field(description="Periods to declare, by their code")


class ClosureView(Answer):
    """Closing my account. `state`: none, asked (until `effective_at` it may be cancelled)."""

    state: str
    asked_at: Instant | None = None
    effective_at: Instant | None = None
    obstacles: list[ObstacleView] = Field(default_factory=list)
    kept: list[KeptView] = Field(default_factory=list)


class ClosureAsk(Wire):
    """Close my account, with my password; `despite` what is still owed or to declare."""

    current_password: Password
    despite: bool = False


class CancelClosure(Wire):
    """Keep my account, with the code of the message."""

    token: Token
