"""The year's table: months and employers, one measure at a time; on a phone one month at a time."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.grid import NARROW, Cell, Grid
from app.components.live import Held
from app.components.load import use_load
from app.components.pick import pick_files
from app.components.shell import scaffold
from app.components.states import banner, empty, failure
from app.components.steps import SavePill
from app.components.text import body, heading, small
from app.screens.vrp.common import MEASURES, MONTHS, fetch_book, not_ready, years_row
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.services.device.entries import Unsent
from app.services.drafts import SaveMark, SaveState
from app.services.vrp import Book, CellMark, LastPaste, Sums
from app.theme import XS, S
from app.words import N_
from contract.entries import EntryIn
from contract.i18n import Words
from contract.vrp import PrefillView, Preview
from regimes.money import ZERO
from regimes.vrp.entries import Pay, pay_id
from regimes.vrp.tabular import AMOUNTS, BadCell, split_block

NOT_AMOUNT = N_("ce n’est pas un montant")
WIDE = 1500
WIDEST, FIRST, LAST = 140, 84, 112
AROUND = 150
"""Pixels of a window that are not the table: navigation and margins."""
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
def Table() -> ft.Control:
    """The table of the year of the address."""
    services = use_services()
    words = services.words
    loaded = use_load(
        services, lambda: fetch_book(services),
        [services.session.account_id, services.page.route],
    )  # fmt: skip
    title = words.t("Tableau de l’année")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    return YearTable(loaded.value, loaded.reload)


@ft.component
def YearTable(book: Book, reload: Any) -> ft.Control:
    """The table itself, its totals, and the ways to fill it at once."""
    services = use_services()
    words = services.words
    measure, set_measure = ft.use_state("gross")
    month, set_month = ft.use_state(1)
    employers = list(book.employers().items())
    title = words.t("Tableau {year}").format(year=book.year)
    lines: list[ft.Control] = [years_row(services, book, "/vrp")]
    if not employers:
        lines.append(
            empty(
                words.t("Aucun employeur pour {year}").format(year=book.year),
                words.t("Ajoutez vos employeurs : le tableau se remplit ensuite."),
                primary(words.t("Ajouter un employeur"),
                        lambda _e: services.go("/vrp/employeurs")),
            )
        )  # fmt: skip
        return scaffold(services, title, lines, back="/home")
    lines.append(Saved(book, book.saved, services.entries.unsent))
    lines.append(
        ft.Semantics(
            label=words.t("Ce que montre le tableau"), container=True,
            content=ft.RadioGroup(
                value=measure,
                on_change=lambda e: set_measure(str(e.control.value)),
                content=ft.Row(
                    [
                        ft.Row([ft.Radio(value=code, label=words.t(label))], tight=True)
                        for code, label in MEASURES.items()
                    ],
                    wrap=True,
                ),
            ),
        )
    )  # fmt: skip
    if services.layout.wide:
        lines.append(_sheet(services, book, employers, measure))
    else:
        lines += _one_month(services, book, employers, measure, month, set_month)
    lines += [
        PasteTold(book, book.pasted),
        Fill(book, measure, reload),
        ft.Row(
            [
                primary(
                    words.t("Voir le remboursement"),
                    lambda _e: services.go(f"/vrp/{book.year}/demande"),
                )
            ],
            wrap=True,
        ),
    ]
    return scaffold(services, title, lines, back="/home", width=WIDE)


@ft.component
def PasteTold(book: Book, last: LastPaste) -> ft.Control:
    """What the last block pasted filled, what fell outside the table, and the way back."""
    words = use_services().words
    _ = last.turn
    if last.filled < 2 and not last.outside:
        return ft.Container()
    told = words.n("{count} case collée.", "{count} cases collées.", last.filled).format(
        count=last.filled
    )
    lines = [banner(told, "success", live=True,
                    actions=[quiet(words.t("Annuler le collage"), lambda _e: book.unpaste(),
                                   ft.Icons.UNDO)])]  # fmt: skip
    if last.outside:
        left = words.n(
            "{count} case tombait hors du tableau : elle n’est pas reprise.",
            "{count} cases tombaient hors du tableau : elles ne sont pas reprises.", last.outside,
        )  # fmt: skip
        lines.append(banner(left.format(count=last.outside), "warning", live=True))
    return ft.Column(lines, spacing=S, tight=True)


@ft.component
def Saved(book: Book, mark: SaveMark, unsent: Unsent) -> ft.Control:
    """Whether the table is saved: what waits for the network is not yet."""
    words = use_services().words
    waits = mark.state is SaveState.SAVED and unsent.ids(book.account)
    return SavePill(Held(SaveMark(SaveState.NOT_SAVED) if waits else mark), words)


def _cell(
    services: Services, book: Book, grid: Grid, row: int, column: int, employer: tuple[str, Any],
    month: int, measure: str, names: list[str],
) -> ft.Control:  # fmt: skip
    words = services.words
    cell = (employer[0], month, measure)

    def pasted(text: str) -> None:
        book.paste(cell, split_block(text), names)

    def remark() -> str:
        filed = book.filed(cell)
        return (
            words.t("déposé : {amount}").format(amount=words.money(filed, cents=True))
            if filed is not None
            else ""
        )

    if measure == "dfs":
        return DeductionBox(book, book.mark(cell), cell, employer[1].name)
    name = ", ".join((employer[1].name, words.t(MONTHS[month - 1]), words.t(MEASURES[measure])))
    return Cell(
        grid, row, column, name, book.mark(cell), lambda: book.text(cell),
        lambda text: book.type(cell, text), pasted, remark, words.t(NOT_AMOUNT),
        key=f"{cell}.{book.mark(cell).drawn}",
    )  # fmt: skip


@ft.component
def DeductionBox(
    book: Book, mark: CellMark, cell: tuple[str, int, str], employer: str
) -> ft.Control:
    """Whether the flat-rate deduction was applied in a month."""
    words = use_services().words
    applied = MEASURES[cell[2]]
    name = ", ".join((employer, words.t(MONTHS[cell[1] - 1]), words.t(applied)))

    def changed(event: Any) -> None:
        book.type(cell, "1" if event.control.value else "")
        mark.drawn += 1

    box = ft.Checkbox(value=bool(book.text(cell).strip()), on_change=changed)
    return ft.MergeSemantics(ft.Semantics(label=name, content=box))


def _sheet(
    services: Services, book: Book, employers: list[tuple[str, Any]], measure: str
) -> ft.Control:
    """Months in rows, employers in columns."""
    words = services.words
    grid = Grid(services.page)
    names = [name for name, _ in employers]
    scale = services.settings.text_size / 100
    first, last_width = FIRST * scale, LAST * scale
    room = min(services.page.width or 0, WIDE) - AROUND - first - last_width
    column = max(NARROW * scale, min(WIDEST * scale, room // len(employers)))
    head: list[ft.Control] = [ft.Container(width=first)]
    head += [
        ft.Container(body(e.name, strong=True, max_lines=2), width=column, padding=XS)
        for _, e in employers
    ]
    head.append(ft.Container(body(words.t("Total"), strong=True), width=last_width, padding=XS))
    rows: list[ft.Control] = [ft.Row(head, spacing=0)]
    for month in range(1, 13):
        cells: list[ft.Control] = [ft.Container(body(words.t(MONTHS[month - 1])), width=first)]
        cells += [
            ft.Container(
                _cell(services, book, grid, month - 1, n, employer, month, measure, names),
                width=column,
            )
            for n, employer in enumerate(employers)
        ]
        cells.append(
            ft.Container(RowTotal(book, book.sums, month, measure), width=last_width, padding=XS)
        )
        rows.append(ft.Row(cells, spacing=0))
    last: list[ft.Control] = [ft.Container(body(words.t("Total"), strong=True), width=first)]
    last += [
        ft.Container(ColumnTotal(book, book.sums, name, measure), width=column, padding=XS)
        for name, _ in employers
    ]
    last.append(ft.Container(WholeTotal(book, book.sums, measure), width=last_width, padding=XS))
    rows.append(ft.Row(last, spacing=0))
    return ft.Row([ft.Column(rows, spacing=0, tight=True)], scroll=ft.ScrollMode.AUTO)


def _one_month(
    services: Services, book: Book, employers: list[tuple[str, Any]], measure: str, month: int,
    choose: Any,
) -> list[ft.Control]:  # fmt: skip
    """One month, employer by employer."""
    words = services.words
    grid = Grid(services.page)
    names = [name for name, _ in employers]
    bar = ft.Row(
        [
            secondary(words.t("Mois précédent"), lambda _e: choose(month - 1), disabled=month < 2),
            heading(words.t(MONTHS[month - 1]), 2),
            secondary(words.t("Mois suivant"), lambda _e: choose(month + 1), disabled=month > 11),
        ],
        wrap=True,
    )
    rows: list[ft.Control] = []
    for n, employer in enumerate(employers):
        rows.append(body(employer[1].name, strong=True))
        rows.append(_cell(services, book, grid, n, 0, employer, month, measure, names))
    if measure == "dfs":
        return [bar, card(rows)]
    totals: list[ft.Control] = [
        _labelled(words.t("Total de {month}").format(month=words.t(MONTHS[month - 1]).lower()),
                  RowTotal(book, book.sums, month, measure)),
        *[
            _labelled(words.t("Année, {name}").format(name=employer.name),
                      ColumnTotal(book, book.sums, name, measure))
            for name, employer in employers
        ],
        _labelled(words.t("Total de l’année"), WholeTotal(book, book.sums, measure)),
    ]  # fmt: skip
    return [bar, card(rows), card(totals)]


def _labelled(label: str, figure: ft.Control) -> ft.Control:
    """A total with its label to the eye: the figure says it to a screen reader by itself."""
    return ft.Row(
        [ft.Semantics(exclude_semantics=True, expand=True, content=body(label)), figure],
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def total_of(book: Book, cells: list[tuple[str, int, str]]) -> Any:
    """Sum of the amounts of cells."""
    return sum((book.amount(cell) or ZERO for cell in cells), ZERO)


def _figure(words: Words, value: Any, said: str) -> ft.Control:
    return ft.Semantics(
        label=f"{said} {words.money(value, cents=True)}", exclude_semantics=True, container=True,
        content=ft.Text(
            words.money(value, cents=True), theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
            weight=ft.FontWeight.W_600, no_wrap=True,
            text_align=ft.TextAlign.RIGHT, color=ft.Colors.ON_SURFACE,
        ),
    )  # fmt: skip


@ft.component
def RowTotal(book: Book, sums: Sums, month: int, measure: str) -> ft.Control:
    """Total of a month."""
    words = use_services().words
    _ = sums.turn
    if measure == "dfs":
        return ft.Container()
    cells = [(name, month, measure) for name in book.employers()]
    said = words.t("Total de {month}").format(month=words.t(MONTHS[month - 1]))
    return _figure(words, total_of(book, cells), said)


@ft.component
def ColumnTotal(book: Book, sums: Sums, employer: str, measure: str) -> ft.Control:
    """Total of an employer."""
    words = use_services().words
    _ = sums.turn
    if measure == "dfs":
        return ft.Container()
    cells = [(employer, month, measure) for month in range(1, 13)]
    said = words.t("Total de {name}").format(name=book.of("employer")[employer].name)
    return _figure(words, total_of(book, cells), said)


@ft.component
def WholeTotal(book: Book, sums: Sums, measure: str) -> ft.Control:
    """Total of the year."""
    words = use_services().words
    _ = sums.turn
    if measure == "dfs":
        return ft.Container()
    cells = [(name, month, measure) for name in book.employers() for month in range(1, 13)]
    return _figure(words, total_of(book, cells), words.t("Total de l’année"))


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
        rows = [
            "\t".join(book.text((name, month, measure)) for name in names) for month in range(1, 13)
        ]
        await ft.Clipboard().set("\n".join(rows))
        set_told(words.t("Le tableau affiché est copié : collez-le dans un tableur."))

    lines: list[ft.Control] = [
        heading(words.t("Remplir d’un coup"), 2),
        small(
            words.t("Vous pouvez aussi coller un bloc d’un tableur dans une case : il remplit "
                    "vers le bas et vers la droite.")
        ),
        *([small(words.t("Tab, Entrée et les flèches vont de case en case ; ce que vous tapez "
                         "remplace ce que la case contenait."))] if services.layout.wide else []),
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
