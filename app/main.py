"""Entry point: `main(page)` for `flet run` and `flet build`, `create_asgi` for a served app."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import secrets
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from weakref import WeakSet, ref

import flet as ft
from flet.controls.id_counter import ControlId
from flet.messaging.protocol import Message

from app import theme
from app.components.states import crash_view
from app.router import SCREENS, Lost, load, read_ahead, routes
from app.services.backend import Backend, SaveDraft
from app.services.circles import come_apart
from app.services.container import Services, ServicesContext, build_services
from app.services.gateway import (
    COOKIE,
    Asgi,
    Handshake,
    HandshakeGate,
    InProcess,
    Scope,
    handshake,
)
from app.services.language import remembered
from app.services.trim import lighten, trim
from app.services.turnstile import Turnstile
from contract.i18n import LANGUAGES, LOCALES

ASSETS = Path(__file__).parent.parent / "assets"
BACKEND_URL = "http://127.0.0.1:8550"

log = logging.getLogger("quittance.app")

LINGER = 5.0  # seconds
NEEDED = (b"host", b"user-agent")
"""Headers that Flet reads of a window."""

OPEN: WeakSet[Services] = WeakSet()
"""Of every page open in this process."""

Connect = Callable[[Handshake], Backend]


def connect_over_http(told: Handshake) -> Backend:
    """A backend reached over the network: QUITTANCE_BACKEND_URL, or this machine."""
    url = os.environ.get("QUITTANCE_BACKEND_URL", BACKEND_URL)
    return Backend(base_url=url, token=told.token)


@ft.component
def Root(
    services: Services,
    settings: Any,
    session: Any,
    layout: Any,
    crash: Any,
    update: Any,
    network: Any,
    waiting: Any,
    unsent: Any,
    locking: Any,
) -> Any:
    """The whole app. Drawn again when the language, the person or the shape of the window change;
    the observables are arguments because that is what Flet subscribes to."""

    def draw() -> Any:
        if crash.number:
            return [crash_view(services)]
        return ft.Router(list(routes()), not_found=Lost, manage_views=True)

    return ServicesContext(services, draw)


class _Guarded:
    """An update that cannot stop the session: an error while drawing is told, not thrown."""

    def __init__(self, control: Any, failed: Callable[[BaseException], None]) -> None:
        self.control = control
        self.failed = failed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Guarded) and other.control is self.control

    def __hash__(self) -> int:
        return id(self.control)

    def update(self) -> None:
        """Draw the control again."""
        try:
            self.control.update()
        except Exception as error:
            self.failed(error)


class _Quiet(logging.Filter):
    """Flet logs unhandled errors with their text, which may hold a figure: keep their kind."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.msg} ({record.exc_info[0].__name__})"
            record.exc_info = None
            record.exc_text = None
        return True


def guard(page: ft.Page, services: Services) -> None:
    """Catch at the root: a number for the person and the log, never the text of the error."""
    session = ref(page.session)  # it holds what is given to it here
    schedule = type(page.session).schedule_update

    def failed(error: BaseException) -> None:
        number = services.failed(error)
        # Once told, not told again: drawing the message could fail too, and would never end.
        if not services.crash.number:
            services.crash.number = number

    def told(_message: str) -> None:
        # Flet already logged the error through its own logger, which `_Quiet` keeps short.
        import sys

        failed(sys.exc_info()[1] or RuntimeError("unhandled"))

    def schedule_update(control: Any) -> None:
        if (alive := session()) is not None:
            schedule(alive, _Guarded(control, failed))

    page.session.schedule_update = schedule_update
    page.session.error = told
    for name in ("flet", "flet_web.fastapi"):
        logger = logging.getLogger(name)
        if not any(isinstance(f, _Quiet) for f in logger.filters):
            logger.addFilter(_Quiet())


def locale_of(code: str) -> ft.Locale:
    """The Flet locale of a language of the app."""
    return ft.Locale(*LANGUAGES[code].tag.split("_"))


