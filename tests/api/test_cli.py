"""The command line, and the whole service as a real process."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
import structlog

from backend import memory
from backend.cli import main
from backend.settings import Settings
from backend.upkeep import export
from contract.problem import MEDIA_TYPE
from tests.support.world import World

COMMANDS = {
    "serve",
    "assess",
    "demo",
    "export",
    "backup",
    "restore",
    "verify",
    "rotate-keys",
    "retain",
    "migrate",
    "operator",
    "rates",
    "remind",
    "collect",
    "returns",
    "settings",
}
VERSIONS = Path(__file__).parents[2] / "backend/migrations/versions"
RUN = [sys.executable, "-m", "backend.cli"]


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in os.environ:
        if name.startswith("QUITTANCE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("QUITTANCE_DATA_DIR", str(tmp_path / "data"))
    collecting = gc.get_threshold()
    yield
    gc.set_threshold(*collecting)  # "serve" collects less often
    structlog.reset_defaults()  # a command writes its log where pytest listened, and no longer does


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert all(re.search(rf"^    {command}( |$)", told, re.MULTILINE) for command in COMMANDS)


def test_help_and_assess_load_neither_server_nor_database() -> None:
    code = (
        "import sys, io; sys.stdin = io.StringIO(''); from backend.cli import main; "
        "main(['assess']); heavy = {'sqlalchemy', 'fastapi', 'flet', 'uvicorn', 'alembic'}; "
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_start_does_without_what_few_ask_for(tmp_path: Path) -> None:
    rare = {
        "backend.demo", "backend.tls", "cryptography.x509", "icalendar", "joserfc", "procrastinate",
        "psycopg", "segno", "sepaxml", "webauthn", "xlsxwriter",
    }  # fmt: skip
    code = (
        "import sys; from backend.server import build; from backend.settings import load_settings; "
        "from contract.rates import _shipped; build(load_settings()); "
        f"print(sorted({rare!r} & set(sys.modules)), _shipped.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[] 0\n", 0), done.stderr


def test_a_start_is_not_held_up_by_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("backend.server.serve", lambda _: seen.append(gc.get_threshold()) or 0)
    assert main(["serve"]) == 0
    assert seen == [memory.STARTING]


def test_settings_are_listed_with_their_meaning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUITTANCE_SMTP_URL", "smtps://u:hunter2@mail.example.org")
    assert main(["settings"]) == 0
    told = capsys.readouterr().out
    names = re.findall(r"^(QUITTANCE_\w+)=", told, re.MULTILINE)
    assert names == [f"QUITTANCE_{name.upper()}" for name in Settings.model_fields]
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("argv", "env", "says"),
    [
        (["migrate"], {"QUITTANCE_PORT": "abc"}, "QUITTANCE_PORT"),
        (["serve", "--today", "2026-11-23"], {}, "demo"),
        (["serve"], {"QUITTANCE_HOST": "192.0.2.1"}, "Cannot listen"),
        (["backup", "/nowhere/at/all"], {}, "no database"),
        (["export", "--account", "nobody"], {}, "No such account"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    argv: list[str], env: dict[str, str], says: str,
) -> None:  # fmt: skip
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert main(argv) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told


def test_a_taken_port_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "QUITTANCE_PORT" in capsys.readouterr().err


def test_migrate_makes_the_database_and_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        assert main(["migrate"]) == 0
    with closing(sqlite3.connect(tmp_path / "data" / "quittance.sqlite3")) as database:
        found = database.execute("SELECT version_num FROM alembic_version").fetchall()
    assert found == [(max(file.name for file in VERSIONS.glob("v*.py"))[1:5],)]


def test_operators_are_named_listed_and_dismissed(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.person("agent@example.org")
    address = world.settings.database_url.get_secret_value()
    monkeypatch.setenv("QUITTANCE_DATABASE_URL", address)
    monkeypatch.setenv("QUITTANCE_DATA_DIR", str(world.settings.data_dir))
    assert main(["operator", "add", "agent@example.org"]) == 0
    assert main(["operator", "list"]) == 0
    assert "agent@example.org" in capsys.readouterr().out.splitlines()
    assert main(["operator", "remove", "agent@example.org"]) == 0
    for wrong in (["add", "nobody@example.org"], ["remove", "agent@example.org"], ["add"]):
        assert main(["operator", *wrong]) == 2
    assert "Nobody" in capsys.readouterr().err


def test_export_writes_everything_an_account_sent(world: World, tmp_path: Path) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="1234.56")
    world.clock.advance(seconds=1)
    world.person("alex@example.org").account(siret="12345678200028")
    out = tmp_path / "out.jsonl"
    with out.open("w", encoding="utf-8") as file:
        export(world.settings, file, None)
    first, second = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert first["account"] == account.id
    assert [s["number"] for s in first["submissions"]] == [receipt["number"]]
    assert first["submissions"][0]["payload"]
    assert (second["siret"], second["submissions"]) == ("12345678200028", [])
    with out.open("w", encoding="utf-8") as file:
        export(world.settings, file, account.id)
    assert len(out.read_text("utf-8").splitlines()) == 1


# -- The service as people start it --------------------------------------------------------------


Service = tuple[subprocess.Popen[str], str]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Service]:
    """`quittance serve --demo` on a free port, and its address."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("QUITTANCE_")}
    process = subprocess.Popen(
        [*RUN, "serve", "--demo", "--today", "2026-11-23", "--port", "0"],
        env={**clean, "QUITTANCE_DATA_DIR": str(folder), "QUITTANCE_ARGON2_MEMORY_KIB": "8",
             **settings},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            pytest.fail("the service ended before it said its address")
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the tests that only ask."""
    with serving(tmp_path_factory.mktemp("service")) as started:
        yield started


def test_the_service_serves_the_collector_and_the_app(
    service: Service,
) -> None:
    _, url = service
    with httpx.Client(base_url=url) as client:
        assert client.get("/api/v1/ready").json() == {"status": "ok"}
        ready = [account["regime"] for account in client.get("/api/v1/demo/accounts").json()]
        assert ready.count("auto-entrepreneur") == 6
        for path in ("/", "/home", "/confirm?token=x"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "text/html" in answer.headers["content-type"]
            assert "wasm-unsafe-eval" in answer.headers["content-security-policy"]


def test_the_collectors_addresses_answer_problems_beside_the_app(
    service: Service,
) -> None:
    _, url = service
    with httpx.Client(base_url=url) as client:
        for method, path, status in (
            ("GET", "/api/v1/nowhere", 404), ("PUT", "/api/v1/health", 405),
            ("GET", "/auth/nowhere", 404),
        ):  # fmt: skip
            answer = client.request(method, path)
            assert answer.status_code == status, path
            assert answer.headers["content-type"] == MEDIA_TYPE


def test_the_socket_of_the_app_refuses_other_sites(
    service: Service,
) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    _, url = service
    address = url.replace("http", "ws") + "/ws"
    with pytest.raises(InvalidStatus) as refused, connect(address, origin="https://evil.example"):  # type: ignore[arg-type]
        pass
    assert refused.value.response.status_code == 403
    with connect(address, origin=url):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize("told_to_end", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly(tmp_path: Path, told_to_end: signal.Signals) -> None:
    with serving(tmp_path) as (process, url):
        assert httpx.get(f"{url}/api/v1/health").status_code == 200
        process.send_signal(told_to_end)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in told


def test_a_hangup_reads_the_rates_again_and_loses_no_session(tmp_path: Path) -> None:
    rates = tmp_path / "rates"
    rates.mkdir()
    with serving(tmp_path / "data", QUITTANCE_RATES=str(rates)) as (process, url):
        with httpx.Client(base_url=f"{url}/api/v1") as client:
            slug = client.get("/demo/accounts").json()[0]["slug"]
            token = client.post("/demo/sessions", json={"slug": slug}).json()["token"]
            before = client.get("/rates/auto-entrepreneur").json()
            value = next(v for v in before["values"] if v["key"] == "contribution.vente")
            (rates / "decree.toml").write_text(
                'regime = "auto-entrepreneur"\n\n[[rate]]\nkey = "contribution.vente"\n'
                f'from = 2030-01-01\nvalue = "9.9"\nunit = "{value["unit"]}"\n'
                'law = "Décret"\nsource = "https://example.org"\n',
                "utf-8",
            )
            process.send_signal(signal.SIGHUP)
            after = before
            deadline = time.monotonic() + 60
            while after["version"] == before["version"] and time.monotonic() < deadline:
                after = client.get("/rates/auto-entrepreneur").json()
            assert after["version"] != before["version"]
            origins = {v["origin"] for v in after["values"]}
            assert origins == {"shipped", "decree.toml"}
            me = client.get("/accounts", headers={"Authorization": f"Bearer {token}"})
            assert me.status_code == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
