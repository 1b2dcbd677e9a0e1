"""Somebody acts for me: an accountant, a spouse, a partner; for what, until when, and told."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from backend.storage.documents import IssuedDocument
from backend.usecases.delegations import watch_delegations
from backend.usecases.retention import retain
from backend.verify import verify
from tests.api.conftest import Build
from tests.support.scene import IBAN, PNG
from tests.support.world import API, PASSWORD, Opened, Someone, World, new_key

CABINET = "cabinet@example.org"


def asked(world: World, **changed: Any) -> dict[str, Any]:
    ends_on = (world.clock.today() + timedelta(days=300)).isoformat()
    return {
        "email": CABINET, "name": "Cabinet Martin", "kind": "accountant",
        "scopes": ["prepare"], "ends_on": ends_on, "current_password": PASSWORD, **changed,
    }  # fmt: skip


def given(world: World, *scopes: str, **changed: Any) -> tuple[Opened, Someone, str]:
    """Camille's account, somebody who acts on it, and the delegation."""
    account = world.person().account()
    who = world.person(CABINET)
    made = account.call("POST", "/delegations", asked(world, scopes=list(scopes), **changed))
    assert made.status_code == 201, made.text
    answer = {"token": world.token_sent("invitation"), "accept": True}
    assert who.call("POST", "/invitations/answer", answer).status_code == 204
    return account, who, made.json()["id"]


def seen(account: Opened) -> dict[str, Any]:
    [found] = account.get("/delegations").json()
    return dict(found)


def subjects(world: World, to: str) -> list[str]:
    return [str(m["Subject"]) for m in world.messages() if m["To"] == to]


def test_an_invitation_is_read_accepted_and_opens_the_account(world: World) -> None:
    account = world.person().account()
    assert account.call("POST", "/delegations", asked(world)).status_code == 201
    token = world.token_sent("invitation")
    assert seen(account)["state"] == "invited"
    who = world.person(CABINET)  # signs up after the message
    looked = who.call("POST", "/invitations/look", {"token": token})
    assert looked.json()["owner"] == "Camille Démo"
    assert looked.json()["scopes"] == ["see", "prepare"]
    assert who.get(account.path).status_code == 404
    body = {"token": token, "accept": True}
    assert who.call("POST", "/invitations/answer", body).status_code == 204
    assert who.get(account.path).status_code == 200
    [shared] = who.get("/accounts").json()
    assert shared["id"] == account.id
    assert shared["acting"]["scopes"] == ["see", "prepare"]
    assert shared["acting"]["owner"] == "Camille Démo"
    assert account.someone.get("/accounts").json()[0]["acting"] is None
    assert who.get("/me/opening").json()["accounts"] == [shared]
    assert seen(account)["state"] == "active"
    assert "Cabinet Martin peut maintenant agir sur votre compte" in subjects(
        world, "camille@example.org"
    )
    again = who.call("POST", "/invitations/answer", body)
    assert (again.status_code, again.json()["code"]) == (410, "token-invalid")


def test_the_answer_does_not_tell_who_has_an_account(world: World) -> None:
    world.person(CABINET)
    account = world.person().account()
    one = account.call("POST", "/delegations", asked(world)).json()
    other = account.call("POST", "/delegations", asked(world, email="inconnu@example.org")).json()
    for answer in (one, other):
        for name in ("id", "email", "invited_at"):
            answer.pop(name)
    assert one == other


def test_a_message_passed_on_opens_nothing(world: World) -> None:
    account = world.person().account()
    account.call("POST", "/delegations", asked(world))
    token = world.token_sent("invitation")
    other = world.person("voisin@example.org")
    for path, body in (("look", {}), ("answer", {"accept": True})):
        answer = other.call("POST", f"/invitations/{path}", {"token": token, **body})
        assert (answer.status_code, answer.json()["code"]) == (403, "delegation-address")
    assert seen(account)["state"] == "invited"


