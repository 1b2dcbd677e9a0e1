"""Drafts: as typed, in order of sequence, on every device."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.world import World, new_key


def draft(sequence: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "sequence": sequence, "form_version": 1, "step": "amounts",
        "answers": {"parts.0.vente": "1 234,5"}, "key": "key-of-the-draft-01", "device": "phone",
        **changes,
    }  # fmt: skip


def test_what_was_typed_comes_back_as_typed(world: World) -> None:
    account = world.person().account()
    raw = {"parts.0.vente": "1 234,5x", "note": "🥐 é\u202f\x00 ' \" \\"}
    saved = account.call("PUT", "/drafts/2026-10", draft(answers=raw))
    assert saved.status_code == 200
    assert saved.json()["answers"] == raw
    assert account.get("/drafts/2026-10").json() == saved.json()
    assert account.get("/drafts").json() == [saved.json()]
    assert account.states()["2026-10"] == "draft"


def test_a_newer_sequence_replaces(world: World) -> None:
    account = world.person().account()
    account.call("PUT", "/drafts/2026-10", draft(1))
    newer = account.call("PUT", "/drafts/2026-10", draft(2, step="check"))
    assert (newer.status_code, newer.json()["step"]) == (200, "check")


@pytest.mark.parametrize(
    "late", [draft(4), draft(5, answers={"parts.0.vente": "9"}), draft(5, device="laptop")]
)
def test_an_older_or_equal_one_undoes_nothing(world: World, late: dict[str, Any]) -> None:
    account = world.person().account()
    kept = account.call("PUT", "/drafts/2026-10", draft(5)).json()
    answer = account.call("PUT", "/drafts/2026-10", late)
    assert (answer.status_code, answer.json()["code"]) == (409, "draft-conflict")
    assert answer.json()["extra"]["saved"] == kept
    assert account.get("/drafts/2026-10").json() == kept


def test_a_retry_of_the_same_save_is_no_conflict(world: World) -> None:
    account = world.person().account()
    account.call("PUT", "/drafts/2026-10", draft(5))
    assert account.call("PUT", "/drafts/2026-10", draft(5)).status_code == 200


@pytest.mark.parametrize("ahead", [6, 60])
def test_what_another_device_saved_since_is_never_overwritten(world: World, ahead: int) -> None:
    account = world.person().account()
    kept = account.call("PUT", "/drafts/2026-10", draft(5, base=0)).json()
    late = draft(ahead, base=4, device="laptop", answers={"parts.0.vente": "9"})
    answer = account.call("PUT", "/drafts/2026-10", late)
    assert (answer.status_code, answer.json()["extra"]["saved"]) == (409, kept)
    assert account.call("PUT", "/drafts/2026-10", late | {"base": 5}).status_code == 200
    # Its own lost answer is no other device: it may go on from what it last heard of.
    more = draft(ahead + 2, base=5, device="laptop")
    assert account.call("PUT", "/drafts/2026-10", more).status_code == 200


def test_a_period_declared_meanwhile_takes_no_first_draft(world: World) -> None:
    account = world.person().account()
    sent = account.declare("2026-10", vente="1")
    answer = account.call("PUT", "/drafts/2026-10", draft(3, base=0))
    assert (answer.status_code, answer.json()["code"]) == (409, "already-declared")
    assert answer.json()["extra"]["latest"] == sent["number"]
    assert account.get("/drafts").json() == []


def test_two_first_saves_at_once_keep_one(world: World) -> None:
    account = world.person().account()
    saves = [draft(n, device=f"d{n}") for n in range(1, 7)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: account.call("PUT", "/drafts/2026-10", body), saves))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert account.get("/drafts/2026-10").json()["sequence"] == 6


def test_a_draft_is_forgotten_on_demand(world: World) -> None:
    account = world.person().account()
    account.call("PUT", "/drafts/2026-10", draft())
    assert account.call("DELETE", "/drafts/2026-10").status_code == 204
    assert account.call("DELETE", "/drafts/2026-10").status_code == 204
    assert account.get("/drafts/2026-10").status_code == 404
    assert account.call("PUT", "/drafts/2026-10", draft()).status_code == 200


def test_a_correction_is_drafted_beside_what_was_sent(world: World) -> None:
    account = world.person().account()
    sent = account.declare("2026-10", vente="1")
    body = draft(corrects=sent["number"], key=new_key())
    saved = account.call("PUT", "/drafts/2026-10", body)
    assert saved.json()["corrects"] == sent["number"]
    period = next(p for p in account.overview()["periods"] if p["code"] == "2026-10")
    assert (period["state"], period["has_draft"]) == ("submitted", True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sequence": 0}, "sequence"),
        ({"sequence": 2**60}, "sequence"),
        ({"key": "short"}, "key"),
        ({"step": "Étape"}, "step"),
        ({"answers": {"a": "x" * 2001}}, "answers.a"),
        ({"answers": {"a": 1}}, "answers.a"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_malformed_draft_is_refused(world: World, change: dict[str, Any], field: str) -> None:
    account = world.person().account()
    answer = account.call("PUT", "/drafts/2026-10", draft(**change))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert account.get("/drafts").json() == []


def test_a_period_that_is_not_mine_has_no_draft(world: World) -> None:
    account = world.person().account()
    answer = account.call("PUT", "/drafts/2026-Q3", draft())
    assert (answer.status_code, answer.json()["code"]) == (404, "period-unknown")
    assert account.call("PUT", "/drafts/2026-11", draft()).status_code == 200  # not open: drafted
