"""Files that come broken: what is accepted equals the original or is flagged, nothing crashes.

`QUITTANCE_FUZZ` sets the number of mutations of each kind (1 000 by `make fuzz-import`).
"""

from __future__ import annotations

import csv
import io
import os
import random
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from backend.dsn.neodes import DsnRefused
from backend.dsn.returns import Totals, read
from backend.dsn.sample import SIRETS, Sent, Slip, dsn
from backend.storage.vrp import DsnFiling, DsnImport, DsnReturn
from backend.usecases.dsn import import_dsn
from backend.usecases.tables import preview
from regimes.vrp.tabular import Preview
from tests.support.world import World

COUNT = int(os.environ.get("QUITTANCE_FUZZ", "120"))
HEAD = ["siret", "mois", "brut", "plafonnee", "deplafonnee", "csg", "dfs"]
NOISE = ["", "abc", "1,234", "1.234,5", "1e9", "=1+1", "é", "\u202e12", "99/99", "-5", "12 34",
         "NaN", "0x10", "2026-13", "12345678200011", "١٢٣", "'12",
         "1 2000", "true", "€"]  # fmt: skip


def rows(chance: random.Random) -> list[list[str]]:
    found = []
    for siret in SIRETS:
        for month in range(1, 13):
            gross = chance.randrange(100_000, 500_000)
            cents = (gross, gross * 7 // 10, gross * 8 // 10, gross * 9 // 10)
            amounts = [str(Decimal(part).scaleb(-2)) for part in cents]
            found.append([siret, f"2026-{month:02}", *amounts, chance.choice(("oui", "non"))])
    return found


def originals(table: list[list[str]]) -> dict[tuple[str, str], list[str]]:
    return {(row[0], row[1]): row for row in table}


def mutate(chance: random.Random, table: list[list[str]]) -> tuple[list[list[str]], set[Any]]:
    """A table changed in one to three places; the (siret, month) whose figures it may change to
    other figures that are as good (nobody could tell), left out of the comparison."""
    found = [list(row) for row in table]
    touched: set[Any] = set()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(found))
        column = chance.randrange(len(HEAD))
        kind = chance.randrange(7)
        if kind == 0:
            found[at][column : column + 1] = [chance.choice(NOISE)]
            touched.add((at, column))
        elif kind == 1:
            found.append(list(found[at]))  # the same row twice
        elif kind == 2:
            del found[at][column : column + 1]  # a cell lost: the others slide
        elif kind == 3:
            found[at].insert(column, "")
        elif kind == 4:
            chance.shuffle(found)
        elif kind == 5:
            found[at] = found[at][: chance.randrange(len(HEAD))]
        else:
            cell = found[at][column] if column < len(found[at]) else ""
            spaced = f" {cell} " if chance.random() < 0.5 else cell.replace(".", ",")
            if column < len(found[at]):
                found[at][column] = spaced
    return found, touched


def as_csv(table: list[list[str]], chance: random.Random) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=chance.choice(";\t,"), lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(table)
    return out.getvalue().encode("utf-8" if chance.random() < 0.7 else "cp1252", "replace")


def as_xlsx(table: list[list[str]], chance: random.Random) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    for row in table:
        cells: list[Any] = []
        for at, cell in enumerate(row):
            number = at >= 2 and chance.random() < 0.5
            try:
                cells.append(float(cell) if number and len(cell) < 12 else cell)
            except ValueError:
                cells.append(cell)
        sheet.append(["" if c != c else c for c in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bytes_changed(chance: random.Random, content: bytes) -> bytes:
    raw = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        if not raw:
            break
        kind = chance.randrange(4)
        at = chance.randrange(len(raw))
        if kind == 0:
            raw[at] = chance.randrange(256)
        elif kind == 1:
            del raw[at : at + chance.randrange(1, 30)]
        elif kind == 2:
            raw = raw[: max(1, at)]
        else:
            raw[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 6)))
    return bytes(raw)


def check(found: Preview, known: dict[tuple[str, str], list[str]]) -> int:
    """Every accepted row is one of the originals, whole; answers how many were accepted."""
    for row in found.rows:
        original = known.get((row.siret, row.month))
        assert original is not None, row
        # A cell left empty is shown empty: it is never filled with something else.
        for mine, other in zip(
            (row.gross, row.capped, row.uncapped, row.csg), original[2:6], strict=True
        ):
            assert mine is None or mine == Decimal(other), (row, original)
        assert row.dfs is None or row.dfs == (original[6] == "oui")
    keys = [(row.siret, row.month) for row in found.rows]
    assert len(set(keys)) == len(keys)
    assert len(found.rows) + len({b.row for b in found.bad if b.row > 1}) >= found.read
    return len(found.rows)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_broken_table_is_accepted_as_it_was_or_flagged(kind: str) -> None:
    chance = random.Random(f"{kind}-1")
    readable = 0
    make = as_csv if kind == "csv" else as_xlsx
    for number in range(COUNT):
        table = rows(chance)
        mutated, touched = mutate(chance, table)
        content = make(mutated, chance)
        found = preview(content, 2026, SIRETS)
        if not any(cell[1] in {2, 3, 4, 5, 6} for cell in touched):
            accepted = check(found, originals(table))
        else:
            accepted = len(found.rows)
        assert len(found.rows) >= 30 or found.bad, number
        readable += accepted > 0
        broken = preview(bytes_changed(chance, content), 2026, SIRETS)
        assert isinstance(broken, Preview)
    assert readable >= COUNT / 3


