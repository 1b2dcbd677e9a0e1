"""One process: the collector under /api, /auth and /verifier, the app under /."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sized
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.routing import Match, Mount
from starlette.types import Scope

from backend import memory
from backend.api.middleware import OURS, Guard
from backend.clock import Clock
from backend.jobs import run_jobs
from backend.main import create_app
from backend.pocket import PATH as POCKET
from backend.pocket import built, pocket_routes
from backend.services import Services
from backend.settings import Settings, SettingsError
from backend.usecases.drafts_together import DraftsTogether
from backend.usecases.sessions import cookie_name
from backend.web.front import Front
from backend.web.press import found as found_client
from backend.web.press import start_pressing, stop_pressing
from backend.web.windows import WindowProtocol, Windows, counted

THREADS = 10  # calls of the API at once, as many as connections to the database
SAVING = 3.0  # seconds that drafts still being typed have to reach the database
SESSION_SECONDS = 900  # a screen left open this long without network starts again from its draft


def build(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The whole service as one ASGI application. `clock` is given by tests. Raises
    SettingsError."""
    # Imported here: the collector alone, and every other command, does without the app.
    from flet_web.fastapi import app_manager

    from app.main import create_asgi, warm

    collector = create_app(settings, clock)
    client = found_client(settings.cache_dir)
    # Flet keeps its sessions to itself; a version that names them otherwise is counted as empty.
    people: Sized = getattr(app_manager, "_FletAppManager__sessions", ())
    inner = collector.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with inner(app):
            # More would wait for one another: Python runs one at a time beside what waits.
            current_default_thread_limiter().total_tokens = THREADS
            await app_manager.start()
            services: Services = app.state.services
            services.metrics.watch_sessions(lambda: len(people))
            jobs = asyncio.create_task(_jobs(services))
            pressing = start_pressing(client) if settings.press else None
            watching = asyncio.create_task(memory.watch(lambda: len(people)))
            warming = asyncio.create_task(_ready_for_people(warm, services.rates.read_all))
            try:
                yield
            finally:
                jobs.cancel()
                with suppress(asyncio.CancelledError):
                    await jobs  # a worker gives back what it holds
                warming.cancel()
                watching.cancel()
                stop_pressing(pressing)
                await app_manager.shutdown()

    collector.router.lifespan_context = lifespan
    collector.router.routes.extend(pocket_routes(settings))
    pages = create_asgi(
        api=collector, session_timeout=SESSION_SECONDS,
        base=lambda: f"/{client.name}/assets/" if client.ready else "",
        cookie=cookie_name(settings),
        save=DraftsTogether(collector.state.services).save,
    )  # fmt: skip
    own: Services = collector.state.services
    windows = counted(pages, own.metrics.windows)
    collector.router.routes.append(_AppMount("/", app=Front(windows, client), name="app"))
    collector.state.door = Guard(windows, own)
    return collector


async def _jobs(services: Services) -> None:
    """The jobs, as the database allows: a queue that processes share, or a loop."""
    if not services.settings.worker:
        return
    if services.storage.engine.dialect.name == "postgresql":
        from backend.worker import work

        await work(services)
    else:
        await run_jobs(services)


async def _ready_for_people(*steps: Callable[[], None]) -> None:
    """What the first visitor would else wait for."""
    try:
        for step in steps:
            await asyncio.to_thread(step)
    except Exception:
        memory.settle()  # a server that lacks a screen still collects
        raise
    memory.settle()


class _AppMount(Mount):
    """The app at every address but the collector's, whose 404 and 405 stay problem documents."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what the app may answer."""
        if scope["path"].startswith(OURS):
            return Match.NONE, {}
        match, child = super().matches(scope)
        return match, {**child, "route": self} if match is not Match.NONE else child


