"""One process: the collector under /api, /auth and /verifier, the app under /."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.main import create_app
from backend.settings import Settings, SettingsError
from backend.usecases.sessions import COOKIE

SESSION_SECONDS = 900  # a screen left open this long without network starts again from its draft


class InProcess:
    """The collector as the app of the same process reaches it: no network, and the person's own
    address and device, which only this door may state."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of the app."""
        if scope["type"] == "http":
            told = Headers(scope=scope).get("x-quittance-client")
            if told:
                address, device = json.loads(told)
                scope = {**scope, "quittance.client": (str(address), str(device))}
        await self.app(scope, receive, send)


class Handshake:
    """Remembers cookie, address and device of a websocket for the screen it opens."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or websocket of the app."""
        if scope["type"] == "websocket":
            from app.services.gateway import Visitor, visitor

            headers = Headers(scope=scope)
            address = scope["client"][0] if scope.get("client") else ""
            proxy = self.settings.trusted_proxy
            if proxy and address == proxy:
                address = headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip() or address
            visitor.set(
                Visitor(
                    token=_cookie(headers.get("cookie", "")),
                    address=address,
                    device=headers.get("user-agent", "")[:120],
                )
            )
        await self.app(scope, receive, send)


def _cookie(header: str) -> str | None:
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value or None
    return None


def build(settings: Settings) -> FastAPI:
    """The whole service as one ASGI application. Raises SettingsError."""
    # Imported here: the collector alone, and every other command, does without the app.
    from flet_web.fastapi import app_manager

    from app.main import web_app
    from app.services.gateway import Gateway

    collector = create_app(settings)
    inner = collector.router.lifespan_context
    gateway = Gateway(
        transport=httpx.ASGITransport(app=InProcess(collector)),
        base_url=settings.url,
        served=True,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with inner(app):
            await app_manager.start()
            try:
                yield
            finally:
                await app_manager.shutdown()

    collector.router.lifespan_context = lifespan
    collector.mount("/", Handshake(web_app(gateway, SESSION_SECONDS), settings))
    return collector


def serve(settings: Settings) -> int:
    """Run until Ctrl-C. The exit status."""
    listener = _listen(settings)
    port = listener.getsockname()[1]
    if port != settings.port:
        settings = settings.model_copy(update={"port": port})
    app = build(settings)
    if settings.demo:
        from backend.demo import seed

        seed(app.state.services)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, date_header=True,
        timeout_graceful_shutdown=3, ws_max_size=2_000_000, proxy_headers=False,
    )  # fmt: skip
    server = _Server(config, settings)
    server.run(sockets=[listener])
    return 0


class _Server(uvicorn.Server):
    """Says where it is once it answers, and ends quietly."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Announce the address when it can be opened."""
        await super().startup(sockets)
        if self.started:
            announce(self._settings)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Ctrl-C and SIGTERM both mean a clean end, with status 0."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()  # uvicorn would raise the signal again on its way out


def announce(settings: Settings) -> None:
    """The address, and what a first user needs to know."""
    lines = [f"Quittance : {settings.url}"]
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


