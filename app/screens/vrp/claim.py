"""What was overpaid in a year, how it is found, what is wrong in what was filed; then the claim."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.terms import words_here
from app.components.text import body, heading, small, to_copy
from app.screens.access import refusals
from app.screens.vrp.common import asked, figure, formula_card, not_ready
from app.services.backend import BackendError, Problem
from app.services.container import Services, use_services
from app.services.files import give_file
from app.services.vrp import Book, open_book
from app.theme import HAIR
from app.words import N_
from contract.declarations import Estimate, EstimateAsk, Receipt, Submit
from contract.hiding import fresh_id
from contract.i18n import Words
from contract.vrp import AnomalyView, LetterView
from regimes.assessment import Line, LineStatus
from regimes.vrp.overpayment import SITUATION_LABELS, YearResult

ANOMALIES = {
    "month_missing": N_("Un mois n’a pas été déposé."),
    "base_missing": N_("Une base manque dans le dépôt."),
    "doubled": N_("Un mois a été déposé deux fois."),
    "capped_above_ceiling": N_("La base plafonnée dépasse le plafond du mois."),
    "capped_above_uncapped": N_("La base plafonnée dépasse la base déplafonnée."),
    "uncapped_above_gross": N_("La base déplafonnée dépasse le brut."),
    "csg_unlike_gross": N_("La base de CSG ne correspond pas au brut."),
    "dfs_rate_other": N_("Le taux d’abattement n’est pas celui de l’année."),
    "employer_unknown": N_("Un employeur qui n’est pas dans votre liste a déposé."),
}


@ft.component
def Claim() -> ft.Control:
    """The result of a year, check, sign, send."""
    services = use_services()
    words = services.words
    year = ft.use_route_params().get("year", "")

    async def fetch() -> Book | None:
        return await open_book(services, int(year)) if year.isdigit() else None

    loaded = use_load(services, fetch, [services.session.account_id, year])
    title = words.t("Remboursement {year}").format(year=year)
    if loaded.value is None:
        return not_ready(services, title, loaded, back="/vrp")
    book = loaded.value
    result = book.result()
    lines: list[ft.Control] = []
    means = SITUATION_LABELS[result.situation]
    if means:
        lines.append(banner(words.t(means), "info"))
    lines.append(asked(result, words))
    lines += _anomalies(services, book, words)
    lines += words_here("dsn")
    lines += _result(services, book, result)
    lines += words_here("vrp", "pass", "csg_crds", "dfs", "retraite_base")
    period = next((p for p in book.overview.periods if p.code == year), None)
    if period is None or period.state == "upcoming":
        lines.append(
            banner(
                words.t("L’année n’est pas finie : ceci est une estimation. La demande s’ouvre en "
                        "janvier."), "info",
            )
        )  # fmt: skip
    elif period.state == "closed":
        lines.append(
            banner(
                words.t("Les trois ans pour demander cette année sont passés (CSS L243-6)."),
                "warning",
            )
        )
    else:
        lines.append(Send(book, result, period.submission))
    return scaffold(services, title, lines, back=f"/vrp?annee={year}")


def _result(services: Services, book: Book, result: YearResult) -> list[ft.Control]:
    """Each amount with its formula, then the lines of each employer."""
    words = services.words
    lines: list[ft.Control] = []
    if result.pension is not None:
        lines += [
            heading(words.t("Retraite de base au-dessus d’un plafond"), 2),
            formula_card(result.pension, words),
        ]
    lines.append(heading(words.t("CSG sur vos frais réels"), 2))
    if book.expenses():
        lines.append(formula_card(result.csg, words))
    else:
        to_expenses = secondary(
            words.t("Noter des frais"), lambda _e: services.go(f"/vrp/frais?annee={book.year}")
        )
        lines.append(
            card(
                [
                    body(words.t("Aucun frais noté : ceux que vous avez payés sans être remboursé "
                                 "sortent de la base de la CSG.")),
                    ft.Row([to_expenses], wrap=True),
                ]
            )
        )  # fmt: skip
    if result.prorated is not None:
        lines += [
            heading(words.t("À titre de comparaison : si chacun avait réparti le plafond"), 2),
            formula_card(result.prorated, words),
        ]
    if result.ceiling is None:
        lines.append(banner(words.t("Le plafond de cette année n’est pas publié ici."), "warning"))
    if result.employers:
        lines.append(heading(words.t("Employeur par employeur"), 2))
    for employer, found in zip(result.employers, result.lines, strict=True):
        rows: list[ft.Control] = [
            heading(employer.name, 3),
            fact(words.t("Brut"), words.money(employer.gross, cents=True)),
            fact(words.t("Abattement forfaitaire"), words.money(employer.deduction, cents=True)),
            fact(
                words.t("Base plafonnée retenue"),
                words.money(employer.capped, cents=True)
                if employer.capped is not None
                else words.t("non publié"),
            ),
        ]
        for title, share in (
            (words.t("Retenu sur votre salaire"), "employee"),
            (words.t("Payé en plus par l’employeur, avant réduction générale"), "employer"),
        ):
            own = [line for line in found if line.code.endswith(f".{share}")]
            if own:
                rows += [ft.Divider(height=HAIR), body(title, strong=True)]
            rows += _shares(own, result.year, words)
        lines.append(card(rows))
    return lines


def _shares(lines: list[Line], year: int, words: Words) -> list[ft.Control]:
    """One share line by line; what no rate is known for is named, and never counted as nothing."""
    rows: list[ft.Control] = [
        figure(words.t(line.label), words.money(line.amount, cents=True))
        for line in lines
        if line.status is not LineStatus.MISSING
    ]
    missing = [words.t(line.label) for line in lines if line.status is LineStatus.MISSING]
    if missing:
        told = words.t("Taux de {year} non publiés ici : {lines}.")
        rows.append(small(told.format(year=year, lines=" ; ".join(missing))))
    return rows


def _anomalies(services: Services, book: Book, words: Words) -> list[ft.Control]:
    found = book.filings.anomalies
    if not book.filings.linked:
        return [
            banner(
                words.t("Donnez votre numéro de Sécurité sociale pour retrouver ce que vos "
                        "employeurs ont déposé."), "info",
                actions=[secondary(words.t("Compléter mes demandes"),
                                   lambda _e: services.go("/vrp/demandes"))],
            )
        ]  # fmt: skip
    if not found:
        return []
    lines: list[ft.Control] = [heading(words.t("À vérifier avec vos employeurs"), 2)]
    lines += [Anomaly(book, item) for item in found]
    return lines


@ft.component
def Anomaly(book: Book, item: AnomalyView) -> ft.Control:
    """Something wrong in what was filed, and the letter that says so."""
    services = use_services()
    words = services.words
    letter, set_letter = ft.use_state(None)
    problem, set_problem = ft.use_state(None)
    base = f"/accounts/{book.account}/vrp/anomalies/{item.id}/letter"

    async def show(_event: Any) -> None:
        set_problem(None)
        try:
            set_letter(await services.backend.get(LetterView, f"{base}?year={book.year}"))
        except BackendError as error:
            set_problem(error)

    async def take(_event: Any) -> None:
        await give_file(
            services, f"{base}.pdf?year={book.year}&lang={words.paper}", f"lettre-{item.id}.pdf"
        )

    async def copy(_event: Any) -> None:
        await ft.Clipboard().set(letter.text)  # type: ignore[attr-defined]  # shown by now

    told = words.t(ANOMALIES[item.code])
    where = item.employer
    if item.month:
        month = words.month(date.fromisoformat(f"{item.month}-01"))
        where = words.t("{employer}, {month}").format(employer=item.employer, month=month)
    lines: list[ft.Control] = [body(told, strong=True), small(where)]
    if item.filed is not None:
        lines.append(fact(words.t("Déposé"), words.money(item.filed, cents=True)))
    if item.expected is not None:
        lines.append(fact(words.t("Attendu"), words.money(item.expected, cents=True)))
    if problem is not None:
        lines.append(failure(services, problem))
    if letter is None:
        lines.append(ft.Row([secondary(words.t("Écrire à l’employeur"), show)], wrap=True))
    else:
        lines += [
            to_copy(letter.text),
            ft.Row(
                [
                    primary(words.t("Copier la lettre"), copy, ft.Icons.COPY_OUTLINED),
                    secondary(words.t("Télécharger le PDF"), take, ft.Icons.DOWNLOAD_OUTLINED),
                ],
                wrap=True,
            ),
        ]
    return card(lines)


@ft.component
def Send(book: Book, result: YearResult, submission: str | None) -> ft.Control:
    """Check with the collector, sign, send: what is signed is the calculation shown."""
    services = use_services()
    words = services.words
    key = ft.use_ref(fresh_id())
    agreed, set_agreed = ft.use_state(False)
    busy, set_busy = ft.use_state(False)
    problem, set_problem = ft.use_state(None)
    faults, set_faults = ft.use_state([])
    receipt, set_receipt = ft.use_state(None)
    base = f"/accounts/{book.account}"

    async def send(_event: Any) -> None:
        if busy:
            return
        set_busy(True)
        set_problem(None)
        set_faults([])
        try:
            await book.save()
            figures = book.declaration().model_dump(mode="json")
            shown: Estimate = await services.backend.send(
                Estimate, "POST", f"{base}/estimates",
                EstimateAsk(period=str(book.year), declaration=figures),
            )  # fmt: skip
            set_receipt(
                await services.backend.send(
                    Receipt, "PUT", f"{base}/declarations/{book.year}",
                    Submit(
                        declaration=figures, fingerprint=shown.fingerprint,
                        rates_version=shown.rates_version, form_version=shown.form_version,
                        corrects=submission,
                    ),
                    {"Idempotency-Key": key.current},
                )
            )  # fmt: skip
        except BackendError as error:
            if isinstance(error, Problem) and error.errors:
                set_faults(sorted(set(refusals(services, error, "declaration.").values())))
            else:
                set_problem(error)
        set_busy(False)

    if receipt is not None:
        return card(
            [
                banner(
                    words.t("Demande envoyée sous le numéro {number}.").format(
                        number=receipt.number
                    ), "success", live=True,
                ),
                ft.Row(
                    [primary(words.t("Suivre ma demande"),
                             lambda _e: services.go("/vrp/demandes"))],
                    wrap=True,
                ),
            ]
        )  # fmt: skip
    lines: list[ft.Control] = [heading(words.t("Demander le remboursement"), 2)]
    if submission is not None:
        lines.append(
            banner(
                words.t("Une demande est déjà partie pour cette année : celle-ci la remplacera."),
                "info",
            )
        )
    if result.refund <= 0:
        lines.append(
            body(words.t("Rien n’a été versé en trop d’après ce tableau : rien à demander."))
        )
        return card(lines)
    lines.append(
        ft.Checkbox(
            label=words.t("Je certifie l’exactitude de ces montants et garde mes bulletins."),
            value=agreed, on_change=lambda e: set_agreed(bool(e.control.value)),
        )
    )  # fmt: skip
    lines += [banner(text, "urgent", live=True) for text in faults]
    if problem is not None:
        lines.append(failure(services, problem))
    lines.append(primary(words.t("Signer et envoyer"), send, disabled=busy or not agreed))
    return card(lines)
