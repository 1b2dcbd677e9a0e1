"""Windows that open all at once come in a few at a time, in the order they came.

After another process ended, hundreds come within a second. Taken all together each is ready when
the last is; in turn, half of them are in half the time, and the last waits no longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PLACES = 4
LONGEST = 2.0  # seconds that one may keep its place: a slow answer does not hold up the others


class Turnstile:
    """Lets a few through at a time."""

    def __init__(self, places: int = PLACES, longest: float = LONGEST) -> None:
        self._places = asyncio.Semaphore(places)
        self._longest = longest

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A place, waited for; given to the next one at the end, or after a while."""
        await self._places.acquire()
        given = False

        def give() -> None:
            nonlocal given
            if not given:
                given = True
                self._places.release()

        late = asyncio.get_running_loop().call_later(self._longest, give)
        try:
            yield
        finally:
            late.cancel()
            give()
