"""Double entry: what is due, by fund; corrections book the difference; nothing is edited."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.ledger import Entry, Unbalanced, book, cents, share_entries
from backend.storage.tables import APPEND_ONLY, LedgerLine
from regimes.assessment import Assessment, Line, Share
from tests.support.world import World


def lines(world: World) -> list[LedgerLine]:
    with world.services.storage.read() as database:
        return list(database.scalars(select(LedgerLine).order_by(LedgerLine.position)))


def test_each_declaration_is_a_balanced_transaction_by_fund(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="1234.56")
    booked = lines(world)
    assert sum(line.amount_cents for line in booked) == 0
    by_account = {line.ledger_account: line.amount_cents for line in booked}
    assert by_account["receivable"] == cents(Decimal(receipt["due"]))
    assert by_account["fund:retraite_base"] == -cents(
        Decimal(
            next(s for s in receipt["assessment"]["shares"] if s["fund"] == "retraite_base")[
                "amount"
            ]
        )
    )


def test_a_correction_books_the_difference_alone(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000")
    second = account.declare("2026-10", corrects=first["number"], vente="400")
    by_transaction: dict[str, int] = defaultdict(int)
    totals: dict[str, int] = defaultdict(int)
    for line in lines(world):
        by_transaction[line.transaction_id] += line.amount_cents
        totals[line.ledger_account] += line.amount_cents
    assert list(by_transaction.values()) == [0, 0]
    assert totals["receivable"] == cents(Decimal(second["due"]))
    for share in second["assessment"]["shares"]:
        assert totals[f"fund:{share['fund']}"] == -cents(Decimal(share["amount"]))


def test_the_statement_runs_line_by_line(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-09", vente="1000")
    world.clock.advance(minutes=1)
    second = account.declare("2026-10", vente="1000")
    world.clock.advance(minutes=1)
    third = account.declare("2026-10", corrects=second["number"], vente="0")
    statement = account.get("/statement").json()
    due = Decimal(first["due"])
    assert [Decimal(line["amount"]) for line in statement["lines"]] == [due, due, -due]
    assert [Decimal(line["balance"]) for line in statement["lines"]] == [due, 2 * due, due]
    assert [line["code"] for line in statement["lines"]] == [
        "declaration", "declaration", "correction",
    ]  # fmt: skip
    assert [line["origin"] for line in statement["lines"]] == [
        first["number"], second["number"], third["number"],
    ]  # fmt: skip
    assert Decimal(statement["balance"]) == due
    assert account.overview()["balance"]["balance"] == statement["balance"]


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_is_written(
    world: World, table: str, verb: str
) -> None:
    world.person().account().declare("2026-10", vente="1000")
    with (
        pytest.raises(DBAPIError, match="append-only"),
        world.services.storage.write() as database,
    ):
        database.execute(text(verb.format(table)))


def test_a_transaction_that_does_not_balance_is_refused(world: World) -> None:
    account = world.person().account()
    with pytest.raises(Unbalanced), world.services.storage.write() as database:
        book(
            database, account.id, "declaration", ("submission", "x"), "2026-10",
            world.clock.now(), date(2026, 11, 30), [Entry("receivable", 100)],
        )  # fmt: skip
    assert lines(world) == []


def _assessment(*shares: tuple[str, str], due: str) -> Assessment:
    amount = Decimal(due)
    line = Line("a", "A", "g", amount, None, amount, amount, "law")
    return Assessment(
        "toy", "2025", "v", (), (line,),
        tuple(Share(fund, fund, Decimal(value), Decimal(value)) for fund, value in shares),
    )  # fmt: skip


def test_shares_that_differ_from_the_due_are_refused() -> None:
    with pytest.raises(Unbalanced):
        share_entries(_assessment(("a", "9.99"), due="10"), {})


def test_a_fund_that_disappears_in_a_correction_is_taken_back() -> None:
    entries = share_entries(_assessment(("b", "4"), due="4"), {"fund:a": 1000})
    assert entries == [
        Entry("receivable", -600), Entry("fund:a", 1000, "a"), Entry("fund:b", -400, "b"),
    ]  # fmt: skip


def test_less_than_a_cent_is_not_an_amount() -> None:
    with pytest.raises(ValueError, match="cents"):
        cents(Decimal("1.005"))
