"""Where files are kept, outside the database, behind one interface."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Protocol

from backend.settings import Settings


class FileMissing(LookupError):
    """No file under this key."""


class FileStore(Protocol):
    """Bytes by key. A key is made by the store and says nothing of the content."""

    def put(self, content: bytes) -> str:
        """Keep `content`, durably, and answer its key."""
        ...

    def get(self, key: str) -> bytes:
        """What was kept under `key`. Raises FileMissing."""
        ...

    def delete(self, key: str) -> None:
        """Forget `key`; a key unknown is fine too."""
        ...

    def put_back(self, key: str, content: bytes) -> None:
        """Keep what was kept under `key` elsewhere (a restore). Raises FileMissing for no key."""
        ...


def new_key() -> str:
    """A key nobody can guess, spread over folders by its first letters."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name}"


class FolderStore:
    """Files in a local folder, for the eyes of this user only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Written beside, synced, then renamed: a crash leaves no half file under a key."""
        key = new_key()
        self.put_back(key, content)
        return key

    def put_back(self, key: str, content: bytes) -> None:
        """As `put`, under a key that was made before."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_suffix(".part")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise

    def get(self, key: str) -> bytes:
        """The bytes of `key`."""
        try:
            return self._path(key).read_bytes()
        except OSError:
            raise FileMissing(key) from None

    def delete(self, key: str) -> None:
        """Remove the file of `key`."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        folder, _, name = key.partition("/")
        if not (folder.isalnum() and name.isalnum()):
            raise FileMissing("not a key")
        return self.folder / folder / name


def build_store(settings: Settings) -> FileStore:
    """The store of the settings: a bucket when one is named, else a folder."""
    if settings.files_s3_bucket:
        from backend.files.bucket import BucketStore

        return BucketStore(settings)
    return FolderStore(settings.files)
