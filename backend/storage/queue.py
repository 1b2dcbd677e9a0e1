"""The tables of the queue of jobs, which Procrastinate reads and writes (backend/worker.py)."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMA = "jobs"


def ensure_schema(connection: Connection[Any]) -> None:
    """Make the tables of the queue, or bring them to the version installed, within the caller's
    transaction and under its lock. The version is the comment of their schema."""
    installed = version("procrastinate")
    found = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s",
        (SCHEMA,),
    ).fetchone()
    if found is not None and found[0] == installed:
        return
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    before = connection.execute("SHOW search_path").fetchone()
    connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
    if found is None or not found[0]:
        from procrastinate.schema import SchemaManager  # slow to import, and wanted once

        connection.execute(SchemaManager.get_schema())
    else:
        for script in _since(found[0]):
            connection.execute(script)
    connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{installed}'")
    connection.execute("SELECT set_config('search_path', %s, true)", before)


def _since(former: str) -> list[str]:
    """The scripts of Procrastinate that came after `former`, in order (02.14.01_01_name.sql)."""
    folder = files("procrastinate.sql") / "migrations"
    scripts = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith(".sql"))
    return [
        file.read_text("utf-8")
        for name, file in scripts
        if _numbers(name.partition("_")[0]) > _numbers(former)
    ]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
