"""Rights and events: their windows, and the version of the profile that each use makes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from backend.storage.tables import ProfileVersion
from tests.support.world import Opened, World


def option(account: Opened, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        o for o in account.get("/options").json()["options"] if o["code"] == code
    )
    return found


def choose(account: Opened, code: str, value: str) -> Any:
    return account.call("POST", f"/options/{code}", {"value": value})


def test_a_choice_counts_from_its_date_of_effect(world: World) -> None:
    account = world.person().account()
    assert option(account, "periodicity")["current"] == "monthly"
    answer = choose(account, "periodicity", "quarterly")
    assert answer.status_code == 200
    assert answer.json()["profile_version"] == 2
    assert answer.json()["profile"]["periodicity"][-1] == {
        "since": option(account, "periodicity")["effective"], "value": "quarterly",
    }  # fmt: skip
    assert account.states()["2026-10"] == "to_declare"


def test_the_older_profile_stays(world: World) -> None:
    account = world.person().account()
    choose(account, "dedicated_account", "yes")
    with world.services.storage.read() as database:
        rows = database.scalars(select(ProfileVersion).order_by(ProfileVersion.version)).all()
    assert [(row.version, row.reason) for row in rows] == [
        (1, "sign-up"), (2, "option:dedicated_account"),
    ]  # fmt: skip
    assert rows[0].data["dedicated_account"] is False
    assert rows[1].data["dedicated_account"] is True


def test_refusals_name_the_field_and_the_reason(world: World) -> None:
    account = world.person().account()
    account.declare("2026-10", vente="1")
    for code, value, field, reason in (
        ("acre", "yes", "option", "option_closed"),
        ("unknown", "yes", "option", "option_unknown"),
        ("dedicated_account", "no", "value", "choice_unchanged"),
        ("dedicated_account", "maybe", "value", "choice_unknown"),
        ("cessation", "demain", "value", "date_malformed"),
        ("cessation", "2026-12-31", "value", "end_in_future"),
        ("cessation", "2026-09-15", "value", "period_already_declared"),
    ):
        answer = choose(account, code, value)
        assert (answer.status_code, answer.json()["code"]) == (409, "option-refused"), code
        assert answer.json()["errors"] == [{"field": field, "code": reason, "params": {}}]
    assert account.get().json()["profile_version"] == 1


def test_the_end_of_activity_makes_a_last_period(world: World) -> None:
    account = world.person().account()
    account.declare("2026-10", vente="1")
    assert choose(account, "cessation", "2026-11-20").status_code == 200
    last = account.overview()["periods"][-1]
    assert (last["end"], last["last"], last["state"]) == ("2026-11-20", True, "to_declare")
    receipt = account.declare(last["code"], vente="300")
    assert receipt["period_end"] == "2026-11-20"


def test_a_corrected_profile_is_another_version(world: World) -> None:
    account = world.person().account()
    profile = account.get().json()["profile"]
    answer = account.call(
        "PATCH", "", {"name": "  Nouveau nom ", "profile": {**profile, "department": "67"}}
    )
    assert answer.status_code == 200
    assert answer.json()["name"] == "Nouveau nom"
    assert answer.json()["profile"]["department"] == "67"
    assert answer.json()["profile_version"] == 2
    wrong = account.call("PATCH", "", {"profile": {**profile, "department": "99"}})
    assert wrong.status_code == 422
    assert [e["field"] for e in wrong.json()["errors"]] == ["profile.department"]
    assert account.get().json()["profile_version"] == 2
