"""Keys of this collector: made at first start, mode 0600, kept apart from the database."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.settings import Settings, SettingsError

FILE = "data.key"


@dataclass(frozen=True)
class Keys:
    """The key of encrypted columns, with the identifier written beside each ciphertext."""

    key_id: str
    data_key: bytes
    generated: bool

    def encrypt(self, text: str) -> str:
        """`text` under AES-256-GCM: key id, nonce and ciphertext, in one printable text."""
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self.data_key).encrypt(nonce, text.encode(), self.key_id.encode())
        return f"{self.key_id}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, sealed: str) -> str:
        """The text that `encrypt` sealed. Raises ValueError for another key."""
        key_id, _, body = sealed.partition(":")
        if key_id != self.key_id:
            raise ValueError("sealed with another key")
        raw = base64.b64decode(body)
        return AESGCM(self.data_key).decrypt(raw[:12], raw[12:], key_id.encode()).decode()


def load_keys(settings: Settings) -> Keys:
    """The keys of the keys folder, made there at first start.

    Raises SettingsError when generated keys would serve beyond loopback without leave to.
    """
    folder = settings.keys
    path = folder / FILE
    if not path.exists():
        _generate(folder, path)
    name, origin, body = path.read_text("ascii").split()
    generated = origin == "generated"
    if generated and not settings.loopback and not settings.allow_generated_keys:
        raise SettingsError(
            f"The keys in {folder} were generated at first start. To listen beyond this machine, "
            "provide keys of your own or set QUITTANCE_ALLOW_GENERATED_KEYS=true."
        )
    return Keys(name, base64.b64decode(body), generated)


def _generate(folder: Path, path: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    body = base64.b64encode(AESGCM.generate_key(256)).decode()
    text = f"k{secrets.token_hex(4)} generated {body}\n"
    temporary = path.with_suffix(f".{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(temporary, path)  # the first process to get there wins; nobody overwrites a key
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
