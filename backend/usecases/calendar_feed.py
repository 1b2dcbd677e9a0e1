"""The calendar that a phone subscribes to: one event a due date, up to date by itself."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from backend.problems import Problem
from backend.secrets import new_token, token_hash
from backend.services import Services
from backend.storage.contact import CalendarFeed
from backend.storage.tables import Account, Person
from backend.usecases.dates import DueEvent, account_events
from contract.contact import CalendarState
from contract.i18n import Words, words
from contract.problem import ProblemCode
from regimes.regime import Regime

if TYPE_CHECKING:
    from icalendar import Event


def open_feed(services: Services, account: Account) -> str:
    """A new private token; the former address stops working."""
    token = new_token()
    with services.storage.write() as database:
        database.execute(delete(CalendarFeed).where(CalendarFeed.account_id == account.id))
        database.add(
            CalendarFeed(
                account_id=account.id, token_hash=token_hash(token),
                created_at=services.clock.now(),
            )
        )  # fmt: skip
    return token


def close_feed(services: Services, account: Account) -> None:
    """Nobody reads the calendar any more; none open is fine too."""
    with services.storage.write() as database:
        database.execute(delete(CalendarFeed).where(CalendarFeed.account_id == account.id))


def feed_state(services: Services, account: Account) -> CalendarState:
    """Whether an address is open."""
    with services.storage.read() as database:
        row = database.get(CalendarFeed, account.id)
    return CalendarState(open=row is not None, since=row.created_at if row else None)


def feed(services: Services, token: str) -> bytes:
    """The calendar behind a token. Raises not-found."""
    with services.storage.read() as database:
        row = database.execute(
            select(Account, Person)
            .join(CalendarFeed, CalendarFeed.account_id == Account.id)
            .join(Person, Person.id == Account.person_id)
            .where(CalendarFeed.token_hash == token_hash(token))
        ).first()
    if row is None or row[0].regime not in services.registry:
        raise Problem(ProblemCode.NOT_FOUND)
    account, person = row
    regime = services.registry.get(account.regime)
    found = account_events(services, person, account, regime)
    return calendar(account.id, found, regime, words(person.locale), services.settings.url)


def calendar(account_id: str, events: list[DueEvent], regime: Regime, w: Words, url: str) -> bytes:
    """An iCalendar file (RFC 5545): same facts, same bytes."""
    from icalendar import Calendar  # here: a start does without

    book = Calendar()
    book.add("prodid", "-//Quittance//Echeances//FR")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", w.t("Quittance : mes échéances"))
    book.add("refresh-interval", timedelta(days=1), parameters={"VALUE": "DURATION"})
    book.add("x-published-ttl", "P1D")
    for event in events:
        book.add_component(_event(account_id, event, regime, w, url))
    written: bytes = book.to_ical()
    return written


def _event(account_id: str, event: DueEvent, regime: Regime, w: Words, url: str) -> Event:
    from icalendar import Alarm, Event

    title = event.title(w, regime)
    item = Event()
    # The identifier says nothing of the account to whoever reads the calendar.
    name = hashlib.sha256(f"{account_id}:{event.code}".encode()).hexdigest()[:32]
    item.add("uid", f"{name}@quittance")
    item.add("dtstamp", datetime.combine(event.opens, time(), UTC))
    item.add("sequence", event.version)
    item.add("dtstart", event.on)
    item.add("dtend", event.on + timedelta(days=1))
    item.add("summary", w.t("Fait : {what}").format(what=title) if event.done else title)
    item.add("url", f"{url}/home")
    item.add("transp", "TRANSPARENT")
    item.add("status", "CONFIRMED")
    if not event.done:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", timedelta(days=-3))
        item.add_component(alarm)
    return item
