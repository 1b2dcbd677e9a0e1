"""A certificate made here: for the addresses of this machine, kept, renewed, its key closed."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from backend.settings import Settings
from backend.tls import DAYS, addresses, fingerprint, self_signed

ANY = "0.0.0.0"  # noqa: S104


def test_it_is_for_this_machine_kept_and_renewed_before_its_end(tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    certificate, key = self_signed(tmp_path / "keys", ANY, now)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    held = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "127.0.0.1"} <= {str(entry.value) for entry in names}
    assert ANY not in {str(entry.value) for entry in names}
    first = fingerprint(certificate)
    assert len(first) == 95
    self_signed(tmp_path / "keys", ANY, now + timedelta(days=1))
    assert fingerprint(certificate) == first
    self_signed(tmp_path / "keys", "phone.test", now + timedelta(days=1))
    second = fingerprint(certificate)
    assert second != first, "made again for an address it did not name"
    self_signed(tmp_path / "keys", "phone.test", now + timedelta(days=DAYS - 3))
    assert fingerprint(certificate) != second


def test_an_address_of_every_interface_is_no_name() -> None:
    assert ANY not in addresses(ANY)


def test_https_of_its_own_makes_secure_cookies(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, tls="self-signed")
    assert settings.url.startswith("https://")
    assert settings.secure_cookies
