"""What the first screen of a window shows, read before that screen is drawn.

Drawn at once with an outline in place of its figures, a screen is drawn twice; a window that opens
already shows something (the welcome, or what it showed before its connection ended).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.services.backend import BackendError

PATIENCE = 2.0  # seconds after which the outline is drawn, and the reading goes on


@dataclass(frozen=True)
class Reading:
    """What a screen reads as it opens: `name` tells it from the others."""

    name: str
    fetch: Callable[[], Awaitable[Any]]


class Ahead:
    """What is read for a screen that is about to be drawn."""

    def __init__(self) -> None:
        self._name = ""
        self._task: asyncio.Task[Any] | None = None

    async def read(self, reading: Reading) -> None:
        """Begin, and wait until it is read, or for a while. Raises nothing: the screen that finds
        nothing read asks for itself, and tells what is wrong."""
        task = asyncio.ensure_future(_read(reading))
        self._name, self._task = reading.name, task
        await asyncio.wait({task}, timeout=PATIENCE)

    def take(self, name: str) -> Any:
        """What was read under this name, once; None when it was not, or not yet."""
        task = self._task
        if not name or name != self._name or task is None or not task.done():
            return None
        self._name, self._task = "", None
        return None if task.cancelled() else task.result()

    async def rest(self, name: str) -> Any:
        """The same, waiting for what is on its way."""
        if name and name == self._name and self._task is not None:
            await asyncio.wait({self._task})
        return self.take(name)

    def drop(self) -> None:
        """The window is closed."""
        if self._task is not None:
            self._task.cancel()
        self._name, self._task = "", None


async def _read(reading: Reading) -> Any:
    try:
        return await reading.fetch()
    except BackendError:
        return None
