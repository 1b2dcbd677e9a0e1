"""Damage valid files the way tools and people do, and check what is made of them.

A line that is accepted without a word must be one of the original's; a line that is no longer there
must have been named, unless the damage took it away. `python -m tests.journal.mutate 1000`.
"""

from __future__ import annotations

import csv
import io
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from app.imports.read import read_file
from app.imports.statement import FileRefused
from tests.journal.files import DIALECTS, Dialect, Operation, camt, ofx, operations, table

Chance = random.Random


@dataclass(frozen=True)
class Damage:
    """A damaged file. `labels`: labels were touched; `gone`: operations that were taken away on
    purpose; `silent`: what is lost may be lost without a word (the end of a file)."""

    name: str
    data: bytes
    labels: bool = False
    gone: int = 0
    silent: bool = False


# -- tables --------------------------------------------------------------------------------------


@dataclass
class Grid:
    """A table taken apart."""

    dialect: Dialect
    head: list[str]
    header: list[str]
    rows: list[list[str]]

    @classmethod
    def of(cls, data: bytes, dialect: Dialect) -> Grid:
        lines = list(csv.reader(io.StringIO(data.decode(dialect.encoding), newline=""),
                                delimiter=dialect.delimiter))  # fmt: skip
        cut = dialect.preamble
        return cls(dialect, [r[0] for r in lines[:cut]], lines[cut], lines[cut + 1 :])

    def write(self, delimiter: str = "", encoding: str = "", quoting: int = -1) -> bytes:
        target = io.StringIO()
        for line in self.head:
            target.write(line + "\r\n")
        style = csv.QUOTE_ALL if self.dialect.quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(
            target, delimiter=delimiter or self.dialect.delimiter, lineterminator="\r\n",
            quoting=style if quoting < 0 else quoting,
        )  # fmt: skip
        if self.header:
            writer.writerow(self.header)
        writer.writerows(self.rows)
        return target.getvalue().encode(encoding or self.dialect.encoding)

    def money(self) -> list[int]:
        """Columns of amounts, without the balance."""
        return [n for n, name in enumerate(self.header) if name in {"Montant", "Débit", "Crédit"}]

    def some_amount(self, chance: Chance) -> tuple[int, int]:
        """Row and column of an amount that is there."""
        places = [(r, c) for r, row in enumerate(self.rows) for c in self.money() if row[c]]
        return chance.choice(places)


SYNONYMS = {
    "Date": ["Date opération", "DATE COMPTABLE", "Booking date", "date de l'opération"],
    "Libellé": ["LIBELLE", "Description", "Libellé simplifié", "Communication"],
    "Montant": ["Montant (EUR)", "AMOUNT", "Montant"],
    "Débit": ["DEBIT", "Débit euros", "Paid out"],
    "Crédit": ["CREDIT", "Crédit euros", "Paid in"],
    "Solde": ["Balance", "SOLDE"],
    "Devise": ["Currency"],
}


def swap_columns(g: Grid, c: Chance) -> Damage:
    one, two = c.sample(range(len(g.header)), 2)
    for row in [g.header, *g.rows]:
        row[one], row[two] = row[two], row[one]
    return Damage("columns swapped", g.write())


def rename(g: Grid, c: Chance) -> Damage:
    g.header = [c.choice(SYNONYMS[name]) for name in g.header]
    return Damage("headers renamed", g.write())


def other_delimiter(g: Grid, c: Chance) -> Damage:
    return Damage("delimiter", g.write(delimiter=c.choice(";,\t|"), quoting=csv.QUOTE_ALL))


