"""Messages with the collector: conversations, a new one, and one being read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card
from app.components.choices import choice_card
from app.components.load import use_load
from app.components.pick import pick_files
from app.components.shell import scaffold
from app.components.states import banner, empty
from app.components.text import body, heading, small, to_copy
from app.forms.answers import Choice, Memo, Possible, Text
from app.forms.form import Field
from app.screens.access import ShortForm, refusals, short_form
from app.services.backend import BackendError, Problem
from app.services.container import Services, use_services
from app.services.files import give_file
from app.theme import S
from app.words import N_
from contract.attachments import AttachmentView
from contract.contact import (
    MessageView,
    MessageWrite,
    ThreadStart,
    ThreadSummary,
    ThreadView,
)
from contract.hiding import fresh_id

SUBJECTS = {
    "declaration": N_("Ma déclaration"),
    "payment": N_("Mon paiement, un prélèvement"),
    "late": N_("Un retard, une pénalité, une majoration"),
    "certificate": N_("Une attestation"),
    "change": N_("Un changement : adresse, activité, option"),
    "ending": N_("La fin de mon activité"),
    "error": N_("Une erreur à corriger"),
    "access": N_("L’accès à mon compte"),
    "other": N_("Autre chose"),
}
NEW = short_form(
    "message.new",
    Field("subject", N_("De quoi s’agit-il ?"),
          Choice(options=tuple(Possible(code, label) for code, label in SUBJECTS.items()))),
    Field("title", N_("En quelques mots"), Text(longest=120)),
    Field("body", N_("Votre message"), Memo(),
          hint=N_("N’écrivez ni numéro de Sécurité sociale ni IBAN : le service a ce qu’il faut.")),
)  # fmt: skip
ANSWER = short_form("message.answer", Field("body", N_("Votre message"), Memo()))


@ft.component
def Messages() -> ft.Control:
    """My conversations, latest first."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> list[ThreadSummary]:
        if account is None:
            return []
        found: list[ThreadSummary] = await services.backend.get(
            list[ThreadSummary], f"/accounts/{account.id}/threads"
        )
        return found

    loaded = use_load(services, fetch, [services.session.account_id])
    title = words.t("Messages")
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/settings")
    lines: list[ft.Control] = [
        ft.Row(
            [
                primary(
                    words.t("Écrire au service"), lambda _e: services.go("/messages/new"),
                    ft.Icons.EDIT_OUTLINED,
                )
            ],
            wrap=True,
        )
    ]  # fmt: skip
    if not loaded.value:
        lines.append(
            empty(words.t("Rien ici"), words.t("Vos messages et leurs réponses seront ici."))
        )
    lines += [thread_card(services, thread, "/messages") for thread in loaded.value]
    return scaffold(services, title, lines, back="/settings")


def thread_card(services: Services, thread: ThreadSummary, base: str) -> ft.Control:
    """A conversation in a list: whose turn it is, and what is not read yet."""
    words = services.words
    state = words.t("Répondu") if thread.answered else words.t("En attente de réponse")
    told = [words.t(SUBJECTS.get(thread.subject, SUBJECTS["other"])), state]
    if thread.name:
        told.insert(0, thread.name)
    unread = (
        words.n("{count} message non lu", "{count} messages non lus", thread.unread).format(
            count=thread.unread
        )
        if thread.unread
        else words.moment(thread.changed_at)
    )
    return choice_card(
        thread.title, " · ".join(told), lambda _e: services.go(f"{base}/{thread.id}"),
        ft.Icons.MARK_EMAIL_UNREAD_OUTLINED if thread.unread else ft.Icons.MAIL_OUTLINE, unread,
    )  # fmt: skip


@ft.component
def NewMessage() -> ft.Control:
    """A subject, a few words, the message, and files."""
    services = use_services()
    words = services.words
    key = ft.use_ref(fresh_id())
    files, set_files = ft.use_state([])

    async def send(values: dict[str, Any]) -> None:
        account = services.session.account
        if account is None:
            return
        asked = ThreadStart(
            subject=values["subject"], title=values["title"],
            message=MessageWrite(id=key.current, body=values["body"],
                                 files=[file.id for file in files]),
        )  # fmt: skip
        made: ThreadView = await services.backend.send(
            ThreadView, "POST", f"/accounts/{account.id}/threads", asked
        )
        services.go(f"/messages/{made.thread.id}")

    return scaffold(
        services, words.t("Écrire au service"),
        [Files(files, set_files), ShortForm(NEW, N_("Envoyer le message"), send)],
        back="/messages",
    )  # fmt: skip


