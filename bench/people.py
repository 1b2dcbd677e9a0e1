"""A database of many people: one made through the real use cases, the others copied from them.

The copies have identifiers, numbers and addresses of their own; the rest is that of the first.
Links of their chains are those of the first too: nothing here verifies them.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String, Table, func, select, text
from starlette.testclient import TestClient

from backend.clock import PARIS, ManualClock
from backend.jobs import JOBS
from backend.main import create_app
from backend.secrets import token_hash
from backend.settings import Settings
from backend.storage.engine import Storage
from backend.storage.tables import Base, Session
from tests.support.world import Opened, World

TODAY = date(2026, 11, 23)
HISTORY = 20  # declarations that each person has sent
LEFT = frozenset({  # tables of the service, or that a session of its own fills
    "sessions", "one_time_tokens", "throttle", "audit", "idempotency", "drafts", "alembic_version",
})  # fmt: skip


def settings_in(folder: Path, database: str = "") -> Settings:
    """Settings of a collector with its data there."""
    return Settings(
        data_dir=folder, database_url=database, argon2_memory_kib=64, log_level="WARNING",
        host="127.0.0.1", press=False,
    )  # type: ignore[arg-type]  # fmt: skip


def collector(folder: Path, database: str = "") -> World:
    """A collector in this process."""
    settings = settings_in(folder, database)
    clock = ManualClock(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=PARIS))
    app = create_app(settings, clock)
    return World(app, settings, clock, TestClient(app, base_url="http://127.0.0.1:8550"))


def somebody(
    world: World, history: int = HISTORY, address: str = "camille@example.org", day: date = TODAY
) -> Opened:
    """A person who declared `history` months, for whom the jobs of `day` are done: once, not for
    each copy while something is timed."""
    account = world.person(address).account(start_date="2024-01-10")
    for code in months_before("2026-10", history):
        world.at(f"{month_after(code)}-15 12:00")
        account.declare(code, vente="1234")
    world.at(f"{day} 12:00")
    for job in JOBS:
        job(world.services)
    return account


def months_before(last: str, count: int) -> list[str]:
    """`count` months before `last` (2026-10), oldest first."""
    year, month = map(int, last.split("-"))
    ends = [year * 12 + month - 1 - back for back in range(1, count + 1)]
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in reversed(ends)]


def month_after(code: str) -> str:
    """The month after one (2026-10)."""
    year, month = map(int, code.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def copy(storage: Storage, count: int) -> int:
    """Copy the only person `count` times; the number of declarations there are then.

    One copy after the other, whole: keys come in order, and indexes grow at their end. Identifiers
    of 32 characters begin with the number of the copy in their place; texts that the
    schema wants unique end with it. What a row points to is not looked for: it is copied too.
    """
    sqlite = storage.engine.dialect.name == "sqlite"
    if sqlite:
        counter = (
            "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies "
            f"WHERE n < {count}) "
        )
        prefix = "printf('%08x', copies.n)"
        before = ("PRAGMA cache_size = -500000", "PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE")
        after = ("ANALYZE", "COMMIT", "PRAGMA foreign_keys = ON", "PRAGMA cache_size = -2000")
    else:
        counter = f"WITH copies(n) AS (SELECT generate_series(1, {count})) "
        prefix = "lpad(to_hex(copies.n), 8, '0')"
        before = ("SET LOCAL session_replication_role = replica",)  # the driver has begun
        after = ("ANALYZE", "COMMIT")
    with storage.read() as database:
        filled = [
            table
            for table in Base.metadata.sorted_tables
            if table.name not in LEFT
            and any(_own(table, column.name) for column in table.columns)  # not the service's
            and database.scalar(select(func.count()).select_from(table))
        ]
    connection = storage.engine.raw_connection()
    try:
        cursor = connection.cursor()
        for statement in (*before, *(_copies(one, counter, prefix) for one in filled), *after):
            cursor.execute(statement)
    finally:
        connection.close()
    with storage.engine.connect() as read:
        found = read.execute(text("SELECT count(*) FROM submissions")).scalar_one()
    return int(found)


def _copies(table: Table, counter: str, prefix: str) -> str:
    """The statement that copies the rows of a table."""
    names = [column.name for column in table.columns]
    shown = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(_copied(table, name, prefix) for name in names)
    told = f"{counter}SELECT {values} FROM copies CROSS JOIN {table.name} AS t"
    return f"INSERT INTO {table.name} ({shown}) {told}"


def _own(table: Table, name: str) -> bool:
    """True for a column that holds an identifier made by `new_id`."""
    kind = table.columns[name].type
    return isinstance(kind, String) and kind.length == 32


def _copied(table: Table, name: str, prefix: str) -> str:
    column = table.columns[name]
    shown = f't."{name}"'
    if _own(table, name):
        return f"{prefix} || substr({shown}, 9)"
    alone = column.unique or any(
        list(one.columns.keys()) == [name] for one in table.constraints if hasattr(one, "columns")
    )
    if isinstance(column.type, String) and (
        alone or name in {"number", "origin_id", "submission", "mandate_reference"}
    ):
        return f"{shown} || '-' || copies.n"
    return shown


def sessions(storage: Storage, count: int, now: datetime) -> list[str]:
    """Open a session for the first `count` copies; their tokens."""
    with storage.write() as database:
        people = database.execute(
            text("SELECT id FROM persons ORDER BY id LIMIT :count"), {"count": count}
        ).scalars()
        rows: list[dict[str, Any]] = []
        tokens = []
        for person in people:
            tokens.append(secrets.token_urlsafe(32))
            rows.append({
                "id": secrets.token_hex(16), "person_id": person,
                "token_hash": token_hash(tokens[-1]), "kind": "cookie", "device": "",
                "created_at": now, "last_seen_at": now,
                "idle_expires_at": now + timedelta(hours=10),
                "absolute_expires_at": now + timedelta(hours=12), "revoked_at": None,
            })  # fmt: skip
        database.execute(Session.__table__.insert(), rows)
    return tokens
