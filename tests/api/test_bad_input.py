"""What cannot be a declaration: refused by the name of its field, and nothing changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.storage.tables import Base
from tests.support.world import API, World, new_key

AMOUNTS = {
    "negative": "-1", "nan": "NaN", "infinity": "Infinity", "exponent": "1e400", "huge": "9" * 300,
    "french": "1.234,56", "comma": "1234,56", "spaces": "1 234", "three decimals": "1.234",
    "emoji": "🥐", "empty": "", "null": None, "list": ["1"], "object": {"a": 1}, "float": 12.5,
    "true": True, "too large": "100000000", "newline": "1\n", "arabic digits": "١٢٣",
    "signed": "+1", "hexadecimal": "0x10", "underscore": "1_000", "null byte": "1\x00",
}  # fmt: skip
RAW = {
    "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity", "1e400": "1e400",
    "300 digits": "9" * 300, "float": "1.5", "lone surrogate": '"\\ud800"',
}  # fmt: skip


def rows(world: World) -> dict[str, int]:
    """How many rows each table holds."""
    with world.services.storage.read() as database:
        return {
            table.name: database.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_amounts_that_are_no_amounts(world: World) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="1"))
    before = rows(world)
    for name, amount in AMOUNTS.items():
        declaration = {**body["declaration"]}
        declaration["parts"] = [{**declaration["parts"][0], "turnover": {"vente": amount}}]
        for answer in (
            account.estimate("2026-10", declaration),
            account.put("2026-10", {**body, "declaration": declaration}),
        ):
            assert answer.status_code == 422, name
            fields = [error["field"] for error in answer.json()["errors"]]
            assert fields == ["declaration.parts.0.turnover.vente"], name
    assert rows(world) == before


def test_numbers_that_json_lets_through(world: World) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="1"))
    text = json.dumps(body).replace('"turnover": {"vente": "1"}', '"turnover": {"vente": RAW}')
    before = rows(world)
    for name, raw in RAW.items():
        answer = world.client.put(
            f"{API}{account.path}/declarations/2026-10",
            content=text.replace("RAW", raw),
            headers={
                "Authorization": f"Bearer {account.someone.token}",
                "Content-Type": "application/json", "Idempotency-Key": new_key(),
            },
        )  # fmt: skip
        assert answer.status_code == 422, name
        fields = [error["field"] for error in answer.json()["errors"]]
        assert fields == ["declaration.parts.0.turnover.vente"], name
    assert rows(world) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"{", 400), (b"\xff\xfe", 400), (b"[]", 422), (b"null", 422), (b"1", 422),
        (b'{"declaration": ' + b"[" * 100_000, 400), (b'{"a": ' + b"9" * 5000 + b"}", 400),
    ],
)  # fmt: skip
def test_bodies_that_are_no_bodies(world: World, body: bytes, status: int) -> None:
    account = world.person().account()
    answer = world.client.put(
        f"{API}{account.path}/declarations/2026-10",
        content=body,
        headers={
            "Authorization": f"Bearer {account.someone.token}",
            "Content-Type": "application/json", "Idempotency-Key": new_key(),
        },
    )  # fmt: skip
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def part(**changes: Any) -> dict[str, Any]:
    return {
        "parts": [
            {"start": "2026-10-01", "end": "2026-10-31", "turnover": {"vente": "1"}, **changes}
        ]
    }


WRONG = [
    ({}, "declaration.parts"),
    ({"parts": []}, "declaration.parts"),
    ({"parts": "x"}, "declaration.parts"),
    ({**part(), "regime": "vrp"}, "declaration.regime"),
    ({**part(), "unknown": 1}, "declaration.unknown"),
    ({**part(), "\ud800": 1}, "declaration"),
    ({**part(), "platform": {"vente": "-1"}}, "declaration.platform.vente"),
    ({**part(), "platform": {"service_bic": "1"}}, "declaration.platform.service_bic"),
    (part(unknown=1), "declaration.parts.0.unknown"),
    (part(start="2026-13-01"), "declaration.parts.0.start"),
    (part(start=1.5), "declaration.parts.0.start"),
    (part(start="2026-09-01"), "declaration.parts"),
    (part(end="2026-09-01"), "declaration.parts"),
    (part(turnover={"vente": "1", "service_bic": "1"}),
     "declaration.parts.0.turnover.service_bic"),
    (part(turnover={"\ud800": "1"}), "declaration.parts.0.turnover.\ufffd\ufffd\ufffd.[key]"),
    (part(turnover={}), "declaration.parts.0.turnover.vente"),
]  # fmt: skip


def test_declarations_that_do_not_fit_name_their_field(world: World) -> None:
    account = world.person().account()
    body = account.signed("2026-10", part())
    before = rows(world)
    for declaration, field in WRONG:
        answer = account.put("2026-10", {**body, "declaration": declaration})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["field"] == field
    assert rows(world) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fingerprint": "xyz"}, "fingerprint"),
        ({"fingerprint": "A" * 64}, "fingerprint"),
        ({"form_version": 0}, "form_version"),
        ({"form_version": "un"}, "form_version"),
        ({"unknown": True}, "unknown"),
        ({"\ud800": True}, "body"),
        ({"declaration": 3}, "declaration"),
    ],
)
def test_signatures_that_do_not_fit_name_their_field(
    world: World, change: dict[str, Any], field: str
) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="1"))
    before = rows(world)
    answer = account.put("2026-10", {**body, **change})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert rows(world) == before


def test_what_was_typed_is_not_repeated_in_the_answer(world: World) -> None:
    account = world.person().account()
    answer = account.estimate("2026-10", part(turnover={"vente": "314159,26"}))
    assert answer.status_code == 422
    assert "314159" not in answer.text


def test_periods_whose_text_is_no_period(world: World) -> None:
    account = world.person().account()
    body = account.signed("2026-10", account.figures("2026-10", vente="1"))
    for period in ("2026_10", "🥐", "2026-10-10-10-10-10", "' OR 1=1", "20"):
        answer = account.put(period, body)
        assert answer.status_code == 422, period
        assert answer.json()["errors"][0]["field"] == "period"


def test_a_text_with_a_nul_is_refused_by_its_name_on_either_database(world: World) -> None:
    """PostgreSQL keeps none in a text; SQLite would."""
    account = world.person().account()
    before = rows(world)
    told = {"id": f"{'m' * 15}1", "body": "J’ai déclaré\x00 deux fois."}
    dispute = {**told, "kind": "complaint"}
    thread = {"subject": "error", "title": "Une erreur", "message": told}
    for path, body, field in (
        ("/threads", thread, "message.body"),
        ("/threads", {**thread, "title": "Une\x00 erreur", "message": {**told, "body": "x"}},
         "title"),
        ("/disputes", dispute, "body"),
    ):  # fmt: skip
        answer = account.call("POST", path, body)
        assert answer.status_code == 422, path
        [error] = answer.json()["errors"]
        assert (error["field"], error["code"]) == (field, "text_characters")
    assert rows(world) == before
