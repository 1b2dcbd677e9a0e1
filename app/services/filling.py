"""Fill a declaration from the journal, without ever taking back what a person typed.

A figure that the journal filled is remembered beside the answers of the draft, under `journal.` and
its path: while the answer is still that figure, a newer journal may move it; once the person wrote
another, only they change it.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field

import flet as ft

from app.services.bill import Origin

MARK = "journal."


@ft.observable
@dataclass(eq=False)
class FilledMark:
    """Whether a figure is the journal's: a change redraws its note alone."""

    same: bool = True


@dataclass(eq=False)
class Filling:
    """What the journal says of each figure, by path."""

    origins: dict[str, Origin]
    marks: dict[str, FilledMark] = field(default_factory=dict)

    def mark(self, path: str) -> FilledMark:
        """The mark of one figure."""
        return self.marks.setdefault(path, FilledMark())

    def fill(self, answers: MutableMapping[str, str]) -> list[str]:
        """Put the journal's figures where nothing was typed, or where its own older figure still
        stands. The paths that changed."""
        changed = []
        for path, origin in self.origins.items():
            typed = answers.get(path, "")
            if typed and typed != answers.get(MARK + path):
                continue
            answers[MARK + path] = origin.raw
            if typed != origin.raw:
                answers[path] = origin.raw
                changed.append(path)
        return changed

    def took(self, path: str, answers: MutableMapping[str, str]) -> None:
        """The person asked for the journal's figure."""
        answers[MARK + path] = self.origins[path].raw

    def look(self, raw: Mapping[str, str]) -> None:
        """Compare each figure with the journal's, and mark those that differ."""
        for path, origin in self.origins.items():
            mark = self.mark(path)
            same = raw.get(path, "") == origin.raw
            if mark.same != same:
                mark.same = same
