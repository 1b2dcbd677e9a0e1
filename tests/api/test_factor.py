"""Two steps to sign in: the app, its recovery codes, and the way out when the phone is lost."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select, text

from backend import totp
from backend.clock import FixedDayClock
from backend.storage.factor import Factor, RecoveryCode
from backend.storage.tables import Audit
from tests.support.world import API, PASSWORD, Someone, World

AGAIN = {"current_password": PASSWORD}


def code(world: World, secret: str, steps: int = 0) -> str:
    """What the phone shows, `steps` from now."""
    return pyotp.TOTP(secret).generate_otp(totp.step_of(world.clock.now()) + steps)


def enrolled(world: World, someone: Someone) -> tuple[str, list[str]]:
    """Someone with an app: secret and recovery codes. The step after is the first that works."""
    setup = someone.call("POST", "/me/totp", AGAIN)
    assert setup.status_code == 201, setup.text
    secret = setup.json()["secret"].replace(" ", "")
    answer = someone.call("POST", "/me/totp/confirm", {"code": code(world, secret)})
    assert answer.status_code == 201, answer.text
    world.clock.advance(seconds=30)
    return secret, answer.json()["codes"]


def first_step(world: World, someone: Someone, password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return world.client.post(
        f"{API}/sessions", json={"email": someone.address, "password": password}
    )


def challenge_of(world: World, someone: Someone) -> str:
    answer = first_step(world, someone)
    assert (answer.status_code, answer.json()["code"]) == (401, "second-factor-needed")
    return str(answer.json()["extra"]["challenge"])


def give(world: World, challenge: str, given: str):  # type: ignore[no-untyped-def]
    return world.client.post(
        f"{API}/sessions/second-factor", json={"challenge": challenge, "code": given}
    )


def told(world: World) -> list[str]:
    """Texts of the messages sent, latest last."""
    return [m.get_body(("plain",)).get_content() for m in world.messages()]  # type: ignore[union-attr]


def test_codes_are_those_of_the_rfc() -> None:
    # RFC 6238, appendix B (SHA-1), cut to six digits.
    secret = base64.b32encode(b"12345678901234567890").decode()
    from datetime import UTC, datetime

    for seconds, expected in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        moment = datetime.fromtimestamp(seconds, UTC)
        assert totp.matching_step(secret, expected, moment, 0) == seconds // 30


def test_the_phone_stands_on_the_real_day_even_in_a_demo() -> None:
    from datetime import UTC, date, datetime

    clock = FixedDayClock(date(2020, 1, 1))
    assert abs((clock.real() - datetime.now(UTC)).total_seconds()) < 60


def test_the_qr_code_holds_the_address(world: World) -> None:
    setup = world.person().call("POST", "/me/totp", AGAIN).json()
    picture = Image.open(io.BytesIO(base64.b64decode(setup["qr"])))
    found = zxingcpp.read_barcodes(picture.convert("L"))
    assert [one.text for one in found] == [setup["uri"]]
    assert setup["uri"].startswith("otpauth://totp/Quittance:")


def test_sign_in_takes_two_steps_once_the_app_is_confirmed(world: World) -> None:
    someone = world.person()
    setup = someone.call("POST", "/me/totp", AGAIN).json()
    assert first_step(world, someone).status_code == 201  # not confirmed: nothing changes
    secret = setup["secret"].replace(" ", "")
    wrong = someone.call("POST", "/me/totp/confirm", {"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "code-wrong")
    someone.call("POST", "/me/totp/confirm", {"code": code(world, secret)})
    assert any("vient d’être activée" in each for each in told(world))
    world.clock.advance(seconds=30)
    challenge = challenge_of(world, someone)
    assert Someone(world, challenge, "", "").get("/me").status_code == 401
    answer = give(world, challenge, code(world, secret))
    assert answer.status_code == 201
    assert Someone(world, answer.json()["token"], "", "").get("/me").status_code == 200


def test_the_secret_is_encrypted_and_the_codes_are_hashes(world: World) -> None:
    someone = world.person()
    secret, codes = enrolled(world, someone)
    with world.services.storage.read() as database:
        raw = database.scalar(text("SELECT secret FROM factors"))
        kept = set(database.scalars(select(RecoveryCode.code_hash)).all())
    assert secret not in raw
    assert len(kept) == len(codes) == 10
    assert not kept & {each.replace("-", "") for each in codes}


def test_a_code_opens_once(world: World) -> None:
    someone = world.person()
    secret, _ = enrolled(world, someone)
    given = code(world, secret)
    assert give(world, challenge_of(world, someone), given).status_code == 201
    assert give(world, challenge_of(world, someone), given).status_code == 403
    # Nor an older one, though it is within the drift.
    assert give(world, challenge_of(world, someone), code(world, secret, -1)).status_code == 403
    assert give(world, challenge_of(world, someone), code(world, secret, 1)).status_code == 201


def test_ten_requests_with_one_code_open_one_session(world: World) -> None:
    someone = world.person()
    secret, _ = enrolled(world, someone)
    given, challenges = code(world, secret), [challenge_of(world, someone) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda c: give(world, c, given).status_code, challenges))
    assert sorted(answers) == [201, 403, 403, 403]


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 201), (0, 201), (1, 201), (2, 403)])
def test_a_phone_may_be_half_a_minute_off(world: World, steps: int, status: int) -> None:
    someone = world.person()
    secret, _ = enrolled(world, someone)
    world.clock.advance(minutes=5)
    assert give(world, challenge_of(world, someone), code(world, secret, steps)).status_code == (
        status
    )


def test_the_challenge_is_short_lived_and_used_once(world: World) -> None:
    someone = world.person()
    secret, codes = enrolled(world, someone)
    late = challenge_of(world, someone)
    world.clock.advance(minutes=5)
    answer = give(world, late, code(world, secret))
    assert (answer.status_code, answer.json()["code"]) == (410, "challenge-over")
    used = challenge_of(world, someone)
    assert give(world, used, code(world, secret)).status_code == 201
    assert give(world, used, codes[0]).status_code == 410
    assert give(world, "x" * 40, codes[0]).status_code == 410


def test_five_codes_a_challenge_and_the_owner_is_told(world: World) -> None:
    someone = world.person()
    secret, _ = enrolled(world, someone)
    challenge = challenge_of(world, someone)
    left = [give(world, challenge, "000000").json()["extra"]["left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert give(world, challenge, code(world, secret)).status_code == 410
    assert "plusieurs codes faux" in told(world)[-1]


def test_strangers_with_the_password_are_slowed_the_owner_is_not(world: World) -> None:
    someone = world.person()
    secret, codes = enrolled(world, someone)
    # The owner has signed in from this address.
    assert give(world, challenge_of(world, someone), code(world, secret)).status_code == 201
    from starlette.testclient import TestClient

    statuses = []
    for number in range(4):
        stranger = TestClient(world.app, world.settings.url, client=(f"203.0.113.{number}", 1))
        opened = stranger.post(
            f"{API}/sessions", json={"email": someone.address, "password": PASSWORD}
        )
        found = opened.json()["extra"]["challenge"]
        for _ in range(3):
            statuses.append(
                stranger.post(
                    f"{API}/sessions/second-factor", json={"challenge": found, "code": "000000"}
                ).status_code
            )
    assert statuses == [403] * 10 + [429] * 2
    assert give(world, challenge_of(world, someone), codes[0]).status_code == 201


def test_a_wrong_password_answers_as_before(world: World) -> None:
    someone, other = world.person(), world.person("alex@example.org")
    enrolled(world, someone)
    assert first_step(world, someone, "pas la bonne").json() == (
        first_step(world, other, "pas la bonne").json()
    )


def test_recovery_codes_open_once_each_and_are_made_again(world: World) -> None:
    someone = world.person()
    _, codes = enrolled(world, someone)
    typed = codes[0].lower().replace("-", " ").replace("0", "o")
    assert give(world, challenge_of(world, someone), typed).status_code == 201
    assert "code de secours vient d’ouvrir" in told(world)[-1]
    assert someone.get("/me/security").json()["recovery_left"] == 9
    assert give(world, challenge_of(world, someone), codes[0]).status_code == 403
    fresh = someone.call("POST", "/me/recovery-codes", AGAIN)
    assert fresh.status_code == 201
    assert give(world, challenge_of(world, someone), codes[1]).status_code == 403
    assert give(world, challenge_of(world, someone), fresh.json()["codes"][1]).status_code == 201


def test_the_code_of_another_opens_nothing(world: World) -> None:
    camille, alex = world.person(), world.person("alex@example.org")
    _, hers = enrolled(world, camille)
    secret, his = enrolled(world, alex)
    for given in (his[0], code(world, secret)):
        assert give(world, challenge_of(world, camille), given).status_code == 403
    assert give(world, challenge_of(world, camille), hers[0]).status_code == 201


@pytest.mark.parametrize("path", ["/me/totp", "/me/totp/remove", "/me/recovery-codes"])
def test_what_changes_the_factor_asks_the_password(world: World, path: str) -> None:
    someone = world.person()
    if path != "/me/totp":
        enrolled(world, someone)
    answer = someone.call("POST", path, {"current_password": "pas la bonne phrase"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "password_wrong"
    assert world.client.post(API + path, json=AGAIN).status_code == 401


def test_removing_it_makes_sign_in_one_step_again(world: World) -> None:
    someone = world.person()
    enrolled(world, someone)
    again = someone.call("POST", "/me/totp", AGAIN)
    assert (again.status_code, again.json()["code"]) == (409, "factor-present")
    assert someone.call("POST", "/me/totp/remove", AGAIN).status_code == 204
    assert "vient d’être retirée" in told(world)[-1]
    assert first_step(world, someone).status_code == 201
    with world.services.storage.read() as database:
        assert database.scalars(select(RecoveryCode)).all() == []
        actions = database.scalars(select(Audit.action)).all()
    assert {"factor.enrol", "factor.confirm", "factor.recovery_made", "factor.remove"} <= (
        set(actions)
    )


def test_a_factor_needs_an_address_to_be_given_up_by(world: World) -> None:
    someone = world.person(confirmed=False)
    answer = someone.call("POST", "/me/totp", AGAIN)
    assert (answer.status_code, answer.json()["code"]) == (403, "email-not-confirmed")


def test_a_reset_password_does_not_open_the_second_lock(world: World) -> None:
    someone = world.person()
    enrolled(world, someone)
    world.client.post(f"{API}/password-resets", json={"email": someone.address})
    fresh = "cinq lapins dorment au soleil"
    answer = world.client.post(
        f"{API}/password-resets/complete",
        json={"token": world.token_sent("reset"), "password": fresh},
    )
    assert answer.status_code == 204
    assert first_step(world, someone, fresh).json()["code"] == "second-factor-needed"


# -- The phone is lost ---------------------------------------------------------------------------


def lose(world: World, someone: Someone) -> None:
    """Up to the delay that runs."""
    challenge = challenge_of(world, someone)
    answer = world.client.post(f"{API}/factor-losses", json={"challenge": challenge})
    assert answer.status_code == 202
    answer = world.client.post(
        f"{API}/factor-losses/start", json={"token": world.token_sent("perdu")}
    )
    assert answer.json() == {"removable_at": "2026-11-25T11:00:30.000Z"}


def removal(world: World, password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return world.client.post(
        f"{API}/factor-losses/remove",
        json={"token": world.token_sent("perdu/retirer"), "password": password},
    )


def test_a_lost_factor_is_removed_after_the_delay_never_before(world: World) -> None:
    someone = world.person()
    enrolled(world, someone)
    lose(world, someone)
    assert (removal(world).status_code, removal(world).json()["code"]) == (409, "too-soon")
    world.clock.advance(hours=47, minutes=59)
    assert removal(world).status_code == 409
    world.clock.advance(minutes=1)
    wrong = removal(world, "pas la bonne phrase")
    assert wrong.json()["errors"][0] == {
        "field": "password", "code": "password_wrong", "params": {}
    }  # fmt: skip
    assert removal(world).status_code == 204
    assert removal(world).status_code == 410
    assert first_step(world, someone).status_code == 201
    assert "vient d’être retirée" in told(world)[-1]


def test_the_owner_stops_the_delay_by_its_link(world: World) -> None:
    someone = world.person()
    enrolled(world, someone)
    lose(world, someone)
    assert someone.get("/me/security").json()["removable_at"] is not None
    stop = {"token": world.token_sent("perdu/annuler")}
    assert world.client.post(f"{API}/factor-losses/cancel", json=stop).status_code == 204
    assert someone.get("/me/security").json()["removable_at"] is None
    world.clock.advance(hours=49)
    assert removal(world).status_code == 410
    assert first_step(world, someone).json()["code"] == "second-factor-needed"


def test_a_right_code_says_that_nothing_is_lost(world: World) -> None:
    someone = world.person()
    secret, _ = enrolled(world, someone)
    lose(world, someone)
    world.clock.advance(hours=1)
    assert give(world, challenge_of(world, someone), code(world, secret)).status_code == 201
    world.clock.advance(hours=49)
    assert removal(world).status_code == 410
    with world.services.storage.read() as database:
        assert database.get_one(Factor, someone.id).removable_at is None


def test_the_link_that_removes_ends_a_week_after_the_delay(world: World) -> None:
    someone = world.person()
    enrolled(world, someone)
    lose(world, someone)
    world.clock.advance(days=9)
    assert removal(world).status_code == 410


def test_nobody_starts_a_loss_without_the_password(world: World) -> None:
    world.person()
    answer = world.client.post(f"{API}/factor-losses", json={"challenge": "x" * 43})
    assert answer.status_code == 410
    answer = world.client.post(f"{API}/factor-losses/start", json={"token": "x" * 43})
    assert answer.status_code == 410
