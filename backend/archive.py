"""Back up and restore a whole collector, SQLite or PostgreSQL, while it serves.

One archive holds every table as it was at one moment, encrypted columns still sealed, and every
file kept, sealed too. The keys are never in it: they have a file of their own, to keep elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, Engine, MetaData, Table, Text, func, insert, inspect, select, text
from sqlalchemy.engine import Connection, make_url

from backend.files.store import FileMissing, FileStore, build_store
from backend.keys import FILE, Keys, add_keys, read_keys, write_once
from backend.main import build_services, open_database
from backend.settings import Settings, SettingsError
from backend.storage.documents import IssuedDocument
from backend.storage.notes import Attachment
from backend.storage.tables import Base
from backend.storage.types import SEALED, in_clear

FORM = 1
MANIFEST, ROWS = "manifest.json", 500


# -- writing ---------------------------------------------------------------------------------------


def backup(settings: Settings, target: Path, keys: Path | None = None) -> dict[str, int]:
    """Write the archive, and the keys to a file of their own if asked; rows by table.

    Raises SettingsError when there is no database yet, or a file exists or cannot be written.
    """
    for path in filter(None, (target, keys)):
        if path.exists():
            raise SettingsError(f"{path} exists already.")
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise SettingsError(f"There is no database at {url.database} yet.")
    services = build_services(settings)
    beside = target.with_name(f".{target.name}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                counts = _write(services.storage.engine, services.files, services.keys, file)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(target)
        finally:
            beside.unlink(missing_ok=True)
        if keys is not None:
            write_once(keys, (settings.keys / FILE).read_bytes())
    except OSError as error:
        raise SettingsError(f"Cannot write {target} ({error.strerror}).") from None
    finally:
        services.mailer.close()
        services.storage.close()
    return counts


def _write(engine: Engine, files: FileStore, keys: Keys, file: IO[bytes]) -> dict[str, int]:
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    members: dict[str, str] = {}
    counts: dict[str, int] = {}
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
        with engine.connect() as connection, connection.begin():
            for table in _tables():
                with tempfile.TemporaryFile() as lines:
                    counts[table.name] = _dump(connection, table, lines)
                    _add(archive, members, f"tables/{table.name}.jsonl", lines)
            kept = _file_keys(connection)
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
        missing = []
        for key in kept:
            try:
                content = files.get(key)
            except FileMissing:  # taken away while the archive was written
                missing.append(key)
                continue
            _add(archive, members, f"files/{key}", io.BytesIO(content))
        told = {
            "form": FORM, "revision": revision, "made_at": datetime.now(UTC).isoformat(),
            "keys": list(keys.ring), "rows": counts, "members": members, "missing": missing,
        }  # fmt: skip
        _add(archive, {}, MANIFEST, io.BytesIO(json.dumps(told).encode()))
    return counts


def _add(archive: tarfile.TarFile, members: dict[str, str], name: str, content: IO[bytes]) -> None:
    content.seek(0)
    members[name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = content.seek(0, os.SEEK_END), 0o600
    content.seek(0)
    archive.addfile(entry, content)


def _tables() -> list[Table]:
    """Every table in an order that foreign keys allow, its encrypted columns as they lie."""
    plain = MetaData()
    return [
        Table(
            table.name, plain,
            *(
                Column(c.name, Text() if isinstance(c.type, SEALED) else c.type)
                for c in table.columns
            ),
        )
        for table in Base.metadata.sorted_tables
    ]  # fmt: skip


def _dump(connection: Connection, table: Table, lines: IO[bytes]) -> int:
    count = 0
    for row in connection.execute(select(table)).mappings():
        lines.write(json.dumps({n: _told(v) for n, v in row.items()}).encode() + b"\n")
        count += 1
    return count


def _file_keys(connection: Connection) -> list[str]:
    return sorted(
        {
            key
            for column in (Attachment.key, IssuedDocument.key)
            for key in connection.scalars(select(column))
            if key
        }
    )


def _told(value: Any) -> Any:
    """A value as JSON says it, with its kind when JSON has none."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, (dict, list)):
        return {"json": value}
    return value


# -- reading ---------------------------------------------------------------------------------------