@ft.component
def Files(
    files: list[AttachmentView], change: Callable[[list[AttachmentView]], None]
) -> ft.Control:
    """Files that go with a message: kept as they are added, so that sending is short."""
    services = use_services()
    words = services.words
    problem, set_problem = ft.use_state("")

    async def add(_event: Any) -> None:
        account = services.session.account
        if account is None:
            return
        set_problem("")
        found = list(files)
        for picked in await pick_files(services, many=True):
            try:
                kept = await services.backend.attach(
                    account.id, "message", picked.name, picked.content
                )
            except Problem as error:
                told = refusals(services, error)
                set_problem(next(iter(told.values()), words.t("Ce fichier n’est pas accepté.")))
                continue
            except BackendError:
                set_problem(words.t("Le fichier n’est pas parti : le réseau ne répond pas."))
                continue
            found.append(kept)
        change(found)

    lines: list[ft.Control] = [
        ft.Row([secondary(words.t("Joindre un fichier"), add, ft.Icons.ATTACH_FILE)], wrap=True),
        small(words.t("PDF, JPEG ou PNG, 10 Mo au plus.")),
    ]
    if problem:
        lines.append(banner(problem, "urgent", live=True))
    lines += [
        ft.Row(
            [
                body(file.name, expand=True),
                quiet(
                    words.t("Retirer {name}").format(name=file.name),
                    lambda _e, gone=file.id: change([f for f in files if f.id != gone]),
                ),
            ]
        )
        for file in files
    ]
    return ft.Column(lines, spacing=S, tight=True)


@ft.component
def Conversation() -> ft.Control:
    """One conversation, oldest first, and what to answer."""
    services = use_services()
    words = services.words
    thread_id = ft.use_route_params().get("thread", "")
    account = services.session.account
    base = f"/accounts/{account.id}/threads/{thread_id}" if account else ""
    return thread_screen(services, base, "/messages", "person", words.t("Messages"))


def thread_screen(
    services: Services, base: str, back: str, reader: str, title: str,
    beside: Sequence[ft.Control] = (),
) -> ft.Control:  # fmt: skip
    """A conversation as `reader` (person or collector) reads it; `base` is its path in the API."""
    words = services.words
    key, set_key = ft.use_state(fresh_id())
    files, set_files = ft.use_state([])

    async def fetch() -> ThreadView | None:
        if not base:
            return None
        found: ThreadView = await services.backend.get(ThreadView, base)
        return found

    loaded = use_load(services, fetch, [base])
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back=back)
    view = loaded.value

    async def send(values: dict[str, Any]) -> None:
        await services.backend.send(
            ThreadView, "POST", f"{base}/messages",
            MessageWrite(id=key, body=values["body"], files=[file.id for file in files]),
        )  # fmt: skip
        set_files([])
        set_key(fresh_id())
        await loaded.reload()

    lines: list[ft.Control] = [
        small(words.t(SUBJECTS.get(view.thread.subject, SUBJECTS["other"]))), *beside,
    ]  # fmt: skip
    lines += [_message(services, view.thread.account_id, m, reader) for m in view.messages]
    lines.append(heading(words.t("Répondre"), 2))
    if reader == "person":
        lines.append(Files(files, set_files))
    # A new key is a new form: what was sent is gone from it.
    lines.append(ShortForm(ANSWER, N_("Envoyer le message"), send, key=key))
    return scaffold(services, view.thread.title, lines, back=back)


def _message(services: Services, account_id: str, message: MessageView, reader: str) -> ft.Control:
    words = services.words
    mine = message.author == reader
    who = {
        "person": words.t("Vous") if mine else words.t("La personne"),
        "collector": words.t("Vous") if mine else words.t("Le service"),
    }[message.author]
    told = [f"{who}, {words.moment(message.sent_at)}"]
    if mine:
        told.append(
            words.t("Lu le {moment}").format(moment=words.moment(message.read_at))
            if message.read_at
            else words.t("Pas encore lu")
        )

    def take(file: AttachmentView) -> Callable[[Any], Any]:
        async def act(_event: Any) -> None:
            await give_file(services, f"/accounts/{account_id}/attachments/{file.id}", file.name)

        return act

    lines: list[ft.Control] = [to_copy(message.body), small(" · ".join(told))]
    if message.files and reader == "person":
        lines.append(
            ft.Row(
                [quiet(file.name, take(file), ft.Icons.ATTACH_FILE) for file in message.files],
                wrap=True,
            )
        )
    elif message.files:
        lines.append(small(", ".join(file.name for file in message.files)))
    return card(lines, emphasis=mine)
