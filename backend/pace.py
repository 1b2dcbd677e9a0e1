"""A long job lets the people who wait pass before it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

SLICE = 0.02  # seconds of a processor that a job takes before it looks around
GLANCE = 0.01  # seconds of a look: shorter, it would take a wait for the database for an idle day
BUSY = 0.3  # of a processor: used by the process during a look, it says that others are at work
ASIDE = 0.1  # seconds left to them then, before it looks again
MOST = 10  # rests at most for a slice: a job goes on, however busy the day


def spaced(rows: Iterable[T]) -> Iterator[T]:
    """The rows, with a rest after each slice of work that lasts while the process is busy with
    others."""
    since = time.thread_time()
    for row in rows:
        yield row
        if time.thread_time() - since < SLICE:
            continue
        rest = GLANCE
        for _ in range(MOST):
            began, used = time.perf_counter(), time.process_time()
            time.sleep(rest)
            if time.process_time() - used < BUSY * (time.perf_counter() - began):
                break
            rest = ASIDE
        since = time.thread_time()
