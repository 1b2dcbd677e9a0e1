"""How money is spread over what is owed, in the order of the law. Pure: cents in, cents out.

Principal before surcharges (CSS L133-4-11), funds in the régime's order (CSS D133-4, L613-9), what
is left to the oldest debt. What a period has received always equals `spread` of it over what the
period owes: after a correction, a rejection or a waiver the same rule is applied again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ADVANCE = "advance"
"""Period of money received while nothing was owed."""
CREDIT = "credit"
"""Code of what a period received beyond what it owes."""
SANCTION = "sanction:"
"""Prefix of the ledger accounts, and of the codes, of surcharges and penalties."""


@dataclass
class Position:
    """What the ledger holds of one period, in cents, all positive when owed or received."""

    funds: dict[str, int] = field(default_factory=dict)
    sanctions: dict[str, int] = field(default_factory=dict)
    called: int = 0
    """Asked from the person: principal and sanctions."""
    received: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What it has received, net."""
        return sum(self.received.values())

    @property
    def open(self) -> int:
        """What is still owed; negative is a credit."""
        return self.called - self.total

    @property
    def principal_open(self) -> int:
        """What is still owed of the contributions themselves."""
        return max(0, self.called - sum(self.sanctions.values()) - self.total)

    @property
    def sanction_open(self) -> int:
        """What is still owed of surcharges and penalties."""
        return max(0, self.open) - self.principal_open

    @property
    def credit(self) -> int:
        """What may be used elsewhere or paid back."""
        return max(0, -self.open)

    @property
    def overdrawn(self) -> int:
        """What was taken out of this period beyond what it gave (a payment rejected after its
        money had served another period)."""
        return max(0, min(0, self.called) - self.total)

    def dues(self, order: Sequence[str]) -> list[tuple[str, int]]:
        """What each fund, then each sanction, is to receive, in the legal order. A fund that the
        order does not name comes after those it names."""
        rank = {name: number for number, name in enumerate(order)}
        funds = sorted(self.funds, key=lambda name: (rank.get(name, len(rank)), name))
        return [(name, self.funds[name]) for name in funds] + [
            (name, self.sanctions[name]) for name in sorted(self.sanctions)
        ]


def spread(total: int, dues: Iterable[tuple[str, int]]) -> dict[str, int]:
    """`total` cents over `dues` in their order; the rest under CREDIT. A negative due (a fund that
    gives back) counts as received at once. Zero amounts are left out."""
    dues = list(dues)
    filled = {code: due for code, due in dues if due < 0}
    left = total - sum(filled.values())
    for code, due in dues:
        if due > 0:
            part = min(due, max(0, left))
            filled[code] = filled.get(code, 0) + part
            left -= part
    filled[CREDIT] = left
    return {code: cents for code, cents in filled.items() if cents}


def place(
    amount: int, positions: Mapping[str, Position], oldest: Sequence[str], target: str | None = None
) -> dict[str, int]:
    """Where a payment of `amount` cents goes, by period: what was paid out and had never come in,
    then the period it was meant for, then the oldest principal, then the oldest sanctions, then an
    advance. `oldest`: periods, oldest first."""
    moves: dict[str, int] = {}
    left = amount
    for name in oldest:
        part = min(left, positions[name].overdrawn)
        if part:
            moves[name] = part
            left -= part
    first = [target] if target in positions and target is not None else []
    names = first + [name for name in oldest if name != target]
    for kind in ("principal_open", "sanction_open"):
        for name in names if kind == "principal_open" else oldest:
            lack = getattr(positions[name], kind)
            if kind == "principal_open":
                lack -= positions[name].overdrawn
            part = min(left, lack)
            if part > 0:
                moves[name] = moves.get(name, 0) + part
                left -= part
    if left:
        moves[ADVANCE] = moves.get(ADVANCE, 0) + left
    return moves


def balance_out(positions: Mapping[str, Position], oldest: Sequence[str]) -> dict[str, int]:
    """Moves that leave no period overdrawn and no credit beside a debt: what was overdrawn comes
    back from the newest period, credits go to the oldest debts. They add up to zero."""
    if not any(position.credit or position.overdrawn for position in positions.values()):
        return {}
    totals = {name: position.total for name, position in positions.items()}
    moves: dict[str, int] = {}

    def move(source: str, goal: str, cents: int) -> None:
        for name, change in ((source, -cents), (goal, cents)):
            moves[name] = moves.get(name, 0) + change
            totals[name] += change

    def view(name: str) -> Position:
        held = positions[name]
        return Position(held.funds, held.sanctions, held.called, {CREDIT: totals[name]})

    for name in oldest:
        for other in reversed(oldest):
            lack = view(name).overdrawn
            if lack and other != name and totals[other] > 0:
                move(other, name, min(lack, totals[other]))
    for kind in ("principal_open", "sanction_open"):
        for name in oldest:
            for other in oldest:
                lack, spare = getattr(view(name), kind), view(other).credit
                if lack and spare and other != name:
                    move(other, name, min(lack, spare))
    return {name: cents for name, cents in moves.items() if cents}
