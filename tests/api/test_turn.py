"""Who writes next: on SQLite, which has one writer, whoever has waited longest."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from backend.storage.turn import Turn
from backend.usecases.decide import decide
from tests.support.world import World

# Some hundredths of a second of the database's own work.
LONG = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
SELECT count(*) FROM n"""


def test_turns_come_in_the_order_asked() -> None:
    turn, order = Turn(), []
    threads = []

    def ask(number: int) -> None:
        with turn:
            order.append(number)

    with turn:
        for number in range(5):
            threads.append(threading.Thread(target=ask, args=(number,)))
            threads[-1].start()
            while len(turn._waiting) < number + 1:
                pass
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_taken_twice_is_told() -> None:
    turn = Turn()
    with turn, pytest.raises(RuntimeError), turn:
        pass
    with turn:  # and is free again
        pass


def test_who_waits_writes_after_one_other_at_most(world: World) -> None:
    """A job that goes from one account to the next lets everybody in between."""
    if world.services.storage.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has as many writers as asked")
    storage, ready, stop = world.services.storage, threading.Event(), threading.Event()
    written = [0]

    def job() -> None:
        while not stop.is_set():
            with storage.write() as database:
                database.execute(text(LONG))
                written[0] += 1
                ready.set()

    thread = threading.Thread(target=job)
    thread.start()
    assert ready.wait(10)
    waited = []
    for _ in range(10):
        before = written[0]
        with storage.write() as database:
            database.execute(text("UPDATE accounts SET name = name"))
            waited.append(written[0] - before)
    stop.set()
    thread.join(10)
    assert max(waited) <= 1


def test_an_account_with_nothing_to_decide_is_only_read(world: World) -> None:
    world.person().account()
    decide(world.services)
    storage = world.services.storage
    done = threading.Event()

    def job() -> None:
        decide(world.services)
        done.set()

    with storage.write() as database:  # somebody holds the database: the job does not wait
        database.execute(text("UPDATE accounts SET name = name"))
        thread = threading.Thread(target=job)
        thread.start()
        assert done.wait(10)
    thread.join(10)
