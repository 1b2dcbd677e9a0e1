"""Orders, debits, rejections, cards, transfers, credits and refunds, through the API."""

from __future__ import annotations

import io
import re
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pypdf
import pytest
from sqlalchemy import select, text

from backend.bank_cli import run_collect, run_returns
from backend.banking.returns import Received, Returned, Unreadable, read_answers
from backend.psp import provider_of
from backend.storage.tables import Collection, Mandate, Payment
from backend.usecases import pay
from backend.usecases.collect import collect
from contract.identifiers import reference_valid
from tests.api.conftest import Build
from tests.support.world import PASSWORD, Opened, World

IBAN = "FR7630006000011234567890189"
OTHER = "DE89370400440532013000"
THIRD = "BE68539007547034"


def sign(account: Opened, iban: str = IBAN, **more: Any) -> dict[str, Any]:
    account.someone.world.clock.advance(seconds=1)
    answer = account.call(
        "POST",
        "/mandates",
        {
            "iban": iban,
            "holder": "Camille Démo",
            "agreed": True,
            "current_password": PASSWORD,
            **more,
        },
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def order(account: Opened, period: str, **body: Any) -> Any:
    return account.call("PUT", f"/dues/declaration.{period}/order", body)


def paying(account: Opened) -> dict[str, Any]:
    found: dict[str, Any] = account.get("/paying").json()
    return found


def due(account: Opened, period: str) -> dict[str, Any]:
    return next(d for d in paying(account)["dues"] if d["period"] == period)


def payments(world: World) -> list[Payment]:
    with world.services.storage.read() as database:
        return list(database.scalars(select(Payment).order_by(Payment.created_at)))


def debit(world: World, account: Opened, period: str, day: str) -> Payment:
    """Order the debit of a period, and let the collector's day come."""
    assert order(account, period).status_code == 200
    world.at(f"{day} 12:00")
    collect(world.services, date.fromisoformat(day))
    return payments(world)[-1]


def tree(path: Path) -> ET.Element:
    root = ET.fromstring(path.read_bytes())
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root


def test_an_order_is_debited_on_the_due_date_and_settles_the_period(world: World) -> None:
    account = world.person().account()
    mandate = sign(account)
    assert mandate["iban"] == "FR76 •••• •••• 0189"
    receipt = account.declare("2026-10", vente="1000")
    given = order(account, "2026-10").json()
    assert (given["collect_on"], given["amendable"], given["on_time"]) == (
        "2026-11-30", True, True,
    )  # fmt: skip
    assert given["amount"] == f"{Decimal(receipt['due']):.2f}"
    assert due(account, "2026-10")["state"] == "ordered"
    world.at("2026-11-27 12:00")
    report = collect(world.services, date(2026, 11, 27))
    assert (report.debits, len(report.files)) == (1, 1)
    assert due(account, "2026-10")["state"] == "sent"
    assert account.overview()["balance"]["balance"] == "0.00"
    world.at("2026-11-30 08:00")
    assert due(account, "2026-10")["state"] == "paid"
    [paid] = payments(world)
    assert (paid.value_date, paid.counts_from, paid.sequence) == (
        date(2026, 11, 30), date(2026, 11, 30), "FRST",
    )  # fmt: skip
    path = report.files[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    root = tree(path)
    assert root.findtext(".//ReqdColltnDt") == "2026-11-30"
    assert root.findtext(".//InstdAmt") == f"{Decimal(receipt['due']):.2f}"
    assert root.findtext(".//DbtrAcct/Id/IBAN") == IBAN
    assert root.findtext(".//MndtId") == mandate["rum"]
    assert collect(world.services, date(2026, 11, 27)).debits == 0


def test_sequence_types_are_first_recurrent_and_one_off(world: World) -> None:
    account = world.person().account()
    sign(account)
    files = []
    for period, day in (("2026-08", "2026-11-24"), ("2026-09", "2026-11-25")):
        account.declare(period, vente="500")
        debit(world, account, period, day)
    other = world.person("sacha@example.org").account(siret="12345678200028")
    sign(other, OTHER, one_off=True)
    other.declare("2026-10", vente="700")
    debit(world, other, "2026-10", "2026-11-27")
    assert [payment.sequence for payment in payments(world)] == ["FRST", "RCUR", "OOFF"]
    files = sorted(world.settings.bank.glob("pain008-*.xml"))
    assert sorted(t.text or "" for f in files for t in tree(f).iter("SeqTp")) == [
        "FRST", "OOFF", "RCUR",
    ]  # fmt: skip
    assert paying(other)["mandates"][0]["state"] == "used"
    assert order(other, "2026-10").json()["code"] == "nothing-due"


def test_an_order_is_amendable_until_noon_of_the_banking_eve(world: World) -> None:
    account = world.person().account()
    one, two = sign(account), sign(account, OTHER)
    account.declare("2026-10", vente="1000")
    assert order(account, "2026-10").status_code == 200
    half = {"parts": [{"mandate": one["id"], "amount": "40"}, {"mandate": two["id"],
            "amount": "20.50"}]}  # fmt: skip
    world.at("2026-11-27 11:59")
    amended = order(account, "2026-10", **half).json()
    assert amended["amount"] == "60.50"
    assert [part["amount"] for part in amended["parts"]] == ["40.00", "20.50"]
    world.at("2026-11-27 12:00")
    assert order(account, "2026-10", **half).json()["code"] == "order-closed"
    assert account.call("DELETE", "/dues/declaration.2026-10/order").json()["code"] == (
        "order-closed"
    )
    collect(world.services, date(2026, 11, 27))
    assert Decimal(due(account, "2026-10")["open"]) == Decimal("63.50")
    assert len(payments(world)) == 2


def test_declared_after_the_cutoff_is_debited_the_next_banking_day_without_surcharge(
    world: World,
) -> None:
    account = world.person().account()
    sign(account)
    world.at("2026-11-30 09:00")
    account.declare("2026-10", vente="1000")
    given = order(account, "2026-10").json()
    assert (given["collect_on"], given["on_time"]) == ("2026-12-01", True)
    world.at("2026-11-30 12:00")
    collect(world.services, date(2026, 11, 30))
    world.at("2026-12-02 09:00")
    codes = {s["code"] for s in account.overview()["sanctions"]}
    assert not codes & {"late.initial", "late.month"}


def test_an_amount_is_split_as_my_accounts_say(world: World) -> None:
    account = world.person().account()
    ids = [sign(account, iban)["id"] for iban in (IBAN, OTHER, THIRD)]
    assert account.call("POST", "/mandates", {"iban": "NL91ABNA0417164300", "holder": "C",
                        "agreed": True, "current_password": PASSWORD}
                        ).json()["code"] == "mandate-limit"  # fmt: skip
    wrong = {"shares": [{"mandate": ids[0], "percent": 50}, {"mandate": ids[1], "percent": 40}]}
    assert account.call("PUT", "/mandates/split", wrong).json()["errors"][0]["code"] == (
        "split_total"
    )
    shares = [{"mandate": m, "percent": p} for m, p in zip(ids, (50, 30, 20), strict=True)]
    assert account.call("PUT", "/mandates/split", {"shares": shares}).status_code == 200
    account.declare("2026-10", vente="1001")
    parts = order(account, "2026-10").json()["parts"]
    assert [Decimal(p["amount"]) for p in parts] == [
        Decimal("62.00"), Decimal("37.20"), Decimal("24.80"),
    ]  # fmt: skip
    account.call("DELETE", f"/mandates/{ids[2]}")
    moved = due(account, "2026-10")["order"]["parts"]
    assert [Decimal(p["amount"]) for p in moved] == [Decimal("86.80"), Decimal("37.20")]
    for one in ids[:2]:
        account.call("DELETE", f"/mandates/{one}")
    assert due(account, "2026-10")["order"] is None
    assert order(account, "2026-10").json()["code"] == "no-mandate"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"iban": "FR7612345678901234567890185"}, "iban", "iban_check"),
        ({"iban": "FR76"}, "iban", "iban_format"),
        ({"holder": " "}, "holder", "string_too_short"),
        ({"agreed": False}, "agreed", "literal_error"),
        ({"current_password": "x" * 257}, "current_password", "string_too_long"),
    ],
)
def test_a_mandate_names_what_is_wrong_and_never_repeats_it(
    world: World, body: dict[str, Any], field: str, code: str
) -> None:
    account = world.person().account()
    answer = account.call(
        "POST",
        "/mandates",
        {"iban": IBAN, "holder": "C", "agreed": True, "current_password": PASSWORD} | body,
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["errors"][0]["code"] == code
    assert "12345678" not in answer.text


def test_a_session_left_open_adds_no_bank_account(world: World) -> None:
    """The password is asked again, whatever else is right; tries are counted as at sign-in, and
    the right one forgets them."""
    account = world.person().account()
    asked = {"iban": IBAN, "holder": "Camille Démo", "agreed": True}
    elsewhere = {"iban": OTHER, "holder": "Camille Démo"}
    for path, body in (("/mandates", asked), ("/refunds", elsewhere)):
        for given, code in (({}, "missing"), ({"current_password": PASSWORD + "x"},
                                              "password_wrong")):  # fmt: skip
            answer = account.call("POST", path, body | given)
            assert answer.status_code == 422
            told = answer.json()["errors"][0]
            assert (told["field"], told["code"]) == ("current_password", code)
    assert paying(account)["mandates"] == []
    sign(account)
    wrong = asked | {"iban": OTHER, "current_password": PASSWORD + "x"}
    tries = [account.call("POST", "/mandates", wrong).status_code for _ in range(9)]
    assert tries == [422] * 8 + [429]
    right = wrong | {"current_password": PASSWORD}
    assert account.call("POST", "/mandates", right).status_code == 429
    world.clock.advance(minutes=16)
    assert account.call("POST", "/mandates", right).status_code == 201


def test_the_bank_account_is_sealed_in_the_database_and_whole_on_the_mandate(world: World) -> None:
    account = world.person().account()
    mandate = sign(account)
    with world.services.storage.read() as database:
        kept = database.execute(text("SELECT iban, signature FROM mandates")).one()
        row = database.scalars(select(Mandate)).one()
    assert IBAN not in kept[0]
    assert row.iban == IBAN
    assert row.signature["session"]
    assert len(row.signature["text"]) == 64
    for lang in ("fr", "en"):
        body = account.get(f"/mandates/{mandate['id']}.pdf?lang={lang}").content
        pages = pypdf.PdfReader(io.BytesIO(body))
        said = "".join(page.extract_text() for page in pages.pages)
        assert mandate["rum"] in said
        assert "FR76 3000 6000 0112 3456 7890 189" in said
        assert mandate["ics"] in said
    stranger = world.person("x@example.org").account(siret="12345678200028")
    assert stranger.get(f"/mandates/{mandate['id']}.pdf").status_code == 404


def test_a_rejected_debit_reopens_the_debt_and_says_so(world: World) -> None:
    account = world.person().account()
    sign(account)
    account.declare("2026-10", vente="1000")
    paid = debit(world, account, "2026-10", "2026-11-27")
    world.at("2026-12-02 09:00")
    told = len(world.messages())
    back = Returned("evt-1", paid.reference, "AM04", date(2026, 12, 2))
    assert pay.take_return(world.services, back)
    assert not pay.take_return(world.services, back)
    found = due(account, "2026-10")
    assert (found["state"], found["open"]) == ("rejected", found["amount"])
    assert (found["payment"]["reason"], found["payment"]["iban"]) == ("AM04", "FR76 •••• •••• 0189")
    assert len(world.messages()) == told + 1
    body = world.messages()[-1].get_body(("plain",))
    assert body is not None
    assert "124" not in body.get_content()
    assert "0189" not in str(body)
    assert paying(account)["mandates"][0]["state"] == "active"
    again = order(account, "2026-10").json()
    assert again["collect_on"] == "2026-12-03"
    world.at("2026-12-02 12:00")
    collect(world.services, date(2026, 12, 2))
    assert payments(world)[-1].sequence == "FRST"  # the first one never was


def test_a_closed_account_blocks_its_mandate(world: World) -> None:
    account = world.person().account()
    sign(account)
    account.declare("2026-10", vente="1000")
    paid = debit(world, account, "2026-10", "2026-11-27")
    pay.take_return(world.services, Returned("evt-2", paid.reference, "AC04", None))
    assert paying(account)["mandates"][0]["state"] == "blocked"
    assert order(account, "2026-10").json()["code"] == "no-mandate"


CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>M1</MsgId></GrpHdr><Ntfctn><Ntry><Amt Ccy="EUR">124.00</Amt>
<CdtDbtInd>{sense}</CdtDbtInd><ValDt><Dt>2026-12-02</Dt></ValDt><NtryDtls><TxDtls>
<Refs><AcctSvcrRef>A1</AcctSvcrRef><EndToEndId>{reference}</EndToEndId></Refs>
<Amt Ccy="EUR">124.00</Amt>{more}</TxDtls></NtryDtls></Ntry></Ntfctn>
</BkToCstmrDbtCdtNtfctn></Document>"""
PAIN002 = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>S1</MsgId></GrpHdr><OrgnlPmtInfAndSts><TxInfAndSts>
<OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>MS03</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>"""


def test_answers_of_the_bank_are_read() -> None:
    returned = CAMT.format(
        sense="DBIT", reference="RF1", more="<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>"
    )
    assert read_answers(returned.encode()) == [
        Returned("A1:0:RF1", "RF1", "AM04", date(2026, 12, 2))
    ]
    more = "<RmtInf><Ustrd>Cotisations rf18 5390 0754 7034 merci</Ustrd></RmtInf>"
    received = CAMT.format(sense="CRDT", reference="NOTPROVIDED", more=more)
    assert read_answers(received.encode()) == [
        Received("A1:0:NOTPROVIDED", "RF18539007547034", Decimal("124.00"), date(2026, 12, 2))
    ]
    assert read_answers(PAIN002.format(reference="RF2").encode()) == [
        Returned("S1:RF2", "RF2", "MS03", None)
    ]
    for body in (b"not xml", b"<a/>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'):
        with pytest.raises(Unreadable):
            read_answers(body)


def test_a_transfer_is_recognised_by_its_reference_once(world: World) -> None:
    account = world.person().account()
    account.declare("2026-10", vente="1000")
    ask = {"due": "declaration.2026-10"}
    first = account.call("POST", "/payments/transfer", ask).json()
    again = account.call("POST", "/payments/transfer", ask).json()
    assert first["reference"] == again["reference"]
    assert reference_valid(first["reference"])
    received = Received("t1", first["payment"]["reference"], Decimal("100.00"), date(2026, 11, 25))
    assert pay.take_transfer(world.services, received)
    assert not pay.take_transfer(world.services, received)
    assert due(account, "2026-10")["open"] == "24.00"
    more = Received("t2", first["payment"]["reference"], Decimal("30.00"), date(2026, 11, 26))
    assert pay.take_transfer(world.services, more)
    found = paying(account)
    assert (found["open"], found["credit"]) == ("0.00", "6.00")
    assert not pay.take_transfer(world.services, Received("t3", "RF00", Decimal(1), None))


def card(world: World, account: Opened, outcome: str) -> dict[str, Any]:
    begun = account.call("POST", "/payments/card", {"due": "declaration.2026-10"}).json()
    page = world.client.get(begun["url"])
    assert page.status_code == 200
    assert "124" in page.text
    answer = world.client.post(
        begun["url"], content=f"outcome={outcome}",
        headers={"content-type": "application/x-www-form-urlencoded"}, follow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"/pay/done/{begun['payment']['id']}")
    found: dict[str, Any] = account.get(f"/payments/{begun['payment']['id']}").json()
    return found | {"url": begun["url"]}


@pytest.mark.parametrize("outcome", ["paid", "late", "twice"])
def test_a_card_payment_is_booked_once_however_it_is_announced(build: Build, outcome: str) -> None:
    world = build(card_provider="sandbox", sandbox_delay=0)
    account = world.person().account()
    account.declare("2026-10", vente="1000")
    found = card(world, account, outcome)
    assert (found["state"], found["settled"]) == ("paid", True)
    assert account.overview()["balance"]["balance"] == "0.00"
    assert "terminé" in world.client.get(found["url"]).text


@pytest.mark.parametrize("outcome", ["refused", "abandoned"])
def test_a_refused_card_leaves_the_debt_and_may_be_tried_again(build: Build, outcome: str) -> None:
    world = build(card_provider="sandbox")
    account = world.person().account()
    account.declare("2026-10", vente="1000")
    assert card(world, account, outcome)["state"] == "failed"
    assert due(account, "2026-10")["state"] == "open"
    assert card(world, account, "paid")["state"] == "paid"


def test_a_notice_that_is_not_signed_is_refused(build: Build) -> None:
    world = build(card_provider="sandbox")
    account = world.person().account()
    account.declare("2026-10", vente="1000")
    account.call("POST", "/payments/card", {"due": "declaration.2026-10"})
    provider = provider_of(world.services)
    assert provider is not None
    for headers in ({}, {"sandbox-signature": "t=1,v1=00"}):
        answer = world.client.post(
            "/api/v1/payments/notices/sandbox", content=b"{}", headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "signature-invalid")
    assert Decimal(paying(account)["open"]) == 124


def test_cards_are_not_offered_without_a_provider(world: World) -> None:
    account = world.person().account()
    account.declare("2026-10", vente="1000")
    answer = account.call("POST", "/payments/card", {"due": "declaration.2026-10"})
    assert answer.json()["code"] == "card-unavailable"
    assert world.client.get("/banque-essai/chk_x").status_code == 404


def test_a_credit_is_deducted_next_time_or_paid_back(world: World) -> None:
    account = world.person().account()
    mandate = sign(account)
    first = account.declare("2026-09", vente="1000")
    debit(world, account, "2026-09", "2026-11-24")
    account.declare("2026-09", corrects=first["number"], vente="400")
    assert Decimal(paying(account)["credit"]) == 75
    account.declare("2026-10", vente="200")  # 25 euros, taken from the credit
    assert due(account, "2026-10")["state"] in {"paid", "sent"}
    assert Decimal(paying(account)["credit"]) == 50
    too_much = account.call("POST", "/refunds", {"mandate": mandate["id"], "amount": "51"})
    assert too_much.json()["errors"][0]["code"] == "above_credit"
    asked = account.call("POST", "/refunds", {"mandate": mandate["id"]}).json()
    assert (asked["state"], asked["amount"]) == ("asked", "50.00")
    assert account.call("POST", "/refunds", {"mandate": mandate["id"]}).json()["code"] == (
        "no-credit"
    )
    report = collect(world.services, date(2026, 11, 25))
    assert report.refunds == 1
    assert collect(world.services, date(2026, 11, 25)).refunds == 0
    root = tree(next(p for p in report.files if p.name.startswith("pain001")))
    assert (root.findtext(".//InstdAmt"), root.findtext(".//CdtrAcct/Id/IBAN")) == ("50.00", IBAN)
    reference = root.findtext(".//EndToEndId") or ""
    assert pay.take_return(world.services, Returned("r1", reference, "AC04", None))
    found = paying(account)
    assert (found["refunds"][0]["state"], Decimal(found["credit"])) == ("rejected", Decimal(50))


def test_the_statement_reads_and_exports(world: World) -> None:
    account = world.person().account()
    sign(account)
    account.declare("2026-10", vente="1000")
    paid = debit(world, account, "2026-10", "2026-11-27")
    pay.take_return(world.services, Returned("s1", paid.reference, "AM04", None))
    found = account.get("/statement").json()
    assert [line["label"] for line in found["lines"]] == [
        "Déclaration", "Prélèvement", "Prélèvement rejeté",
    ]  # fmt: skip
    assert [Decimal(line["balance"]) for line in found["lines"]] == [124, 0, 124]
    assert found["lines"][1]["start"] == "2026-10-01"
    csv = account.get("/statement.csv").content.decode("utf-8-sig").splitlines()
    assert csv[0].startswith("Date;Mouvement")
    assert len(csv) == 4
    assert account.get("/statement.xlsx").content[:2] == b"PK"
    fec = [line.split("\t") for line in account.get("/statement.fec").text.splitlines()]
    assert len(fec[0]) == 18
    assert all(len(row) == 18 for row in fec)
    debits = sum(Decimal(row[11].replace(",", ".")) for row in fec[1:])
    assert debits == sum(Decimal(row[12].replace(",", ".")) for row in fec[1:]) > 0


def test_nothing_of_the_bank_reaches_the_logs(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    account = world.person().account()
    sign(account)
    account.declare("2026-10", vente="1000")
    debit(world, account, "2026-10", "2026-11-27")
    logged = capsys.readouterr().out
    assert "3000" not in logged
    assert "0189" not in logged
    assert "124" not in re.sub(r"request=\w+|\d{2}:\d{2}:\d{2}|ms=[\d.]+", "", logged)
    with world.services.storage.read() as database:
        assert database.scalars(select(Collection)).one().written_at is not None


def test_the_commands_print_counts_and_files_never_a_figure(
    build: Build, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    world = build(demo=True)
    account = world.person().account()
    sign(account)
    account.declare("2026-10", vente="1000")
    order(account, "2026-10")
    capsys.readouterr()
    assert run_collect(world.settings, date(2026, 11, 27)) == 0
    told = capsys.readouterr().out
    assert "Debits: 1" in told
    assert "pain008-" in told
    assert "124" not in re.sub(r"File: .*", "", told)
    answer = tmp_path / "camt.xml"
    reference = payments(world)[0].reference
    more = "<RtrInf><Rsn><Cd>MS03</Cd></Rsn></RtrInf>"
    answer.write_text(CAMT.format(sense="DBIT", reference=reference, more=more), "utf-8")
    for told in ("Returned: 1", "Known already or unknown here: 1"):
        assert run_returns(world.settings, answer) == 0
        assert told in capsys.readouterr().out
    answer.write_text("nothing", "utf-8")
    assert run_returns(world.settings, answer) == 1
    assert run_returns(world.settings, tmp_path / "absent.xml") == 1


def test_orders_of_a_day_wait_for_its_noon(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_collect(world.settings, date(2126, 1, 2)) == 2
    assert "noon" in capsys.readouterr().err
