"""A table typed like a spreadsheet: one amount a cell, Tab, Enter and arrows from one to the next
(assets/keys.js, in the browser), blocks pasted, blocks chosen and copied.

A cell is a multi-line field one line high: what is pasted keeps its lines and columns, so that a
column of 1 and 200 is two cells and never 1 200.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flet as ft

from app.components.text import small
from app.theme import (
    CELL_BORDER,
    CELL_INSIDE,
    CELL_TEXT,
    CHOSEN_CELL_BORDER,
    HIDDEN_LABEL,
    TARGET,
    WRONG_CELL_BORDER,
)

# Made once: a paste draws a hundred cells, and what is the same object is not compared.
PLAIN, WRONG, CHOSEN = CELL_BORDER, WRONG_CELL_BORDER, CHOSEN_CELL_BORDER
INSIDE = CELL_INSIDE
"""A cell is 48 pixels high, and holds 123456,78 on one line from NARROW pixels on."""
NARROW = 94
FIELD = ("_b", "controls", 0)
"""The way from a drawn `Cell` to its field, for `live.tell`."""
Place = tuple[int, int]
"""A cell by row and column, from 0."""
MODIFIERS = ("Shift", "Control", "Alt", "Meta", "Caps Lock")
ARROWS = {
    "Arrow Up": (-1, 0), "Arrow Down": (1, 0), "Arrow Left": (0, -1), "Arrow Right": (0, 1),
}  # fmt: skip


@ft.observable
@dataclass(eq=False)
class Block:
    """The cells chosen together: from one corner to the other, or none."""

    turn: int = 0
    start: Place | None = None
    end: Place | None = None
    copied: bool = False

    @property
    def places(self) -> list[list[Place]]:
        """The cells chosen, row by row; none unless there are two at least."""
        if self.start is None or self.end is None or self.start == self.end:
            return []
        (top, bottom), (left, right) = (
            sorted(pair) for pair in zip(self.start, self.end, strict=True)
        )
        return [[(r, c) for c in range(left, right + 1)] for r in range(top, bottom + 1)]

    def choose(self, start: Place | None, end: Place | None) -> None:
        """Choose from `start` to `end`; None: nothing."""
        if (start, end) != (self.start, self.end) or self.copied:
            self.start, self.end, self.copied = start, end, False
            self.turn += 1

    def drop(self) -> None:
        """Choose nothing."""
        self.choose(None, None)

    def note_copied(self) -> None:
        """The block was copied."""
        self.copied = True
        self.turn += 1


@dataclass(eq=False)
class Grid:
    """What the cells of one table share. The focus is never moved from here: asked for while the
    accessibility tree moves it too, the client may pass it between two fields for ever."""

    page: Any
    block: Block = field(default_factory=Block)
    rows: int = 0
    columns: int = 0
    rtl: bool = False
    height: float = TARGET
    """Height of a field: given, so that what a cell holds never lays out the whole table anew."""
    active: Place | None = None
    """The cell that has the focus."""

    def live(self, drawn: Any) -> ft.TextField | None:
        """The field that the client holds. What was drawn last may be another object: its number
        is the same."""
        found = self.page.session.index.get(drawn._i) if drawn is not None else None
        return found if isinstance(found, ft.TextField) else None

    def chosen(self) -> set[Place]:
        """The cells of the block."""
        return {place for row in self.block.places for place in row}

    def pressed(self, key: str, shift: bool, other: bool) -> bool:
        """A key, with Shift and with another of those held down: Shift and an arrow stretch the
        block from the cell that has the focus, what moves or writes gives it up. Whether the block
        is to be copied."""
        block = self.block
        if other:
            return key.upper() == "C" and bool(block.places)
        if shift and key in ARROWS and self.active is not None:
            end = block.end if block.start == self.active and block.end else self.active
            down, across = ARROWS[key]
            row = min(max(end[0] + down, 0), self.rows - 1)
            column = min(max(end[1] + (-across if self.rtl else across), 0), self.columns - 1)
            block.choose(self.active, (row, column))
        elif not key.startswith(MODIFIERS) and (self.active is not None or key == "Escape"):
            block.drop()
        return False


@ft.component
def Cell(
    grid: Grid, row: int, column: int, name: str, mark: Any, text: Callable[[], str],
    typed: Callable[[str], None], pasted: Callable[[str], None], remark: Callable[[], str],
    error: str,
) -> ft.Control:  # fmt: skip
    """One cell. `mark` is observed: a change of it redraws this cell alone."""
    own, turn = ft.use_ref(None), ft.use_ref(mark.drawn)
    place = (row, column)
    # While the cell has the focus its own text stands, even one keystroke ahead of what we noted,
    # unless it is drawn to be written in.
    held = grid.live(own.current) if grid.active == place and turn.current == mark.drawn else None
    turn.current = mark.drawn

    def changed(event: Any) -> None:
        value = str(event.control.value or "")
        plain = value.replace("\n", "")
        if value != plain and plain == text():
            mark.drawn += 1  # Enter adds no line to an amount
        elif "\n" in value.rstrip("\n") or "\t" in value:
            pasted(value)
        else:
            typed(plain)

    def entered(_event: Any) -> None:
        grid.active = place
        if grid.block.start != place:
            grid.block.drop()

    def left(_event: Any) -> None:
        if grid.active == place:
            grid.active = None

    said = f"{name}, {error}" if mark.error else name
    control = ft.TextField(
        value=text() if held is None else held.value,
        label=said,
        label_style=HIDDEN_LABEL,
        multiline=True,
        min_lines=1,
        max_lines=3,  # one line would be a plain input, which joins what is pasted
        dense=True,
        height=grid.height,
        content_padding=INSIDE,
        text_size=CELL_TEXT,
        text_align=ft.TextAlign.RIGHT,
        autocorrect=False,
        border=border(place in grid.chosen(), mark),
        on_change=changed,
        on_focus=entered,
        on_blur=left,
    )
    own.current = control
    lines: list[ft.Control] = [control]
    told = remark()
    if mark.error:
        lines.append(small(error, color=ft.Colors.ERROR))
    elif told:
        lines.append(small(told))
    return ft.Column(
        lines, spacing=0, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def border(chosen: bool, mark: Any) -> ft.OutlineInputBorder:
    """The border of a cell: of one chosen with others, of what is no amount, or plain."""
    if chosen:
        return CHOSEN
    return WRONG if mark.error else PLAIN
