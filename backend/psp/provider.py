"""What a provider of card payments answers. The collector never sees a card number: the person
pays on the provider's own pages, and the provider tells the outcome in a signed notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class SignatureInvalid(ValueError):
    """A notice that the provider did not sign, or signed too long ago."""


@dataclass(frozen=True)
class Opened:
    """A payment begun at the provider: its name there, and where to send the window."""

    provider_ref: str
    url: str


@dataclass(frozen=True)
class Notice:
    """What a notice says. `event` is told again as often as the provider likes; `outcome` is paid
    or failed."""

    event: str
    provider_ref: str
    outcome: str
    amount: Decimal


class Provider(Protocol):
    """One provider of card payments."""

    name: str

    def begin(self, reference: str, amount: Decimal, return_url: str) -> Opened:
        """Begin a payment of `amount` euros; the person comes back to `return_url`."""
        ...

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A notice, once its signature is checked. Raises SignatureInvalid."""
        ...
