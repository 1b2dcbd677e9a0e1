"""The seal of every document: PAdES, in the shape of level B-LT (timestamp and what proves the
certificates, kept inside the file), by a key of the settings.

Without a key of its own a service seals with one made at first start: anyone can then see that a
document was not changed since this service made it, nobody can tell who runs the service. The name
of that certificate says so.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.validation.dss import DocumentSecurityStore, collect_validation_info
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from backend.keys import write_once
from backend.settings import Settings, SettingsError

FILE = "seal.pem"
SELF_MADE = "Quittance, cachet auto-signé"
FIELD = "Cachet"
logging.getLogger("pyhanko").setLevel(logging.ERROR)  # it warns that it will not ask the network
_BEGIN, _END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)


class _Untouched(IncrementalPdfFileWriter):
    """Leaves the metadata as Typst wrote them: they claim PDF/A and PDF/UA in the exact form that
    validators look for."""

    def _update_meta(self) -> None:
        return


@dataclass(frozen=True)
class Seal:
    """What seals: the signer, its chain, and where time is stamped."""

    signer: signers.SimpleSigner
    context: ValidationContext
    stamp_certificate: asn1_x509.Certificate | None
    stamp_key: asn1_keys.PrivateKeyInfo | None
    tsa_url: str
    self_made: bool
    roots: tuple[asn1_x509.Certificate, ...]

    def apply(self, document: bytes, moment: datetime) -> bytes:
        """`document` (a PDF) sealed at `moment`."""
        sealed = io.BytesIO()
        signers.PdfSigner(
            signers.PdfSignatureMetadata(
                field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            ),
            signer=self.signer,
            timestamper=self._stamper(moment),
        ).sign_pdf(_Untouched(io.BytesIO(document)), output=sealed)  # fmt: skip
        return self._with_proofs(sealed)

    def _with_proofs(self, sealed: io.BytesIO) -> bytes:
        """The certificates and lists that a reader needs to believe the seal, in the file."""
        (signature,) = PdfFileReader(sealed).embedded_signatures
        paths = asyncio.run(collect_validation_info(signature, self.context))
        writer, out = _Untouched(sealed), io.BytesIO()
        DocumentSecurityStore.supply_dss_in_writer(
            writer, signature.pkcs7_content.hex().encode("ascii"), paths=paths,
            validation_context=self.context,
        )  # fmt: skip
        writer.write(out)  # type: ignore[no-untyped-call]
        return out.getvalue()

    def _stamper(self, moment: datetime) -> timestamps.TimeStamper | None:
        if self.tsa_url:
            return timestamps.HTTPTimeStamper(self.tsa_url)
        if self.stamp_certificate is None or self.stamp_key is None:
            return None
        return timestamps.DummyTimeStamper(
            self.stamp_certificate, self.stamp_key, fixed_dt=moment,
            certs_to_embed=self.signer.cert_registry,
        )  # fmt: skip


def with_files(document: bytes, files: Sequence[tuple[str, str, bytes]]) -> bytes:
    """`document` (PDF/A-3) with files inside it: (name, media type, content) each."""
    if not files:
        return document
    writer, out = _Untouched(io.BytesIO(document)), io.BytesIO()
    for name, media_type, content in files:
        embed.embed_file(
            writer,
            embed.FileSpec(
                file_spec_string=name, file_name=name, af_relationship=generic.pdf_name(
                    "/Supplement"),
                embedded_data=embed.EmbeddedFileObject.from_file_data(
                    writer, content, mime_type=media_type
                ),
            ),
        )  # fmt: skip
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def load_seal(settings: Settings) -> Seal:
    """The seal of the settings. Raises SettingsError."""
    if settings.seal_file is not None:
        return _of_operator(settings.seal_file, settings)
    path = settings.keys / FILE
    try:
        if not path.exists():
            write_once(path, _self_made())
        return _of_pem(path.read_bytes(), settings.seal_tsa_url)
    except OSError as error:
        raise SettingsError(f"Cannot use the seal in {path} ({error.strerror}).") from None
    except (ValueError, StopIteration):
        raise SettingsError(f"{path} is not a seal made by this service.") from None


def _of_operator(path: Path, settings: Settings) -> Seal:
    signer = signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
        str(path), passphrase=settings.seal_passphrase.get_secret_value().encode() or None
    )
    if signer is None or signer.signing_cert is None:
        raise SettingsError(
            f"Cannot use {path}: see QUITTANCE_SEAL_FILE and QUITTANCE_SEAL_PASSPHRASE."
        )
    others = [c for c in signer.cert_registry if c != signer.signing_cert]
    roots = tuple(c for c in others if c.self_signed == "maybe") or (signer.signing_cert,)
    return Seal(
        signer=signer,
        context=ValidationContext(
            trust_roots=list(roots), other_certs=others, allow_fetching=bool(settings.seal_tsa_url)
        ),
        stamp_certificate=None, stamp_key=None, tsa_url=settings.seal_tsa_url, self_made=False,
        roots=roots,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _of_pem(text: bytes, tsa_url: str) -> Seal:
    blocks = [b"-----BEGIN " + block for block in text.split(b"-----BEGIN ")[1:]]
    root, own, stamp = (
        asn1_x509.Certificate.load(
            x509.load_pem_x509_certificate(block).public_bytes(serialization.Encoding.DER)
        )
        for block in blocks
        if b"BEGIN CERTIFICATE" in block
    )
    own_key, stamp_key = (
        asn1_keys.PrivateKeyInfo.load(
            serialization.load_pem_private_key(block, None).private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        for block in blocks
        if b"PRIVATE KEY" in block
    )  # fmt: skip
    revoked = asn1_crl.CertificateList.load(
        next(
            x509.load_pem_x509_crl(block).public_bytes(serialization.Encoding.DER)
            for block in blocks
            if b"X509 CRL" in block
        )
    )
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([root, own, stamp])
    return Seal(
        signer=signers.SimpleSigner(
            signing_cert=own, signing_key=own_key, cert_registry=store, prefer_pss=False
        ),
        context=ValidationContext(
            trust_roots=[root], other_certs=[own, stamp], crls=[revoked], allow_fetching=False,
            revocation_mode="soft-fail",
        ),
        stamp_certificate=stamp, stamp_key=stamp_key, tsa_url=tsa_url, self_made=True,
        roots=(root,),
    )  # fmt: skip


def _self_made() -> bytes:
    """A root, a seal, a timestamp authority and the (empty) list of what the root revoked."""
    root_key, own_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    stamp_key = rsa.generate_private_key(65537, 2048)  # what pyHanko's own stamper signs with
    root_name = _name(f"{SELF_MADE} (racine)")
    root = _certificate(root_name, root_key, root_name, root_key, authority=True)
    own = _certificate(_name(SELF_MADE), own_key, root_name, root_key)
    stamp = _certificate(
        _name(f"{SELF_MADE} (horodatage)"), stamp_key, root_name, root_key, stamps=True
    )
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root_name)
        .last_update(_BEGIN)
        .next_update(_END)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return b"".join(
        [
            *(c.public_bytes(pem) for c in (root, own, stamp)),
            *(
                key.private_bytes(
                    pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
                for key in (own_key, stamp_key)
            ),
            revoked.public_bytes(pem),
        ]
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    name: x509.Name, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey, authority: bool = False, stamps: bool = False,
) -> x509.Certificate:  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(secrets.token_bytes(16)) >> 1)
        .not_valid_before(_BEGIN)
        .not_valid_after(_END - timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority, content_commitment=not authority and not stamps,
                key_cert_sign=authority, crl_sign=authority, key_encipherment=False,
                data_encipherment=False, key_agreement=False, encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )  # fmt: skip
    if stamps:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
    return builder.sign(issuer_key, hashes.SHA256())
