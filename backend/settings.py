"""Every setting, from environment variables `QUITTANCE_…`, validated at start."""

from __future__ import annotations

import ipaddress
import os
from datetime import date
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from platformdirs import user_cache_dir, user_data_dir
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.identifiers import compact, iban_error


class SettingsError(ValueError):
    """Settings that cannot be used: one sentence a fault."""


@lru_cache(maxsize=1024)
def _within(networks: str, address: str) -> bool:
    """Whether an address is in one of the networks; asked for every request, of few addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    parts = filter(None, (part.strip() for part in networks.split(",")))
    return any(found in ipaddress.ip_network(part) for part in parts)


class Settings(BaseSettings):
    """What an operator may set. No setting is required on loopback."""

    model_config = SettingsConfigDict(
        env_prefix="QUITTANCE_", extra="ignore", hide_input_in_errors=True, frozen=True
    )

    data_dir: Path = Field(
        default_factory=lambda: Path(user_data_dir("quittance", appauthor=False)),
        description="Folder of the database, the keys and the outbox",
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8550, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    tls: Literal["", "self-signed"] = Field(
        "", description="self-signed: HTTPS with a certificate made here, to try it on a phone"
    )
    public_url: str = Field("", description="Address people reach the service at (links, QR codes)")
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy address; empty: SQLite in the data folder"
    )
    keys_dir: Path | None = Field(None, description="Folder of the keys; empty: keys/ in data_dir")
    allow_generated_keys: bool = Field(
        False, description="Accept keys made at first start when listening beyond loopback"
    )
    demo: bool = Field(False, description="Ready accounts, open to all: never with real data")
    today: date | None = Field(None, description="Stand on this date (demo and tests)")
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="smtp://, smtp+starttls:// or smtps:// with user and password; empty: files",
    )
    mail_from: str = Field("Quittance <quittance@localhost>", description="Sender of messages")
    files_dir: Path | None = Field(
        None, description="Folder of the files kept; empty: files/ in data_dir"
    )
    files_s3_bucket: str = Field(
        "", description="Bucket of the files kept (S3-compatible); empty: the folder above"
    )
    files_s3_url: str = Field("", description="Address of the S3 service, such as https://host")
    files_s3_region: str = Field("us-east-1", description="Its region")
    files_s3_key: SecretStr = Field(SecretStr(""), description="Access key of the bucket")
    files_s3_secret: SecretStr = Field(SecretStr(""), description="Its secret")
    pocket_dir: Path = Field(
        Path(__file__).resolve().parent.parent / "dist" / "pocket",
        description="Folder of the app to install (`make pocket`), served at /pocket/ when built",
    )
    cache_dir: Path = Field(
        default_factory=lambda: Path(user_cache_dir("quittance", appauthor=False)),
        description="Folder of what can be made again: the web client, compressed",
    )
    press: bool = Field(
        True, description="Compress the web client in the background at first start; no: as it is"
    )
    app_origins: str = Field(
        "", description="Origins of the app to install when hosted elsewhere, comma-separated"
    )
    rates: Path | None = Field(
        None, description="Folder of files that complete the shipped rates (docs/rates.md)"
    )
    outbox_dir: Path | None = Field(None, description="Folder of the message files, without SMTP")
    service_name: str = Field(
        "Quittance — collecteur de démonstration", description="Service in charge, on receipts"
    )
    service_email: str = Field("contact@quittance.example", description="Its e-mail, on receipts")
    service_phone: str = Field("00 00 00 00 00", description="Its phone number, on receipts")
    service_address: str = Field(
        "1 rue de l’Exemple, 00000 Exempleville", description="Its postal address, on receipts"
    )
    creditor_ics: str = Field(
        "FR53ZZZ999999", description="SEPA creditor identifier (ICS), on mandates and debits"
    )
    creditor_iban: str = Field(
        "FR7699999000010000000000115", description="IBAN of the collector's own bank account"
    )
    creditor_bic: str = Field("QUITFRPPXXX", description="BIC of that account")
    bank_dir: Path | None = Field(
        None, description="Folder of the banking files; empty: bank/ in data_dir"
    )
    card_provider: Literal["", "sandbox"] = Field(
        "", description="Payment by card: sandbox takes no money; empty: sandbox in demo, else none"
    )
    sandbox_delay: Annotated[int, Field(ge=0, le=60)] = Field(
        4, description="Seconds that a late notice of the sandbox takes"
    )
    session_idle_minutes: Annotated[int, Field(ge=5, le=1440)] = Field(
        60, description="A session ends after this long without use"
    )
    session_max_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        12, description="A session ends after this long whatever its use"
    )
    factor_loss_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        48, description="Delay before a second factor said lost may be removed"
    )
    oidc_issuer: str = Field(
        "", description="OpenID Connect provider people may sign in with; empty: none"
    )
    oidc_client_id: str = Field("", description="This service at that provider")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Its secret")
    oidc_name: str = Field("", description="Name of the provider, on its button")
    oidc_scopes: str = Field("openid email", description="Scopes asked, openid among them")
    oidc_acr_values: str = Field("", description="Assurance asked, such as eidas1; empty: any")
    request_stale_seconds: Annotated[int, Field(ge=1, le=600)] = Field(
        120, description="A declaration unanswered for this long died with its process: sent again"
    )
    argon2_memory_kib: Annotated[int, Field(ge=8, le=1_048_576)] = Field(
        47_104, description="Memory of the password hash (argon2id), KiB"
    )
    argon2_time: Annotated[int, Field(ge=1, le=20)] = Field(
        1, description="Passes of the password hash"
    )
    trusted_proxy: str = Field(
        "",
        description="Addresses or networks, comma-separated, of the proxies whose X-Forwarded-For "
        "is believed (its last entry)",
    )
    drain_seconds: Annotated[int, Field(ge=0, le=300)] = Field(
        0, description="After SIGTERM: say not ready for this long, then send people elsewhere"
    )
    worker: bool = Field(True, description="Do the jobs in this process too (reminders…)")
    worker_stalled_seconds: Annotated[int, Field(ge=2, le=600)] = Field(
        30, description="A worker silent for this long is dead: its job is done by another"
    )
    collect_daily: bool = Field(
        False, description="Make `quittance collect` a job of every banking day after noon in Paris"
    )
    metrics: str = Field(
        "", description="Address of the measures (Prometheus), such as 127.0.0.1:9464; empty: none"
    )
    otlp_url: str = Field(
        "", description="Address that takes traces (OTLP over HTTP), such as http://host:4318"
    )
    seal_file: Path | None = Field(
        None, description="PKCS#12 file that seals documents; empty: one made here, self-signed"
    )
    seal_passphrase: SecretStr = Field(SecretStr(""), description="Passphrase of the seal file")
    seal_tsa_url: str = Field("", description="Address of the timestamp authority of the seal")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe message logged"
    )

    @field_validator(
        "today", "keys_dir", "files_dir", "outbox_dir", "bank_dir", "seal_file", "rates",
        mode="before",
    )  # fmt: skip
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _provider_whole(self) -> Settings:
        if not self.oidc_issuer:
            return self
        if not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError(
                "QUITTANCE_OIDC_ISSUER needs QUITTANCE_OIDC_CLIENT_ID and "
                "QUITTANCE_OIDC_CLIENT_SECRET too"
            )
        url = urlsplit(self.oidc_issuer)
        near = url.hostname in {"127.0.0.1", "::1", "localhost"}
        if not (url.scheme == "https" or (url.scheme == "http" and near)) or not url.netloc:
            raise ValueError("QUITTANCE_OIDC_ISSUER must start with https://")
        if "openid" not in self.oidc_scopes.split():
            raise ValueError("QUITTANCE_OIDC_SCOPES must name openid")
        return self

    @field_validator("public_url", "files_s3_url", "otlp_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and (
            urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc
        ):
            raise ValueError("must start with http:// or https:// and name a host")
        return value.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: SecretStr) -> SecretStr:
        url = urlsplit(value.get_secret_value())
        known = url.scheme in {"smtp", "smtp+starttls", "smtps"} and url.hostname
        if value.get_secret_value() and not known:
            raise ValueError("must look like smtps://user:password@host:465")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr) -> SecretStr:
        scheme = urlsplit(value.get_secret_value()).scheme.partition("+")[0]
        if value.get_secret_value() and scheme not in {"sqlite", "postgresql", "postgres"}:
            raise ValueError("must start with postgresql:// or sqlite:///")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if "@" not in parseaddr(value)[1] or not value.isprintable():
            raise ValueError("must be an address, such as Quittance <quittance@example.org>")
        return value

    @field_validator("creditor_iban")
    @classmethod
    def _creditor(cls, value: str) -> str:
        if iban_error(value) is not None:
            raise ValueError("must be a valid IBAN")
        return compact(value).upper()

    @field_validator("trusted_proxy")
    @classmethod
    def _proxy(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            ipaddress.ip_network(part)  # its message names the value, which is no secret
        return value

    @field_validator("metrics")
    @classmethod
    def _metrics(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (host and port.isdecimal() and int(port) < 65536):
            raise ValueError("must look like 127.0.0.1:9464")
        return value

    @model_validator(mode="after")
    def _today_needs_demo(self) -> Settings:
        if self.today is not None and not self.demo:
            raise ValueError("QUITTANCE_TODAY stands still in demo mode only")
        return self

    @model_validator(mode="after")
    def _bucket_whole(self) -> Settings:
        given = (self.files_s3_url, self.files_s3_key, self.files_s3_secret)
        if self.files_s3_bucket and not all(map(bool, given)):
            raise ValueError(
                "QUITTANCE_FILES_S3_BUCKET needs QUITTANCE_FILES_S3_URL, QUITTANCE_FILES_S3_KEY "
                "and QUITTANCE_FILES_S3_SECRET too"
            )
        return self

    @field_validator("app_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in filter(None, (part.strip() for part in value.split(","))):
            url = urlsplit(origin)
            if url.scheme not in {"http", "https"} or origin != f"{url.scheme}://{url.netloc}":
                raise ValueError("each must be an origin, such as https://app.example.org")
        return value

    def trusts(self, address: str) -> bool:
        """True when `address` is a proxy that may say whom it speaks for."""
        return _within(self.trusted_proxy, address)

    @property
    def pocket(self) -> Path:
        """Folder of the app to install."""
        return self.pocket_dir

    @property
    def origins(self) -> frozenset[str]:
        """Origins whose pages may call the API with a token of their own."""
        return frozenset(filter(None, (part.strip() for part in self.app_origins.split(","))))

    @property
    def loopback(self) -> bool:
        """True when only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def url(self) -> str:
        """Address people reach the service at."""
        if self.public_url:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """True when people reach the service through HTTPS."""
        return self.url.startswith("https://")

    @property
    def passkey_host(self) -> str:
        """The name that passkeys are bound to; empty where browsers would refuse to make any
        (an IP address, or no HTTPS beyond this machine)."""
        host = urlsplit(self.url).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return host if self.secure_cookies or host == "localhost" else ""
        return ""

    @property
    def provider_name(self) -> str:
        """What the identity provider is called, or nothing when there is none."""
        if not self.oidc_issuer:
            return ""
        return self.oidc_name or urlsplit(self.oidc_issuer).hostname or ""

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        given = self.database_url.get_secret_value()
        if not given:
            # Invented accounts open to all never share a file with real ones.
            name = "demo.sqlite3" if self.demo else "quittance.sqlite3"
            return f"sqlite:///{self.data_dir / name}"
        for prefix in ("postgresql://", "postgres://"):
            if given.startswith(prefix):
                return "postgresql+psycopg://" + given[len(prefix) :]
        return given

    @property
    def keys(self) -> Path:
        """Folder of the keys."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def bank(self) -> Path:
        """Folder of the banking files."""
        return self.bank_dir or self.data_dir / "bank"

    @property
    def cards(self) -> str:
        """Name of the provider of card payments, or nothing."""
        return self.card_provider or ("sandbox" if self.demo else "")

    @property
    def files(self) -> Path:
        """Folder of the files kept."""
        return self.files_dir or self.data_dir / "files"

    @property
    def outbox(self) -> Path:
        """Folder of the message files."""
        return self.outbox_dir or self.data_dir / "outbox"


def load_settings(**overrides: object) -> Settings:
    """Settings of the environment and of the files of QUITTANCE_SECRETS_DIR (one a setting, such as
    `quittance_database_url`), with `overrides` on top. Raises SettingsError."""
    secrets = os.environ.get("QUITTANCE_SECRETS_DIR", "")
    if secrets and not Path(secrets).is_dir():
        raise SettingsError(f"QUITTANCE_SECRETS_DIR: there is no folder {secrets}.")
    try:
        return Settings(_secrets_dir=secrets or None, **overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_url=False, include_input=False):
            path = ".".join(str(part) for part in fault["loc"])
            name = f"QUITTANCE_{path.upper()}: " if path else ""
            faults.append(name + fault["msg"].removeprefix("Value error, "))
        raise SettingsError("\n".join(faults)) from None


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Name, value (secrets masked) and meaning of every setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            shown = "••••••" if value.get_secret_value() else ""
        else:
            shown = "" if value is None else str(value)
        rows.append((f"QUITTANCE_{name.upper()}", shown, field.description or ""))
    return rows
