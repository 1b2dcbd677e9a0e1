"""A copy of everything, the way out, and what goes when its time is over."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import structlog
from pypdf import PdfReader
from sqlalchemy import func, select, text

from backend.cli import main
from backend.periods import period
from backend.storage.contact import ThreadMessage
from backend.storage.decisions import Decision
from backend.storage.notes import Attachment, EntryRow
from backend.storage.privacy import Closure, DataCopy, Erasure, RetentionRun
from backend.storage.tables import (
    Account,
    Audit,
    Base,
    Draft,
    Mandate,
    OneTimeToken,
    Person,
    ProfileVersion,
    Session,
    Submission,
    SubmissionPayload,
)
from backend.storage.vrp import ClaimStep
from backend.usecases import my_data
from backend.usecases.decide import decide
from backend.usecases.my_data import GIVEN, LEFT_OUT
from backend.usecases.operators import add_operator
from backend.usecases.remind import remind
from backend.usecases.retention import AFTER, ERASED, erase_account, retain
from backend.verify import verify
from tests.api.test_archive import PNG
from tests.support.world import API, PASSWORD, Opened, Someone, World

IBAN = "FR7630006000011234567890189"
MINE = {"current_password": PASSWORD}


@pytest.fixture
def account(world: World) -> Opened:
    """Someone with something of most kinds."""
    found = world.person().account(name="Zoé Lemaître")
    someone = found.someone
    receipt = found.declare("2026-10", vente="1234")
    found.declare("2026-10", corrects=receipt["number"], vente="1000")
    assert found.get(f"/receipts/{receipt['number']}.pdf").status_code == 200
    signed = found.call(
        "POST",
        "/mandates",
        {"iban": IBAN, "holder": "Zoé", "agreed": True, "current_password": PASSWORD},
    )
    assert signed.status_code == 201, signed.text
    told = {"id": "m-of-a-test-1", "body": "Une question privée", "files": []}
    start = {"subject": "other", "title": "Bonjour", "message": told}
    assert found.call("POST", "/threads", start).status_code == 201
    step = {"id": "step-000001", "kind": "complaint", "about": "", "body": "Un mot privé",
            "files": []}  # fmt: skip
    assert found.call("POST", "/disputes", step).status_code == 201
    entry = {"kind": "receipt", "data": {"on": "2026-11-20", "amount": "80", "category": "vente"}}
    assert found.call("PUT", "/entries/receipt-of-a-test", entry).status_code == 200
    sent = world.client.post(
        f"{API}{found.path}/attachments?purpose=proof&name=recu.png", content=PNG,
        headers={"Authorization": f"Bearer {someone.token}"},
    )  # fmt: skip
    assert sent.status_code == 201, sent.text
    draft = {"sequence": 1, "form_version": 1, "step": "amounts", "answers": {"x": "77"},
             "key": "key-of-the-draft-01", "device": "phone"}  # fmt: skip
    assert found.call("PUT", "/drafts/2026-09", draft).status_code == 200
    return found


def agent_of(world: World) -> Someone:
    found = world.person("agent@example.org")
    add_operator(world.services, "agent@example.org")
    return found


def count(world: World, table: Any, *where: Any) -> int:
    with world.services.storage.read() as database:
        return database.scalar(select(func.count()).select_from(table).where(*where)) or 0


def taken(someone: Someone, form: str = "json") -> Any:
    asked = someone.call("POST", "/me/data", {**MINE, "form": form})
    assert asked.status_code == 202, asked.text
    assert asked.json()["state"] == "ready"
    return someone.get(asked.json()["path"])


# -- A copy ----------------------------------------------------------------------------------------


def test_every_table_and_column_is_given_or_left_out_with_a_reason() -> None:
    tables = Base.metadata.tables
    assert set(GIVEN) | set(LEFT_OUT) == set(tables)
    assert not set(GIVEN) & set(LEFT_OUT)
    assert all(LEFT_OUT.values())
    assert set(AFTER) == set(GIVEN)  # and what becomes of it at the end is said
    for name, given in GIVEN.items():
        assert set(given.without) <= set(tables[name].c.keys()), name
        assert all(given.without.values())
    for name, table in tables.items():
        if name in LEFT_OUT:  # nothing in it leads to a person but through what is given
            ties = {key.target_fullname for key in table.foreign_keys}
            assert not ties & {"persons.id", "accounts.id"}, name


def test_the_copy_is_everything_and_nothing_of_others(world: World, account: Opened) -> None:
    agent = agent_of(world)
    look = {"account_id": account.id, "reason": "Réponse à son message d’hier"}
    assert agent.call("POST", "/operator/looks", look).status_code == 201
    other = world.person("autre@example.org").account(siret="99999999800019", name="Autre")
    other.declare("2026-10", vente="5")
    answer = taken(account.someone)
    assert answer.headers["cache-control"] == "no-store"
    found = json.loads(answer.content)
    assert other.id not in answer.text
    assert "autre@example.org" not in answer.text
    assert agent.id not in answer.text.replace(f'"account_id": "{agent.id}"', "")
    with world.services.storage.read() as database:
        for name, given in GIVEN.items():
            expected = set(Base.metadata.tables[name].c.keys()) - set(given.without)
            assert all(set(row) == expected for row in found[name]), name
        for name in ("profiles", "submissions", "ledger_lines", "ledger_transactions", "dues",
                     "documents", "drafts", "entries", "mandates"):  # fmt: skip
            table = Base.metadata.tables[name]
            rows = database.execute(
                select(func.count()).select_from(table).where(table.c.account_id == account.id)
            ).scalar()
            assert len(found[name]) == rows > 0, name
    assert found["persons"][0]["email"] == "camille@example.org"
    assert found["mandates"][0]["iban"] == IBAN  # my own: whole
    assert found["drafts"][0]["answers"] == {"x": "77"}
    assert found["submission_payloads"][0]["payload"]["declaration"]["parts"]
    assert [row["reason"] for row in found["looks"]] == [look["reason"]]
    assert {"operator.look", "data.copy"} <= {row["action"] for row in found["audit"]}
    assert found["thread_messages"][0]["body"] == "Une question privée"
    assert found["dispute_steps"][0]["body"] == "Un mot privé"
    assert found["about"]["left_out"]["sessions.token_hash"]


def test_the_copy_reads_as_a_document_too(world: World, account: Opened) -> None:
    answer = taken(account.someone, "pdf")
    assert answer.headers["content-type"] == "application/pdf"
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for part in ("Mes données", "camille@example.org", "Zoé Lemaître", "FR76 3000 6000"):
        assert part in told
    english = account.someone.call("POST", "/me/data", {**MINE, "form": "pdf", "locale": "en"})
    again = account.someone.get(english.json()["path"])
    assert again.status_code == 200


def test_a_copy_asks_for_the_password_and_is_mine_for_a_day(world: World, account: Opened) -> None:
    someone, wrong = account.someone, {"current_password": "mauvaise", "form": "json"}
    refused = someone.call("POST", "/me/data", wrong)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "password_wrong")
    assert count(world, DataCopy) == 0
    answer = someone.call("POST", "/me/data", {**MINE, "form": "json"}).json()
    stranger = world.person("autre@example.org")
    assert stranger.get(answer["path"]).status_code == 404
    assert stranger.get("/me/data").json() == []
    (listed,) = someone.get("/me/data").json()
    assert listed == answer
    with world.services.storage.read() as database:
        key = database.scalars(select(DataCopy.key)).one()
    assert b"camille@example.org" not in world.services.files.get(key)  # sealed
    again = someone.call("POST", "/me/data", {**MINE, "form": "json"}).json()
    assert someone.get(answer["path"]).status_code == 404  # the newest alone
    world.clock.advance(hours=25)
    someone.sign_in()
    assert someone.get(again["path"]).status_code == 404
    before = sum(1 for f in world.settings.files.rglob("*") if f.is_file())
    retain(world.services)
    assert count(world, DataCopy) == 0
    assert sum(1 for f in world.settings.files.rglob("*") if f.is_file()) == before - 1


def test_a_long_copy_is_made_in_the_background(
    world: World, account: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_data, "AT_ONCE", 0)
    asked = account.someone.call("POST", "/me/data", {**MINE, "form": "json"})
    assert asked.json()["state"] == "making"
    (listed,) = account.someone.get("/me/data").json()  # the test client runs what is left first
    assert listed["state"] == "ready"
    assert listed["size"] > 1000
    monkeypatch.setattr(my_data, "as_json", lambda *_: 1 / 0)
    account.someone.call("POST", "/me/data", {**MINE, "form": "json"})
    assert [c["state"] for c in account.someone.get("/me/data").json()] == ["failed"]


# -- The way out -----------------------------------------------------------------------------------


def test_what_is_owed_is_said_before_and_known_by_who_leaves(world: World, account: Opened) -> None:
    someone = account.someone
    seen = someone.get("/me/closure").json()
    assert seen["state"] == "none"
    (obstacle,) = seen["obstacles"]
    assert obstacle["account_id"] == account.id
    assert obstacle["open"] == "124.00"
    assert "2026-09" in obstacle["periods"]
    kept = {row["key"]: row for row in seen["kept"]}
    assert kept["declarations"]["until"] == "2033-01-01"
    assert kept["accounting"]["until"] == "2037-01-01"
    assert kept["declarations"]["confirmed"] is False
    refused = someone.call("POST", "/me/closure", MINE)
    assert (refused.status_code, refused.json()["code"]) == (409, "closure-obstacles")
    wrong = someone.call("POST", "/me/closure", {"current_password": "x", "despite": True})
    assert wrong.status_code == 422
    assert someone.get("/me/closure").json()["state"] == "none"
    asked = someone.call("POST", "/me/closure", {**MINE, "despite": True})
    assert asked.status_code == 200, asked.text
    assert asked.json()["state"] == "asked"
    assert asked.json()["effective_at"].startswith("2026-12-23")


def test_thirty_days_to_think_again(world: World, account: Opened) -> None:
    someone = account.someone
    despite = {**MINE, "despite": True}
    someone.call("POST", "/me/closure", despite)
    sent = len(world.messages())
    someone.call("POST", "/me/closure", despite)  # twice is once
    assert len(world.messages()) == sent
    assert count(world, Closure) == 1
    token = world.token_sent("keep")
    kept = world.client.post(f"{API}/closures/cancellations", json={"token": token})
    assert kept.status_code == 204
    again = world.client.post(f"{API}/closures/cancellations", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (410, "token-invalid")
    assert someone.get("/me/closure").json()["state"] == "none"
    assert someone.call("DELETE", "/me/closure").status_code == 404
    someone.call("POST", "/me/closure", despite)
    assert someone.call("DELETE", "/me/closure").status_code == 204
    world.clock.advance(days=40)
    retain(world.services)
    someone.sign_in()
    assert account.get("/overview").status_code == 200


def test_at_the_end_the_way_in_and_what_reaches_the_person_go(
    world: World, account: Opened
) -> None:
    someone = account.someone
    with world.services.storage.write() as database:
        database.get_one(Account, account.id).nir = "185057800608491"
    someone.call("POST", "/me/closure", {**MINE, "despite": True})
    world.clock.advance(days=30, minutes=1)
    retain(world.services)
    assert someone.get("/me").status_code == 401
    refused = world.client.post(
        f"{API}/sessions", json={"email": someone.address, "password": PASSWORD}
    )
    assert refused.status_code == 401
    assert str(world.messages()[-1]["To"]) == someone.address
    with world.services.storage.read() as database:
        person = database.get_one(Person, someone.id)
        assert person.email.endswith("@erased.invalid")
        assert person.password_hash == "!"
        kept = database.get_one(Account, account.id)
        assert (kept.nir, kept.iban) == (None, None)
        (mandate,) = database.scalars(select(Mandate))
        assert (mandate.state, mandate.iban, mandate.holder) == ("revoked", "", "")
    for table in (Draft, OneTimeToken):
        assert count(world, table) == 0
    assert count(world, SubmissionPayload) == 2  # the law has it kept
    assert verify(world.services).differences == []
    messages = len(world.messages())
    decide(world.services, date(2027, 3, 1))
    remind(world.services)
    assert len(world.messages()) == messages
    # The address is free for a new start.
    assert world.person(someone.address).get("/accounts").json() == []


def closed(world: World, account: Opened) -> None:
    account.someone.call("POST", "/me/closure", {**MINE, "despite": True})
    world.clock.advance(days=30, minutes=1)
    retain(world.services)


def test_at_the_end_of_retention_nothing_leads_to_the_person(world: World, account: Opened) -> None:
    closed(world, account)
    world.clock.set(datetime(2032, 12, 31, 12, tzinfo=UTC))
    retain(world.services)
    assert count(world, SubmissionPayload) == 2
    world.clock.set(datetime(2033, 1, 2, 12, tzinfo=UTC))
    counts = retain(world.services)
    assert counts is not None
    assert counts["accounts"] == 1
    with world.services.storage.read() as database:
        whole = "\n".join(
            str(tuple(row))
            for name in Base.metadata.tables
            for row in database.connection().exec_driver_sql(f"SELECT * FROM {name}")
        )
        assert database.get_one(Account, account.id).regime == ERASED
        assert all(p.data == {} for p in database.scalars(select(ProfileVersion)))
    for word in ("Zoé", "camille@", "12345678200010", "privé", "1234.00", "recu.png"):
        assert word not in whole, word
    for table in (SubmissionPayload, EntryRow, ThreadMessage, Attachment, Draft):
        assert count(world, table) == 0
    assert not [f for f in world.settings.files.rglob("*") if f.is_file()]
    report = verify(world.services)
    assert report.differences == []
    assert report.erased == 2
    assert {note.what for note in report.notes} == {
        "erased on 2033-01-02", "document erased on 2033-01-02",
    }  # fmt: skip
    with world.services.storage.read() as database:
        total = database.scalar(text("SELECT sum(amount_cents) FROM ledger_lines"))
    assert total == 0
    # The service goes on with what is left of it.
    decide(world.services)
    remind(world.services)
    world.clock.advance(days=1)
    again = retain(world.services)
    assert again is not None
    assert again["accounts"] == 0


def test_a_person_without_declarations_leaves_nothing_behind(world: World) -> None:
    account = world.person().account(name="Zoé Lemaître")
    closed(world, account)
    with world.services.storage.read() as database:
        kept = database.get_one(Account, account.id)
        assert (kept.name, kept.regime) == ("", ERASED)


def test_words_of_append_only_tables_go_only_where_an_erasure_says_so(
    world: World, account: Opened
) -> None:
    told = Erasure(subject="x", account_id=account.id, rule="r", at=world.clock.now())
    with world.services.storage.write() as database:
        database.add(told)  # of something else
    for change in (
        "profiles SET data = '{}'", "dispute_steps SET body = ''", "erasures SET rule = ''",
        "submissions SET period = ''",
    ):  # fmt: skip
        with pytest.raises(Exception, match="append-only"), world.services.storage.write() as d:
            d.execute(text(f"UPDATE {change}"))
    erase_account(world.services, account.id, "declarations")
    with world.services.storage.write() as database:
        assert database.scalar(text("SELECT body FROM dispute_steps")) == ""
    for change in ("reason = 'x'", "version = 9", "data = '{\"a\": 1}'"):
        with pytest.raises(Exception, match="append-only"), world.services.storage.write() as d:
            d.execute(text(f"UPDATE profiles SET {change}"))
    with pytest.raises(Exception, match="append-only"), world.services.storage.write() as d:
        d.execute(text("DELETE FROM profiles"))


# -- Retention -------------------------------------------------------------------------------------


def test_one_run_a_day_however_many_processes(world: World) -> None:
    world.person()
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: retain(world.services), range(4)))
    assert sum(run is not None for run in runs) == 1
    assert retain(world.services) is None
    with world.services.storage.write() as database:  # a run that died on its way
        row = database.scalars(select(RetentionRun)).one()
        row.finished_at, row.started_at = None, world.clock.now() - timedelta(minutes=30)
    assert retain(world.services) is None
    world.clock.advance(minutes=31)
    assert retain(world.services) is not None


def test_what_is_past_its_period_goes_and_the_rest_stays(world: World, account: Opened) -> None:
    someone = account.someone
    world.client.post(f"{API}/password-resets", json={"email": someone.address})
    before = {table: count(world, table) for table in (Session, Audit, Draft, SubmissionPayload)}
    retain(world.services)
    assert {t: count(world, t) for t in before if t is not Audit} == {
        t: n for t, n in before.items() if t is not Audit
    }
    world.clock.advance(days=400)
    someone.sign_in()
    retain(world.services)
    assert count(world, Session) == 1
    assert count(world, Draft) == 0
    assert count(world, OneTimeToken) == 0
    assert count(world, Audit, Audit.at < world.clock.now() - timedelta(days=370)) == 0
    assert count(world, SubmissionPayload) == 2
    assert account.get("/declarations/2026-10").status_code == 200


def test_the_command_runs_once_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    request.addfinalizer(structlog.reset_defaults)
    monkeypatch.setenv("QUITTANCE_DATA_DIR", str(world.settings.data_dir))
    monkeypatch.setenv("QUITTANCE_DATABASE_URL", world.settings.database)
    assert main(["retain"]) == 0
    assert "closed=0 sessions=0" in capsys.readouterr().out
    assert main(["retain"]) == 0
    assert "done already" in capsys.readouterr().out


def test_periods_are_dated_and_say_their_law() -> None:
    for key in ("reflection", "access", "once", "drafts", "declarations", "accounting"):
        rule = period(key, date(2026, 11, 23))
        assert rule.law
        assert rule.source
        assert rule.note
        assert bool(rule.days) + bool(rule.months) + bool(rule.years) == 1
    rule = period("declarations", date(2020, 1, 1))
    assert rule.until(date(2026, 1, 31)) == date(2033, 1, 1)
    assert rule.before(datetime(2032, 12, 31, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)
    assert rule.before(datetime(2033, 1, 1, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    months = period("access", date(2026, 11, 23))
    assert months.until(date(2026, 11, 30)) == date(2027, 11, 28)
    assert months.before(datetime(2027, 11, 23, tzinfo=UTC)).date() == date(2026, 11, 23)
    with pytest.raises(KeyError):
        period("nothing", date(2026, 1, 1))


def test_every_guard_lets_its_words_go_once_erased(world: World) -> None:
    """Rows of the three tables that no flow above fills, put in by hand."""
    account = world.person().account()
    sent = account.declare("2026-10", vente="10")
    with world.services.storage.write() as database:
        database.add(
            Decision(
                account_id=account.id, kind="waiver", code="c", period="2026-10", cents=0, base="0",
                rate="0", label="l", law="L", reason="Un mot", decided_at=world.clock.now(),
            )
        )  # fmt: skip
        row = database.scalars(select(Submission).where(Submission.number == sent["number"])).one()
        database.add(
            ClaimStep(
                submission_id=row.id, position=1, state="received", by="person",
                by_id=account.someone.id, note="Un mot", at=world.clock.now(),
            )
        )  # fmt: skip
    for order in ("decisions SET reason = ''", "claim_steps SET note = ''"):
        with pytest.raises(Exception, match="append-only"), world.services.storage.write() as d:
            d.execute(text(f"UPDATE {order}"))
    erase_account(world.services, account.id, "declarations")
    with world.services.storage.read() as database:
        assert database.scalars(select(Decision.reason)).one() == ""
        assert database.scalars(select(ClaimStep.note)).one() == ""
