"""Is there a network? A call that failed says no, a call that passed says yes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import flet as ft

FIRST, LONGEST = 2.0, 60.0  # seconds between two attempts: the first, and the most


@ft.observable
@dataclass(eq=False)
class Network:
    """What the last call said. Observable: the banner of every screen follows it."""

    down: bool = False
    known_at: dt.datetime | None = None
    """When what is shown was read (the oldest of it), while there is no network."""

    def passed(self) -> None:
        """A call was answered."""
        if self.down:
            self.down = False
            self.known_at = None

    def failed(self) -> None:
        """A call was not answered."""
        if not self.down:
            self.down = True

    def showed(self, read_at: dt.datetime) -> None:
        """Something read earlier is shown in place of an answer."""
        if self.known_at is None or read_at < self.known_at:
            self.known_at = read_at


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, up to a minute."""
    return min(FIRST * 2 ** min(failures, 10), LONGEST)