def test_an_invitation_lapses_in_a_fortnight(world: World) -> None:
    account = world.person().account()
    account.call("POST", "/delegations", asked(world))
    token = world.token_sent("invitation")
    world.clock.advance(days=14)
    who = world.person(CABINET)
    answer = who.call("POST", "/invitations/look", {"token": token})
    assert answer.json()["code"] == "token-invalid"
    account.someone.sign_in()
    assert seen(account)["state"] == "lapsed"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"ends_on": "2026-11-23"}, "ends_on", "delegation_past"),
        ({"ends_on": "2029-11-24"}, "ends_on", "delegation_far"),
        ({"email": "camille@example.org"}, "email", "delegation_self"),
        ({"current_password": "pas le bon"}, "current_password", "password_wrong"),
        ({"name": ""}, "name", "string_too_short"),
        ({"scopes": []}, "scopes", "too_short"),
        ({"scopes": ["everything"]}, "scopes.0", "literal_error"),
        ({"kind": "cousin"}, "kind", "literal_error"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    world: World, changed: dict[str, Any], field: str, code: str
) -> None:
    account = world.person().account()
    answer = account.call("POST", "/delegations", asked(world, **changed))
    assert answer.status_code == 422, answer.text
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert account.get("/delegations").json() == []


def test_somebody_is_invited_once_and_ten_at_most(world: World) -> None:
    account = world.person().account()
    for number in range(10):
        body = asked(world, email=f"un{number}@example.org")
        assert account.call("POST", "/delegations", body).status_code == 201
    for email, code in (("un3@example.org", "delegation_twice"), (CABINET, "delegation_limit")):
        answer = account.call("POST", "/delegations", asked(world, email=email))
        assert answer.json()["errors"][0]["code"] == code


def test_everything_done_is_noted_and_told(world: World) -> None:
    account, who, _ = given(world, "send", "pay")
    theirs = Opened(who, account.id)
    draft = {
        "sequence": 1, "form_version": 1, "answers": {"vente": "1"}, "device": "web",
        "key": "key-of-a-draft-000001", "corrects": None, "step": "amounts",
    }  # fmt: skip
    for sequence in (1, 2, 3):
        body = draft | {"sequence": sequence, "answers": {"vente": str(sequence)}}
        assert theirs.call("PUT", "/drafts/2026-10", body).status_code == 200
    receipt = theirs.declare("2026-10", vente="1000")
    paid = theirs.call("POST", "/payments/transfer", {"due": "declaration.2026-10"})
    assert paid.status_code == 201
    acts = [(act["act"], act["subject"]) for act in seen(account)["acts"]]
    assert sorted(acts) == [
        ("declare", receipt["number"]), ("draft", "2026-10"), ("see", ""),
        ("transfer", "declaration.2026-10"),
    ]  # fmt: skip
    told = subjects(world, "camille@example.org")
    assert "Cabinet Martin a envoyé une déclaration pour vous" in told
    assert "Cabinet Martin a ordonné ou annulé un paiement pour vous" in told
    world.clock.advance(days=1)
    who.sign_in()
    theirs.get("/overview")
    theirs.get("/overview")
    account.someone.sign_in()
    assert [act["act"] for act in seen(account)["acts"]].count("see") == 2


