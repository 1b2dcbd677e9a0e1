"""What reaches a person and what they write: channels, calendar, notices, messages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contract.attachments import AttachmentView
from contract.base import Answer, Instant, Wire
from contract.entries import EntryId

Subject = Literal[
    "declaration", "payment", "late", "certificate", "change", "ending", "error", "access", "other"
]
"""What people write about (as asked on the collector's own messaging)."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]


class Channels(Wire):
    """How reminders reach me."""

    email: bool = True
    push: bool = False


class ChannelsView(Answer):
    """How reminders reach me, and the browsers that accept notices."""

    email: bool
    push: bool
    devices: list[str] = Field(default_factory=list)


class CalendarAddress(Answer):
    """The private address of my calendar, shown once: whoever has it reads my due dates."""

    url: str


class CalendarState(Answer):
    """Whether a calendar address is open, and since when."""

    open: bool
    since: Instant | None = None


class PushKeys(Wire):
    """Keys of a browser's subscription (RFC 8291)."""

    p256dh: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{80,100}=*$")]
    auth: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,40}=*$")]


class PushSubscribe(Wire):
    """A browser that accepts notices, as its PushManager gives it."""

    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=1000)]
    keys: PushKeys


class PushKey(Answer):
    """The public key of this service (VAPID, RFC 8292)."""

    key: str


class MessageWrite(Wire):
    """A message. `id` is made by the client: sent twice, kept once. `files` are attachments."""

    id: EntryId
    body: Text
    files: Annotated[list[EntryId], Field(max_length=10)] = Field(default_factory=list)


class ThreadStart(Wire):
    """A new conversation with its first message."""

    subject: Subject
    title: Title
    message: MessageWrite


class MessageView(Answer):
    """One message. `mine` is true for the one who reads it."""

    id: str
    author: Literal["person", "collector"]
    body: str
    files: list[AttachmentView] = Field(default_factory=list)
    sent_at: Instant
    read_at: Instant | None = None


class ThreadSummary(Answer):
    """A conversation in a list."""

    id: str
    account_id: str
    subject: str
    title: str
    created_at: Instant
    changed_at: Instant
    answered: bool
    unread: int
    name: str = ""


class ThreadView(Answer):
    """A whole conversation, oldest message first."""

    thread: ThreadSummary
    messages: list[MessageView]
