"""The engine: durable SQLite (WAL, synchronous=FULL) or PostgreSQL, and its transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Executable, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session as Database  # "Session" is a table of ours
from sqlalchemy.orm import sessionmaker

from backend.storage.turn import Turn

RESTED = 2.0  # seconds after which a connection may have died unseen

__all__ = [
    "Along",
    "Database",
    "Storage",
    "build_engine",
    "nothing_else",
    "written_once",
    "written_over",
]


def written_over(table: Any, *names: str, added: bool = False) -> dict[str, Executable]:
    """A row written whole, or over the one of its key: columns `names` take the new values, or
    the sum of both (`added`). One statement for each dialect, to be built once."""
    found: dict[str, Executable] = {}
    for dialect, build in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert)):
        statement: Any = build(table.__table__)
        columns, new = table.__table__.c, statement.excluded
        found[dialect] = statement.on_conflict_do_update(
            index_elements=[column.name for column in table.__table__.primary_key],
            set_={n: columns[n] + new[n] if added else new[n] for n in names},
        )
    return found


def build_engine(url: str) -> Engine:
    """An engine for `url`, with what each database needs to be durable and honest."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 15, "check_same_thread": False})
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    engine = create_engine(url, pool_size=10, max_overflow=10)
    event.listen(engine, "checkin", _postgres_rested)
    event.listen(engine, "checkout", _postgres_checkout)
    return engine


def _postgres_rested(_connection: Any, record: Any) -> None:
    record.info["rested"] = time.monotonic()


def _postgres_checkout(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask whether a connection that rested is still good: a question to each would double the
    round trips of a busy service. After one that is not, all of the pool's are made again."""
    if time.monotonic() - record.info.get("rested", time.monotonic()) < RESTED:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise InvalidatePoolError from error


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are ours to open, see _sqlite_begin
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    # A writer takes its lock at once: two readers that both turn writers would deadlock.
    options = connection.get_execution_options()
    if options.get("alone", False):
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write", False) else "BEGIN")


def written_once(table: Any) -> dict[str, Executable]:
    """A row written unless its key has one already."""
    return {
        dialect: build(table.__table__).on_conflict_do_nothing()
        for dialect, build in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    }


Along = Callable[[Database, str], None]
"""What else is written in the transaction of an act, given what the act is about."""


def nothing_else(_database: Database, _subject: str) -> None:
    """Nothing."""


class Storage:
    """Transactions over one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        writing = engine.execution_options(write=True)
        reading: Engine = engine
        alone: Engine = engine.execution_options(alone=True)
        if engine.dialect.name == "postgresql":
            reading = engine.execution_options(isolation_level="REPEATABLE READ")
            alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turn = Turn() if engine.dialect.name == "sqlite" else nullcontext()
        self._read = sessionmaker(reading, expire_on_commit=False, autoflush=False)
        self._alone = sessionmaker(alone, expire_on_commit=False, autoflush=False)
        self._write = sessionmaker(writing, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Database]:
        """One snapshot to read from; nothing written in it is kept."""
        with self._read() as database:
            try:
                yield database
            finally:
                database.expunge_all()  # what was read stays readable
                database.rollback()

    @contextmanager
    def look(self) -> Iterator[Database]:
        """For one statement that reads: no transaction around it, which would cost two more."""
        with self._alone() as database:
            yield database  # closing forgets what was read before it ends anything

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction: committed at the end, undone whole by an exception. On SQLite, which
        has one writer, those of this process come in the order they asked."""
        with self._turn, self._write.begin() as database:
            yield database

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
