"""A long job lets the people who wait pass before it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

BLINK = 0.002  # seconds of a rest that nobody needs
BUSY = 0.5  # of a processor: used during a rest, it says that others are at work
ASIDE = 0.05  # seconds left to them then, before it looks again
MOST = 5  # rests at most for one row: a job goes on, however busy the day


def spaced(rows: Iterable[T]) -> Iterator[T]:
    """The rows, with a rest after each that lasts while the process is busy with others."""
    for row in rows:
        yield row
        rest = BLINK
        for _ in range(MOST):
            began, used = time.perf_counter(), time.process_time()
            time.sleep(rest)
            if time.process_time() - used < BUSY * (time.perf_counter() - began):
                break
            rest = ASIDE
