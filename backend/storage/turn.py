"""One at a time, in the order they asked.

SQLite lets writers try again and again until one finds the database free: one that writes without
pause, as a job over every account does, keeps the others out for as long as it lasts.
"""

from __future__ import annotations

from collections import deque
from threading import Lock, get_ident
from types import TracebackType


class Turn:
    """A lock that is given to whoever has waited longest. Not reentrant: a thread that asks twice
    is told so (RuntimeError) where it would wait for itself."""

    def __init__(self) -> None:
        self._door = Lock()
        self._taken = False
        self._holder = 0
        self._waiting: deque[Lock] = deque()

    def __enter__(self) -> None:
        me = get_ident()
        with self._door:
            if self._taken and self._holder == me:
                raise RuntimeError("a transaction to write within another")
            if not self._taken:
                self._taken, self._holder = True, me
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()  # released by the one before, who keeps the turn taken for us
        self._holder = me

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        with self._door:
            self._holder = 0
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
