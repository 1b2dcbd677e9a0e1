"""Add a period in four taps: vessel, days, function, position. Change it, take it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flet as ft

from app.components.buttons import primary, quiet
from app.components.cards import card, fact
from app.components.heard import total
from app.components.month import DayMark, month_grid
from app.components.picks import picks
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import heading, small
from app.forms.render import error_line
from app.screens.sea.common import (
    no_vessel,
    not_ready,
    sentence_of,
    span_said,
    use_log,
)
from app.services.backend import BackendError, Problem
from app.services.container import Services, use_services
from app.services.sea import SeaBook, drop, keep
from app.theme import CELL, HIDDEN_LABEL, MENU, XS, S
from contract.hiding import fresh_id
from regimes.fisherman.log import check_service
from regimes.fisherman.models import Service
from regimes.fisherman.tables import (
    FUNCTION_LABELS,
    NAVIGATION_LABELS,
    POSITIONS,
    category_of,
    functions_of,
    position_of,
)
from regimes.regime import DeclarationRefused

KIND = "service"


@dataclass(frozen=True)
class Typed:
    """The answers so far; `chosen_category` is the person's own, 0 while the table decides."""

    vessel: str = ""
    start: date | None = None
    end: date | None = None
    function: str = ""
    position: str = "00"
    chosen_category: int = 0
    upgraded: bool = False
    ratio: str = "100"


def first_answers(book: SeaBook, route: str) -> Typed:
    """What a new period starts from: the only vessel, the last function; the whole last period when
    it is repeated, its days aside."""
    asked = parse_qs(urlsplit(route).query)
    vessels = book.vessels()
    last = next(iter(book.services().values()), None)
    typed = Typed(vessel=next(iter(vessels)) if len(vessels) == 1 else "")
    if last is not None and last.vessel in vessels:
        typed = Typed(vessel=last.vessel, function=last.function)
        if asked.get("comme"):
            return _of(last, days=False)
    day = asked.get("jour", [""])[0]
    try:
        start = date.fromisoformat(day)
    except ValueError:
        return typed
    return Typed(**{**typed.__dict__, "start": start, "end": start})


def _of(service: Service, days: bool = True) -> Typed:
    return Typed(
        vessel=service.vessel,
        start=service.start if days else None,
        end=service.end if days else None,
        function=service.function,
        position=service.position,
        chosen_category=service.category,
        upgraded=service.upgraded,
        ratio=f"{service.ratio:f}".removesuffix(".00"),
    )


def table_category(book: SeaBook, typed: Typed) -> int:
    """The category that the table gives; 0 when it does not say."""
    vessel = book.vessels().get(typed.vessel)
    if vessel is None or not typed.function:
        return 0
    on = typed.start or book.today
    found = category_of(vessel.navigation, typed.function, vessel.tonnage, on, book.rates)
    return int(found.value) if found is not None else 0


def read(book: SeaBook, typed: Typed, name: str) -> tuple[Service | None, dict[str, str]]:
    """The period of these answers, or the code of the error of each answer at fault."""
    errors: dict[str, str] = {}
    if typed.vessel not in book.vessels():
        errors["vessel"] = "vessel_unknown"
    if typed.start is None or typed.end is None:
        errors["start"] = "dates_missing"
    category = typed.chosen_category or table_category(book, typed)
    if not category:
        errors["category" if typed.function else "function"] = (
            "category_missing" if typed.function else "function_missing"
        )
    try:
        ratio = Decimal(typed.ratio.replace(",", "."))
    except InvalidOperation:
        ratio = Decimal(0)
    if not ratio.is_finite() or not 0 < ratio <= 100:
        errors["ratio"] = "ratio_wrong"
    if errors or typed.start is None or typed.end is None:
        return None, errors
    service = Service(
        start=typed.start, end=typed.end, vessel=typed.vessel, function=typed.function,
        category=category, upgraded=typed.upgraded, position=typed.position,
        ratio=ratio.quantize(Decimal("0.01")),
    )  # fmt: skip
    try:
        check_service(
            name, service, book.services(), book.vessels(), book.profile, book.today, book.rates
        )
    except DeclarationRefused as refused:
        return None, {refused.field.rsplit(".", 1)[-1]: refused.code}
    return service, {}


@ft.component
def NewPeriod() -> ft.Control:
    """A new period."""
    return Editor("")


@ft.component
def EditPeriod() -> ft.Control:
    """A period that is noted already."""
    return Editor(str(ft.use_route_params()["id"]))


@ft.component
def Editor(name: str) -> ft.Control:
    """The screen around the answers."""
    services = use_services()
    words = services.words
    loaded = use_log(services, name)
    title = words.t("Période") if name else words.t("Ajouter une période")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: SeaBook = loaded.value
    if not book.vessels():
        return scaffold(services, title, no_vessel(services), back="/mer")
    if name and name not in book.services():
        gone = banner(words.t("Cette période n’est plus dans le journal."), "info")
        return scaffold(services, title, [gone], back="/mer")
    return Typing(book, name, services.page.route or "")


