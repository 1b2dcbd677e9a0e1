"""A profession added by a test, end to end: nothing but its own folder knows about it."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pypdf

from backend.usecases.collect import collect
from regimes.regime import Registry
from tests.api.conftest import Build
from tests.support.toy_regime import REGIME
from tests.support.world import PASSWORD


def test_an_inventor_declares_is_called_and_is_refunded(build: Build) -> None:
    registry = Registry()
    registry.add(REGIME)
    world = build(registry)
    assert [r["code"] for r in world.client.get("/api/v1/regimes").json()] == ["toy"]
    account = world.person().open("toy", {"start_date": "2023-03-01"})

    def declare(year: str, income: str, corrects: str | None = None) -> dict[str, object]:
        declaration = {"regime": "toy", "income": income, "expenses": "0"}
        answer = account.send(year, declaration, corrects)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, object] = answer.json()
        return receipt

    first = declare("2023", "10000")
    home = account.overview()
    due = Decimal(str(first["due"]))
    assert due > 0
    # The year declared, and the provisional calls of the next, whose days are all past.
    assert Decimal(home["balance"]["balance"]) == 2 * due
    assert [call["code"] for call in home["calls"]].count("regularisation.2023") == 1
    provisional = [c for c in home["calls"] if c["code"].startswith("provisional.2024")]
    assert len(provisional) == 4
    assert sum(Decimal(c["amount"]) for c in provisional) == due

    second = declare("2024", "2000")
    refund = next(c for c in account.overview()["calls"] if c["code"] == "regularisation.2024")
    assert Decimal(refund["amount"]) == Decimal(str(second["due"])) - due < 0

    corrected = declare("2023", "8000", str(first["number"]))
    assert corrected["affected"] == ["2024"]
    statement = account.get("/statement").json()
    provisional_2025 = Decimal(str(second["due"]))
    total = Decimal(str(corrected["due"])) + Decimal(str(second["due"])) + provisional_2025
    assert Decimal(statement["balance"]) == total

    document = account.get(f"/receipts/{corrected['number']}.pdf").content
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages)
    assert "Inventeur" in text
    assert account.get("/export.csv").content.count(b"\n") == 1 + 3 * 3
    assert account.get("/options").json()["options"] == []


def test_refusals_of_the_profession_cross_as_fields(build: Build) -> None:
    registry = Registry()
    registry.add(REGIME)
    account = build(registry).person().open("toy", {"start_date": "2023-03-01"})
    declaration = {"regime": "toy", "income": "1", "expenses": "2"}
    answer = account.estimate("2025", declaration)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "declaration.expenses", "code": "expenses_above_income", "params": {}}
    ]
    assert account.call("POST", "/options/any", {"value": "x"}).status_code == 409


def test_each_call_is_a_due_and_what_a_year_gives_back_pays_it(build: Build) -> None:
    registry = Registry()
    registry.add(REGIME)
    world = build(registry)
    account = world.person().open("toy", {"start_date": "2023-03-01"})
    signed = {"iban": "FR7630006000011234567890189", "holder": "C", "agreed": True,
              "current_password": PASSWORD}  # fmt: skip
    assert account.call("POST", "/mandates", signed).status_code == 201
    for year, income in (("2023", "10000"), ("2024", "2000")):
        answer = account.send(year, {"regime": "toy", "income": income, "expenses": "0"})
        assert answer.status_code == 201, answer.text
    found = account.get("/paying").json()
    by_code = {due["code"]: due for due in found["dues"]}
    assert len(by_code) == 1 + 4 + 1 + 4  # 2023, calls of 2024, its regularisation, calls of 2025
    assert Decimal(by_code["regularisation.2024"]["amount"]) < 0
    assert by_code["regularisation.2024"]["state"] == "credit"
    balance = Decimal(account.overview()["balance"]["balance"])
    assert Decimal(found["open"]) - Decimal(found["credit"]) == balance > 0
    # One order a call, given by itself since there is a mandate.
    assert {d["state"] for d in found["dues"] if Decimal(d["open"]) > 0} == {"ordered"}
    world.at("2026-11-24 12:00")
    collect(world.services, date(2026, 11, 24))
    after = account.get("/paying").json()
    assert (after["open"], after["credit"]) == ("0.00", "0.00")
    statement = account.get("/statement").json()
    assert Decimal(statement["balance"]) == 0
    assert sum(Decimal(line["amount"]) for line in statement["lines"]) == 0
