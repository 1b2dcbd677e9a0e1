"""Which failures are those of a database or a disk that cannot serve now: full, gone, or ending."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, TimeoutError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
SQLITE = frozenset(
    {
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
    }
)  # fmt: skip
POSTGRESQL = ("08", "53", "57P", "58", "25006")
"""What SQLSTATE begins with: no connection, no room, the server ends, a failure of its machine, a
server that only reads (one that has just been taken over from)."""


def unavailable(error: BaseException) -> bool:
    """True when the same request may well be done later: nothing in it is wrong. What was asked is
    undone whole; only an answer lost while it was committed leaves in doubt, and a request that
    carries its key is safe to send again."""
    if isinstance(error, DBAPIError):
        return _of_the_driver(error, error.orig)
    if isinstance(error, TimeoutError):
        return True
    return isinstance(error, OSError) and error.errno in FULL


def _of_the_driver(error: DBAPIError, cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE
    state = getattr(cause, "sqlstate", None)
    if state is None:  # psycopg: what never reached the server, or was cut off from it
        return error.connection_invalidated or type(cause).__name__ == "OperationalError"
    return bool(state.startswith(POSTGRESQL))
