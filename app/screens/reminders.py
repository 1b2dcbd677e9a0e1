"""How due dates reach me: e-mail, notices of the browser, a calendar that follows by itself."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.cards import card
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, heading, small, to_copy
from app.services.backend import BackendError
from app.services.container import use_services
from contract.contact import CalendarAddress, CalendarState, Channels, ChannelsView


@ft.component
def Reminders() -> ft.Control:
    """Each channel with its switch, then the calendar."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> tuple[ChannelsView, CalendarState | None]:
        channels = await services.backend.get(ChannelsView, "/me/channels")
        calendar = None
        if account is not None:
            calendar = await services.backend.get(CalendarState, f"/accounts/{account.id}/calendar")
        return channels, calendar

    loaded = use_load(services, fetch, [services.session.account_id])
    problem, set_problem = ft.use_state(None)
    title = words.t("Rappels et calendrier")
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/settings")
    channels, calendar = loaded.value

    async def choose(email: bool, push: bool) -> None:
        set_problem(None)
        try:
            await services.backend.send(
                ChannelsView, "PUT", "/me/channels", Channels(email=email, push=push)
            )
        except BackendError as error:
            set_problem(error)
        await loaded.reload()

    async def set_email(event: Any) -> None:
        await choose(bool(event.control.value), channels.push)

    async def stop_push(_event: Any) -> None:
        await choose(channels.email, False)

    async def open_push(_event: Any) -> None:
        # Asking the browser takes its window: a small page of its own does it.
        await ft.UrlLauncher().launch_url(
            f"/notify/?lang={words.locale}", web_only_window_name="_self"
        )

    lines: list[ft.Control] = [
        body(
            words.t("Dix jours, trois jours et un jour avant chaque échéance, puis le lendemain si "
                    "rien n’est parti. Jamais de montant ni de numéro dans un rappel.")
        )
    ]  # fmt: skip
    if problem is not None:
        lines.append(failure(services, problem))
    push_lines: list[ft.Control] = [
        body(words.t("Notifications du navigateur"), strong=True),
        small(", ".join(channels.devices) or words.t("Aucun appareil pour l’instant.")),
    ]
    if services.page.web:
        push_lines.append(
            ft.Row([secondary(words.t("Activer sur cet appareil"), open_push)], wrap=True)
        )
    if channels.push:
        push_lines.append(
            ft.Row([secondary(words.t("Arrêter les notifications"), stop_push)], wrap=True)
        )
    lines += [
        card(
            [
                ft.Switch(
                    label=words.t("Rappels par e-mail"), value=channels.email, on_change=set_email
                )
            ]
        ),
        card(push_lines),
    ]
    if account is not None and calendar is not None:
        lines += [heading(words.t("Calendrier"), 2), CalendarBox(account.id, calendar.open)]
    return scaffold(services, title, lines, back="/settings")


@ft.component
def CalendarBox(account_id: str, is_open: bool) -> ft.Control:
    """The private address of the calendar: made, shown once, closed."""
    services = use_services()
    words = services.words
    url, set_url = ft.use_state("")
    opened, set_opened = ft.use_state(is_open)
    problem, set_problem = ft.use_state(None)

    async def make(_event: Any) -> None:
        set_problem(None)
        try:
            made: CalendarAddress = await services.backend.send(
                CalendarAddress, "POST", f"/accounts/{account_id}/calendar"
            )
        except BackendError as error:
            set_problem(error)
            return
        set_url(made.url)
        set_opened(True)

    async def close(_event: Any) -> None:
        set_problem(None)
        try:
            await services.backend.send(None, "DELETE", f"/accounts/{account_id}/calendar")
        except BackendError as error:
            set_problem(error)
            return
        set_url("")
        set_opened(False)

    async def copy(_event: Any) -> None:
        await ft.Clipboard().set(url)

    lines: list[ft.Control] = [
        body(
            words.t("Abonnez votre agenda à cette adresse : une échéance, un événement, mis à jour "
                    "tout seul. Elle est privée : qui l’a voit vos dates, jamais vos montants.")
        )
    ]  # fmt: skip
    if problem is not None:
        lines.append(failure(services, problem))
    if url:
        lines += [
            banner(words.t("Copiez-la maintenant : elle n’est montrée qu’une fois."), "info",
                   live=True),
            to_copy(url),
            ft.Row([primary(words.t("Copier l’adresse"), copy, ft.Icons.COPY_OUTLINED)], wrap=True),
        ]  # fmt: skip
    buttons: list[ft.Control] = [
        secondary(
            words.t("Créer une nouvelle adresse") if opened else words.t("Créer une adresse"), make
        )
    ]
    if opened:
        buttons.append(secondary(words.t("Fermer l’adresse"), close))
    lines.append(ft.Row(buttons, wrap=True))
    return card(lines)