def test_a_workbook_that_inflates_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 60_000_000)
    assert preview(out.getvalue(), 2026).bad[0].code == "file_too_large"


def filed(content: bytes) -> dict[tuple[str, str, str], list[Decimal | None]]:
    return {
        (p.filed.siret, p.nir, month): [b.gross, b.capped, b.uncapped, b.csg]
        for p in read(io.BytesIO(content), Totals())
        for month, b in p.months.items()
    }


def dsn_lines(chance: random.Random) -> list[bytes]:
    sent = [
        Sent(siret, f"2026-{month:02}", slips=[
            Slip(nir=f"18505780060{n}{chance.randrange(10)}",
                 gross=str(Decimal(chance.randrange(10000, 500000)).scaleb(-2)))
            for n in range(3)
        ])
        for siret in SIRETS
        for month in (1, 2)
    ]  # fmt: skip
    return dsn(*sent).splitlines(keepends=True)


def mutated_dsn(chance: random.Random, lines: list[bytes]) -> list[bytes]:
    found = list(lines)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(found))
        kind = chance.choice((0, 1, 2, 3, 4, 7, 5, 5, 5, 6, 6, 6))
        if kind == 0:
            del found[at]
        elif kind == 1:
            found.insert(at, found[at])
        elif kind == 2:
            found = found[: max(1, at)]
        elif kind == 3:
            found[at] = found[at].replace(b"'", b"", 1)
        elif kind == 4:
            found[at] = bytes_changed(chance, found[at])
        elif kind == 5:  # a part nobody reads: the file stays good
            names = [n for n, line in enumerate(found) if b"30.002" in line]
            if names:
                found[chance.choice(names)] = b"S21.G00.30.002,'AUTRE'\r\n"
        elif kind == 6:
            found[at] = found[at].rstrip(b"\r\n") + b"\n"  # other ends of line
        else:
            other = chance.randrange(len(found))
            found[at], found[other] = found[other], found[at]
    return found


def counted(lines: list[bytes]) -> list[bytes]:
    """The same lines with a right count at the end, so that other faults are reached."""
    return [
        f"S90.G00.90.001,'{len(lines)}'\r\n".encode()
        if line.startswith(b"S90.G00.90.001")
        else line
        for line in lines
    ]


def read_lines(content: bytes) -> list[bytes]:
    """Lines that say something of a base: a file that keeps them must give the same bases."""
    return [line for line in content.splitlines() if b"30.002" not in line]


def test_a_broken_return_is_whole_or_refused_with_its_line(world: World) -> None:
    chance = random.Random("dsn-1")
    good = exact = 0
    refused: list[bool] = []
    for _number in range(COUNT):
        lines = dsn_lines(chance)
        content = b"".join(mutated_dsn(chance, lines))
        try:
            found = filed(content)
        except DsnRefused as error:
            refused.append(error.line <= content.count(b"\n") + 2)
            continue
        good += 1
        known = filed(b"".join(lines))
        if read_lines(content) == read_lines(b"".join(lines)):
            exact += 1
            assert found == known
    assert exact
    assert good >= COUNT / 3, (good, len(refused))
    assert len(refused) > COUNT / 10
    assert all(refused)


def test_a_broken_return_leaves_nothing(world: World) -> None:
    chance = random.Random("dsn-2")
    kept = 0
    for _number in range(max(20, COUNT // 20)):
        content = b"".join(counted(mutated_dsn(chance, dsn_lines(chance))))
        before = _rows(world)
        try:
            report = import_dsn(world.services, lambda c=content: io.BytesIO(c), None)  # type: ignore[misc]
        except DsnRefused:
            assert _rows(world) == before
        else:
            kept += not report.known
            assert _rows(world)[0] == before[0] + (not report.known)
    assert kept


def _rows(world: World) -> list[int]:
    with world.services.storage.read() as database:
        return [
            database.scalar(select(func.count()).select_from(table)) or 0
            for table in (DsnImport, DsnReturn, DsnFiling)
        ]
