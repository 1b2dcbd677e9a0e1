"""The migrations make the tables that the code believes in, and guard what is append-only."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from backend.storage.engine import build_engine
from backend.storage.every import Base, append_only
from backend.storage.migrate import migrate, newest
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


def test_a_start_that_has_nothing_to_migrate_does_without_the_tool(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("backend").joinpath("migrations")))
    assert newest() == ScriptDirectory.from_config(config).get_current_head()
    url = f"sqlite:///{tmp_path / 'new.db'}"
    start = (
        "import sys; from backend.storage.engine import build_engine as b; "
        "from backend.storage.migrate import migrate as m, version as v; "
        f"e = b({url!r}); m(e); print(v(e.connect()), 'alembic' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [one.stdout.split() for one in said] == [[newest(), "True"], [newest(), "False"]]


def test_postgresql_refuses_to_empty_history(world: World) -> None:
    if world.services.storage.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    for table in append_only():
        with (
            pytest.raises(DBAPIError, match="append-only"),
            world.services.storage.write() as database,
        ):
            database.execute(text(f"TRUNCATE {table} CASCADE"))
