"""Bring a database to the current schema, once, however many processes start together."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, cast

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from backend.storage.queue import ensure_schema

LOCK = 0x51554954  # advisory lock of PostgreSQL held while migrating


def migrate(engine: Engine) -> None:
    """Apply the migrations that this database lacks."""
    config = Config()
    config.set_main_option("script_location", str(files("backend").joinpath("migrations")))
    options = {"write": True} if engine.dialect.name == "sqlite" else {}
    with engine.execution_options(**options).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if engine.dialect.name == "postgresql":
            ensure_schema(cast(Any, connection.connection.driver_connection))
