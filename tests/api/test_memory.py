"""The server gives memory back when people leave, and only then."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import suppress
from weakref import ref

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


@pytest.fixture
def settled() -> Iterator[None]:
    """A process that has settled, until the end of the test."""
    was, frozen = gc.get_threshold(), gc.get_freeze_count()
    memory.few_arenas()
    memory.settle()
    yield
    memory.unsettle()
    gc.set_threshold(*was)
    if frozen:
        gc.freeze()


class Ring:
    """What refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.mark.usefixtures("settled")
def test_what_survived_a_pass_is_not_walked_through_again() -> None:
    assert gc.get_threshold() == memory.SETTLED
    kept = [Ring() for _ in range(1000)]
    before = gc.get_freeze_count()
    gc.collect()
    assert gc.get_freeze_count() >= before + len(kept)
    assert len(gc.get_objects()) < 1000


@pytest.mark.usefixtures("settled")
def test_what_died_young_goes_at_the_next_pass_and_the_rest_with_everything() -> None:
    old, young = Ring(), None
    gc.collect()  # sets the old one apart
    young = Ring()
    gone = [ref(old), ref(young)]
    del old, young
    gc.collect()
    assert [one() is None for one in gone] == [False, True]
    memory.give_back()
    assert [one() is None for one in gone] == [True, True]


@pytest.mark.parametrize(
    ("people", "kept", "looked"),
    [
        (10, [100, 180, 199, 201, 110, 219, 221, 0], [201, 221]),
        (2010, [100, 2_000_000, 3_000_000], []),  # they came, and are there
        (2010, [100, 2_000_000, 6_100_000, 0], [6_100_000]),
    ],
)
def test_everything_is_looked_at_when_as_much_again_was_set_apart(
    monkeypatch: pytest.MonkeyPatch, people: int, kept: list[int], looked: list[int]
) -> None:
    counts, there = iter(kept), iter([10, *([people] * 9)])
    given: list[int] = []
    now = 0

    def apart() -> int:
        nonlocal now
        try:
            now = next(counts)
        except StopIteration:
            raise asyncio.CancelledError from None
        return now

    monkeypatch.setattr(gc, "get_freeze_count", apart)
    monkeypatch.setattr(memory, "give_back", lambda: given.append(now))

    async def scenario() -> None:
        with pytest.raises(asyncio.CancelledError):
            await memory.watch(lambda: next(there), every=0)

    asyncio.run(scenario())
    assert given == looked
