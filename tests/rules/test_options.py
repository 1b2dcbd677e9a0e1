"""Options: their windows, their effect, and what they never do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from regimes.auto_entrepreneur import REGIME
from regimes.regime import Option, OptionRefused
from tests.rules.accounts import RATES, TODAY, account, filed, months


def option(code: str, profile: Any, today: date = TODAY, history: Any = ()) -> Option:
    return next(o for o in REGIME.options(profile, history, today, RATES) if o.code == code)


def choose(profile: Any, code: str, value: str, today: date = TODAY, history: Any = ()) -> Any:
    return REGIME.choose(profile, code, value, history, today, RATES)


def refusal(*arguments: Any, **more: Any) -> str:
    with pytest.raises(OptionRefused) as caught:
        choose(*arguments, **more)
    return caught.value.code


def test_every_option_has_its_words_and_its_text() -> None:
    found = REGIME.options(account(), (), TODAY, RATES)
    assert [o.code for o in found] == [
        "periodicity", "flat_tax", "acre", "dedicated_account", "cessation", "radiation",
    ]  # fmt: skip
    for o in found:
        assert o.label
        assert o.summary
        assert o.law
        assert o.open or o.reason
        assert all(choice.effect for choice in o.choices)


@pytest.mark.parametrize(
    ("today", "closes", "effective"),
    [
        (date(2026, 10, 31), date(2026, 10, 31), date(2027, 1, 1)),
        (date(2026, 11, 1), date(2027, 10, 31), date(2028, 1, 1)),
    ],
)
def test_periodicity_until_31_october(today: date, closes: date, effective: date) -> None:
    """CSS R613-7; the safe date is marked as such."""
    found = option("periodicity", account(), today)
    assert (found.open, found.closes, found.effective) == (True, closes, effective)
    assert found.status == "unconfirmed"
    changed = choose(account(), "periodicity", "quarterly", today)
    assert changed.periodicity_on(effective) == "quarterly"
    assert changed.periodicity_on(date(effective.year - 1, 12, 31)) == "monthly"
    # Changing one's mind before the date leaves one choice, not two.
    back = choose(changed, "periodicity", "monthly", today)
    assert back.periodicity_on(effective) == "monthly"


def test_a_beginner_chooses_the_periodicity_within_a_month() -> None:
    profile = account("2026-10-20")
    assert option("periodicity", profile, date(2026, 11, 20)).effective == date(2026, 10, 20)
    assert option("periodicity", profile, date(2026, 11, 21)).effective == date(2028, 1, 1)
    changed = choose(profile, "periodicity", "quarterly", date(2026, 11, 1))
    (first,) = REGIME.periods(changed, date(2026, 11, 1), RATES)
    assert (first.code, first.end) == ("2027-Q1", date(2027, 3, 31))


@pytest.mark.parametrize(
    ("today", "closes", "effective"),
    [
        (date(2026, 9, 30), date(2026, 9, 30), date(2027, 1, 1)),
        (date(2026, 10, 1), date(2027, 9, 30), date(2028, 1, 1)),
    ],
)
def test_versement_liberatoire_until_30_september(
    today: date, closes: date, effective: date
) -> None:
    """CGI 151-0: in or out for the next year."""
    found = option("flat_tax", account(), today)
    assert (found.open, found.closes, found.effective) == (True, closes, effective)
    joined = choose(account(), "flat_tax", "yes", today)
    assert joined.flat_tax_on(effective)
    assert not joined.flat_tax_on(date(effective.year - 1, 12, 31))
    left = choose(account(flat_tax_in=True), "flat_tax", "no", today)
    assert not left.flat_tax_on(effective)
    assert left.flat_tax_on(date(effective.year - 1, 12, 31))


def test_a_beginner_joins_from_the_start_until_the_third_month_after() -> None:
    profile = account("2026-08-10")
    assert option("flat_tax", profile, date(2026, 11, 30)).effective == date(2026, 8, 10)
    assert option("flat_tax", profile, date(2026, 12, 1)).effective == date(2028, 1, 1)
    joined = choose(profile, "flat_tax", "yes", date(2026, 11, 30))
    assert joined.flat_tax_on(date(2026, 8, 10))


def test_the_household_income_closes_the_versement_liberatoire() -> None:
    """29 315 € a share for 2026; for 2027, 29 579 € that is not confirmed."""
    spring = date(2025, 5, 1)
    assert option("flat_tax", account(income_per_share="29315"), spring).open
    rich = account(income_per_share="29315.01")
    assert not option("flat_tax", rich, spring).open
    assert refusal(rich, "flat_tax", "yes", spring) == "option_closed"
    assert option("flat_tax", rich, date(2026, 5, 1)).open
    assert option("flat_tax", account(), date(2026, 5, 1)).status == "unconfirmed"
    # Leaving is never closed by the income.
    leaving = account(income_per_share="90000", flat_tax_in=True)
    assert option("flat_tax", leaving, spring).open


@pytest.mark.parametrize(
    ("start", "last"), [("2026-03-10", date(2026, 5, 9)), ("2025-03-10", date(2025, 4, 24))]
)
def test_acre_request(start: str, last: date) -> None:
    """60 days from the start from 2026 on, 45 before (CSS D131-6-1)."""
    profile = account(start)
    found = option("acre", profile, last)
    assert (found.open, found.closes) == (True, last)
    granted = choose(profile, "acre", "yes", last)
    assert granted.acre.requested_on == last
    assert not option("acre", granted, last).open
    after = date.fromordinal(last.toordinal() + 1)
    assert refusal(profile, "acre", "yes", after) == "option_closed"
    assert not option("acre", account(start, department="974"), last).open


def test_dedicated_account_is_required_after_two_years_above_10_000_euros() -> None:
    profile = account()
    rich = [*months(profile, 2024, 834), *months(profile, 2025, 834)]
    assert option("dedicated_account", profile, history=rich).params["required"]
    poor = [*months(profile, 2024, 834), *months(profile, 2025, 833)]
    assert not option("dedicated_account", profile, history=poor).params["required"]
    assert choose(profile, "dedicated_account", "yes", history=rich).dedicated_account


def test_end_of_activity_leaves_a_last_declaration() -> None:
    profile = account("2024-01-01", "vente", rhythm="quarterly")
    ended = choose(profile, "cessation", "2026-11-15")
    last = REGIME.periods(ended, TODAY, RATES)[-1]
    assert (last.code, last.last, last.due) == ("2026-Q4", True, date(2027, 1, 31))
    assert option("cessation", ended).open is False
    assert refusal(ended, "periodicity", "monthly") == "option_closed"


def test_an_end_of_activity_never_drops_what_was_declared() -> None:
    profile = account()
    history = [filed(profile, "2026-09", {"vente": 100}), filed(profile, "2026-10", {"vente": 100})]
    assert refusal(profile, "cessation", "2026-09-30", history=history) == "period_already_declared"
    # The month of the end was already declared whole: its code stands, and so does the filing.
    assert choose(profile, "cessation", "2026-10-15", history=history).end_date == date(
        2026, 10, 15
    )
    begun = account("2026-07-15")
    first = [filed(begun, "2026-10", {"vente": 100})]
    assert refusal(begun, "cessation", "2026-08-20", history=first) == "period_already_declared"


def test_refusals_have_stable_codes() -> None:
    profile = account()
    assert refusal(profile, "nonsense", "yes") == "option_unknown"
    assert refusal(profile, "periodicity", "weekly") == "choice_unknown"
    assert refusal(profile, "periodicity", "monthly") == "choice_unchanged"
    assert refusal(profile, "cessation", "tomorrow") == "date_malformed"
    assert refusal(profile, "cessation", "2026-11-24") == "end_in_future"
    assert refusal(profile, "cessation", "2018-01-01") == "end_before_start"
    assert refusal(profile, "radiation", "yes") == "option_closed"


def test_the_radiation_counter_follows_the_declarations() -> None:
    profile = account("2019-05-01", "vente", rhythm="quarterly")
    quarters = [f"{y}-Q{q}" for y in (2024, 2025) for q in (1, 2, 3, 4)]
    history = [filed(profile, code, {"vente": 0}) for code in quarters]
    assert option("radiation", profile, history=history).params == {"months": 24, "limit": 24}
    history[3] = filed(profile, "2024-Q4", {"vente": 1})
    assert option("radiation", profile, history=history).params["months"] == 12
    history[3] = filed(profile, "2024-Q4", {}, platform={"vente": 1})
    assert option("radiation", profile, history=history).params["months"] == 12
