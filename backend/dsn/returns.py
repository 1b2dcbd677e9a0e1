"""From blocks to what was filed for each person: bases by month of work, in euros.

Blocks read: S10.G00.01 sender, S20.G00.05 the return, S21.G00.06 and 11 the employer, 30 the
person, 40 the contract, 50 the payment, 51 the pay, 54 other parts of the gross pay, 62 the end of
the contract, 78 the bases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backend.dsn.neodes import Block, DsnRefused, blocks
from regimes.identifiers import siret_error

COMPLEMENT_VRP = "07"
"""S21.G00.40.005, complement of the PCS-ESE: VRP with several cards."""
OTHER_NATURE = "90"
"""S21.G00.40.007: a contract nature that is not a VRP's."""
BASES = {"02": "capped", "03": "uncapped", "04": "csg"}
GROSS_UNCAPPED = "001"
DFS_ITEM = "10"
KINDS = frozenset({"01", "02", "03", "04", "05"})
"""S20.G00.05.002: normal, normal without pay, whole replacement, cancellation, replacement
without pay."""
_AMOUNT = re.compile(r"-?[0-9]{1,9}\.[0-9]{2}")
_RATE = re.compile(r"[0-9]{1,3}\.[0-9]{2}")
_NIR = re.compile(r"[1-478][0-9]{4}(?:[0-9]{2}|2A|2B)[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Return:
    """One return of one establishment for one month. `declared` is 2026-03."""

    number: int
    siret: str
    employer: str
    declared: str
    kind: str


@dataclass(slots=True)
class MonthBase:
    """What was filed for one person and one month of work, in euros; None: not there."""

    gross: Decimal | None = None
    capped: Decimal | None = None
    uncapped: Decimal | None = None
    csg: Decimal | None = None
    dfs: Decimal | None = None


@dataclass(slots=True)
class Person:
    """One person of a return. `nir` is the 13 characters of the return; `vrp` whether a contract
    is that of a VRP with several cards."""

    filed: Return
    nir: str
    line: int
    vrp: bool = False
    start: date | None = None
    end: date | None = None
    dfs_rate: Decimal | None = None
    months: dict[str, MonthBase] = field(default_factory=dict)

    def month(self, code: str) -> MonthBase:
        """The bases of a month, made when they are not there yet."""
        return self.months.setdefault(code, MonthBase())


@dataclass(slots=True)
class Totals:
    """What a whole file held."""

    lines: int = 0
    returns: list[Return] = field(default_factory=list)
    people: int = 0


NEEDED = {
    "S21.G00.78": ("001", "002", "004"),
    "S21.G00.51": ("001", "011", "013"),
    "S21.G00.54": ("001", "002"),
    "S21.G00.50": ("001",),
    "S21.G00.40": ("001",),
    "S20.G00.05": ("002", "005"),
    "S90.G00.90": ("001", "002"),
}
"""Rubrics without which a block that is read means nothing."""


def _whole(block: Block) -> None:
    for rubric in NEEDED.get(block.name, ()):
        if rubric not in block.values:
            raise DsnRefused(block.line, "rubric_missing")


def _day(block: Block, rubric: str) -> date:
    text = block.get(rubric)
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():
            return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        pass
    raise DsnRefused(block.at(rubric), "date_malformed")


def _optional_day(block: Block, rubric: str) -> date | None:
    return _day(block, rubric) if block.get(rubric) else None


def _money(block: Block, rubric: str) -> Decimal:
    text = block.get(rubric)
    if not _AMOUNT.fullmatch(text):
        raise DsnRefused(block.at(rubric), "amount_malformed")
    return Decimal(text)


def _add(before: Decimal | None, amount: Decimal) -> Decimal:
    return amount if before is None else before + amount


def read(source: Iterable[bytes], totals: Totals) -> Iterator[Person]:
    """Every person of a file, with `totals` filled on the way. Raises DsnRefused with the line;
    nothing read before may be kept then."""
    sender: tuple[str, str] = ("", "")
    kind = declared = siren = siret = ""
    filed: Return | None = None
    person: Person | None = None
    told = 0
    for block in blocks(source):
        name = block.name
        _whole(block)
        if name == "S21.G00.78" and person is not None:
            column = BASES.get(block.get("001"))
            if column is not None:
                month = person.month(f"{_day(block, '002'):%Y-%m}")
                setattr(month, column, _add(getattr(month, column), _money(block, "004")))
        elif name == "S21.G00.51" and person is not None:
            if block.get("011") == GROSS_UNCAPPED:
                month = person.month(f"{_day(block, '001'):%Y-%m}")
                month.gross = _add(month.gross, _money(block, "013"))
        elif name == "S21.G00.54" and person is not None:
            if block.get("001") == DFS_ITEM:
                on = _optional_day(block, "003")
                month = person.month(f"{on:%Y-%m}" if on else person.filed.declared)
                month.dfs = _add(month.dfs, _money(block, "002"))
        elif name == "S21.G00.40" and person is not None:
            _contract(block, person)
        elif name == "S21.G00.50" and person is not None:
            _day(block, "001")
        elif name == "S21.G00.62" and person is not None:
            end = _optional_day(block, "001")
            person.end = end or person.end
        elif name == "S21.G00.30":
            if person is not None:
                yield person
            if filed is None:
                raise DsnRefused(block.line, "person_without_employer")
            nir = block.get("001")
            if nir and not _NIR.fullmatch(nir):
                raise DsnRefused(block.at("001"), "nir_malformed")
            totals.people += 1
            person = Person(filed, nir, block.line)
        elif name == "S21.G00.11":
            siret = siren + block.get("001")
            if siret_error(siret) is not None:
                raise DsnRefused(block.at("001"), "siret_malformed")
            if not declared:
                raise DsnRefused(block.line, "employer_without_return")
            filed = Return(
                len(totals.returns), siret, sender[1] if sender[0] == siren else "", declared, kind
            )
            totals.returns.append(filed)
        elif name == "S20.G00.05":
            if person is not None:
                yield person
            person, filed, siren = None, None, ""
            told += 1
            kind, declared = _message(block)
        elif name == "S21.G00.06":
            siren = block.get("001")
        elif name == "S10.G00.01":
            sender = (block.get("001"), block.get("003")[:120])
        elif name == "S90.G00.90":
            if person is not None:
                yield person
            totals.lines = int(block.get("001"))
            count = block.get("002")
            if count != str(told) or not totals.returns:
                raise DsnRefused(block.at("002"), "return_count_differs")


def _message(block: Block) -> tuple[str, str]:
    kind = block.get("002")
    if kind not in KINDS:
        raise DsnRefused(block.at("002"), "return_kind_unknown")
    first = _day(block, "005")
    return kind, f"{first:%Y-%m}"


def _contract(block: Block, person: Person) -> None:
    start, end = _optional_day(block, "001"), _optional_day(block, "010")
    if start is not None and (person.start is None or start < person.start):
        person.start = start
    person.end = end or person.end
    if block.get("005") == COMPLEMENT_VRP and block.get("007") != OTHER_NATURE:
        person.vrp = True
    rate = block.get("023")
    if rate:
        if not _RATE.fullmatch(rate):
            raise DsnRefused(block.at("023"), "rate_malformed")
        person.dfs_rate = Decimal(rate)
