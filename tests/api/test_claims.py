"""A claim: sent like a declaration, then moved on by appended steps."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend import ledger
from backend.dsn.sample import SIRETS
from backend.storage.vrp import ClaimStep, RefundAccount
from backend.usecases.operators import add_operator
from tests.support.world import PASSWORD, Opened, Someone, World, new_key

IBAN = "FR7630006000011234567890189"
HOLDER = {"holder": "Camille Démo", "current_password": PASSWORD}


def claim(*totals: int, **more: Any) -> dict[str, Any]:
    """Yearly gross by employer, spread over twelve months."""
    return {
        "employers": [
            {"siret": siret, "months": [
                {"month": m, "gross": str(Decimal(total * 100 // 12).scaleb(-2)) if m < 12
                 else str(Decimal(total * 100 - 11 * (total * 100 // 12)).scaleb(-2))}
                for m in range(1, 13)]}
            for siret, total in zip(SIRETS, totals, strict=False)
        ],
        **more,
    }  # fmt: skip


@pytest.fixture
def operator(world: World) -> Someone:
    found = world.person("agent@example.org")
    add_operator(world.services, "agent@example.org")
    return found


@pytest.fixture
def vrp(world: World) -> Opened:
    world.at("2027-03-02 10:00")
    return world.person().open("vrp", {"start_date": "2024-01-01"}, SIRETS[0])


@pytest.fixture
def sent(vrp: Opened, operator: Someone) -> str:
    answer = vrp.send("2026", claim(30000, 20000, 15000))
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def move(operator: Someone, number: str, state: str, **more: Any) -> Any:
    return operator.call("POST", f"/operator/claims/{number}/moves", {"state": state, **more})


def balance(world: World, vrp: Opened) -> Decimal:
    with world.services.storage.read() as database:
        return ledger.balance(database, vrp.id)


def test_a_claim_is_sent_once_and_owes_nothing(world: World, vrp: Opened) -> None:
    key = new_key()
    body = vrp.signed("2026", claim(30000, 20000, 15000))
    first, again = vrp.put("2026", body, key), vrp.put("2026", body, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["number"] == again.json()["number"]
    assert Decimal(first.json()["due"]) == Decimal("1168.86")
    assert balance(world, vrp) == 0
    (view,) = vrp.get("/claims").json()
    assert (view["state"], view["amount"]) == ("received", "1168.86")
    assert view["contest_until"] == "2029-02-04"
    receipt = vrp.get(f"/receipts/{view['number']}.pdf")
    assert receipt.status_code == 200, receipt.text
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(receipt.content)).pages)
    assert "Montant que vous demandez" in text
    assert "À payer" not in text
    assert "Total demandé" in text


def test_the_year_that_runs_cannot_be_claimed_yet(world: World, vrp: Opened) -> None:
    shown = vrp.estimate("2027", claim(30000))
    assert shown.status_code == 200
    answer = vrp.send("2027", claim(30000))
    assert (answer.status_code, answer.json()["code"]) == (409, "period-not-open")


def test_from_received_to_paid(world: World, vrp: Opened, operator: Someone, sent: str) -> None:
    (waiting,) = operator.get("/operator/claims?state=received").json()
    assert waiting["number"] == sent
    asked = move(operator, sent, "proofs_asked", note="Les bulletins de décembre.")
    assert asked.json()["next"] == ["proofs_sent"]
    assert "avance" in str(world.messages()[-1]["subject"])
    unknown = vrp.call("POST", f"/claims/{sent}/proofs", {"note": "Voici", "files": ["a" * 12]})
    assert unknown.json()["errors"][0]["code"] == "file_unknown"
    file = world.client.post(
        f"/api/v1{vrp.path}/attachments?purpose=claim&name=dec.pdf", content=b"%PDF-1.7 x",
        headers={"Authorization": f"Bearer {vrp.someone.token}"},
    ).json()["id"]  # fmt: skip
    body = {"note": "Voici le bulletin.", "files": [file]}
    proofs = vrp.call("POST", f"/claims/{sent}/proofs", body)
    assert (proofs.status_code, proofs.json()["state"]) == (200, "proofs_sent")
    twice = vrp.call("POST", f"/claims/{sent}/proofs", body).json()
    assert len(twice["events"]) == len(proofs.json()["events"])
    part = move(operator, sent, "accepted_in_part", amount="1000.00", note="Un mois sans base.")
    assert part.json()["accepted"] == "1000.00"
    assert balance(world, vrp) == -1000
    assert move(operator, sent, "paid").json()["errors"][0]["code"] == "iban_missing"
    vrp.call("PUT", "/refund/iban", {"iban": IBAN, **HOLDER})
    paid = move(operator, sent, "paid").json()
    assert (paid["state"], paid["paid"]) == ("paid", "1000.00")
    assert balance(world, vrp) == 0
    assert move(operator, sent, "paid").status_code == 409
    contest = vrp.call("POST", f"/claims/{sent}/contests", {"note": "Décembre est là."}).json()
    assert contest["state"] == "contested"
    more = move(operator, sent, "accepted").json()
    assert more["accepted"] == "1168.86"
    assert balance(world, vrp) == Decimal("-168.86")
    assert move(operator, sent, "paid").json()["paid"] == "1168.86"
    assert balance(world, vrp) == 0
    assert [e["by"] for e in vrp.get("/claims").json()[0]["events"]] == [
        "service", "collector", "person", "collector", "collector", "person", "collector",
        "collector",
    ]  # fmt: skip


def test_steps_that_cannot_follow_are_refused(vrp: Opened, operator: Someone, sent: str) -> None:
    early = vrp.call("POST", f"/claims/{sent}/contests", {"note": "Trop tôt."})
    assert (early.status_code, early.json()["code"]) == (409, "option-refused")
    assert early.json()["extra"]["state"] == "received"
    assert move(operator, sent, "paid").status_code == 409
    for amount in ("0", "1168.86", "5000"):
        fault = move(operator, sent, "accepted_in_part", amount=amount).json()["errors"][0]
        assert fault["code"] == "amount_not_part_of_claim"
    assert move(operator, "Q-2027-NOTHING", "accepted").status_code == 404
    assert vrp.someone.call(
        "POST", f"/operator/claims/{sent}/moves", {"state": "accepted"}
    ).status_code == 403  # fmt: skip
    assert vrp.call("POST", "/claims/Q-2027-NOTHING/proofs", {"note": "Rien"}).status_code == 404
    refused = move(operator, sent, "refused", note="Aucun trop-versé.").json()
    assert (refused["accepted"], refused["next"]) == ("0.00", ["contested"])


def test_a_corrected_claim_starts_again(
    world: World, vrp: Opened, operator: Someone, sent: str
) -> None:
    move(operator, sent, "accepted")
    assert balance(world, vrp) == Decimal("-1168.86")
    again = vrp.send("2026", claim(30000, 20000), corrects=sent).json()
    (view,) = vrp.get("/claims").json()
    assert (view["number"], view["state"]) == (again["number"], "received")
    assert move(operator, sent, "paid").status_code == 404


def test_known_limits_alone_are_told(world: World, vrp: Opened, sent: str) -> None:
    world.at("2029-02-05 10:00")
    assert vrp.get("/claims").json()[0]["contest_until"] is None


def test_steps_are_never_rewritten(world: World, vrp: Opened, operator: Someone, sent: str) -> None:
    move(operator, sent, "proofs_asked")
    for order in ("UPDATE claim_steps SET note = 'x'", "DELETE FROM claim_steps"):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            world.services.storage.write() as database,
        ):
            database.execute(text(order))
    with world.services.storage.read() as database:
        assert len(database.scalars(select(ClaimStep)).all()) == 1


def test_the_bank_account_is_kept_sealed_and_shown_masked(world: World, vrp: Opened) -> None:
    assert vrp.get("/refund").json()["iban"] is None
    wrong = vrp.call("PUT", "/refund/iban", {"iban": IBAN[:-1] + "8", **HOLDER})
    assert wrong.json()["errors"][0]["field"] == "iban"
    assert IBAN[:-1] not in wrong.text
    answer = vrp.call(
        "PUT", "/refund/iban", {"iban": "FR76 3000 6000 0112 3456 7890 189", **HOLDER}
    )
    assert answer.json()["iban"] == "FR76 •••• •••• 0189"
    with world.services.storage.read() as database:
        raw = database.execute(text("SELECT iban, holder FROM refund_accounts")).one()
        assert IBAN not in str(raw)
        assert "Camille" not in str(raw)
        assert database.get_one(RefundAccount, vrp.id).iban == IBAN
    assert "bancaire" in world.messages()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_bank_account_changes_with_the_password_alone(world: World, vrp: Opened) -> None:
    for given in ({}, {"current_password": PASSWORD + "x"}):
        told = vrp.call("PUT", "/refund/iban", {"iban": IBAN, **HOLDER, **given} if given else
                        {"iban": IBAN, "holder": "Camille Démo"})  # fmt: skip
        assert told.status_code == 422
        assert told.json()["errors"][0]["field"] == "current_password"
    assert vrp.get("/refund").json()["iban"] is None
