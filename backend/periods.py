"""How long what is kept is kept: dated data, each with its law and source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Period:
    """A rule: days, months, or years from the end of a calendar year."""

    key: str
    start: date
    law: str
    source: str
    note: str
    confirmed: bool
    days: int = 0
    months: int = 0
    years: int = 0

    def before(self, now: datetime) -> datetime:
        """What is older than this is past its period."""
        if self.years:
            return datetime(now.year - self.years, 1, 1, tzinfo=UTC)
        if self.months:
            month = now.year * 12 + now.month - 1 - self.months
            return datetime(month // 12, month % 12 + 1, min(now.day, 28), tzinfo=UTC)
        return now - timedelta(days=self.days)

    def until(self, last: date) -> date:
        """The first day past the period of what ended on `last`."""
        if self.years:
            return date(last.year + self.years + 1, 1, 1)
        if self.months:
            month = last.year * 12 + last.month - 1 + self.months
            return date(month // 12, month % 12 + 1, min(last.day, 28))
        return last + timedelta(days=self.days)


@cache
def _periods() -> tuple[Period, ...]:
    told = tomllib.loads(files("backend").joinpath("retention.toml").read_text("utf-8"))
    return tuple(
        Period(
            key=one["key"], start=one["from"], law=one["law"], source=one["source"],
            note=one["note"], confirmed=one.get("status") != "unconfirmed",
            days=one.get("days", 0), months=one.get("months", 0), years=one.get("years", 0),
        )
        for one in told["period"]
    )  # fmt: skip


def period(key: str, on: date) -> Period:
    """The rule `key` in force on a date; its first version before that. Raises KeyError."""
    found = sorted((p for p in _periods() if p.key == key), key=lambda p: p.start)
    if not found:
        raise KeyError(key)
    return next((p for p in reversed(found) if p.start <= on), found[0])
