"""The half of a device's key: given for the right code, destroyed after ten wrong ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.world import API, Someone, World

RIGHT, WRONG = "ab" * 32, "cd" * 32


@pytest.fixture
def someone(world: World) -> Someone:
    return world.person()


def made(someone: Someone) -> dict[str, Any]:
    answer = someone.call("POST", "/device-keys", {"proof": RIGHT})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def tried(world: World, key: str, proof: str) -> Any:
    """Asked by a locked device: without a session."""
    return world.client.post(f"{API}/device-keys/{key}/release", json={"proof": proof})


def test_the_right_code_gets_the_half_and_gives_the_tries_back(
    world: World, someone: Someone
) -> None:
    key = made(someone)
    assert len(bytes.fromhex(key["half"])) == 32
    for left in (9, 8):
        refused = tried(world, key["id"], WRONG)
        assert (refused.status_code, refused.json()["code"]) == (403, "pin-wrong")
        assert refused.json()["extra"] == {"left": left}
    assert someone.get("/device-keys").json()[0]["left"] == 8
    assert tried(world, key["id"], RIGHT).json() == key
    assert tried(world, key["id"], WRONG).json()["extra"] == {"left": 9}


def test_ten_wrong_codes_destroy_it_and_end_the_session_of_the_device(
    world: World, someone: Someone
) -> None:
    key = made(someone)
    for _ in range(9):
        assert tried(world, key["id"], WRONG).status_code == 403
    assert tried(world, key["id"], WRONG).json()["code"] == "device-revoked"
    assert tried(world, key["id"], RIGHT).json()["code"] == "device-revoked"
    assert someone.get("/me").status_code == 401
    someone.sign_in()
    listed = someone.get("/device-keys").json()
    assert [(row["state"], row["left"]) for row in listed] == [("spent", 0)]
    with world.services.storage.read() as database:
        assert database.scalar(text("SELECT half FROM device_keys")) is None


def test_codes_tried_at_once_are_all_counted(world: World, someone: Someone) -> None:
    key = made(someone)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: tried(world, key["id"], WRONG), range(14)))
    codes = [answer.json()["code"] for answer in answers]
    assert codes.count("pin-wrong") == 9
    assert codes.count("device-revoked") == 5
    assert tried(world, key["id"], RIGHT).status_code == 410


def test_a_device_is_revoked_from_another(world: World, someone: Someone) -> None:
    key = made(someone)
    phone = someone.token
    someone.sign_in()
    stranger = world.person("autre@example.org")
    assert stranger.get("/device-keys").json() == []
    assert stranger.call("DELETE", f"/device-keys/{key['id']}").status_code == 404
    assert someone.call("DELETE", f"/device-keys/{key['id']}").status_code == 204
    assert someone.get("/device-keys").json() == []
    assert tried(world, key["id"], RIGHT).json()["code"] == "device-revoked"
    assert someone.get("/me").status_code == 200
    someone.token = phone
    assert someone.get("/me").status_code == 401, "the session of the lost device has ended"


def test_a_device_that_takes_its_code_away_stays_signed_in(someone: Someone) -> None:
    key = made(someone)
    assert someone.call("DELETE", f"/device-keys/{key['id']}").status_code == 204
    assert someone.get("/me").status_code == 200


def test_an_unknown_key_is_not_a_revoked_one(world: World, someone: Someone) -> None:
    """A device that asks the wrong collector must not erase itself."""
    made(someone)
    assert tried(world, "x" * 43, RIGHT).status_code == 404
    assert tried(world, "x" * 43, "zz").status_code == 422


def test_neither_half_nor_code_is_readable_at_rest(world: World, someone: Someone) -> None:
    key = made(someone)
    with world.services.storage.read() as database:
        row = database.execute(text("SELECT half, proof_hash FROM device_keys")).one()
    assert key["half"] not in row[0]
    assert row[1] != RIGHT


def test_addresses_that_try_many_devices_are_slowed_down(world: World, someone: Someone) -> None:
    key = made(someone)
    answers = {tried(world, f"{n:043}", WRONG).status_code for n in range(70)}
    assert answers == {404, 429}
    assert tried(world, key["id"], RIGHT).status_code == 429