def serve(settings: Settings, clock: Clock | None = None) -> int:
    """Run until Ctrl-C. `clock` is given by tests. The exit status."""
    memory.few_arenas()
    listener = _listen(settings)
    port = listener.getsockname()[1]
    if port != settings.port:
        settings = settings.model_copy(update={"port": port})
    from app.main import save_drafts

    app = build(settings, clock)
    if settings.demo:
        from backend.demo import seed

        memory.settle()  # what the seed makes goes again
        seed(app.state.services)
    certificate, key = _tls(settings)
    config = uvicorn.Config(
        Windows(app, app.state.door, "/ws"), ws=WindowProtocol, log_config=None, access_log=False,
        server_header=False, date_header=True, timeout_graceful_shutdown=3, ws_max_size=2_000_000,
        proxy_headers=False, ssl_certfile=certificate, ssl_keyfile=key,
    )  # fmt: skip
    server = _Server(config, settings, app.state.services, save_drafts)
    stop = _measures(settings, app.state.services)
    try:
        server.run(sockets=[listener])
    finally:
        stop()
    return 0


def _measures(settings: Settings, services: Services) -> Callable[[], None]:
    """Answer the measures at an address of their own; how to stop. Raises SettingsError."""
    if not settings.metrics:
        return lambda: None
    try:
        url, stop = services.metrics.serve(settings.metrics)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {settings.metrics} ({error.strerror}): see QUITTANCE_METRICS."
        ) from None
    print(f"Mesures : {url}", file=sys.stderr, flush=True)
    return stop


def _tls(settings: Settings) -> tuple[str | None, str | None]:
    """Certificate and key, when the service speaks HTTPS itself."""
    if not settings.tls:
        return None, None
    from backend.tls import fingerprint, self_signed  # here: a start in clear does without

    certificate, key = self_signed(settings.keys, settings.host)
    print(f"Certificat (SHA-256) : {fingerprint(certificate)}", file=sys.stderr, flush=True)
    return str(certificate), str(key)


class _Server(uvicorn.Server):
    """Says where it is once it answers, and ends quietly."""

    def __init__(
        self, config: uvicorn.Config, settings: Settings, services: Services,
        save_drafts: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        super().__init__(config)
        self._settings = settings
        self._services = services
        self._save_drafts = save_drafts
        self._patience = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Announce the address when it can be opened."""
        await super().startup(sockets)
        if self.started:
            announce(self._settings)
            self._listen_to_hangup()

    def _listen_to_hangup(self) -> None:
        """SIGHUP reads the operator's rates again; nothing else is touched."""
        if not hasattr(signal, "SIGHUP"):
            return  # not on this system: a changed file is noticed by itself
        loop = asyncio.get_running_loop()
        rates = self._services.rates
        loop.add_signal_handler(
            signal.SIGHUP, lambda: loop.run_in_executor(None, rates.refresh, True)
        )

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Ctrl-C and SIGTERM both mean a clean end, with status 0; SIGTERM leaves time to whoever
        sends people here to see it."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()  # uvicorn would raise the signal again on its way out
        self._services.draining.set()
        self._patience = self._settings.drain_seconds if sig == signal.SIGTERM else 0

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say not ready, save what people typed, then send each window elsewhere (code 1012)."""
        self._services.draining.set()
        self._services.metrics.draining.set(1)
        until = time.monotonic() + self._patience
        while time.monotonic() < until and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # a second signal sets a flag, not an event
        with suppress(TimeoutError):
            async with asyncio.timeout(SAVING):
                await self._save_drafts()
        await super().shutdown(sockets)


def announce(settings: Settings) -> None:
    """The address, and what a first user needs to know."""
    lines = [f"Quittance : {settings.url}"]
    if built(settings) is not None:
        lines.append(f"À installer sur un téléphone : {settings.url}{POCKET}/")
    if settings.demo:
        lines.append("Mode démonstration : comptes prêts, ouverts à tous. Aucune vraie donnée.")
    if not settings.smtp_url.get_secret_value():
        lines.append(f"Sans SMTP, les messages sont des fichiers : {settings.outbox}")
    lines.append("Ctrl-C pour arrêter.")
    print("\n".join(lines), file=sys.stderr, flush=True)


def _listen(settings: Settings) -> socket.socket:
    """A listening socket. Raises SettingsError when the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
            "Set QUITTANCE_PORT to another port."
        ) from None
    listener.setblocking(False)
    return listener
