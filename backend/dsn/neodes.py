"""NEODES: the text form of a DSN, one `S21.G00.30.001,'value'` a line, read as a stream.

A file begins with S10.G00.00.001 and ends with the block S90.G00.90, whose first rubric counts the
lines of the whole file: a file cut short is always seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

LINE = re.compile(r"(S[0-9]{2}\.G[0-9]{2}\.[0-9]{2})\.([0-9]{3}),'(.*)'")
FIRST, LAST = "S10.G00.00", "S90.G00.90"
LONGEST = 500  # characters of one line


class DsnRefused(ValueError):
    """A file that is not a whole DSN. `line` counts from 1; `code` is stable."""

    def __init__(self, line: int, code: str) -> None:
        super().__init__(f"line {line}: {code}")
        self.line = line
        self.code = code


@dataclass(slots=True)
class Block:
    """One occurrence of a block: its rubrics by number, and the lines they stand on."""

    name: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def get(self, rubric: str) -> str:
        """Value of a rubric, empty when it is not there."""
        return self.values.get(rubric, "")

    def at(self, rubric: str) -> int:
        """Line of a rubric, or of the block."""
        return self.lines.get(rubric, self.line)


def blocks(source: Iterable[bytes]) -> Iterator[Block]:
    """Blocks in the order of the file. Raises DsnRefused as soon as a line is wrong, and at the
    end when the file is cut short: what was read before then must not be kept."""
    current: Block | None = None
    previous = ""
    number = 0
    match = LINE.fullmatch
    for number, raw in enumerate(source, start=1):
        if len(raw) > LONGEST:
            raise DsnRefused(number, "line_too_long")
        if not raw.endswith(b"\n") and number > 1 and not raw.endswith(b"'"):
            raise DsnRefused(number, "line_malformed")
        found = match(raw.decode("latin-1").rstrip("\r\n"))
        if found is None:
            raise DsnRefused(number, "line_malformed")
        name, rubric, value = found.groups()
        if number == 1 and (name, rubric) != (FIRST, "001"):
            raise DsnRefused(1, "not_a_dsn")
        if current is None or name != current.name or rubric <= previous:
            if current is not None:
                if current.name == LAST:
                    raise DsnRefused(number, "line_after_end")
                yield current
            current = Block(name, number)
        current.values[rubric] = value
        current.lines[rubric] = number
        previous = rubric
    if current is None:
        raise DsnRefused(1, "file_empty")
    if current.name != LAST:
        raise DsnRefused(number, "file_cut_short")
    told = current.get("001")
    if not (told.isascii() and told.isdigit()) or int(told) != number:
        raise DsnRefused(current.at("001"), "line_count_differs")
    yield current
