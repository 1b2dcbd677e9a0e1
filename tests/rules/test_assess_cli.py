"""`quittance assess`: one answer a line, whatever the line."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest

from backend.assess_cli import dumps, run

GOOD: dict[str, Any] = {
    "date": "2026-10-15",
    "period": "month",
    "turnover": {"vente": 12345},
    "nature": "commerciale",
    "versement_liberatoire": True,
}


def ask(*lines: str) -> tuple[int, list[dict[str, Any]]]:
    target = io.StringIO()
    status = run(io.StringIO("".join(f"{line}\n" for line in lines)), target)
    return status, [
        json.loads(text, parse_float=Decimal) for text in target.getvalue().splitlines()
    ]


def line(number: Any = 1, **changes: Any) -> str:
    return json.dumps({"id": number, "regime": "auto-entrepreneur", "inputs": GOOD | changes})


def test_a_line_and_its_answer() -> None:
    status, (answer,) = ask(line("a"))
    assert status == 0
    assert answer["id"] == "a"
    assert answer["due"] == 1655
    assert [item["amount"] for item in answer["lines"]] == [1518, 12, 2, 123]
    assert set(answer["lines"][0]) >= {"code", "label", "base", "rate", "amount", "law"}
    assert answer["exact"]["total"] == Decimal("1532.63175")  # without the versement libératoire
    assert answer["exact"]["versement_liberatoire"] == Decimal("123.45")


def test_a_bad_line_does_not_stop_the_rest() -> None:
    status, answers = ask(line(1), "nonsense", "", "[]", line(2, period="week"), line(3))
    assert status == 1
    assert [a["id"] for a in answers] == [1, None, None, 2, 3]
    assert [a.get("error", {}).get("code") for a in answers] == [
        None, "json_malformed", "json_not_object", "choice_unknown", None,
    ]  # fmt: skip
    assert set(answers[3]["error"]) == {"code", "field", "message"}


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ('"turnover": {"vente": -1}', "turnover.vente"),
        ('"turnover": {"vente": NaN}', "turnover.vente"),
        ('"turnover": {"vente": -Infinity}', "turnover.vente"),
        ('"turnover": {"vente": 1e400}', "turnover.vente"),
        ('"turnover": {"vente": 1e99999999999999999999}', "turnover.vente"),
        ('"turnover": {"vente": 1e-99999}', "turnover.vente"),
        (f'"turnover": {{"vente": {"9" * 300}}}', "turnover.vente"),
        (f'"turnover": {{"vente": {"9" * 9000}}}', "turnover.vente"),
        ('"turnover": {"vente": "1.234,56"}', "turnover.vente"),
        ('"turnover": {"vente": "😀"}', "turnover.vente"),
        ('"turnover": {"vente": true}', "turnover.vente"),
        ('"turnover": {"vente": null}', "turnover.vente"),
        ('"turnover": {"vente": [1]}', "turnover.vente"),
        ('"turnover": {"fish": 1}', "turnover.fish"),
        ('"turnover": {}', "turnover"),
        ('"turnover": 5', "turnover"),
        ('"turnover": {"service_bnc": 1, "service_bnc_cipav": 1}', "turnover"),
        ('"date": "2022-09-30"', "date"),
        ('"date": "20261015"', "date"),
        ('"date": "2026-02-30"', "date"),
        ('"date": 5', "date"),
        ('"creation_date": "2026-11-01"', "date"),
        ('"creation_date": ""', "creation_date"),
        ('"period": ["month"]', "period"),
        ('"period": "year"', "year"),
        ('"period": "year", "year": 1e999999', "year"),
        ('"nature": {}', "nature"),
        ('"department": "Atlantide"', "department"),
        ('"department": 974', "department"),
        ('"acre": "yes"', "acre"),
        ('"colour": 1', "colour"),
    ],
)
def test_bad_inputs_name_their_field(raw: str, field: str) -> None:
    text = line(7)[:-2] + ", " + raw + "}}"
    status, (answer,) = ask(text)
    assert status == 1
    assert answer["id"] == 7
    assert answer["error"]["field"] == field
    assert answer["error"]["code"]
    assert answer["error"]["message"]


def test_other_bad_lines() -> None:
    status, answers = ask(
        '{"id": 1, "regime": "vendor", "inputs": {}}',
        '{"id": 2, "regime": ["auto-entrepreneur"], "inputs": {}}',
        '{"id": 3, "regime": "auto-entrepreneur"}',
        '{"id": {}, "regime": "auto-entrepreneur", "inputs": {}}',
        "[" * 100000,
    )
    assert status == 1
    assert [a["id"] for a in answers] == [1, 2, 3, None, None]
    assert [a["error"]["field"] for a in answers] == ["regime", "regime", "inputs", "period", ""]


def test_numbers_are_printed_digit_for_digit() -> None:
    assert dumps({"a": [Decimal("0.10"), Decimal("1E+3"), Decimal("-0"), True, None, "é"]}) == (
        '{"a":[0.1,1000,0,true,null,"é"]}'
    )
    _, (answer,) = ask(line(1, turnover={"vente": "33.33"}))
    assert answer["exact"]["contributions"] == Decimal("4.09959")


def test_half_a_surrogate_pair_comes_back_as_it_went() -> None:
    target = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    run(io.StringIO('{"id": "\\ud800", "regime": "x"}\n'), target)
    target.seek(0)
    assert json.loads(target.read())["id"] == "\ud800"


def test_a_department_is_named_as_people_write_it() -> None:
    answers = ask(*(line(1, turnover={"vente": 10000}, nature="artisanale", department=name)
                    for name in ("Moselle", "MOSELLE", "57", None)))[1]  # fmt: skip
    assert [a["exact"]["taxe_chambre"] for a in answers] == [37, 37, 37, 22]


def test_turnover_collected_after_the_creation_in_the_same_quarter_has_the_acre() -> None:
    _, (answer,) = ask(
        line(1, date="2026-04-01", period="quarter", creation_date="2026-05-05", acre=True)
    )
    assert answer["lines"][0]["rate"] == Decimal("6.2")


def test_a_year_is_taken_as_collected_evenly() -> None:
    """2024: half at 21.1 %, half at 23.1 %; lines and exact values tell the same story."""
    facts = {"period": "year", "year": 2024, "nature": "liberale"}
    turnover = {"service_bnc": 12000}
    _, (answer,) = ask(line(1, **facts, turnover=turnover, versement_liberatoire=False))
    assert answer["exact"] == {"contributions_plus_cfp": 2676, "versement_liberatoire": 264}
    assert answer["due"] == 2676
    assert [item["base"] for item in answer["lines"]] == [6000] * 4
