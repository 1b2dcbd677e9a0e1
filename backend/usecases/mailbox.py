"""Messages between people and the collector: threads, files, and when each was read."""

from __future__ import annotations

from sqlalchemy import func, select, update

from backend import messages
from backend.audit import record
from backend.problems import Problem, field_problem
from backend.services import Services
from backend.storage.contact import Thread, ThreadMessage
from backend.storage.engine import Database
from backend.storage.notes import Attachment
from backend.storage.tables import Account, Person, new_id
from backend.usecases.attachments import attachment_view
from contract.contact import MessageView, MessageWrite, ThreadStart, ThreadSummary, ThreadView
from contract.problem import ProblemCode

PERSON, COLLECTOR = "person", "collector"


def threads_of(services: Services, account: Account) -> list[ThreadSummary]:
    """Conversations of an account, latest first; unread are the collector's messages."""
    with services.storage.read() as database:
        rows = database.scalars(
            select(Thread)
            .where(Thread.account_id == account.id)
            .order_by(Thread.changed_at.desc(), Thread.id)
        ).all()
        return [_summary(database, row, COLLECTOR) for row in rows]


def inbox(services: Services, answered: bool) -> list[ThreadSummary]:
    """Every conversation, those that wait for an answer first come first served."""
    order = Thread.changed_at.desc() if answered else Thread.changed_at
    with services.storage.read() as database:
        rows = database.execute(
            select(Thread, Account.name)
            .join(Account, Account.id == Thread.account_id)
            .where(Thread.answered.is_(answered))
            .order_by(order, Thread.id)
            .limit(200)
        ).all()
        return [
            _summary(database, row, PERSON).model_copy(update={"name": name}) for row, name in rows
        ]


def _summary(database: Database, row: Thread, other: str) -> ThreadSummary:
    unread = database.scalar(
        select(func.count())
        .select_from(ThreadMessage)
        .where(
            ThreadMessage.thread_id == row.id, ThreadMessage.author == other,
            ThreadMessage.read_at.is_(None),
        )
    )  # fmt: skip
    return ThreadSummary(
        id=row.id, account_id=row.account_id, subject=row.subject, title=row.title,
        created_at=row.created_at, changed_at=row.changed_at, answered=row.answered,
        unread=unread or 0,
    )  # fmt: skip


def start_thread(
    services: Services, account: Account, person: Person, asked: ThreadStart
) -> ThreadView:
    """A new conversation; the same first message sent twice opens one."""
    now = services.clock.now()
    with services.storage.write() as database:
        kept = database.get(ThreadMessage, asked.message.id)
        if kept is not None:
            thread = database.get_one(Thread, kept.thread_id)
            if thread.account_id != account.id:
                raise field_problem("message.id", "identifier_taken")
            return _whole(database, thread, COLLECTOR)
        thread = Thread(
            id=new_id(), account_id=account.id, subject=asked.subject, title=asked.title,
            created_at=now, changed_at=now, answered=False,
        )  # fmt: skip
        database.add(thread)
        database.flush()
        _add(services, database, thread, asked.message, PERSON, person)
        record(
            database, now, "message.send", person_id=person.id, account_id=account.id,
            subject=asked.subject,
        )  # fmt: skip
        return _whole(database, thread, COLLECTOR)


def write_message(
    services: Services, thread_id: str, author: str, writer: Person, asked: MessageWrite,
    account: Account | None = None,
) -> ThreadView:  # fmt: skip
    """Add a message to a conversation (of `account`, when a person writes). Raises not-found."""
    now = services.clock.now()
    other = COLLECTOR if author == PERSON else PERSON
    notice = None
    with services.storage.write() as database:
        thread = database.scalar(select(Thread).where(Thread.id == thread_id).with_for_update())
        if thread is None or (account is not None and thread.account_id != account.id):
            raise Problem(ProblemCode.NOT_FOUND)
        kept = database.get(ThreadMessage, asked.id)
        if kept is not None:
            if kept.thread_id != thread.id or kept.author_id != writer.id:
                raise field_problem("id", "identifier_taken")
            return _whole(database, thread, other)
        _add(services, database, thread, asked, author, writer)
        thread.answered = author == COLLECTOR
        thread.changed_at = now
        record(
            database, now, "message.send", person_id=writer.id, account_id=thread.account_id,
            subject=thread.subject, author=author,
        )  # fmt: skip
        if author == COLLECTOR:
            owner = database.get_one(Person, database.get_one(Account, thread.account_id).person_id)
            notice = messages.answer_notice(services.settings, owner.email, owner.locale, thread.id)
        view = _whole(database, thread, other)
    if notice is not None:
        services.mailer.send(notice)
    return view


def _add(
    services: Services, database: Database, thread: Thread, asked: MessageWrite, author: str,
    writer: Person,
) -> None:  # fmt: skip
    for number, wanted in enumerate(asked.files):
        file = database.get(Attachment, wanted)
        if file is None or file.account_id != thread.account_id:
            raise field_problem(f"files.{number}", "file_unknown")
    database.add(
        ThreadMessage(
            id=asked.id, thread_id=thread.id, author=author, author_id=writer.id,
            body=asked.body, files=",".join(asked.files), sent_at=services.clock.now(),
        )
    )  # fmt: skip
    database.flush()


def read_thread(
    services: Services, thread_id: str, reader: str, account: Account | None = None
) -> ThreadView:
    """A whole conversation; what the other side wrote is read from now on. Raises not-found."""
    other = COLLECTOR if reader == PERSON else PERSON
    with services.storage.write() as database:
        thread = database.get(Thread, thread_id)
        if thread is None or (account is not None and thread.account_id != account.id):
            raise Problem(ProblemCode.NOT_FOUND)
        database.execute(
            update(ThreadMessage)
            .where(
                ThreadMessage.thread_id == thread.id, ThreadMessage.author == other,
                ThreadMessage.read_at.is_(None),
            )
            .values(read_at=services.clock.now())
        )  # fmt: skip
        return _whole(database, thread, other)


def _whole(database: Database, thread: Thread, other: str) -> ThreadView:
    rows = database.scalars(
        select(ThreadMessage)
        .where(ThreadMessage.thread_id == thread.id)
        .order_by(ThreadMessage.sent_at, ThreadMessage.id)
        .execution_options(populate_existing=True)
    ).all()
    return ThreadView(
        thread=_summary(database, thread, other),
        messages=[
            MessageView.model_validate(
                {
                    "id": row.id, "author": row.author, "body": row.body, "sent_at": row.sent_at,
                    "read_at": row.read_at,
                    "files": [
                        attachment_view(file)
                        for name in filter(None, row.files.split(","))
                        if (file := database.get(Attachment, name)) is not None
                    ],
                }
            )
            for row in rows
        ],
    )  # fmt: skip
