"""A fisherman's account over the wire: the log, the year, the statement of services."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.api.conftest import Build
from tests.support.world import Opened, World

PROFILE = {"start_date": "2024-04-01", "birth_date": "1980-05-01"}
VESSEL = {"name": "Petite Aurore", "length_m": "9", "navigation": "petite_peche"}


def days(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end, "vessel": "vessel-0001", "category": 6, **more}


def write(account: Opened, name: str, kind: str, data: dict[str, Any]) -> Any:
    return account.call("PUT", f"/entries/{name}", {"kind": kind, "data": data, "base": None})


@pytest.fixture
def account(world: World) -> Opened:
    found = world.person().open("marin-pecheur", PROFILE)
    assert write(found, "vessel-0001", "vessel", VESSEL).status_code == 200
    return found


def test_a_day_counts_once_and_never_before_it_is_done(account: Opened) -> None:
    assert (
        write(account, "days-0001", "service", days("2026-05-01", "2026-05-10")).status_code < 300
    )
    for data, code, field in (
        (days("2026-05-10", "2026-05-12"), "service_overlap", "start"),
        (days("2026-11-20", "2026-11-24"), "service_future", "end"),
        (days("2024-03-01", "2024-03-02"), "service_before_start", "start"),
        (days("2026-06-01", "2026-06-02", vessel="vessel-0009"), "vessel_unknown", "vessel"),
        (days("2026-06-01", "2026-06-02", position="99"), "position_unknown", "position"),
    ):
        answer = write(account, "days-0002", "service", data)
        assert answer.status_code == 422, data
        error = answer.json()["errors"][0]
        assert error["code"] == code
        assert error["field"].endswith("." + field)
    # A vessel with days on it stays.
    gone = account.call(
        "PUT", "/entries/vessel-0001",
        {"kind": "vessel", "data": VESSEL, "base": 1, "deleted": True},
    )  # fmt: skip
    assert gone.status_code == 422


def year(account: Opened, corrects: str | None = None) -> dict[str, Any]:
    figures = {
        "regime": "marin-pecheur", "vessels": {"vessel-0001": VESSEL},
        "periods": [days("2024-04-01", "2024-11-06")],
    }  # fmt: skip
    answer = account.send("2024", figures, corrects)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def test_a_missing_rate_brought_by_an_operator_makes_the_year_whole(
    build: Build, tmp_path: Path
) -> None:
    folder = tmp_path / "decrees"
    folder.mkdir()
    world = build(rates=folder)
    account = world.person().open("marin-pecheur", PROFILE)
    partial = year(account)
    assert [line["code"] for line in partial["assessment"]["lines"] if line["status"] == "missing"]
    assert partial["due"] == "4504.15"
    (folder / "2027-decret-cgp.toml").write_text(
        'regime = "marin-pecheur"\n[[rate]]\nkey = "cgp.personal"\nfrom = 2024-01-01\n'
        'value = "1.2"\nunit = "percent"\nlaw = "Décret 2027-12"\nsource = "https://example.org"\n',
        "utf-8",
    )
    assert world.services.rates.refresh()
    whole = year(account, partial["number"])
    assert whole["overlays"] == ["2027-decret-cgp.toml"]
    assert whole["due"] == "4696.26"
    assert not [line for line in whole["assessment"]["lines"] if line["status"] == "missing"]
    texts = []
    for receipt in (partial, whole):
        pdf = account.get(f"/receipts/{receipt['number']}.pdf").content
        texts.append("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages))
    assert "Total partiel" in texts[0]
    assert "non publié" in texts[0]
    assert "Total partiel" not in texts[1]
    assert "2027-decret-cgp.toml" in texts[1]


def test_the_regularisation_makes_up_the_year(world: World) -> None:
    account = world.person().open("marin-pecheur", PROFILE)
    receipt = year(account)
    calls = account.overview()["calls"]
    asked = [c for c in calls if c["period"] == "2024"]
    assert sum(Decimal(c["amount"]) for c in asked) == Decimal(receipt["due"])


def test_the_statement_of_services_tells_days_and_crew(account: Opened) -> None:
    write(account, "days-0001", "service", days("2026-05-01", "2026-05-10"))
    crew = {**days("2026-05-02", "2026-05-04"), "member": "Yann Kerbrat", "category": 3}
    assert write(account, "crew-0001", "crew-service", crew).status_code < 300
    for lang, words in (("fr", "État de services 2026"), ("en", "Statement of services 2026")):
        answer = account.get(f"/sea/statement.pdf?year=2026&lang={lang}")
        assert answer.status_code == 200
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        told = "".join(page.extract_text() for page in pages)
        assert words in told
        assert "Yann Kerbrat" in told
        assert "Petite Aurore" in told
    again = account.get("/sea/statement.pdf?year=2026&lang=fr").content
    assert again == account.get("/sea/statement.pdf?year=2026&lang=fr").content
    kept = [d for d in account.get("/documents").json()["documents"] if d["kind"] == "services"]
    assert sorted(d["title"] for d in kept) == [
        "Statement of services 2026",
        "État de services 2026",
    ]


def test_no_statement_for_another_profession(world: World) -> None:
    account = world.person().account()
    assert account.get("/sea/statement.pdf?year=2026").status_code == 404