def other_encoding(g: Grid, c: Chance) -> Damage:
    g.rows = [[cell.replace("\u202f", "\u00a0") for cell in row] for row in g.rows]
    return Damage(
        "encoding", g.write(encoding=c.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16")))
    )


def drop_cell(g: Grid, c: Chance) -> Damage:
    row = c.choice(g.rows)
    row.pop(c.randrange(len(row)))
    return Damage("cell dropped", g.write(), labels=True)


def extra_cell(g: Grid, c: Chance) -> Damage:
    row = c.choice(g.rows)
    row.insert(c.randrange(len(row)), "x")
    return Damage("cell added", g.write(), labels=True)


def blank_lines(g: Grid, c: Chance) -> Damage:
    text = g.write().decode(g.dialect.encoding)
    lines = text.split("\r\n")
    for _ in range(3):
        lines.insert(c.randrange(len(lines)), "")
    return Damage("blank lines", "\r\n".join(lines).encode(g.dialect.encoding))


def no_header(g: Grid, c: Chance) -> Damage:
    g.header, g.head = [], []
    return Damage("header lost", g.write(), labels=True, silent=True)


def repeat_row(g: Grid, c: Chance) -> Damage:
    place = c.randrange(len(g.rows))
    g.rows.insert(place, list(g.rows[place]))
    return Damage("row repeated", g.write())


def drop_row(g: Grid, c: Chance) -> Damage:
    g.rows.pop(c.randrange(len(g.rows)))
    return Damage("row lost", g.write(), gone=1)


def shuffle_rows(g: Grid, c: Chance) -> Damage:
    c.shuffle(g.rows)
    return Damage("rows shuffled", g.write())


def cut(g: Grid, c: Chance) -> Damage:
    data = g.write()
    ends = [m.end() for m in re.finditer(b"\n", data)] or [len(data)]
    end = c.choice(ends[g.dialect.preamble + 1 :] or ends)
    return Damage("cut at a line", data[: end + (1 if "16" in g.dialect.encoding else 0)],
                  silent=True)  # fmt: skip


def one_mark(g: Grid, c: Chance) -> Damage:
    r, n = g.some_amount(c)
    other = "." if g.dialect.mark == "," else ","
    whole, cents = g.rows[r][n][:-3], g.rows[r][n][-2:]
    g.rows[r][n] = re.sub(r"[.,\s]", "", whole) + other + cents
    return Damage("one other decimal mark", g.write())


def all_marks(g: Grid, c: Chance) -> Damage:
    columns = [
        n for n, name in enumerate(g.header) if name in {"Montant", "Débit", "Crédit", "Solde"}
    ]
    other = "." if g.dialect.mark == "," else ","
    for row in g.rows:
        for n in columns:
            if row[n]:
                row[n] = re.sub(r"[.,\s]", "", row[n][:-3]) + other + row[n][-2:]
    return Damage("other decimal marks", g.write())


def letters(g: Grid, c: Chance) -> Damage:
    r, n = g.some_amount(c)
    g.rows[r][n] = c.choice(("douze", "12,5x", "1,2,3", "O,50", "12 34 5", "--3", "1e3", "#REF!"))
    return Damage("amount of letters", g.write())


def no_amount(g: Grid, c: Chance) -> Damage:
    r, n = g.some_amount(c)
    g.rows[r][n] = ""
    return Damage("amount lost", g.write())


def wrong_day(g: Grid, c: Chance) -> Damage:
    row = c.choice(g.rows)
    day = g.header.index("Date")
    row[day] = c.choice(("31/02/2026", "2026-13-01", "99/99/9999", "hier", "", "1/1", "00/10/2026"))
    return Damage("impossible day", g.write())


def turned_day(g: Grid, c: Chance) -> Damage:
    """One date with the month first: the file contradicts itself, or the day is impossible."""
    day = g.header.index("Date")
    places = [row for row in g.rows if re.match(r"(1[3-9]|2\d|3[01])\D", row[day])]
    if not places:
        return Damage("nothing", g.write())
    row = c.choice(places)
    row[day] = re.sub(r"^(\d\d)(\D)(\d\d)", r"\3\2\1", row[day])
    return Damage("month first once", g.write())


def signs(g: Grid, c: Chance) -> Damage:
    way = c.randrange(3)
    for row in g.rows:
        for n in g.money():
            value = row[n]
            if value.startswith("-"):
                row[n] = (f"{value[1:]}-", f"({value[1:]})", f"−{value[1:]}")[way]
            elif value:
                row[n] = (value, f"+{value}", f"{value} €")[way]
    return Damage("signs written otherwise", g.write())


def both(g: Grid, c: Chance) -> Damage:
    columns = g.money()
    if len(columns) < 2:
        return Damage("nothing", g.write())
    row = c.choice(g.rows)
    for n in columns:
        row[n] = row[n] or "9,99"
    return Damage("debit and credit", g.write())


def quote(g: Grid, c: Chance) -> Damage:
    text = g.write().decode(g.dialect.encoding)
    place = c.randrange(len(text))
    return Damage("a stray quote", (text[:place] + '"' + text[place:]).encode(g.dialect.encoding),
                  labels=True)  # fmt: skip


def garbage(g: Grid, c: Chance) -> Damage:
    row = c.choice(g.rows)
    row[g.header.index("Libellé")] = "".join(chr(c.randrange(32, 0x2000)) for _ in range(12))
    return Damage("strange label", g.write(encoding="utf-8"), labels=True)


def digit(g: Grid, c: Chance) -> Damage:
    """A figure changed where balances can tell."""
    if not g.dialect.balance:
        return Damage("nothing", g.write())
    r, n = g.some_amount(c)
    if r == 0:
        return Damage("nothing", g.write())  # nothing stands before the first line
    value = g.rows[r][n]
    place = c.choice([i for i, char in enumerate(value) if char.isdigit()])
    other = c.choice([d for d in "123456789" if d != value[place]])
    g.rows[r][n] = value[:place] + other + value[place + 1 :]
    return Damage("a digit", g.write())


def dollars(g: Grid, c: Chance) -> Damage:
    if "Devise" not in g.header:
        return Damage("nothing", g.write())
    c.choice(g.rows)[g.header.index("Devise")] = "USD"
    return Damage("another currency", g.write())


def bytes_lost(g: Grid, c: Chance) -> Damage:
    data = bytearray(g.write())
    data[c.randrange(len(data))] = 0
    return Damage("a zero byte", bytes(data), labels=True)


TABLE: list[Callable[[Grid, Chance], Damage]] = [
    swap_columns, rename, other_delimiter, other_encoding, drop_cell, extra_cell, blank_lines,
    no_header, repeat_row, drop_row, shuffle_rows, cut, one_mark, all_marks, letters, no_amount,
    wrong_day, turned_day, signs, both, quote, garbage, digit, dollars, bytes_lost,
]  # fmt: skip

# -- OFX and CAMT --------------------------------------------------------------------------------


def _blocks(text: str, name: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"<{name}>.*?</{name}>\n", text, re.DOTALL))


