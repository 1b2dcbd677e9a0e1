"""The retention job: once a day, in one process, what is past its period goes.

Idempotent: a day claimed and not finished within the hour is taken again, and what went is not
there to go twice. Periods are in backend/retention.toml.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import CursorResult, Delete, Update, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from backend.periods import period
from backend.services import Services
from backend.storage.contact import ReminderSent, Thread, ThreadMessage
from backend.storage.decisions import Decision, Dispute, DisputeStep, PaymentPlan
from backend.storage.device_keys import DeviceKey
from backend.storage.documents import IssuedDocument
from backend.storage.engine import Database
from backend.storage.factor import Ceremony, ProviderSession
from backend.storage.notes import Attachment, EntryRow
from backend.storage.operators import Look
from backend.storage.privacy import Closure, DataCopy, Erasure, RetentionRun
from backend.storage.tables import (
    Account,
    Audit,
    Draft,
    Idempotency,
    Mandate,
    OneTimeToken,
    Payment,
    Person,
    ProfileVersion,
    Refund,
    Session,
    Submission,
    SubmissionPayload,
    Throttle,
    new_id,
)
from backend.storage.vrp import ClaimStep, DsnFiling
from backend.throttle import KNOWN_FOR
from backend.usecases.closure import close_due, last_day

log = structlog.get_logger("quittance.retention")

AGAIN = timedelta(hours=1)
ERASED = "erased"
"""The régime of an account whose content is gone: no profession has this name."""


AFTER: dict[str, str] = {
    **dict.fromkeys(
        ("one_time_tokens", "notification_choices", "push_subscriptions", "device_keys",
         "operators", "data_copies", "drafts", "calendar_feeds", "refund_accounts", "factors",
         "recovery_codes", "passkeys", "ceremonies", "linked_identities", "provider_sessions",
         "seen_devices", "freezes"),
        "deleted at the closure",
    ),
    **dict.fromkeys(
        ("submission_payloads", "entries", "attachments", "threads", "thread_messages"),
        "deleted with the account's content",
    ),
    **dict.fromkeys(
        ("profiles", "decisions", "dispute_steps", "claim_steps", "payment_plans"),
        "words emptied with the account's content; the rest says nothing of who",
    ),
    **dict.fromkeys(("sessions", "audit", "looks", "reminders_sent"), "deleted after 12 months"),
    **dict.fromkeys(
        ("submissions", "ledger_transactions", "ledger_lines", "period_balances", "dues",
         "debit_orders", "payments", "disputes", "closures", "erasures", "events", "event_heads",
         "delegated_acts"),
        "dates, sums and hashes of nobody: the account and the person have no name any more",
    ),
    "persons": "address, password and language emptied at the closure",
    "accounts": "NIR and IBAN emptied at the closure, name and SIRET with the content",
    "mandates": "bank account emptied at the closure when never debited, else with the books",
    "refunds": "bank account emptied with the books",
    "documents": "files deleted with the account's content; number and fingerprint stay",
    "dsn_filings": "fingerprint emptied six years after the year",
    "delegations": "ended, address and name emptied at the closure of either side",
    "dsn_returns": "an employer's, of nobody",
}  # fmt: skip
"""What becomes of each table about a person who leaves: a test compares it with what is given in
a copy of data, so that no new table is forgotten."""


def retain(services: Services) -> dict[str, int] | None:
    """Delete and anonymise what is past its period today; how much, by kind. None when today's
    run is done, or another process has it. Closures come to their end at every call."""
    closed = close_due(services)
    today = services.clock.today()
    if not _claim(services):
        return None
    counts = {"closed": closed}
    steps: dict[str, Callable[[Services], int]] = {
        "sessions": _sessions, "tokens": _tokens, "throttle": _throttle, "copies": _copies,
        "drafts": _drafts, "answers": _answers, "traces": _traces, "filings": _filings,
        "accounts": _accounts, "bank": _bank,
    }  # fmt: skip
    for name, step in steps.items():
        counts[name] = step(services)
    with services.storage.write() as database:
        row = database.get_one(RetentionRun, today)
        row.finished_at, row.counts = services.clock.now(), counts
    log.info("retention", count=sum(counts.values()))
    return counts


def _claim(services: Services) -> bool:
    now, today = services.clock.now(), services.clock.today()
    try:
        with services.storage.write() as database:
            row = database.get(RetentionRun, today, with_for_update=True)
            if row is None:
                database.add(RetentionRun(day=today, started_at=now, counts={}))
            elif row.finished_at is not None or row.started_at > now - AGAIN:
                return False
            else:
                row.started_at = now  # whoever had it died
    except IntegrityError:
        return False  # another process was first
    return True


def _done(database: Database, query: Delete | Update) -> int:
    found: Any = database.execute(query)
    assert isinstance(found, CursorResult)
    return found.rowcount


def _past(services: Services, key: str) -> datetime:
    return period(key, services.clock.today()).before(services.clock.now())


def _sessions(services: Services) -> int:
    """Sessions that ended long ago, and the keys of their devices."""
    past = _past(services, "access")
    ended = (Session.absolute_expires_at < past) | (Session.revoked_at < past)
    with services.storage.write() as database:
        database.execute(
            delete(DeviceKey).where(DeviceKey.session_id.in_(select(Session.id).where(ended)),
                                    DeviceKey.revoked_at.is_not(None))
        )  # fmt: skip
        gone = select(Session.id).where(ended)
        database.execute(delete(ProviderSession).where(ProviderSession.session_id.in_(gone)))
        held = select(DeviceKey.session_id)  # a device that still opens keeps its session
        return _done(database, delete(Session).where(ended, Session.id.not_in(held)))


def _tokens(services: Services) -> int:
    past = _past(services, "once")
    with services.storage.write() as database:
        database.execute(delete(Ceremony).where(Ceremony.expires_at < past))
        return _done(
            database,
            delete(OneTimeToken).where(
                or_(OneTimeToken.expires_at < past, OneTimeToken.used_at < past)
            ),
        )


def _throttle(services: Services) -> int:
    past = min(_past(services, "once"), services.clock.now() - KNOWN_FOR)
    with services.storage.write() as database:
        return _done(database, delete(Throttle).where(Throttle.window_start < past))


def _copies(services: Services) -> int:
    """Copies of data nobody may take any more."""
    with services.storage.write() as database:
        rows = database.scalars(
            select(DataCopy).where(DataCopy.expires_at < services.clock.now())
        ).all()
        keys = [row.key for row in rows if row.key]
        for row in rows:
            database.delete(row)
    for key in keys:
        services.files.delete(key)
    return len(rows)


def _drafts(services: Services) -> int:
    with services.storage.write() as database:
        return _done(database, delete(Draft).where(Draft.saved_at < _past(services, "drafts")))


def _answers(services: Services) -> int:
    with services.storage.write() as database:
        past = _past(services, "drafts")
        return _done(database, delete(Idempotency).where(Idempotency.created_at < past))


def _traces(services: Services) -> int:
    past = _past(services, "access")
    with services.storage.write() as database:
        return sum(
            _done(database, query)
            for query in (
                delete(Audit).where(Audit.at < past),
                delete(Look).where(Look.expires_at < past),
                delete(ReminderSent).where(ReminderSent.sent_at < past),
            )
        )


def _filings(services: Services) -> int:
    """Employers' lines lose the fingerprint that leads to a person."""
    past = _past(services, "declarations")
    with services.storage.write() as database:
        return _done(
            database,
            update(DsnFiling)
            .where(DsnFiling.month < f"{past.year:04}-{past.month:02}", DsnFiling.nir_mark != "")
            .values(nir_mark=""),
        )