def configure(page: ft.Page, services: Services, base: str = "") -> None:
    """Fonts, theme, language of the page; again on each change of settings. `base`: the folder
    of this server's files that browsers keep for good."""
    settings = services.settings

    def dress(*_: Any) -> None:
        rtl = settings.words.rtl
        page.rtl = rtl
        theme.apply(page, settings.theme, settings.text_size, settings.contrast, rtl)
        page.fonts = {family: base + path for family, path in theme.fonts(rtl).items()}
        page.locale_configuration = ft.LocaleConfiguration(
            supported_locales=[locale_of(code) for code in LOCALES],
            current_locale=locale_of(settings.locale),
        )

    def redress(*_: Any) -> None:
        dress()
        page.update()

    page.title = "Quittance"
    page.padding = 0
    dress()
    services.cache["redress"] = redress  # subscriptions are weak: keep it alive with the page
    settings.subscribe(redress)  # type: ignore[attr-defined]  # ft.observable adds it
    services.layout.measure(page.width)

    def resized(event: Any) -> None:
        services.layout.measure(event.width)

    page.on_resize = resized


async def start(
    page: ft.Page,
    backend: Backend,
    told: Handshake,
    cookies: bool | None = None,
    base: str = "",
    **extra: Any,
) -> Services:
    """Wire the services of a page and draw it. `cookies`: the window keeps the session in a
    cookie; by default wherever there is a window."""

    async def leave(path: str) -> None:
        await ft.UrlLauncher().launch_url(path, web_only_window_name="_self")

    trim()
    lighten(page.session)
    by_cookie = page.web if cookies is None else cookies
    services = build_services(page, backend, leave if by_cookie else None, **extra)
    OPEN.add(services)
    guard(page, services)
    cookie = told.token
    if told.locale:
        services.settings.locale = told.locale
    services.settings.heed(told.wishes)
    wire_lock(services)
    await services.lock.load()
    if services.lock.view.locked:
        services.session.restoring = True  # nobody is sent to sign in before the code
    else:
        await read_device(services)
    configure(page, services, base)
    await read_ahead(services)

    async def connected(_event: Any) -> None:
        # A window that signed in or out comes back to the same session with another cookie.
        nonlocal cookie
        now = handshake.get()
        if now.token != cookie:
            cookie = now.token
            await adopt(services, now)

    page.on_connect = connected

    async def closed(_event: Any) -> None:
        services.lock.stop()
        services.outbox.stop()
        services.entries.stop()
        services.drafts.close_all()
        services.ahead.drop()
        await backend.close()
        # What was on its way when the window was given up has ended by then.
        asyncio.get_running_loop().call_later(LINGER, come_apart, services, page.session)

    page.on_close = closed
    page.render_views(
        Root, services, services.settings, services.session, services.layout, services.crash,
        services.update, services.network, services.outbox.waiting, services.entries.unsent,
        services.lock.view,
    )  # fmt: skip
    services.ahead.drawn()
    return services


async def read_device(services: Services) -> None:
    """Who is signed in here, and what waits to be sent: once the device may be read."""
    await services.session.restore()
    if services.session.person is not None:
        services.settings.take(services.session.person)
    await read_outboxes(services)


async def read_outboxes(services: Services) -> None:
    """What waits to be sent, and on its way if there is any."""
    await services.outbox.load()
    if services.outbox.waiting.ready:
        services.outbox.start()
    await services.entries.load()
    if services.entries.unsent.ready:
        services.entries.start()


def wire_lock(services: Services) -> None:
    """What the lock of the device does to the page, and the page to it."""
    lock, session = services.lock, ref(services.page.session)

    async def opened() -> None:
        if services.session.person is None:
            await read_device(services)
            services.session.restoring = False
        else:
            await read_outboxes(services)

    async def forgotten() -> None:
        services.outbox.stop()
        services.entries.stop()
        services.drafts.close_all()
        await services.page.push_route("/signin")
        services.backend.token = None
        services.session.forget()
        services.session.restoring = False
        redress = services.cache["redress"]
        services.cache.clear()
        services.cache["redress"] = redress
        await services.outbox.load()
        await services.entries.load()

    lock.keep, lock.opened, lock.forgotten = services.drafts.keep_here, opened, forgotten
    dispatch = type(services.page.session).dispatch_event

    def heard(*told: Any) -> Coroutine[Any, Any, None]:
        lock.touch()
        return dispatch(session(), *told)  # held from now on, until it is told

    services.page.session.dispatch_event = heard


