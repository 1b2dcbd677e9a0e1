"""Bring a database to the current schema, once, however many processes start together."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, cast

from sqlalchemy import Connection, Engine, inspect, text

from backend.storage.queue import ensure_schema

LOCK = 0x51554954  # advisory lock of PostgreSQL held while migrating


def migrate(engine: Engine) -> None:
    """Apply the migrations that this database lacks."""
    options = {"write": True} if engine.dialect.name == "sqlite" else {}
    with engine.execution_options(**options).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        if version(connection) != newest():
            _upgrade(connection)
        if engine.dialect.name == "postgresql":
            ensure_schema(cast(Any, connection.connection.driver_connection))


def newest() -> str:
    """The schema that this version of the service wants: the last of its migrations."""
    names = (file.name for file in files("backend.migrations").joinpath("versions").iterdir())
    return max(name[1:5] for name in names if name.startswith("v") and name.endswith(".py"))


def version(connection: Connection) -> str | None:
    """The schema of a database; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command  # slow to import: a start that has nothing to migrate does without
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("backend").joinpath("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
