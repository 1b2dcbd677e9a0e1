"""Sessions: opened, seen, ended, handed to the browser; tries slowed down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from backend.api.auth_pages import safe_path
from backend.secrets import token_hash
from backend.storage.tables import OneTimeToken, Session
from tests.api.conftest import Build
from tests.support.world import API, PASSWORD, Someone, World

COOKIE = "__Host-quittance_session"


def try_in(world: World, password: str, email: str = "camille@example.org", **headers: str):  # type: ignore[no-untyped-def]
    return world.client.post(
        f"{API}/sessions", json={"email": email, "password": password}, headers=headers
    )


def finish(someone: Someone, following: str = "", **headers: str):  # type: ignore[no-untyped-def]
    path = someone.call("POST", "/sessions/handoff").json()["path"]
    return someone.world.client.get(path + following, headers=headers, follow_redirects=False)


def test_the_database_holds_no_token_that_works(world: World) -> None:
    someone = world.person()
    with world.services.storage.read() as database:
        kept = database.scalars(select(Session.token_hash)).all()
    assert kept == [token_hash(someone.token)]
    someone.token = kept[0]
    assert someone.get("/me").status_code == 401


def test_unknown_address_and_wrong_password_get_the_same_answer(world: World) -> None:
    world.person()
    wrong, unknown = try_in(world, "pas la bonne phrase"), try_in(world, PASSWORD, "x@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.headers["www-authenticate"] == "Bearer"


def test_an_unknown_address_costs_the_same_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import argon2

    worked = []
    verify = argon2.PasswordHasher.verify
    monkeypatch.setattr(
        argon2.PasswordHasher, "verify",
        lambda self, kept, given: worked.append(kept[:40]) or verify(self, kept, given),
    )  # fmt: skip
    world.person()
    try_in(world, "pas la bonne phrase")
    try_in(world, PASSWORD, "x@example.org")
    assert len(worked) == 2
    assert worked[0].split("$")[1:4] == worked[1].split("$")[1:4]  # same parameters


def test_idle_sessions_end(world: World) -> None:
    someone = world.person()
    for _ in range(3):
        world.clock.advance(minutes=59)
        assert someone.get("/me").status_code == 200
    world.clock.advance(minutes=60)
    answer = someone.get("/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


def test_sessions_end_at_their_age_whatever_their_use(world: World) -> None:
    someone = world.person()
    for _ in range(13):
        world.clock.advance(minutes=55)
        assert someone.get("/me").status_code == 200
    world.clock.advance(minutes=5)
    assert someone.get("/me").status_code == 401


def test_refreshing_changes_the_token_not_the_age(world: World) -> None:
    someone = world.person()
    first = someone.token
    world.clock.advance(minutes=50)
    answer = someone.call("POST", "/sessions/refresh")
    assert answer.status_code == 201
    someone.token = answer.json()["token"]
    assert someone.token != first
    assert Someone(world, first, "", "").get("/me").status_code == 401
    for _ in range(13):
        world.clock.advance(minutes=55)
        someone.get("/me")
    assert someone.get("/me").status_code == 401


def test_my_sessions_are_listed_and_ended_one_by_one(world: World) -> None:
    someone = world.person()
    phone = try_in(world, PASSWORD, **{"User-Agent": "Téléphone".encode()}).json()  # type: ignore[arg-type]
    listed = someone.get("/sessions").json()
    assert sorted(s["current"] for s in listed) == [False, True]
    assert all("token" not in s for s in listed)
    assert someone.call("DELETE", f"/sessions/{phone['session']['id']}").status_code == 204
    assert Someone(world, phone["token"], "", "").get("/me").status_code == 401
    assert len(someone.get("/sessions").json()) == 1
    assert someone.call("DELETE", f"/sessions/{phone['session']['id']}").status_code == 404


def test_all_my_other_sessions_end_at_once(world: World) -> None:
    someone = world.person()
    others = [try_in(world, PASSWORD).json()["token"] for _ in range(3)]
    assert someone.call("DELETE", "/sessions").status_code == 204
    assert someone.get("/me").status_code == 200
    assert {Someone(world, t, "", "").get("/me").status_code for t in others} == {401}


def test_nobody_ends_the_session_of_another(world: World) -> None:
    camille, alex = world.person(), world.person("alex@example.org")
    mine = camille.get("/sessions").json()[0]["id"]
    for session in (mine, "nope", "a%00b"):
        assert alex.call("DELETE", f"/sessions/{session}").status_code == 404
    assert camille.get("/me").status_code == 200


def test_signing_out_ends_the_session(world: World) -> None:
    someone = world.person()
    answer = someone.call("DELETE", "/sessions/current")
    assert answer.status_code == 204
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert someone.get("/me").status_code == 401


# -- The browser's cookie ------------------------------------------------------------------------


def test_a_code_becomes_a_cookie_once(world: World) -> None:
    someone = world.person()
    path = someone.call("POST", "/sessions/handoff").json()["path"]
    answer = world.client.get(f"{path}&next=/history", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/history")
    morsel = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert (morsel["httponly"], morsel["secure"], morsel["samesite"]) == (True, True, "lax")
    assert morsel["path"] == "/"
    assert someone.get("/me").status_code == 401  # the bearer gave its place
    world.client.cookies.clear()
    seen = world.client.get(f"{API}/me", headers={"Cookie": f"{COOKIE}={morsel.value}"})
    assert seen.status_code == 200
    again = world.client.get(path, follow_redirects=False)
    assert again.headers["location"] == "/signin"
    assert "set-cookie" not in again.headers


def test_a_code_lasts_a_minute(world: World) -> None:
    someone = world.person()
    path = someone.call("POST", "/sessions/handoff").json()["path"]
    world.clock.advance(seconds=60)
    answer = world.client.get(path, follow_redirects=False)
    assert answer.headers["location"] == "/signin"


def test_a_code_of_an_ended_session_opens_nothing(world: World) -> None:
    someone = world.person()
    path = someone.call("POST", "/sessions/handoff").json()["path"]
    someone.call("DELETE", "/sessions/current")
    assert world.client.get(path, follow_redirects=False).headers["location"] == "/signin"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_sign_a_browser_in(world: World, site: str) -> None:
    answer = finish(world.person(), **{"Sec-Fetch-Site": site})
    assert answer.headers["location"] == "/signin"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "javascript:alert(1)",
     "/a\\b", "/a\nb", "\t//evil.example", "/\t/evil.example"],
)  # fmt: skip
def test_only_paths_of_this_site_are_followed(target: str) -> None:
    assert safe_path(target) == "/home"


def test_leaving_forgets_the_cookie(world: World) -> None:
    answer = world.client.get("/auth/leave", follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


# -- Tries ---------------------------------------------------------------------------------------


def test_tries_are_slowed_down_and_say_for_how_long(world: World) -> None:
    world.person()
    for _ in range(8):
        assert try_in(world, "pas la bonne phrase").status_code == 401
    answer = try_in(world, PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= 900
    world.clock.advance(seconds=wait)
    assert try_in(world, PASSWORD).status_code == 201


def test_a_right_password_empties_the_count(world: World) -> None:
    world.person()
    for _ in range(3):
        for _ in range(7):
            assert try_in(world, "pas la bonne phrase").status_code == 401
        assert try_in(world, PASSWORD).status_code == 201


def test_tries_at_once_are_all_counted(world: World) -> None:
    world.person()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: try_in(world, "pas la bonne phrase"), range(24)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) == 8
    assert statuses.count(429) == 16


def test_strangers_do_not_lock_the_owner_out(build: Build) -> None:
    world = build(trusted_proxy="10.0.0.1")
    world.client = TestClient(world.app, world.settings.url, client=("10.0.0.1", 1))
    world.person()
    assert try_in(world, PASSWORD, **{"X-Forwarded-For": "192.0.2.1"}).status_code == 201
    for stranger in range(10):
        for _ in range(8):
            last = try_in(
                world, "pas la bonne phrase", **{"X-Forwarded-For": f"198.51.100.{stranger}"}
            )
    assert last.status_code == 429  # the account is under attack from everywhere
    fresh = try_in(world, PASSWORD, **{"X-Forwarded-For": "203.0.113.9"})
    assert fresh.status_code == 429
    home = try_in(world, PASSWORD, **{"X-Forwarded-For": "192.0.2.1"})
    assert home.status_code == 201


def test_an_address_that_tries_many_accounts_is_slowed_down(world: World) -> None:
    for n in range(60):
        assert try_in(world, PASSWORD, f"p{n}@example.org").status_code == 401
    assert try_in(world, PASSWORD, "other@example.org").status_code == 429


def test_a_client_cannot_name_its_own_address(world: World) -> None:
    world.person()
    for n in range(8):
        try_in(world, "pas la bonne phrase", **{"X-Forwarded-For": f"198.51.100.{n}"})
    answer = try_in(world, PASSWORD, **{"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 429


def test_codes_are_kept_as_hashes(world: World) -> None:
    someone = world.person()
    code = someone.call("POST", "/sessions/handoff").json()["code"]
    with world.services.storage.read() as database:
        kept = database.scalars(select(OneTimeToken.token_hash)).all()
        assert database.scalar(select(func.count()).select_from(OneTimeToken)) == 2
    assert code not in kept
    assert token_hash(code) in kept
