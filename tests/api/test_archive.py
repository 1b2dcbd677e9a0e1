"""Back up while it serves, restore on an empty machine, compute everything again."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend.archive import backup, restore
from backend.keys import FILE
from backend.settings import Settings, SettingsError
from backend.storage.engine import build_engine
from backend.verify import Report, verify
from tests.api.conftest import Build
from tests.support.world import World

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "000000000200015a9a0a0d0000000049454e44ae426082"
)


def filled(world: World) -> tuple[Any, str]:
    """An account with two declarations, a correction, a sealed number and a proof."""
    account = world.person().account()
    account.declare("2026-08", vente="1500")
    account.declare("2026-09", vente="100")
    account.declare("2026-10", vente="250.40")
    kept = account.someone.world.client.post(
        f"/api/v1/accounts/{account.id}/attachments?purpose=proof&name=recu.png", content=PNG,
        headers={
            "Authorization": f"Bearer {account.someone.token}",
            "Content-Type": "application/octet-stream",
        },
    )  # fmt: skip
    assert kept.status_code == 201, kept.text
    return account, kept.json()["id"]


def elsewhere(folder: Path, **more: Any) -> Settings:
    """Settings of an empty machine."""
    usual: dict[str, Any] = {
        "data_dir": folder, "argon2_memory_kib": 8, "public_url": "https://quittance.example",
        "database_url": SecretStr(f"sqlite:///{folder}/quittance.sqlite3"),
    }  # fmt: skip
    return Settings(**(usual | more))


def told(report: Report) -> list[str]:
    return sorted({one.what for one in report.differences})


def test_a_backup_made_while_it_serves_restores_on_an_empty_machine(
    build: Build, tmp_path: Path
) -> None:
    world = build()
    account, proof = filled(world)
    made, keys = tmp_path / "all.tar.gz", tmp_path / "keys-kept-apart"
    counts = backup(world.settings, made, keys)
    assert counts["submissions"] == 3
    account.declare("2026-07", vente="9")  # it was serving all along
    for path in (made, keys):
        assert path.stat().st_mode & 0o077 == 0
    secret = (world.settings.keys / FILE).read_text().split()[2].encode()
    with tarfile.open(made) as archive:
        assert all(secret not in _content(archive, entry) for entry in archive)
    empty = elsewhere(tmp_path / "empty")
    assert restore(empty, made, keys) == counts
    again = build(data_dir=empty.data_dir, database_url=empty.database_url)
    report = verify(again.services)
    assert report.differences == []
    assert (report.submissions, report.recomputed) == (3, 3)
    headers = {"Authorization": f"Bearer {account.someone.token}"}
    base = f"/api/v1/accounts/{account.id}"
    found = again.client.get(f"{base}/declarations/2026-10", headers=headers)
    assert found.json() == account.get("/declarations/2026-10").json()
    assert again.client.get(f"{base}/attachments/{proof}", headers=headers).content == PNG


def test_a_backup_of_sqlite_moves_to_another_database(
    build: Build, database_url: str, tmp_path: Path
) -> None:
    small = elsewhere(tmp_path / "small")
    world = build(data_dir=small.data_dir, database_url=small.database_url)
    account, _ = filled(world)
    made, keys = tmp_path / "all.tar.gz", tmp_path / "kept-keys"
    backup(world.settings, made, keys)
    bigger = elsewhere(tmp_path / "bigger", database_url=SecretStr(database_url))
    restore(bigger, made, keys)
    again = build(data_dir=bigger.data_dir, database_url=bigger.database_url)
    assert verify(again.services).differences == []
    # Numbers given by the database go on after those restored.
    assert again.person("autre@example.org").account().declare("2026-10", vente="7")
    assert verify(again.services).submissions == 4
    assert account.id


def test_without_its_key_nothing_is_restored(build: Build, tmp_path: Path) -> None:
    world = build()
    filled(world)
    made = tmp_path / "all.tar.gz"
    backup(world.settings, made)
    empty = elsewhere(tmp_path / "empty")
    with pytest.raises(SettingsError, match="seals this backup is not here"):
        restore(empty, made)
    assert not (tmp_path / "empty" / "quittance.sqlite3").exists()
    name = (world.settings.keys / FILE).read_text().split()[0]
    wrong = tmp_path / "wrong"
    wrong.write_text(f"{name} provided {'A' * 43}=\n")
    with pytest.raises(SettingsError, match="do not open this backup"):
        restore(empty, made, wrong)


@pytest.mark.parametrize("damage", ["cut", "flipped", "other", "twice"])
def test_what_is_no_whole_backup_is_refused(build: Build, tmp_path: Path, damage: str) -> None:
    world = build()
    filled(world)
    made, keys = tmp_path / "all.tar.gz", tmp_path / "kept-keys"
    backup(world.settings, made, keys)
    content = made.read_bytes()
    empty = elsewhere(tmp_path / "empty")
    if damage == "cut":
        made.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        _rewrite(made, "tables/submissions.jsonl", b"2026-10", b"2026-11")
    elif damage == "other":
        made.write_bytes(b"not a backup")
    else:
        restore(empty, made, keys)
    with pytest.raises(SettingsError, match="othing was restored"):
        restore(empty, made, keys)
    if damage != "twice":
        assert not (tmp_path / "empty" / "quittance.sqlite3").exists()


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    found = archive.extractfile(entry)
    assert found is not None
    return found.read()


def _rewrite(path: Path, name: str, old: bytes, new: bytes) -> None:
    with tarfile.open(path) as archive:
        members = {entry.name: _content(archive, entry) for entry in archive}
    assert old in members[name]
    members[name] = members[name].replace(old, new)
    with tarfile.open(path, "w:gz") as archive:
        for found, content in members.items():
            entry = tarfile.TarInfo(found)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


TAMPERED = {
    "payload changed": "UPDATE submission_payloads SET payload = "
    "replace(payload, '250.4', '150.4')",
    "amount changed": "UPDATE submissions SET due_cents = due_cents - 100 WHERE period = '2026-10'",
    "link changed": "UPDATE submissions SET commitment = hash WHERE period = '2026-09'",
    "link missing": "DELETE FROM submissions WHERE period = '2026-08'",
    "transaction unbalanced": "UPDATE ledger_lines SET amount_cents = amount_cents + 1 "
    "WHERE position = 0",
    "chain cut": "DELETE FROM submissions WHERE period = '2026-10'",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_behind_its_back_is_found(
    build: Build, database_url: str, what: str
) -> None:
    world = build()
    filled(world)
    assert verify(world.services).differences == []
    engine = build_engine(database_url)
    with engine.execution_options(write=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in list(connection.scalars(text(names))):
                connection.execute(text(f"DROP TRIGGER {name}"))
        if TAMPERED[what].startswith("DELETE FROM submissions"):
            connection.execute(text("DELETE FROM submission_payloads WHERE submission_id IN (" +
                TAMPERED[what].replace("DELETE", "SELECT id") + ")"))  # fmt: skip
        connection.execute(text(TAMPERED[what]))
    engine.dispose()
    assert what in told(verify(world.services))


def test_an_erased_payload_is_no_difference(build: Build, database_url: str) -> None:
    world = build()
    filled(world)
    engine = build_engine(database_url)
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(
            text(
                "DELETE FROM submission_payloads WHERE submission_id IN "
                "(SELECT id FROM submissions WHERE period = '2026-08')"
            )
        )
    engine.dispose()
    report = verify(world.services)
    assert (report.differences, report.erased) == ([], 1)
    assert {note.what for note in report.notes} == {"erased", "history erased"}
