"""Notices in the browser (RFC 8030, 8291, 8292), through pywebpush."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from backend.keys import write_once
from backend.problems import field_problem
from backend.services import Services
from backend.settings import Settings
from backend.storage.contact import PushSubscription
from backend.storage.tables import Person
from contract.contact import PushSubscribe

if TYPE_CHECKING:
    from py_vapid import Vapid

FILE = "vapid.pem"
MOST = 10  # browsers of one person


def _vapid(settings: Settings) -> Vapid:
    from py_vapid import Vapid

    path = settings.keys / FILE
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_once(
            path,
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )  # fmt: skip
    return Vapid.from_file(str(path))


def public_key(settings: Settings) -> str:
    """The key that browsers ask for, URL-safe base64 of the uncompressed point."""
    point = _vapid(settings).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return urlsafe_b64encode(point).decode().rstrip("=")


def allowed_endpoint(endpoint: str, settings: Settings) -> bool:
    """A push service out there, never a machine of ours: the server posts to it."""
    try:
        url = urlsplit(endpoint)
    except ValueError:  # brackets that hold no IPv6 address
        return False
    host = url.hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return url.scheme == "https" and "." in host and not host.endswith((".local", ".internal"))
    return address.is_loopback and settings.loopback and settings.demo


def subscribe(services: Services, person: Person, device: str, asked: PushSubscribe) -> None:
    """Note a browser that accepts notices. Raises invalid-input for an endpoint not taken."""
    if not allowed_endpoint(asked.endpoint, services.settings):
        raise field_problem("endpoint", "push_endpoint")
    name = hashlib.sha256(asked.endpoint.encode()).hexdigest()
    try:
        with services.storage.write() as database:
            database.execute(delete(PushSubscription).where(PushSubscription.endpoint_hash == name))
            kept = database.scalars(
                select(PushSubscription)
                .where(PushSubscription.person_id == person.id)
                .order_by(PushSubscription.created_at)
            ).all()
            for old in kept[: max(0, len(kept) - MOST + 1)]:
                database.delete(old)
            database.add(
                PushSubscription(
                    person_id=person.id, endpoint_hash=name, device=device,
                    subscription=asked.model_dump_json(), created_at=services.clock.now(),
                )
            )  # fmt: skip
    except IntegrityError:
        return  # the same browser twice at once


def unsubscribe(services: Services, person: Person) -> None:
    """Forget every browser of a person."""
    with services.storage.write() as database:
        database.execute(delete(PushSubscription).where(PushSubscription.person_id == person.id))


def notify(services: Services, row: PushSubscription, title: str, body: str, path: str) -> bool:
    """Send a notice; a browser that is gone is forgotten. False when it was not taken."""
    # Slow to import, and a server may never send a notice.
    import requests
    from pywebpush import WebPushException, webpush

    session = requests.Session()
    session.max_redirects = 0
    contact = services.settings.service_email
    try:
        webpush(
            json.loads(row.subscription),
            json.dumps({"title": title, "body": body, "path": path}, ensure_ascii=False),
            vapid_private_key=_vapid(services.settings),
            vapid_claims={"sub": f"mailto:{contact}"},
            ttl=86_400, timeout=10, requests_session=session,
        )  # fmt: skip
    except (WebPushException, requests.RequestException) as error:
        answer = getattr(error, "response", None)
        status = answer.status_code if answer is not None else None
        log.warning("notice not sent", error=type(error).__name__, status=status)
        if status in {404, 410}:
            with services.storage.write() as database:
                database.execute(delete(PushSubscription).where(PushSubscription.id == row.id))
        return False
    return True


log = structlog.get_logger("quittance.push")