@ft.component
def Typing(book: SeaBook, name: str, route: str) -> ft.Control:
    """The four taps, what is filled for the person, and the effect."""
    services = use_services()
    words = services.words
    typed, set_typed = ft.use_state(
        lambda: _of(book.services()[name]) if name else first_answers(book, route)
    )
    fresh = ft.use_ref(fresh_id)
    month, set_month = ft.use_state((typed.start or book.today).replace(day=1))
    errors, set_errors = ft.use_state({})
    error, set_error = ft.use_state(None)
    saving, set_saving = ft.use_state(False)
    box = ft.use_ref(None)
    own = name or fresh.current
    vessel = book.vessels().get(typed.vessel)
    on = typed.start or book.today

    def answer(**changes: Any) -> None:
        later = Typed(**{**typed.__dict__, **changes})
        set_typed(later)
        if errors:
            set_errors(read(book, later, own)[1])

    def tapped(day: date) -> None:
        if (
            typed.start is None
            or typed.end is None
            or typed.start != typed.end
            or day < typed.start
        ):
            later = Typed(**{**typed.__dict__, "start": day, "end": day})
        else:
            later = Typed(**{**typed.__dict__, "end": day})
        set_typed(later)
        found = read(book, later, own)[1]
        set_errors({k: v for k, v in found.items() if k in {"start", "end"}})

    async def save(_event: Any = None) -> None:
        if saving:
            return
        service, found = read(book, typed, own)
        set_errors(found)
        if service is None:
            return
        set_saving(True)
        set_error(None)
        try:
            await keep(services.backend, book, own, KIND, service)
        except BackendError as problem:
            set_saving(False)
            refused = _refused(problem)
            set_errors(refused)
            set_error(None if refused else problem)
            return
        services.cache["sea:told"] = (
            words.t("Période notée ici : elle partira quand le réseau reviendra.")
            if services.entries.waits(book.account, own) else words.t("Période notée.")
        )  # fmt: skip
        services.go("/mer")

    async def delete(_event: Any) -> None:
        set_saving(True)
        try:
            await drop(services.backend, book, name)
        except BackendError as problem:
            set_saving(False)
            set_error(problem)
            return
        services.cache["sea:told"] = words.t("Période supprimée.")
        services.go("/mer")

    def said(field: str) -> str:
        return sentence_of(errors[field], words) if field in errors else ""

    lines: list[ft.Control] = []
    if error is not None:
        lines.append(failure(services, error, save))
    lines.append(
        picks(
            services, words.t("1. Navire"),
            [(code, v.name, words.t(NAVIGATION_LABELS[v.navigation]))
             for code, v in book.vessels().items()],
            typed.vessel, lambda value: answer(vessel=value, chosen_category=0), said("vessel"),
        )
    )  # fmt: skip
    lines.append(_dates(services, book, typed, own, month, tapped, set_month,
                        said("start") or said("end")))  # fmt: skip
    if vessel is not None:
        lines.append(
            picks(
                services, words.t("3. Fonction à bord"),
                [(code, words.t(FUNCTION_LABELS[code]), "")
                 for code in functions_of(vessel.navigation, on, book.rates)],
                typed.function,
                lambda value: answer(function=value, chosen_category=0, upgraded=False),
                said("function"),
            )
        )  # fmt: skip
    lines.append(
        picks(
            services, words.t("4. Position"),
            [(p.code, words.t(p.label), words.t(p.sentence))
             for p in (position_of(code, on, book.rates) for code in POSITIONS) if p is not None],
            typed.position, lambda value: answer(position=value), said("position"),
        )
    )  # fmt: skip
    lines.append(_category(services, book, typed, answer, said, box))
    effect = _effect(services, book, typed, own)
    if effect is not None:
        lines.append(effect)
    buttons: list[ft.Control] = [
        primary(
            words.t("Enregistrement…") if saving else words.t("Noter la période"),
            save, ft.Icons.CHECK, disabled=saving,
        )
    ]  # fmt: skip
    if errors:
        buttons.insert(
            0,
            ft.Semantics(
                live_region=True, container=True,
                content=error_line(" ".join(sorted(said(field) for field in errors))),
            ),
        )  # fmt: skip
    if name:
        buttons.append(quiet(words.t("Supprimer la période"), delete, ft.Icons.DELETE_OUTLINE))
    title = words.t("Période") if name else words.t("Ajouter une période")
    return scaffold(
        services, title, lines, back="/mer",
        footer=ft.Column(
            buttons, spacing=S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    )  # fmt: skip


def _refused(problem: BackendError) -> dict[str, str]:
    """The fields that the collector refused, as this screen names them."""
    if not isinstance(problem, Problem):
        return {}
    return {e.field.rsplit(".", 1)[-1]: e.code for e in problem.errors if "." in e.field}


def _dates(
    services: Services, book: SeaBook, typed: Typed, own: str, month: date, tapped: Any,
    move: Any, error: str,
) -> ft.Control:  # fmt: skip
    words = services.words
    taken = {
        date.fromordinal(number)
        for name, service in book.services().items()
        if name != own
        for number in range(service.start.toordinal(), service.end.toordinal() + 1)
    }

    def mark(day: date) -> DayMark:
        chosen = (
            typed.start is not None and typed.end is not None and typed.start <= day <= typed.end
        )
        told = words.t("choisi") if chosen else words.t("déjà noté") if day in taken else ""
        return DayMark(chosen, day in taken, day > book.today, told)

    lines: list[ft.Control] = [heading(words.t("2. Jours"), 2)]
    if error:
        lines.append(error_line(error))
    if typed.start is not None and typed.end is not None:
        days = (typed.end - typed.start).days + 1
        span = Service(start=typed.start, end=typed.end, vessel="x", category=1)
        lines.append(
            fact(
                span_said(span, words),
                words.n("{count} jour", "{count} jours", days).format(count=days), strong=True,
            )
        )  # fmt: skip
    else:
        lines.append(small(words.t("Touchez le premier jour, puis le dernier.")))
    lines.append(month_grid(services, month, mark, tapped, move))
    return card(lines)


def _category(
    services: Services, book: SeaBook, typed: Typed, answer: Any, said: Any, box: Any
) -> ft.Control:
    words = services.words
    # What is being typed stands: this screen is drawn again at each keystroke.
    live = services.page.session.index.get(box.current._i) if box.current is not None else None
    ratio = live.value if isinstance(live, ft.TextField) else typed.ratio
    table = table_category(book, typed)
    current = typed.chosen_category or table

    def choose(event: Any) -> None:
        value = int(event.control.value or 0)
        answer(chosen_category=value, upgraded=bool(table) and value > table)

    lines: list[ft.Control] = [heading(words.t("Catégorie"), 2)]
    if said("category"):
        lines.append(error_line(said("category")))
    lines.append(
        ft.Semantics(
            label=words.t("Catégorie"),
            content=ft.Dropdown(
                value=str(current) if current else None,
                options=[
                    ft.DropdownOption(
                        key=str(n), text=words.t("Catégorie {number}").format(number=n)
                    )
                    for n in range(1, 21)
                ],
                on_select=choose,
                menu_height=MENU,
            ),
        )
    )
    if table:
        note = words.t(
            "{number} d’après la fonction et le navire. Table ancienne : vérifiez-la sur votre "
            "rôle d’équipage."
        ).format(number=table)
        if typed.chosen_category > table:
            note = words.t("Surclassement : {number} d’après la table.").format(number=table)
        lines.append(small(note))
    else:
        lines.append(small(words.t("La table ne la donne pas ici : prenez celle de votre rôle.")))
    box.current = ft.TextField(
        value=ratio,
        width=CELL,
        keyboard_type=ft.KeyboardType.NUMBER,
        label=words.t("Temps de travail, en % d’un temps plein"),
        label_style=HIDDEN_LABEL,
        on_change=lambda event: answer(ratio=event.control.value or ""),
        suffix="%",
    )
    lines.append(
        ft.Column(
            [
                ft.Semantics(
                    hidden=True, exclude_semantics=True,
                    content=small(words.t("Temps de travail, en % d’un temps plein")),
                ),
                box.current,
                *([error_line(said("ratio"))] if said("ratio") else []),
            ],
            spacing=XS, tight=True,
        )
    )  # fmt: skip
    return card(lines)


def _effect(services: Services, book: SeaBook, typed: Typed, own: str) -> ft.Control | None:
    """What this period changes in the contributions of its year; None while it cannot be told."""
    service, _ = read(book, typed, own)
    if service is None:
        return None
    words = services.words
    log = book.log
    year = service.end.year
    before = {**log, KIND: {n: s for n, s in log[KIND].items() if n != own}}
    after = {**log, KIND: {**before[KIND], own: service}}
    was, now = book.effect(before, year), book.effect(after, year)
    lines: list[ft.Control] = [
        heading(words.t("Ce que cette période change"), 2,
                color=ft.Colors.ON_PRIMARY_CONTAINER),
        fact(words.t("Salaire forfaitaire"), words.money(now.base - was.base)),
        fact(words.t("Cotisations de la période"), words.money(now.due - was.due), strong=True),
        fact(
            words.t("À régulariser en {year}").format(year=year + 1) if now.balance >= 0
            else words.t("À vous rendre en {year}").format(year=year + 1),
            words.money(abs(now.balance)),
        ),
    ]  # fmt: skip
    if now.partial:
        lines.append(
            small(
                words.t("Partiel : un taux n’est pas publié, sa ligne est non calculée ici."),
                color=ft.Colors.ON_PRIMARY_CONTAINER,
            )
        )
    return total("effect", card(lines, emphasis=True), bool(services.page.web))
