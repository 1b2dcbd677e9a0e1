"""Employers: SIRET checked, dates, card number; added, ended, removed."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet
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
from app.services.vrp import Book, new_id
from app.words import N_
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


@ft.component
def Employers() -> ft.Control:
    """The list, what it means, and the form."""
    services = use_services()
    words = services.words
    loaded = use_load(services, lambda: fetch_book(services), [services.session.account_id])
    editing, set_editing = ft.use_state(None)
    problem, set_problem = ft.use_state(None)
    title = words.t("Employeurs")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: Book = loaded.value
    lines: list[ft.Control] = []
    means = SITUATION_LABELS[situation(book.declaration())]
    if means:
        lines.append(banner(words.t(means), "info"))
    if problem is not None:
        lines.append(failure(services, problem))

    async def keep(values: dict[str, Any]) -> None:
        data = {
            "name": values["name"], "siret": values["siret"], "start": _day(values["start"]),
            "end": _day(values.get("end")), "card": values.get("card") or "",
            "agricultural": bool(values.get("agricultural")),
        }  # fmt: skip
        await book.keep(
            "employer", editing or new_id(), {k: v for k, v in data.items() if v is not None}
        )
        set_editing(None)
        await loaded.reload()

    def remove(name: str) -> Any:
        async def act(_event: Any) -> None:
            set_problem(None)
            try:
                await book.remove(name)
            except BackendError as error:
                set_problem(error)
                return
            await loaded.reload()

        return act

    for name, employer in sorted(book.of("employer").items(), key=lambda i: i[1].name.casefold()):
        lines.append(_card(services, name, employer, set_editing, remove(name)))
    lines.append(heading(words.t("Modifier") if editing else words.t("Ajouter un employeur"), 2))
    known = book.of("employer").get(editing) if editing else None
    lines.append(
        ShortForm(
            employer_form(book.overview.today, f"{editing}.{len(book.of('employer'))}"),
            N_("Enregistrer l’employeur"), keep, start=_answers(known), key=f"form-{editing}",
        )
    )  # fmt: skip
    lines.append(
        ft.Row([primary(words.t("Remplir le tableau"), lambda _e: services.go("/vrp"))], wrap=True)
    )
    return scaffold(services, title, lines, back="/home")


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


def _card(services: Services, name: str, employer: Employer, edit: Any, remove: Any) -> ft.Control:
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
    rows.append(
        ft.Row(
            [
                quiet(words.t("Modifier {name}").format(name=employer.name),
                      lambda _e: edit(name)),
                quiet(words.t("Retirer {name}").format(name=employer.name), remove),
            ],
            wrap=True,
        )
    )  # fmt: skip
    return card(rows)
