"""A second database beside the collector's, to which the same rows are written by hand.

What the collector writes is noted statement by statement and written again, with the driver alone,
in as many flushed transactions, to a database that began as a copy: the same tables with their
indexes, their constraints and their triggers, the same values, the same history.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from backend.storage.engine import build_engine

WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})
Statement = tuple[str, Any, bool]


@dataclass
class Twin:
    """The second database, and what it has still to be told."""

    source: Engine
    engine: Engine
    waiting: list[list[Statement]] = field(default_factory=list)
    """Transactions that wrote something, in the order they were committed."""

    @classmethod
    def of(cls, source: Engine) -> Twin:
        """A copy of a database nobody is writing to."""
        url = make_url(source.url)
        if url.get_backend_name() == "sqlite":
            path = f"{url.database}.twin"
            with sqlite3.connect(url.database or "") as one, sqlite3.connect(path) as other:
                one.backup(other)
            engine = build_engine(f"sqlite:///{path}")
        else:
            source.dispose()  # a database that is copied has no other guest
            address = url.set(drivername="postgresql", database="postgres")
            plain = address.render_as_string(hide_password=False)
            with psycopg.connect(plain, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE twin TEMPLATE "{url.database}"')  # type: ignore[arg-type]
            engine = build_engine(url.set(database="twin").render_as_string(hide_password=False))
        twin = cls(source, engine)
        event.listen(source, "before_cursor_execute", twin._note)
        event.listen(source, "commit", twin._committed)
        event.listen(source, "rollback", twin._undone)
        return twin

    def _note(
        self, connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool
    ) -> None:
        if text.lstrip()[:6].upper() in WRITES:
            connection.info.setdefault("noted", []).append((text, values, many))

    def _committed(self, connection: Any) -> None:
        noted = connection.info.pop("noted", None)
        if noted:
            self.waiting.append(noted)

    def _undone(self, connection: Any) -> None:
        connection.info.pop("noted", None)

    def follow(self) -> float:
        """Write by hand all that was written since the last time. Seconds it took."""
        waiting, self.waiting = self.waiting, []
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            alone = self.engine.dialect.name == "sqlite"
            began = perf_counter()
            for statements in waiting:
                if alone:
                    cursor.execute("BEGIN IMMEDIATE")
                for text, values, many in statements:
                    (cursor.executemany if many else cursor.execute)(text, values)
                cursor.execute("COMMIT") if alone else connection.commit()
            return perf_counter() - began
        finally:
            connection.close()

    def close(self) -> None:
        """Leave the source alone, and let the copy go."""
        event.remove(self.source, "before_cursor_execute", self._note)
        event.remove(self.source, "commit", self._committed)
        event.remove(self.source, "rollback", self._undone)
        self.engine.dispose()
