"""Sea fishermen: published examples to the cent, the grid, the table of functions, the log."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.rates import completed_rates, shipped_rates
from regimes.assessment import Assessment, LineStatus
from regimes.fisherman import REGIME
from regimes.fisherman.assess import day_wage, family_rate, size_class
from regimes.fisherman.log import check_log, declaration_of
from regimes.fisherman.models import Profile, Service, Vessel
from regimes.fisherman.tables import POSITIONS, category_of, position_of
from regimes.regime import DeclarationRefused, InputError
from regimes.registry import REGISTRY

RATES = shipped_rates(REGIME)
D = Decimal
PROFILE = Profile(start_date=date(2020, 1, 1), birth_date=date(1980, 5, 1))
DAYS_2024 = {
    1: "40.16", 2: "49.95", 3: "59.73", 4: "65.89", 5: "70.33", 6: "72.77", 7: "77.29",
    8: "81.35", 9: "85.01", 10: "90.34", 11: "100.09", 12: "106.48", 13: "115.19", 14: "123.89",
    15: "133.55", 16: "143.77", 17: "156.27", 18: "172.21", 19: "189.57", 20: "208.28",
}  # fmt: skip
SOME_DAYS = {
    date(2023, 4, 1): {1: "38.39", 6: "69.57", 20: "199.12"},
    date(2025, 4, 1): {1: "40.84", 6: "74.01", 20: "211.82"},
    date(2026, 4, 1): {1: "41.17", 3: "61.24", 6: "74.60", 20: "213.52"},
}


def inputs(
    start: str, end: str, category: int, length: str = "9", role: str = "owner", **more: Any
) -> dict[str, Any]:
    return {
        "date": end, "role": role, "birth_date": more.pop("birth_date", "1980-05-01"),
        "vessels": {"A": {"length_m": D(length), **more.pop("vessel", {})}},
        "periods": [{"start": start, "end": end, "vessel": "A", "category": category, **more}],
    }  # fmt: skip


def assessed(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Decimal], Assessment]:
    exact, found = REGIME.assess_inputs(given, RATES)
    return exact, {line.code: line.amount for line in found.lines}, found


@pytest.mark.parametrize(
    ("given", "base", "amounts"),
    [
        (
            inputs("2024-04-01", "2024-11-06", 6), "16009.40",
            {"crm.personal": "1737.02", "crm.owner": "256.15", "af": "0", "csg_crds": "1552.91"},
        ),
        (
            inputs("2024-05-01", "2024-05-30", 3, "18", "crew"), "1791.90",
            {"crm.personal": "194.42", "crm.owner": "175.61", "cgp.owner": "139.77"},
        ),
        (
            inputs("2024-04-01", "2025-03-26", 10, "30", "crew", owner_embarked=False),
            "32522.40", {"crm.personal": "3528.68", "crm.owner": "6276.82"},
        ),
        (inputs("2024-03-22", "2024-04-20", 6), "2151.10", {}),
        (
            inputs("2026-04-01", "2026-11-06", 6), "16412.00",
            {"crm.personal": "1780.70", "crm.owner": "262.59", "cgp.owner": "910.87", "af": "0",
             "csg_crds": "1591.96", "cfp": "72.09"},
        ),
        (
            inputs("2026-05-01", "2026-05-30", 3, role="crew"), "1837.20",
            {"crm.personal": "199.34", "crm.owner": "29.40", "cgp.owner": "125.85"},
        ),
        (
            inputs("2026-05-01", "2026-05-30", 3, "18", "crew"), "1837.20",
            {"crm.owner": "180.05", "cgp.owner": "143.30"},
        ),
    ],
)  # fmt: skip
def test_worked_examples(given: dict[str, Any], base: str, amounts: dict[str, str]) -> None:
    exact, found, whole = assessed(given)
    assert exact["base"] == D(base)
    assert {code: found[code] for code in amounts} == {k: D(v) for k, v in amounts.items()}
    missing = [line for line in whole.lines if line.status is LineStatus.MISSING]
    assert [line.code for line in missing] == ["cgp.personal"]
    assert whole.partial
    assert missing[0].note.startswith("Non calculé ici")


def test_the_wage_of_a_day_is_the_360th_of_the_year() -> None:
    for category, day in DAYS_2024.items():
        assert day_wage(RATES.get(f"wage.{category}", date(2024, 4, 1))) == D(day)
    for on, days in SOME_DAYS.items():
        for category, day in days.items():
            assert day_wage(RATES.get(f"wage.{category}", on)) == D(day)


@pytest.mark.parametrize(
    ("lengths", "size"),
    [(("8", "7"), "small"), (("11.5", "9"), "middle"), (("12",), "small"), (("25",), "middle"),
     (("25.01",), "large"), (("24", "24"), "large")],
)  # fmt: skip
def test_lengths_combine_by_their_cubes(lengths: tuple[str, ...], size: str) -> None:
    fleet = [Vessel(name="x", length_m=D(n), navigation="petite_peche") for n in lengths]
    assert size_class(fleet, date(2026, 5, 1), RATES) == size


@pytest.mark.parametrize(("tons", "size"), [("30", "small"), ("31", "middle"), ("51", "large")])
def test_old_certificates_count_by_tonnage(tons: str, size: str) -> None:
    vessel = Vessel(
        name="x", length_m=D(40), tonnage=D(tons), navigation="peche_cotiere",
        oslo_certificate_before_1986=True,
    )  # fmt: skip
    assert size_class([vessel], date(2026, 5, 1), RATES) == size


@pytest.mark.parametrize(
    ("navigation", "function", "tonnage", "category"),
    [
        ("petite_peche", "deckhand", None, 3), ("petite_peche", "skipper", "5", 3),
        ("petite_peche", "skipper", "6", 6), ("petite_peche", "skipper_certified", "3", 6),
        ("peche_cotiere", "skipper_certified", "24.9", 7),
        ("peche_cotiere", "skipper_certified", "25", 8), ("peche_large", "second", "450", 12),
        ("grande_peche", "skipper_certified", "750", 17), ("cultures_marines", "captain", None, 8),
        ("petite_peche", "mechanic", "5", None), ("petite_peche", "skipper", None, None),
        ("petite_peche", "radio", "10", None),
    ],
)  # fmt: skip
def test_category_lookup(
    navigation: str, function: str, tonnage: str | None, category: int | None
) -> None:
    found = category_of(
        navigation, function, None if tonnage is None else D(tonnage), date(2026, 5, 1), RATES
    )
    assert (None if found is None else int(found.value)) == category


def test_after_65_the_personal_pension_stops_and_the_rest_goes_on() -> None:
    given = inputs("2026-05-01", "2026-05-10", 6, birth_date="1961-05-05")
    _, found, whole = assessed(given)
    personal = next(line for line in whole.lines if line.code == "crm.personal")
    assert personal.base == 5 * D("74.60")
    owner = next(line for line in whole.lines if line.code == "crm.owner")
    assert owner.base == 10 * D("74.60")
    assert found["csg_crds"] == D("72.36")


def test_uninsured_ashore_part_time_and_spouse() -> None:
    _, found, _ = assessed(inputs("2026-05-01", "2026-05-10", 6, vessel={"insured": False}))
    assert found["uninsured"] == D("14.92")
    exact, found, _ = assessed(inputs("2026-05-01", "2026-05-10", 6, position="sickness"))
    assert exact["base"] == 0
    exact, _, _ = assessed(inputs("2026-05-01", "2026-05-10", 6, ratio=D("0.5")))
    assert exact["base"] == 373
    exact, found, _ = assessed(inputs("2026-05-01", "2026-05-10", 6, role="spouse"))
    assert exact["base"] == D("612.40")
    assert found == {"spouse.pension": D("48.99"), "cfp": D("72.09")}
    for position in POSITIONS:
        place = position_of(position, date(2026, 5, 1), RATES)
        assert place is not None
        assert place.sentence


def test_family_allowances_grow_between_110_and_140_percent_of_the_ceiling() -> None:
    on = date(2026, 12, 31)
    assert family_rate(D(52866), on, RATES) == 0
    assert family_rate(D(48060) * D("1.25"), on, RATES) == D("1.55")
    assert family_rate(D(67284), on, RATES) == D("3.1")


def test_a_rate_that_an_operator_brings_makes_the_year_whole() -> None:
    text = (
        'regime = "marin-pecheur"\n[[rate]]\nkey = "cgp.personal"\nfrom = 2026-01-01\n'
        'value = "1.2"\nunit = "percent"\nlaw = "Décret"\nsource = "https://example.org"\n'
    )
    rates = completed_rates(REGISTRY, {"2026-decret.toml": text})["marin-pecheur"]
    _, found = REGIME.assess_inputs(inputs("2026-04-01", "2026-11-06", 6), rates)
    line = next(line for line in found.lines if line.code == "cgp.personal")
    assert (line.status, line.amount, found.partial) == (
        LineStatus.COMPUTED, D("196.94"), False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"end": "2026-04-31"}, "periods.0.end"), ({"vessel": "B"}, "periods.0.vessel"),
        ({"category": 21}, "periods.0.category"), ({"position": "99"}, "periods.0.position"),
        ({"ratio": 0}, "periods.0.ratio"), ({"start": "2020-01-01"}, "periods.0.start"),
        ({"extra": 1}, "periods.0.extra"),
    ],
)  # fmt: skip
def test_a_bad_input_names_its_field(change: dict[str, Any], field: str) -> None:
    given = inputs("2026-04-01", "2026-04-10", 6)
    given["periods"][0].update(change)
    with pytest.raises(InputError) as refused:
        REGIME.assess_inputs(given, RATES)
    assert refused.value.field == field


FIRST = date(2023, 4, 1)
DAY = st.integers(min_value=0, max_value=1300).map(lambda n: FIRST + timedelta(days=n))


@settings(max_examples=100, deadline=None)
@given(DAY, st.integers(1, 300), st.integers(1, 299), st.integers(1, 20))
def test_splitting_a_period_never_changes_the_base(
    start: date, days: int, cut: int, category: int
) -> None:
    end = start + timedelta(days=days)
    middle = start + timedelta(days=min(cut, days) - 1)
    whole = assessed(inputs(start.isoformat(), end.isoformat(), category))[0]["base"]
    given = inputs(start.isoformat(), end.isoformat(), category)
    given["periods"] = [
        {**given["periods"][0], "end": middle.isoformat()},
        {**given["periods"][0], "start": (middle + timedelta(days=1)).isoformat()},
    ]
    assert abs(assessed(given)[0]["base"] - whole) <= D("0.02")


@settings(max_examples=80, deadline=None)
@given(DAY, st.integers(0, 300), st.integers(1, 20))
def test_a_day_more_never_lowers_the_base(start: date, days: int, category: int) -> None:
    ends = [start + timedelta(days=n) for n in (days, days + 1)]
    one, two = (
        assessed(inputs(start.isoformat(), end.isoformat(), category))[0]["base"] for end in ends
    )
    assert one < two


def service(start: date, days: int) -> Service:
    return Service(start=start, end=start + timedelta(days=days), vessel="v1", category=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(DAY, st.integers(0, 40)), min_size=2, max_size=6))
def test_no_overlap_is_ever_accepted(raw: list[tuple[date, int]]) -> None:
    vessel = Vessel(name="x", length_m=D(9), navigation="petite_peche")
    services = {f"s{n}": service(start, days) for n, (start, days) in enumerate(raw)}
    seen: set[int] = set()
    clash = False
    for s in services.values():
        mine = set(range(s.start.toordinal(), s.end.toordinal() + 1))
        clash = clash or bool(seen & mine)
        seen |= mine
    log = {"vessel": {"v1": vessel}, "service": services, "crew-service": {}}
    if clash:
        with pytest.raises(DeclarationRefused):
            check_log(PROFILE, log, date(2027, 12, 31), RATES)
    else:
        check_log(PROFILE, log, date(2027, 12, 31), RATES)


def test_the_future_and_unknown_vessels_are_refused() -> None:
    vessel = Vessel(name="x", length_m=D(9), navigation="petite_peche")
    late = service(date(2026, 11, 23), 1)
    log = {"vessel": {"v1": vessel}, "service": {"s": late}, "crew-service": {}}
    with pytest.raises(DeclarationRefused) as refused:
        check_log(PROFILE, log, date(2026, 11, 23), RATES)
    assert (refused.value.code, refused.value.field) == ("service_future", "s.end")
    with pytest.raises(DeclarationRefused) as refused:
        check_log(PROFILE, {**log, "vessel": {}}, date(2026, 12, 23), RATES)
    assert refused.value.field == "s.vessel"


def test_the_log_becomes_the_declaration_and_straddling_days_are_cut() -> None:
    vessel = Vessel(name="x", length_m=D(9), navigation="petite_peche")
    log = {"vessel": {"v1": vessel}, "service": {"s": service(date(2025, 12, 30), 4)}}
    found = declaration_of(log, date(2026, 1, 1), date(2026, 12, 31))
    assert [(p.start, p.end) for p in found.periods] == [(date(2026, 1, 1), date(2026, 1, 3))]


def test_instalments_then_a_regularisation_that_adds_up() -> None:
    today = date(2027, 3, 1)
    period = next(p for p in REGIME.periods(PROFILE, today, RATES) if p.code == "2026")
    assert (period.opens, period.due) == (date(2027, 1, 1), date(2027, 2, 28))
    calls = [
        c for c in REGIME.schedule(PROFILE, [], date(2026, 12, 1), RATES) if c.period == "2026"
    ]
    assert len(calls) == 4
    assert REGIME.effect(PROFILE, {}, [], 2026, RATES).called == sum(c.amount for c in calls)
    young = PROFILE.model_copy(update={"start_date": date(2026, 1, 2)})
    base = D("9131.40")
    rates = (D("10.85"), D("1.6"), D("5.55"), D("9.7"))
    expected = sum((base * r / 100).quantize(D("0.01")) for r in rates)
    assert sum(
        c.amount for c in REGIME.schedule(young, [], date(2026, 11, 1), RATES)
    ) == pytest.approx(expected, abs=D("0.03"))  # type: ignore[arg-type]