def _leaf(block: str, names: str, chance: Chance) -> re.Match[str]:
    return chance.choice(list(re.finditer(rf"<({names})\b[^\n]*\n", block)))


def damage_blocks(text: str, block: str, leaves: str, c: Chance, exact: bool) -> Damage:
    """One operation of an OFX or CAMT file, damaged. `exact`: totals would betray a change."""
    found = c.choice(_blocks(text, block))
    inner = found[0]
    ways = ["drop", "twice", "repeat", "lose", "letters", "date", "currency", "unclosed",
            "unknown", "space"]  # fmt: skip
    if exact:
        ways += ["digit", "sign"]
    way = c.choice(ways)
    leaf = _leaf(inner, leaves, c)
    gone = 0
    labels = False
    if way == "drop":
        new = inner.replace(leaf[0], "", 1)
        labels = True
    elif way == "twice":
        new = inner.replace(leaf[0], leaf[0] * 2, 1)
        labels = True
    elif way == "repeat":
        new = inner + inner
    elif way == "lose":
        new, gone = "", 1
    elif way == "letters":
        new = re.sub(r"(<TRNAMT>|<Amt Ccy=\"EUR\">)[^<\n]*", r"\1douze", inner, count=1)
    elif way == "date":
        new = re.sub(r"(<DTPOSTED>|<BookgDt><Dt>)[^<\n]*", r"\g<1>2026-02-31", inner, count=1)
    elif way == "currency":
        new = inner.replace('"EUR"', '"USD"', 1)
    elif way == "unclosed":
        new = inner.replace(f"</{block}>\n", "", 1)
        labels = True
    elif way == "unknown":
        new = inner.replace(f"<{block}>\n", f"<{block}>\n<XBANK>1</XBANK>\n", 1)
    elif way == "space":
        new = re.sub(r"\n", "\n   ", inner)
    elif way == "digit":
        amount = re.search(r'Ccy="EUR">(\d)', inner)
        assert amount is not None
        other = c.choice([d for d in "123456789" if d != amount[1]])
        new = inner[: amount.start(1)] + other + inner[amount.end(1) :]
    else:
        new = inner.replace("CRDT", "#").replace("DBIT", "CRDT").replace("#", "DBIT")
    data = text[: found.start()] + new + text[found.end() :]
    return Damage(f"{block} {way}", data.encode("utf-8"), labels, gone, way == "unclosed")


