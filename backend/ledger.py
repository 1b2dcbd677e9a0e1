"""Double-entry ledger: each transaction balances, nothing is ever edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import bindparam, func, insert, select

from backend import events
from backend.allocation import ADVANCE, SANCTION, Position, balance_out, place, spread
from backend.storage.balances import TO_MOVE, PeriodBalance
from backend.storage.engine import Database, written_over
from backend.storage.tables import Due, LedgerLine, LedgerTransaction, new_id
from regimes.assessment import Assessment

RECEIVABLE = "receivable"
"""What the person owes the collector: debit positive. A line without a code asks, a line with the
code of a fund, of a sanction, or `credit` says what was received and where it went."""
BANK = "bank"
"""Money at the collector's bank."""
CALLS = "calls"
"""Between what a year comes to and what its calls have asked so far (scheduled régimes)."""
REFUNDS = "refunds"
"""Credits promised back and not sent yet."""

# Built once: a declaration books, and has no time to say again how.
_TRANSACTION = insert(LedgerTransaction.__table__)  # type: ignore[arg-type]
_LINES = insert(LedgerLine.__table__)  # type: ignore[arg-type]
_BALANCE = written_over(PeriodBalance, "called_cents", "received_cents", added=True)
_POSITIONS = (
    select(
        LedgerLine.period, LedgerLine.ledger_account, LedgerLine.line_code,
        func.sum(LedgerLine.amount_cents),
    )
    .where(LedgerLine.account_id == bindparam("account"))
    .group_by(LedgerLine.period, LedgerLine.ledger_account, LedgerLine.line_code)
)  # fmt: skip
_POSITIONS_OF = _POSITIONS.where(LedgerLine.period.in_(bindparam("periods", expanding=True)))
_TO_MOVE = (
    select(PeriodBalance.received_cents)
    .where(PeriodBalance.account_id == bindparam("account"), TO_MOVE)
    .order_by(PeriodBalance.received_cents)
    .limit(1)
)
_UNEVEN = select(PeriodBalance.period).where(
    PeriodBalance.account_id == bindparam("account"),
    PeriodBalance.received_cents != PeriodBalance.called_cents,
)
_BALANCES = select(
    PeriodBalance.period, PeriodBalance.called_cents, PeriodBalance.received_cents
).where(PeriodBalance.account_id == bindparam("account"))
_OWED = select(
    func.coalesce(func.sum(PeriodBalance.called_cents - PeriodBalance.received_cents), 0)
).where(PeriodBalance.account_id == bindparam("account"))
_DAYS = (
    select(Due.period, func.min(Due.due_date))
    .where(
        Due.account_id == bindparam("account"), Due.period.in_(bindparam("periods", expanding=True))
    )
    .group_by(Due.period)
)


@dataclass(frozen=True)
class Entry:
    """One line to book, in cents: debit positive, credit negative. `period` when it differs from
    the transaction's."""

    ledger_account: str
    cents: int
    code: str = ""
    period: str | None = None


@dataclass(frozen=True)
class Balance:
    """Cents that one period was asked, and that it has received."""

    called: int
    received: int


class Unbalanced(ValueError):
    """A transaction whose lines do not add up to zero."""


def cents(euros: Decimal) -> int:
    """Whole cents of an amount already rounded to the cent."""
    scaled = euros * 100
    if scaled != scaled.to_integral_value():
        raise ValueError("not a whole number of cents")
    return int(scaled)


def euros(amount: int) -> Decimal:
    """Euros of whole cents."""
    return Decimal(amount).scaleb(-2)


def share_entries(
    assessment: Assessment, already: Mapping[str, int], against: str = RECEIVABLE
) -> list[Entry]:
    """Lines that bring what was booked for a period (`already`, cents by fund) to the shares of
    `assessment`. Raises Unbalanced when its shares do not add up to what is due.

    A first declaration has nothing booked; a correction books the difference alone. `against`:
    RECEIVABLE when the declaration asks for the money, CALLS when calls do.
    """
    wanted: dict[str, int] = {}
    for share in assessment.shares:
        name = f"fund:{share.fund}"
        wanted[name] = wanted.get(name, 0) + cents(share.amount)
    if sum(wanted.values()) != cents(assessment.due):
        raise Unbalanced("shares")
    entries = []
    for name in sorted(set(wanted) | set(already)):
        difference = wanted.get(name, 0) - already.get(name, 0)
        if difference:
            entries.append(Entry(name, -difference, name.removeprefix("fund:")))
    total = sum(entry.cents for entry in entries)
    if total:
        entries.insert(0, Entry(against, -total))
    return entries


