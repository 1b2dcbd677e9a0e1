"""Keys of this collector: made at first start, mode 0600, kept apart from the database."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.settings import Settings, SettingsError

FILE = "data.key"


class Keys:
    """The keys of encrypted columns and files: the first seals, all open what they sealed.

    Each ciphertext begins with the identifier of its key, so that keys can be changed. Read from a
    file, they follow it: a key put there while the process runs seals and opens from then on.
    """

    def __init__(
        self, ring: Mapping[str, bytes], generated: bool, path: Path | None = None
    ) -> None:
        self._ring, self.generated, self._path = dict(ring), generated, path
        self._seen = _stamp(path)

    @property
    def ring(self) -> Mapping[str, bytes]:
        """Keys by name, the newest first, as the file says now."""
        if self._path is not None and (now := _stamp(self._path)) not in (self._seen, None):
            try:
                self._ring, _ = _read(self._path.read_text("ascii"))
            except (OSError, ValueError):
                return self._ring  # unreadable for now: what is known goes on
            self._seen = now
        return self._ring

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and (self.ring, self.generated) == (
            other.ring, other.generated,
        )  # fmt: skip

    __hash__ = None  # type: ignore[assignment]

    @property
    def key_id(self) -> str:
        """The key that seals."""
        return next(iter(self.ring))

    def encrypt(self, text: str) -> str:
        """`text` under AES-256-GCM: key id, nonce and ciphertext, in one printable text."""
        name, key = self._newest()
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), name.encode())
        return f"{name}:{base64.b64encode(nonce + sealed).decode()}"

    def mark(self, text: str) -> str:
        """A keyed fingerprint of `text`, to find it again without keeping it."""
        return keyed_mark(self._newest()[1], text)

    def marks(self, text: str) -> list[str]:
        """The fingerprints that `text` may have been kept under: one a key."""
        return [keyed_mark(key, text) for key in self.ring.values()]

    def derive(self, purpose: str) -> bytes:
        """A secret of its own for `purpose`, from the key that seals."""
        return hmac.digest(self._newest()[1], purpose.encode(), "sha256")

    def _newest(self) -> tuple[str, bytes]:
        return next(iter(self.ring.items()))

    def seal(self, content: bytes) -> bytes:
        """`content` under AES-256-GCM, after the key id and a nonce."""
        name, key = self._newest()
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(key).encrypt(nonce, content, name.encode())
        return name.encode() + b":" + nonce + sealed

    def open(self, sealed: bytes) -> bytes:
        """The content that `seal` sealed. Raises ValueError when its key is not here."""
        head, _, body = sealed.partition(b":")
        name = head.decode("ascii", "replace")
        return AESGCM(self._named(name)).decrypt(body[:12], body[12:], name.encode())

    def decrypt(self, sealed: str) -> str:
        """The text that `encrypt` sealed. Raises ValueError when its key is not here."""
        name, _, body = sealed.partition(":")
        key = self._named(name)
        raw = base64.b64decode(body)
        return AESGCM(key).decrypt(raw[:12], raw[12:], name.encode()).decode()

    def _named(self, name: str) -> bytes:
        try:
            return self.ring[name]
        except KeyError:
            raise ValueError("sealed with another key") from None


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    """What changes when a key file is replaced."""
    try:
        told = path.stat() if path is not None else None
    except OSError:
        return None
    return (told.st_ino, told.st_mtime_ns, told.st_size) if told is not None else None


def keyed_mark(key: bytes, text: str) -> str:
    """A fingerprint of `text` that only who holds `key` can make."""
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
    return Keys(ring, "generated" in origins, path)


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


def put_first(path: Path, line: str) -> None:
    """Make `line` (NAME ORIGIN KEY) the key that seals; the others go on opening. Raises OSError,
    SettingsError for what is no key, ValueError for a name taken by another key."""
    try:
        ((name, body),) = _read(line)[0].items()
    except ValueError:
        raise SettingsError(
            "Not one key: a single line NAME ORIGIN KEY (32 bytes in base64)."
        ) from None
    lines = path.read_text("ascii").splitlines()
    known = read_keys(path).ring
    if name in known and known[name] != body:
        raise SettingsError(f"Another key has the name {name} already.")
    _replace(path, [line.strip(), *(old for old in lines if old.split()[:1] != [name])])


def take_out(path: Path, name: str) -> None:
    """Forget the key `name`. Raises OSError."""
    lines = path.read_text("ascii").splitlines()
    _replace(path, [line for line in lines if line.split()[:1] != [name]])


def new_line() -> str:
    """A new key, as a line of the file."""
    body = base64.b64encode(AESGCM.generate_key(256)).decode()
    return f"k{secrets.token_hex(4)} generated {body}"


def _replace(path: Path, lines: list[str]) -> None:
    """The file as a whole, durably: whoever reads it meanwhile reads the former or the new one."""
    beside = path.with_suffix(f".{os.getpid()}.new")
    write_once(beside, "\n".join([*filter(str.strip, lines), ""]).encode())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
    write_once(path, f"{new_line()}\n".encode())


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
