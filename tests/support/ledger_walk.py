"""Random walks over one account's ledger, with an oracle of its own.

Each step is a thing that may happen to an account. After it, the books are checked: they balance,
no line written before has changed, the statement equals the sum, and every cent stands where the
law puts it. A new kind of step is a method in STEPS.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from backend import ledger
from backend.allocation import ADVANCE, CREDIT, Position
from backend.ledger import Entry
from backend.statement import statement
from backend.storage.engine import Database
from backend.storage.tables import Account, Due, LedgerLine, LedgerTransaction, Person, new_id
from regimes.assessment import Assessment, Line, Share

ORDER = ("impot", "csg_crds", "maladie", "retraite", "formation")
Draw = Callable[[int], int]
"""A whole number from 0 to n - 1."""


class Walk:
    """One account, and what the oracle believes of it (cents)."""

    def __init__(self, database: Database, draw: Draw) -> None:
        self.database = database
        self.draw = draw
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        person = Person(
            id=new_id(), email=f"{new_id()}@example.org", password_hash="x", created_at=self.now
        )
        database.add(person)
        database.flush()
        account = Account(
            id=new_id(), person_id=person.id, regime="toy", siret="1", name="x",
            created_at=self.now,
        )  # fmt: skip
        database.add(account)
        database.flush()
        self.account = account.id
        self.declared: dict[str, dict[str, int]] = {}
        self.sanctions: dict[str, dict[str, int]] = {}
        self.paid: dict[str, int] = {}
        self.refunded = 0
        self.seen: dict[str, tuple[object, ...]] = {}
        self.versions = 0

    # --- what may happen ---------------------------------------------------------------------

    def declare(self) -> None:
        """A new period, next month's."""
        number = len(self.declared)
        period = f"{2020 + number // 12}-{number % 12 + 1:02}"
        self.database.add(
            Due(
                account_id=self.account, code=f"declaration.{period}", period=period,
                due_date=date(2020 + number // 12, number % 12 + 1, 28), label="Déclaration",
                issued_at=self.now,
            )
        )  # fmt: skip
        self._file(period, "declaration")

    def correct(self) -> None:
        """Other figures for a period already declared."""
        if self.declared:
            self._file(self._period(), "correction")

    def _file(self, period: str, kind: str) -> None:
        shares = {fund: self.draw(300_00) if self.draw(4) else 0 for fund in ORDER}
        assessment = _assessment(shares)
        already = ledger.booked_funds(self.database, self.account, period)
        self.versions += 1
        ledger.settle(
            self.database, self.account, ORDER, kind, ("submission", f"{self.versions}-{new_id()}"
            [:40]), self.now, date(2026, 1, 31),
            against=ledger.share_entries(assessment, already), period=period,
        )  # fmt: skip
        self.declared[period] = {fund: part for fund, part in shares.items() if part}

    def pay(self) -> None:
        """Some cents, for a period or for none."""
        self._receive(1 + self.draw(900_00))

    def pay_all(self) -> None:
        """Exactly what is owed."""
        owed = sum(max(0, p.open) for p in self._held().values())
        if owed:
            self._receive(owed)

    def _receive(self, amount: int) -> None:
        target = self._period() if self.declared and self.draw(3) else None
        before = self._held()
        wanted = self._placed(before, amount, target)
        payment = new_id()
        ledger.receive(
            self.database, self.account, ORDER, ("payment", payment), self.now, date(2026, 2, 1),
            amount, target,
        )  # fmt: skip
        self.paid[payment] = amount
        after = self._held()
        got = {
            name: position.total - before.get(name, Position()).total
            for name, position in after.items()
        }
        assert {n: c for n, c in got.items() if c} == wanted, "a payment went elsewhere"

    def reject(self) -> None:
        """A payment comes back."""
        if self.paid:
            payment = sorted(self.paid)[self.draw(len(self.paid))]
            ledger.take_back(
                self.database, self.account, ORDER, "rejection", ("payment", payment), self.now,
                date(2026, 2, 3),
            )  # fmt: skip
            del self.paid[payment]

    def refund(self) -> None:
        """A part of the credit, or all of it."""
        most = sum(position.credit for position in self._held().values())
        if most:
            amount = 1 + self.draw(most)
            ledger.give_back(
                self.database, self.account, ORDER, ("refund", new_id()), self.now,
                date(2026, 2, 4), amount,
            )  # fmt: skip
            self.refunded += amount

    def penalty(self) -> None:
        """A surcharge or a penalty on a period."""
        if self.declared:
            self._sanction(self._period(), f"sanction:{'ab'[self.draw(2)]}", 1 + self.draw(50_00))

    def waive(self) -> None:
        """A sanction taken away."""
        known = [(p, code) for p, found in self.sanctions.items() for code in found]
        if known:
            period, code = known[self.draw(len(known))]
            self._sanction(period, code, -self.sanctions[period][code])

    def _sanction(self, period: str, code: str, cents: int) -> None:
        ledger.settle(
            self.database, self.account, ORDER, "penalty" if cents > 0 else "waiver",
            ("decision", new_id()), self.now, date(2026, 2, 5),
            against=[Entry(ledger.RECEIVABLE, cents), Entry(code, -cents, code)], period=period,
        )  # fmt: skip
        kept = self.sanctions.setdefault(period, {})
        kept[code] = kept.get(code, 0) + cents
        if not kept[code]:
            del kept[code]

    STEPS = ("declare", "declare", "correct", "pay", "pay", "pay_all", "reject", "refund",
             "penalty", "waive")  # fmt: skip

    def step(self) -> None:
        """One thing happens; then the books are checked."""
        self.now += timedelta(hours=1)
        getattr(self, self.STEPS[self.draw(len(self.STEPS))])()
        self.check()

    # --- what must hold ----------------------------------------------------------------------

    def check(self) -> None:
        """The books, against the oracle."""
        held = self._held()
        owed = sum(sum(f.values()) for f in self.declared.values())
        owed += sum(sum(s.values()) for s in self.sanctions.values())
        balance = owed - sum(self.paid.values()) + self.refunded
        assert sum(position.open for position in held.values()) == balance, "the balance is wrong"
        for name, position in held.items():
            self._in_legal_order(name, position)
        owing = any(position.open > 0 for position in held.values())
        spare = any(position.credit for position in held.values())
        assert not (owing and spare), "a credit stands beside a debt"
        told = ledger.balances(self.database, self.account)
        for name, position in held.items():
            kept = told.get(name, ledger.Balance(0, 0))
            assert (kept.called, kept.received) == (position.called, position.total), (
                "a balance is not what its lines add up to"
            )

    def finish(self) -> None:
        """What costs more: each transaction balances, no line changed, the statement is the sum."""
        unbalanced = self.database.execute(
            select(LedgerLine.transaction_id)
            .where(LedgerLine.account_id == self.account)
            .group_by(LedgerLine.transaction_id)
            .having(func.sum(LedgerLine.amount_cents) != 0)
        ).all()
        assert unbalanced == []
        found = statement(self.database, self.account, ORDER)
        held = self._held()
        assert found.balance == ledger.euros(sum(p.open for p in held.values()))
        assert sum((p.open for p in found.periods), Decimal(0)) == found.balance
        assert sum((line.amount for line in found.lines), Decimal(0)) == found.balance
        self.remember()

    def remember(self) -> None:
        """Every line seen before is still there, as it was."""
        rows = {
            line.id: (line.transaction_id, line.position, line.ledger_account, line.period,
                      line.line_code, line.amount_cents, kind, origin)
            for line, kind, origin in self.database.execute(
                select(LedgerLine, LedgerTransaction.kind, LedgerTransaction.origin_id)
                .join(LedgerTransaction, LedgerTransaction.id == LedgerLine.transaction_id)
                .where(LedgerLine.account_id == self.account)
                .execution_options(populate_existing=True)
            )
        }  # fmt: skip
        for name, row in self.seen.items():
            assert rows.get(name) == row, "a line has changed"
        self.seen = rows

    def _in_legal_order(self, name: str, position: Position) -> None:
        funds = self.declared.get(name, {})
        sanctions = self.sanctions.get(name, {})
        assert position.called == sum(funds.values()) + sum(sanctions.values())
        left = position.total
        for code in (*ORDER, *sorted(sanctions)):
            due = funds.get(code, 0) if code in ORDER else sanctions[code]
            part = max(0, min(due, left))
            assert position.received.get(code, 0) == part, f"{code} is out of turn"
            left -= part
        assert position.received.get(CREDIT, 0) == left

    def _placed(self, held: dict[str, Position], amount: int, target: str | None) -> dict[str, int]:
        """Where a payment is to go, cent by cent of what the oracle knows."""
        names = sorted(self.declared)
        queue = [
            (n, max(0, min(0, p.called) - p.total)) for n, p in sorted(held.items()) if n[0] == "2"
        ]
        queue.append((ADVANCE, max(0, -held[ADVANCE].total)))
        out = dict(queue)
        principal = {
            n: max(0, sum(self.declared[n].values()) - held.get(n, Position()).total)
            - out.get(n, 0)
            for n in names
        }
        if target is not None:
            queue.append((target, principal[target]))
        queue += [(n, principal[n]) for n in names if n != target]
        queue += [(n, max(0, held[n].open) - principal[n] - out[n])
                  for n in names if n in held]  # fmt: skip
        found: dict[str, int] = {}
        for name, most in queue:
            part = min(amount, most)
            if part > 0:
                found[name] = found.get(name, 0) + part
                amount -= part
        if amount:
            found[ADVANCE] = found.get(ADVANCE, 0) + amount
        return found

    def _held(self) -> dict[str, Position]:
        return ledger.positions(self.database, self.account)

    def _period(self) -> str:
        return sorted(self.declared)[self.draw(len(self.declared))]


def _assessment(shares: dict[str, int]) -> Assessment:
    total = ledger.euros(sum(shares.values()))
    line = Line("a", "A", "g", total, None, total, total, "law")
    return Assessment(
        "toy", "2026", "v", (), (line,),
        tuple(Share(f, f, ledger.euros(c), ledger.euros(c)) for f, c in shares.items()),
    )  # fmt: skip
