"""Messages: written as files by default, by SMTP when set; never in the way of a request."""

from __future__ import annotations

import os
import smtplib
import ssl
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from html import escape
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog

from backend.settings import Settings
from contract.i18n import words

log = structlog.get_logger("quittance.mail")


GONE = "@erased.invalid"


def gone(person_id: str) -> str:
    """The address of a person whose own was erased: no message goes there."""
    return f"{person_id}{GONE}"


def _reaches(message: EmailMessage) -> bool:
    return not str(message["To"]).endswith(GONE)


class Mailer(Protocol):
    """Somewhere messages go."""

    outbox: Path | None
    """Folder of the message files, when that is where they go."""

    def send(self, message: EmailMessage) -> None:
        """Take `message`; a failure is logged, never raised."""
        ...

    def later(self, make: Callable[[], EmailMessage]) -> None:
        """Make a message and send it, in the background: nobody waits for its words."""
        ...

    def settle(self) -> None:
        """Wait for what was to be sent later."""
        ...

    def close(self) -> None:
        """Wait for what is on its way."""
        ...


BREATH = 0.1
"""Seconds before a message is made: whoever asked for it answers first, for one interpreter makes a
message or an answer, not both."""


class _Background:
    """One thread, where messages are made and sent one at a time."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        self._hurry = Event()
        """Somebody waits for what was to be sent later."""

    def _deliver(self, message: EmailMessage) -> None:
        raise NotImplementedError

    def later(self, make: Callable[[], EmailMessage]) -> None:
        """Make a message and send it, in the background, once the answer is on its way."""
        ready = monotonic() + BREATH

        def work() -> None:
            self._hurry.wait(ready - monotonic())
            message = make()
            if _reaches(message):
                self._deliver(message)

        self._queue(work)

    def _queue(self, work: Callable[[], None]) -> None:
        try:
            waiting = self._pool.submit(work)
        except RuntimeError:
            # The service ends, and the last request still has its message: sent at once.
            waiting = Future()
            try:
                work()
                waiting.set_result(None)
            except Exception as error:
                waiting.set_exception(error)
        waiting.add_done_callback(_log_failure)

    def settle(self) -> None:
        """Wait for what was to be sent later."""
        self._hurry.set()
        self._pool.submit(bool).result()
        self._hurry.clear()

    def close(self) -> None:
        """Send what waits."""
        self._hurry.set()
        self._pool.shutdown(wait=True)


class FileMailer(_Background):
    """Writes each message in a folder, so that a first user can read it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.outbox: Path | None = folder
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write one .eml file, whole or not at all."""
        if _reaches(message):
            self._deliver(message)

    def _deliver(self, message: EmailMessage) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(bytes(message))
            os.replace(name, name.removesuffix(".part") + ".eml")
        except (OSError, ValueError) as error:
            log.error("message not written", error=type(error).__name__)
            return
        log.info("message written", folder=str(self._folder))


class SmtpMailer(_Background):
    """Sends through an SMTP server, one message at a time, in the background."""

    outbox: Path | None = None

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = urlsplit(url)

    def send(self, message: EmailMessage) -> None:
        """Queue `message`."""
        if not _reaches(message):
            return
        self._queue(lambda: self._deliver(message))

    def _deliver(self, message: EmailMessage) -> None:
        url = self._url
        host, context = url.hostname or "localhost", ssl.create_default_context()
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, url.port or 465, timeout=20, context=context
            )
        else:
            server = smtplib.SMTP(host, url.port or 25, timeout=20)
        with server:
            if url.scheme == "smtp+starttls":
                server.starttls(context=context)
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)


def _log_failure(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        log.error("message not sent", error=type(error).__name__)


def build_mailer(settings: Settings) -> Mailer:
    """The mailer that the settings name."""
    url = settings.smtp_url.get_secret_value()
    return SmtpMailer(url) if url else FileMailer(settings.outbox)


def compose(
    settings: Settings, to: str, locale: str, subject: str, body: list[str]
) -> EmailMessage:
    """A plain and HTML message. A paragraph that is a link alone becomes one."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=False)
    sender = parseaddr(settings.mail_from)[1]
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(body) + "\n")
    paragraphs = "".join(
        f'<p><a href="{escape(p)}">{escape(p)}</a></p>'
        if p.startswith(("http://", "https://"))
        else f"<p>{escape(p)}</p>"
        for p in body
    )
    message.add_alternative(
        f'<!doctype html><html lang="{locale}" dir="{words(locale).direction}"><head>'
        f'<meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>"
        f'<body style="font-family:sans-serif;font-size:16px;line-height:1.5">{paragraphs}'
        "</body></html>",
        subtype="html",
    )
    message["Content-Language"] = locale  # set last: add_alternative moves it to the first part
    return message
