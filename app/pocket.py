"""Entry point of the pocket: the same app, run by the browser itself.

Only what carries it differs: fetch instead of sockets, a token instead of a cookie.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import flet as ft

from app.main import start
from app.services import browser
from app.services.backend import Backend
from app.services.container import Services
from app.services.fetching import FetchTransport
from app.services.gateway import Handshake


async def main(page: ft.Page) -> None:
    """Open the app in a page of this browser."""
    config = browser.config()
    backend = Backend(FetchTransport(), base_url=config["backend"])
    told = Handshake(languages=config["languages"], wishes=config.get("wishes", ""))
    services = await start(page, backend, told, cookies=False)
    follow(services)


def follow(services: Services) -> None:
    """Listen to what the window tells: a new version was kept, and this window may start it."""

    async def apply() -> None:
        services.drafts.close_all()
        with suppress(browser.Unavailable):
            await browser.ask("apply_update")

    def ready(_data: Any) -> None:
        services.update.apply = apply
        services.update.ready = True

    async def shown(_data: Any) -> None:
        await services.lock.check()  # a phone that slept has not run the clock

    async def install() -> None:
        services.install.ready = False
        with suppress(browser.Unavailable):
            await browser.ask("install")

    def installable(found: Any) -> None:
        services.install.ask = install
        services.install.ready = bool(found)

    browser.listen("update", ready)
    browser.listen("installable", installable)
    browser.listen("active", lambda _data: services.lock.touch())
    browser.listen("shown", shown)
