"""Jobs on PostgreSQL: done once however many processes there are, and after one died in the middle.

Real worker processes, each on the same database."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import psycopg
import pytest
from procrastinate.periodic import PeriodicDeferrer
from pydantic import SecretStr
from sqlalchemy import text
from starlette.testclient import TestClient

from backend.clock import PARIS, ManualClock
from backend.jobs import JOBS
from backend.main import create_app
from backend.services import Services
from backend.settings import Settings
from backend.storage import engine as storage
from backend.storage.engine import build_engine
from backend.storage.migrate import migrate
from backend.storage.queue import SCHEMA, _since, ensure_schema
from backend.usecases.decide import decide
from backend.usecases.remind import remind
from backend.worker import queue_of
from bench.people import copy
from tests.fleet.harness import Node, postgresql, wait_for
from tests.support.world import World

pytestmark = pytest.mark.postgres
PEOPLE = 30


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server."""
    with postgresql() as address:
        yield address


@dataclass
class Crew:
    """A database of people who declared nothing for two years, and workers on it."""

    folder: Path
    address: str
    services: Services
    settings: dict[str, str]

    def workers(self, count: int) -> list[Node]:
        """Worker processes."""
        found = [Node(f"worker{n}", self.folder, self.settings, ("worker",)) for n in range(count)]
        for one in found:
            one.launch()
        return found

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database holds."""
        with psycopg.connect(self.address) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def jobs(self) -> dict[str, str]:
        """Status of the latest job of each name."""
        found = self.rows(f"SELECT task_name, status::text FROM {SCHEMA}.procrastinate_jobs "
                          "ORDER BY id")  # fmt: skip
        return {str(name): str(status) for name, status in found}

    def all_done(self) -> bool:
        """Every job has been done."""
        states = self.jobs()
        return len(states) == len(JOBS) and set(states.values()) == {"succeeded"}

    def decisions(self) -> list[tuple[object, ...]]:
        """How often each decision was made."""
        return self.rows(
            "SELECT account_id, period, code, count(*) FROM decisions GROUP BY 1, 2, 3"
        )

    def letters(self) -> list[tuple[str, str]]:
        """To whom, about what, of each reminder."""
        found = []
        for path in (self.folder / "outbox").glob("*.eml"):
            message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
            found.append((str(message["To"]), str(message["Subject"])))
        return found


@contextmanager
def _crew(server: str, folder: Path, name: str) -> Iterator[Crew]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    address = server.replace("/postgres?", f"/{name}?")
    settings = Settings(
        data_dir=folder, database_url=SecretStr(address), argon2_memory_kib=8, press=False
    )  # type: ignore[call-arg]
    clock = ManualClock(datetime.now(PARIS))
    app = create_app(settings, clock)
    world = World(app, settings, clock, TestClient(app, base_url="http://127.0.0.1:8550"))
    world.person().account(start_date=f"{clock.today().year - 2}-01-10")
    copy(world.services.storage, PEOPLE - 1)
    for path in settings.outbox.glob("*.eml"):
        path.unlink()
    env = {
        "QUITTANCE_DATABASE_URL": address, "QUITTANCE_WORKER_STALLED_SECONDS": "4",
        "QUITTANCE_LOG_LEVEL": "INFO", "QUITTANCE_METRICS": "",
    }  # fmt: skip
    yield Crew(folder, address, world.services, env)
    world.client.close()
    world.services.storage.close()


def test_two_workers_do_each_job_once(server: str, tmp_path: Path) -> None:
    with _crew(server, tmp_path, "twice") as crew:
        workers = crew.workers(2)
        try:
            wait_for(crew.all_done, "jobs done")
        finally:
            for one in workers:
                one.end(signal.SIGTERM)
        assert [one.process.wait(30) for one in workers if one.process] == [0, 0]
        made = crew.decisions()
        assert len({row[0] for row in made}) == PEOPLE
        assert {row[3] for row in made} == {1}
        letters = crew.letters()
        assert letters
        assert len(letters) == len(set(letters))
        # Nothing was left undone.
        assert decide(crew.services) == 0
        assert remind(crew.services) == 0


def test_the_job_of_a_killed_worker_is_taken_up_again(server: str, tmp_path: Path) -> None:
    with _crew(server, tmp_path, "killed") as crew:
        # An account that somebody else holds: the worker stops in the middle, at it.
        (last,) = crew.rows("SELECT max(id) FROM accounts")[0]
        with psycopg.connect(crew.address) as holding:
            holding.execute("SELECT id FROM accounts WHERE id = %s FOR UPDATE", (last,))
            first, second = (
                crew.workers(1)[0],
                Node("other", crew.folder, crew.settings, ("worker",)),
            )
            try:
                wait_for(lambda: len({r[0] for r in crew.decisions()}) == PEOPLE - 1, "all but one")
                # Another may wait behind it, where a quarter of an hour has just begun.
                held = (
                    f"SELECT count(*) FROM {SCHEMA}.procrastinate_jobs "
                    "WHERE task_name = 'decide' AND status = 'doing'"
                )
                wait_for(lambda: crew.rows(held) == [(1,)], "the job held")
                first.stop()
                holding.rollback()
                second.launch()
                wait_for(crew.all_done, "jobs done")
            finally:
                first.stop()
                second.stop()
        made = crew.decisions()
        assert len({row[0] for row in made}) == PEOPLE
        assert {row[3] for row in made} == {1}
        assert decide(crew.services) == 0
        assert "job taken up again" in second.log.read_text("utf-8")


@pytest.mark.skipif(
    os.environ.get("QUITTANCE_FLEET") != "full", reason="`make failover` waits so long"
)
def test_a_job_that_fails_is_tried_again_later(server: str, tmp_path: Path) -> None:
    with _crew(server, tmp_path, "fails") as crew:
        with psycopg.connect(crew.address, autocommit=True) as connection:
            connection.execute("ALTER TABLE reminders_sent RENAME TO reminders_gone")
            (worker,) = crew.workers(1)
            try:
                wait_for(
                    lambda: crew.rows(
                        f"SELECT attempts FROM {SCHEMA}.procrastinate_jobs WHERE task_name = "
                        "'remind' AND status = 'todo' AND scheduled_at > now()"
                    ) == [(1,)],
                    "put off",
                )  # fmt: skip
                connection.execute("ALTER TABLE reminders_gone RENAME TO reminders_sent")
                wait_for(crew.all_done, "done the second time")
            finally:
                worker.stop()
        assert crew.letters()
        written = worker.log.read_text("utf-8")
        assert "job failed" in written
        assert "@" not in written


def test_a_quarter_of_an_hour_is_put_in_the_queue_once(server: str, tmp_path: Path) -> None:
    with _crew(server, tmp_path, "quarter") as crew:

        async def defer() -> None:
            for app in (queue_of(crew.services), queue_of(crew.services)):  # as two processes
                async with app.open_async():
                    deferrer = PeriodicDeferrer(app.periodic_registry, max_delay=1000)
                    due = list(deferrer.get_previous_tasks(at=1_800_000_300))
                    assert {task.task.name for task, _ in due} == {job.__name__ for job in JOBS}
                    await deferrer.defer_jobs(due)

        asyncio.run(defer())
        found = crew.rows(
            f"SELECT count(*), count(DISTINCT task_name) FROM {SCHEMA}.procrastinate_jobs"
        )
        assert found == [(len(JOBS), len(JOBS))]


def test_processes_that_start_together_migrate_once(server: str, tmp_path: Path) -> None:
    name = "together"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    address = server.replace("/postgres?", f"/{name}?")
    settings = {"QUITTANCE_DATABASE_URL": address, "QUITTANCE_LOG_LEVEL": "WARNING"}
    nodes = [Node(f"app{n}", tmp_path, settings) for n in range(2)]
    try:
        for one in nodes:
            one.launch()
        for one in nodes:
            wait_for(one.ready, "ready")
    finally:
        for one in nodes:
            one.stop()
    with psycopg.connect(address) as connection:
        versions = connection.execute("SELECT count(*) FROM alembic_version").fetchone()
        tables = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = %s", (SCHEMA,)
        ).fetchone()
    assert versions == (1,)
    assert tables == (4,)


def test_tables_of_an_older_queue_are_brought_up(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE older")
    address = server.replace("/postgres?", "/older?")
    engine = build_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate, [engine, engine]))
    with psycopg.connect(address) as connection:
        assert _since("3.3.0")
        assert not _since("3.10.0")
        # What came after 3.3 is taken away, then asked for.
        connection.execute(f"SET search_path TO {SCHEMA}")  # type: ignore[arg-type]
        gone = "procrastinate_retry_job_v2"
        connection.execute(f"DROP FUNCTION {gone}")  # type: ignore[arg-type]
        connection.execute(
            "ALTER TYPE procrastinate_job_event_type RENAME VALUE 'retried' TO 'gone'"
        )
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '3.3.0'")  # type: ignore[arg-type]
        ensure_schema(connection)
        found = connection.execute("SELECT count(*) FROM pg_proc WHERE proname = %s", (gone,))
        assert found.fetchone() == (1,)
    with engine.connect() as own:
        assert own.execute(text("SHOW search_path")).scalar() == '"$user", public'
    engine.dispose()


def test_a_connection_that_died_while_it_rested_is_made_again(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "RESTED", 0.0)
    engine = build_engine(server.replace("postgresql://", "postgresql+psycopg://"))
    query = text("SELECT pg_backend_pid()")
    with engine.connect() as first, engine.connect() as second:
        pids = {first.execute(query).scalar(), second.execute(query).scalar()}
    with psycopg.connect(server, autocommit=True) as connection:
        for pid in pids:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    for _ in range(2):
        with engine.connect() as again:
            assert again.execute(query).scalar() not in pids
    engine.dispose()
