"""The year's table filled at once, from what employers filed or from a file, each with a look
before; and the table copied whole."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import fact
from app.components.pick import pick_files
from app.components.states import banner, failure
from app.components.text import body, heading, small
from app.screens.vrp.common import MEASURES, MONTHS
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.services.vrp import Book
from app.theme import S
from app.words import N_
from contract.entries import EntryIn
from contract.i18n import Words
from contract.vrp import PrefillView, Preview
from regimes.vrp.entries import Pay, pay_id
from regimes.vrp.tabular import AMOUNTS, BadCell

CELL_FAULTS = {
    "amount_malformed": N_("ce n’est pas un montant"),
    "month_malformed": N_("ce mois n’est pas lisible"),
    "month_other_year": N_("ce mois n’est pas de cette année"),
    "employer_unknown": N_("ce SIRET n’est pas celui d’un de vos employeurs"),
    "column_unknown": N_("cette colonne n’est pas reconnue"),
    "column_twice": N_("cette colonne est en double"),
    "column_missing": N_("cette colonne manque"),
    "file_empty": N_("le fichier est vide"),
    "too_many_cells": N_("cette ligne a trop de cases"),
    "row_twice": N_("ce mois est en double pour cet employeur"),
    "too_many_rows": N_("le fichier a trop de lignes"),
    "file_too_large": N_("le fichier est trop gros"),
    "file_broken": N_("ce classeur est abîmé : enregistrez-le de nouveau en XLSX"),
    "file_binary": N_("ce fichier n’est ni un CSV ni un classeur XLSX"),
    "file_encoding": N_("ce texte n’est pas lisible : enregistrez-le en CSV UTF-8"),
    "csv_broken": N_("des guillemets ne se ferment pas"),
}
COLUMN_NAMES = {"siret": N_("SIRET"), "month": N_("Mois"), **MEASURES}
MOST_SHOWN = 40
"""Lines of a preview that are written out."""
OTHER_FAULT = N_("cette case n’est pas comprise")


@ft.component
def Fill(book: Book, measure: str, reload: Any) -> ft.Control:
    """Fill at once: from what employers filed, or from a file; each with a look before."""
    services = use_services()
    words = services.words
    preview, set_preview = ft.use_state(None)
    told, set_told = ft.use_state("")
    problem, set_problem = ft.use_state(None)
    base = f"/accounts/{book.account}/vrp"

    async def send(entries: list[EntryIn]) -> None:
        set_problem(None)
        try:
            await services.backend.put_entries(book.account, entries)
        except BackendError as error:
            set_problem(error)
            return
        set_preview(None)
        set_told(
            words.n("{count} mois rempli.", "{count} mois remplis.", len(entries)).format(
                count=len(entries)
            )
        )
        await reload()

    async def from_filings(_event: Any) -> None:
        set_problem(None)
        try:
            found = await services.backend.get(PrefillView, f"{base}/prefill?year={book.year}")
        except BackendError as error:
            set_problem(error)
            return
        if found.entries:
            await send(list(found.entries))
        else:
            set_told(words.t("Rien à remplir : aucun dépôt nouveau de vos employeurs."))

    async def from_file(_event: Any) -> None:
        set_problem(None)
        for picked in await pick_files(services, ("csv", "txt", "xlsx")):
            try:
                response = await services.backend.request(
                    "POST", f"{base}/previews?year={book.year}", content=picked.content
                )
                set_told("")
                set_preview(Preview.model_validate_json(response.content))
            except BackendError as error:
                set_problem(error)

    async def keep(_event: Any) -> None:
        entries = []
        for name, pay in taken(book, preview).items():
            known = book.entries.get(name)
            entries.append(
                EntryIn(id=name, kind="month", base=known[0] or None if known else None,
                        data=pay.model_dump(mode="json", exclude_none=True))
            )  # fmt: skip
        if entries:
            await book.save()  # what was just typed is older than the file
            await send(entries)

    async def copy(_event: Any) -> None:
        names = list(book.employers())
        rows = [[(name, month, measure) for name in names] for month in range(1, 13)]
        await ft.Clipboard().set(book.copied(rows))
        set_told(words.t("Le tableau affiché est copié : collez-le dans un tableur."))

    lines: list[ft.Control] = [
        heading(words.t("Remplir d’un coup"), 2),
        small(
            words.t("Vous pouvez aussi coller un bloc d’un tableur dans une case : il remplit "
                    "vers le bas et vers la droite.")
        ),
        *([small(words.t("Tab, Entrée et les flèches vont de case en case ; ce que vous tapez "
                         "remplace ce que la case contenait.")),
           small(words.t("Maj et les flèches, ou Maj et un clic, choisissent un bloc de cases ; "
                         "Ctrl+C le copie."))] if services.layout.wide else []),
        ft.Row(
            [
                secondary(words.t("Reprendre ce que les employeurs ont déposé"), from_filings,
                          ft.Icons.DOWNLOAD_OUTLINED),
                secondary(words.t("Importer un fichier CSV ou XLSX"), from_file,
                          ft.Icons.UPLOAD_FILE_OUTLINED),
                secondary(words.t("Copier le tableau affiché"), copy, ft.Icons.COPY_OUTLINED),
            ],
            wrap=True,
        ),
    ]  # fmt: skip
    if problem is not None:
        lines.append(failure(services, problem))
    if told:
        lines.append(banner(told, "success", live=True))
    if preview is not None:
        lines += _previewed(services, book, preview)
        actions = [quiet(words.t("Ne rien importer"), lambda _e: set_preview(None))]
        if taken(book, preview):
            actions.insert(0, primary(words.t("Garder ces lignes"), keep))
        lines.append(ft.Row(actions, wrap=True))
    return ft.Column(lines, spacing=S, tight=True)


def taken(book: Book, preview: Preview) -> dict[str, Pay]:
    """Months that an import would keep, by entry: a cell that the file leaves empty stays as it
    was noted."""
    by_siret = {e.siret: name for name, e in book.of("employer").items()}
    found: dict[str, Pay] = {}
    for row in preview.rows:
        employer = by_siret.get(row.siret)
        if employer is None:
            continue
        name = pay_id(employer, row.month)
        known = book.entries.get(name)
        before = known[2] if known is not None and isinstance(known[2], Pay) else None
        given = {m: v for m in MEASURES if (v := getattr(row, m)) is not None}
        found[name] = (before or Pay(employer=employer, month=row.month)).model_copy(update=given)
    return found


def _replaced(book: Book, months: dict[str, Pay]) -> int:
    """How many amounts already noted an import would change."""
    count = 0
    for name, pay in months.items():
        known = book.entries.get(name)
        if known is not None and isinstance(known[2], Pay):
            before = known[2]
            count += sum(
                getattr(before, m) is not None and getattr(before, m) != getattr(pay, m)
                for m in MEASURES
            )
    return count


def _previewed(services: Services, book: Book, preview: Preview) -> list[ft.Control]:
    """An import before it is kept: each cell that is not understood, then what would be taken."""
    words = services.words
    names = {e.siret: e.name for e in book.of("employer").values()}
    lines: list[ft.Control] = [
        heading(words.t("Avant de garder"), 3),
        fact(words.t("Lignes lues"), str(len(preview.rows)), strong=True),
    ]
    if preview.bad:
        told = words.n("{count} case n’est pas comprise : sa ligne n’est pas reprise.",
                       "{count} cases ne sont pas comprises : leurs lignes ne sont pas reprises.",
                       len(preview.bad))  # fmt: skip
        lines.append(banner(told.format(count=len(preview.bad)), "warning", live=True))
    for bad in preview.bad[:MOST_SHOWN]:
        lines.append(body(_bad_cell(bad, words)))
    _more(lines, len(preview.bad), words)
    replaced = _replaced(book, taken(book, preview))
    if replaced:
        told = words.n("{count} montant déjà noté sera remplacé.",
                       "{count} montants déjà notés seront remplacés.", replaced)  # fmt: skip
        lines.append(banner(told.format(count=replaced), "info"))
    for row in preview.rows[:MOST_SHOWN]:
        figures = [
            words.t("{measure} {amount}").format(
                measure=words.t(MEASURES[m]).lower(), amount=words.money(value, cents=True)
            )
            for m in AMOUNTS
            if (value := getattr(row, m)) is not None
        ]
        if row.dfs:
            applied = MEASURES["dfs"]
            figures.append(words.t(applied).lower())
        month = words.t(MONTHS[int(row.month[5:]) - 1]).lower()
        where = " · ".join((names.get(row.siret, row.siret), month))
        lines.append(small(f"{where} : {', '.join(figures)}" if figures else where))
    _more(lines, len(preview.rows), words)
    return lines


def _more(lines: list[ft.Control], count: int, words: Words) -> None:
    if count > MOST_SHOWN:
        left = count - MOST_SHOWN
        lines.append(small(words.n("et {count} autre", "et {count} autres", left)
                           .format(count=left)))  # fmt: skip


def _bad_cell(bad: BadCell, words: Words) -> str:
    fault = words.t(CELL_FAULTS.get(bad.code, OTHER_FAULT))
    column = words.t(COLUMN_NAMES[bad.column]) if bad.column in COLUMN_NAMES else bad.column
    if not column:
        return words.t("Ligne {row} : {fault}").format(row=bad.row, fault=fault)
    if not bad.text:
        return words.t("Ligne {row}, colonne {column} : {fault}").format(
            row=bad.row, column=column, fault=fault
        )
    return words.t("Ligne {row}, colonne {column}, « {text} » : {fault}").format(
        row=bad.row, column=column, text=bad.text, fault=fault
    )