def book(
    database: Database, account_id: str, kind: str, origin: tuple[str, str], period: str,
    at: datetime, value_date: date, entries: Sequence[Entry],
) -> None:  # fmt: skip
    """Write a transaction, and its link of the chain. Raises Unbalanced. An empty one (nothing
    changes) is not written. The caller holds the account locked."""
    if sum(entry.cents for entry in entries) != 0:
        raise Unbalanced(kind)
    if not entries:
        return
    name = new_id()
    lines = [
        {
            "id": new_id(), "transaction_id": name, "position": position,
            "account_id": account_id, "ledger_account": entry.ledger_account,
            "line_code": entry.code, "period": period if entry.period is None else entry.period,
            "amount_cents": entry.cents,
        }
        for position, entry in enumerate(entries)
    ]  # fmt: skip
    database.flush()
    connection = database.connection()
    connection.execute(
        _TRANSACTION,
        {
            "id": name, "account_id": account_id, "kind": kind, "origin_kind": origin[0],
            "origin_id": origin[1], "booked_at": at, "value_date": value_date,
        },
    )  # fmt: skip
    connection.execute(_LINES, lines)
    connection.execute(_BALANCE[connection.dialect.name], _moved(account_id, period, entries))
    commitment = events.transaction_commitment(
        name, kind, origin, at, value_date,
        ((n, e.ledger_account, period if e.period is None else e.period, e.code, e.cents)
         for n, e in enumerate(entries)),
    )  # fmt: skip
    events.append(database, account_id, events.TRANSACTION, name, commitment, at)


def _moved(account_id: str, period: str, entries: Sequence[Entry]) -> list[dict[str, object]]:
    """What lines change in the balance of their periods: a row for each period, changed or not,
    so that one without a row has no line."""
    called: dict[str, int] = {}
    received: dict[str, int] = {}
    for entry in entries:
        name = period if entry.period is None else entry.period
        called.setdefault(name, 0)
        received.setdefault(name, 0)
        if entry.ledger_account == RECEIVABLE and entry.code:
            received[name] -= entry.cents
        elif entry.ledger_account == RECEIVABLE:
            called[name] += entry.cents
    return [
        {
            "account_id": account_id, "period": name, "called_cents": called[name],
            "received_cents": received[name],
        }
        for name in called
    ]  # fmt: skip


def booked_funds(database: Database, account_id: str, period: str) -> dict[str, int]:
    """Cents credited to each fund so far for a period (positive)."""
    return by_account(positions(database, account_id, [period])[period])


def by_account(held: Position) -> dict[str, int]:
    """Cents credited to each fund of a position, by ledger account."""
    return {f"fund:{fund}": cents for fund, cents in held.funds.items()}


def balance(database: Database, account_id: str) -> Decimal:
    """Euros the person owes; negative is a credit."""
    return euros(int(database.connection().scalar(_OWED, {"account": account_id}) or 0))


def balances(database: Database, account_id: str) -> dict[str, Balance]:
    """What each period of an account was asked and has received."""
    database.flush()
    rows = database.connection().execute(_BALANCES, {"account": account_id})
    return {period: Balance(int(called), int(received)) for period, called, received in rows}


def positions(
    database: Database, account_id: str, periods: Iterable[str] | None = None
) -> dict[str, Position]:
    """What the ledger holds of each period of an account, and of its advance; or of `periods`."""
    database.flush()
    connection = database.connection()
    if periods is None:
        found: dict[str, Position] = {ADVANCE: Position()}
        rows = connection.execute(_POSITIONS, {"account": account_id})
    else:
        found = {name: Position() for name in periods}
        rows = connection.execute(_POSITIONS_OF, {"account": account_id, "periods": list(found)})
    for period, name, code, total in rows:
        _count(found, period, name, code, int(total))
    return found


def _count(held: dict[str, Position], period: str, name: str, code: str, amount: int) -> None:
    """Add a line to the positions."""
    if not amount:
        return
    position = held.setdefault(period, Position())
    if name == RECEIVABLE and not code:
        position.called += amount
    elif name == RECEIVABLE:
        position.received[code] = position.received.get(code, 0) - amount
    elif name.startswith("fund:"):
        fund = name.removeprefix("fund:")
        position.funds[fund] = position.funds.get(fund, 0) - amount
    elif name.startswith(SANCTION):
        position.sanctions[name] = position.sanctions.get(name, 0) - amount


def oldest_first(database: Database, account_id: str, periods: Iterable[str]) -> list[str]:
    """Periods by the day they were first due; an advance comes last."""
    told = list(periods)
    database.flush()
    rows = database.connection().execute(_DAYS, {"account": account_id, "periods": told})
    days: dict[str, date] = {period: day for period, day in rows}  # noqa: C416 rows are no pairs
    return sorted(told, key=lambda p: (p == ADVANCE, days.get(p, date.max), p))


