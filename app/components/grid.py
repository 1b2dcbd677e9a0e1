"""A table typed like a spreadsheet: one amount a cell, Tab, Enter and arrows from one to the next
(assets/keys.js, in the browser), blocks pasted.

A cell is a multi-line field one line high: what is pasted keeps its lines and columns, so that a
column of 1 and 200 is two cells and never 1 200.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from app.components.text import small
from app.theme import (
    CELL_BORDER,
    CELL_INSIDE,
    CELL_TEXT,
    HIDDEN_LABEL,
    WRONG_CELL_BORDER,
    XXS,
)

# Made once: a paste draws a hundred cells, and what is the same object is not compared.
PLAIN, WRONG = CELL_BORDER, WRONG_CELL_BORDER
INSIDE = CELL_INSIDE
"""A cell is 48 pixels high, and holds 123456,78 on one line from NARROW pixels on."""
NARROW = 94


@dataclass(eq=False)
class Grid:
    """What the cells of one table share. The focus is never moved from here: asked for while the
    accessibility tree moves it too, the client may pass it between two fields for ever."""

    page: Any
    active: tuple[int, int] | None = None
    """The cell that has the focus, by row and column."""

    def live(self, drawn: Any) -> ft.TextField | None:
        """The field that the client holds. What was drawn last may be another object: its number
        is the same."""
        found = self.page.session.index.get(drawn._i) if drawn is not None else None
        return found if isinstance(found, ft.TextField) else None


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
        content_padding=INSIDE,
        text_size=CELL_TEXT,
        text_align=ft.TextAlign.RIGHT,
        autocorrect=False,
        border=WRONG if mark.error else PLAIN,
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
    return ft.Container(ft.Column(lines, spacing=0, tight=True), padding=XXS)