def restore(settings: Settings, source: Path, keys: Path | None = None) -> dict[str, int]:
    """Make an empty collector what the archive says; rows by table. `keys`: the file of its keys,
    put in place; without it they must be in place already.

    Raises SettingsError, with nothing restored, for a damaged archive, for one of a newer version,
    without the keys that seal it, or where people already have accounts.
    """
    try:
        with tarfile.open(source, "r:gz") as archive:
            told = _manifest(archive)
            ring = _ring(settings, keys)
            _check(archive, told, ring, source)
            if keys is not None:
                add_keys(settings.keys / FILE, keys)
            return _load(settings, archive, told)
    except (tarfile.TarError, EOFError, json.JSONDecodeError, KeyError, binascii.Error) as error:
        raise SettingsError(
            f"{source} is damaged, or no backup ({type(error).__name__}). Nothing was restored."
        ) from None
    except OSError as error:
        raise SettingsError(f"Cannot read {source} ({error.strerror or error}).") from None


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_read(archive, MANIFEST).read())
    if told["form"] != FORM:
        raise SettingsError("This backup was made by a newer version. Nothing was restored.")
    return told


def _read(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(archive.getmember(name))
    if found is None:
        raise KeyError(name)
    return found


def _ring(settings: Settings, keys: Path | None) -> Keys | None:
    path = keys if keys is not None else settings.keys / FILE
    if keys is None and not path.exists():
        return None
    return read_keys(path)


def _check(archive: tarfile.TarFile, told: dict[str, Any], ring: Keys | None, source: Path) -> None:
    """Every member is whole, and the keys open what is sealed."""
    for name, digest in told["members"].items():
        if hashlib.file_digest(_read(archive, name), "sha256").hexdigest() != digest:  # type: ignore[arg-type]
            raise SettingsError(f"{name} in {source} is damaged. Nothing was restored.")
    lacking = [name for name in told["keys"] if ring is None or name not in ring.ring]
    if lacking:
        raise SettingsError(
            f"The key {', '.join(lacking)} that seals this backup is not here: what it holds could "
            "never be read. Give the file of its keys with --keys. Nothing was restored."
        )
    assert ring is not None
    try:
        for name in told["members"]:
            if name.startswith("files/"):
                ring.open(_read(archive, name).read())
                break
        for sealed in _sealed(archive):
            ring.decrypt(sealed)
            break
    except (InvalidTag, ValueError):
        raise SettingsError(
            "These keys bear the right name and do not open this backup. Nothing was restored."
        ) from None


def _sealed(archive: tarfile.TarFile) -> Iterator[str]:
    """Texts of the encrypted columns."""
    for table in Base.metadata.sorted_tables:
        columns = [c.name for c in table.columns if isinstance(c.type, SEALED)]
        if columns:
            for row in _rows(archive, table.name):
                yield from (row[n] for n in columns if row.get(n) and not in_clear(row[n]))


def _rows(archive: tarfile.TarFile, table: str) -> Iterator[dict[str, Any]]:
    for line in _read(archive, f"tables/{table}.jsonl"):
        yield {name: _value(value) for name, value in json.loads(line).items()}


def _value(told: Any) -> Any:
    if not isinstance(told, dict):
        return told
    ((kind, value),) = told.items()
    if kind == "moment":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    return base64.b64decode(value) if kind == "bytes" else value


def _load(settings: Settings, archive: tarfile.TarFile, told: dict[str, Any]) -> dict[str, int]:
    engine = open_database(settings)
    files = build_store(settings)
    counts: dict[str, int] = {}
    options = {"write": True} if engine.dialect.name == "sqlite" else {}
    try:
        with engine.execution_options(**options).begin() as connection:
            now = connection.scalar(text("SELECT version_num FROM alembic_version"))
            if told["revision"] != now:
                raise SettingsError(
                    f"This backup is of schema {told['revision']}, this version makes {now}: "
                    "restore it with the version that made it, then upgrade. Nothing was restored."
                )
            if connection.scalar(text("SELECT count(*) FROM persons")):
                raise SettingsError("People already have accounts here. Nothing was restored.")
            for table in _tables():
                counts[table.name] = _fill(connection, table, _rows(archive, table.name))
                if counts[table.name] != told["rows"][table.name]:
                    raise SettingsError(f"{table.name} lacks rows. Nothing was restored.")
            if engine.dialect.name == "postgresql":
                _resume_counters(connection)
            for name in told["members"]:
                if name.startswith("files/"):
                    files.put_back(name.removeprefix("files/"), _read(archive, name).read())
    finally:
        engine.dispose()
    return counts


def _fill(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> int:
    count, lot = 0, list[dict[str, Any]]()
    for row in rows:
        lot.append(row)
        count += 1
        if len(lot) == ROWS:
            connection.execute(insert(table), lot)
            lot.clear()
    if lot:
        connection.execute(insert(table), lot)
    return count


def _resume_counters(connection: Connection) -> None:
    """Numbers given by PostgreSQL go on after those restored."""
    for table in Base.metadata.sorted_tables:
        for column in inspect(table).primary_key:
            owner = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
            if owner:
                last = connection.scalar(select(func.max(column))) or 0
                connection.execute(select(func.setval(owner, max(last, 1), last > 0)))
