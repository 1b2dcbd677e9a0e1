"""The chain of the ledger and of the mandates: whatever is changed behind its back is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import Connection, text

from backend.migrations.versions import v0012_events
from backend.storage.engine import build_engine
from backend.storage.events import Event
from backend.usecases.collect import collect
from backend.verify import verify
from tests.api.test_paying import OTHER, order, sign
from tests.support.world import Opened, World


@pytest.fixture
def account(world: World) -> Opened:
    """Two mandates, one of them revoked; two declarations, one debited."""
    found = world.person().account()
    kept = sign(found)
    gone = sign(found, OTHER)
    assert kept["id"] != gone["id"]
    assert found.call("DELETE", f"/mandates/{gone['id']}").status_code == 200
    found.declare("2026-09", vente="500")
    found.declare("2026-10", vente="1000")
    assert order(found, "2026-10").status_code == 200
    world.at("2026-11-27 12:00")
    assert collect(world.services, date(2026, 11, 27)).debits == 1
    return found


@contextmanager
def behind(world: World) -> Iterator[Connection]:
    """The database without its guards, as somebody who holds the machine has it."""
    engine = build_engine(world.settings.database)
    with engine.execution_options(write=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in list(connection.scalars(text(names))):
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
    engine.dispose()


def told(world: World) -> set[str]:
    return {one.what for one in verify(world.services).differences}


def test_what_was_booked_and_signed_is_chained(world: World, account: Opened) -> None:
    with world.services.storage.read() as database:
        links = database.query(Event).order_by(Event.position).all()
    whats = [link.what for link in links]
    assert whats[:3] == ["mandate.signed", "mandate.signed", "mandate.revoked"]
    assert whats.count("transaction") >= 3
    assert [link.position for link in links] == list(range(1, len(links) + 1))
    assert told(world) == set()


LAST = "(SELECT max(position) FROM events)"
SECOND = "(SELECT subject FROM events WHERE what = 'transaction' ORDER BY position LIMIT 1)"
TAMPERED = {
    "transaction changed": "UPDATE ledger_lines SET line_code = 'x' "
    f"WHERE transaction_id = {SECOND} AND position = 0",
    "transaction missing": "DELETE FROM ledger_lines; DELETE FROM ledger_transactions",
    "transaction not chained": "UPDATE events SET subject = 'somewhere else' WHERE position = 4",
    "event changed": "UPDATE events SET commitment = hash WHERE position = 1",
    "event missing": "DELETE FROM events WHERE position = 2",
    "events cut": f"DELETE FROM events WHERE position = {LAST}",
    "balance differs from its lines": "UPDATE period_balances SET called_cents = 0",
    "mandate changed": "UPDATE mandates SET holder = 'Quelqu’un d’autre'",
    "mandate state changed": "UPDATE mandates SET state = 'active'",
    "mandate missing": "DELETE FROM payments; DELETE FROM mandates",
    "mandate not chained": "UPDATE events SET what = 'transaction' WHERE position = 1",
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_behind_its_back_is_named(
    world: World, account: Opened, what: str
) -> None:
    with behind(world) as connection:
        for statement in TAMPERED[what].split(";"):
            connection.execute(text(statement))
    assert what in told(world)


def test_the_sealed_account_of_a_mandate_is_committed_to(world: World, account: Opened) -> None:
    """Two sealed texts exchanged are both opened by the key: the chain alone sees it."""
    with behind(world) as connection:
        connection.execute(
            text("UPDATE mandates SET iban = (SELECT iban FROM mandates AS other "
                 "WHERE other.state = 'revoked') WHERE state = 'active'")
        )  # fmt: skip
    assert told(world) == {"mandate changed"}


def test_an_erased_mandate_leaves_the_chain_whole(world: World, account: Opened) -> None:
    with behind(world) as connection:
        connection.execute(text("UPDATE mandates SET holder = '', salt = NULL"))
    assert told(world) == set()


def test_a_chain_begins_with_what_was_there_before_it(world: World, account: Opened) -> None:
    with behind(world) as connection:
        connection.execute(text("DELETE FROM events"))
        connection.execute(text("DELETE FROM event_heads"))
        connection.execute(text("UPDATE mandates SET salt = NULL"))
        v0012_events.begin(connection)
    assert told(world) == set()
    account.declare("2026-08", vente="70")  # and goes on
    assert told(world) == set()
    with behind(world) as connection:
        connection.execute(text("UPDATE mandates SET rum = 'QTC' || id"))
    assert told(world) == {"mandate changed"}
