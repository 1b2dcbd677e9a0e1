"""The operator's folder of rates (`QUITTANCE_RATES`), read from disk."""

from __future__ import annotations

import os
from pathlib import Path

from regimes.dated import RatesError

VARIABLE = "QUITTANCE_RATES"
Signature = tuple[tuple[str, int, int], ...]


def folder_of_environment() -> Path | None:
    """The folder that the environment names, for a command that reads no other setting."""
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else None


def read_folder(folder: Path | None) -> dict[str, str]:
    """Name and text of every *.toml file of `folder`, hidden ones left out. Raises RatesError."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise RatesError(f"{VARIABLE}: {folder} is not a folder")
    found = {}
    for path in _files(folder):
        try:
            found[path.name] = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise RatesError(f"{path.name}: not written in UTF-8") from None
        except OSError as error:
            raise RatesError(f"{path.name}: cannot be read ({error.strerror})") from None
    return found


def signature(folder: Path | None) -> Signature:
    """What changes when a file of `folder` is added, written or removed."""
    if folder is None:
        return ()
    found = []
    try:
        for path in _files(folder):
            seen = path.stat()
            found.append((path.name, seen.st_mtime_ns, seen.st_size))
    except OSError as error:
        raise RatesError(f"{VARIABLE}: {folder} cannot be read ({error.strerror})") from None
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.toml") if not p.name.startswith("."))
