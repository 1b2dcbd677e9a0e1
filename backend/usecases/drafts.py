"""Drafts: every figure as typed, kept by sequence so that a late save undoes nothing."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from backend.problems import Problem
from backend.services import Services
from backend.storage.engine import Along, nothing_else
from backend.storage.tables import Account, Draft, Submission
from backend.usecases.declare import find_period
from backend.usecases.history import current_profile
from contract.declarations import DraftSave, DraftView
from contract.problem import ProblemCode
from regimes.regime import Regime


class Kept(Protocol):
    """What is known of a draft that is kept: a row, whole or not."""

    @property
    def sequence(self) -> int: ...
    @property
    def device(self) -> str: ...


def draft_view(row: Draft) -> DraftView:
    """A draft as the wire says it."""
    return DraftView(
        period=row.period, sequence=row.sequence, form_version=row.form_version, step=row.step,
        answers=row.answers, key=row.key, device=row.device, corrects=row.corrects,
        saved_at=row.saved_at,
    )  # fmt: skip


def find_draft(services: Services, account: Account, period: str) -> DraftView | None:
    """The draft of a period, if one is kept."""
    with services.storage.look() as database:
        row = database.get(Draft, (account.id, period))
        return draft_view(row) if row is not None else None


def all_drafts(services: Services, account: Account) -> list[DraftView]:
    """Every draft of an account."""
    with services.storage.read() as database:
        rows = database.scalars(
            select(Draft).where(Draft.account_id == account.id).order_by(Draft.period)
        ).all()
        return [draft_view(row) for row in rows]


def save_draft(
    services: Services, account: Account, regime: Regime, period: str, asked: DraftSave,
    along: Along = nothing_else,
) -> DraftView:  # fmt: skip
    """Keep a draft. Raises draft-conflict, with the one kept, when that one is as new or newer, or
    when another device saved it meanwhile; already-declared when what it held was sent, or the
    period declared from elsewhere; period-unknown."""
    with services.storage.read() as database:
        profile, _ = current_profile(database, regime, account.id)
    find_period(regime, profile, services, period)
    try:
        return _save(services, account, period, asked, along)
    except IntegrityError:
        return _save(
            services, account, period, asked, along
        )  # two first saves met: the other is there


def _save(
    services: Services, account: Account, period: str, asked: DraftSave, along: Along
) -> DraftView:
    values = asked.model_dump(exclude={"base"})
    with services.storage.write() as database:
        row = database.scalar(
            select(Draft)
            .where(Draft.account_id == account.id, Draft.period == period)
            .with_for_update()
        )
        # A save that comes after the sending must not bring the draft back, nor a first
        # declaration be typed for a period that another device has declared.
        declared = select(Submission.number).where(
            Submission.account_id == account.id, Submission.period == period
        )
        if asked.corrects is not None:
            declared = declared.where(Submission.idempotency_key == asked.key)
        sent = database.scalar(declared.order_by(Submission.version.desc()).limit(1))
        if sent is not None:
            raise Problem(ProblemCode.ALREADY_DECLARED, extra={"latest": sent})
        if row is None:
            row = Draft(account_id=account.id, period=period)
            database.add(row)
        elif undoes(row, asked) and not _same(row, asked):
            raise Problem(
                ProblemCode.DRAFT_CONFLICT,
                extra={"saved": draft_view(row).model_dump(mode="json")},
            )
        for name, value in values.items():
            setattr(row, name, value)
        row.saved_at = services.clock.now()
        database.flush()
        along(database, period)
        return draft_view(row)


def undoes(row: Kept, asked: DraftSave) -> bool:
    """A save that knows less than what is kept."""
    unseen = asked.base is not None and asked.base != row.sequence
    return asked.sequence <= row.sequence or (unseen and asked.device != row.device)


def _same(row: Draft, asked: DraftSave) -> bool:
    """A retry of the save that is kept already."""
    return (
        row.sequence == asked.sequence and row.answers == asked.answers
        and row.device == asked.device and row.key == asked.key
    )  # fmt: skip


def drop_draft(
    services: Services, account: Account, period: str, along: Along = nothing_else
) -> None:  # fmt: skip
    """Forget a draft; none is fine too."""
    with services.storage.write() as database:
        database.execute(
            delete(Draft).where(Draft.account_id == account.id, Draft.period == period)
        )
        along(database, period)
