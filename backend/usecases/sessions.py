"""Sessions: opened at sign-in with a fresh token, ended by idleness, age or the person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from backend.clock import Clock
from backend.problems import Problem
from backend.secrets import new_token, token_hash
from backend.settings import Settings
from backend.storage.alerts import Freeze
from backend.storage.engine import Database, Storage
from backend.storage.tables import OneTimeToken, Person, Session
from contract.problem import ProblemCode

COOKIE = "quittance_session"
HOST_ONLY = "__Host-"
HANDOFF_SECONDS = 60
# Writing at each request would make every read a write: a minute is fine enough.
SEEN_EVERY = timedelta(minutes=1)


def cookie_name(settings: Settings, name: str = COOKIE) -> str:
    """What a cookie of ours is called: over HTTPS a name that no neighbouring host can set, nor
    anybody in clear."""
    return f"{HOST_ONLY}{name}" if settings.secure_cookies else name


def open_session(
    database: Database, settings: Settings, now: datetime, person_id: str, kind: str, device: str
) -> tuple[str, Session]:
    """A new session and its token, shown this once. Raises account-frozen: no way in opens one."""
    if database.get(Freeze, person_id) is not None:
        raise Problem(ProblemCode.ACCOUNT_FROZEN)
    token = new_token()
    session = Session(
        person_id=person_id, token_hash=token_hash(token), kind=kind, device=device[:120],
        created_at=now, last_seen_at=now,
        idle_expires_at=now + timedelta(minutes=settings.session_idle_minutes),
        absolute_expires_at=now + timedelta(hours=settings.session_max_hours),
    )  # fmt: skip
    database.add(session)
    database.flush()
    return token, session


def live_session(
    storage: Storage, settings: Settings, clock: Clock, token: str
) -> tuple[Person, Session] | None:
    """The person and session of `token`, or None when it is unknown, revoked or expired."""
    now = clock.now()
    with storage.read() as database:
        row = database.execute(
            select(Person, Session)
            .join(Session, Session.person_id == Person.id)
            .where(Session.token_hash == token_hash(token))
        ).first()
    if row is None:
        return None
    person, session = row
    if session.revoked_at is not None or now >= min(
        session.idle_expires_at, session.absolute_expires_at
    ):
        return None
    if now - session.last_seen_at >= SEEN_EVERY:
        with storage.write() as database:
            database.execute(
                update(Session)
                .where(Session.id == session.id)
                .values(
                    last_seen_at=now,
                    idle_expires_at=now + timedelta(minutes=settings.session_idle_minutes),
                )
            )
    return person, session


def end_sessions(
    database: Database, now: datetime, person_id: str, *, only: str = "", keep: str = ""
) -> int:
    """Revoke the sessions of a person: one (`only`), or all but `keep`. How many were."""
    query = update(Session).where(Session.person_id == person_id, Session.revoked_at.is_(None))
    if only:
        query = query.where(Session.id == only)
    if keep:
        query = query.where(Session.id != keep)
    return database.execute(query.values(revoked_at=now)).rowcount  # type: ignore[attr-defined, no-any-return]


def make_token(
    database: Database,
    now: datetime,
    person_id: str,
    kind: str,
    lasts: timedelta,
    data: dict[str, str] | None = None,
    alone: bool = True,
) -> str:
    """A one-time token; older ones of the same kind stop working when it is to be `alone`."""
    if alone:
        drop_tokens(database, now, person_id, kind)
    token = new_token()
    database.add(
        OneTimeToken(
            person_id=person_id,
            kind=kind,
            token_hash=token_hash(token),
            data=data or {},
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return token


def drop_tokens(database: Database, now: datetime, person_id: str, kind: str) -> None:
    """The one-time tokens of a kind that this person holds stop working."""
    database.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.person_id == person_id, OneTimeToken.kind == kind,
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=now)
    )  # fmt: skip


def use_token(
    database: Database, now: datetime, token: str, kinds: tuple[str, ...]
) -> OneTimeToken | None:
    """Consume a one-time token: the row, or None when it is unknown, used or expired.

    The update decides: of two requests with one token, one gets it.
    """
    found = database.scalar(
        select(OneTimeToken).where(
            OneTimeToken.token_hash == token_hash(token), OneTimeToken.kind.in_(kinds)
        )
    )
    if found is None or found.expires_at <= now:
        return None
    done = database.execute(
        update(OneTimeToken)
        .where(OneTimeToken.id == found.id, OneTimeToken.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return found if done.rowcount == 1 else None  # type: ignore[attr-defined]