@pytest.mark.parametrize("act", ["declare", "order", "cancel", "card", "transfer"])
def test_what_is_sent_or_paid_is_noted_with_it_or_not_done(
    build: Build, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Whatever stops the note stops the act; once both are there, nothing after can undo one."""
    world = build(card_provider="sandbox")
    account, who, _ = given(world, "send", "pay")
    theirs = Opened(who, account.id)
    mandate = {"iban": IBAN, "holder": "Camille Démo", "agreed": True, "current_password": PASSWORD}
    assert account.call("POST", "/mandates", mandate).status_code == 201
    account.declare("2026-09", vente="500")
    due = "declaration.2026-09"
    if act == "cancel":
        assert theirs.call("PUT", f"/dues/{due}/order", {}).status_code == 200
    signed = theirs.signed("2026-10", theirs.figures("2026-10", vente="1000"))
    key = new_key()

    def ask() -> int:
        if act == "declare":
            return theirs.put("2026-10", signed, key).status_code
        if act in {"order", "cancel"}:
            method = "PUT" if act == "order" else "DELETE"
            return theirs.call(method, f"/dues/{due}/order", {}).status_code
        return theirs.call("POST", f"/payments/{act}", {"due": due}).status_code

    def contents() -> list[Any]:
        return [account.get(path).json() for path in ("/declarations", "/paying", "/statement")]

    def acts() -> list[str]:
        return [found["act"] for found in seen(account)["acts"]]

    def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    world.client = TestClient(world.app, world.settings.url, raise_server_exceptions=False)
    before = contents()
    with monkeypatch.context() as planted:
        planted.setattr("backend.usecases.delegations.noting", broken)
        planted.setattr("backend.api.deps.noting", lambda *_: broken)
        assert ask() == 500
    assert contents() == before
    assert acts().count(act) == 0
    with monkeypatch.context() as planted:  # the process dies before it tells anybody
        planted.setattr("backend.api.deps.tell_owner", broken)
        assert ask() == 500
    assert contents() != before
    assert acts().count(act) == 1


DRAFT = {
    "sequence": 1, "form_version": 1, "answers": {"vente": "1"}, "device": "web",
    "key": "key-of-a-draft-000001", "corrects": None, "step": "amounts",
}  # fmt: skip
ENTRY = {
    "kind": "receipt", "base": None, "deleted": False,
    "data": {"on": "2026-10-03", "amount": "40.00", "category": "vente"},
}  # fmt: skip
PREPARED = {
    "draft": ("PUT", "/drafts/2026-10", DRAFT, "draft"),
    "draft dropped": ("DELETE", "/drafts/2026-09", None, "draft"),
    "entry": ("PUT", "/entries/receipt-000001", ENTRY, "entries"),
    "entries": ("POST", "/entries/batch", {"entries": [{"id": "receipt-000002", **ENTRY}]},
                "entries"),
    "file": ("POST", "/attachments?purpose=expense&name=a.png", None, "file"),
    "file dropped": ("DELETE", "/attachments/file-of-the-owner-1", None, "file"),
}  # fmt: skip


@pytest.mark.parametrize("what", PREPARED)
def test_what_is_prepared_is_noted_with_it_or_not_done(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Whatever stops the note stops the act, and leaves no file behind."""
    account, who, _ = given(world, "prepare")
    theirs = Opened(who, account.id)
    world.client = TestClient(world.app, world.settings.url, raise_server_exceptions=False)

    def put(token: str, query: str) -> int:
        return world.client.post(
            f"{API}{account.path}/attachments?purpose=expense&name=a.png{query}", content=PNG,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "image/png"},
        ).status_code  # fmt: skip

    assert account.call("PUT", "/drafts/2026-09", DRAFT).status_code == 200
    assert put(account.someone.token, "&id=file-of-the-owner-1") == 201
    assert theirs.get("/overview").status_code == 200
    method, path, body, act = PREPARED[what]

    def ask() -> int:
        if what == "file":
            return put(who.token, "")
        return theirs.call(method, path, body).status_code

    def contents() -> list[Any]:
        files = sorted(f.name for f in world.settings.files.rglob("*") if f.is_file())
        return [files, *(account.get(p).json() for p in ("/drafts", "/entries", "/attachments"))]

    def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    before = contents()
    with monkeypatch.context() as planted:
        planted.setattr("backend.api.deps.noting", lambda *_: broken)
        assert ask() == 500
    assert contents() == before
    assert [found["act"] for found in seen(account)["acts"]] == ["see"]
    assert ask() < 300
    assert contents() != before
    assert sorted(found["act"] for found in seen(account)["acts"]) == sorted(["see", act])


def test_the_receipt_says_who_sent_it(world: World) -> None:
    account, who, _ = given(world, "send")
    receipt = Opened(who, account.id).declare("2026-10", vente="1000")
    assert receipt["sent_by"] == "Cabinet Martin"
    assert account.get(f"/receipts/{receipt['number']}").json() == receipt
    pdf = account.get(f"/receipts/{receipt['number']}.pdf").content
    words = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)
    assert "Cabinet Martin" in words
    mine = account.declare("2026-09", vente="1")
    assert mine["sent_by"] == ""


def test_the_owner_ends_it_at_once_and_both_are_told(world: World) -> None:
    account, who, identifier = given(world, "send")
    assert who.get(account.path).status_code == 200
    ended = account.call("DELETE", f"/delegations/{identifier}").json()
    assert (ended["state"], ended["how_ended"]) == ("ended", "revoked")
    assert who.get(account.path).status_code == 404
    assert "Vous n’agissez plus sur le compte de Camille Démo" in subjects(world, CABINET)
    again = account.call("DELETE", f"/delegations/{identifier}").json()
    assert again == ended | {"acts": []}
    assert who.call("DELETE", f"/delegations/{identifier}").status_code == 204


