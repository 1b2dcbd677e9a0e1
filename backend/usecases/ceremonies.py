"""Sign-ins that go on in another request: kept a few minutes, under a random token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from backend.secrets import new_token, token_hash
from backend.storage.engine import Database
from backend.storage.factor import Ceremony

LASTS = timedelta(minutes=10)


def begin(
    database: Database,
    now: datetime,
    kind: str,
    person_id: str | None = None,
    data: dict[str, Any] | None = None,
    lasts: timedelta = LASTS,
    token: str | None = None,
) -> str:
    """A token that finds this step again, once. Those that have expired are forgotten."""
    token = token or new_token()
    database.execute(delete(Ceremony).where(Ceremony.expires_at <= now))
    database.add(
        Ceremony(
            token_hash=token_hash(token), kind=kind, person_id=person_id, data=data or {},
            tries=0, expires_at=now + lasts, used_at=None,
        )
    )  # fmt: skip
    return token


def find(database: Database, now: datetime, token: str, kind: str) -> Ceremony | None:
    """The step of a token, or None when it is unknown, over or of another kind."""
    row = database.get(Ceremony, token_hash(token), populate_existing=True)
    if row is None or row.kind != kind or row.used_at is not None or row.expires_at <= now:
        return None
    return row


def count_try(database: Database, token: str, most: int) -> bool:
    """Count a try, before it is looked at; False when there were `most` already."""
    done = database.execute(
        update(Ceremony)
        .where(Ceremony.token_hash == token_hash(token), Ceremony.tries < most,
               Ceremony.used_at.is_(None))
        .values(tries=Ceremony.tries + 1)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def use(database: Database, now: datetime, token: str, kind: str) -> Ceremony | None:
    """Consume a step: of two requests with one token, one gets it."""
    row = find(database, now, token, kind)
    if row is None:
        return None
    done = database.execute(
        update(Ceremony)
        .where(Ceremony.token_hash == row.token_hash, Ceremony.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return row if done.rowcount == 1 else None  # type: ignore[attr-defined]
