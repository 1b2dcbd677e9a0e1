"""The password asked again, before what a stolen session must not do."""

from __future__ import annotations

from backend import throttle
from backend.passwords import verify_password
from backend.problems import field_problem
from backend.services import Client, Services
from backend.storage.tables import Person


def reauthenticate(
    services: Services, client: Client, person: Person, password: str,
    field: str = "current_password",
) -> None:  # fmt: skip
    """Nothing, when `password` is the person's. Raises invalid-input naming `field`
    (password_wrong), or throttled."""
    pair = ("account+address", throttle.bucket("account+address", person.email, client.address))
    throttle.take(services.storage, services.clock, pair)
    if not verify_password(password, person.password_hash, services.settings):
        raise field_problem(field, "password_wrong")
    throttle.forget(services.storage, pair[1])
