"""Codes that open the app on a device: the collector's half of each key."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import device_keys
from contract.device_keys import DeviceKeyAsk, DeviceKeyMade, DeviceKeyRelease, DeviceKeyView
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/device-keys", tags=["device-keys"])
KeyId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,64}$")]
ID = "Vn3hYB1cQ0m7wZk2pLrT9sXaUeGdJiOfKq4tN8vC6xM"
WHEN = "2026-11-23T11:00:00.000Z"
EXAMPLES = {
    "DeviceKeyAsk": {"proof": "9f" * 32},
    "DeviceKeyRelease": {"proof": "9f" * 32},
    "DeviceKeyMade": {"id": ID, "half": "4c" * 32},
    "DeviceKeyView": {
        "id": ID, "device": "Firefox sur Android", "created_at": WHEN, "opened_at": WHEN,
        "left": 10, "state": "active",
    },
}  # fmt: skip


@router.post("", status_code=201, responses=responses(P.NOT_AUTHENTICATED))
def make(
    asked: DeviceKeyAsk, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> DeviceKeyMade:
    """Keep half of the key of this device, which just chose a code."""
    return device_keys.make(services, client, caller.person, caller.session, asked.proof)


@router.get("", responses=responses(P.NOT_AUTHENTICATED))
def mine(services: ServicesDep, caller: CallerDep) -> list[DeviceKeyView]:
    """My devices that open with a code."""
    return device_keys.mine(services, caller.person)


@router.post(
    "/{key_id}/release",
    responses=responses(P.PIN_WRONG, P.DEVICE_REVOKED, P.NOT_FOUND, P.THROTTLED),
)
def release(
    key_id: KeyId, asked: DeviceKeyRelease, services: ServicesDep, client: ClientDep
) -> DeviceKeyMade:
    """The half, for the right code. Ten wrong ones destroy it. Asked without a session: a locked
    device holds none that it can read."""
    return device_keys.release(services, client, key_id, asked.proof)


@router.delete("/{key_id}", status_code=204, responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND))
def revoke(key_id: KeyId, services: ServicesDep, caller: CallerDep) -> None:
    """Destroy the half: the device erases itself when its code is next typed with a network."""
    device_keys.revoke(services, caller.person, caller.session, key_id)