async def adopt(services: Services, told: Handshake) -> None:
    """Become whoever the cookie of a new handshake says; nothing of the one before is kept."""
    services.drafts.close_all()
    redress = services.cache["redress"]
    services.cache.clear()
    services.cache["redress"] = redress
    services.backend.token = told.token
    services.session.restoring = True
    services.session.forget()
    if services.backend.known is not None:
        await services.backend.known.forget()
    await services.session.restore()
    if services.session.person is not None:
        services.settings.take(services.session.person)
    services.session.restoring = False


def app_main(
    connect: Connect, base: Callable[[], str] = str, turnstile: Turnstile | None = None
) -> Callable[[ft.Page], Any]:
    """A `main(page)` that reaches its backend through `connect`; `base` as in `create_asgi`.
    Pages come in through the `turnstile`, if there is one."""

    async def main(page: ft.Page) -> None:
        told = handshake.get()
        if not page.web and (chosen := await remembered()):
            told = Handshake(languages=chosen)
        async with turnstile.turn() if turnstile is not None else nullcontext():
            await start(page, connect(told), told, base=base())

    return main


main = app_main(connect_over_http)


async def save_drafts() -> None:
    """Save what is typed in every page of this process, before it ends."""
    saving = [services.drafts.save_all() for services in OPEN]
    await asyncio.gather(*saving, return_exceptions=True)


def distinct_controls() -> None:
    """Number the controls of this process from somewhere of its own.

    A window that comes here from a process that ended sends what was done meanwhile, to controls
    as they were numbered there: none of ours may answer to one of those numbers.
    """
    ControlId._counter = itertools.count(secrets.randbelow(2**31) + 2**16)


def mute_messages() -> None:
    """A message between app and window has no text. Flet writes each out for a log that is off: a
    tenth of what an arrival costs, and figures that no log may hold."""
    Message.__repr__ = object.__repr__


def warm() -> None:
    """Import every screen: a server does it before its first visitor would wait for it."""
    for entry in SCREENS:
        load(entry.screen)


def create_asgi(
    api: Asgi | None = None,
    connect: Connect | None = None,
    session_timeout: int = 900,
    base: Callable[[], str] = str,
    save: SaveDraft | None = None,
    cookie: str = COOKIE,
) -> Asgi:
    """The app as an ASGI application: pages, assets and websocket. `api` is a backend in the same
    process, and `save` its quicker way to save a draft; without it, `connect` says how to reach
    one. `base` answers the folder in which whoever mounts it serves the assets for good, or
    nothing; `cookie` names the session's. Origin is checked by whoever mounts it."""
    import flet_web.fastapi as flet_fastapi
    from starlette.websockets import WebSocket

    from app.services.window import window_class

    distinct_controls()
    mute_messages()
    if connect is None:
        connect = connect_over_http
        if api is not None:
            served = api

            def connect(told: Handshake) -> Backend:
                backend = Backend(InProcess(served, told), token=told.token)
                backend.save = save
                return backend

    opened = app_main(connect, base, Turnstile())
    pages = flet_fastapi.app(
        opened, assets_dir=str(ASSETS), app_name="Quittance", no_cdn=True,
        session_timeout_seconds=session_timeout,
    )  # fmt: skip

    async def serve(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await pages(scope, receive, send)
            return
        # As the route of `pages` does, without its layers: a window stays for hours. What else it
        # said of itself was noted, and is not kept.
        scope["headers"] = [told for told in scope["headers"] if told[0] in NEEDED]
        window = window_class()(
            loop=asyncio.get_running_loop(), executor=flet_fastapi.app_manager.executor,
            main=opened, before_main=None, session_timeout_seconds=session_timeout,
        )  # fmt: skip
        await window.handle(WebSocket(scope, receive, send))

    return HandshakeGate(serve, cookie)


__all__ = ["app_main", "create_asgi", "main", "save_drafts", "start", "warm"]

if __name__ == "__main__":
    ft.run(main, assets_dir=str(ASSETS))
