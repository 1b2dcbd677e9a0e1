"""The migrations make the tables that the code believes in, and guard what is append-only."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from backend.storage.engine import build_engine
from backend.storage.every import Base, append_only
from backend.storage.migrate import migrate
from tests.support.world import World


def test_migrations_and_tables_do_not_differ(database_url: str) -> None:
    engine = build_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_every_constraint_of_the_tables_is_in_the_database(database_url: str) -> None:
    # compare_metadata is blind to primary keys and to unnamed differences: count them by name.
    engine = build_engine(database_url)
    seen = inspect(engine)
    for table in Base.metadata.sorted_tables:
        assert seen.get_pk_constraint(table.name)["constrained_columns"] == [
            column.name for column in table.primary_key
        ]
        assert {key["name"] for key in seen.get_foreign_keys(table.name)} == {
            key.name for key in table.foreign_key_constraints
        }
        assert {column["name"]: column["nullable"] for column in seen.get_columns(table.name)} == {
            column.name: column.nullable for column in table.columns
        }
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    engine = build_engine(database_url)
    migrate(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_postgresql_refuses_to_empty_history(world: World) -> None:
    if world.services.storage.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    for table in append_only():
        with (
            pytest.raises(DBAPIError, match="append-only"),
            world.services.storage.write() as database,
        ):
            database.execute(text(f"TRUNCATE {table} CASCADE"))
