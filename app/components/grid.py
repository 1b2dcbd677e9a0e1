"""A table typed like a spreadsheet: one amount a cell, arrows, Enter and Tab, blocks pasted.

A cell is a multi-line field one line high: what is pasted keeps its lines and columns, so that a
column of 1 and 200 is two cells and never 1 200.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flet as ft

from app.components.text import small


@dataclass(eq=False)
class Grid:
    """Where the cells of one table are, for the keyboard: fields by (row, column)."""

    rows: int
    columns: int
    fields: dict[tuple[int, int], Any] = field(default_factory=dict)
    carets: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    async def focus(self, row: int, column: int) -> None:
        """Go to a cell, if it is in the table."""
        target = self.fields.get((row, column))
        if target is not None and target.current is not None:
            await target.current.focus()


@ft.component
def Cell(
    grid: Grid, row: int, column: int, name: str, mark: Any, text: Callable[[], str],
    typed: Callable[[str], None], pasted: Callable[[str], None], remark: Callable[[], str],
    error: str,
) -> ft.Control:  # fmt: skip
    """One cell. `mark` is observed: a change of it redraws this cell alone."""
    own = ft.use_ref(None)
    grid.fields[(row, column)] = own
    place = (row, column)

    def changed(event: Any) -> None:
        value = str(event.control.value or "")
        if "\n" in value.rstrip("\n") or "\t" in value:
            pasted(value)
        else:
            typed(value.replace("\n", ""))

    def moved(event: Any) -> None:
        found = getattr(event, "selection", None)
        if found is not None:
            grid.carets[place] = (found.start or 0, found.end or 0)

    async def submitted(_event: Any) -> None:
        await grid.focus(row + 1, column)

    async def key(event: Any) -> None:
        start, end = grid.carets.get(place, (0, 0))
        length = len(text())
        if event.key == "Arrow Down":
            await grid.focus(row + 1, column)
        elif event.key == "Arrow Up":
            await grid.focus(row - 1, column)
        elif event.key == "Arrow Left" and start == end == 0:
            await grid.focus(row, column - 1)
        elif event.key == "Arrow Right" and start == end == length:
            await grid.focus(row, column + 1)

    said = f"{name}, {error}" if mark.error else name
    control = ft.TextField(
        ref=own,
        value=text(),
        label=said,
        label_style=ft.TextStyle(color=ft.Colors.TRANSPARENT, size=0.1, letter_spacing=0),
        multiline=True,
        min_lines=1,
        max_lines=1,
        shift_enter=True,
        dense=True,
        text_align=ft.TextAlign.RIGHT,
        autocorrect=False,
        border=ft.OutlineInputBorder(
            border_radius=6,
            side=ft.BorderSide(
                2 if mark.error else 1, ft.Colors.ERROR if mark.error else ft.Colors.OUTLINE
            ),
        ),
        on_change=changed,
        on_submit=submitted,
        on_selection_change=moved,
    )
    lines: list[ft.Control] = [
        ft.KeyboardListener(content=control, on_key_down=key, include_semantics=False)
    ]
    told = remark()
    if mark.error:
        lines.append(small(error, color=ft.Colors.ERROR))
    elif told:
        lines.append(small(told))
    return ft.Container(ft.Column(lines, spacing=0, tight=True), padding=2)