def settle(
    database: Database, account_id: str, order: Sequence[str], kind: str, origin: tuple[str, str],
    at: datetime, value_date: date, moves: Mapping[str, int] | None = None,
    against: Sequence[Entry] = (), period: str = ADVANCE,
    held: dict[str, Position] | None = None,
) -> None:  # fmt: skip
    """Book money that comes or goes (`moves`, cents by period; `against`, the other side), then
    bring every period back to the legal order: credits to the oldest debts, each amount to the
    funds as the law ranks them. What changes because of that alone is a second transaction,
    `allocation`, of the same origin. Raises Unbalanced.

    Periods that are even and that nothing touches are left unread: they stand in the legal order
    already. Every use case that touches what is owed ends with this: declare, pay, reject, refund,
    penalty, waiver, plan. The caller holds the account locked. `held`: the positions of what is
    touched, if the caller has just read them.
    """
    moves = moves or {}
    touched = {period, *moves, *(e.period for e in against if e.period is not None)}
    if held is None or touched - set(held):
        held = positions(database, account_id, touched)
    entries = list(against)
    for name, change in moves.items():
        entries += _received(held[name], name, change, order)
    book(database, account_id, kind, origin, period, at, value_date, entries)
    for entry in entries:
        where = period if entry.period is None else entry.period
        _count(held, where, entry.ledger_account, entry.code, entry.cents)
    shifts: dict[str, int] = {}
    if others := _to_move(database, account_id):
        held |= positions(database, account_id, others - set(held))
        shifts = balance_out(held, oldest_first(database, account_id, held))
    entries = []
    for name, position in held.items():
        entries += _received(position, name, shifts.get(name, 0), order)
    book(database, account_id, "allocation", origin, period, at, value_date, entries)


def _to_move(database: Database, account_id: str) -> set[str]:
    """The periods between which money is to move: none unless one has a credit, or gave more than
    it had. Then those that are not even, or every one for what was taken out has to come from
    somewhere."""
    connection = database.connection()
    least = connection.scalar(_TO_MOVE, {"account": account_id})
    if least is None:
        return set()
    if least < 0:
        return set(positions(database, account_id))
    return set(connection.scalars(_UNEVEN, {"account": account_id}))


def _received(position: Position, name: str, change: int, order: Sequence[str]) -> list[Entry]:
    """Lines that make a period's receipts `change` cents more, spread by law."""
    wanted = spread(position.total + change, position.dues(order))
    entries = []
    for code in sorted(set(wanted) | set(position.received)):
        difference = wanted.get(code, 0) - position.received.get(code, 0)
        if difference:
            entries.append(Entry(RECEIVABLE, -difference, code, name))
    return entries


def receive(
    database: Database, account_id: str, order: Sequence[str], origin: tuple[str, str],
    at: datetime, value_date: date, amount: int, target: str | None = None,
) -> None:  # fmt: skip
    """Book a payment of `amount` cents, meant for the period `target` if one is named."""
    held = positions(database, account_id)
    moves = place(amount, held, oldest_first(database, account_id, held), target)
    settle(
        database, account_id, order, "payment", origin, at, value_date, moves,
        [Entry(BANK, amount)], target or ADVANCE,
    )  # fmt: skip


def take_back(
    database: Database, account_id: str, order: Sequence[str], kind: str, origin: tuple[str, str],
    at: datetime, value_date: date,
) -> None:  # fmt: skip
    """Undo a payment that its bank rejected: what it had paid is owed again. `origin` is the
    payment's; money that had since moved on comes back from where it went."""
    rows = database.execute(
        select(LedgerLine.period, LedgerLine.ledger_account, LedgerLine.amount_cents)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerLine.transaction_id)
        .where(
            LedgerTransaction.account_id == account_id, LedgerTransaction.kind == "payment",
            LedgerTransaction.origin_kind == origin[0], LedgerTransaction.origin_id == origin[1],
        )
    ).all()  # fmt: skip
    moves: dict[str, int] = {}
    against = []
    for name, ledger_account, amount in rows:
        if ledger_account == RECEIVABLE:
            moves[name] = moves.get(name, 0) + int(amount)
        else:
            against.append(Entry(ledger_account, -int(amount), "", name))
    settle(
        database, account_id, order, kind, origin, at, value_date, moves, against,
        next(iter(moves), ADVANCE),
    )  # fmt: skip


def give_back(
    database: Database, account_id: str, order: Sequence[str], origin: tuple[str, str],
    at: datetime, value_date: date, amount: int,
) -> None:  # fmt: skip
    """Set `amount` cents of credit aside for a refund. Raises Unbalanced beyond the credit."""
    held = positions(database, account_id)
    moves: dict[str, int] = {}
    left = amount
    for name in oldest_first(database, account_id, held):
        part = min(left, held[name].credit)
        if part:
            moves[name] = -part
            left -= part
    if left:
        raise Unbalanced("more than the credit")
    settle(
        database, account_id, order, "refund", origin, at, value_date, moves,
        [Entry(REFUNDS, -amount)], next(iter(moves), ADVANCE),
    )  # fmt: skip
