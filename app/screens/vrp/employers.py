"""Employers: SIRET checked, dates, card number; added, ended, removed."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import heading, small
from app.forms.answers import Date, Siret, Text, YesNo
from app.forms.form import Field, Form
from app.screens.access import ShortForm, short_form
from app.screens.vrp.common import fetch_book, not_ready
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.services.vrp import Book
from app.words import N_
from contract.hiding import fresh_id
from regimes.vrp.entries import Employer
from regimes.vrp.overpayment import SITUATION_LABELS, situation
from regimes.vrp.profile import EARLIEST


def employer_form(today: date, key: str) -> Form:
    """One employer."""
    return short_form(
        f"vrp.employer.{key}",
        Field("name", N_("Nom de l’employeur"), Text()),
        Field("siret", N_("SIRET de l’employeur"), Siret()),
        Field("start", N_("Depuis quand ?"), Date(earliest=EARLIEST, latest=today)),
        Field("end", N_("Jusqu’à quand ?"), Date(earliest=EARLIEST, latest=today), required=False),
        Field("card", N_("Numéro de carte chez lui"), Text(longest=30), required=False),
        Field("agricultural", N_("Est-ce un employeur agricole ?"), YesNo()),
    )


def end_form(employer: Employer, today: date, key: str) -> Form:
    """The last day with an employer."""
    return short_form(
        f"vrp.employer.end.{key}",
        Field("end", N_("Dernier jour chez cet employeur"),
              Date(earliest=employer.start, latest=today),
              hint=N_("Ses mois restent dans le tableau.")),
    )  # fmt: skip


@ft.component
def Employers() -> ft.Control:
    """The list, what it means, and the form."""
    services = use_services()
    words = services.words
    loaded = use_load(services, lambda: fetch_book(services), [services.session.account_id])
    editing, set_editing = ft.use_state(None)
    ending, set_ending = ft.use_state(None)
    done, set_done = ft.use_state(None)
    problem, set_problem = ft.use_state(None)
    title = words.t("Employeurs")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: Book = loaded.value

    async def keep(values: dict[str, Any]) -> None:
        await book.keep("employer", editing or fresh_id(), _data(values))
        set_editing(None)
        set_done(None)
        await loaded.reload()

    def ends(name: str, employer: Employer) -> Any:
        async def act(values: dict[str, Any]) -> None:
            data = employer.model_dump(mode="json", exclude_none=True)
            back = await book.keep("employer", name, data | {"end": _day(values["end"])})
            told = words.t("Fin notée chez {name}.").format(name=employer.name)
            set_ending(None)
            set_done((told, back))
            await loaded.reload()

        return act

    def removes(name: str, employer: Employer) -> Any:
        async def act(_event: Any) -> None:
            set_problem(None)
            try:
                back = await book.remove(name)
            except BackendError as error:
                set_problem(error)
                return
            months = len(back) - 1
            told = words.t("{name} est retiré.")
            if months:
                told = words.n(
                    "{name} est retiré, avec {count} mois de ses montants.",
                    "{name} est retiré, avec {count} mois de ses montants.", months,
                )  # fmt: skip
            told = told.format(name=employer.name, count=months)
            set_editing(None)
            set_ending(None)
            set_done((told, back))
            await loaded.reload()

        return act

    async def undo(_event: Any) -> None:
        set_problem(None)
        try:
            await book.restore(done[1])
        except BackendError as error:
            set_problem(error)
            return
        set_done(None)
        await loaded.reload()

    lines: list[ft.Control] = []
    means = SITUATION_LABELS[situation(book.declaration())]
    if means:
        lines.append(banner(words.t(means), "info"))
    if problem is not None:
        lines.append(failure(services, problem))
    if done is not None:
        lines.append(
            banner(
                done[0], "success", live=True,
                actions=[secondary(words.t("Annuler"), undo, ft.Icons.UNDO)],
            )
        )  # fmt: skip
    known = book.of("employer")
    for name, employer in sorted(known.items(), key=lambda i: i[1].name.casefold()):
        if name == ending:
            form = end_form(employer, book.overview.today, name)
            lines.append(
                card(
                    [
                        heading(employer.name, 3),
                        ShortForm(form, N_("Noter la fin"), ends(name, employer), key=form.code,
                                  start={"end": f"{book.overview.today:%d/%m/%Y}"}),
                        ft.Row([quiet(words.t("Ne rien changer"), lambda _e: set_ending(None))]),
                    ]
                )
            )  # fmt: skip
        else:
            lines.append(
                _card(services, name, employer, set_editing, set_ending, removes(name, employer))
            )
    lines.append(heading(words.t("Modifier") if editing else words.t("Ajouter un employeur"), 2))
    lines.append(
        ShortForm(
            employer_form(book.overview.today, f"{editing}.{len(known)}"),
            N_("Enregistrer l’employeur"), keep, start=_answers(known.get(editing)),
            key=f"form-{editing}",
        )
    )  # fmt: skip
    actions = [secondary(words.t("Remplir le tableau"), lambda _e: services.go("/vrp"))]
    if editing:
        actions.append(quiet(words.t("Ne rien changer"), lambda _e: set_editing(None)))
    lines.append(ft.Row(actions, wrap=True))
    return scaffold(services, title, lines, back="/home")


def _data(values: dict[str, Any]) -> dict[str, Any]:
    """What the form's answers are on the wire."""
    data = {
        "name": values["name"], "siret": values["siret"], "start": _day(values["start"]),
        "end": _day(values.get("end")), "card": values.get("card") or "",
        "agricultural": bool(values.get("agricultural")),
    }  # fmt: skip
    return {name: value for name, value in data.items() if value is not None}


def _day(value: Any) -> str | None:
    if value in (None, ""):
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _answers(employer: Employer | None) -> dict[str, str]:
    if employer is None:
        return {"agricultural": "no"}
    return {
        "name": employer.name, "siret": employer.siret, "start": f"{employer.start:%d/%m/%Y}",
        "end": f"{employer.end:%d/%m/%Y}" if employer.end else "", "card": employer.card,
        "agricultural": "yes" if employer.agricultural else "no",
    }  # fmt: skip


def _named(shown: str, said: str, act: Any) -> ft.Control:
    """A button of a list: short to the eye, whole to a screen reader."""
    return ft.TextButton(content=ft.Text(shown, semantics_label=said), on_click=act)


def _card(
    services: Services, name: str, employer: Employer, edit: Any, end: Any, remove: Any
) -> ft.Control:
    words = services.words
    s = employer.siret
    dates = words.t("depuis le {date}").format(date=words.date(employer.start))
    if employer.end is not None:
        dates = words.period(employer.start, employer.end)
    rows: list[ft.Control] = [
        heading(employer.name, 2, look=3),
        fact(words.t("SIRET"), f"{s[:3]} {s[3:6]} {s[6:9]} {s[9:]}"),
        small(dates),
    ]
    if employer.card:
        rows.append(small(words.t("Carte {number}").format(number=employer.card)))
    if employer.agricultural:
        rows.append(small(words.t("Employeur agricole")))
    actions = [(words.t("Modifier"), words.t("Modifier {name}"), lambda _e: edit(name))]
    if employer.end is None:
        actions.append((words.t("Terminer"), words.t("Terminer chez {name}"),
                        lambda _e: end(name)))  # fmt: skip
    actions.append((words.t("Retirer"), words.t("Retirer {name}"), remove))
    rows.append(
        ft.Row(
            [_named(shown, said.format(name=employer.name), act) for shown, said, act in actions],
            wrap=True,
        )
    )
    return card(rows)
