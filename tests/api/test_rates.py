"""The operator's rates: read at start, read again while serving, named on receipts, kept."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pypdf
import pytest

from backend.cli import main
from backend.settings import SettingsError
from contract.rates import RatesView, shipped_rates, table_from_view
from regimes.regime import Registry
from tests.api.conftest import Build
from tests.rules.test_overlays import ENTRY, TOP, WHOLE
from tests.support.toy_regime import REGIME as TOY
from tests.support.world import API, Opened, World

FIGURES = {"regime": "toy", "income": "1000", "expenses": "0"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "rates"
    found.mkdir()
    return found


@pytest.fixture
def toy(build: Build, folder: Path) -> World:
    registry = Registry()
    registry.add(TOY)
    return build(registry, rates=folder)


def opened(world: World) -> Opened:
    return world.person().open("toy", {"start_date": "2025-01-01"})


def sent(account: Opened, year: str = "2025", corrects: str | None = None) -> dict[str, Any]:
    answer = account.send(year, FIGURES, corrects)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def test_without_a_folder_the_shipped_tables_are_in_force(build: Build) -> None:
    services = build().services
    services.rates.read_all()
    for code in services.registry.codes():
        regime = services.registry.get(code)
        assert services.rates.table(regime) is shipped_rates(regime)


def test_a_missing_rate_that_arrives_makes_the_total_whole_and_is_named(
    toy: World, folder: Path
) -> None:
    account = opened(toy)
    partial = sent(account)
    assert (partial["due"], partial["overlays"]) == ("310", [])
    assert [line["status"] for line in partial["assessment"]["lines"]][-1] == "missing"
    tag = toy.client.get(f"{API}/rates/toy").headers["etag"]

    (folder / "2027-muse.toml").write_text(WHOLE, "utf-8")
    assert toy.services.rates.refresh()
    answer = toy.client.get(f"{API}/rates/toy", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    served = table_from_view(RatesView.model_validate_json(answer.content))
    assert f'"{served.version}"' == answer.headers["etag"] != tag
    again = {"If-None-Match": answer.headers["etag"]}
    assert toy.client.get(f"{API}/rates/toy", headers=again).status_code == 304
    estimate = account.estimate("2025", FIGURES).json()
    assert (estimate["partial"], estimate["rates_version"]) == (False, served.version)

    whole = sent(account, corrects=partial["number"])  # the session was not lost
    assert (whole["due"], whole["overlays"]) == ("325", ["2027-muse.toml"])
    assert {line["status"] for line in whole["assessment"]["lines"]} == {"computed"}
    texts = []
    for receipt in (partial, whole):
        document = account.get(f"/receipts/{receipt['number']}.pdf").content
        pages = pypdf.PdfReader(io.BytesIO(document)).pages
        texts.append("".join(page.extract_text() for page in pages))
    assert "Total partiel" in texts[0]
    assert "2027-muse.toml" not in texts[0]
    assert "Total partiel" not in texts[1]
    assert "2027-muse.toml" in texts[1]


def test_a_calculation_shown_under_former_rates_comes_back_with_both(
    toy: World, folder: Path
) -> None:
    account = opened(toy)
    signed = account.signed("2025", FIGURES)
    (folder / "muse.toml").write_text(WHOLE, "utf-8")
    toy.services.rates.refresh()
    answer = account.put("2025", signed)
    assert answer.status_code == 409
    told = answer.json()
    assert told["code"] == "calculation-changed"
    assert told["extra"]["shown_rates_version"] == signed["rates_version"]
    assert told["extra"]["estimate"]["due"] == "325"


def test_a_former_version_is_read_by_its_name_even_after_a_restart(
    build: Build, folder: Path
) -> None:
    registry = Registry()
    registry.add(TOY)
    path = folder / "muse.toml"
    path.write_text(WHOLE, "utf-8")
    receipt = sent(opened(build(registry, rates=folder)))
    version = receipt["assessment"]["rates_version"]
    path.write_text(TOP + ENTRY.replace("1.5", "2"), "utf-8")
    world = build(registry, rates=folder)
    now = world.client.get(f"{API}/rates/toy").json()["version"]
    assert now not in {version, shipped_rates(TOY).version}
    answer = world.client.get(f"{API}/rates/toy", params={"version": version})
    assert answer.headers["etag"] == f'"{version}"'
    table = table_from_view(RatesView.model_validate_json(answer.content))
    assert table.version == version
    kept = world.services.rates.of_version(TOY, version)
    assert kept is not None
    assert kept.version == version
    nul = world.client.get(f"{API}/rates/toy", params={"version": "0\x00"})
    assert nul.status_code == 404
    unknown = world.client.get(f"{API}/rates/toy", params={"version": "0" * 16})
    assert unknown.status_code == 404


def test_a_fault_while_serving_leaves_the_former_rates(toy: World, folder: Path) -> None:
    path = folder / "muse.toml"
    path.write_text(WHOLE, "utf-8")
    assert toy.services.rates.refresh()
    before = toy.client.get(f"{API}/rates/toy").json()["version"]
    path.write_text(WHOLE.replace('unit = "percent"\n', ""), "utf-8")
    assert not toy.services.rates.refresh()
    assert toy.client.get(f"{API}/rates/toy").json()["version"] == before
    path.unlink()
    assert toy.services.rates.refresh()
    assert toy.client.get(f"{API}/rates/toy").json()["version"] == shipped_rates(TOY).version


def test_a_changed_file_is_noticed_by_itself(
    toy: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.ratebook.LOOK_EVERY", 0.0)
    assert toy.services.rates.table(TOY).origins() == ()
    (folder / "muse.toml").write_text(WHOLE, "utf-8")
    assert toy.services.rates.table(TOY).origins() == ("muse.toml",)


def test_a_fault_at_start_stops_the_service(build: Build, folder: Path) -> None:
    registry = Registry()
    registry.add(TOY)
    (folder / "muse.toml").write_text(WHOLE.replace("from = 2025-01-01\n", ""), "utf-8")
    with pytest.raises(SettingsError, match=r"muse\.toml, line 4 \(toy\.muse\): from"):
        build(registry, rates=folder)
    with pytest.raises(SettingsError, match="is not a folder"):
        build(registry, rates=folder / "nowhere")


def test_the_command_lists_values_with_their_origin(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in os.environ:
        if name.startswith("QUITTANCE_"):
            monkeypatch.delenv(name)
    (folder / "vente.toml").write_text(
        'regime = "auto-entrepreneur"\n'
        + ENTRY.replace("toy.muse", "contribution.vente").replace("2025", "2027"),
        "utf-8",
    )
    monkeypatch.setenv("QUITTANCE_RATES", str(folder))
    assert main(["rates", "auto-entrepreneur"]) == 0
    told = capsys.readouterr().out
    assert "contribution.vente  2027-01-01  1.5 percent  [vente.toml]  Décret de la muse" in told
    assert "[shipped" in told
    assert main(["rates", "--completed"]) == 0
    assert "[shipped" not in capsys.readouterr().out
    assert main(["rates", "nobody"]) == 2
    (folder / "vente.toml").write_text('regime = "auto-entrepreneur"\n[[rate]]\n', "utf-8")
    capsys.readouterr()
    assert main(["rates"]) == 2
    assert "vente.toml, line 2: key is missing" in capsys.readouterr().err
    assert main(["assess"]) == 2


def test_the_collector_reads_rates_from_the_book_alone() -> None:
    """What assesses with the shipped table would not see the operator's files."""
    folder = Path(__file__).parents[2] / "backend"
    named = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if "shipped_rates" in path.read_text("utf-8")
    }
    assert named == {"ratebook.py", "assess_cli.py"}
