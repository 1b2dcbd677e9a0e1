"""The audit trail: who did what, when; never a figure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from backend.storage.engine import Database
from backend.storage.tables import Audit

_NOTE = insert(Audit.__table__)  # type: ignore[arg-type]


def record(
    database: Database,
    at: datetime,
    action: str,
    *,
    outcome: str = "done",
    person_id: str | None = None,
    account_id: str | None = None,
    session_id: str | None = None,
    **detail: Any,
) -> None:
    """Note an action in the running transaction. `detail` holds codes and versions only."""
    database.connection().execute(
        _NOTE,
        {
            "at": at, "person_id": person_id, "account_id": account_id, "session_id": session_id,
            "action": action, "outcome": outcome, "detail": detail,
        },
    )  # fmt: skip
