"""The safe: everything kept, by year and kind, and the attestations that can be asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card
from app.components.choices import choice_card, one_of
from app.components.load import use_load
from app.components.papers import Papers
from app.components.shell import scaffold
from app.components.states import banner, empty, failure, no_activity
from app.components.terms import words_here
from app.components.text import body, heading, small
from app.forms.answers import Money
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.services.files import give_file
from app.theme import FIELD_BORDER, SM
from app.words import N_
from contract.documents import DocumentAsk, DocumentOffer, DocumentSafe, DocumentView
from contract.i18n import Words

SHOWN = 30
"""Documents shown at once; the others are one tap away."""

REASONS = {
    "declarations_missing": N_("Des déclarations manquent : {periods}. Envoyez-les d’abord."),
    "amounts_unpaid": N_("Des montants échus restent à payer : {periods}."),
    "nothing_declared": N_("Rien n’est encore déclaré pour une année complète."),
    "declared_elsewhere": N_("Elle se demande à l’organisme qui reçoit votre déclaration."),
}
KINDS = {
    "": N_("Tout"),
    "receipt": N_("Reçus"),
    "attestation": N_("Attestations"),
    "proof": N_("Preuves et photos"),
    "other": N_("Autres documents"),
}
ATTESTATIONS = {"vigilance", "fiscal", "turnover", "affiliation", "training", "statement"}
QUARTERS = (
    N_("Premier trimestre"), N_("Deuxième trimestre"), N_("Troisième trimestre"),
    N_("Quatrième trimestre"),
)  # fmt: skip
MONTHS = (
    N_("Janvier"), N_("Février"), N_("Mars"), N_("Avril"), N_("Mai"), N_("Juin"), N_("Juillet"),
    N_("Août"), N_("Septembre"), N_("Octobre"), N_("Novembre"), N_("Décembre"),
)  # fmt: skip


def group_of(kind: str) -> str:
    """The group that a kind of document is filtered by."""
    if kind in ATTESTATIONS:
        return "attestation"
    return kind if kind in {"receipt", "proof"} else "other"


def matching(
    documents: list[DocumentView], year: int | None, group: str, sought: str
) -> list[DocumentView]:
    """Documents of a year and a group whose title or number holds every word sought."""
    wanted = sought.casefold().split()
    return [
        d for d in documents
        if year in {None, d.year}
        and group in {"", group_of(d.kind)}
        and all(word in f"{d.title} {d.number}".casefold() for word in wanted)
    ]  # fmt: skip


def _fetch(services: Services) -> Callable[[], Any]:
    async def fetch() -> DocumentSafe:
        account = services.session.account
        if account is None:
            return DocumentSafe(documents=[], offers=[])
        found: DocumentSafe = await services.backend.get(
            DocumentSafe, f"/accounts/{account.id}/documents?lang={services.words.locale}"
        )
        return found

    return fetch


@ft.component
def Documents() -> ft.Control:
    """What can be asked for, then what is kept."""
    services = use_services()
    words = services.words
    loaded = use_load(services, _fetch(services), [services.session.account_id, words.locale])
    title = words.t("Documents")
    if services.session.account is None:
        return scaffold(services, title, [no_activity(services)])
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services, "list")])
    lines: list[ft.Control] = []
    offers = [o for o in loaded.value.offers if o.available]
    closed = [o for o in loaded.value.offers if not o.available]
    if offers:
        lines.append(heading(words.t("Demander une attestation"), 2))
    lines += [
        choice_card(
            offer.title, offer.summary, _go(services, f"/documents/ask/{offer.kind}"),
            ft.Icons.VERIFIED_OUTLINED,
            words.t("Provisoire : votre première déclaration n’est pas encore due.")
            if offer.provisional
            else "",
        )
        for offer in offers
    ]  # fmt: skip
    lines += [Closed(offer) for offer in closed]
    lines.append(heading(words.t("Vos documents"), 2))
    lines.append(Kept(loaded.value.documents))
    lines += words_here("recepisse")
    return scaffold(services, title, lines)


def _go(services: Services, route: str) -> Callable[[Any], None]:
    return lambda _event: services.go(route)


def reason(offer: DocumentOffer, words: Words) -> str:
    """Why a document cannot be had now, and what to do."""
    text = REASONS.get(offer.reason or "")
    return words.t(text).format(periods=", ".join(offer.named)) if text else ""


@ft.component
def Closed(offer: DocumentOffer) -> ft.Control:
    """A document that cannot be had now."""
    services = use_services()
    lines: list[ft.Control] = [
        body(offer.title, strong=True), small(offer.summary),
        banner(reason(offer, services.words), "warning"),
    ]  # fmt: skip
    return card(lines)


@ft.component
def Kept(documents: list[DocumentView]) -> ft.Control:
    """The documents kept, with ways to find one."""
    services = use_services()
    words = services.words
    year, set_year = ft.use_state(None)
    group, set_group = ft.use_state("")
    sought, set_sought = ft.use_state("")
    shown, set_shown = ft.use_state(SHOWN)
    if not documents:
        return empty(
            words.t("Rien ici"),
            words.t("Vos reçus et vos attestations seront gardés ici dès le premier."),
            secondary(words.t("Retour à l’accueil"), _go(services, "/home")),
            picture="documents",
        )
    years = sorted({d.year for d in documents}, reverse=True)
    groups = [g for g in KINDS if not g or any(group_of(d.kind) == g for d in documents)]
    found = matching(documents, year, group, sought)
    account = services.session.account

    async def all_in_one(_event: Any) -> None:
        if account is None:
            return
        query = f"?lang={words.paper}" + (f"&year={year}" if year else "")
        await give_file(
            services, f"/accounts/{account.id}/documents/all.zip{query}", "quittance.zip"
        )

    lines: list[ft.Control] = [
        ft.TextField(
            label=words.t("Chercher un titre ou un numéro"), value="",
            on_change=lambda e: set_sought(str(e.data)), prefix_icon=ft.Icons.SEARCH,
            border=FIELD_BORDER,
        ),
        one_of(
            words.t("Année"),
            [(None, words.t("Toutes")), *((y, str(y)) for y in years)], year, set_year,
        ),
        one_of(words.t("Genre"), [(g, words.t(KINDS[g])) for g in groups], group, set_group),
        ft.Semantics(
            live_region=True, container=True,
            content=small(
                words.n("{count} document", "{count} documents", len(found)).format(
                    count=len(found)
                )
            ),
        ),
        *(Row(document) for document in found[:shown]),
    ]  # fmt: skip
    if len(found) > shown:
        lines.append(quiet(words.t("Voir les suivants"), lambda _e: set_shown(shown + SHOWN)))
    lines.append(
        ft.Row(
            [
                secondary(
                    words.t("Tout télécharger (ZIP)"), all_in_one, ft.Icons.FOLDER_ZIP_OUTLINED
                )
            ],
            wrap=True,
        )
    )
    return ft.Column(
        lines, spacing=SM, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


@ft.component
def Row(document: DocumentView) -> ft.Control:
    """One document: what it is, since when, and its file."""
    services = use_services()
    words = services.words

    async def take(_event: Any) -> None:
        name = document.number or document.title
        await give_file(services, document.path, name if "." in name else f"{name}.pdf")

    told = [words.t("Délivré le {moment}").format(moment=words.moment(document.issued_at))]
    if document.valid_until is not None:
        told.append(
            words.t("Valable jusqu’au {date}").format(date=words.date(document.valid_until))
        )
    if document.number and document.number not in document.title:
        told.append(document.number)
    return choice_card(document.title, " · ".join(told), take, ft.Icons.DESCRIPTION_OUTLINED)


@ft.component
def AskDocument() -> ft.Control:
    """One attestation: what it is for, the year when there is one, then the file."""
    services = use_services()
    words = services.words
    kind = ft.use_route_params().get("kind", "")
    loaded = use_load(services, _fetch(services), [kind, services.session.account_id])
    year, set_year = ft.use_state(None)
    made, set_made = ft.use_state(None)
    problem, set_problem = ft.use_state(None)
    if loaded.value is None:
        return scaffold(
            services, words.t("Attestation"), [loaded.other(services)], back="/documents"
        )
    offer = next((o for o in loaded.value.offers if o.kind == kind), None)
    if offer is None:
        return scaffold(
            services, words.t("Attestation"),
            [empty(words.t("Rien ici"), words.t("Ce document n’existe pas."))], back="/documents",
        )  # fmt: skip
    chosen = year or (offer.years[0] if offer.years else None)
    quarters = [q for q in offer.quarters if q.startswith(f"{chosen}-Q")]

    async def make(values: dict[str, Any]) -> None:
        account = services.session.account
        if account is None:
            return
        months = {
            path.removeprefix("months."): Decimal(str(value))
            for path, value in values.items()
            if value is not None
        }
        asked = DocumentAsk.model_validate(
            {"kind": kind, "year": chosen, "locale": words.paper, "months": months}
        )
        set_made(
            await services.backend.send(
                DocumentView, "POST", f"/accounts/{account.id}/documents", asked
            )
        )

    async def make_plain(_event: Any) -> None:
        set_problem(None)
        try:
            await make({})
        except BackendError as error:
            set_problem(error)

    lines: list[ft.Control] = [body(offer.summary)]
    if not offer.available:
        lines.append(banner(reason(offer, words), "warning"))
        return scaffold(services, offer.title, lines, back="/documents")
    if offer.provisional:
        lines.append(
            banner(
                words.t("Votre première déclaration n’est pas encore due : l’attestation est "
                        "provisoire, jusqu’à cette échéance."), "info",
            )
        )  # fmt: skip
    if made is not None:
        return scaffold(services, offer.title, [*lines, *_made(services, made)], back="/documents")
    if len(offer.years) > 1:
        lines.append(one_of(words.t("Année"), [(y, str(y)) for y in offer.years], chosen, set_year))
    if problem is not None:
        lines.append(failure(services, problem))
    if quarters:
        lines.append(
            banner(
                words.t("Vous déclarez chaque trimestre. Si on vous demande des mois, répartissez "
                        "ici ce que vous avez encaissé ; laissez vide pour garder le trimestre "
                        "entier."), "info",
            )
        )  # fmt: skip
        lines.append(ShortForm(_months_form(quarters), N_("Établir l’attestation"), make))
    else:
        lines.append(primary(words.t("Établir l’attestation"), make_plain))
    lines.append(
        small(
            words.t("Le document est numéroté, scellé et gardé ici. Toute personne qui le reçoit "
                    "peut le vérifier avec son code, sans rien apprendre d’autre.")
        )
    )  # fmt: skip
    return scaffold(services, offer.title, lines, back="/documents")


def _months_form(quarters: list[str]) -> Any:
    """The months of declared quarters (2026-Q3), each with what was collected; all optional."""
    fields = []
    for quarter in sorted(quarters):
        year, number = quarter.split("-Q")
        for month in range(3 * int(number) - 2, 3 * int(number) + 1):
            fields.append(
                Field(
                    f"months.{year}-{month:02}", MONTHS[month - 1], Money(declared=False),
                    required=False, group=QUARTERS[int(number) - 1],
                )
            )  # fmt: skip
    return short_form("document.months." + "".join(sorted(quarters)), *fields)


def _made(services: Services, document: DocumentView) -> list[ft.Control]:
    words = services.words

    async def take(_event: Any) -> None:
        await give_file(services, document.path, f"{document.number}.pdf")

    told = words.t("Votre document {number} est prêt.").format(number=document.number)
    return [
        banner(told, "success", live=True),
        ft.Row(
            [
                primary(words.t("Télécharger le PDF"), take, ft.Icons.DOWNLOAD_OUTLINED),
                secondary(words.t("Voir tous mes documents"), _go(services, "/documents")),
            ],
            wrap=True,
        ),
        Papers(document.path, f"{document.number}.pdf"),
    ]
