"""The memory of a server: fewer collections while people type, and given back when they leave."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Callable
from contextlib import suppress

EVERY = 30.0  # seconds
SHARE = 0.75  # of the sessions counted last: below it, what the others held is looked for
M_ARENA_MAX = -8  # malloc.h
SETTLED = (10_000, 10, 50)
STARTING = (1_000_000, 10, 50)  # three times what a start makes


def few_arenas() -> None:
    """Threads share two heaps: one for each would keep pages that no other may use. To be called
    before there are threads."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def few_collections() -> None:
    """What a start imports stays: looking again and again for what nobody reaches would take a
    sixth of its time. To be called first; `settle` ends it."""
    gc.set_threshold(*STARTING)


def settle() -> None:
    """Once everything is imported: what will live as long as the process is never looked at
    again, and the collector runs less often (a session is thousands of long-lived objects)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SETTLED)


def give_back() -> None:
    """Collect what nobody reaches, and return free pages to the system where it knows how."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


async def watch(sessions: Callable[[], int], every: float = EVERY) -> None:
    """Give memory back whenever a quarter of the people have left since the last time."""
    most = 0
    while True:
        await asyncio.sleep(every)
        now = sessions()
        if now < most * SHARE:
            give_back()
            most = now
        most = max(most, now)
