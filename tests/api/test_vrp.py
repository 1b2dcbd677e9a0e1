"""Employers' returns: imported whole or not at all, matched, compared, and written about."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog
from openpyxl import Workbook
from pypdf import PdfReader
from sqlalchemy import func, select

from backend.cli import main
from backend.dsn.neodes import DsnRefused
from backend.dsn.returns import Totals, read
from backend.dsn.sample import NIR, SIRETS, Sent, Slip, dsn
from backend.storage.vrp import DsnFiling, DsnImport, DsnReturn
from backend.usecases.dsn import import_dsn
from backend.usecases.filings import expected_through
from backend.usecases.operators import add_operator
from tests.support.world import Opened, Someone, World

ACME, BETA, GAMMA = SIRETS


def send(world: World, content: bytes) -> Any:
    return import_dsn(world.services, lambda: io.BytesIO(content), None)


@pytest.fixture
def vrp(world: World) -> Opened:
    return world.person().open("vrp", {"start_date": "2024-01-01"}, ACME, "Camille Démo")


@pytest.fixture
def known(vrp: Opened) -> Opened:
    answer = vrp.call("PUT", "/refund/nir", {"nir": NIR})
    assert answer.status_code == 200, answer.text
    return vrp


def employer(account: Opened, siret: str = ACME, name: str = "emp-of-a-test-1") -> str:
    answer = account.call(
        "PUT", f"/entries/{name}",
        {"kind": "employer", "data": {"siret": siret, "name": "ACME", "start": "2026-01-05"}},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return name


def filings(account: Opened, year: int = 2026) -> Any:
    answer = account.get(f"/vrp/filings?year={year}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows(world: World, table: Any) -> int:
    with world.services.storage.read() as database:
        return database.scalar(select(func.count()).select_from(table)) or 0


def test_a_return_reaches_the_table_of_its_vrp(world: World, known: Opened) -> None:
    colleague = Slip(nir="1850578006085", complement="01")
    content = dsn(Sent(slips=[Slip(rate="24.00", dfs="600.00"), colleague]))
    report = send(world, content)
    assert (report.returns, report.people, report.kept, report.matched) == (1, 2, 1, 1)
    found = filings(known)
    assert found["linked"] is True
    (cell,) = found["filings"]
    assert (cell["siret"], cell["month"], cell["employer"]) == (ACME, "2026-03", "ACME")
    assert [cell[c] for c in ("gross", "capped", "uncapped", "csg", "dfs_rate", "dfs_amount")] == [
        "2500.00", "2500.00", "2500.00", "2456.25", "24.00", "600.00",
    ]  # fmt: skip
    assert rows(world, DsnFiling) == 1  # other people's lines are not kept
    again = send(world, content)
    assert (again.known, again.id) == (True, report.id)
    assert rows(world, DsnImport) == 1


def test_nothing_of_a_person_is_shown_to_another(world: World, known: Opened) -> None:
    send(world, dsn(Sent()))
    other = world.person("autre@example.org").open("vrp", {"start_date": "2024-01-01"}, BETA)
    taken = other.call("PUT", "/refund/nir", {"nir": NIR})
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (422, "nir_taken")
    assert other.get(f"/../{known.id}/vrp/filings?year=2026").status_code == 404
    assert filings(other) == {"year": 2026, "linked": False, "filings": [], "anomalies": []}
    with world.services.storage.read() as database:
        for row in database.scalars(select(DsnFiling)):
            assert NIR[:13] not in row.nir_mark
    changed = known.call("PUT", "/refund/nir", {"nir": "2 55 08 14 168 025 38"})
    assert changed.status_code == 422
    assert known.get("/refund").json()["nir"].endswith("8491")
    assert NIR not in known.get("/refund").text


def test_a_nir_alone_opens_nothing(world: World) -> None:
    account = world.person().open("vrp", {"start_date": "2024-01-01"}, GAMMA)
    account.call("PUT", "/refund/nir", {"nir": NIR})
    send(world, dsn(Sent()))
    assert filings(account)["filings"] == []
    employer(account)
    assert len(filings(account)["filings"]) == 1


def test_returns_replace_rectify_and_double(world: World, known: Opened) -> None:
    send(world, dsn(Sent(month="2026-03"), Sent(month="2026-04"), Sent(month="2026-05")))
    send(world, dsn(Sent(month="2026-03", kind="03", slips=[Slip(gross="2600.00",
                                                                 capped="2600.00")])))  # fmt: skip
    # the return of May rectifies April by its difference
    send(world, dsn(Sent(month="2026-06", slips=[Slip(month="2026-04", gross="100.00",
        capped="100.00", uncapped="100.00", csg="98.25")])))  # fmt: skip
    send(world, dsn(Sent(month="2026-05", slips=[Slip(gross="2500.00", csg="2456.26")])))
    cells = {c["month"]: c for c in filings(known)["filings"]}
    assert (cells["2026-03"]["gross"], cells["2026-03"]["copies"]) == ("2600.00", 1)
    assert (cells["2026-04"]["gross"], cells["2026-04"]["copies"]) == ("2600.00", 1)
    assert (cells["2026-05"]["csg"], cells["2026-05"]["copies"]) == ("2456.26", 2)
    send(world, dsn(Sent(month="2026-05", kind="04", slips=[])))
    assert "2026-05" not in {c["month"] for c in filings(known)["filings"]}


def test_anomalies_and_the_letter_about_one(world: World, known: Opened) -> None:
    employer(known)
    send(world, dsn(*(Sent(month=f"2026-{m:02}") for m in range(1, 11) if m != 4)))
    (found,) = filings(known)["anomalies"]
    assert (found["code"], found["month"], found["employer"]) == ("month_missing", "2026-04",
                                                                  "ACME")  # fmt: skip
    letter = known.get(f"/vrp/anomalies/{found['id']}/letter?year=2026").json()
    assert "avril 2026" in letter["subject"]
    assert "Camille Démo" in letter["text"]
    pdf = known.get(f"/vrp/anomalies/{found['id']}/letter.pdf?year=2026")
    text = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert "Aucune base ne figure à mon nom" in text.replace("\n", " ")
    assert known.get(f"/vrp/anomalies/{'0' * 24}/letter?year=2026").status_code == 404
    assert ACME not in found["id"]


def test_filling_touches_empty_cells_alone(world: World, known: Opened) -> None:
    name = employer(known)
    typed = {"kind": "month", "data": {"employer": name, "month": "2026-03", "gross": "2400"}}
    assert known.call("PUT", f"/entries/{name}-202603", typed).status_code == 200
    send(world, dsn(Sent(), Sent(month="2026-04"), Sent(BETA, "2026-04")))
    entries = known.get("/vrp/prefill?year=2026").json()["entries"]
    kinds = [(e["kind"], e["base"]) for e in entries]
    assert kinds == [("month", 1), ("month", None), ("employer", None), ("month", None)]
    assert entries[0]["data"]["gross"] == "2400"
    assert Decimal(entries[0]["data"]["capped"]) == 2500
    assert ACME not in "".join(e["id"] for e in entries)
    assert known.call("POST", "/entries/batch", {"entries": entries}).status_code == 200
    assert known.get("/vrp/prefill?year=2026").json()["entries"] == []


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()  # the command writes its log where pytest listened


def broken(*changes: tuple[bytes, bytes]) -> bytes:
    content = dsn(Sent())
    for old, new in changes:
        assert old in content
        content = content.replace(old, new, 1)
    return content


LAST = dsn(Sent()).count(b"\n")


@pytest.mark.parametrize(
    ("content", "line", "code"),
    [
        (b"", 1, "file_empty"),
        (b"PK\x03\x04 not a return\n", 1, "line_malformed"),
        (b"S21.G00.30.001,'1'\r\n", 1, "not_a_dsn"),
        (b"\r\n".join(dsn(Sent()).split(b"\r\n")[:20]) + b"\r\n", 20, "file_cut_short"),
        (dsn(Sent())[:400], 17, "line_malformed"),
        (broken((b"S90.G00.90.001,'", b"S90.G00.90.001,'1")), LAST - 1, "line_count_differs"),
        (broken((b"90.002,'1'", b"90.002,'2'")), LAST, "return_count_differs"),
        (broken((b"'2500.00'", b"'2500,00'")), 24, "amount_malformed"),
        (broken((b"G00.11.001,'00010'", b"G00.11.001,'00011'")), 11, "siret_malformed"),
        (broken((b"005,'01032026'", b"005,'01132026'")), 9, "date_malformed"),
        (broken((b"30.001,'1850578006084'", b"30.001,'18505780060'")), 12, "nir_malformed"),
        (broken((b"S20.G00.05.002,'01'", b"S20.G00.05.002,'77'")), 7, "return_kind_unknown"),
        (dsn(Sent()) + b"S21.G00.30.001,'1850578006084'\r\n", LAST + 1, "line_after_end"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(content: bytes, line: int, code: str) -> None:
    with pytest.raises(DsnRefused) as refused:
        list(read(io.BytesIO(content), Totals()))
    assert (refused.value.line, refused.value.code) == (line, code)


def test_nothing_of_a_wrong_file_is_kept(world: World, known: Opened) -> None:
    content = dsn(Sent(), Sent(BETA))
    with pytest.raises(DsnRefused):
        send(world, content[: len(content) - 40])
    assert [rows(world, t) for t in (DsnImport, DsnReturn, DsnFiling)] == [0, 0, 0]
    assert filings(known)["filings"] == []


def test_an_operator_imports_through_the_api(world: World, known: Opened) -> None:
    operator = world.person("agent@example.org")

    def post(someone: Someone, content: bytes) -> Any:
        return world.client.post(
            "/api/v1/operator/dsn", content=content,
            headers={"Authorization": f"Bearer {someone.token}",
                     "Content-Type": "application/octet-stream"},
        )  # fmt: skip

    assert post(operator, dsn(Sent())).status_code == 403
    add_operator(world.services, "agent@example.org")
    answer = post(operator, dsn(Sent()))
    assert (answer.status_code, answer.json()["matched"]) == (201, 1)
    wrong = post(operator, dsn(Sent(month="2026-07"))[:-30])
    assert wrong.status_code == 422
    fault = wrong.json()["errors"][0]
    assert (fault["field"], fault["code"]) == ("file", "line_malformed")
    assert fault["params"]["line"] > 30


def test_the_command_imports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUITTANCE_DATA_DIR", str(tmp_path / "data"))
    file = tmp_path / "returns.dsn"
    file.write_bytes(dsn(Sent()))
    assert main(["import-dsn", str(file)]) == 0
    assert "1 VRP kept, 0 known here" in capsys.readouterr().out
    assert main(["import-dsn", str(file)]) == 0
    assert "already" in capsys.readouterr().out
    file.write_bytes(dsn(Sent())[:-10])
    assert main(["import-dsn", str(file)]) == 1
    assert "Nothing was imported" in capsys.readouterr().out
    assert main(["import-dsn", str(tmp_path / "none")]) == 2


def test_ten_thousand_employees_are_read_once(world: World) -> None:
    content = dsn(
        *(
            Sent(month=f"2026-{m:02}", slips=[
                Slip(nir=f"18505{n % 90 + 10:02}{n % 1000:03}{n // 1000:03}") for n in range(2500)
            ])
            for m in range(1, 5)
        )
    )  # fmt: skip
    started = time.process_time()
    report = send(world, content)
    assert report.people == 10_000
    assert rows(world, DsnFiling) == 10_000
    print(f"10 000 people, {report.lines} lines: {time.process_time() - started:.2f} s of CPU")


@pytest.mark.parametrize(
    ("today", "through"),
    [("2026-01-10", 0), ("2026-02-15", 0), ("2026-02-16", 1), ("2026-11-23", 10),
     ("2027-01-16", 12), ("2028-05-01", 12), ("2025-06-01", 0)],
)  # fmt: skip
def test_months_expected_by_a_day(today: str, through: int) -> None:
    assert expected_through(2026, date.fromisoformat(today)) == through


def workbook(*lines: Any) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_previewed_and_nothing_is_kept(world: World, vrp: Opened) -> None:
    employer(vrp)
    content = workbook(
        ("SIRET", "Mois", "Brut", "Plafonnée"),
        (ACME, "2026-03", 2500.5, "2 500,50"),
        (int(ACME), 4, 1000, None),
        (ACME, "mai", "=1+1", None),
        (ACME, "juin", 0.125, None),
        (BETA, "juin", 5, None),
    )

    def post(body: bytes) -> Any:
        answer = world.client.post(
            f"/api/v1{vrp.path}/vrp/previews?year=2026", content=body,
            headers={"Authorization": f"Bearer {vrp.someone.token}",
                     "Content-Type": "application/octet-stream"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return answer.json()

    found = post(content)
    assert [(r["row"], r["month"], r["gross"]) for r in found["rows"]] == [
        (2, "2026-03", "2500.5"), (3, "2026-04", "1000"),
    ]  # fmt: skip
    assert [(b["row"], b["column"], b["code"]) for b in found["bad"]] == [
        (4, "gross", "amount_malformed"), (5, "gross", "amount_malformed"),
        (6, "siret", "employer_unknown"),
    ]  # fmt: skip
    assert post(content[:200])["bad"][0]["code"] == "file_broken"
    assert post(f"siret;mois;brut\n{ACME};mars;1\n200".encode())["bad"][0]["row"] == 3
    assert len(vrp.get("/entries").json()["entries"]) == 1


def test_other_professions_have_none_of_this(world: World) -> None:
    account = world.person().account()
    assert account.get("/vrp/filings?year=2026").status_code == 404
    assert account.get("/claims").json() == []
