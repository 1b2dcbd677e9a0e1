"""Accounts: one person, one profession each; and what the home screen reads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from contract.base import Answer, Instant, Wire
from contract.delegation import ActingView
from contract.identifiers import compact, siret_error
from contract.payments import DueView
from contract.people import PersonView
from regimes.assessment import Assessment
from regimes.regime import Alert, Call, Gauge, Option, Sanction


def _siret(value: str) -> str:
    error = siret_error(value)
    if error is not None:
        raise PydanticCustomError(error, "Not a valid SIRET")
    return compact(value)


Siret = Annotated[str, StringConstraints(max_length=40), AfterValidator(_siret)]


def _printable(value: str) -> str:
    if not all(char.isprintable() for char in value):
        raise PydanticCustomError("name_characters", "A name holds no control character")
    return value


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_printable),
]


class AccountCreate(Wire):
    """A new account. `profile` is checked by the régime."""

    regime: str
    siret: Siret
    name: Name
    profile: dict[str, Any]


class AccountView(Answer):
    """One of my accounts, or one that I act on (`acting`). `siret` is whole: only they read it."""

    id: str
    regime: str
    siret: str
    name: str
    profile: dict[str, Any]
    profile_version: int
    created_at: Instant
    acting: ActingView | None = None


class Opening(Answer):
    """What an app asks first: who is signed in, and the accounts they may open."""

    person: PersonView
    accounts: list[AccountView]


class PeriodView(Answer):
    """A period, with what was sent for it. `state`: upcoming, to_declare, draft, late, optional
    (past its due date, to send only if something was earned), submitted, corrected, closed."""

    code: str
    start: dt.date
    end: dt.date
    opens: dt.date
    due: dt.date
    due_at: Instant
    first: bool = False
    last: bool = False
    note: str = ""
    law: str = ""
    state: str
    submission: str | None = Field(default=None, description="Number of the latest submission")
    version: int = 0
    amount_due: Decimal | None = None
    filed_at: Instant | None = None
    has_draft: bool = False
    draft_step: str | None = Field(
        default=None, description="Step of the form that the draft kept was left at"
    )
    optional: bool = False


class FiledView(Answer):
    """The latest version filed for a period, whole: what the app assesses the next one with."""

    period: str
    version: int
    number: str
    filed_at: Instant
    declaration: dict[str, Any]
    assessment: Assessment


class BalanceView(Answer):
    """What stands on the account, from the ledger. Euros; positive is owed to the collector."""

    balance: Decimal
    called: Decimal
    to_pay_next: Decimal
    next_date: dt.date | None = None


class Overview(Answer):
    """Everything the home screen shows, in one answer."""

    today: dt.date
    now: Instant
    account: AccountView
    periods: list[PeriodView]
    filed: list[FiledView]
    alerts: list[Alert]
    gauges: list[Gauge]
    calls: list[Call]
    sanctions: list[Sanction]
    balance: BalanceView
    dues: list[DueView] = Field(
        default_factory=list, description="What is asked and not settled yet, oldest first"
    )
    email_confirmed: bool
    rates_version: str


class OptionsView(Answer):
    """Rights and events, each with its window."""

    today: dt.date
    options: list[Option]


class OptionChoice(Wire):
    """Use an option: the value chosen, as the option's choices or a date say."""

    value: Annotated[str, StringConstraints(max_length=40)]


class ProfileChange(Wire):
    """A corrected profile (facts entered wrongly at sign-up) or name; checked by the régime."""

    name: Name | None = None
    profile: dict[str, Any] | None = None
