"""One declaration, from estimate to receipt."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.chain import START, commitment_of, link_hash
from backend.storage.tables import Submission, SubmissionPayload
from contract.canonical import sha256_hex
from tests.support.world import World, new_key


def test_a_declaration_gets_a_receipt_with_what_was_shown(world: World) -> None:
    account = world.person().account()
    figures = account.figures("2026-10", vente="1234.56")
    shown = account.estimate("2026-10", figures).json()
    answer = account.send("2026-10", figures)
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["due"] == shown["due"]
    assert receipt["assessment"]["lines"][0]["base"] == "1235"
    assert receipt["received_at"] == "2026-11-23T11:00:00.000Z"
    assert receipt["due_date"] == "2026-11-30"
    assert receipt["due_at"] == "2026-11-30T11:00:00.000Z"
    assert receipt["late"] is False
    assert receipt["version"] == 1
    assert receipt["corrects"] is None
    assert receipt["differences"] == []
    assert receipt["verification_path"] == f"/verifier/{receipt['verification_code']}"
    assert account.get(f"/receipts/{receipt['number']}").json() == receipt
    assert account.get("/declarations/2026-10").json() == [receipt]


def test_the_period_is_declared_once_sent(world: World) -> None:
    account = world.person().account()
    assert account.states()["2026-10"] == "to_declare"
    account.declare("2026-10", vente="100")
    assert account.states()["2026-10"] == "submitted"
    answer = account.send("2026-10", account.figures("2026-10", vente="100"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "already-declared"


def test_nothing_this_period_is_a_declaration(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="0")
    assert receipt["due"] == "0"
    assert account.overview()["balance"]["balance"] == "0.00"


def test_after_noon_of_the_last_day_it_is_late(world: World) -> None:
    account = world.person().account()
    world.at("2026-11-30 12:00:00")
    in_time = account.declare("2026-10", vente="10")
    assert in_time["late"] is False
    world.at("2026-12-31 12:00:01")
    assert account.states()["2026-11"] == "late"
    late = account.declare("2026-11", vente="10")
    assert late["late"] is True


def test_another_calculation_than_the_one_shown_comes_back_with_both(world: World) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="100"))
    changed = {**body, "declaration": account.figures("2026-10", vente="101")}
    answer = account.put("2026-10", changed)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "calculation-changed"
    assert problem["extra"]["shown_fingerprint"] == body["fingerprint"]
    fresh = problem["extra"]["estimate"]
    assert fresh["assessment"]["lines"][0]["base"] == "101"
    assert account.get("/declarations").json() == []
    again = account.put("2026-10", {**changed, "fingerprint": fresh["fingerprint"]})
    assert again.status_code == 201


def test_an_older_form_is_refused(world: World) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="100"))
    answer = account.put("2026-10", {**body, "form_version": 99})
    assert (answer.status_code, answer.json()["code"]) == (409, "form-outdated")


def test_an_unconfirmed_address_drafts_but_does_not_send(world: World) -> None:
    account = world.person(confirmed=False).account()
    figures = account.figures("2026-10", vente="100")
    answer = account.send("2026-10", figures)
    assert (answer.status_code, answer.json()["code"]) == (403, "email-not-confirmed")
    assert account.get("/declarations").json() == []
    assert account.overview()["email_confirmed"] is False


@pytest.mark.parametrize(
    ("period", "status", "code"),
    [
        ("2026-11", 409, "period-not-open"),
        ("2024-05", 409, "period-closed"),
        ("2027-05", 404, "period-unknown"),
        ("2026-Q3", 404, "period-unknown"),
        ("octobre", 422, "invalid-input"),
    ],
)
def test_only_an_open_period_is_declared(world: World, period: str, status: int, code: str) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="100"))
    answer = account.put(period, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert account.get("/declarations").json() == []


def test_the_draft_goes_when_its_declaration_is_sent(world: World) -> None:
    account = world.person().account()
    key = new_key()
    draft = {"sequence": 1, "form_version": 1, "answers": {"vente": "100"}, "key": key}
    assert account.call("PUT", "/drafts/2026-10", draft).status_code == 200
    assert account.overview()["periods"][-2]["has_draft"] is True
    account.send("2026-10", account.figures("2026-10", vente="100"), key=key)
    assert account.get("/drafts/2026-10").status_code == 404
    late = account.call("PUT", "/drafts/2026-10", {**draft, "sequence": 2})
    assert (late.status_code, late.json()["code"]) == (409, "already-declared")
    assert account.get("/drafts").json() == []


def test_a_message_says_it_is_received_without_any_figure(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="98765")
    message = world.messages()[-1]
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert message["To"] == "camille@example.org"
    assert receipt["number"] in text
    for figure in ("98765", "98 765", receipt["due"], "12345678200010"):
        assert figure not in str(message)
    assert world.settings.service_phone in text


def test_the_history_lists_what_was_sent_newest_first(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-09", vente="10")
    second = account.declare("2026-10", vente="20")
    listed = account.get("/declarations").json()
    assert [item["number"] for item in listed] == [second["number"], first["number"]]
    assert all(item["latest"] for item in listed)


def test_the_chain_can_be_checked_and_survives_erasure(world: World) -> None:
    account = world.person().account()
    for period in ("2026-08", "2026-09", "2026-10"):
        account.declare(period, vente="10")
    with world.services.storage.read() as database:
        rows = database.execute(
            select(Submission, SubmissionPayload)
            .join(SubmissionPayload)
            .order_by(Submission.chain_index)
        ).all()
    previous = START
    for index, (row, payload) in enumerate(rows, start=1):
        raw = payload.payload.encode()
        assert row.fingerprint == sha256_hex(raw)
        assert row.commitment == commitment_of(payload.salt, raw)
        assert row.prev_hash == previous
        assert row.hash == link_hash(
            account.id, index, previous, row.commitment, row.number, row.received_at
        )
        previous = row.hash
    assert len(rows) == 3
    with world.services.storage.write() as database:
        database.delete(database.get(SubmissionPayload, rows[0][0].id))
    assert len(account.get("/declarations").json()) == 3
    assert [f["period"] for f in account.overview()["filed"]] == ["2026-09", "2026-10"]


def test_someone_elses_account_does_not_exist(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="10")
    other = world.person("autre@example.org")
    for path in ("", "/overview", "/declarations", f"/receipts/{receipt['number']}", "/statement"):
        assert other.get(account.path + path).status_code == 404
    body = account.signed("2026-09", account.figures("2026-09", vente="10"))
    answer = other.call(
        "PUT", f"{account.path}/declarations/2026-09", body, **{"Idempotency-Key": new_key()}
    )
    assert answer.status_code == 404
    mine = other.account()
    assert mine.get(f"/receipts/{receipt['number']}").status_code == 404
    assert mine.get(f"/receipts/{receipt['number']}.pdf").status_code == 404
