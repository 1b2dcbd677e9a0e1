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
SETTLED = (10_000, 10, 100_000)  # everything is looked through when `watch` says, not by count
PASS = 100_000  # objects gathered from one pass through the young ones to the next
SESSION = 1_500  # objects of a person on a screen
STRAY = 5_000_000  # objects that no person accounts for, before everything is looked through
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
    again, and the collector runs less often: a session is a thousand long-lived objects, and with
    thousands of people a look through everything takes seconds, in which nobody is answered."""
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
    """Until cancelled, look through everything and give memory back whenever a quarter of the
    people have left since the last time, or much more has gathered than those who came hold."""
    most = then = sessions()
    while True:
        await asyncio.sleep(every)
        now = sessions()
        gathered = gc.get_count()[2] * PASS
        if now < most * SHARE or gathered > STRAY + max(0, now - then) * SESSION:
            give_back()
            most = then = now
        most = max(most, now)
