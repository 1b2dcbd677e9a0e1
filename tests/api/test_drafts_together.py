"""Drafts saved many at once: what the API would keep is kept, all else is left to it untouched."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.usecases import drafts_together
from backend.usecases.drafts_together import Ask, DraftsTogether, save_together
from contract.declarations import DraftSave
from tests.support.world import SIRETS, Opened, World

PERIOD = "2026-10"


def draft(sequence: int = 1, **changes: Any) -> DraftSave:
    return DraftSave.model_validate(
        {
            "sequence": sequence, "base": sequence - 1, "form_version": 1, "step": "amounts",
            "answers": {"parts.0.vente": f"1 234,5{sequence}"}, "key": "key-of-the-draft-01",
            "device": "phone", **changes,
        }
    )  # fmt: skip


def ask(account: Opened, given: DraftSave, token: str = "", period: str = PERIOD) -> Ask:
    return Ask(token or account.someone.token, account.id, period, given)


def kept(account: Opened) -> dict[str, Any]:
    found = account.get(f"/drafts/{PERIOD}").json()
    return {name: found.get(name) for name in ("sequence", "answers", "device", "key", "step")}


def test_several_people_at_once_first_and_next(world: World) -> None:
    one = world.person().account()
    other = world.person("dominique@example.org").account(siret=SIRETS[1])
    assert save_together(world.services, [ask(one, draft(1)), ask(other, draft(1))]) == [True] * 2
    assert (
        save_together(world.services, [ask(one, draft(2)), ask(other, draft(3, base=1))])
        == [True] * 2
    )
    for account, sequence in ((one, 2), (other, 3)):
        assert kept(account)["answers"] == {"parts.0.vente": f"1 234,5{sequence}"}
        assert account.states()[PERIOD] == "draft"


def test_what_the_api_keeps_is_kept_the_same(world: World) -> None:
    by_api = world.person().account()
    together = world.person("dominique@example.org").account(siret=SIRETS[1])
    given = draft(1, answers={"parts.0.vente": "1 234,5x", "note": 'é\u202f " \\'}, step="check")
    by_api.call("PUT", f"/drafts/{PERIOD}", given.model_dump(mode="json"))
    assert save_together(world.services, [ask(together, given)]) == [True]
    assert kept(together) == kept(by_api)


@pytest.mark.parametrize(
    "late",
    [
        draft(4, base=3), draft(5, base=5, device="laptop"), draft(6, base=4, device="laptop"),
        draft(6, corrects="DEC-1"),
    ],
)  # fmt: skip
def test_what_the_api_would_refuse_or_weigh_is_left_to_it(world: World, late: DraftSave) -> None:
    account = world.person().account()
    assert save_together(world.services, [ask(account, draft(5))]) == [True]
    before = kept(account)
    assert save_together(world.services, [ask(account, late)]) == [False]
    assert kept(account) == before


def test_nobody_saves_for_somebody_else(world: World) -> None:
    account = world.person().account()
    stranger = world.person("dominique@example.org")
    asked = [ask(account, draft(1), token) for token in (stranger.token, "unknown-token")]
    assert save_together(world.services, asked) == [False, False]
    assert account.get("/drafts").json() == []


def test_an_ended_session_saves_nothing(world: World) -> None:
    account = world.person().account()
    old = account.someone.token
    account.someone.call("DELETE", "/sessions/current")
    assert save_together(world.services, [ask(account, draft(1), old)]) == [False]


def test_a_session_not_noted_lately_goes_by_the_api_which_notes_it(world: World) -> None:
    account = world.person().account()
    token = account.someone.token
    world.clock.set(world.clock.now() + timedelta(minutes=2))
    assert save_together(world.services, [ask(account, draft(1), token)]) == [False]
    account.call("PUT", f"/drafts/{PERIOD}", draft(1).model_dump(mode="json"))
    assert save_together(world.services, [ask(account, draft(2), token)]) == [True]


def test_a_declared_or_unknown_period_takes_no_draft(world: World) -> None:
    account = world.person().account()
    account.declare(PERIOD, vente="1")
    asked = [ask(account, draft(1)), ask(account, draft(1), period="1999-01")]
    assert save_together(world.services, asked) == [False, False]
    assert account.get("/drafts").json() == []


def test_two_windows_of_one_person_are_weighed_one_after_the_other(world: World) -> None:
    account = world.person().account()
    asked = [ask(account, draft(1)), ask(account, draft(2, device="laptop"))]
    assert save_together(world.services, asked) == [True, False]
    assert kept(account)["device"] == "phone"


def test_saves_asked_at_once_are_one_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.person().account()
    batches: list[int] = []

    def note(services: Any, asks: list[Ask]) -> list[bool]:
        batches.append(len(asks))
        return save_together(services, asks)

    monkeypatch.setattr(drafts_together, "save_together", note)

    async def scenario() -> list[bool]:
        gather = DraftsTogether(world.services, pause=0)
        return await asyncio.gather(
            gather.save(account.someone.token, account.id, PERIOD, draft(1)),
            gather.save(account.someone.token, account.id, "2026-09", draft(1)),
            gather.save("nobody", account.id, PERIOD, draft(1)),
        )

    assert asyncio.run(scenario()) == [True, True, False]
    assert batches == [3]


def test_a_database_that_fails_leaves_each_to_the_api(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.person().account()

    def fail(*_: Any) -> list[bool]:
        raise OSError("disk")

    monkeypatch.setattr(drafts_together, "save_together", fail)

    async def scenario() -> bool:
        gather = DraftsTogether(world.services, pause=0)
        return await gather.save(account.someone.token, account.id, PERIOD, draft(1))

    assert asyncio.run(scenario()) is False
