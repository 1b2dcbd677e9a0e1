"""Codes that open a device: keep half of its key, give it for the right code, count the others."""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy import select, update

from backend import throttle
from backend.audit import record
from backend.problems import Problem
from backend.secrets import new_token, token_hash
from backend.services import Client, Services
from backend.storage.device_keys import DeviceKey
from backend.storage.tables import Person, Session
from backend.usecases.sessions import end_sessions
from contract.device_keys import TRIES, DeviceKeyMade, DeviceKeyView
from contract.problem import ProblemCode


def make(
    services: Services, client: Client, person: Person, session: Session, proof: str
) -> DeviceKeyMade:
    """A half for the device that asks, told now and at each right code."""
    now = services.clock.now()
    made = DeviceKeyMade(id=new_token(), half=secrets.token_hex(32))
    with services.storage.write() as database:
        database.add(
            DeviceKey(
                id=made.id, person_id=person.id, session_id=session.id,
                device=client.device[:120], proof_hash=token_hash(proof), half=made.half, tries=0,
                created_at=now, opened_at=now, revoked_at=None,
            )
        )  # fmt: skip
        record(database, now, "device_key.make", person_id=person.id, session_id=session.id)
    return made


def release(services: Services, client: Client, key_id: str, proof: str) -> DeviceKeyMade:
    """The half, for a proof of the code. Raises pin-wrong with the tries left, device-revoked,
    not-found.

    The try is counted before it is looked at: a hundred at once are a hundred. Nobody is signed in
    here, since what a locked device knows of its session is locked too.
    """
    door = throttle.bucket("address", client.address)
    throttle.take(services.storage, services.clock, ("address", door))
    now = services.clock.now()
    with services.storage.write() as database:
        counted = database.execute(
            update(DeviceKey)
            .where(DeviceKey.id == key_id, DeviceKey.half.is_not(None), DeviceKey.tries < TRIES)
            .values(tries=DeviceKey.tries + 1)
            .execution_options(synchronize_session=False)
        )
        row = database.get(DeviceKey, key_id, populate_existing=True)
        if row is None:
            raise Problem(ProblemCode.NOT_FOUND)
        half, who = row.half, row.person_id
        if counted.rowcount != 1 or half is None:  # type: ignore[attr-defined]
            raise Problem(ProblemCode.DEVICE_REVOKED)
        right = hmac.compare_digest(row.proof_hash, token_hash(proof))
        left = TRIES - row.tries
        if right:
            row.tries, row.opened_at = 0, now
        elif left <= 0:
            row.half = None
            end_sessions(database, now, who, only=row.session_id)
        record(
            database, now, "device_key.release", outcome="done" if right else "refused",
            person_id=who,
        )  # fmt: skip
    if right:
        throttle.give_back(services.storage, door)
        return DeviceKeyMade(id=key_id, half=half)
    if left <= 0:
        raise Problem(ProblemCode.DEVICE_REVOKED)
    raise Problem(ProblemCode.PIN_WRONG, extra={"left": left})


def mine(services: Services, person: Person) -> list[DeviceKeyView]:
    """My devices that open with a code, latest opened first."""
    with services.storage.read() as database:
        rows = database.scalars(
            select(DeviceKey)
            .where(DeviceKey.person_id == person.id, DeviceKey.revoked_at.is_(None))
            .order_by(DeviceKey.opened_at.desc(), DeviceKey.id)
        ).all()
        return [
            DeviceKeyView(
                id=row.id, device=row.device, created_at=row.created_at, opened_at=row.opened_at,
                left=TRIES - row.tries, state="active" if row.half is not None else "spent",
            )
            for row in rows
        ]  # fmt: skip


def revoke(services: Services, person: Person, session: Session, key_id: str) -> None:
    """Destroy a half, and end the session of its device unless it is the one that asks. The device
    erases what it keeps when its code is next typed with a network. Raises not-found."""
    now = services.clock.now()
    with services.storage.write() as database:
        row = database.scalar(
            select(DeviceKey).where(
                DeviceKey.id == key_id, DeviceKey.person_id == person.id,
                DeviceKey.revoked_at.is_(None),
            )
        )  # fmt: skip
        if row is None:
            raise Problem(ProblemCode.NOT_FOUND)
        row.half, row.revoked_at = None, now
        if row.session_id != session.id:
            end_sessions(database, now, person.id, only=row.session_id)
        record(database, now, "device_key.revoke", person_id=person.id, session_id=session.id)
