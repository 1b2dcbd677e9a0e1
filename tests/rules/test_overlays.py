"""Rates completed by an operator's files: the same schema, laid over the shipped ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contract.rates import completed_rates, rates_view, shipped_rates, table_from_view
from regimes.dated import RatesError
from regimes.regime import Registry
from regimes.registry import REGISTRY
from tests.support.toy_regime import REGIME as TOY
from tests.support.toy_regime import Inventor

ENTRY = """\
[[rate]]
key = "toy.muse"
from = 2025-01-01
value = "1.5"
unit = "percent"
law = "Décret de la muse"
source = "https://example.org/muse"
"""
TOP = 'regime = "toy"\ntitle = "Décret de la muse"\n\n'
WHOLE = TOP + ENTRY


@pytest.fixture
def registry() -> Registry:
    found = Registry()
    found.add(TOY)
    return found


def refusal(registry: Registry, **files: str) -> str:
    with pytest.raises(RatesError) as refused:
        completed_rates(registry, {f"{name}.toml": text for name, text in files.items()})
    return str(refused.value)


def test_without_files_the_shipped_tables_stand() -> None:
    for code, table in completed_rates(REGISTRY, {}).items():
        assert table is shipped_rates(REGISTRY.get(code))
        assert table.origins() == ()


def test_a_file_brings_what_nobody_published(registry: Registry) -> None:
    shipped = shipped_rates(TOY)
    table = completed_rates(registry, {"muse.toml": WHOLE})["toy"]
    value = table.get("toy.muse", date(2026, 1, 1))
    assert (value.value, value.origin) == (Decimal("1.5"), "muse.toml")
    assert value.label == "Part de la muse"  # the shipped words, when the file has none
    assert table.find("toy.muse", date(2024, 12, 31)) is None
    assert table.origins() == ("muse.toml",)
    assert table.version != shipped.version
    assert shipped.find("toy.muse", date(2026, 1, 1)) is None  # the shipped table never moves
    served = table_from_view(rates_view(table))
    assert (served.version, served.origins()) == (table.version, table.origins())


def test_partial_becomes_whole(registry: Registry) -> None:
    from tests.support.toy_regime import Income

    profile, income = Inventor(start_date=date(2025, 1, 1)), Income(income=Decimal(1000))
    for files, partial, due in (({}, True, 310), ({"muse.toml": WHOLE}, False, 325)):
        rates = completed_rates(registry, files)["toy"]
        period = TOY.periods(profile, date(2026, 5, 1), rates)[0]
        found = TOY.assess(profile, period, income, (), rates)
        assert (found.partial, found.due, found.rates_version) == (partial, due, rates.version)


def test_a_value_of_the_same_date_takes_the_place_of_the_shipped_one(registry: Registry) -> None:
    text = WHOLE.replace("toy.muse", "toy.pension").replace("1.5", "22")
    table = completed_rates(registry, {"pension.toml": text})["toy"]
    assert [v.value for v in table.history("toy.pension")] == [Decimal(20), Decimal(22)]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("from = 2025-01-01\n", "", "muse.toml, line 4 (toy.muse): from must be a date"),
        ('unit = "percent"\n', "", "muse.toml, line 4 (toy.muse): unit must be one of"),
        (
            'source = "https://example.org/muse"\n',
            "",
            "muse.toml, line 4 (toy.muse): source is missing",
        ),
        ('law = "Décret de la muse"\n', "", "muse.toml, line 4 (toy.muse): law is missing"),
        ("2025-01-01", '"2025-01-01"', "muse.toml, line 6 (toy.muse): from must be a date"),
        ('"1.5"', "1.5", "muse.toml, line 7 (toy.muse): value must be written between quotes"),
        ('"1.5"', '"1,5"', "muse.toml, line 7 (toy.muse): value is not a number"),
        ('"1.5"', '"NaN"', "muse.toml, line 7 (toy.muse): value is not a number"),
        ('"percent"', '"per cent"', "muse.toml, line 8 (toy.muse): unit must be one of"),
        ('"percent"', '"ratio"', "muse.toml, line 4 (toy.muse): unit must be percent"),
        ("toy.muse", "toy.mouse", "muse.toml, line 4 (toy.mouse): toy looks up no such key"),
        ("value", "valeur", "muse.toml, line 7 (toy.muse): unknown field valeur"),
        ('regime = "toy"', 'regime = "vrp"', 'muse.toml: write regime = "…" on top, one of toy'),
        ("title", "titre", "muse.toml, line 2: unknown table or word titre"),
        ('"1.5"', '"1.5', "muse.toml: "),
    ],
)
def test_a_fault_names_file_and_line(
    registry: Registry, before: str, after: str, says: str
) -> None:
    assert before in WHOLE
    assert refusal(registry, muse=WHOLE.replace(before, after, 1)).startswith(says)


def test_the_line_is_that_of_the_entry_at_fault_whatever_the_texts_hold(
    registry: Registry,
) -> None:
    trap = ENTRY.replace('"Décret de la muse"', '"""\n[[rate]]\nkey = "toy.pension"\n"""')
    second = ENTRY.replace("2025", "2026").replace('unit = "percent"\n', "")
    line = (TOP + trap).count("\n") + 1
    assert refusal(registry, muse=TOP + trap + second).startswith(f"muse.toml, line {line} ")


def test_two_files_that_say_the_same_are_both_named(registry: Registry) -> None:
    told = refusal(registry, one=WHOLE, two=WHOLE)
    assert "one.toml, line 4" in told
    assert "two.toml, line 4" in told


def test_every_awaited_key_of_the_professions_has_words() -> None:
    for code in REGISTRY.codes():
        table = shipped_rates(REGISTRY.get(code))
        for awaited in table.awaited:
            assert not table.history(awaited.key), "published: take it out of the awaited ones"