def _accounts(services: Services) -> int:
    """Content of the accounts of closed persons, once nothing has it kept."""
    past = _past(services, "declarations")
    with services.storage.read() as database:
        rows = database.execute(
            select(Account.id, Account.person_id)
            .join(Closure, Closure.person_id == Account.person_id)
            .where(Closure.state == "closed", Account.regime != ERASED)
        ).all()
        ready = []
        for account_id, person_id in rows:
            last = last_day(database, person_id, "declarations", account_id)
            if last is None or last < past:
                ready.append(account_id)
    for account_id in ready:
        erase_account(services, account_id, "declarations")
    return len(ready)


def erase_account(services: Services, account_id: str, rule: str) -> None:
    """Forget what an account holds, and who it was; its chain and its sums stay, of nobody.

    The lines in `erasures` come first: append-only rows lose their words only where one speaks of
    them, and `quittance verify` reads the day there.
    """
    now = services.clock.now()
    with services.storage.write() as database:
        account = database.get_one(Account, account_id, with_for_update=True)
        sent = list(
            database.scalars(select(Submission.id).where(Submission.account_id == account_id))
        )
        disputes = list(
            database.scalars(select(Dispute.id).where(Dispute.account_id == account_id))
        )
        known = set(
            database.scalars(select(Erasure.subject).where(Erasure.account_id == account_id))
        )
        for subject in [account_id, *sent, *disputes]:
            if subject not in known:
                database.add(
                    Erasure(id=new_id(), subject=subject, account_id=account_id, rule=rule, at=now)
                )
        database.flush()
        keys = [
            *database.scalars(select(Attachment.key).where(Attachment.account_id == account_id)),
            *database.scalars(
                select(IssuedDocument.key).where(IssuedDocument.account_id == account_id)
            ),
        ]
        threads = select(Thread.id).where(Thread.account_id == account_id)
        for query in (
            delete(SubmissionPayload).where(SubmissionPayload.submission_id.in_(sent)),
            delete(Idempotency).where(Idempotency.scope == account_id),
            delete(ThreadMessage).where(ThreadMessage.thread_id.in_(threads)),
            delete(Thread).where(Thread.account_id == account_id),
            delete(EntryRow).where(EntryRow.account_id == account_id),
            delete(Attachment).where(Attachment.account_id == account_id),
            delete(ReminderSent).where(ReminderSent.account_id == account_id),
            delete(Draft).where(Draft.account_id == account_id),
            update(ProfileVersion).where(ProfileVersion.account_id == account_id).values(data={}),
            update(Decision).where(Decision.account_id == account_id).values(reason=""),
            update(DisputeStep).where(DisputeStep.dispute_id.in_(disputes)).values(body=""),
            update(ClaimStep).where(ClaimStep.submission_id.in_(sent)).values(note=""),
            update(PaymentPlan).where(PaymentPlan.account_id == account_id).values(reason=""),
            update(Look).where(Look.account_id == account_id).values(reason=""),
        ):
            database.execute(query)
        account.name, account.regime, account.nir, account.iban = "", ERASED, None, None
        account.siret = account_id[:14]
    for key in keys:
        services.files.delete(key)


def _bank(services: Services) -> int:
    """Bank accounts of debits and refunds too old for the books."""
    past = _past(services, "accounting")
    recent = select(Payment.mandate_id).where(
        Payment.mandate_id.is_not(None), Payment.created_at >= past
    )
    with services.storage.write() as database:
        closed = select(Person.id).join(Closure, Closure.person_id == Person.id).where(
            Closure.state == "closed"
        )  # fmt: skip
        theirs = select(Account.id).where(Account.person_id.in_(closed))
        old = (Mandate.revoked_at < past) | (
            Mandate.account_id.in_(theirs) & (Mandate.signed_at < past)
        )
        return _done(
            database,
            update(Mandate)
            .where(old, Mandate.id.not_in(recent), Mandate.holder != "")
            .values(iban="", bic="", holder="", signature={}, salt=None),
        ) + _done(
            database,
            update(Refund)
            .where(Refund.asked_at < past, Refund.state != "asked", Refund.holder != "")
            .values(iban="", holder=""),
        )
