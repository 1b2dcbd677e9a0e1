"""The dated law: every rate by date, category and situation."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest

from contract.rates import common_values, shipped_rates
from regimes.auto_entrepreneur.assess import Situation, plan_for
from regimes.auto_entrepreneur.categories import CATEGORIES, FUNDS
from regimes.auto_entrepreneur.departments import DEPARTMENTS, chamber_region, department_code
from regimes.auto_entrepreneur.rate_choice import acre_rate, full_rate, overseas_rate
from regimes.registry import REGISTRY
from tests.rules.accounts import RATES

SPANS = [date(2022, 10, 1), date(2024, 7, 1), date(2025, 1, 1), date(2026, 1, 1)]
FULL = {
    "vente": "12.3 12.3 12.3 12.3",
    "service_bic": "21.2 21.2 21.2 21.2",
    "service_bnc": "21.1 23.1 24.6 25.6",
    "service_bnc_cipav": "21.2 23.2 23.2 23.2",
    "meuble_tourisme_classe": "6 6 6 6",
}
ACRE = {
    "vente": ("6.2 6.2 6.2 6.2", "9.3"),
    "service_bic": ("10.6 10.6 10.6 10.6", "15.9"),
    "service_bnc": ("10.6 11.6 12.3 12.8", "19.2"),
    "service_bnc_cipav": ("12.1 13.9 13.9 13.4", "17.4"),
    "meuble_tourisme_classe": ("3 3 3 3", "4.5"),
}
OVERSEAS = {
    "vente": ("2.1 6.2 8.2",) * 4,
    "service_bic": ("3.6 10.6 14.2",) * 4,
    "service_bnc": ("3.6 10.6 14.1", "3.9 11.6 15.4", "4.1 12.3 16.4", "4.3 12.8 17.1"),
    "service_bnc_cipav": ("7.1 10.6 14.2", "7.8 11.6 15.5", "7.8 11.6 15.5", "7.8 11.6 15.5"),
}


def numbers(text: str) -> list[Decimal]:
    return [Decimal(number) for number in text.split()]


@pytest.mark.parametrize("category", CATEGORIES)
def test_full_rates_on_both_sides_of_each_change(category: str) -> None:
    for start, end, rate in zip(
        SPANS, [*(s - timedelta(days=1) for s in SPANS[1:]), date(2026, 12, 31)],
        numbers(FULL[category]), strict=True,
    ):  # fmt: skip
        assert full_rate(category, start, RATES).rate == rate
        assert full_rate(category, end, RATES).rate == rate


@pytest.mark.parametrize("category", CATEGORIES)
def test_acre_rates_by_date_of_creation(category: str) -> None:
    """CSS D131-6-3: rounded up to the tenth; the cohort is the date of creation, for good."""
    first, second = ACRE[category]
    for on, rate in zip(SPANS, numbers(first), strict=True):
        assert acre_rate(category, on, date(2022, 9, 1), RATES).rate == rate
    autumn = date(2026, 11, 1)
    assert acre_rate(category, autumn, date(2026, 6, 30), RATES).rate == numbers(first)[-1]
    assert acre_rate(category, autumn, date(2026, 7, 1), RATES).rate == Decimal(second)


@pytest.mark.parametrize("category", OVERSEAS)
def test_overseas_rates_by_stage(category: str) -> None:
    """CSS D756-5: a sixth (a third for the Cipav), a half, two thirds, rounded up to the tenth."""
    for on, row in zip(SPANS, OVERSEAS[category], strict=True):
        created = [date(on.year - 1, 10, 1), date(on.year - 2, 1, 1), date(on.year - 4, 1, 1)]
        got = [overseas_rate(category, on, day, "972", RATES).rate for day in created]
        assert got == numbers(row)


@pytest.mark.parametrize("category", CATEGORIES)
def test_shares_of_each_span_add_up_to_the_whole(category: str) -> None:
    """CSS D613-6. Classified lettings have no published split before 2026."""
    for on in SPANS:
        values = [RATES.find(f"fund.{category}.{fund}", on) for fund in FUNDS]
        known = [value.value for value in values if value is not None]
        if category == "meuble_tourisme_classe" and on < date(2026, 1, 1):
            assert known == []
        else:
            assert sum(known) == 100
            assert (RATES.find(f"fund.{category}.indemnites_journalieres", on) is None) == (
                on < date(2026, 1, 1)
            )


def test_no_day_is_without_a_rate() -> None:
    """Each day of 2022-10 to 2026-12, in each situation: every line has a published rate."""
    day = date(2022, 10, 1)
    days = []
    while day <= date(2026, 12, 31):
        days.append(day)
        day += timedelta(days=1)
    situations = [
        Situation(date(2019, 5, 1), nature, department, until, True, nature == "artisanale")
        for nature, department, until in itertools.product(
            ("commerciale", "artisanale", "liberale"), (None, "57", "974"), (None, date.max)
        )
    ]
    for situation, category in itertools.product(situations, CATEGORIES):
        for on in days:
            plan = plan_for(category, on, situation, RATES)
            assert plan.lines[0].line.rate is not None, (category, on)


def test_a_missing_rate_is_a_missing_line_and_not_a_zero() -> None:
    plan = plan_for("vente", date(2021, 5, 1), Situation(date(2019, 5, 1), "commerciale"), RATES)
    assert [item.line.status.value for item in plan.lines] == ["missing"]


def test_every_value_has_its_text_and_every_doubt_its_sentence() -> None:
    for value in RATES:
        assert value.law
        assert value.source.startswith("https://"), value.key
        if not value.confirmed:
            assert len(value.note) > 20, value.key
    doubtful = {value.key for value in RATES if not value.confirmed}
    assert {
        "cfp.commerciale.service_bic", "acre.fraction", "acre.limit_pass", "chamber.double",
        "chamber.exemption.turnover", "overseas.disputed.service_bnc", "overseas.disputed.mayotte",
        "office.services", "calendar.due_hour", "calendar.weekend_shift", "calendar.late_months",
        "option.periodicity", "cipav.all_categories", "inactive.months",
    } <= doubtful  # fmt: skip


def code_of(folder: str, deep: bool = False) -> str:
    """The Python of a folder of regimes/."""
    from pathlib import Path

    import regimes

    place = Path(regimes.__path__[0]) / folder
    found = place.rglob("*.py") if deep else place.glob("*.py")
    return "".join(path.read_text("utf-8") for path in found)


def test_every_value_is_read() -> None:
    """A value that no module reads is dead law. Keys are built from prefixes found in the code."""
    code = code_of("auto_entrepreneur")
    families = (
        "contribution.", "fund.", "cfp.", "chamber.", "vl.", "overseas.", "allowance.",
        "rights.allowance.",
    )  # fmt: skip
    shared = {value.key for value in common_values()}
    for key in {value.key for value in RATES} - shared:
        family = next((f for f in families if key.startswith(f)), None)
        assert f'"{key}"' in code or (family and f'"{family}' in code), key


def test_every_shared_value_is_read() -> None:
    """What regimes/common.toml holds, by the modules that professions share or by one of them."""
    code = code_of("", deep=True)
    families = ("tax.from.", "tax.rate.", "tax.overseas.rate.", "tax.overseas.most.")
    for key in {value.key for value in common_values()}:
        family = next((f for f in families if key.startswith(f)), None)
        assert f'"{key}"' in code or (family and f'"{family}' in code), key


def test_the_shared_law_is_the_same_for_every_profession_and_laid_over_none() -> None:
    shared = {(v.key, v.start): v for v in common_values()}
    for code in REGISTRY.codes():
        table = shipped_rates(REGISTRY.get(code))
        assert {(v.key, v.start) for v in table} >= set(shared)
        assert all(v == shared[v.key, v.start] for v in table if (v.key, v.start) in shared)


def test_departments_by_code_and_by_name() -> None:
    assert len(DEPARTMENTS) == 103
    for text, code in {
        "La Réunion": "974", "la reunion": "974", "REUNION": "974", "Bas-Rhin": "67",
        "haut rhin": "68", "moselle": "57", "2a": "2A", "Côte-d’Or": "21", "val d'oise": "95",
        "Seine Saint Denis": "93", " 75 ": "75", "Guyane": "973", "mayotte": "976",
        "Saint-Barthélemy": "977", "Territoire de Belfort": "90",
    }.items():  # fmt: skip
        assert department_code(text) == code, text
    assert department_code("Atlantide") is None
    assert [chamber_region(c) for c in ("67", "68", "57", "75", None)] == [
        "alsace", "alsace", "moselle", "france", "france",
    ]  # fmt: skip
