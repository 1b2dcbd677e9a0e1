"""Codes (PIN) that open the app on a device: the half of the key that the collector keeps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from contract.base import Answer, Instant, Wire

TRIES = 10
"""Wrong codes before the half is destroyed here, and what the device keeps is erased there."""

Proof = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""Derived from the code with a salt that never leaves the device: it says nothing of the code to
who does not hold the device."""


class DeviceKeyAsk(Wire):
    """A code was chosen on this device."""

    proof: Proof


class DeviceKeyMade(Answer):
    """The half of the key of a device, 32 bytes in hexadecimal."""

    id: str
    half: str


class DeviceKeyRelease(Wire):
    """The code was typed on the device."""

    proof: Proof


class DeviceKeyView(Answer):
    """A device of mine that opens with a code."""

    id: str
    device: str
    created_at: Instant
    opened_at: Instant
    """When its code was last right, with a network."""
    left: int
    """Wrong codes it may still receive."""
    state: Literal["active", "spent"]