def test_a_stranger_ends_nothing(world: World) -> None:
    account, _, identifier = given(world, "send")
    other = world.person("voisin@example.org")
    assert other.call("DELETE", f"/delegations/{identifier}").status_code == 404
    own = other.account(siret="99999999800019")
    assert own.call("DELETE", f"/delegations/{identifier}").status_code == 404
    assert seen(account)["state"] == "active"


def test_the_last_day_is_whole(world: World) -> None:
    account, who, _ = given(world, "see", ends_on="2026-11-30")
    world.at("2026-11-30 23:59")
    assert who.get(account.path).status_code == 200
    world.at("2026-12-01 00:00")
    assert who.get(account.path).status_code == 404
    assert seen(account)["how_ended"] == "over"


def test_the_owner_is_reminded_once_of_the_end(world: World) -> None:
    given(world, "see", ends_on="2026-12-20")
    assert watch_delegations(world.services) == 0
    world.at("2026-12-06 09:00")
    assert [watch_delegations(world.services) for _ in range(2)] == [1, 0]
    assert "Cabinet Martin n’agira bientôt plus sur votre compte" in subjects(
        world, "camille@example.org"
    )


def test_no_bank_account_is_shown_whole_or_changed(world: World) -> None:
    account, who, _ = given(world, "send", "pay")
    signed = {"iban": IBAN, "holder": "Camille Démo", "agreed": True, "current_password": PASSWORD}
    mandate = account.call("POST", "/mandates", signed).json()
    assert account.get(f"/mandates/{mandate['id']}.pdf").status_code == 200
    theirs = Opened(who, account.id)
    assert IBAN not in theirs.get("/paying").text.replace(" ", "")
    for method, path, body in (
        ("POST", "/mandates", {"iban": IBAN, "holder": "Cabinet", "agreed": True,
                               "current_password": PASSWORD}),
        ("POST", "/refunds", {"mandate": None, "iban": IBAN, "holder": "Cabinet", "amount": "1"}),
    ):  # fmt: skip
        answer = theirs.call(method, path, body)
        assert answer.json()["code"] == "delegation-scope"
    with world.services.storage.read() as database:
        [paper] = database.scalars(
            select(IssuedDocument.id).where(IssuedDocument.kind == "mandate")
        )
    for path in (f"/documents/{paper}.pdf", f"/mandates/{mandate['id']}.pdf", "/documents/all.zip"):
        assert account.get(path).status_code == 200, path
        assert theirs.get(path).status_code == 403, path


def test_what_was_given_is_chained(world: World) -> None:
    account, _, identifier = given(world, "see")
    account.call("DELETE", f"/delegations/{identifier}")
    assert not verify(world.services).differences
    with world.services.storage.write() as database:
        database.execute(text("UPDATE delegations SET scopes = 'see,prepare,send,pay'"))
    assert [d.what for d in verify(world.services).differences] == ["delegation changed"]


@pytest.mark.parametrize("leaver", ["owner", "delegate"])
def test_who_closes_their_account_ends_it(world: World, leaver: str) -> None:
    account, who, _ = given(world, "see")
    gone = account.someone if leaver == "owner" else who
    answer = gone.call("POST", "/me/closure", {"current_password": PASSWORD, "despite": True})
    assert answer.status_code in {200, 201, 202}, answer.text
    world.clock.advance(days=31)
    retain(world.services)
    with world.services.storage.read() as database:
        rows = database.execute(text("SELECT email, name, how_ended FROM delegations")).all()
    assert [tuple(row) for row in rows] == [("", "", "revoked" if leaver == "owner" else "left")]
    assert not verify(world.services).differences


def test_a_copy_of_my_data_says_for_whom_i_act(world: World) -> None:
    _, who, _ = given(world, "see")
    made = who.call("POST", "/me/data", {"current_password": PASSWORD, "form": "json"})
    assert made.status_code == 202, made.text
    copy = world.client.get(
        API + made.json()["path"], headers={"Authorization": f"Bearer {who.token}"}
    )
    assert "Cabinet Martin" in copy.text
    assert "token_hash" not in copy.json()["delegations"][0]
