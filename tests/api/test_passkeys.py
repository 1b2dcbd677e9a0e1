"""Passkeys: made by their owner, used by their device, refused in every other way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from backend.storage.factor import Passkey
from backend.storage.tables import Audit
from tests.api.conftest import Build
from tests.api.test_factor import AGAIN, challenge_of, enrolled, first_step, told
from tests.support.authenticator import Device, encoded
from tests.support.world import API, PASSWORD, Someone, World


def options(world: World, **body: Any) -> dict[str, Any]:
    answer = world.client.post(f"{API}/passkeys/options", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def use(world: World, ceremony: str, credential: dict[str, Any]):  # type: ignore[no-untyped-def]
    return world.client.post(
        f"{API}/sessions/passkey", json={"ceremony": ceremony, "credential": credential}
    )


def making(someone: Someone) -> dict[str, Any]:
    answer = someone.call("POST", "/me/passkeys/options", AGAIN)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def keep(someone: Someone, ceremony: str, credential: dict[str, Any]):  # type: ignore[no-untyped-def]
    body = {"ceremony": ceremony, "name": "Téléphone", "credential": credential}
    return someone.call("POST", "/me/passkeys", body)


def device(world: World, someone: Someone) -> Device:
    """Someone's device, with a passkey that is kept."""
    made = Device(world.settings.url)
    asked = making(someone)
    answer = keep(someone, asked["ceremony"], made.make(asked["options"]))
    assert answer.status_code == 201, answer.text
    return made


def test_a_passkey_opens_a_session_without_password(world: World) -> None:
    someone = world.person()
    mine = device(world, someone)
    assert "clé d’accès vient d’être ajoutée" in told(world)[-1]
    asked = options(world)
    assert asked["options"]["rpId"] == "quittance.example"
    assert asked["options"]["userVerification"] == "required"
    assert not asked["options"]["allowCredentials"]
    answer = use(world, asked["ceremony"], mine.sign(asked["options"]))
    assert answer.status_code == 201, answer.text
    me = Someone(world, answer.json()["token"], "", "").get("/me").json()
    assert me["email"] == someone.address
    [key] = someone.get("/me/security").json()["passkeys"]
    assert (key["name"], key["last_used_at"] is not None) == ("Téléphone", True)


def test_a_challenge_is_signed_once_and_soon(world: World) -> None:
    mine = device(world, world.person())
    asked = options(world)
    signed = mine.sign(asked["options"])
    assert use(world, asked["ceremony"], signed).status_code == 201
    again = use(world, asked["ceremony"], signed)
    assert (again.status_code, again.json()["code"]) == (410, "challenge-over")
    late = options(world)
    world.clock.advance(minutes=10)
    assert use(world, late["ceremony"], mine.sign(late["options"])).status_code == 410


