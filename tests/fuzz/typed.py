"""Texts that people, thieves and broken keyboards type, read by every parser of the project.

A parser may refuse; it may not crash, and what it accepts must be what was typed: the digits of an
amount are those of the text in their order, identifiers are valid for another library, and what is
accepted is written back and read again as the same value.

    python -m tests.fuzz.typed 100000 [SEED]
"""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import TypeAdapter, ValidationError
from stdnum import iban as std_iban
from stdnum.fr import nir as std_nir
from stdnum.fr import siret as std_siret

from app.forms.answers import Answer, Count, Date, Iban, Invalid, Measure, Money, Nir, Siret
from contract.i18n import Words, words
from contract.identifiers import reference_valid
from regimes.money import DeclaredEuros

SEEDS = (
    "1 234,56", "1234.56", "0", "99999999,99", "12,5 €", "1.234,56", "-3", "1e5", "1\u202f234",
    "12345678200010", "123 456 782 00010", "35600000000048", "35600000049837",
    "2 55 08 14 168 025 38", "255081416802538", "2 55 08 2A 168 025 67",
    "FR76 3000 6000 0112 3456 7890 189", "DE89370400440532013000", "BE68539007547034",
    "RF18539007547034", "31/10/2026", "2026-10-31", "31102026", "29/02/2024", "12", "1,5",
)  # fmt: skip
# Digits of other scripts, look-alikes, invisible and bidirectional marks, halves of surrogates.
TRICKS = (
    "٣", "۴", "३", "１", "𝟙", "²", "½", "Ⅷ", "０", "О", "l", "Ι",
    "\u200b", "\u200d", "\ufeff", "\u202e", "\u2066", "\u0301", "\ud800", "\udfff", "\0", "\x1b",
    "\x7f", "\n", "\t", "\r", "\v", "\x85", "\u2028", "\u00a0", "\u202f", "\u2007", "\u3000",
    "，", "．", "٫", "٬", "−", "–", "€", "£", "e", "E", "inf", "nan", "0x", "_", "'", '"', "<", "&",
    ";", "|", "%s", "{0}", "${x}", "ﬀ", "ß", "İ", "ı",
)  # fmt: skip
FR = words("fr")


def made(chance: random.Random) -> str:
    """One text: something right, damaged a little or much; now and then pure noise."""
    if chance.random() < 0.1:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(40)))
    text = chance.choice(SEEDS)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(7):
            case 0:
                text = text[:at] + chance.choice(TRICKS) + text[at:]
            case 1:
                text = text[:at] + text[at + 1 :]
            case 2:
                text = text[:at] + chance.choice("0123456789., -/AB") + text[at + 1 :]
            case 3:
                text = text[:at] + text[at:] * chance.choice((2, 2, 3))
            case 4:
                text = chance.choice(SEEDS)[:at] + text[at:]
            case 5:
                text = unicodedata.normalize(chance.choice(("NFD", "NFKD", "NFKC")), text)
            case _:
                text = re.sub(r"\d", lambda m: chr(0x660 + int(m[0])) if chance.random() < 0.2
                              else m[0], text)  # fmt: skip
        text = text[:400]
    if chance.random() < 0.001:
        text *= 5000
    return text


def digits(text: str) -> str:
    """The ASCII digits of a text, in their order."""
    return "".join(c for c in text if c in "0123456789")


def amount(typed: str, value: Any) -> bool:
    """An amount is the digits typed, with at most one sign among them."""
    assert isinstance(value, Decimal)
    exponent = value.as_tuple().exponent
    whole = value.is_finite() and value >= 0 and isinstance(exponent, int) and -2 <= exponent <= 0
    return whole and int(value.scaleb(-int(exponent))) == int(digits(typed))


def day(typed: str, value: Any) -> bool:
    """The digits typed are those of the day, in one of the two orders."""
    assert isinstance(value, date)
    groups = [int(g) for g in re.findall(r"[0-9]+", typed)]
    if len(groups) == 1:
        return digits(typed) == f"{value:%d%m}{value.year:04}"
    return groups in ([value.day, value.month, value.year], [value.year, value.month, value.day])


def same(valid: Callable[[str], bool], letters: bool = False) -> Callable[[str, Any], bool]:
    """What was typed without its spaces, valid for another library."""

    def check(typed: str, value: Any) -> bool:
        kept = "".join(c for c in typed if c.isalnum()) if letters else digits(typed)
        return bool(value.isascii()) and kept.upper() == value and valid(value)

    return check


def number(typed: str, value: Any) -> bool:
    """A number is the digits typed; a comma is a point."""
    return bool(value == Decimal(typed.strip().replace(",", ".")) and value >= 0)


PARSERS: dict[str, tuple[Answer, Callable[[str, Any], bool]]] = {
    "money": (Money(), amount),
    "date": (Date(), day),
    "siret": (Siret(), same(std_siret.is_valid)),
    "nir": (Nir(), same(std_nir.is_valid, letters=True)),
    "iban": (Iban(), same(partial(std_iban.is_valid, check_country=False), letters=True)),
    "count": (Count(), number),
    "measure": (Measure(), number),
}
WIRE: TypeAdapter[Decimal] = TypeAdapter(DeclaredEuros)


def judge(text: str, language: Words = FR) -> list[str]:
    """Which parsers accept a text. Raises AssertionError when one reads what was not typed, and
    whatever a parser raises beside Invalid."""
    accepted = []
    for name, (answer, right) in PARSERS.items():
        try:
            value = answer.parse(text)
        except Invalid as fault:
            refused = fault
        else:
            assert right(text, value), (name, text, value)
            assert answer.parse(answer.write(value, language)) == value, (name, text)
            accepted.append(name)
            continue
        assert refused.sentence(language), name
        assert answer.normalise(text, language) == (text if text.strip() else ""), name
    try:
        euros = WIRE.validate_python(text)
    except ValidationError:
        pass
    else:
        assert re.fullmatch(r"-?[0-9]+(\.[0-9]{1,2})?", text), text
        assert euros >= 0, text
        assert euros == Decimal(text), text
        accepted.append("wire")
    if reference_valid(text):
        accepted.append("reference")
    return accepted


def run(count: int, seed: int) -> Counter[str]:
    """Judge `count` texts; how many each parser accepted."""
    chance = random.Random(seed)
    accepted: Counter[str] = Counter()
    for index in range(count):
        text = made(chance)
        try:
            accepted.update(judge(text) or ["none"])
        except BaseException as error:
            raise AssertionError(f"input {index} of seed {seed}: {text[:300]!a}") from error
    return accepted


def main() -> None:
    """The number of texts, and a seed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)
    accepted = run(count, seed)
    told = " ".join(f"{name}={times}" for name, times in sorted(accepted.items()))
    print(f"inputs={count} seed={seed} wrong=0 accepted: {told}")


if __name__ == "__main__":
    main()
