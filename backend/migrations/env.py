"""Alembic environment: the connection is given by backend.storage.migrate."""

from alembic import context

from backend.storage import every as _every  # noqa: F401 every table must be known
from backend.storage.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
)
context.run_migrations()
