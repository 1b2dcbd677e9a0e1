"""Tries are counted by account and by address; the owner is slowed down, never locked out."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from sqlalchemy import case, delete, literal, or_, update

from backend.clock import Clock
from backend.problems import Problem
from backend.storage.engine import Database, Storage
from backend.storage.tables import Throttle
from backend.storage.types import Moment
from contract.problem import ProblemCode

WINDOW = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=90)
# Tries allowed in a window. An account is counted per address it is tried from, so that a
# stranger's failures do not shut the door on its owner; all strange addresses together get more.
LIMITS = {
    "account+address": 8, "account": 60, "address": 60, "mail": 5, "sign-up": 60,
    # Codes of six digits, from strange addresses together: who tries them knows the password.
    "factor": 10,
}  # fmt: skip


def bucket(kind: str, *parts: str) -> str:
    """Name of a bucket: a hash, so that the table holds neither addresses nor e-mails."""
    return hashlib.sha256("\0".join((kind, *parts)).encode()).hexdigest()


def take(storage: Storage, clock: Clock, *tries: tuple[str, str]) -> None:
    """Count one try in each (kind, bucket); raise throttled when one of them is used up.

    Counted before the work, in one statement each: a hundred tries at once are a hundred tries.
    """
    now = clock.now()
    with storage.write() as database:
        for kind, name in sorted(tries, key=lambda each: each[1]):  # one order: no deadlock
            count, since = _add(database, name, now)
            if count > LIMITS[kind]:
                wait = (since + WINDOW - now).total_seconds()
                raise Problem(ProblemCode.THROTTLED, retry_after=max(1, int(wait)))


def _add(database: Database, name: str, now: datetime) -> tuple[int, datetime]:
    dialect = database.get_bind().dialect.name
    # Each database says "or add to it" in words of its own; the other's are not read.
    insert: Any = import_module(f"sqlalchemy.dialects.{dialect}").insert
    # A window that starts well after this moment was opened before the clock was set back.
    over = or_(Throttle.window_start <= now - WINDOW, Throttle.window_start > now + WINDOW)
    query = (
        insert(Throttle)
        .values(bucket=name, window_start=now, count=1)
        .on_conflict_do_update(
            index_elements=[Throttle.bucket],
            set_={
                "count": case((over, 1), else_=Throttle.count + 1),
                "window_start": case((over, literal(now, Moment)), else_=Throttle.window_start),
            },
        )
        .returning(Throttle.count, Throttle.window_start)
    )
    count, since = database.execute(query).one()
    return count, since


def give_back(storage: Storage, *names: str) -> None:
    """A try that was right does not count."""
    with storage.write() as database:
        database.execute(
            update(Throttle)
            .where(Throttle.bucket.in_(names), Throttle.count > 0)
            .values(count=Throttle.count - 1)
        )


def forget(storage: Storage, *names: str) -> None:
    """Empty buckets."""
    with storage.write() as database:
        database.execute(delete(Throttle).where(Throttle.bucket.in_(names)))


def recognise(storage: Storage, clock: Clock, name: str) -> None:
    """Remember that the bucket `name` (an account and an address) signed in."""
    now = clock.now()
    with storage.write() as database:
        database.merge(Throttle(bucket=name, window_start=now, count=0))
        database.execute(
            delete(Throttle).where(Throttle.count == 0, Throttle.window_start < now - KNOWN_FOR)
        )


def recognised(storage: Storage, clock: Clock, name: str) -> bool:
    """True when the bucket `name` signed in lately."""
    with storage.read() as database:
        row = database.get(Throttle, name)
    return row is not None and row.window_start > clock.now() - KNOWN_FOR
