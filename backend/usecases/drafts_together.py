"""Drafts of many people, saved in one transaction: what is typed all over a served app.

Only the usual case is settled here: somebody who signed in lately, typing a first declaration for
an account of theirs that nobody else has touched. Whatever else is left to the API, which knows
what to answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from anyio import to_thread
from sqlalchemy import bindparam, select, update

from backend.problems import Problem
from backend.secrets import token_hash
from backend.services import Services
from backend.storage.engine import Database
from backend.storage.tables import Account, Draft, Session, Submission
from backend.usecases.declare import find_period
from backend.usecases.drafts import undoes
from backend.usecases.history import current_profile
from backend.usecases.sessions import SEEN_EVERY
from contract.declarations import DraftSave

log = structlog.get_logger("quittance.drafts")

PAUSE = 0.1  # seconds that a save waits for others to go with it
MOST = 200  # in one transaction

_KEEP = (
    update(Draft.__table__)  # type: ignore[arg-type]
    .where(
        Draft.account_id == bindparam("account"), Draft.period == bindparam("which"),
    )
    .values({
        name: bindparam(f"new_{name}") for name in (
            "sequence", "form_version", "step", "answers", "key", "device", "corrects", "saved_at",
        )
    })
)  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """One draft to save, and who says so."""

    token: str
    account_id: str
    period: str
    draft: DraftSave

    @property
    def place(self) -> tuple[str, str]:
        """Whose draft, of what."""
        return self.account_id, self.period


def save_together(services: Services, asks: Sequence[Ask]) -> list[bool]:
    """Save what may be saved without more ado; for each, whether it was."""
    now = services.clock.now()
    kept = []
    rows: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    done = set()
    with services.storage.write() as database:
        mine = _mine(services, database, asks)
        known = {
            (row.account_id, row.period): row
            for row in database.execute(
                select(Draft.account_id, Draft.period, Draft.sequence, Draft.device, Draft.corrects)
                .where(
                    Draft.account_id.in_({ask.account_id for ask in asks}),
                    Draft.period.in_({ask.period for ask in asks}),
                )
                .order_by(Draft.account_id, Draft.period)  # one order, or two writers may wait
                .with_for_update()
            )
        }
        sent = {
            (row.account_id, row.period)
            for row in database.execute(
                select(Submission.account_id, Submission.period).where(
                    Submission.account_id.in_({ask.account_id for ask in asks}),
                    Submission.period.in_({ask.period for ask in asks}),
                )
            )
        }
        for ask in asks:
            row = known.get(ask.place)
            usual = (
                (ask.token, ask.account_id) in mine and ask.draft.corrects is None
                and ask.place not in sent and ask.place not in done
            )  # fmt: skip
            if row is None:
                usual = usual and _may_begin(services, database, ask, mine)
            else:
                usual = usual and row.corrects is None and not undoes(row, ask.draft)
            kept.append(usual)
            if usual:
                done.add(ask.place)
                values = {**ask.draft.model_dump(exclude={"base"}), "saved_at": now}
                if row is None:
                    new.append({"account_id": ask.account_id, "period": ask.period, **values})
                else:
                    rows.append(
                        {"account": ask.account_id, "which": ask.period}
                        | {f"new_{name}": value for name, value in values.items()}
                    )
        if rows:
            database.connection().execute(_KEEP, rows)
        if new:
            database.connection().execute(Draft.__table__.insert(), new)  # type: ignore[attr-defined]
    return kept


def _may_begin(
    services: Services, database: Database, ask: Ask, mine: Mapping[tuple[str, str], str]
) -> bool:
    """Whether the period is one of the account's: what a first draft is refused for."""
    code = mine[ask.token, ask.account_id]
    if code not in services.registry:
        return False
    regime = services.registry.get(code)
    profile, _ = current_profile(database, regime, ask.account_id)
    try:
        find_period(regime, profile, services, ask.period)
    except Problem:
        return False
    return True


def _mine(
    services: Services, database: Database, asks: Sequence[Ask]
) -> dict[tuple[str, str], str]:
    """Token and account of those asked by its owner, in a session noted as open not long ago; the
    régime of each."""
    now = services.clock.now()
    hashes = {token_hash(ask.token): ask.token for ask in asks}
    people = {
        hashes[row.token_hash]: row.person_id
        for row in database.execute(
            select(
                Session.token_hash, Session.person_id, Session.revoked_at, Session.last_seen_at,
                Session.idle_expires_at, Session.absolute_expires_at,
            ).where(Session.token_hash.in_(hashes))
        )
        if row.revoked_at is None
        and now < min(row.idle_expires_at, row.absolute_expires_at)
        and now - row.last_seen_at < SEEN_EVERY
    }  # fmt: skip
    owners = {
        row.id: (row.person_id, row.regime)
        for row in database.execute(
            select(Account.id, Account.person_id, Account.regime).where(
                Account.id.in_({ask.account_id for ask in asks})
            )
        )
    }
    return {
        (ask.token, ask.account_id): owners[ask.account_id][1]
        for ask in asks
        if ask.token in people
        and ask.account_id in owners
        and owners[ask.account_id][0] == people[ask.token]
    }


class DraftsTogether:
    """Gathers the saves of this process while others are being written."""

    def __init__(self, services: Services, pause: float = PAUSE) -> None:
        self._services = services
        self._pause = pause
        self._waiting: list[tuple[Ask, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    async def save(self, token: str, account_id: str, period: str, draft: DraftSave) -> bool:
        """True once the draft is saved; False when it is to be asked of the API."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((Ask(token, account_id, period, draft), answer))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._pause)
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            asks = [ask for ask, _ in batch]
            try:
                kept = await to_thread.run_sync(save_together, self._services, asks)
            except Exception as error:  # the API says what is wrong, to each
                log.warning("drafts not saved together", error=type(error).__name__)
                kept = [False] * len(batch)
            for (_, answer), saved in zip(batch, kept, strict=True):
                if not answer.done():  # its page was closed
                    answer.set_result(saved)
        self._task = None
