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

    page: Any
    rows: int
    columns: int
    fields: dict[tuple[int, int], Any] = field(default_factory=dict)
    carets: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    texts: dict[tuple[int, int], Callable[[], str]] = field(default_factory=dict)
    active: tuple[int, int] | None = None
    """The cell that has the focus."""

    async def key(self, event: Any) -> None:
        """Arrows move between cells: sideways only from the edge of what is typed."""
        if self.active is None:
            return
        row, column = self.active
        start, end = self.carets.get(self.active, (0, 0))
        length = len(self.texts.get(self.active, str)())
        if event.key == "Arrow Down":
            await self.focus(row + 1, column)
        elif event.key == "Arrow Up":
            await self.focus(row - 1, column)
        elif event.key == "Arrow Left" and start == end == 0:
            await self.focus(row, column - 1)
        elif event.key == "Arrow Right" and start == end == length:
            await self.focus(row, column + 1)

    async def focus(self, row: int, column: int) -> None:
        """Go to a cell, if it is in the table."""
        target = self.fields.get((row, column))
        if target is None or target.current is None:
            return
        # What was drawn last may not be what the client holds: its number is the same.
        live = self.page.session.index.get(target.current._i)
        if isinstance(live, ft.TextField):
            await live.focus()


@ft.component
def Cell(
    grid: Grid, row: int, column: int, name: str, mark: Any, text: Callable[[], str],
    typed: Callable[[str], None], pasted: Callable[[str], None], remark: Callable[[], str],
    error: str,
) -> ft.Control:  # fmt: skip
    """One cell. `mark` is observed: a change of it redraws this cell alone."""
    own = ft.use_ref(None)
    place = (row, column)
    grid.fields[place], grid.texts[place] = own, text

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

    def entered(_event: Any) -> None:
        grid.active = place

    said = f"{name}, {error}" if mark.error else name
    control = ft.TextField(
        value=text(),
        label=said,
        label_style=ft.TextStyle(color=ft.Colors.TRANSPARENT, size=0.1, letter_spacing=0),
        multiline=True,
        min_lines=1,
        max_lines=3,  # one line would be a plain input, which joins what is pasted
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
        on_focus=entered,
    )
    own.current = control
    lines: list[ft.Control] = [control]
    told = remark()
    if mark.error:
        lines.append(small(error, color=ft.Colors.ERROR))
    elif told:
        lines.append(small(told))
    return ft.Container(ft.Column(lines, spacing=0, tight=True), padding=2)


def keyed(grid: Grid, content: ft.Control) -> ft.Control:
    """`content`, the table of `grid`, hearing the keys typed in any of its cells."""
    return ft.KeyboardListener(content=content, on_key_down=grid.key, include_semantics=False)
