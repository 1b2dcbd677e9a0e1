"""Paying: mandates, orders, payments, credits and refunds, and the statement."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from contract.base import Answer, Instant, Wire
from contract.identifiers import compact, iban_error
from contract.people import Password
from regimes.money import Euros


def _iban(value: str) -> str:
    error = iban_error(value)
    if error is not None:
        raise PydanticCustomError(error, "Not a valid IBAN")
    return compact(value).upper()


def _holder(value: str) -> str:
    if not all(char.isprintable() for char in value):
        raise PydanticCustomError("name_characters", "A name holds no control character")
    return value


Iban = Annotated[str, StringConstraints(max_length=60), AfterValidator(_iban)]
Holder = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=70),
    AfterValidator(_holder),
]
Paid = Annotated[Euros, Field(gt=0, le=Decimal("99999999.99"))]
Identifier = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
DueCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9_.~-]{0,59}$")]


class MandateSign(Wire):
    """Sign a SEPA mandate: the account to debit, the agreement itself (`agreed` must be true), and
    the password: a session left open must not add an account. `one_off` serves once."""

    iban: Iban
    holder: Holder
    agreed: Literal[True]
    one_off: bool = False
    current_password: Password


class MandateView(Answer):
    """A mandate. The account is masked. `state`: active, revoked, used (one-off), blocked (the bank
    said that it cannot be debited; `reason` is its code)."""

    id: str
    rum: str
    ics: str
    iban: str
    holder: str
    one_off: bool
    share: int = Field(description="Percent of an amount that this account bears by default")
    state: str
    signed_at: Instant
    revoked_at: Instant | None = None
    last_used_on: dt.date | None = None


class MandateShare(Wire):
    """What one account bears: percent."""

    mandate: Identifier
    percent: Annotated[int, Field(ge=0, le=100)]


class Split(Wire):
    """How amounts are split between my accounts: percents that add up to 100."""

    shares: Annotated[list[MandateShare], Field(min_length=1, max_length=3)]


class Part(Wire):
    """What one account is debited of. Euros."""

    mandate: Identifier
    amount: Paid


class OrderAsk(Wire):
    """Order the debit of a due, or amend it. No `parts`: all that is owed, split as my accounts
    say."""

    parts: Annotated[list[Part], Field(max_length=3)] = Field(default_factory=list)


class PartView(Answer):
    """One debit of an order."""

    mandate: str
    iban: str
    amount: Decimal


class OrderView(Answer):
    """An order to debit. `state`: scheduled, sent, cancelled. `amendable` until `cutoff_at`."""

    id: str
    due: str
    collect_on: dt.date
    cutoff_at: Instant
    amendable: bool
    amount: Decimal
    parts: list[PartView]
    state: str
    on_time: bool


class PaymentView(Answer):
    """Money that came in or should. `state`: pending, paid, rejected, failed. `settled`: its day
    has come. `reason` is the bank's code, which the app turns into a sentence."""

    id: str
    method: str
    state: str
    amount: Decimal
    due: str | None = None
    period: str | None = None
    reference: str
    iban: str | None = None
    value_date: dt.date | None = None
    settled: bool = False
    reason: str = ""
    rejected_on: dt.date | None = None
    created_at: Instant


class DueView(Answer):
    """Something asked from me. `state`: paid, ordered, sent (debit on its way), pending (card or
    transfer begun), rejected (a debit came back), plan (paid by an instalment plan), open, late,
    credit (negative: paid back)."""

    code: str
    period: str
    start: dt.date | None = None
    end: dt.date | None = None
    label: str
    provisional: bool = False
    due_on: dt.date
    amount: Decimal
    open: Decimal
    state: str
    order: OrderView | None = None
    payment: PaymentView | None = Field(default=None, description="The latest payment begun")
    debit_on: dt.date | None = Field(
        default=None, description="Day on which an order given now would be debited"
    )
    receipt: str | None = None


class RefundView(Answer):
    """A credit asked back. `state`: asked, sent, rejected."""

    id: str
    state: str
    amount: Decimal
    iban: str
    asked_at: Instant
    executed_on: dt.date | None = None
    reason: str = ""


class Paying(Answer):
    """Everything the payment screens show."""

    today: dt.date
    dues: list[DueView]
    open: Decimal
    credit: Decimal = Field(description="What I may be paid back")
    mandates: list[MandateView]
    payments: list[PaymentView]
    refunds: list[RefundView]
    creditor: str
    ics: str
    cards: bool = Field(description="True when a card may be used")
    sandbox: bool = Field(description="True when card payments go to a sandbox")


class CardAsk(Wire):
    """Pay a due by card. No `amount`: all that is open."""

    due: DueCode
    amount: Paid | None = None


class Checkout(Answer):
    """Where to send the window to pay by card."""

    payment: PaymentView
    url: str


class TransferAsk(Wire):
    """Pay a due by bank transfer: gives the reference to quote."""

    due: DueCode


class TransferView(Answer):
    """What to write on a bank transfer. The account is the collector's."""

    payment: PaymentView
    iban: str
    bic: str
    holder: str
    reference: str


class RefundAsk(Wire):
    """Ask a credit back: on the account of a mandate, or on another one, which asks for the
    password."""

    mandate: Identifier | None = None
    iban: Iban | None = None
    holder: Holder | None = None
    amount: Paid | None = None
    current_password: Password | None = None


class StatementLine(Answer):
    """One movement as I read it. Euros; positive is a debt. `label` is a French msgid, `params`
    fill it."""

    date: dt.date
    value_date: dt.date | None = Field(
        default=None, description="Day on which the bank moves the money, when it is another"
    )
    code: str
    label: str
    period: str
    start: dt.date | None = None
    end: dt.date | None = None
    amount: Decimal
    balance: Decimal
    origin: str
    params: dict[str, Any] = Field(default_factory=dict)


class PeriodBalance(Answer):
    """A period: what was asked, received, and is left."""

    period: str
    start: dt.date | None = None
    end: dt.date | None = None
    asked: Decimal
    received: Decimal
    open: Decimal
    by_fund: dict[str, Decimal] = Field(description="What each fund received, in the legal order")


class Statement(Answer):
    """The account, line by line, and period by period."""

    lines: list[StatementLine]
    balance: Decimal
    periods: list[PeriodBalance] = Field(default_factory=list)


class WebhookTaken(Answer):
    """A provider's notice is taken: told again, it changes nothing."""

    taken: bool = True


__all__ = [
    "CardAsk",
    "Checkout",
    "DueCode",
    "DueView",
    "MandateShare",
    "MandateSign",
    "MandateView",
    "OrderAsk",
    "OrderView",
    "Part",
    "PartView",
    "Paying",
    "PaymentView",
    "PeriodBalance",
    "RefundAsk",
    "RefundView",
    "Split",
    "Statement",
    "StatementLine",
    "TransferAsk",
    "TransferView",
    "WebhookTaken",
]  # fmt: skip
