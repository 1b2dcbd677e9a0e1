"""Change the key: seal everything again under the newest one, while the service runs.

Small transactions, each row changed only if it is still what was read: a kill loses nothing and
the next run goes on; a row written meanwhile is written under the newest key by who writes it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Column, ColumnElement, MetaData, Table, Text, and_, func, or_, select, update
from sqlalchemy import inspect as inspect_table

from backend.audit import record
from backend.files.store import FileMissing
from backend.keys import FILE, new_line, put_first, take_out
from backend.services import Services
from backend.settings import SettingsError
from backend.storage.documents import IssuedDocument
from backend.storage.notes import Attachment
from backend.storage.privacy import DataCopy
from backend.storage.tables import Base
from backend.storage.types import SEALED, in_clear
from backend.usecases import marks

LOT = 200
FILE_TABLES: tuple[type[Attachment] | type[IssuedDocument] | type[DataCopy], ...] = (
    Attachment, IssuedDocument, DataCopy,
)  # fmt: skip


@dataclass
class Rotation:
    """What one run did, and what bears which name now."""

    key: str = ""
    made: bool = False
    sealed: dict[str, int] = field(default_factory=dict)
    """Cells sealed again by `table.column`, `files`, and fingerprints as `marks`."""
    unused: list[str] = field(default_factory=list)
    """Former keys that nothing bears any more."""
    unreadable: list[str] = field(default_factory=list)
    """Places of what no key here opens: `table.column` or `files`."""


def rotate(
    services: Services, line: str | None = None, each: Callable[[str], None] = lambda _place: None
) -> Rotation:
    """Put a new key first (`line`, or one made here) and seal everything again under it. Where a
    former run was cut short, or a new key was put first by hand, it is brought to its end instead.

    `each` is told the place of each batch. Raises SettingsError.
    """
    with _alone(services.settings.keys):
        path, report = services.settings.keys / FILE, Rotation()
        head = services.keys.key_id
        given = line.split()[0] if line and line.strip() else None
        if given != head and not (set(_uses(services)) & set(services.keys.ring)) - {head}:
            try:
                put_first(path, line or new_line())
            except OSError as error:
                raise SettingsError(
                    f"Cannot write {path} ({error.strerror}). Put the new key first yourself, "
                    "then run this again."
                ) from None
            report.made = True
        report.key = services.keys.key_id
        if marks.next_generation(services):
            while done := marks.renew(services, LOT):
                _count(report, "marks", done)
                each("marks")
        while changed := _columns(services, report, each) + _files(services, report, each):
            assert changed
        used = _uses(services)
        report.unused = [n for n in services.keys.ring if n not in used and n != report.key]
        with services.storage.write() as database:
            record(
                database, services.clock.now(), "keys.rotated", cells=sum(report.sealed.values())
            )
        return report


def retire(services: Services, name: str) -> None:
    """Take a key out of the file. Raises SettingsError while it seals, or anything bears it."""
    with _alone(services.settings.keys):
        if name not in services.keys.ring:
            raise SettingsError(f"No key has the name {name}.")
        if name == services.keys.key_id:
            raise SettingsError(f"{name} is the key that seals: rotate first.")
        places = _uses(services).get(name)
        if places:
            raise SettingsError(
                f"{name} is still needed by {', '.join(sorted(places))}: "
                "run quittance rotate-keys first."
            )
        try:
            take_out(services.settings.keys / FILE, name)
        except OSError as error:
            raise SettingsError(f"Cannot write the keys ({error.strerror}).") from None
        with services.storage.write() as database:
            record(database, services.clock.now(), "keys.retired")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One rotation at a time on this machine; a kill frees the place. Raises SettingsError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError("Another rotation is running.") from None
        yield
    finally:
        os.close(handle)


def sealed_tables() -> list[tuple[Table, list[str]]]:
    """Every table with encrypted columns, these as they lie."""
    found, plain = [], MetaData()
    for table in Base.metadata.sorted_tables:
        names = [c.name for c in table.columns if isinstance(c.type, SEALED)]
        if names:
            columns = [
                Column(
                    c.name, Text() if c.name in names else c.type, primary_key=c.primary_key
                )
                for c in table.columns
                if c.name in names or c.primary_key
            ]  # fmt: skip
            found.append((Table(table.name, plain, *columns), names))
    return found


def _columns(services: Services, report: Rotation, each: Callable[[str], None]) -> int:
    """One pass over every encrypted column; how many cells it sealed again."""
    total = 0
    for table, names in sealed_tables():
        for name in names:
            place = f"{table.name}.{name}"
            after: tuple[str, ...] | None = None
            while True:
                rows, changed, faults = _lot(services, table, name, after)
                if faults and place not in report.unreadable:
                    report.unreadable.append(place)
                if changed:
                    _count(report, place, changed)
                    total += changed
                    each(place)
                if len(rows) < LOT:
                    break
                after = rows[-1]
    return total


def _lot(
    services: Services, table: Table, name: str, after: tuple[str, ...] | None
) -> tuple[list[tuple[str, ...]], int, int]:
    """A batch in the order of its key: the keys met, how many were sealed again, how many not."""
    keys = list(inspect_table(table).primary_key)
    column, newest = table.c[name], services.keys.key_id
    changed = faults = 0
    with services.storage.write() as database:
        query = (
            select(*keys, column)
            .where(column.is_not(None), column.not_like(f"{newest}:%"))
            .order_by(*keys).limit(LOT)
        )  # fmt: skip
        if after is not None:
            query = query.where(_beyond(keys, after))
        rows = database.execute(query).all()
        for row in rows:
            *where, sealed = row
            try:
                clear = sealed if in_clear(sealed) else services.keys.decrypt(sealed)
                again = services.keys.encrypt(clear)
            except Exception:  # damaged, or of a key that is not here: told, never touched
                faults += 1
                continue
            same = [key == value for key, value in zip(keys, where, strict=True)]
            changed += database.execute(
                update(table).where(*same, column == sealed).values({name: again})
            ).rowcount  # type: ignore[attr-defined]
    return [tuple(row[:-1]) for row in rows], changed, faults


def _beyond(keys: list[Column[str]], after: tuple[str, ...]) -> ColumnElement[bool]:
    """Rows after `after` in the order of a key of several columns."""
    return or_(
        *(
            and_(*(keys[j] == after[j] for j in range(i)), keys[i] > after[i])
            for i in range(len(keys))
        )
    )


def _files(services: Services, report: Rotation, each: Callable[[str], None]) -> int:
    """One pass over every file kept; how many it sealed again."""
    newest, total = services.keys.key_id.encode() + b":", 0
    for key in _file_keys(services):
        try:
            sealed = services.files.get(key)
        except FileMissing:
            continue  # taken away meanwhile, or long ago: verify tells
        if sealed.startswith(newest):
            continue
        try:
            again = services.keys.seal(services.keys.open(sealed))
        except Exception:  # damaged, or of a key that is not here
            if "files" not in report.unreadable:
                report.unreadable.append("files")
            continue
        services.files.put_back(key, again)
        if key not in _file_keys(services, key):
            services.files.delete(key)  # its row went while it was sealed: so does it
            continue
        total += 1
        _count(report, "files", 1)
        each("files")
    return total


def _file_keys(services: Services, only: str = "") -> list[str]:
    found: set[str] = set()
    with services.storage.read() as database:
        for table in FILE_TABLES:
            query = select(table.key)
            found.update(database.scalars(query.where(table.key == only) if only else query))
    return sorted(filter(None, found))


def _uses(services: Services) -> dict[str, set[str]]:
    """Names of keys by what bears them: places `table.column` and `files`."""
    found: dict[str, set[str]] = {}
    for table, names in sealed_tables():
        for name in names:
            column = table.c[name]
            if services.storage.engine.dialect.name == "sqlite":
                head = func.substr(column, 1, func.instr(column, ":") - 1)
            else:
                head = func.split_part(column, ":", 1)
            with services.storage.read() as database:
                for key in database.scalars(select(head).where(column.is_not(None)).distinct()):
                    found.setdefault(key, set()).add(f"{table.name}.{name}")
    for key in _file_keys(services):
        try:
            sealed = services.files.get(key)
        except FileMissing:
            continue
        found.setdefault(sealed.partition(b":")[0].decode("ascii", "replace"), set()).add("files")
    return found


def _count(report: Rotation, place: str, more: int) -> None:
    report.sealed[place] = report.sealed.get(place, 0) + more
