"""A certificate that this service signs itself, for trying it on a phone of the same network."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 90  # life of the certificate
LEFT = timedelta(days=7)  # made again when less is left


def addresses(host: str) -> set[str]:
    """Names and addresses that a phone may use to reach `host`."""
    found = {"localhost", "127.0.0.1", "::1", host} - {"", "0.0.0.0", "::"}  # noqa: S104
    name = socket.gethostname()
    found.add(name)
    with suppress(OSError):
        found |= {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(name, None)}
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: tells which address would be used
        found.add(probe.getsockname()[0])
    return found


def fingerprint(path: Path) -> str:
    """SHA-256 of a certificate, as phones show it."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def self_signed(folder: Path, host: str, now: datetime | None = None) -> tuple[Path, Path]:
    """Certificate and key in `folder`, made when missing, ending or for other addresses."""
    now = now or datetime.now(UTC)
    certificate_path, key_path = folder / "tls.crt", folder / "tls.key"
    names = addresses(host)
    if certificate_path.exists() and key_path.exists():
        kept = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        alternative = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        held = {str(entry.value) for entry in alternative}
        if kept.not_valid_after_utc - now > LEFT and names <= held:
            return certificate_path, key_path
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Quittance (essai)")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(n) for n in sorted(names)]), False)
        # Phones install as an authority only what says that it is one.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_path.touch(mode=0o600)
    key_path.chmod(0o600)
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate_path, key_path


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
