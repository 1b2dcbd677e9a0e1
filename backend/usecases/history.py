"""Read an account's profile and declarations back as the régime's own types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import func, select

from backend.clock import paris_day
from backend.storage.engine import Database
from backend.storage.tables import ProfileVersion, Submission, SubmissionPayload
from regimes.assessment import Assessment
from regimes.regime import Filed, Model, Period, PeriodStatus, Regime

ASSESSMENT: TypeAdapter[Assessment] = TypeAdapter(Assessment)


@dataclass(frozen=True)
class Stored:
    """A submission with its payload read back."""

    row: Submission
    payload: dict[str, Any]

    @property
    def assessment(self) -> Assessment:
        """The calculation that was signed."""
        return ASSESSMENT.validate_python(self.payload["assessment"], strict=False)


def current_profile(database: Database, regime: Regime, account_id: str) -> tuple[Model, int]:
    """The latest profile and its version."""
    row = database.scalars(
        select(ProfileVersion)
        .where(ProfileVersion.account_id == account_id)
        .order_by(ProfileVersion.version.desc())
        .limit(1)
    ).one()
    return regime.Profile.model_validate(row.data), row.version


def latest(database: Database, account_id: str) -> list[Stored]:
    """The latest version of each declared period, oldest first. Erased payloads are left out."""
    newest = (
        select(Submission.period, func.max(Submission.version).label("version"))
        .where(Submission.account_id == account_id)
        .group_by(Submission.period)
        .subquery()
    )
    rows = database.execute(
        select(Submission, SubmissionPayload.payload)
        .join(
            newest,
            (Submission.period == newest.c.period) & (Submission.version == newest.c.version),
        )
        .join(SubmissionPayload, SubmissionPayload.submission_id == Submission.id)
        .where(Submission.account_id == account_id)
        .order_by(Submission.period_start)
    )
    return [Stored(row, json.loads(payload)) for row, payload in rows]


def versions(database: Database, account_id: str, period: str) -> list[Stored]:
    """Every version of one period, newest first."""
    rows = database.execute(
        select(Submission, SubmissionPayload.payload)
        .join(SubmissionPayload, SubmissionPayload.submission_id == Submission.id)
        .where(Submission.account_id == account_id, Submission.period == period)
        .order_by(Submission.version.desc())
    )
    return [Stored(row, json.loads(payload)) for row, payload in rows]


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


def of_regime(regime: Regime, stored: list[Stored]) -> list[Stored]:
    """What was sent under `regime`: an account that moved keeps what it sent before."""
    return [item for item in stored if item.row.regime == regime.code]


def filed_history(regime: Regime, stored: list[Stored]) -> list[Filed]:
    """The history that a régime assesses with: its own declarations."""
    return [as_filed(regime, item) for item in of_regime(regime, stored)]
