"""The server gives memory back when people leave, and only then."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
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
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 0))
    _watched(people)
    assert given == [74, 50, 0]


def _watched(people: Callable[[], int]) -> None:
    async def scenario() -> None:
        with pytest.raises(asyncio.CancelledError):
            await memory.watch(people, every=0)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("passes", "came", "looked"),
    [
        ((0, 20, 40), (0, 1000, 2000), 0),  # people came: what gathered is theirs
        ((0, 30, 49), (10, 10, 10), 0),  # not much
        ((0, 30, 51), (10, 10, 10), 1),
        ((0, 60, 90), (0, 1000, 1000), 1),
    ],
)
def test_everything_is_looked_through_when_nobody_accounts_for_what_gathered(
    passes: tuple[int, ...], came: tuple[int, ...], looked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, gathered, given = iter(came), iter(passes[1:]), []

    def people() -> int:
        try:
            return next(counts)
        except StopIteration:
            raise asyncio.CancelledError from None

    monkeypatch.setattr(memory, "give_back", lambda: given.append(True))
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, next(gathered)))
    _watched(people)
    assert len(given) == looked


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
