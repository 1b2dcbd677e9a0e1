"""Sessions: opened at sign-in with a fresh token, ended by idleness, age or the person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from backend.clock import Clock
from backend.problems import Problem
from backend.secrets import new_token, token_hash
from backend.settings import Settings
from backend.storage.alerts import Freeze
from backend.storage.engine import Database, Storage
from backend.storage.outage import unavailable
from backend.storage.tables import Account, OneTimeToken, Person, Session
from contract.problem import ProblemCode

COOKIE = "quittance_session"
HOST_ONLY = "__Host-"
HANDOFF_SECONDS = 60
# Writing at each request would make every read a write: a minute is fine enough.
SEEN_EVERY = timedelta(minutes=1)

# Built once: every request begins with one of them.
_SIGNED_IN = (
    select(Person, Session)
    .join(Session, Session.person_id == Person.id)
    .where(Session.token_hash == bindparam("token"))
)
_WITH_ACCOUNT = _SIGNED_IN.add_columns(Account).outerjoin(
    Account, Account.id == bindparam("account")
)


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
    with storage.look() as database:
        row = database.execute(_SIGNED_IN, {"token": token_hash(token)}).first()
    if row is None or not _live(storage, settings, clock.now(), row[1]):
        return None
    return row[0], row[1]


def live_session_on(
    storage: Storage, settings: Settings, clock: Clock, token: str, account_id: str
) -> tuple[Person, Session, Account | None] | None:
    """The same, with the account of this identifier, if there is one, whosever it is."""
    with storage.look() as database:
        row = database.execute(
            _WITH_ACCOUNT, {"token": token_hash(token), "account": account_id}
        ).first()
    if row is None or not _live(storage, settings, clock.now(), row[1]):
        return None
    return row[0], row[1], row[2]


def _live(storage: Storage, settings: Settings, now: datetime, session: Session) -> bool:
    """Whether a session is still open; that it was seen is noted."""
    if session.revoked_at is not None or now >= min(
        session.idle_expires_at, session.absolute_expires_at
    ):
        return False
    if now - session.last_seen_at >= SEEN_EVERY:
        try:
            with storage.write() as database:
                database.execute(
                    update(Session)
                    .where(Session.id == session.id)
                    .values(
                        last_seen_at=now,
                        idle_expires_at=now + timedelta(minutes=settings.session_idle_minutes),
                    )
                )
        except SQLAlchemyError as error:
            if not unavailable(error):
                raise
            # A full disk can be read: at worst this session ends as one left alone.
    return True


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