LIES: dict[str, dict[str, Any]] = {
    "wrong origin": {"origin": "https://evil.example"},
    "origin of a neighbour": {"origin": "https://app.quittance.example"},
    "another challenge": {"challenge": encoded(b"x" * 64)},
    "another host": {"host": "evil.example"},
    "nobody verified": {"flags": 0x01},
    "nobody there": {"flags": 0x04},
    "another ceremony": {"kind": "webauthn.create"},
    "another person's handle": {"handle": b"0" * 32},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_signed_as_asked_is_refused(world: World, lie: str) -> None:
    mine = device(world, world.person())
    asked = options(world)
    answer = use(world, asked["ceremony"], mine.sign(asked["options"], **LIES[lie]))
    assert (answer.status_code, answer.json()["code"]) == (403, "passkey-refused")


def test_a_signature_of_another_key_and_broken_bytes_are_refused(world: World) -> None:
    mine = device(world, world.person())
    asked = options(world)
    thief = Device(world.settings.url)
    thief.id, thief.handle = mine.id, mine.handle
    assert use(world, asked["ceremony"], thief.sign(asked["options"])).status_code == 403
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        asked = options(world)
        signed = mine.sign(asked["options"])
        for broken in ("", "AAAA", "!!", 12, None, {"a": []}):
            signed["response"][part] = broken
            assert use(world, asked["ceremony"], signed).status_code in (403, 410)
    asked = options(world)
    assert use(world, asked["ceremony"], mine.sign(asked["options"])).status_code == 201


def test_a_counter_that_goes_back_is_a_copy_and_the_owner_is_told(world: World) -> None:
    mine = device(world, world.person())
    for step in (3, 0):
        asked = options(world)
        answer = use(world, asked["ceremony"], mine.sign(asked["options"], step=step))
    assert (answer.status_code, answer.json()["code"]) == (403, "passkey-refused")
    assert "a peut-être été copiée" in told(world)[-1]
    with world.services.storage.read() as database:
        why = [row.detail.get("why") for row in database.scalars(select(Audit)).all()]
    assert "counter" in why


def test_challenges_are_counted_by_address_and_right_ones_are_not(world: World) -> None:
    mine = device(world, world.person())
    for _ in range(3):
        asked = options(world)
        assert use(world, asked["ceremony"], mine.sign(asked["options"])).status_code == 201
    answers = [world.client.post(f"{API}/passkeys/options", json={}) for _ in range(61)]
    assert [a.status_code for a in answers] == [201] * 60 + [429]


def test_a_device_without_counter_is_welcome(world: World) -> None:
    mine = device(world, world.person())
    for _ in range(2):
        asked = options(world)
        answer = use(world, asked["ceremony"], mine.sign(asked["options"], step=0))
        assert answer.status_code == 201


def test_a_passkey_is_the_second_step_too(world: World) -> None:
    someone = world.person()
    mine = device(world, someone)
    enrolled(world, someone)
    assert first_step(world, someone).json()["extra"]["passkeys"] is True
    challenge = challenge_of(world, someone)
    asked = options(world, challenge=challenge)
    assert [k["id"] for k in asked["options"]["allowCredentials"]] == [encoded(mine.id)]
    assert use(world, asked["ceremony"], mine.sign(asked["options"])).status_code == 201
    again = world.client.post(f"{API}/passkeys/options", json={"challenge": challenge})
    assert again.status_code == 410


def test_the_second_step_is_not_for_the_passkey_of_another(world: World) -> None:
    camille, alex = world.person(), world.person("alex@example.org")
    device(world, camille)
    hers = device(world, alex)
    enrolled(world, camille)
    asked = options(world, challenge=challenge_of(world, camille))
    answer = use(world, asked["ceremony"], hers.sign(asked["options"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "passkey-refused")


@pytest.mark.parametrize(
    "lie",
    [{"origin": "https://evil.example"}, {"challenge": encoded(b"x" * 64)}, {"flags": 0x41}],
    ids=["origin", "challenge", "not verified"],
)
def test_a_passkey_is_made_for_us_or_not_at_all(world: World, lie: dict[str, Any]) -> None:
    someone = world.person()
    asked = making(someone)
    made = Device(world.settings.url).make(asked["options"], **lie)
    answer = keep(someone, asked["ceremony"], made)
    assert (answer.status_code, answer.json()["code"]) == (403, "passkey-refused")
    assert someone.get("/me/security").json()["passkeys"] == []


def test_the_ceremony_of_another_person_or_session_makes_nothing(world: World) -> None:
    camille, alex = world.person(), world.person("alex@example.org")
    asked = making(camille)
    made = Device(world.settings.url).make(asked["options"])
    assert keep(alex, asked["ceremony"], made).status_code == 410
    asked = making(camille)
    made = Device(world.settings.url).make(asked["options"])
    camille.sign_in()
    assert keep(camille, asked["ceremony"], made).status_code == 410


def test_a_credential_has_one_owner(world: World) -> None:
    camille, alex = world.person(), world.person("alex@example.org")
    hers = device(world, camille)
    asked = making(alex)
    answer = keep(alex, asked["ceremony"], hers.make(asked["options"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "passkey-refused")
    with world.services.storage.read() as database:
        assert [k.person_id for k in database.scalars(select(Passkey)).all()] == [camille.id]


def test_making_asks_the_password_a_session_and_a_confirmed_address(world: World) -> None:
    someone = world.person()
    path = "/me/passkeys/options"
    wrong = someone.call("POST", path, {"current_password": "pas la bonne phrase"})
    assert wrong.json()["errors"][0]["code"] == "password_wrong"
    assert world.client.post(API + path, json=AGAIN).status_code == 401
    cookie = {"Cookie": f"__Host-quittance_session={someone.token}"}
    assert world.client.post(API + path, json=AGAIN, headers=cookie).status_code == 403
    ours = {**cookie, "Origin": world.settings.url}
    assert world.client.post(API + path, json=AGAIN, headers=ours).status_code == 201
    other = world.person("alex@example.org", confirmed=False)
    assert other.call("POST", path, AGAIN).json()["code"] == "email-not-confirmed"


def test_mine_are_renamed_and_removed_by_me_alone(world: World) -> None:
    camille, alex = world.person(), world.person("alex@example.org")
    mine = device(world, camille)
    [key] = camille.get("/me/security").json()["passkeys"]
    path = f"/me/passkeys/{key['id']}"
    for call in (("PATCH", path, {"name": "À moi"}), ("POST", f"{path}/remove", AGAIN)):
        assert alex.call(*call).status_code == 404
    renamed = camille.call("PATCH", path, {"name": "  Ordinateur "})
    assert renamed.json()["name"] == "Ordinateur"
    wrong = camille.call("POST", f"{path}/remove", {"current_password": "non"})
    assert wrong.status_code == 422
    assert camille.call("POST", f"{path}/remove", AGAIN).status_code == 204
    asked = options(world)
    assert use(world, asked["ceremony"], mine.sign(asked["options"])).status_code == 403
    assert "vient d’être retirée" in told(world)[-1]


@pytest.mark.parametrize("url", ["https://192.0.2.1", "http://quittance.example", ""])
def test_none_where_browsers_would_refuse(build: Build, url: str) -> None:
    world = build(public_url=url)
    assert world.client.get(f"{API}/sign-in-ways").json()["passkeys"] is False
    assert world.client.post(f"{API}/passkeys/options", json={}).status_code == 403


def test_who_never_confirmed_an_address_loses_its_ways_in(world: World) -> None:
    # Someone signs up with the address of another, who then asks for a new password.
    someone = world.person(confirmed=False)
    with world.services.storage.write() as database:
        database.add(
            Passkey(person_id=someone.id, credential_id="abc", public_key="", sign_count=0,
                    name="x", synced=False, created_at=world.clock.now(), last_used_at=None)
        )  # fmt: skip
    world.client.post(f"{API}/password-resets", json={"email": someone.address})
    answer = world.client.post(
        f"{API}/password-resets/complete",
        json={"token": world.token_sent("reset"), "password": PASSWORD + "!"},
    )
    assert answer.status_code == 204
    with world.services.storage.read() as database:
        assert database.scalars(select(Passkey)).all() == []


# -- The pages -----------------------------------------------------------------------------------


def test_the_pages_hold_no_inline_script_and_a_strict_policy(world: World) -> None:
    someone = world.person()
    cookie = {"Cookie": f"__Host-quittance_session={someone.token}"}
    for path in ("/auth/passkey/new", "/auth/passkey/signin?lang=en"):
        page = world.client.get(path, headers=cookie)
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<style" not in page.text
        assert page.text.count("<script") == 1
        assert 'src="/auth/passkey/page.js"' in page.text
        assert page.headers["cache-control"] == "no-store"
    assert (
        world.client.get("/auth/passkey/page.js")
        .headers["content-type"]
        .startswith("text/javascript")
    )
    assert world.client.get("/auth/passkey/page.css").status_code == 200


def test_the_pages_go_nowhere_else_and_need_a_session(world: World) -> None:
    world.client.cookies.clear()
    page = world.client.get(
        "/auth/passkey/signin", params={"next": 'https://evil.example"><script>', "lang": "fr"}
    )
    assert 'data-next="/home"' in page.text
    answer = world.client.get("/auth/passkey/new", follow_redirects=False)
    assert answer.headers["location"] == "/signin?next=%2Fsecurite"
