"""The books after any sequence of operations. `make ledger-check SEQUENCES=1000` runs it in full:
sequences of 200 operations."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import StaticPool

from backend.storage.engine import Storage, _sqlite_begin, _sqlite_connect
from backend.storage.migrate import migrate
from tests.support.ledger_walk import Walk

SEQUENCES = int(os.environ.get("LEDGER_SEQUENCES", "0"))
STEPS = 200 if SEQUENCES else 40


@pytest.fixture(scope="module")
def storage() -> Storage:
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)
    migrate(engine)
    return Storage(engine)


def walk(storage: Storage, draw: random.Random, steps: int) -> None:
    """One sequence, forgotten afterwards."""
    with storage._write() as database, database.begin():
        here = Walk(database, lambda most: draw.randrange(most) if most > 0 else 0)
        for number in range(steps):
            here.step()
            if number % 20 == 19:
                here.finish()
        here.finish()
        database.rollback()


@settings(
    phases=(Phase.explicit, Phase.generate),  # a seed is not made simpler by being smaller
    max_examples=SEQUENCES or 25, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(seed=st.integers(0, 2**64))
def test_the_books_hold_after_any_sequence(storage: Storage, seed: int) -> None:
    walk(storage, random.Random(seed), STEPS)


def test_a_changed_line_would_be_seen(storage: Storage) -> None:
    with storage._write() as database, database.begin():
        draw = random.Random(1)
        here = Walk(database, lambda most: draw.randrange(most) if most > 0 else 0)
        for _ in range(20):
            here.step()
        here.finish()
        database.execute(text("DROP TRIGGER ledger_lines_no_update"))
        database.execute(
            text("UPDATE ledger_lines SET amount_cents = amount_cents + 1 WHERE account_id = :a"),
            {"a": here.account},
        )
        with pytest.raises(AssertionError):
            here.finish()
        database.rollback()
