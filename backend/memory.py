"""The memory of a server: collections that nobody waits for, and memory given back when people
leave.

Python's full collection walks through every object of everybody who is there: half a second for
six hundred people, seconds for thousands, in which nobody's key is answered. What survived one is
therefore set apart and not walked through again, so that each pass sees what is new alone; all of
it is, once people have left or as much again has gathered.
"""

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
GROWN = 2.0  # times what is thought to be alive: everything is looked at again
SESSION = 1_500  # objects that the collector follows, of a person on a screen
SETTLED = (5_000, 10, 1)  # a pass for each hundred thousand objects more
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
    """Once everything is imported: what lives is set apart, now and after each pass."""
    if _set_apart not in gc.callbacks:
        gc.callbacks.append(_set_apart)
    gc.collect()
    gc.set_threshold(*SETTLED)


def unsettle() -> None:
    """Collect as Python does by itself."""
    if _set_apart in gc.callbacks:
        gc.callbacks.remove(_set_apart)
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)


def _set_apart(phase: str, told: dict[str, int]) -> None:
    if phase == "stop" and told["generation"] == 2:
        gc.freeze()


def give_back() -> None:
    """Collect what nobody reaches, and return free pages to the system where it knows how."""
    gc.unfreeze()
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


async def watch(sessions: Callable[[], int], every: float = EVERY) -> None:
    """Until cancelled, give memory back whenever a quarter of the people have left since the last
    time, or as much again has been set apart as they account for: not all of it is alive."""
    most = alive = then = 0
    while True:
        await asyncio.sleep(every)
        now, kept = sessions(), gc.get_freeze_count()
        if not alive:
            alive, then = kept, now
        if now < most * SHARE or kept > GROWN * (alive + max(0, now - then) * SESSION):
            give_back()
            most, then, alive = now, now, gc.get_freeze_count()
        most = max(most, now)
