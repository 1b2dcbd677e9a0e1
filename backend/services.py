"""What one process of the collector holds, and where a request comes from."""

from __future__ import annotations

from dataclasses import dataclass

from backend.clock import Clock
from backend.files.store import FileStore
from backend.keys import Keys
from backend.mail import Mailer
from backend.ratebook import RateBook
from backend.settings import Settings
from backend.storage.engine import Storage
from regimes.regime import Registry


@dataclass(frozen=True)
class Services:
    """What create_app builds once."""

    settings: Settings
    storage: Storage
    clock: Clock
    keys: Keys
    mailer: Mailer
    files: FileStore
    registry: Registry
    rates: RateBook


@dataclass(frozen=True)
class Client:
    """Where a request comes from: address and device, as told by the transport."""

    address: str
    device: str
