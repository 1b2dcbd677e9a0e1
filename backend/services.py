"""What one process of the collector holds, and where a request comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

from backend.clock import Clock
from backend.files.store import FileStore
from backend.keys import Keys
from backend.mail import Mailer
from backend.metrics import Metrics
from backend.ratebook import RateBook
from backend.settings import Settings
from backend.storage.engine import Storage
from backend.traces import Traces
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
    metrics: Metrics = field(default_factory=Metrics)
    traces: Traces = field(default_factory=Traces)
    draining: Event = field(default_factory=Event)
    """Set once this process has been told to end: nothing new is begun here."""


@dataclass(frozen=True)
class Client:
    """Where a request comes from: address and device, as told by the transport."""

    address: str
    device: str
