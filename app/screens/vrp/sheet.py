"""The cells of a year and their totals: months and employers at once, or one month on a phone.

What is pasted, taken back or chosen is told to the cells already drawn, in one message with the
totals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.cards import card
from app.components.grid import FIELD, NARROW, Block, Cell, Grid, Place, border
from app.components.live import Held, tell, use_live
from app.components.text import body
from app.screens.vrp.common import MEASURES, MONTHS
from app.services.container import Services, use_services
from app.services.vrp import Book, CellMark
from app.services.vrp import Cell as At
from app.theme import TARGET, XS, XXS
from app.words import N_
from contract.i18n import Words
from regimes.money import ZERO
from regimes.vrp.entries import Employer
from regimes.vrp.tabular import split_block

NOT_AMOUNT = N_("ce n’est pas un montant")
WIDEST, FIRST, LAST = 240, 84, 112
"""Widths of the widest column of cells, of the months and of the totals."""
Path = tuple[str | int, ...]


@dataclass
class Total:
    """A sum that is shown: what it is called, the cells it adds, where it was drawn."""

    said: str
    cells: list[At]
    path: Path


@dataclass(eq=False)
class Shown:
    """A table as it was drawn last: where each cell and each total is in it."""

    root: Any = None
    fields: dict[Place, tuple[At, Path]] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)

    def told(self, book: Book, words: Words) -> bool:
        """Tell the totals, and the cells that a block wrote; whether it was drawn."""
        if self.root is None:
            return False
        written = set(book.written)
        book.written.clear()
        changes: list[tuple[Path, Any]] = [
            ((*path, "value"), book.text(cell))
            for cell, path in self.fields.values()
            if cell in written
        ]
        for total in self.totals:
            amount = words.money(total_of(book, total.cells), cents=True)
            changes.append(((*total.path, "label"), f"{total.said} {amount}"))
            changes.append(((*total.path, "content", "value"), amount))
        tell(self.root, *changes)
        return True

    def chosen(self, book: Book, grid: Grid) -> bool:
        """Tell which cells are chosen; whether it was drawn."""
        if self.root is None:
            return False
        chosen = grid.chosen()
        tell(
            self.root,
            *(
                ((*path, "border"), border(place in chosen, book.mark(cell)))
                for place, (cell, path) in self.fields.items()
            ),
        )
        return True


def column_width(room: float, employers: int, scale: float) -> float:
    """Width of a column of cells in a table of `room` pixels."""
    left = room - (FIRST + LAST) * scale
    return max(NARROW * scale, min(WIDEST * scale, left // employers))


def sheet_width(room: float, employers: int, scale: float) -> float:
    """Width of the whole table in `room` pixels."""
    return (FIRST + LAST) * scale + employers * column_width(room, employers, scale)


@ft.component
def Sheet(book: Book, held: Held[Block], measure: str, room: float) -> ft.Control:
    """Months in rows, employers in columns, in `room` pixels."""
    services = use_services()
    words = services.words
    employers = list(book.employers().items())
    grid, shown = _kept(services, held.it, 12, len(employers))
    scale = services.settings.text_size / 100
    names = [name for name, _ in employers]
    high = grid.height + 2 * XXS
    first, last, width = FIRST * scale, LAST * scale, column_width(room, len(employers), scale)
    head: list[ft.Control] = [ft.Container(width=first)]
    head += [
        ft.Container(body(e.name, strong=True, max_lines=2), width=width, padding=XS)
        for _, e in employers
    ]
    head.append(ft.Container(body(words.t("Total"), strong=True), width=last, padding=XS))
    rows: list[ft.Control] = [ft.Row(head, spacing=0)]

    def total(said: str, cells: list[At], width: float) -> ft.Control:
        if measure == "dfs":
            return ft.Container(width=width)
        path = ("controls", 0, "controls", len(rows), "controls", len(line), "content")
        shown.totals.append(Total(said, cells, path))
        figure = _figure(book, words, shown.totals[-1])
        return ft.Container(
            figure, width=width, height=high, padding=XS, alignment=ft.Alignment.CENTER_RIGHT
        )

    for month in range(1, 13):
        line: list[ft.Control] = [_beside(words.t(MONTHS[month - 1]), first, high)]
        for column, pair in enumerate(employers):
            at = (pair[0], month, measure)
            place = (month - 1, column)
            if measure != "dfs":
                way = ("controls", 0, "controls", month, "controls", column + 1, "content")
                shown.fields[place] = (at, way + FIELD)
            cell = _cell(services, book, grid, place, pair, month, measure, names)
            line.append(ft.Container(cell, width=width, padding=XXS))
        said = words.t("Total de {month}").format(month=words.t(MONTHS[month - 1]))
        line.append(total(said, [(name, month, measure) for name in names], last))
        rows.append(ft.Row(line, spacing=0, vertical_alignment=ft.CrossAxisAlignment.START))
    line = [_beside(words.t("Total"), first, high, strong=True)]
    for name, employer in employers:
        said = words.t("Total de {name}").format(name=employer.name)
        line.append(total(said, [(name, month, measure) for month in range(1, 13)], width))
    year = [(name, month, measure) for name in names for month in range(1, 13)]
    line.append(total(words.t("Total de l’année"), year, last))
    rows.append(ft.Row(line, spacing=0))
    shown.root = ft.Row([ft.Column(rows, spacing=0, tight=True)], scroll=ft.ScrollMode.AUTO)
    _follow(services, book, shown)
    _choosing(services, book, grid, shown)
    return shown.root


def _beside(text: str, width: float, height: float, strong: bool = False) -> ft.Control:
    """The heading of a row, in the middle of its cells, whatever stands under one of them."""
    return ft.Container(
        body(text, strong=strong), width=width, height=height, alignment=ft.Alignment.CENTER_LEFT
    )


@ft.component
def Month(book: Book, held: Held[Block], measure: str, month: int) -> ft.Control:
    """One month, employer by employer, and its totals."""
    services = use_services()
    words = services.words
    employers = list(book.employers().items())
    grid, shown = _kept(services, held.it, len(employers), 1)
    names = [name for name, _ in employers]
    rows: list[ft.Control] = []
    cards: list[ft.Control] = [card(rows)]
    for n, employer in enumerate(employers):
        rows.append(body(employer[1].name, strong=True))
        place = (n, 0)
        if measure != "dfs":
            way = ("controls", 0, "content", "controls", len(rows))
            shown.fields[place] = ((employer[0], month, measure), way + FIELD)
        rows.append(_cell(services, book, grid, place, employer, month, measure, names))
    if measure != "dfs":
        totals: list[ft.Control] = []

        def total(label: str, said: str, cells: list[At]) -> None:
            path = ("controls", 1, "content", "controls", len(totals), "controls", 1)
            shown.totals.append(Total(said, cells, path))
            totals.append(_labelled(label, _figure(book, words, shown.totals[-1])))

        name = words.t(MONTHS[month - 1])
        total(
            words.t("Total de {month}").format(month=name.lower()),
            words.t("Total de {month}").format(month=name),
            [(n, month, measure) for n in names],
        )
        for key, employer_of in employers:
            total(
                words.t("Année, {name}").format(name=employer_of.name),
                words.t("Total de {name}").format(name=employer_of.name),
                [(key, m, measure) for m in range(1, 13)],
            )
        year = words.t("Total de l’année")
        total(year, year, [(n, m, measure) for n in names for m in range(1, 13)])
        cards.append(card(totals))
    shown.root = ft.Column(cards, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    _follow(services, book, shown)
    return shown.root


def _kept(services: Services, block: Block, rows: int, columns: int) -> tuple[Grid, Shown]:
    """What a table keeps from one drawing to the next, and the page for what it draws now."""
    grid, shown = ft.use_ref(lambda: Grid(services.page, block)), ft.use_ref(Shown)
    grid.current.rows, grid.current.columns, grid.current.rtl = rows, columns, services.words.rtl
    grid.current.height = TARGET * services.settings.text_size / 100
    shown.current = Shown()
    return grid.current, shown.current


def _follow(services: Services, book: Book, shown: Shown) -> None:
    """Hear what changes the amounts."""
    book.written.clear()  # drawn just now
    use_live(book.sums, lambda: shown.told(book, services.words))


def _choosing(services: Services, book: Book, grid: Grid, shown: Shown) -> None:
    """Hear the keys that choose a block."""
    page = services.page
    use_live(grid.block, lambda: shown.chosen(book, grid))

    async def pressed(event: ft.KeyboardEvent) -> None:
        copied = grid.pressed(event.key, event.shift, event.ctrl or event.alt or event.meta)
        if not copied:
            return
        # A browser's window copies by itself (assets/keys.js) from a cell that has the focus: later
        # than the key, some browsers refuse.
        if not page.web or grid.active is None:
            places = grid.block.places
            await ft.Clipboard().set(
                book.copied([[shown.fields[place][0] for place in row] for row in places])
            )
        grid.block.note_copied()

    def listen() -> None:
        page.on_keyboard_event = pressed
        page.update()

    def leave() -> None:
        page.on_keyboard_event = None
        page.update()

    ft.use_effect(listen, [], leave)


def _cell(
    services: Services, book: Book, grid: Grid, place: Place, employer: tuple[str, Employer],
    month: int, measure: str, names: list[str],
) -> ft.Control:  # fmt: skip
    words = services.words
    cell = (employer[0], month, measure)

    def pasted(text: str) -> None:
        grid.block.drop()
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
        grid, *place, name, book.mark(cell), lambda: book.text(cell),
        lambda text: book.type(cell, text), pasted, remark, words.t(NOT_AMOUNT),
        key=f"{cell}.{book.mark(cell).drawn}",
    )  # fmt: skip


@ft.component
def DeductionBox(book: Book, mark: CellMark, cell: At, employer: str) -> ft.Control:
    """Whether the flat-rate deduction was applied in a month."""
    words = use_services().words
    applied = MEASURES[cell[2]]
    name = ", ".join((employer, words.t(MONTHS[cell[1] - 1]), words.t(applied)))

    def changed(event: Any) -> None:
        book.type(cell, "1" if event.control.value else "")
        mark.drawn += 1

    box = ft.Checkbox(value=bool(book.text(cell).strip()), on_change=changed)
    return ft.MergeSemantics(ft.Semantics(label=name, content=box))


def _labelled(label: str, figure: ft.Control) -> ft.Control:
    """A total with its label to the eye: the figure says it to a screen reader by itself."""
    return ft.Row(
        [ft.Semantics(exclude_semantics=True, expand=True, content=body(label)), figure],
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def total_of(book: Book, cells: list[At]) -> Decimal:
    """Sum of the amounts of cells."""
    return sum((book.amount(cell) or ZERO for cell in cells), ZERO)


def _figure(book: Book, words: Words, total: Total) -> ft.Control:
    amount = words.money(total_of(book, total.cells), cents=True)
    return ft.Semantics(
        label=f"{total.said} {amount}", exclude_semantics=True, container=True,
        content=ft.Text(
            amount, theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
            weight=ft.FontWeight.W_600, no_wrap=True,
            text_align=ft.TextAlign.RIGHT, color=ft.Colors.ON_SURFACE,
        ),
    )  # fmt: skip
