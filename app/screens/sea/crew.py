"""The crew: the days of each member on board, shown and never declared here."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft
from pydantic import ValidationError

from app.components.buttons import icon_button, primary
from app.components.cards import card, fact
from app.components.papers import Papers
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, heading, small
from app.forms.answers import Choice, Count, Date, Possible, Text
from app.forms.form import Field, Form, Step
from app.forms.render import FormModel, StepView, fault_summary
from app.screens.sea.common import (
    days_said,
    no_vessel,
    not_ready,
    sentence_of,
    service_said,
    span_said,
    use_log,
)
from app.services.backend import BackendError, Problem
from app.services.container import use_services
from app.services.sea import SeaBook, drop, keep
from app.words import N_
from contract.hiding import fresh_id
from regimes.fisherman.models import EARLIEST, CrewService
from regimes.fisherman.tables import FUNCTION_LABELS

KIND = "crew-service"


def crew_form(book: SeaBook) -> Form:
    """The questions of a period of a member of the crew."""
    vessels = tuple(Possible(n, v.name, proper=True) for n, v in book.vessels().items())
    functions = tuple(Possible(code, label) for code, label in FUNCTION_LABELS.items())
    day = Date(earliest=EARLIEST, latest=book.today)
    return Form(
        "crew", 1,
        (
            Step(
                "crew", N_("Jours d’un membre de l’équipage"),
                (
                    Field("member", N_("Nom du marin"), Text(longest=80)),
                    Field("sailor_number", N_("Numéro de marin"), Text(longest=80),
                          required=False),
                    Field("vessel", N_("Navire"), Choice(options=vessels)),
                    Field("start", N_("Premier jour à bord"), day),
                    Field("end", N_("Dernier jour à bord"), day),
                    Field("function", N_("Fonction"), Choice(options=functions)),
                    Field("category", N_("Catégorie"), Count(low=1, high=20)),
                ),
            ),
        ),
    )  # fmt: skip


@ft.component
def Crew() -> ft.Control:
    """Days by member."""
    services = use_services()
    words = services.words
    loaded = use_log(services)
    title = words.t("Équipage")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: SeaBook = loaded.value
    if not book.vessels():
        return scaffold(services, title, no_vessel(services), back="/mer")
    return CrewList(book)


@ft.component
def CrewList(book: SeaBook) -> ft.Control:
    """The members, their days, the statement, and the form to add some."""
    services = use_services()
    words = services.words
    adding, set_adding = ft.use_state(False)
    error, set_error = ft.use_state(None)
    drawn, redraw = ft.use_state(0)
    year = book.today.year

    async def remove(name: str) -> None:
        try:
            await drop(services.backend, book, name)
        except BackendError as problem:
            set_error(problem)
        redraw(drawn + 1)

    def added() -> None:
        set_adding(False)
        redraw(drawn + 1)

    lines: list[ft.Control] = [
        banner(
            words.t(
                "L’équipage salarié se déclare en DSN, par la paie. Ces jours sont notés ici pour "
                "l’état de services ; ils ne sont pas déclarés."
            ),
            "info",
        )
    ]
    if error is not None:
        lines.append(failure(services, error))
    members: dict[str, list[tuple[str, CrewService]]] = {}
    for name, days in book.crew().items():
        members.setdefault(days.member, []).append((name, days))
    for member in sorted(members, key=str.casefold):
        total = sum(_days_in(days, year) for _, days in members[member])
        rows: list[ft.Control] = [
            heading(member, 2),
            fact(
                words.t("Jours à bord en {year}").format(year=year), words.number(total),
                strong=True,
            ),
        ]  # fmt: skip
        for name, days in members[member]:
            rows.append(
                ft.Row(
                    [
                        ft.Column(
                            [
                                body(f"{span_said(days, words)} ({days_said(days, words)})"),
                                small(service_said(days, book, words)),
                            ],
                            spacing=0, tight=True, expand=True,
                        ),
                        icon_button(
                            words.t("Supprimer ces jours de {name}").format(name=member),
                            ft.Icons.DELETE_OUTLINE,
                            lambda _e, entry=name: services.page.run_task(remove, entry),
                        ),
                    ]
                )
            )  # fmt: skip
        lines.append(card(rows))
    if not members:
        lines.append(body(words.t("Personne de noté pour l’instant.")))
    if adding:
        lines.append(CrewTyping(book, added))
    else:
        lines.append(
            primary(words.t("Ajouter des jours"), lambda _e: set_adding(True), ft.Icons.ADD)
        )
    lines.append(
        Papers(
            f"/accounts/{book.account}/sea/statement.pdf?year={year}&lang={words.paper}",
            f"etat-de-services-{year}.pdf",
            words.t("État de services {year} (PDF)").format(year=year),
        )
    )  # fmt: skip
    return scaffold(services, words.t("Équipage"), lines, back="/mer")


def _days_in(days: CrewService, year: int) -> int:
    start, end = max(days.start, date(year, 1, 1)), min(days.end, date(year, 12, 31))
    return max(0, (end - start).days + 1)


@ft.component
def CrewTyping(book: SeaBook, done: Any) -> ft.Control:
    """The form."""
    services = use_services()
    words = services.words
    fresh = ft.use_ref(fresh_id)
    model: FormModel = ft.use_ref(lambda: FormModel(crew_form(book), {}, services=services)).current
    bad, set_bad = ft.use_state(())
    error, set_error = ft.use_state("")
    model.services = services
    step = model.journey.form.steps[0]

    async def save(_event: Any) -> None:
        faults = model.check(step)
        set_bad(tuple(faults))
        set_error("")
        if faults:
            return
        values = model.journey.values()
        try:
            days = CrewService.model_validate(values)
        except ValidationError:
            set_error(words.t("Le dernier jour vient après le premier."))
            return
        mine = [d for d in book.crew().values() if d.member == days.member]
        if any(days.start <= d.end and d.start <= days.end for d in mine):
            set_error(sentence_of("service_overlap", words))
            return
        try:
            await keep(services.backend, book, fresh.current, KIND, days)
        except Problem as problem:
            code = problem.errors[0].code if problem.errors else ""
            set_error(sentence_of(code, words))
            return
        done()

    lines: list[ft.Control] = []
    if bad:
        lines.append(fault_summary(services, list(bad)))
    if error:
        lines.append(banner(error, "urgent", live=True))
    lines.append(StepView(model, step, model.shape))
    lines.append(primary(words.t("Noter ces jours"), save, ft.Icons.CHECK))
    return card(lines)
