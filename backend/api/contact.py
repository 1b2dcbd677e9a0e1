"""What reaches me and what I write: channels, calendar, notices, messages."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from sqlalchemy import select

from backend.api.deps import CallerDep, ClientDep, OperatorDep, OwnedDep, ServicesDep
from backend.problems import responses
from backend.routes import Routes
from backend.services import Services
from backend.storage.contact import NotificationChoice, PushSubscription
from backend.storage.tables import Person
from backend.usecases import calendar_feed, mailbox, push
from contract.contact import (
    CalendarAddress,
    CalendarState,
    Channels,
    ChannelsView,
    MessageWrite,
    PushKey,
    PushSubscribe,
    ThreadStart,
    ThreadSummary,
    ThreadView,
)
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["contact"])
ME = responses(P.NOT_AUTHENTICATED)
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
ROLE = responses(P.NOT_AUTHENTICATED, P.FORBIDDEN, P.NOT_FOUND)
ThreadId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
ID = "c7f50318c8d14aabb9a1a631b94978d4"
MESSAGE = {"id": "m-5b1f0c9e2a7d4e6f", "body": "Je n’ai pas reçu mon code.", "files": []}
SUMMARY = {
    "id": ID, "account_id": ID, "subject": "access", "title": "Code non reçu",
    "created_at": "2026-11-20T09:00:00.000Z", "changed_at": "2026-11-21T10:00:00.000Z",
    "answered": True, "unread": 1, "name": "",
}  # fmt: skip
EXAMPLES = {
    "Channels": {"email": True, "push": False},
    "ChannelsView": {"email": True, "push": False, "devices": []},
    "CalendarAddress": {"url": "https://quittance.example/api/v1/calendars/abc…xyz.ics"},
    "CalendarState": {"open": True, "since": "2026-11-20T09:00:00.000Z"},
    "PushKey": {"key": "BPZ…"},
    "PushSubscribe": {
        "endpoint": "https://push.example/send/abc",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6S"
            "RpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    },
    "MessageWrite": MESSAGE,
    "ThreadStart": {"subject": "access", "title": "Code non reçu", "message": MESSAGE},
    "ThreadSummary": SUMMARY,
    "ThreadView": {
        "thread": SUMMARY,
        "messages": [
            {
                "id": "m-5b1f0c9e2a7d4e6f", "author": "person", "files": [],
                "body": "Je n’ai pas reçu mon code.", "sent_at": "2026-11-20T09:00:00.000Z",
                "read_at": "2026-11-20T11:00:00.000Z",
            }
        ],
    },
}  # fmt: skip


def _channels(services: Services, person: Person) -> ChannelsView:
    with services.storage.read() as database:
        row = database.get(NotificationChoice, person.id)
        devices = database.scalars(
            select(PushSubscription.device)
            .where(PushSubscription.person_id == person.id)
            .order_by(PushSubscription.created_at)
        ).all()
    return ChannelsView(
        email=row is None or row.email, push=row is not None and row.push, devices=list(devices)
    )


@router.get("/me/channels", responses=ME)
def channels(services: ServicesDep, caller: CallerDep) -> ChannelsView:
    """How reminders reach me."""
    return _channels(services, caller.person)


@router.put("/me/channels", responses=ME)
def choose(asked: Channels, services: ServicesDep, caller: CallerDep) -> ChannelsView:
    """Choose how reminders reach me. Without notices, the browsers that accepted are forgotten."""
    with services.storage.write() as database:
        database.merge(
            NotificationChoice(person_id=caller.person.id, email=asked.email, push=asked.push)
        )
    if not asked.push:
        push.unsubscribe(services, caller.person)
    return _channels(services, caller.person)


@router.get("/push/key", responses=responses())
def key(services: ServicesDep) -> PushKey:
    """The public key of this service, for a browser to subscribe with."""
    return PushKey(key=push.public_key(services.settings))


@router.post("/me/push", status_code=204, responses=ME)
def subscribe(
    asked: PushSubscribe, services: ServicesDep, caller: CallerDep, client: ClientDep
) -> None:
    """This browser accepts notices: they reach me from now on."""
    push.subscribe(services, caller.person, client.device, asked)
    with services.storage.write() as database:
        row = database.get(NotificationChoice, caller.person.id)
        database.merge(
            NotificationChoice(
                person_id=caller.person.id, email=row is None or row.email, push=True
            )
        )


@router.get("/accounts/{account_id}/calendar", responses=MINE)
def calendar_state(owned: OwnedDep) -> CalendarState:
    """Whether my calendar has an address."""
    return calendar_feed.feed_state(owned.services, owned.account)


@router.post("/accounts/{account_id}/calendar", status_code=201, responses=MINE)
def open_calendar(owned: OwnedDep) -> CalendarAddress:
    """A private address to subscribe to; the former one stops working."""
    token = calendar_feed.open_feed(owned.services, owned.account)
    return CalendarAddress(url=f"{owned.services.settings.url}/api/v1/calendars/{token}.ics")


@router.delete("/accounts/{account_id}/calendar", status_code=204, responses=MINE)
def close_calendar(owned: OwnedDep) -> None:
    """Close the address."""
    calendar_feed.close_feed(owned.services, owned.account)


@router.get(
    "/calendars/{token}.ics",
    response_class=Response,
    responses={
        **responses(P.NOT_FOUND),
        200: {"content": {"text/calendar": {"schema": {"type": "string"}}},
              "description": "Due dates, one event each"},
    },
)  # fmt: skip
def calendar(
    token: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,128}$")], services: ServicesDep
) -> Response:
    """The calendar behind a private address: dates and periods, no amount."""
    return Response(calendar_feed.feed(services, token), media_type="text/calendar; charset=utf-8")


@router.get("/accounts/{account_id}/threads", responses=MINE)
def threads(owned: OwnedDep) -> list[ThreadSummary]:
    """My conversations with the collector, latest first."""
    return mailbox.threads_of(owned.services, owned.account)


@router.post("/accounts/{account_id}/threads", status_code=201, responses=MINE)
def start(asked: ThreadStart, owned: OwnedDep) -> ThreadView:
    """Write to the collector about something new."""
    return mailbox.start_thread(owned.services, owned.account, owned.caller.person, asked)


@router.get("/accounts/{account_id}/threads/{thread_id}", responses=MINE)
def thread(thread_id: ThreadId, owned: OwnedDep) -> ThreadView:
    """One conversation; the answers in it are read from now on."""
    return mailbox.read_thread(owned.services, thread_id, mailbox.PERSON, owned.account)


@router.post("/accounts/{account_id}/threads/{thread_id}/messages", status_code=201, responses=MINE)
def write(thread_id: ThreadId, asked: MessageWrite, owned: OwnedDep) -> ThreadView:
    """Add a message to a conversation."""
    return mailbox.write_message(
        owned.services, thread_id, mailbox.PERSON, owned.caller.person, asked, owned.account
    )


@router.get("/operator/threads", responses=responses(P.NOT_AUTHENTICATED, P.FORBIDDEN))
def operator_inbox(
    operator: OperatorDep, services: ServicesDep, answered: bool = False
) -> list[ThreadSummary]:
    """Conversations that wait for an answer, oldest first; or those answered, latest first."""
    return mailbox.inbox(services, answered)


@router.get("/operator/threads/{thread_id}", responses=ROLE)
def operator_thread(
    thread_id: ThreadId, operator: OperatorDep, services: ServicesDep
) -> ThreadView:
    """One conversation; the person sees that it was read."""
    return mailbox.read_thread(services, thread_id, mailbox.COLLECTOR)


@router.post("/operator/threads/{thread_id}/messages", status_code=201, responses=ROLE)
def operator_answer(
    thread_id: ThreadId, asked: MessageWrite, operator: OperatorDep, services: ServicesDep
) -> ThreadView:
    """Answer a person; a message tells them, without what it says."""
    return mailbox.write_message(services, thread_id, mailbox.COLLECTOR, operator.person, asked)
