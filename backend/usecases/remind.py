"""Reminders ten days, three days and one day before a date, then after: each once, by channel.

What is sent names the period and the date; no amount, no identifier, and the subject tells nothing
that a glance over a shoulder should not.
"""

from __future__ import annotations

from datetime import date

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend import messages
from backend.pace import spaced
from backend.services import Services
from backend.storage.contact import NotificationChoice, PushSubscription, ReminderSent
from backend.storage.tables import Account, Person
from backend.usecases import push
from backend.usecases.dates import DueEvent, account_events
from backend.usecases.disputes import disputed_periods
from contract.i18n import words

log = structlog.get_logger("quittance.remind")

STAGES = ((1, "1"), (3, "3"), (10, "10"))
LATE = "late"


def stage_of(event: DueEvent, today: date) -> str | None:
    """Which reminder is due today, if one: the closest to the date. A stage passed while nothing
    ran is not sent afterwards."""
    if event.done or (today < event.opens and event.verb == "declare"):
        return None
    left = (event.on - today).days
    if left < 0:
        return LATE if event.verb == "declare" and left >= -30 else None
    return next((name for days, name in STAGES if left <= days), None)


def remind(services: Services) -> int:
    """Send the reminders of today; how many were. Safe to run by several processes at once."""
    sent = 0
    with services.storage.read() as database:
        rows = database.execute(
            select(Account, Person)
            .join(Person, Person.id == Account.person_id)
            .where(Person.email_confirmed_at.is_not(None))
            .order_by(Account.id)
        ).all()
        choices = {c.person_id: c for c in database.scalars(select(NotificationChoice))}
    for account, person in spaced(rows):
        if account.regime not in services.registry:
            continue
        choice = choices.get(person.id)
        wanted = [
            name
            for name, on in (
                ("email", choice is None or choice.email),
                ("push", choice is not None and choice.push),
            )
            if on
        ]
        if wanted:
            sent += _account(services, account, person, wanted)
    log.info("reminders", sent=sent)
    return sent


def _account(services: Services, account: Account, person: Person, wanted: list[str]) -> int:
    regime = services.registry.get(account.regime)
    today, sent = services.clock.today(), 0
    with services.storage.read() as database:
        waits = disputed_periods(database, account.id)
    for event in account_events(services, person, account, regime):
        stage = stage_of(event, today)
        if stage is None or (event.verb == "pay" and event.period in waits):
            continue
        for channel in wanted:
            if not _claim(services, account.id, event.code, stage, channel):
                continue
            title = event.title(words(person.locale), regime)
            if channel == "email":
                services.mailer.send(
                    messages.reminder(
                        services.settings, person.email, person.locale, title, event.on,
                        (event.on - today).days, event.verb, account.name,
                    )
                )  # fmt: skip
            else:
                _push(services, person, title, event, today)
            sent += 1
    return sent


def _claim(services: Services, account_id: str, event: str, stage: str, channel: str) -> bool:
    try:
        with services.storage.write() as database:
            key = (account_id, event, stage, channel)
            if database.get(ReminderSent, key) is not None:
                return False
            database.add(
                ReminderSent(
                    account_id=account_id, event=event, stage=stage, channel=channel,
                    sent_at=services.clock.now(),
                )
            )  # fmt: skip
    except IntegrityError:
        return False  # another process was first
    return True


def _push(services: Services, person: Person, title: str, event: DueEvent, today: date) -> None:
    w = words(person.locale)
    with services.storage.read() as database:
        rows = database.scalars(
            select(PushSubscription).where(PushSubscription.person_id == person.id)
        ).all()
    body = messages.when_sentence(w, event.on, (event.on - today).days)
    for row in rows:
        push.notify(services, row, title, body, "/home")
