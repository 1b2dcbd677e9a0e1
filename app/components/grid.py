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
        live = self.live(target.current)
        if live is not None:
            self.active = (row, column)  # the next key counts from here, however quick
            await live.focus()

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
    grid.fields[place], grid.texts[place] = own, text

    async def changed(event: Any) -> None:
        value = str(event.control.value or "")
        plain = value.replace("\n", "")
        if value != plain and plain == text():  # Enter: the next month
            mark.drawn += 1
            await grid.focus(row + 1, column)
        elif "\n" in value.rstrip("\n") or "\t" in value:
            pasted(value)
        else:
            typed(plain)

    def moved(event: Any) -> None:
        found = getattr(event, "selection", None)
        if found is not None:
            grid.carets[place] = (found.start or 0, found.end or 0)

    def entered(_event: Any) -> None:
        grid.active = place

    def left(_event: Any) -> None:
        if grid.active == place:
            grid.active = None

    said = f"{name}, {error}" if mark.error else name
    control = ft.TextField(
        value=text() if held is None else held.value,
        label=said,
        label_style=ft.TextStyle(color=ft.Colors.TRANSPARENT, size=0.1, letter_spacing=0),
        multiline=True,
        min_lines=1,
        max_lines=3,  # one line would be a plain input, which joins what is pasted
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
        on_selection_change=moved,
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
    return ft.Container(ft.Column(lines, spacing=0, tight=True), padding=2)


def keyed(grid: Grid, content: ft.Control) -> ft.Control:
    """`content`, the table of `grid`, hearing the keys typed in any of its cells."""
    return ft.KeyboardListener(content=content, on_key_down=grid.key, include_semantics=False)
