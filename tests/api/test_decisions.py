"""What the collector decides and what may be asked of it: penalties, surcharges, plans, complaints;
then where the money goes."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pypdf
import pytest

from backend import ledger, open_data
from backend.usecases.collect import collect
from backend.usecases.decide import decide
from backend.usecases.operators import add_operator
from backend.usecases.pay import take_transfer
from backend.usecases.plans import shares_of, watch_plans
from backend.usecases.redistribute import MonthRunning, redistribute
from backend.usecases.remind import remind
from tests.api.test_attachments import PDF
from tests.api.test_attachments import send as attach
from tests.api.test_documents import facts, sound, words
from tests.support.world import PASSWORD, Opened, Someone, World

MANDATE = {
    "iban": "FR7630006000011234567890189",
    "holder": "Camille Démo",
    "agreed": True,
    "current_password": PASSWORD,
}
REASON = "Un gros client a payé avec trois mois de retard."


def open_euros(account: Opened) -> Decimal:
    return Decimal(account.get("/paying").json()["open"])


def decided(account: Opened) -> list[tuple[str, str, str, Decimal]]:
    return [
        (d["kind"], d["code"], d["period"], Decimal(d["amount"]))
        for d in reversed(account.get("/decisions").json())
    ]


def pay(world: World, account: Opened, euros: str, period: str) -> None:
    """A transfer with its reference, as the bank tells it."""
    from backend.banking.returns import Received

    asked = {"due": f"declaration.{period}"}
    told = account.call("POST", "/payments/transfer", asked).json()
    reference = told["payment"]["reference"]
    day = world.clock.today()
    received = Received(f"t{reference}{day}", reference, Decimal(euros), day)
    assert take_transfer(world.services, received)


def late(world: World) -> Opened:
    """Everything declared on time; July 2026 owes 1 000 € since 31 August."""
    world.at("2026-08-20 10:00")
    account = world.person().account(start_date="2026-04-06")
    account.declare("2026-07", vente="8130.08")  # 12.3 % is 1 000 €
    return account


def test_a_late_payment_costs_five_percent_then_the_months_and_is_explained(world: World) -> None:
    account = late(world)
    period = account.get("/declarations").json()[0]["period"]
    due = Decimal(account.get("/declarations").json()[0]["due"])
    world.at("2026-09-29 10:00")
    assert decide(world.services) == 0  # the automatic waiver may still come
    world.at("2026-10-10 10:00")
    pay(world, account, str(due), period)
    decide(world.services)
    told = {d["code"]: d for d in account.get("/decisions").json()}
    assert told["late.initial"]["law"].startswith("CSS R243-16")
    assert Decimal(told["late.initial"]["amount"]) == Decimal(50)
    assert Decimal(told["late.month"]["amount"]) == Decimal(4)  # two months begun
    assert sum(d[3] for d in decided(account) if d[0] == "surcharge") == 54
    assert decide(world.services) == 0  # once


def test_a_payment_within_thirty_days_is_waived_by_itself(world: World) -> None:
    account = late(world)
    sent = account.get("/declarations").json()[0]
    world.at("2026-09-20 10:00")
    pay(world, account, sent["due"], sent["period"])
    for moment in ("2026-09-21 10:00", "2026-11-20 10:00"):
        world.at(moment)
        for period, state in account.states().items():
            if state == "late":
                account.declare(period, vente="0")
        decide(world.services)
    assert not any(code.startswith("late") for _, code, period, _ in decided(account)
                   if period == sent["period"])  # fmt: skip


def test_a_missing_declaration_is_penalised_then_assessed_then_all_is_taken_back(
    world: World,
) -> None:
    world.at("2026-01-10 10:00")
    account = world.person().account(
        start_date="2025-01-10", periodicity=[{"since": "2025-01-10", "value": "quarterly"}]
    )
    for period, state in account.states().items():
        if state in {"late", "to_declare"} and period != "2025-Q4":
            account.declare(period, vente="0")
    before = decided(account)
    world.at("2026-02-02 10:00")
    decide(world.services)
    new = [d for d in decided(account) if d not in before]
    assert ("penalty", "penalty.missing", "2025-Q4.penalty", Decimal(59)) in new
    office = [d for d in new if d[0] == "office"]
    assert len(office) == 1
    assert office[0][2] == "2025.office"
    assert office[0][3] > 0
    assert decide(world.services) == 0
    owed = open_euros(account)
    account.declare("2025-Q4", vente="0")
    decide(world.services)
    back = [d for d in decided(account) if d[0] == "waiver" and d[1] == "office"]
    assert [d[3] for d in back] == [-office[0][3]]
    assert open_euros(account) < owed


def test_two_processes_decide_once(world: World) -> None:
    account = late(world)
    world.at("2026-11-05 10:00")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: decide(world.services), range(3)))
    codes = [(code, period) for _, code, period, _ in decided(account)]
    assert len(codes) == len(set(codes)) > 0


@pytest.mark.parametrize(("total", "months"), [(100_000, 3), (10_001, 12), (250, 2), (99_99, 7)])
def test_instalments_are_whole_euros_and_add_up(total: int, months: int) -> None:
    found = shares_of(total, months)
    assert sum(found) == total
    assert all(cents % 100 == 0 for cents in found[:-1])
    assert max(found) - min(found[:-1] or found) >= 0
    assert len(found) <= months


def granted(world: World) -> tuple[Opened, dict[str, Any]]:
    account = late(world)
    world.at("2026-11-20 10:00")
    for period, state in account.states().items():
        if state == "late":
            account.declare(period, vente="0")
    asked = {"months": 4, "first_on": "2026-12-05", "reason": REASON}
    answer = account.call("POST", "/plans", asked)
    assert answer.status_code == 201, answer.text
    return account, answer.json()


def test_a_plan_is_granted_on_its_conditions(world: World) -> None:
    account = late(world)
    world.at("2026-11-20 10:00")
    offer = account.get("/plans").json()["offer"]
    assert (offer["available"], offer["reason"]) == (False, "declarations_missing")
    refused = account.call(
        "POST", "/plans", {"months": 4, "first_on": "2026-12-05", "reason": REASON}
    )
    assert refused.json()["errors"][0]["code"] == "declarations_missing"
    for period, state in account.states().items():
        if state == "late":
            account.declare(period, vente="0")
    soon = account.call("POST", "/plans", {"months": 4, "first_on": "2026-11-22", "reason": REASON})
    assert soon.json()["errors"][0]["field"] == "first_on"
    for months in (1, 13):
        wrong = {"months": months, "first_on": "2026-12-05", "reason": REASON}
        assert account.call("POST", "/plans", wrong).status_code == 422
    plan = account.call(
        "POST", "/plans", {"months": 4, "first_on": "2026-12-05", "reason": REASON}
    ).json()
    amounts = [Decimal(i["amount"]) for i in plan["instalments"]]
    assert sum(amounts) == Decimal(plan["total"]) > 1000
    assert len(amounts) == 4
    assert [i["due_on"] for i in plan["instalments"]][-1] == "2027-03-05"
    assert account.get("/plans").json()["offer"]["reason"] == "plan_active"


def test_an_instalment_is_paid_like_any_due_and_a_kept_plan_ends(world: World) -> None:
    account, plan = granted(world)
    account.call("POST", "/mandates", MANDATE)
    for number, item in enumerate(plan["instalments"]):
        day = date.fromisoformat(item["due_on"])
        world.at(f"{day.replace(day=1)} 10:00")
        ordered = account.call("PUT", f"/dues/{item['code']}/order", {})
        assert ordered.status_code in {200, 201}, ordered.text
        on = date.fromisoformat(ordered.json()["collect_on"])
        world.at(f"{on} 13:00")
        collect(world.services, on)
        watch_plans(world.services)
        told = account.get("/plans").json()["plans"][0]
        assert [i["state"] for i in told["instalments"]][: number + 1] == ["paid"] * (number + 1)
    assert told["state"] == "kept"
    assert told["left"] == "0.00"


def test_a_plan_is_a_sealed_document_made_once(world: World) -> None:
    account, plan = granted(world)
    first = account.get(f"/plans/{plan['id']}.pdf").content
    assert sound(world, first)
    said = words(first)
    for item in (plan["number"], "5 décembre 2026", "R243-21"):
        assert item in said
    assert account.get(f"/plans/{plan['id']}.pdf").content == first
    assert account.get(f"/plans/{'0' * 32}.pdf").status_code == 404


def test_a_missed_instalment_ends_the_plan_and_is_told(world: World) -> None:
    account, _ = granted(world)
    assert account.get("/documents").json()["offers"][0]["available"] is True  # L243-15
    world.at("2026-12-06 10:00")
    assert watch_plans(world.services) == 1
    assert account.get("/plans").json()["plans"][0]["state"] == "broken"
    assert "échéancier est terminé" in str(world.messages()[-1]["Subject"])
    assert watch_plans(world.services) == 0


def test_surcharges_wait_while_a_plan_is_kept(world: World) -> None:
    account, _ = granted(world)
    world.at("2026-12-01 10:00")
    decide(world.services)
    assert not [d for d in decided(account) if d[0] == "surcharge" and d[2] == "2026-07"]


@pytest.fixture
def agent(world: World) -> Someone:
    found = world.person("agent@example.org")
    add_operator(world.services, "agent@example.org")
    return found


def contest(account: Opened, number: int = 1, kind: str = "complaint", *files: str) -> Any:
    asked = {
        "id": f"step-{number:06}", "kind": kind, "about": "declaration.2026-07",
        "body": "Ce montant a déjà été payé par chèque.", "files": list(files),
    }  # fmt: skip
    return account.call("POST", "/disputes", asked)


def test_a_complaint_goes_from_the_service_to_the_commission(world: World, agent: Someone) -> None:
    account = late(world)
    agent.sign_in()
    proof = attach(account, PDF).json()["id"]
    view = contest(account, 1, "complaint", proof).json()
    assert (view["stage"], view["state"]) == ("complaint", "open")
    assert view["acknowledged_by"] == "2026-08-23"
    assert view["expected_by"] == "2026-09-20"
    assert contest(account, 1, "complaint", proof).json()["id"] == view["id"]  # sent twice is one
    path = f"/disputes/{view['id']}"
    more = {"id": "step-000002", "body": "Je passe à l’étape suivante.", "escalate": True}
    early = account.call("POST", f"{path}/steps", more)
    assert early.json()["code"] == "dispute-too-soon"
    assert [d["id"] for d in agent.get("/operator/disputes").json()] == [view["id"]]
    said = {"id": "step-000003", "body": "Aucun chèque n’est arrivé.", "outcome": "refused"}
    assert agent.call("POST", f"/operator{path}/answer", said).status_code == 201
    second = account.call("POST", f"{path}/steps", more).json()
    assert (second["stage"], second["state"]) == ("mediator", "open")
    world.at("2026-09-25 10:00")  # thirty-one days without an answer
    last = {"id": "step-000004", "body": "Personne ne répond à ma demande.", "escalate": True}
    third = account.call("POST", f"{path}/steps", last).json()
    assert (third["stage"], third["next_stage"]) == ("commission", None)
    document = account.get(f"{path}/file.pdf").content
    text = words(document)
    for expected in (view["number"], "Médiateur", "Commission de recours amiable",
                     "Aucun chèque n’est arrivé.", "Refusée"):  # fmt: skip
        assert expected in text
    held = pypdf.PdfReader(io.BytesIO(document)).attachments
    assert held["2026-08-20-preuve.pdf"] == [PDF]
    assert sound(world, document)


def test_what_is_contested_is_neither_pursued_nor_reminded(world: World) -> None:
    account = late(world)
    contest(account)
    world.at("2026-11-05 10:00")
    decide(world.services)
    assert not [d for d in decided(account) if d[2] == "2026-07"]
    world.at("2026-08-29 10:00")
    remind(world.services)
    told = [m.get_body(("plain",)).get_content() for m in world.messages()]  # type: ignore[union-attr]
    assert not any("Payer" in text for text in told)


def test_a_remission_takes_back_surcharges_and_no_more(world: World, agent: Someone) -> None:
    account = late(world)
    due = account.get("/declarations").json()[0]["due"]
    world.at("2026-11-05 10:00")
    decide(world.services)
    pay(world, account, due, "2026-07")
    owed = sum(
        (d[3] for d in decided(account) if d[2] == "2026-07" and d[0] == "surcharge"), Decimal(0)
    )
    assert owed > 50
    view = contest(account, 5, "remission").json()
    path = f"/operator/disputes/{view['id']}/answer"
    much = {"id": "step-000006", "body": "Accordé en entier.", "outcome": "accepted",
            "remit": str(owed + 1)}  # fmt: skip
    assert agent.call("POST", path, much).json()["errors"][0]["field"] == "remit"
    whole = {**much, "remit": str(owed)}
    assert agent.call("POST", path, whole).status_code == 201
    decide(world.services)  # the same day: nothing comes back
    left = [d for d in decided(account) if d[2] == "2026-07"]
    assert sum(d[3] for d in left) == 0
    assert account.get(f"/disputes/{view['id']}").json()["state"] == "closed"


def test_disputes_are_of_their_owner_alone(world: World) -> None:
    view = contest(late(world)).json()
    other = world.person("autre@example.org")
    theirs = other.account(siret="99999999800019")
    assert theirs.get(f"/disputes/{view['id']}").status_code == 404
    assert theirs.get(f"/disputes/{view['id']}/file.pdf").status_code == 404
    assert other.get("/operator/disputes").status_code == 403


def test_what_was_collected_is_shared_out_once_to_the_cent(world: World) -> None:
    account = late(world)
    sent = account.get("/declarations").json()[0]
    pay(world, account, str(Decimal(sent["due"]) + 7), sent["period"])
    with pytest.raises(MonthRunning):
        redistribute(world.services, "2026-08")
    with pytest.raises(ValueError, match="month"):
        redistribute(world.services, "2026-13")
    world.at("2026-09-02 10:00")
    report = redistribute(world.services, "2026-08")
    assert report.balanced
    assert report.collected == ledger.cents(Decimal(sent["due"]) + 7)
    assert report.credits == 700
    assert report.funds["auto-entrepreneur"]["retraite_base"] > 0
    later = account.declare("2026-08", vente="5000")
    pay(world, account, later["due"], "2026-08")  # booked in September
    again = redistribute(world.services, "2026-08")
    assert again.already
    assert again.funds == report.funds
    assert again.balanced


def test_each_person_sees_where_their_euros_went(world: World) -> None:
    account = late(world)
    sent = account.get("/declarations").json()[0]
    assert account.get("/euros").json()["total"] == "0.00"
    pay(world, account, sent["due"], sent["period"])
    told = account.get("/euros").json()
    assert told["year"] == 2026
    assert Decimal(told["total"]) == Decimal(sent["due"])
    assert {f["label"] for f in told["funds"]} >= {"Retraite de base", "CSG-CRDS"}
    assert account.get("/euros?year=2020").json()["funds"] == []


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_year_and_the_statement_are_papers_too(world: World, locale: str) -> None:
    account = late(world)
    sent = account.get("/declarations").json()[0]
    pay(world, account, sent["due"], sent["period"])
    euros, statement = f"/euros.pdf?year=2026&lang={locale}", f"/statement.pdf?lang={locale}"
    for path, kind in ((euros, "euros"), (statement, "statement")):
        answer = account.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"].startswith("attachment")
        shown = account.get(path + "&view=true")
        assert shown.headers["content-disposition"].startswith("inline")
        # Nothing moved: the same document, sealed once and kept in the safe once.
        assert shown.content == answer.content
        assert sound(world, answer.content)
        root: Any = pypdf.PdfReader(io.BytesIO(answer.content)).trailer["/Root"]
        assert root["/Lang"] == locale
        assert root["/MarkInfo"]["/Marked"].value is True
        told = facts(answer.content)
        assert told["document"] == kind
        kept = account.get(f"/documents?lang={locale}").json()["documents"]
        assert [d["kind"] for d in kept].count(kind) == 1
    funds = facts(account.get(euros).content)["funds"]
    assert sum(Decimal(amount) for amount in funds.values()) == Decimal(sent["due"])
    told = facts(account.get(statement).content)
    assert len(told["lines"]) == len(account.get("/statement").json()["lines"])


def test_open_data_keep_the_secret_of_small_numbers(world: World, tmp_path: Path) -> None:
    someone = world.person()
    accounts = [
        someone.account(siret=s, start_date="2026-01-05", department=d)
        for s, d in zip(sirets(23), ["75"] * 12 + ["13"] * 11, strict=True)
    ]
    period = next(c for c, s in accounts[0].states().items() if s == "late")
    for number, account in enumerate(accounts):
        dominant = "900000" if number == len(accounts) - 1 else "1000"
        account.declare(period, vente=dominant if number >= 12 else "1000")
    made = open_data.write(world.services, tmp_path)
    assert [p.suffix for p in made] == [".csv", ".parquet"] * 2
    with made[0].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    quarter = next(r for r in rows if r["economiquement_actifs"] == "12")
    assert quarter["economiquement_actifs"] == "12"
    assert quarter["chiffre_affaires"] == "12000"
    hidden = next(
        r for r in rows
        if r["departement"] == "13" and r["periode"] == quarter["periode"]
    )  # fmt: skip
    assert hidden["secret_statistique"] == "True"  # one account makes nearly all of it
    assert hidden["chiffre_affaires"] == ""
    table = pq.read_table(made[1]).to_pylist()
    assert len(table) == len(rows)
    assert next(r for r in table if r["secret_statistique"])["chiffre_affaires"] is None


def sirets(count: int) -> list[str]:
    """Fictitious SIRET that pass Luhn."""
    found = []
    for number in range(1, 10_000):
        body = f"123456782{number:04}"
        total = sum(
            (d * 2 - 9 if d * 2 > 9 else d * 2) if place % 2 == 0 else d
            for place, d in enumerate(int(c) for c in reversed(body))
        )
        found.append(f"{body}{-total % 10}")
        if len(found) == count:
            break
    return found
