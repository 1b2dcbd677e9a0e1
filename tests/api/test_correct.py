"""Corrections: another version beside the first, before and after the due date."""

from __future__ import annotations

from decimal import Decimal

from tests.support.world import World


def test_a_correction_shows_the_difference_line_by_line(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000")
    second = account.declare("2026-10", corrects=first["number"], vente="2000")
    assert second["version"] == 2
    assert second["corrects"] == first["number"]
    assert second["previous_due"] == first["due"]
    by_code = {line["code"]: line for line in second["differences"]}
    assert by_code["contribution.vente"]["before"] == "123"
    assert by_code["contribution.vente"]["after"] == "246"
    total = sum(Decimal(line["difference"]) for line in second["differences"])
    assert total == Decimal(second["due"]) - Decimal(first["due"])
    assert account.states()["2026-10"] == "corrected"


def test_a_receipt_never_changes(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000")
    second = account.declare("2026-10", corrects=first["number"], vente="2000")
    assert account.get(f"/receipts/{first['number']}").json() == first
    assert account.get(f"/receipts/{second['number']}").json() == second
    assert account.get("/declarations/2026-10").json() == [second, first]
    listed = account.get("/declarations").json()
    assert [item["latest"] for item in listed] == [True, False]


def test_a_correction_names_the_latest_version(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000")
    second = account.declare("2026-10", corrects=first["number"], vente="2000")
    figures = account.figures("2026-10", vente="3000")
    for corrects in (first["number"], "Q-2026-0000000000"):
        answer = account.send("2026-10", figures, corrects=corrects)
        assert answer.status_code == 409
        assert answer.json()["code"] == "corrects-outdated"
        assert answer.json()["extra"] == {"latest": second["number"]}
    assert len(account.get("/declarations").json()) == 2


def test_there_is_nothing_to_correct_before_a_first_declaration(world: World) -> None:
    account = world.person().account()
    answer = account.send(
        "2026-10", account.figures("2026-10", vente="10"), corrects="Q-2026-0000000000"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "corrects-outdated")
    assert answer.json()["extra"] == {"latest": None}


def test_after_the_due_date_too_until_the_period_closes(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000")
    world.at("2027-02-10 09:00")
    second = account.declare("2026-10", corrects=first["number"], vente="900")
    assert second["late"] is True
    assert Decimal(second["due"]) < Decimal(first["due"])
    world.at("2029-02-10 09:00")
    body = {
        "declaration": second["declaration"], "fingerprint": "0" * 64, "form_version": 1,
        "rates_version": "x", "corrects": second["number"],
    }  # fmt: skip
    answer = account.put("2026-10", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "period-closed")


def test_a_correction_that_changes_nothing_is_kept_and_costs_nothing(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000.10")
    second = account.declare("2026-10", corrects=first["number"], vente="1000.20")
    assert second["differences"] == []
    assert second["due"] == first["due"]
    assert len(account.get("/statement").json()["lines"]) == 1


def test_later_periods_that_a_correction_reaches_are_listed(world: World) -> None:
    account = world.person().account(
        start_date="2026-01-05", categories=["service_bnc"], nature="liberale",
        acre={"requested_on": "2026-01-06"},
    )  # fmt: skip
    for period, amount in (("2026-04", "60000"), ("2026-05", "10000"), ("2026-06", "10000")):
        account.declare(period, service_bnc=amount)
    number = account.get("/declarations/2026-04").json()[0]["number"]
    corrected = account.declare("2026-04", corrects=number, service_bnc="20000")
    assert corrected["affected"] == ["2026-05", "2026-06"]
    assert account.get(f"/receipts/{corrected['number']}").json() == corrected
