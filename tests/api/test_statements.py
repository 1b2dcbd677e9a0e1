"""What a declaration and home ask of the database: the same, however long the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from backend.verify import verify
from bench.people import month_after, months_before
from tests.support.world import Opened, World

MONTHS = months_before("2026-12", 36)  # 2023-12 to 2026-11
BEFORE = {"start_date": "2023-08-20"}


@contextmanager
def asked(world: World) -> Iterator[list[str]]:
    """The statements of a block, by verb and table."""
    seen: list[str] = []

    def statement(_c: Any, _cursor: Any, text: str, _p: Any, _ctx: Any, _many: bool) -> None:
        if not text.startswith("BEGIN"):
            seen.append(" ".join(text.split())[:60])

    engine = world.services.storage.engine
    event.listen(engine, "before_cursor_execute", statement)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", statement)


@contextmanager
def steps(world: World) -> Iterator[list[int]]:
    """Steps that SQLite's machine takes in a block: each row it reads costs some."""
    taken = [0]

    def step() -> int:
        taken[0] += 1
        return 0

    def watch(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.set_progress_handler(step, 1)

    def leave(connection: Any, _record: Any) -> None:
        connection.set_progress_handler(None, 0)

    engine = world.services.storage.engine
    event.listen(engine, "checkout", watch)
    event.listen(engine, "checkin", leave)
    try:
        yield taken
    finally:
        event.remove(engine, "checkout", watch)
        event.remove(engine, "checkin", leave)


def ready(world: World, account: Opened, code: str) -> dict[str, Any]:
    """A body signed for a month, on the 15th of the next."""
    world.at(f"{month_after(code)}-15 12:00")
    return account.signed(code, account.figures(code, vente="1234"))


def test_a_declaration_asks_as_much_after_three_years(world: World) -> None:
    world.at("2023-08-20 12:00")
    account = world.person().account(**BEFORE)
    found = {}
    for code in MONTHS:
        body = ready(world, account, code)
        with asked(world) as seen:
            assert account.put(code, body).status_code == 201
        found[code] = seen
    first, last = found[MONTHS[2]], found[MONTHS[-1]]  # the first two see to the table of rates
    assert first == last
    assert len(last) <= 19
    assert verify(world.services).differences == []


def test_home_asks_as_much_after_a_year(world: World) -> None:
    world.at("2025-08-20 12:00")
    account = world.person().account(start_date="2025-08-20")
    seen = []
    for code in ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03"):
        body = ready(world, account, code)
        assert account.put(code, body).status_code == 201
        with asked(world) as statements:
            assert len(account.overview()["filed"]) == len(seen) + 1
        seen.append(statements)
    assert seen[0] == seen[-1]
    assert len(seen[-1]) <= 12


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_database_reads_as_much_for_it_a_year_later(world: World) -> None:
    """The same month of two years: what came before it in its year is as long."""
    world.at("2023-08-20 12:00")
    account = world.person().account(**BEFORE, acre={})
    found = {}
    for code in MONTHS[:15]:
        body = ready(world, account, code)
        with steps(world) as taken:
            assert account.put(code, body).status_code == 201
        found[code] = taken[0]
    assert found["2025-02"] == found["2024-02"]
    assert verify(world.services).differences == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_else_is_looked_at(world: World) -> None:
    """Each statement of a declaration and of home finds its rows by an index that names the
    account, the person or the row: none reads a table through, nor everybody of a state."""
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="1234"))
    seen: list[tuple[str, Any]] = []

    def statement(_c: Any, _cursor: Any, text: str, told: Any, _ctx: Any, many: bool) -> None:
        seen.append((text, told[0] if many else told))

    engine = world.services.storage.engine
    event.listen(engine, "before_cursor_execute", statement)
    assert account.put("2026-10", body).status_code == 201
    account.overview()
    event.remove(engine, "before_cursor_execute", statement)
    known = ("account_id=?", "(id=?", "scope=?", "token_hash=?", "submission_id=?", "version=?")
    with engine.connect() as connection:
        for text, told in seen:
            if not text.startswith("SELECT"):
                continue
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", told):
                if row[3].startswith(("SCAN", "SEARCH")) and "rate_tables" not in row[3]:
                    assert any(name in row[3] for name in known), (row[3], text)
