"""The book of receipts that the law asks for, as a PDF and as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.papers import Papers
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, heading, small
from app.screens.journal import no_journal, open_book
from app.services.backend import BackendError
from app.services.container import use_services
from app.services.files import give_file
from app.theme import S
from contract.i18n import LANGUAGES, PAPERS


@ft.component
def BookScreen() -> ft.Control:
    """Choose a year and a language, then take the file."""
    services = use_services()
    words = services.words
    account = services.session.account
    year, set_year = ft.use_state("")
    lang, set_lang = ft.use_state(words.paper)
    error, set_error = ft.use_state(None)
    loaded = use_load(services, lambda: open_book(services), [account.id if account else ""])
    title = words.t("Livre des recettes")
    if loaded.value is None or account is None:
        return scaffold(services, title, [loaded.other(services)], back="/journal")
    book = loaded.value
    if not book.labels:
        return no_journal(services, title)
    years = sorted({n.receipt.on.year for n in book.journal.notes.values()}, reverse=True)
    if not years:
        return scaffold(
            services, title,
            [banner(words.t("Le journal est vide : il n’y a pas encore de livre."), "info")],
            back="/journal",
        )  # fmt: skip
    chosen = int(year) if year else years[0]
    inside = [n.receipt for n in book.journal.notes.values() if n.receipt.on.year == chosen]
    lacking = sum(1 for r in inside if not (r.client or r.nature) or not r.method)

    def taker(kind: str) -> Any:
        async def take(_event: Any) -> None:
            set_error(None)
            try:
                await give_file(
                    services,
                    f"/accounts/{account.id}/journal/book.{kind}?year={chosen}&lang={lang}",
                    f"livre-des-recettes-{chosen}.{kind}",
                )
            except BackendError as problem:
                set_error(problem)

        return take

    lines: list[ft.Control] = []
    if error is not None:
        lines.append(failure(services, error))
    lines += [
        body(
            words.t(
                "Le livre donne chaque jour le montant et l’origine des recettes, leur mode de "
                "règlement et la référence des justificatifs. Gardez-le avec vos factures."
            )
        ),
        small(words.t("Textes : C. com. L123-28 et D123-205-1 ; CGI 50-0 et 102 ter.")),
        heading(words.t("Année"), 2),
        ft.Semantics(
            label=words.t("Année"),
            container=True,
            content=ft.RadioGroup(
                value=str(chosen),
                on_change=lambda event: set_year(event.control.value or ""),
                content=ft.Column([ft.Radio(value=str(y), label=str(y)) for y in years],
                                  spacing=0, tight=True),
            ),
        ),
        heading(words.t("Langue du document"), 2),
        ft.Semantics(
            label=words.t("Langue du document"),
            container=True,
            content=ft.RadioGroup(
                value=lang,
                on_change=lambda event: set_lang(event.control.value or "fr"),
                content=ft.Column(
                    [ft.Radio(value=code, label=LANGUAGES[code].name) for code in PAPERS],
                    spacing=0, tight=True,
                ),
            ),
        ),
        card(
            [
                fact(words.t("Encaissements"), words.number(len(inside))),
                fact(
                    words.t("Total de l’année"),
                    words.money(sum((r.amount for r in inside), Decimal(0)), cents=True),
                    strong=True,
                ),
            ]
        ),
    ]  # fmt: skip
    if lacking:
        lines.append(
            banner(
                words.n(
                    "Un encaissement n’a pas de client, de nature ou de mode de règlement : "
                    "complétez-le dans le journal.",
                    "{count} encaissements n’ont pas de client, de nature ou de mode de règlement "
                    ": complétez-les dans le journal.",
                    lacking,
                ).format(count=lacking),
                "warning",
            )
        )
    lines.append(
        ft.Row(
            [
                primary(words.t("Télécharger en PDF"), taker("pdf"),
                        ft.Icons.PICTURE_AS_PDF_OUTLINED),
                secondary(words.t("Télécharger en CSV"), taker("csv"),
                        ft.Icons.TABLE_VIEW_OUTLINED),
            ],
            wrap=True, spacing=S,
        )
    )  # fmt: skip
    lines.append(
        Papers(
            f"/accounts/{account.id}/journal/book.pdf?year={chosen}&lang={lang}",
            f"livre-des-recettes-{chosen}.pdf", key=f"{chosen}.{lang}",
        )
    )  # fmt: skip
    return scaffold(services, title, lines, back="/journal")
