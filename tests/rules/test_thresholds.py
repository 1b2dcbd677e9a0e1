"""Ceilings, gauges and alerts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from regimes.auto_entrepreneur import REGIME, thresholds
from regimes.regime import Alert, Gauge
from tests.rules.accounts import RATES, TODAY, account, filed, months


def gauges(profile: Any, history: Any = (), today: date = TODAY) -> dict[str, Gauge]:
    return {g.code: g for g in REGIME.gauges(profile, history, today, RATES)}


def alerts(profile: Any, history: Any = (), today: date = TODAY) -> dict[str, Alert]:
    return {a.code: a for a in REGIME.alerts(profile, history, today, RATES)}


@pytest.mark.parametrize(
    ("year", "limits"),
    [
        (2024, (188700, 77700, 91900, 101000, 36800, 39100)),
        (2025, (188700, 77700, 85000, 93500, 37500, 41250)),
        (2026, (203100, 83600, 85000, 93500, 37500, 41250)),
    ],
)
def test_ceilings_by_year(year: int, limits: tuple[int, ...]) -> None:
    found = gauges(account("2019-05-01", "vente", "service_bic"), today=date(year, 6, 1))
    assert (
        found["micro.total"].limit, found["micro.services"].limit, found["vat.sales"].limit,
        found["vat.sales"].upper, found["vat.services"].limit, found["vat.services"].upper,
    ) == limits  # fmt: skip


def test_only_the_ceilings_that_concern_the_account() -> None:
    assert list(gauges(account("2019-05-01", "vente"))) == ["micro.total", "vat.sales"]
    assert list(gauges(account("2019-05-01", "service_bnc"))) == ["micro.services", "vat.services"]
    assert list(gauges(account("2019-05-01", "vente", vat_registered=True))) == ["micro.total"]
    lettings = gauges(account("2019-05-01", "meuble_tourisme_classe"))["micro.services"]
    assert (lettings.status, bool(lettings.note)) == ("unconfirmed", True)


def test_platform_turnover_counts_and_so_does_each_rounded_figure() -> None:
    profile = account("2019-05-01", "vente", "service_bic")
    history = [
        filed(profile, "2025-12", {"vente": 99999}),
        filed(profile, "2026-01", {"vente": "10.50", "service_bic": 20}),
        filed(profile, "2026-02", {"service_bic": 5}, platform={"service_bic": "100.50"}),
    ]
    found = gauges(profile, history)
    assert (found["micro.total"].value, found["micro.services"].value) == (137, 126)
    assert (found["vat.sales"].value, found["vat.services"].value) == (137, 126)


def test_a_first_period_over_two_years_counts_in_each() -> None:
    profile = account("2025-11-20")
    history = [filed(profile, "2026-02", {"vente": 700}, {"vente": 30})]
    assert thresholds.year_turnover(history, 2025).total == 700
    assert thresholds.year_turnover(history, 2026).total == 30


def test_first_year_is_prorated() -> None:
    """Start on 1 August: 153 days; 50 000 € are 119 280 € a year, above no sales ceiling."""
    profile = account("2026-08-01", "vente", "service_bic")
    limit = gauges(profile)["micro.services"].limit
    assert limit == round(Decimal(83600) * 153 / 365)
    assert (Decimal(50000) * 365 / 153 > 83600) == (limit < 50000)
    assert gauges(account("2026-08-01", "vente", seasonal=True))["micro.total"].limit == 203100
    vat = gauges(profile)["vat.sales"]
    assert (vat.limit, vat.upper, vat.status) == (
        round(Decimal(85000) * 153 / 365),
        93500,
        "unconfirmed",
    )
    ended = account("2026-08-01", "vente", end_date="2026-08-31")
    assert gauges(ended)["micro.total"].limit == round(Decimal(203100) * 31 / 365)


def test_two_years_above_and_the_micro_regime_ends() -> None:
    profile = account("2019-05-01", "service_bnc")
    one = months(profile, 2025, 6476, "service_bnc")  # 77 712 €
    assert thresholds.exit_on(profile, one, TODAY, RATES) is None
    two = one + months(profile, 2026, 6967, "service_bnc")  # 83 604 €
    assert thresholds.exit_on(profile, two, TODAY, RATES) == date(2027, 1, 1)
    assert alerts(profile, two)["micro_exit"].params == {"on": date(2027, 1, 1)}
    below = one + months(profile, 2026, 6966, "service_bnc")  # 83 592 €
    assert thresholds.exit_on(profile, below, TODAY, RATES) is None


def test_ceiling_alerts_at_80_and_100_percent() -> None:
    profile = account()

    def level(amount: int) -> dict[str, str]:
        found = alerts(profile, [filed(profile, "2026-01", {"vente": amount})])
        return {
            c: str(a.params["what"]) for c, a in found.items() if c.startswith(("micro", "vat"))
        }

    assert level(67999) == {}
    assert level(68000) == {"vat_near": "vat.sales"}
    assert level(85001) == {"vat_above": "vat.sales"}
    assert level(93501) == {"vat_above_upper": "vat.sales"}
    assert level(162480) == {"vat_above_upper": "vat.sales", "micro_near": "micro.total"}
    assert level(203100)["micro_near"] == "micro.total"
    assert level(203101)["micro_above"] == "micro.total"


def test_a_doubtful_ceiling_makes_a_doubtful_alert() -> None:
    profile = account("2026-08-01")
    found = alerts(profile, [filed(profile, "2026-11", {"vente": 40000})])["vat_above"]
    assert (found.status, bool(found.note)) == ("unconfirmed", True)


def test_the_end_of_the_acre_is_announced_three_months_ahead() -> None:
    profile = account("2026-02-10", "vente", acre={})  # until 31 December 2026
    assert "acre_ends" not in alerts(profile, today=date(2026, 9, 29))
    assert alerts(profile, today=date(2026, 10, 1))["acre_ends"].params == {
        "end": date(2026, 12, 31)
    }
    assert "acre_ends" in alerts(profile, today=date(2026, 12, 31))
    assert "acre_ended" in alerts(profile, today=date(2027, 1, 1))
    overseas = account("2025-02-10", "vente", department="974")
    found = alerts(overseas, today=date(2026, 11, 23))["overseas_stage_ends"]
    assert found.params == {"end": date(2026, 12, 31)}


def test_late_declarations_come_first_and_name_the_oldest() -> None:
    profile = account("2026-01-01")
    history = [filed(profile, "2026-04", {"vente": 0})]
    found = REGIME.alerts(profile, history, date(2026, 9, 1), RATES)
    assert (found[0].code, found[0].level) == ("late_declarations", "urgent")
    assert found[0].params["count"] == 3
    assert found[0].params["period"] == "2026-05"
    assert found[0].route == "/declare/2026-05/amounts"
    assert "late_declarations" not in alerts(profile, history, date(2026, 6, 30))


def test_dedicated_account_and_radiation_alerts() -> None:
    profile = account()
    rich = [*months(profile, 2024, 834), *months(profile, 2025, 834)]
    assert "dedicated_account" in alerts(profile, rich)
    assert "dedicated_account" not in alerts(account(dedicated_account=True), rich)
    idle = [*months(profile, 2024, 0), *months(profile, 2025, 0)]
    assert alerts(profile, idle[:17]).keys().isdisjoint({"radiation", "radiation_near"})
    assert alerts(profile, idle[:18])["radiation_near"].params["left"] == 6
    assert alerts(profile, idle)["radiation"].params == {"months": 24}


def test_windows_are_announced_while_they_close() -> None:
    profile = account()
    codes = {c for c in alerts(profile, today=date(2026, 9, 20)) if c.startswith("window_")}
    assert codes == {"window_periodicity", "window_flat_tax"}
    autumn = alerts(profile, today=date(2026, 10, 20))
    assert {c for c in autumn if c.startswith("window_")} == {"window_periodicity"}
    beginner = alerts(account("2026-11-01"), today=TODAY)
    assert beginner["window_acre"].params["closes"] == date(2026, 12, 31)
