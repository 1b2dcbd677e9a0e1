"""Time enters here, so that tests and demos can stand on any date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The date in Paris: the law's days are days of Paris."""
        return self.now().astimezone(PARIS).date()

    def real(self) -> datetime:
        """This moment as other machines count it: the phone that makes a code, the provider that
        dates a token."""
        return self.now()


class FixedDayClock(Clock):
    """A clock that stands on one date of Paris and keeps the hour of the machine running."""

    def __init__(self, day: date) -> None:
        real = datetime.now(UTC).astimezone(PARIS)
        self._shift = timedelta(days=(day - real.date()).days)
        self._day = day

    def now(self) -> datetime:
        """The machine's hour on the fixed day."""
        shifted = datetime.now(UTC) + self._shift
        local = shifted.astimezone(PARIS)
        if local.date() == self._day:
            return shifted
        return datetime.combine(self._day, local.time(), PARIS).astimezone(UTC)

    def today(self) -> date:
        """The fixed day."""
        return self._day

    def real(self) -> datetime:
        """The machine's clock: a phone stands on no other day."""
        return datetime.now(UTC)


class ManualClock(Clock):
    """A clock that only moves when told (tests, demo data)."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """The moment last set."""
        return self._now

    def set(self, now: datetime) -> None:
        """Stand on `now`."""
        self._now = now.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Move by a timedelta given by its parts."""
        self._now += timedelta(**delta)


def paris_day(at: datetime) -> date:
    """The date in Paris of a moment."""
    return at.astimezone(PARIS).date()


@lru_cache(maxsize=4096)
def paris_moment(day: date, at: time) -> datetime:
    """The UTC moment of an hour of Paris."""
    return datetime.combine(day, at, PARIS).astimezone(UTC)
