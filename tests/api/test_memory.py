"""The server gives memory back when people leave, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from backend import memory
from backend.server import _ready_for_people


def test_memory_is_given_back_when_a_quarter_left(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Iterator[int] = iter([10, 100, 90, 80, 74, 70, 60, 50, 0])
    given: list[int] = []
    now = 0

    def people() -> int:
        nonlocal now
        try:
            now = next(counts)
        except StopIteration:
            raise asyncio.CancelledError from None
        return now

    monkeypatch.setattr(memory, "give_back", lambda: given.append(now))

    async def scenario() -> None:
        with pytest.raises(asyncio.CancelledError):
            await memory.watch(people, every=0)

    asyncio.run(scenario())
    assert given == [74, 50, 0]


def test_a_server_that_lacks_a_screen_collects_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled: list[bool] = []
    monkeypatch.setattr(memory, "settle", lambda: settled.append(True))

    def broken() -> None:
        raise ImportError

    for steps in ((), (broken,)):
        with suppress(ImportError):
            asyncio.run(_ready_for_people(*steps))
    assert settled == [True, True]


def test_what_lives_for_good_is_set_apart() -> None:
    import gc

    was, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        memory.few_arenas()
        memory.settle()
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold() == memory.SETTLED
        memory.give_back()
    finally:
        gc.unfreeze()
        gc.set_threshold(*was)
