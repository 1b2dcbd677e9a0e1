"""Those who work for the collector: named by the command, bound to say why."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.storage.tables import Audit
from backend.usecases.operators import UnknownPerson, add_operator, remove_operator
from tests.support.world import Opened, Someone, World

REASON = "Réponse à son message du 20 novembre"


@pytest.fixture
def operator(world: World) -> Someone:
    found = world.person("agent@example.org")
    add_operator(world.services, "Agent@example.org")
    return found


@pytest.fixture
def account(world: World) -> Opened:
    return world.person().account()


def test_the_role_is_given_and_taken_by_the_command_alone(world: World, operator: Someone) -> None:
    assert operator.get("/me").json()["operator"] is True
    add_operator(world.services, "agent@example.org")  # twice is once
    remove_operator(world.services, "agent@example.org")
    assert operator.get("/me").json()["operator"] is False
    assert operator.call("POST", "/operator/searches", {"text": "camille"}).status_code == 403
    for call in (add_operator, remove_operator):
        with pytest.raises(UnknownPerson):
            call(world.services, "nobody@example.org")
    world.person("pressee@example.org", confirmed=False)
    with pytest.raises(UnknownPerson):
        add_operator(world.services, "pressee@example.org")


def test_an_account_is_read_once_the_reason_is_said(
    world: World, operator: Someone, account: Opened
) -> None:
    page = f"/operator{account.path}/overview"
    refused = operator.get(page)
    assert (refused.status_code, refused.json()["code"]) == (403, "reason-missing")
    for text in ("camille@example.org", "12345678200010", "123 456 782 00010"):
        found = operator.call("POST", "/operator/searches", {"text": text}).json()
        assert [row["account_id"] for row in found] == [account.id]
    assert operator.call("POST", "/operator/searches", {"text": "camille"}).json() == []
    short = operator.call("POST", "/operator/looks", {"account_id": account.id, "reason": "voir"})
    assert short.status_code == 422
    look = operator.call("POST", "/operator/looks", {"account_id": account.id, "reason": REASON})
    assert look.status_code == 201
    assert operator.get(page).json() == account.overview()
    # Reading is all: the account itself stays its owner's.
    assert operator.get(account.path).status_code == 404
    assert [row["reason"] for row in account.get("/looks").json()] == [REASON]
    with world.services.storage.read() as database:
        noted = database.scalars(select(Audit).where(Audit.action == "operator.look")).one()
    assert noted.account_id == account.id


def test_a_look_ends(world: World, operator: Someone, account: Opened) -> None:
    operator.call("POST", "/operator/looks", {"account_id": account.id, "reason": REASON})
    world.at("2026-11-23 12:31")
    assert operator.get(f"/operator{account.path}/overview").status_code == 403


def test_nobody_else_enters(world: World, operator: Someone, account: Opened) -> None:
    look = {"account_id": account.id, "reason": REASON}
    assert account.someone.call("POST", "/operator/looks", look).status_code == 403
    operator.call("POST", "/operator/looks", look)
    assert account.someone.get(f"/operator{account.path}/overview").status_code == 403
    unknown = {"account_id": "0" * 32, "reason": REASON}
    assert operator.call("POST", "/operator/looks", unknown).status_code == 404
