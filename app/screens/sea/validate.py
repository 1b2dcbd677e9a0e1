"""Validate the year before 28 February: the declaration is the log."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.breakdown import breakdown
from app.components.buttons import primary, quiet
from app.components.cards import card, fact
from app.components.charts import euros_picture, shares_status
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import big, body, heading, small
from app.screens.home import ConfirmBanner
from app.screens.professions.base import wording
from app.screens.sea.common import (
    days_said,
    not_ready,
    service_said,
    span_said,
    use_log,
)
from app.services.backend import BackendError
from app.services.calculator import period_of
from app.services.container import Services, use_services
from app.services.sea import SeaBook
from app.theme import S
from contract.canonical import assessment_fingerprint
from contract.declarations import Receipt, Submit
from contract.hiding import fresh_id
from regimes.assessment import Assessment
from regimes.fisherman import REGIME
from regimes.fisherman.log import assess_declaration, declaration_of
from regimes.fisherman.models import Declaration
from regimes.regime import Period

CLOSED = {"upcoming", "closed"}


def year_of(book: SeaBook, code: str) -> tuple[Period, Declaration, Assessment] | None:
    """The year as the log fills it; None for a year that is not to be declared."""
    view = next((p for p in book.overview.periods if p.code == code), None)
    if view is None:
        return None
    period = period_of(view)
    declaration = declaration_of(book.log, period.start, period.end)
    return period, declaration, assess_declaration(
        book.profile, code, period.end, declaration, book.rates
    )  # fmt: skip


@ft.component
def Validate() -> ft.Control:
    """The year, line by line, and the button that sends it."""
    services = use_services()
    words = services.words
    code = str(ft.use_route_params()["year"])
    loaded = use_log(services, code)
    title = words.t("Valider l’année {year}").format(year=code)
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: SeaBook = loaded.value
    found = year_of(book, code)
    if found is None:
        unknown = banner(words.t("Cette année n’est pas à déclarer pour ce compte."), "warning")
        return scaffold(services, title, [unknown], back="/mer")
    return Year(book, code, found)


@ft.component
def Year(book: SeaBook, code: str, found: tuple[Period, Declaration, Assessment]) -> ft.Control:
    """What is sent, and the proof of what it costs."""
    services = use_services()
    words = services.words
    key = ft.use_ref(fresh_id)
    sending, set_sending = ft.use_state(False)
    error, set_error = ft.use_state(None)
    _, declaration, assessment = found
    view = next(p for p in book.overview.periods if p.code == code)
    says = wording(book.overview.account.regime)
    title = words.t("Valider l’année {year}").format(year=code)
    corrects = view.submission
    filed = next((f for f in book.overview.filed if f.period == code), None)
    same = filed is not None and REGIME.Declaration.model_validate(filed.declaration) == declaration

    async def send(_event: Any = None) -> None:
        if sending:
            return
        set_sending(True)
        set_error(None)
        asked = Submit(
            declaration=declaration.model_dump(mode="json"),
            fingerprint=assessment_fingerprint(declaration, assessment),
            rates_version=assessment.rates_version, form_version=REGIME.form_version,
            corrects=corrects,
        )  # fmt: skip
        try:
            receipt = await services.backend.send(
                Receipt, "PUT", f"/accounts/{book.account}/declarations/{code}", asked,
                {"Idempotency-Key": key.current},
            )  # fmt: skip
        except BackendError as problem:
            set_sending(False)
            set_error(problem)
            return
        services.cache[f"receipt:{code}"] = receipt
        services.go(f"/{'correct' if corrects else 'declare'}/{code}/sent")

    unsent = bool(services.entries.unsent.ids(book.account))
    lines: list[ft.Control] = []
    if error is not None:
        lines.append(failure(services, error, send))
    if not book.overview.email_confirmed:
        lines.append(ConfirmBanner(services))
    lines += [
        _total(assessment, words, view.due),
        heading(words.t("Vos périodes"), 2),
        *_periods(services, book, declaration),
        heading(words.t("Le calcul, ligne par ligne"), 2),
        small(words.t("Touchez une ligne pour savoir d’où vient son montant.")),
        breakdown(assessment, words, None),
        fact(
            words.t("Total partiel") if assessment.partial else words.t(says.total),
            words.money(assessment.due), strong=True,
        ),
        heading(words.t("Où vont mes euros"), 2),
    ]  # fmt: skip
    status = shares_status(assessment, words)
    if status:
        lines.append(banner(status, "info"))
    lines.append(euros_picture(assessment, words))
    lines += [small(words.t(note)) for note in assessment.notes]
    lines.append(small(words.t(says.certify).format(version=assessment.rates_version[:8])))
    files = ", ".join(book.rates.origins())
    if files:
        lines.append(small(words.t("Taux complétés par : {files}").format(files=files)))
    closed = view.state in CLOSED
    actions: list[ft.Control] = []
    if closed:
        actions.append(
            small(
                words.t("L’année se valide à partir du {opens}.").format(
                    opens=words.date(view.opens)
                )
            )
        )
    elif same:
        actions.append(small(words.t("Rien n’a changé depuis votre validation.")))
    actions.append(
        primary(
            words.t("Envoi en cours…") if sending
            else words.t("Valider de nouveau") if corrects else words.t("Valider mon année"),
            send, ft.Icons.SEND_OUTLINED, disabled=sending or closed or same or unsent,
        )
    )  # fmt: skip
    actions.append(quiet(words.t("Compléter le journal"), lambda _e: services.go("/mer")))
    return scaffold(
        services, title, lines, back="/mer",
        footer=ft.Column(
            actions, spacing=S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    )  # fmt: skip


def _total(assessment: Assessment, words: Any, due: Any) -> ft.Control:
    lines: list[ft.Control] = [
        small(words.t("Total partiel") if assessment.partial else words.t("Total de l’année")),
        big(words.money(assessment.due)),
        body(words.t("À valider avant le {due}.").format(due=words.date(due))),
    ]
    if assessment.partial:
        lines.append(
            banner(
                words.t(
                    "Une ligne est non calculée ici : son taux n’est pas publié. Le reçu le dira "
                    "aussi."
                ),
                "warning",
            )
        )
    return card(lines)


def _periods(services: Services, book: SeaBook, declaration: Declaration) -> list[ft.Control]:
    words = services.words
    if not declaration.periods:
        return [body(words.t("Aucun jour noté cette année."))]
    rows: list[ft.Control] = []
    for service in declaration.periods:
        name = span_said(service, words)
        rows.append(fact(name[:1].upper() + name[1:], days_said(service, words), strong=True))
        rows.append(small(service_said(service, book, words)))
    return [card(rows)]
