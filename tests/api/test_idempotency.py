"""One key, one declaration: lost answers, retries, double taps, other bodies, dead servers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, select, text

from backend.problems import Problem
from backend.storage.tables import Idempotency, LedgerTransaction, Submission
from backend.usecases import declare
from contract.canonical import canonical_json, sha256_hex
from contract.problem import ProblemCode
from regimes.auto_entrepreneur import Declaration
from tests.support.world import Opened, World, new_key


def count(world: World, table: type) -> int:
    with world.services.storage.read() as database:
        return database.scalar(select(func.count()).select_from(table)) or 0


def request_hash(period: str, body: dict[str, object]) -> str:
    declaration = Declaration.model_validate(body["declaration"])
    signed = {name: value for name, value in body.items() if name != "declaration"}
    return sha256_hex(canonical_json([period, declaration, signed]))


def hold(world: World, account: Opened, key: str, body: dict[str, object], seconds: int) -> None:
    """A request that took its key `seconds` ago, and has not answered."""
    with world.services.storage.write() as database:
        database.add(
            Idempotency(
                scope=account.id, key=key, request_hash=request_hash("2026-10", body),
                state="running", created_at=world.clock.now() - timedelta(seconds=seconds),
            )
        )  # fmt: skip


def test_a_retry_gets_the_same_receipt(world: World) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()
    first = account.put("2026-10", body, key)
    again = account.put("2026-10", body, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert count(world, Submission) == 1
    assert count(world, LedgerTransaction) == 1
    assert len(world.messages()) == 2  # to confirm the address, then one receipt


def test_a_retry_after_a_correction_still_gets_its_own_receipt(world: World) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()
    first = account.put("2026-10", body, key).json()
    account.declare("2026-10", corrects=first["number"], vente="200")
    assert account.put("2026-10", body, key).json() == first


def test_a_key_serves_one_body_and_one_period(world: World) -> None:
    account = world.person().account()
    key = new_key()
    account.put("2026-10", account.signed("2026-10", account.figures("2026-10", vente="1")), key)
    for period in ("2026-10", "2026-09"):
        body = account.signed(period, account.figures(period, vente="2"))
        answer = account.put(period, body, key)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert count(world, Submission) == 1


def test_two_accounts_may_use_the_same_key(world: World) -> None:
    someone, key = world.person(), new_key()
    for siret in ("12345678200010", "12345678200028"):
        account = someone.account(siret)
        figures = account.figures("2026-10", vente="1")
        assert account.send("2026-10", figures, key=key).status_code == 201


def test_a_key_is_asked_for(world: World) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="1"))
    answer = account.call("PUT", "/declarations/2026-10", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    short = account.put("2026-10", body, "short")
    assert (short.status_code, short.json()["code"]) == (422, "invalid-input")
    assert short.json()["errors"][0]["field"] == "idempotency-key"


def test_a_refused_declaration_gives_its_key_back(world: World) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()
    refused = account.put("2026-10", {**body, "fingerprint": "0" * 64}, key)
    assert refused.status_code == 409
    assert account.put("2026-10", body, key).status_code == 201


def test_while_the_first_runs_the_second_is_told_to_wait(world: World) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()
    hold(world, account, key, body, seconds=30)
    answer = account.put("2026-10", body, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "request-in-progress")
    assert answer.headers["retry-after"] == "1"
    assert count(world, Submission) == 0


def test_a_server_that_died_holding_a_key_does_not_keep_it(world: World) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()
    hold(world, account, key, body, seconds=121)
    assert account.put("2026-10", body, key).status_code == 201
    assert account.put("2026-10", body, key).status_code == 200
    assert count(world, Submission) == 1


def waiting(world: World) -> bool:
    """Whether a request waits for another one's transaction."""
    storage = world.services.storage
    if storage.engine.dialect.name == "sqlite":
        return bool(storage._turn._waiting)  # type: ignore[union-attr]
    with storage.read() as database:
        held = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(database.scalar(text(held)))


def test_a_slow_request_and_its_twin_declare_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()
    append, holding, go_on = declare._append, Event(), Event()

    def slow(*args: object) -> object:
        holding.set()
        assert go_on.wait(60)
        return append(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(declare, "_append", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(account.put, "2026-10", body, key)
        assert holding.wait(60)
        world.clock.advance(minutes=3)  # long enough to be taken for dead
        twin = pool.submit(account.put, "2026-10", body, key)
        while not waiting(world):
            assert not twin.done(), twin.result().text
        go_on.set()
        answers = [first.result(60), twin.result(60)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert count(world, Submission) == 1
    assert count(world, LedgerTransaction) == 1


def test_a_request_cut_before_its_end_leaves_its_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()

    def cut(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError  # no Problem: nothing of ours expects it

    with monkeypatch.context() as patched:
        patched.setattr(declare, "record", cut)  # the last step: all is written, nothing committed
        with pytest.raises(RuntimeError):
            account.put("2026-10", body, key)
    assert count(world, Submission) == count(world, Idempotency) == 0
    assert account.put("2026-10", body, key).status_code == 201


def test_a_failure_in_the_middle_leaves_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()

    def broken(*_args: object, **_kwargs: object) -> None:
        raise Problem(ProblemCode.NOT_READY)

    with monkeypatch.context() as patched:
        patched.setattr("backend.ledger.book", broken)
        assert account.put("2026-10", body, key).status_code == 503
    for table in (Submission, LedgerTransaction, Idempotency):
        assert count(world, table) == 0
    assert account.put("2026-10", body, key).status_code == 201
    assert account.get("/statement").json()["balance"] == "12.00"


def test_eight_taps_at_once_declare_once(world: World) -> None:
    account = world.person().account()
    body, key = account.signed("2026-10", account.figures("2026-10", vente="100")), new_key()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: account.put("2026-10", body, key), range(8)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "request-in-progress"
    assert count(world, Submission) == 1
    assert account.get("/statement").json()["balance"] == "12.00"


def test_two_tabs_with_two_keys_declare_once(world: World) -> None:
    account = world.person().account()
    bodies = [
        account.signed("2026-10", account.figures("2026-10", vente=amount))
        for amount in ("100", "200", "300", "400")
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda body: account.put("2026-10", body), bodies))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already-declared"}


def test_periods_sent_together_make_one_chain(world: World) -> None:
    account = world.person().account()
    periods = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]
    bodies = [account.signed(p, account.figures(p, vente="100")) for p in periods]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(account.put, periods, bodies))
    assert [answer.status_code for answer in answers] == [201] * 6
    with world.services.storage.read() as database:
        rows = database.scalars(select(Submission).order_by(Submission.chain_index)).all()
    assert [row.chain_index for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.prev_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]
