"""Settings and keys: nothing is required on this machine, and faults are said in sentences."""

from __future__ import annotations

import base64
import stat
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.keys import Keys, load_keys
from backend.main import build_services
from backend.settings import Settings, SettingsError, describe, load_settings

FAULTS = {
    "PORT": ("abc", "99999", "-1", ""), "PUBLIC_URL": ("quittance.example", "ftp://x.y"),
    "DATABASE_URL": ("mysql://h/d", "nonsense"), "SMTP_URL": ("mail.example.org", "http://x"),
    "MAIL_FROM": ("nobody", "a@b.fr\nBcc: c@d.fr"), "TRUSTED_PROXY": ("proxy", "10.0.0.0/8,proxy"),
    "METRICS": ("9464", "host:x"), "OTLP_URL": ("host:4318",), "DRAIN_SECONDS": ("-1",),
    "SESSION_IDLE_MINUTES": ("0",), "SESSION_MAX_HOURS": ("1000",), "LOG_LEVEL": ("LOUD",),
    "DEMO": ("perhaps",), "TODAY": ("tomorrow",), "ARGON2_TIME": ("0",),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in os.environ:
        if name.startswith("QUITTANCE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def test_nothing_is_required() -> None:
    settings = load_settings()
    assert settings.loopback
    assert settings.url == "http://127.0.0.1:8550"
    assert settings.data_dir.name == "quittance"
    assert settings.database == f"sqlite:///{settings.data_dir}/quittance.sqlite3"


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in FAULTS.items() for v in vs])
def test_a_fault_is_one_sentence_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"QUITTANCE_{name}", value)
    with pytest.raises(SettingsError) as fault:
        load_settings()
    [line] = str(fault.value).splitlines()
    assert line.startswith(f"QUITTANCE_{name}: ")


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUITTANCE_PORT", "abc")
    monkeypatch.setenv("QUITTANCE_LOG_LEVEL", "LOUD")
    with pytest.raises(SettingsError) as fault:
        load_settings()
    assert len(str(fault.value).splitlines()) == 2


def test_today_stands_still_in_demo_mode_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUITTANCE_TODAY", "2026-11-23")
    with pytest.raises(SettingsError, match="demo"):
        load_settings()
    assert load_settings(demo=True).today == date(2026, 11, 23)


def test_the_demo_has_a_database_of_its_own() -> None:
    assert load_settings().database != load_settings(demo=True).database


def test_secrets_are_masked_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUITTANCE_DATABASE_URL", "postgresql://u:hunter2@h/d")
    monkeypatch.setenv("QUITTANCE_SMTP_URL", "smtps://u:hunter2@h")
    settings = load_settings()
    rows = describe(settings)
    assert "hunter2" not in repr(settings) + repr(rows)
    assert settings.database == "postgresql+psycopg://u:hunter2@h/d"
    assert {name for name, value, _ in rows if value == "••••••"} == {
        "QUITTANCE_DATABASE_URL", "QUITTANCE_SMTP_URL",
    }  # fmt: skip
    assert all(meaning for _, _, meaning in rows)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.9.9.9", True),
     ("192.0.2.1", False), ("::", False), ("", False), ("example.org", False)],
)  # fmt: skip
def test_who_can_reach_an_address(host: str, loopback: bool) -> None:
    assert Settings(host=host).loopback is loopback


def test_keys_are_made_once_for_one_reader(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    first = load_keys(settings)
    path = settings.keys / "data.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.keys.stat().st_mode) == 0o700
    assert load_keys(settings) == first
    assert [entry.name for entry in settings.keys.iterdir()] == ["data.key"]
    assert first.decrypt(first.encrypt("1 85 05")) == "1 85 05"
    assert first.encrypt("1 85 05") != first.encrypt("1 85 05")


def test_generated_keys_stay_on_this_machine(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ALLOW_GENERATED_KEYS"):
        load_keys(Settings(data_dir=tmp_path, host="192.0.2.1"))
    load_keys(Settings(data_dir=tmp_path, host="192.0.2.1", allow_generated_keys=True))
    text = (tmp_path / "keys" / "data.key").read_text().replace("generated", "provided")
    (tmp_path / "keys" / "data.key").write_text(text)
    assert not load_keys(Settings(data_dir=tmp_path, host="192.0.2.1")).generated


def test_a_new_key_seals_and_the_former_still_opens(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    old = load_keys(settings)
    sealed = old.encrypt("FR76")
    alone = Keys(dict(old.ring), generated=True)
    path = settings.keys / "data.key"
    path.write_text(f"k2 provided {base64.b64encode(b'x' * 32).decode()}\n" + path.read_text())
    both = load_keys(settings)
    assert both.key_id == "k2"
    assert both.decrypt(sealed) == "FR76"
    assert both.encrypt("FR76").startswith("k2:")
    with pytest.raises(ValueError, match="another key"):
        alone.decrypt(both.encrypt("FR76"))
    # Who read the file before follows it.
    assert old.key_id == "k2"
    assert old.decrypt(both.encrypt("FR76")) == old.decrypt(sealed) == "FR76"
    path.write_text("half a li")
    assert old.decrypt(sealed) == "FR76"


@pytest.mark.parametrize("body", ["", "k1 provided", "k1 provided not-base64!", "k1 provided AAAA"])
def test_a_key_file_that_is_none_is_said_so(tmp_path: Path, body: str) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "data.key").write_text(body)
    with pytest.raises(SettingsError, match="not a key file"):
        load_keys(Settings(data_dir=tmp_path))


def test_a_ciphertext_cannot_be_passed_off_as_another_keys() -> None:
    keys = Keys({"a": b"1" * 32, "b": b"1" * 32}, generated=False)
    sealed = keys.encrypt("FR76")
    with pytest.raises(Exception):  # noqa: B017 the key's name is authenticated too
        keys.decrypt("b:" + sealed.partition(":")[2])


def test_a_database_out_of_reach_is_said_without_its_password(tmp_path: Path) -> None:
    address = SecretStr("postgresql://u:hunter2@127.0.0.1:1/d")
    with pytest.raises(SettingsError, match="Cannot open the database") as fault:
        build_services(Settings(data_dir=tmp_path, database_url=address))
    assert "hunter2" not in str(fault.value)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "flat").write_text("a file")
    with pytest.raises(SettingsError, match="QUITTANCE_DATA_DIR"):
        build_services(Settings(data_dir=tmp_path / "flat" / "data"))


def test_what_people_declare_is_for_one_reader(tmp_path: Path) -> None:
    services = build_services(Settings(data_dir=tmp_path / "data"))
    services.storage.close()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_proxies_are_named_by_address_or_network() -> None:
    settings = load_settings(trusted_proxy="10.1.0.0/16, 192.0.2.7,::1")
    assert all(map(settings.trusts, ("10.1.2.3", "192.0.2.7", "::1")))
    assert not any(map(settings.trusts, ("10.2.0.1", "192.0.2.8", "testclient", "")))
    assert not load_settings().trusts("127.0.0.1")


def test_a_setting_may_be_a_file_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "quittance_database_url").write_text("postgresql://q:s@h/d")
    monkeypatch.setenv("QUITTANCE_SECRETS_DIR", str(tmp_path))
    assert load_settings().database == "postgresql+psycopg://q:s@h/d"
    monkeypatch.setenv("QUITTANCE_DATABASE_URL", "postgresql://h/other")
    assert load_settings().database.endswith("/other")
    monkeypatch.setenv("QUITTANCE_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="QUITTANCE_SECRETS_DIR"):
        load_settings()
