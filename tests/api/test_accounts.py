"""Accounts, and the one answer that home reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from tests.support.world import World

PROFILE = {
    "start_date": "2024-01-10", "categories": ["vente"], "nature": "commerciale",
    "periodicity": [{"since": "2024-01-10", "value": "monthly"}],
}  # fmt: skip


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "regime": "auto-entrepreneur", "siret": "12345678200010", "name": "Camille",
        "profile": PROFILE, **changes,
    }  # fmt: skip


def test_one_person_may_hold_several_accounts(world: World) -> None:
    someone = world.person()
    first = someone.account("12345678200010")
    world.clock.advance(seconds=1)
    second = someone.account("98765432400019")
    assert [account["id"] for account in someone.get("/accounts").json()] == [first.id, second.id]
    assert world.person("autre@example.org").get("/accounts").json() == []


def test_an_app_opens_with_who_i_am_and_my_accounts(world: World) -> None:
    someone = world.person()
    someone.account("12345678200010")
    someone.account("98765432400019")
    opening = someone.get("/me/opening").json()
    assert opening["person"] == someone.get("/me").json()
    assert opening["accounts"] == someone.get("/accounts").json()
    assert len(opening["accounts"]) == 2
    nobody = world.person("autre@example.org").get("/me/opening").json()
    assert nobody["accounts"] == []


def test_the_same_establishment_is_opened_once(world: World) -> None:
    someone = world.person()
    someone.account()
    answer = someone.call("POST", "/accounts", asked())
    assert (answer.status_code, answer.json()["code"]) == (409, "account-exists")


def test_a_siret_is_read_as_people_type_it(world: World) -> None:
    answer = world.person().call("POST", "/accounts", asked(siret="123 456 782 00010"))
    assert answer.json()["siret"] == "12345678200010"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"siret": "12345678200011"}, "siret", "siret_check"),
        ({"siret": "1234567820001"}, "siret", "siret_length"),
        ({"siret": "00000000000000"}, "siret", "siret_check"),
        ({"siret": "١٢٣٤٥٦٧٨٢٠٠٠١٠"}, "siret", "siret_characters"),
        ({"regime": "astronaute"}, "regime", "regime_unknown"),
        ({"name": "   "}, "name", "string_too_short"),
        ({"name": "a\x00b"}, "name", "name_characters"),
        ({"name": "x" * 121}, "name", "string_too_long"),
        ({"profile": {**PROFILE, "department": "2C"}}, "profile.department", "department_unknown"),
        ({"profile": {**PROFILE, "start_date": "31/12/2024"}}, "profile.start_date",
         "date_from_datetime_parsing"),
        ({"profile": {**PROFILE, "surprise": 1}}, "profile.surprise", "extra_forbidden"),
        ({"profile": {}}, "profile.start_date", "missing"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_named(
    world: World, change: dict[str, Any], field: str, code: str
) -> None:
    someone = world.person()
    answer = someone.call("POST", "/accounts", asked(**change))
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (error["field"], error["code"]) == (field, code)
    assert someone.get("/accounts").json() == []


def test_home_is_one_answer(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="1234.56")
    home = account.overview()
    assert home["today"] == "2026-11-23"
    assert home["account"]["siret"] == "12345678200010"
    assert home["filed"][0]["number"] == receipt["number"]
    assert home["filed"][0]["assessment"] == receipt["assessment"]
    assert home["gauges"][0]["value"] == "1235"
    assert home["rates_version"] == receipt["assessment"]["rates_version"]
    due = Decimal(receipt["due"])
    assert Decimal(home["balance"]["balance"]) == due
    assert Decimal(home["balance"]["to_pay_next"]) == due
    assert home["balance"]["next_date"] == "2026-11-30"
    assert account.get("/periods").json() == home["periods"]


def test_each_period_has_its_state(world: World) -> None:
    account = world.person().account()
    account.declare("2026-09", vente="1")
    first = account.declare("2026-08", vente="1")
    account.declare("2026-08", corrects=first["number"], vente="2")
    states = account.states()
    assert states["2026-11"] == "upcoming"
    assert states["2026-10"] == "to_declare"
    assert states["2026-09"] == "submitted"
    assert states["2026-08"] == "corrected"
    assert states["2026-07"] == "late"
    assert states["2024-05"] == "closed"
    assert any(s["code"] == "penalty.missing" for s in account.overview()["sanctions"])


def test_home_costs_the_same_number_of_queries_whatever_the_history(world: World) -> None:
    account = world.person().account()
    statements: list[str] = []
    event.listen(
        world.services.storage.engine, "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )  # fmt: skip

    def cost() -> int:
        statements.clear()
        account.overview()
        return sum(1 for statement in statements if statement.startswith("SELECT"))

    account.declare("2026-10", vente="1")
    few = cost()
    for month in range(1, 10):
        account.declare(f"2026-{month:02}", vente="1")
    assert cost() == few <= 16


def test_nobody_reads_without_a_session(world: World) -> None:
    account = world.person().account()
    for path in ("/accounts", account.path, f"{account.path}/overview"):
        answer = world.client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")
