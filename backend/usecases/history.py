"""Read an account's profile and declarations back as the régime's own types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic_core import from_json
from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import aliased

from backend.clock import paris_day
from backend.storage.engine import Database
from backend.storage.tables import ProfileVersion, Submission, SubmissionPayload
from regimes.assessment import Assessment
from regimes.regime import Filed, Model, Period, PeriodStatus, Regime

ASSESSMENT: TypeAdapter[Assessment] = TypeAdapter(Assessment)

# Built once. Rows are read by column: nothing of them is ever changed, so nothing tracks them.
_SENT = Submission.__table__.c
_NEWER = aliased(Submission)
_ACCOUNT = Submission.account_id == bindparam("account")
_WHOLE: Select[Any] = select(*_SENT, SubmissionPayload.payload).join(
    SubmissionPayload, SubmissionPayload.submission_id == Submission.id
)
_LATEST = _WHOLE.where(
    _ACCOUNT,
    ~exists().where(
        _NEWER.account_id == Submission.account_id, _NEWER.period == Submission.period,
        _NEWER.version > Submission.version,
    ),
).order_by(Submission.period_start)  # fmt: skip
_WITHIN = _LATEST.where(
    Submission.period_end >= bindparam("first"), Submission.period_start <= bindparam("last")
)
_VERSIONS = _WHOLE.where(_ACCOUNT, Submission.period == bindparam("period")).order_by(
    Submission.version.desc()
)
_PROFILE = (
    select(ProfileVersion.data, ProfileVersion.version)
    .where(ProfileVersion.account_id == bindparam("account"))
    .order_by(ProfileVersion.version.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Stored:
    """A submission with its payload read back."""

    row: Submission
    payload: dict[str, Any]

    @property
    def assessment(self) -> Assessment:
        """The calculation that was signed."""
        return ASSESSMENT.validate_python(self.payload["assessment"], strict=False)


class Past(Filed):
    """What was filed, its calculation read when asked: the next one is assessed with figures."""

    __slots__ = ("_stored",)

    def __init__(self, regime: Regime, stored: Stored) -> None:
        told = {
            "period": as_period(stored),
            "declaration": regime.Declaration.model_validate(stored.payload["declaration"]),
            "filed_on": paris_day(stored.row.received_at), "version": stored.row.version,
            "_stored": stored,
        }  # fmt: skip
        for name, value in told.items():
            object.__setattr__(self, name, value)

    @property
    def assessment(self) -> Assessment:
        """The calculation that was signed."""
        return self._stored.assessment  # type: ignore[attr-defined, no-any-return]


def current_profile(database: Database, regime: Regime, account_id: str) -> tuple[Model, int]:
    """The latest profile and its version."""
    database.flush()
    data, version = database.connection().execute(_PROFILE, {"account": account_id}).one()
    return regime.Profile.model_validate(data), version


def _read(database: Database, statement: Select[Any], **told: Any) -> list[Stored]:
    database.flush()
    rows = database.connection().execute(statement, told)
    return [Stored(cast(Submission, row), from_json(row.payload)) for row in rows]


def latest(database: Database, account_id: str) -> list[Stored]:
    """The latest version of each declared period, oldest first. Erased payloads are left out."""
    return _read(database, _LATEST, account=account_id)


def within(database: Database, regime: Regime, account_id: str, period: Period) -> list[Stored]:
    """The latest version of what `period` is assessed with, and of itself: no more, the rest may
    be long."""
    first, last = regime.reach(period)
    return _read(database, _WITHIN, account=account_id, first=first, last=last)


def past(regime: Regime, stored: Sequence[Stored], code: str) -> list[Filed]:
    """The history that the period `code` is assessed with: the others of its régime."""
    return [Past(regime, item) for item in of_regime(regime, stored) if item.row.period != code]


def versions(database: Database, account_id: str, period: str) -> list[Stored]:
    """Every version of one period, newest first."""
    return _read(database, _VERSIONS, account=account_id, period=period)


def as_period(stored: Stored) -> Period:
    """The period that a submission was sent for."""
    row = stored.row
    raw = stored.payload["period"]
    return Period(
        code=row.period,
        start=row.period_start,
        end=row.period_end,
        opens=date.fromisoformat(raw["opens"]),
        due=row.due_date,
        status=PeriodStatus.OPEN,
        due_time=time.fromisoformat(raw["due_time"]),
        first=raw["first"],
        last=raw["last"],
    )


def as_filed(regime: Regime, stored: Stored) -> Filed:
    """A submission as the régime reads its history."""
    row = stored.row
    return Filed(
        period=as_period(stored),
        declaration=regime.Declaration.model_validate(stored.payload["declaration"]),
        assessment=stored.assessment,
        filed_on=paris_day(row.received_at),
        version=row.version,
    )


def of_regime(regime: Regime, stored: Sequence[Stored]) -> list[Stored]:
    """What was sent under `regime`: an account that moved keeps what it sent before."""
    return [item for item in stored if item.row.regime == regime.code]


def filed_history(regime: Regime, stored: list[Stored]) -> list[Filed]:
    """The history that a régime assesses with: its own declarations."""
    return [as_filed(regime, item) for item in of_regime(regime, stored)]
