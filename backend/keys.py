"""Keys of this collector: made at first start, mode 0600, kept apart from the database."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.settings import Settings, SettingsError

FILE = "data.key"


@dataclass(frozen=True)
class Keys:
    """The keys of encrypted columns: the first seals, all open what they sealed.

    Each ciphertext begins with the identifier of its key, so that keys can be changed.
    """

    ring: Mapping[str, bytes]
    generated: bool

    @property
    def key_id(self) -> str:
        """The key that seals."""
        return next(iter(self.ring))

    def encrypt(self, text: str) -> str:
        """`text` under AES-256-GCM: key id, nonce and ciphertext, in one printable text."""
        nonce, name = secrets.token_bytes(12), self.key_id
        sealed = AESGCM(self.ring[name]).encrypt(nonce, text.encode(), name.encode())
        return f"{name}:{base64.b64encode(nonce + sealed).decode()}"

    def mark(self, text: str) -> str:
        """A keyed fingerprint of `text`, to find it again without keeping it."""
        return _mark(self.ring[self.key_id], text)

    def marks(self, text: str) -> list[str]:
        """The fingerprints that `text` may have been kept under: one a key."""
        return [_mark(key, text) for key in self.ring.values()]

    def derive(self, purpose: str) -> bytes:
        """A secret of its own for `purpose`, from the key that seals."""
        return hmac.digest(self.ring[self.key_id], purpose.encode(), "sha256")

    def seal(self, content: bytes) -> bytes:
        """`content` under AES-256-GCM, after the key id and a nonce."""
        nonce, name = secrets.token_bytes(12), self.key_id
        sealed = AESGCM(self.ring[name]).encrypt(nonce, content, name.encode())
        return name.encode() + b":" + nonce + sealed

    def open(self, sealed: bytes) -> bytes:
        """The content that `seal` sealed. Raises ValueError when its key is not here."""
        head, _, body = sealed.partition(b":")
        name = head.decode("ascii", "replace")
        if name not in self.ring:
            raise ValueError("sealed with another key")
        return AESGCM(self.ring[name]).decrypt(body[:12], body[12:], name.encode())

    def decrypt(self, sealed: str) -> str:
        """The text that `encrypt` sealed. Raises ValueError when its key is not here."""
        name, _, body = sealed.partition(":")
        if name not in self.ring:
            raise ValueError("sealed with another key")
        raw = base64.b64decode(body)
        return AESGCM(self.ring[name]).decrypt(raw[:12], raw[12:], name.encode()).decode()


def _mark(key: bytes, text: str) -> str:
    return hmac.new(key, b"mark:" + text.encode(), "sha256").hexdigest()


def load_keys(settings: Settings) -> Keys:
    """The keys of the keys folder, made there at first start.

    Raises SettingsError when they cannot be read, or when generated keys would serve beyond
    loopback without leave to.
    """
    folder = settings.keys
    path = folder / FILE
    try:
        if not path.exists():
            _generate(folder, path)
    except OSError as error:
        raise SettingsError(f"Cannot use the keys in {folder} ({error.strerror}).") from None
    keys = read_keys(path)
    if keys.generated and not settings.loopback and not settings.allow_generated_keys:
        raise SettingsError(
            f"The keys in {folder} were generated at first start. To listen beyond this machine, "
            "provide keys of your own or set QUITTANCE_ALLOW_GENERATED_KEYS=true."
        )
    return keys


def read_keys(path: Path) -> Keys:
    """The keys of a file. Raises SettingsError."""
    try:
        ring, origins = _read(path.read_text("ascii"))
    except OSError as error:
        raise SettingsError(f"Cannot use the keys in {path} ({error.strerror}).") from None
    except ValueError:
        raise SettingsError(
            f"{path} is not a key file: one line a key, NAME ORIGIN KEY (32 bytes in base64)."
        ) from None
    return Keys(ring, "generated" in origins)


def add_keys(path: Path, more: Path) -> None:
    """Put the keys of `more` behind those of `path`: these go on sealing, all of them open.
    Raises OSError."""
    if not path.exists():
        write_once(path, more.read_bytes())
        return
    known = set(read_keys(path).ring)
    lines = [
        line for line in more.read_text("ascii").splitlines()
        if line.strip() and line.split()[0] not in known
    ]  # fmt: skip
    if lines:
        beside = path.with_suffix(".new")
        write_once(beside, "\n".join([path.read_text("ascii").rstrip(), *lines, ""]).encode())
        beside.replace(path)


def _read(text: str) -> tuple[dict[str, bytes], set[str]]:
    """Keys by name, the newest first, and where they come from. Raises ValueError."""
    ring, origins = {}, set()
    for line in filter(str.strip, text.splitlines()):
        name, origin, body = line.split()
        ring[name] = base64.b64decode(body, validate=True)
        origins.add(origin)
        if len(ring[name]) != 32:
            raise ValueError("not a 256-bit key")
    if not ring:
        raise ValueError("no key")
    return ring, origins


def _generate(folder: Path, path: Path) -> None:
    body = base64.b64encode(AESGCM.generate_key(256)).decode()
    write_once(path, f"k{secrets.token_hex(4)} generated {body}\n".encode())


def write_once(path: Path, content: bytes) -> None:
    """Write a secret file for this user only, durably; the first process to get there wins, and
    nobody overwrites a key. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(f".{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
