"""Fingerprints by which a number is found again without being kept.

Their secrets lie in the database, sealed. A rotation adds a generation, made of the fingerprints
before it: all are renewed without the numbers, and who knew a former secret recognises none.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from backend.keys import keyed_mark
from backend.secrets import new_token
from backend.services import Services
from backend.storage.engine import Database
from backend.storage.privacy import MarkSecret
from backend.storage.tables import new_id
from backend.storage.vrp import DsnFiling


@dataclass(frozen=True)
class Marker:
    """Makes fingerprints: `roots` of the text, then one secret a generation."""

    roots: Sequence[bytes]
    later: Sequence[bytes] = ()

    @property
    def generation(self) -> int:
        """The newest one."""
        return len(self.later)

    def newest(self, text: str) -> str:
        """The fingerprint that is kept from now on."""
        return self.renewed(keyed_mark(self.roots[0], text), 0)

    def renewed(self, mark: str, generation: int) -> str:
        """A fingerprint of `generation`, as the newest makes it."""
        for secret in self.later[generation:]:
            mark = keyed_mark(secret, mark)
        return mark

    def every(self, text: str) -> list[str]:
        """All fingerprints that `text` may still be kept under."""
        found = [keyed_mark(root, text) for root in self.roots]
        last = found
        for secret in self.later:
            last = [keyed_mark(secret, mark) for mark in last]
            found = [*found, *last]
        return found


def reader(services: Services, database: Database) -> Marker:
    """To find again. Before any secret was made, fingerprints are under the keys themselves."""
    return _kept(database) or Marker(list(services.keys.ring.values()))


def writer(services: Services) -> Marker:
    """To keep; the first secret is made at the first need."""
    try:
        with services.storage.write() as database:
            found = _kept(database)
            if found is None:
                for place, root in enumerate(_roots(services, database)):
                    _add(services, database, 0, place, root)
                database.flush()
                found = _kept(database)
    except IntegrityError:  # another process made it meanwhile
        with services.storage.read() as database:
            found = _kept(database)
    assert found is not None
    return found


def next_generation(services: Services) -> bool:
    """One more generation, unless the newest was made under the key that seals now. False when
    there is nothing to renew."""
    with services.storage.read() as database:
        first = _kept(database) is None
        if first and not database.scalar(select(func.count(DsnFiling.id))):
            return False
    writer(services)
    with services.storage.write() as database:
        newest = database.execute(
            select(MarkSecret.generation, func.count())
            .group_by(MarkSecret.generation)
            .order_by(MarkSecret.generation.desc())
        ).first()
        assert newest is not None
        sealed = database.connection().exec_driver_sql(
            f"SELECT secret FROM mark_secrets WHERE generation = {int(newest[0])} ORDER BY position"
        )  # as they lie, still sealed
        if first or not str(sealed.scalars().first()).startswith(f"{services.keys.key_id}:"):
            _add(services, database, newest[0] + 1, 0, new_token().encode())
    return True


def renew(services: Services, lot: int) -> int:
    """Bring some fingerprints to the newest generation; how many, 0 when all are there."""
    with services.storage.write() as database:
        marker = _kept(database)
        if marker is None:
            return 0
        rows = database.execute(
            select(DsnFiling.id, DsnFiling.nir_mark, DsnFiling.mark_generation)
            .where(DsnFiling.mark_generation < marker.generation, DsnFiling.nir_mark != "")
            .limit(lot)
        ).all()
        for name, mark, generation in rows:
            step = Marker(marker.roots, marker.later[: generation + 1])
            database.execute(
                update(DsnFiling)
                .where(DsnFiling.id == name, DsnFiling.mark_generation == generation)
                .values(nir_mark=step.renewed(mark, generation), mark_generation=generation + 1)
            )
    return len(rows)


def _kept(database: Database) -> Marker | None:
    rows = database.scalars(
        select(MarkSecret).order_by(MarkSecret.generation, MarkSecret.position)
    ).all()
    if not rows:
        return None
    secrets = [(row.generation, base64.b64decode(row.secret)) for row in rows]
    return Marker([s for g, s in secrets if g == 0], [s for g, s in secrets if g > 0])


def _roots(services: Services, database: Database) -> list[bytes]:
    """A new secret; or the keys, where fingerprints were made under them."""
    if database.scalar(select(func.count(DsnFiling.id))):
        return list(services.keys.ring.values())
    return [new_token().encode()]


def _add(
    services: Services, database: Database, generation: int, position: int, secret: bytes
) -> None:
    database.add(
        MarkSecret(
            id=new_id(), generation=generation, position=position,
            secret=base64.b64encode(secret).decode(), made_at=services.clock.now(),
        )
    )  # fmt: skip
