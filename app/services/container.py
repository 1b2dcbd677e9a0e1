"""The services of one page, handed to every component through a context."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flet as ft

from app.services.ahead import Ahead
from app.services.backend import Backend
from app.services.device.entries import EntryOutbox
from app.services.device.known import Known
from app.services.device.lock import Lock, build_lock
from app.services.device.mobile import open_biometrics, open_store
from app.services.device.network import Network, pause_after
from app.services.device.outbox import Outbox
from app.services.device.store import Store
from app.services.drafts import DELAY, Drafts
from app.services.rates import Rates
from app.services.session import Session
from app.services.settings import Settings
from contract.declarations import Receipt
from contract.i18n import Words

log = logging.getLogger("quittance.app")


@ft.observable
@dataclass(eq=False)
class Layout:
    """The shape of the window, changed only when a breakpoint is crossed."""

    wide: bool = False

    def measure(self, width: float | None) -> None:
        """Note the width of the window, in logical pixels."""
        self.wide = (width or 0) >= 700


@ft.observable
@dataclass(eq=False)
class Crash:
    """The last error nobody caught: its number, for the person and the log."""

    number: str = ""


@ft.observable
@dataclass(eq=False)
class Update:
    """A new version of the app, kept on the device and ready to take over."""

    ready: bool = False
    apply: Callable[[], Any] | None = None
    """Starts the new version; the window is opened again."""


@ft.observable
@dataclass(eq=False)
class Install:
    """The browser would install the app, if the person asked."""

    ready: bool = False
    ask: Callable[[], Any] | None = None
    """Shows the browser's own question; needs a tap of the person just before."""


@dataclass(eq=False)
class Services:
    """Everything a screen may call."""

    page: ft.Page
    backend: Backend
    session: Session
    settings: Settings
    drafts: Drafts
    rates: Rates
    store: Store
    network: Network
    outbox: Outbox
    entries: EntryOutbox
    lock: Lock
    ahead: Ahead = field(default_factory=Ahead)
    layout: Layout = field(default_factory=Layout)
    crash: Crash = field(default_factory=Crash)
    update: Update = field(default_factory=Update)
    install: Install = field(default_factory=Install)
    cache: dict[str, Any] = field(default_factory=dict)
    demo: bool = False

    @property
    def words(self) -> Words:
        """Sentences and figures in the person's language."""
        return self.settings.words

    def go(self, route: str) -> None:
        """Navigate to a route of the app."""
        self.page.navigate(route)

    def failed(self, error: BaseException) -> str:
        """Log an error nobody expected, without a word of what the person typed; its number."""
        number = secrets.token_hex(3).upper()
        # The stack holds lines of code, not values; the text of the error may hold what was typed.
        stack = "".join(traceback.format_tb(error.__traceback__))
        log.error("error %s: %s\n%s", number, type(error).__name__, stack)
        return number


ServicesContext = ft.create_context(None)


def use_services() -> Services:
    """The services of the page, inside a component."""
    services = ft.use_context(ServicesContext)
    if services is None:
        raise RuntimeError("use_services() is called outside the app")
    return services


def build_services(
    page: ft.Page,
    backend: Backend,
    leave_page: Callable[[str], Any] | None = None,
    draft_delay: float | None = None,
    store: Store | None = None,
    pause: Callable[[int], float] | None = None,
) -> Services:
    """Wire the services of one page. `store` is where it keeps things (behind the lock), `pause`
    the seconds before an attempt to send again."""
    lock, store = build_lock(backend, open_store(page) if store is None else store)
    network = Network()
    backend.known, backend.network = Known(store), network
    drafts = Drafts(backend, DELAY if draft_delay is None else draft_delay, store)
    outbox = Outbox(backend, store, pause=pause or pause_after)
    session = Session(backend, leave_page, store=store)

    def mine() -> set[str]:
        return {account.id for account in session.accounts}

    entries = EntryOutbox(backend, store, mine, pause or pause_after)
    backend.outbox = entries
    services = Services(
        page=page,
        backend=backend,
        session=session,
        settings=Settings(),
        drafts=drafts,
        rates=Rates(backend),
        store=store,
        network=network,
        outbox=outbox,
        entries=entries,
        lock=lock,
    )
    services.session.leaving = lock.leave
    lock.biometrics = open_biometrics(page) if lock.vault is not None else None

    def received(receipt: Receipt) -> None:
        services.cache[f"receipt:{receipt.period}"] = receipt
        drafts.close(receipt.account_id, receipt.period)

    outbox.received = received
    return services
