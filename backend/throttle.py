"""Tries are counted by account and by address; the owner is slowed down, never locked out."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import delete, select

from backend.clock import Clock
from backend.problems import Problem
from backend.storage.engine import Storage
from backend.storage.tables import Throttle
from contract.problem import ProblemCode

WINDOW = timedelta(minutes=15)
# Failures allowed in a window. An account is counted per address it is tried from, so that a
# stranger's failures do not shut the door on its owner; all addresses together get more room.
LIMITS = {"account+address": 8, "account": 60, "address": 60, "mail": 5, "sign-up": 30}


def bucket(kind: str, *parts: str) -> str:
    """Name of a bucket: a hash, so that the table holds neither addresses nor e-mails."""
    return hashlib.sha256("\0".join((kind, *parts)).encode()).hexdigest()


def check(storage: Storage, clock: Clock, *tries: tuple[str, str]) -> None:
    """Raise throttled (with Retry-After) when one of the (kind, bucket) tries is used up."""
    now = clock.now()
    with storage.read() as database:
        for kind, name in tries:
            row = database.get(Throttle, name)
            if row is None or now - row.window_start >= WINDOW:
                continue
            if row.count >= LIMITS[kind]:
                wait = (row.window_start + WINDOW - now).total_seconds()
                raise Problem(ProblemCode.THROTTLED, retry_after=max(1, int(wait)))


def count(storage: Storage, clock: Clock, *tries: tuple[str, str]) -> None:
    """One more failure in each bucket."""
    now = clock.now()
    with storage.write() as database:
        for _kind, name in tries:
            row = database.scalar(select(Throttle).where(Throttle.bucket == name).with_for_update())
            if row is None:
                database.merge(Throttle(bucket=name, window_start=now, count=1))
            elif now - row.window_start >= WINDOW:
                row.window_start, row.count = now, 1
            else:
                row.count += 1


def forget(storage: Storage, *names: str) -> None:
    """A success empties the buckets of that account and address."""
    with storage.write() as database:
        database.execute(delete(Throttle).where(Throttle.bucket.in_(names)))
