"""What a thief would do is told to the owner, with one button that freezes everything."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from backend import messages
from backend.audit import record
from backend.problems import Problem
from backend.services import Client, Services
from backend.storage.alerts import Freeze, SeenDevice
from backend.storage.device_keys import DeviceKey
from backend.storage.engine import Database
from backend.storage.tables import Account, Person
from backend.usecases.sessions import end_sessions, make_token, use_token
from contract.problem import ProblemCode

LINK = timedelta(days=7)
"""How long the button of an alert works."""


def place(services: Services, client: Client) -> str:
    """A keyed fingerprint of the kind of device and its network: a browser that was updated, or a
    phone that got another address from its operator, is the same."""
    kind = re.sub(r"[\d.]+", "", client.device)
    try:
        address = ipaddress.ip_address(client.address)
        bits = 16 if address.version == 4 else 32
        network = str(ipaddress.ip_network((address, bits), strict=False))
    except ValueError:
        network = ""
    return services.keys.mark(f"{kind}\0{network}")


def arrived(services: Services, client: Client, person: Person) -> None:
    """Note where someone signed in from; tell them when it is a place never seen. The first place
    of all is theirs."""
    now, mark = services.clock.now(), place(services, client)
    with services.storage.write() as database:
        row = database.get(SeenDevice, (person.id, mark))
        if row is not None:
            row.last_at = now
            return
        others = database.scalar(
            select(func.count()).select_from(SeenDevice).where(SeenDevice.person_id == person.id)
        )
        database.add(SeenDevice(person_id=person.id, mark=mark, first_at=now, last_at=now))
        if others:
            record(database, now, "person.new_place", person_id=person.id)
    if others:
        warn(services, person, "sign-in")


def warn(services: Services, person: Person, what: str, to: str = "") -> None:
    """Send an alert, with the link that freezes; to another address than theirs when it has just
    been changed. `what` names a sentence of messages.security_notice."""
    now = services.clock.now()
    with services.storage.write() as database:
        link = make_token(database, now, person.id, "freeze", LINK, alone=False)
    services.mailer.send(
        messages.security_notice(
            services.settings, to or person.email, person.locale, what, link, now
        )
    )


def owner_warned(services: Services, account: Account, what: str) -> None:
    """The same, to the owner of an account."""
    with services.storage.read() as database:
        person = database.get_one(Person, account.person_id)
    warn(services, person, what)


def freeze(services: Services, person_id: str, how: str) -> None:
    """Nobody signs in any more, here or on a device: sessions and codes of devices end, no refund
    leaves. What is due stays due. A second time changes nothing."""
    now = services.clock.now()
    with services.storage.write() as database:
        _freeze(database, services, person_id, how)
        person = database.get_one(Person, person_id)
    services.mailer.send(messages.frozen(services.settings, person.email, person.locale, now))


def _freeze(database: Database, services: Services, person_id: str, how: str) -> None:
    now = services.clock.now()
    if database.get(Freeze, person_id) is None:
        database.add(Freeze(person_id=person_id, at=now, how=how))
    end_sessions(database, now, person_id)
    database.execute(
        update(DeviceKey)
        .where(DeviceKey.person_id == person_id, DeviceKey.revoked_at.is_(None))
        .values(half=None, revoked_at=now)
    )
    record(database, now, "person.freeze", person_id=person_id, how=how)


def freeze_by_link(services: Services, token: str) -> None:
    """The button of an alert. Raises token-invalid."""
    with services.storage.write() as database:
        used = use_token(database, services.clock.now(), token, ("freeze",))
    if used is None:
        raise Problem(ProblemCode.TOKEN_INVALID)
    freeze(services, used.person_id, "link")


def thaw(database: Database, services: Services, person_id: str) -> None:
    """A new password was chosen from a link sent to the address: the owner is back."""
    done = database.execute(delete(Freeze).where(Freeze.person_id == person_id))
    if done.rowcount:  # type: ignore[attr-defined]
        record(database, services.clock.now(), "person.thaw", person_id=person_id)