def damage_whole(text: str, c: Chance) -> Damage:
    """The file itself, damaged."""
    way = c.choice(("cut", "doctype", "bom", "case", "byte", "euro"))
    if way == "cut":
        return Damage("cut", text[: c.randrange(len(text))].encode(), labels=True, silent=True)
    if way == "doctype":
        place = text.index("<OFX>") if "<OFX>" in text else text.index("<Document")
        bad = '<!DOCTYPE a [<!ENTITY b "c">]>'
        return Damage("entities", (text[:place] + bad + text[place:]).encode())
    if way == "bom":
        return Damage("mark", b"\xef\xbb\xbf" + text.encode())
    if way == "case":
        return Damage("line ends", text.replace("\n", "\r\n").encode())
    if way == "byte":
        place = c.randrange(len(text))
        return Damage("a sign", (text[:place] + "<" + text[place:]).encode(), labels=True,
                      silent=True)  # fmt: skip
    return Damage("another currency", text.replace("EUR", "USD").encode())


# -- the check -----------------------------------------------------------------------------------


LEAVES = "DTPOSTED|TRNAMT|FITID|NAME"


def make(seed: int) -> tuple[list[Operation], Damage]:
    """One valid file and one damage to it."""
    chance = Chance(seed)
    items = operations(seed, chance.randrange(4, 24))
    kind = chance.randrange(6)
    if kind < 3:
        dialect = chance.choice(DIALECTS)
        grid = Grid.of(table(items, dialect), dialect)
        return items, chance.choice(TABLE)(grid, chance)
    if kind == 3:
        text, block, leaves = (
            ofx(items, False).decode("cp1252"),
            "STMTTRN",
            "DTPOSTED|TRNAMT|FITID|NAME",
        )
    elif kind == 4:
        text, block, leaves = ofx(items, True).decode(), "STMTTRN", "DTPOSTED|TRNAMT|FITID|NAME"
    else:
        text = camt(items, chance.choice(("02", "08"))).decode()
        block, leaves = "Ntry", "Amt|CdtDbtInd|Sts|BookgDt|AcctSvcrRef"
    if chance.random() < 0.25:
        return items, damage_whole(text, chance)
    return items, damage_blocks(text, block, leaves, chance, kind == 5)


def faults(items: list[Operation], damage: Damage) -> tuple[str, list[str]]:
    """What became of a damaged file ("refused", "flagged" or "read"), and what is wrong with it."""
    try:
        found = read_file(damage.data)
    except FileRefused:
        return "refused", []
    wrong: list[str] = []
    told = bool(found.notices)
    originals = Counter((i.on, i.amount, "" if damage.labels else i.label) for i in items)
    for line in found.lines:
        key = (line.on, line.amount, "" if damage.labels else line.label)
        if line.warnings:
            told = True
            originals[key] -= 1
        elif originals[key] > 0:
            originals[key] -= 1
        elif not found.notices:
            wrong.append(f"line {line.number} was never there: {line.on} {line.amount}")
    named = len(found.lines) + len(found.bad)
    if not damage.silent and not found.notices and named < len(items) - damage.gone:
        wrong.append(f"{len(items)} operations, {named} accounted for")
    return "flagged" if told or found.bad else "read", wrong


def run(count: int, first: int = 0) -> tuple[Counter[str], list[str]]:
    """Damage `count` files: what became of them, and every fault."""
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(first, first + count):
        items, damage = make(seed)
        outcome, bad = faults(items, damage)
        outcomes[outcome] += 1
        wrong += [f"seed {seed}, {damage.name}: {fault}" for fault in bad]
    return outcomes, wrong


def main() -> int:
    """Run as many as asked; status 1 when one is wrong."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    outcomes, wrong = run(count)
    for line in wrong:
        print(line)
    told = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
    print(f"{count} damaged files: {told}; {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
