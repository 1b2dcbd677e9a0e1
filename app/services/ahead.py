"""What the first screen of a window shows, read before that screen is drawn.

Drawn at once with an outline in place of its figures, a screen is drawn twice; a window that opens
already shows something (the welcome, or what it showed before its connection ended).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

PATIENCE = 2.0  # seconds after which the outline is drawn, and the reading goes on


@dataclass(frozen=True)
class Reading:
    """What a screen reads as it opens: `name` tells it from the others."""

    name: str
    fetch: Callable[[], Coroutine[Any, Any, Any]]


class Ahead:
    """What is read for a screen that is about to be drawn."""

    def __init__(self) -> None:
        self._name = ""
        self._task: asyncio.Task[Any] | None = None

    async def read(self, reading: Reading) -> None:
        """Begin, and wait until it is read, or for a while. Raises nothing: the screen that finds
        nothing read asks for itself, and tells what is wrong."""
        task = asyncio.ensure_future(reading.fetch())
        self._name, self._task = reading.name, task
        await asyncio.wait({task}, timeout=PATIENCE)

    def take(self, name: str) -> Any:
        """What was read under this name, once; None when it was not, or not yet."""
        task = self._task
        if not name or name != self._name or task is None or not task.done():
            return None
        self._clear()
        return _found(task)

    async def rest(self, name: str) -> Any:
        """The same, waiting for what is on its way: who stops waiting leaves nothing behind."""
        task = self._task
        if not name or name != self._name or task is None:
            return None
        self._clear()
        await asyncio.wait({task})
        return _found(task)

    def drawn(self) -> None:
        """The first screen is there: what it does not take would be old for the next."""
        if self._task is not None:
            self._task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        _found(task)  # an error that nobody waits for is not one to log
        if self._task is task:
            self._clear()

    def _clear(self) -> None:
        self._name, self._task = "", None

    def drop(self) -> None:
        """The window is closed."""
        if self._task is not None:
            self._task.cancel()
        self._clear()


def _found(task: asyncio.Task[Any]) -> Any:
    return None if task.cancelled() or task.exception() else task.result()
