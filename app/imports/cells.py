"""Amounts and dates as banks write them. Strict: what may be read in two ways is not read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

MOST = Decimal("99999999.99")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007 '’"), " ")
_SIGNS = dict.fromkeys(map(ord, "−–\u2011"), "-")


def plain(text: str) -> str:
    """Lower case, without accents or double spaces: how headers and labels are compared."""
    flat = unicodedata.normalize("NFKD", text)
    flat = "".join(char for char in flat if not unicodedata.combining(char))
    return " ".join(flat.lower().split())


def _pattern(mark: str) -> re.Pattern[str]:
    group = r"\." if mark == "," else ","
    return re.compile(
        rf"(?P<whole>\d{{1,3}}(?: \d{{3}})+|\d{{1,3}}(?:{group}\d{{3}})+|\d+)"
        rf"(?:{re.escape(mark)}(?P<cents>\d{{1,2}})0*)?"
    )


_PATTERNS = {mark: _pattern(mark) for mark in ",."}


def read_amount(text: str, mark: str) -> Decimal | None:
    """Euros written with decimal `mark` ("," or "."), None when they are not. Groups of thousands
    are spaces, or the other mark; a sign stands before or after, or brackets say minus."""
    clean = text.translate(_SPACES).translate(_SIGNS).strip()
    lower = clean.lower()
    for unit in ("eur", "€"):
        if lower.endswith(unit):
            clean = clean[: -len(unit)].rstrip()
        elif lower.startswith(unit):
            clean = clean[len(unit) :].lstrip()
        lower = clean.lower()
    minus = False
    if clean.startswith("(") and clean.endswith(")"):
        minus, clean = True, clean[1:-1].strip()
    elif clean[:1] in "+-":
        minus, clean = clean[:1] == "-", clean[1:].lstrip()
    elif clean[-1:] in "+-":
        minus, clean = clean[-1:] == "-", clean[:-1].rstrip()
    found = _PATTERNS[mark].fullmatch(clean)
    if found is None:
        return None
    whole = re.sub(r"[ .,]", "", found["whole"])
    if len(whole) > 11:
        return None
    value = Decimal(f"{whole}.{found['cents'] or '0'}")
    if value > MOST:
        return None
    return -value if minus else value


def decimal_mark(cells: Iterable[str]) -> str:
    """The decimal mark of a column: the one under which most cells can be read."""
    score = {",": 0, ".": 0}
    for cell in cells:
        for mark in score:
            score[mark] += read_amount(cell, mark) is not None
    return "." if score["."] > score[","] else ","


_DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ]\d{2}:\d{2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


def _parts(text: str) -> tuple[int, int, int, str] | None:
    """(first, second, third, kind): kind is "ymd", "dmy?" or "dmy2?"."""
    clean = text.strip()
    compact = _COMPACT.fullmatch(clean)
    if compact:
        return int(compact[1]), int(compact[2]), int(compact[3]), "ymd"
    found = _DATE.fullmatch(clean)
    if found is None:
        return None
    if len(found[1]) == 4 and len(found[3]) <= 2:
        return int(found[1]), int(found[2]), int(found[3]), "ymd"
    if len(found[1]) <= 2 and len(found[3]) == 4:
        return int(found[1]), int(found[2]), int(found[3]), "dmy"
    if len(found[1]) <= 2 and len(found[3]) == 2:
        return int(found[1]), int(found[2]), 2000 + int(found[3]), "dmy"
    return None


def day_first(cells: Sequence[str]) -> bool | None:
    """Whether dates give the day before the month; None when nothing says it. Raises ValueError
    when some dates say one thing and some the other."""
    day = month = False
    for cell in cells:
        found = _parts(cell)
        if found is None or found[3] == "ymd":
            continue
        first, second = found[0], found[1]
        day = day or (12 < first <= 31 and 1 <= second <= 12)
        month = month or (12 < second <= 31 and 1 <= first <= 12)
    if day and month:
        raise ValueError("dates_mixed")
    if day or month:
        return day
    return None


def in_order(cells: Sequence[str], day_is_first: bool) -> int:
    """How many steps break the order of the dates, whichever end the statement starts from."""
    days = [day for day in (read_date(cell, day_is_first) for cell in cells) if day is not None]
    falls = sum(a > b for a, b in pairwise(days))
    rises = sum(a < b for a, b in pairwise(days))
    return min(falls, rises) + len(cells) - len(days)


def doubtful(cells: Sequence[str], day_is_first: bool) -> bool:
    """Whether the other reading of the dates makes a better statement: days in order, or a much
    shorter time. One date written the other way must not turn all the rest."""
    if in_order(cells, day_is_first) > in_order(cells, not day_is_first):
        return True
    return _days(cells, day_is_first) > 3 * max(7, _days(cells, not day_is_first))


def _days(cells: Sequence[str], day_is_first: bool) -> int:
    """Days from the first to the last date; a very long time when most cannot be read."""
    days = [day for day in (read_date(cell, day_is_first) for cell in cells) if day is not None]
    if len(days) * 2 < len(cells) or not days:
        return 10**6
    return (max(days) - min(days)).days


def all_iso(cells: Iterable[str]) -> bool:
    """True when every readable date gives the year first: nothing is assumed then."""
    return all(found is None or found[3] == "ymd" for found in map(_parts, cells))


def read_date(text: str, day_is_first: bool) -> date | None:
    """A date with digits, None when it is not one."""
    found = _parts(text)
    if found is None:
        return None
    one, two, three, kind = found
    try:
        if kind == "ymd":
            value = date(one, two, three)
        elif day_is_first:
            value = date(three, two, one)
        else:
            value = date(three, one, two)
    except ValueError:
        return None
    return value if 2000 <= value.year <= 2100 else None


def printable(text: str, longest: int = 140) -> str:
    """One line of printable characters."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat[:longest]
