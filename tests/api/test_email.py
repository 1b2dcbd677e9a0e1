"""Messages: files by default, a real SMTP server when set; links that work once."""

from __future__ import annotations

import email
import email.policy
import stat
from collections.abc import Iterator
from email.message import EmailMessage
from threading import Event
from time import sleep
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr
from sqlalchemy import select

from backend import mail
from backend.storage.tables import OneTimeToken, Person
from backend.usecases.remind import remind
from tests.api.conftest import Build
from tests.support.places import free_port
from tests.support.world import API, PASSWORD, Someone, World

NEW = "une tout autre phrase"


def confirm(world: World, token: str):  # type: ignore[no-untyped-def]
    return world.client.post(f"{API}/email-confirmations", json={"token": token})


def forgot(world: World, address: str = "camille@example.org"):  # type: ignore[no-untyped-def]
    return world.client.post(f"{API}/password-resets", json={"email": address})


def reset(world: World, token: str, password: str = NEW):  # type: ignore[no-untyped-def]
    return world.client.post(
        f"{API}/password-resets/complete", json={"token": token, "password": password}
    )


def test_the_message_is_a_file_that_only_its_owner_reads(world: World) -> None:
    world.person(confirmed=False)
    [message] = world.messages()
    assert message["To"] == "camille@example.org"
    assert message["Subject"] == "Confirmez votre adresse e-mail"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    link = f"https://quittance.example/confirm?token={world.token_sent('confirm')}"
    assert link in plain.get_content()
    assert f'href="{link}"' in html.get_content()
    assert PASSWORD not in plain.get_content()
    [path] = world.settings.outbox.glob("*.eml")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_message_comes_after_the_answer_and_at_once_for_who_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "BREATH", 60)  # nobody has that long: it is woken
    answered, made = Event(), []

    def make() -> EmailMessage:
        made.append(answered.is_set())
        return mail.compose(world.settings, "camille@example.org", "fr", "Reçu", ["Bonjour,"])

    before = len(world.messages())
    for _ in range(50):
        world.services.mailer.later(make)
        sleep(0)  # the other thread may go now
    answered.set()
    world.services.mailer.settle()
    assert made == [True] * 50
    assert len(world.messages()) == before + 50


def test_the_message_speaks_the_language_of_the_person(world: World) -> None:
    world.client.post(
        f"{API}/persons", json={"email": "sam@example.org", "password": PASSWORD, "locale": "en"}
    )
    assert world.messages()[-1]["Content-Language"] == "en"


def test_a_link_confirms_once(world: World) -> None:
    someone = world.person(confirmed=False)
    token = world.token_sent("confirm")
    assert confirm(world, token).status_code == 204
    assert someone.get("/me").json()["email_confirmed"] is True
    again = confirm(world, token)
    assert (again.status_code, again.json()["code"]) == (410, "token-invalid")


def test_opening_the_link_consumes_nothing(world: World) -> None:
    # Mail scanners open links: only the POST of the screen behind it counts.
    world.person(confirmed=False)
    token = world.token_sent("confirm")
    for _ in range(2):
        world.client.get(f"/confirm?token={token}")
        world.client.get(f"{API}/email-confirmations?token={token}")
    assert confirm(world, token).status_code == 204


def test_a_link_expires(world: World) -> None:
    world.person(confirmed=False)
    token = world.token_sent("confirm")
    world.clock.advance(hours=48)
    assert confirm(world, token).status_code == 410


def test_another_message_replaces_the_former(world: World) -> None:
    someone = world.person(confirmed=False)
    first = world.token_sent("confirm")
    assert someone.call("POST", "/email-confirmations/resend").status_code == 202
    second = world.token_sent("confirm")
    assert first != second
    assert confirm(world, first).status_code == 410
    assert confirm(world, second).status_code == 204
    assert someone.call("POST", "/email-confirmations/resend").status_code == 202
    assert len(world.messages()) == 2  # nothing more to confirm


def test_messages_to_one_address_are_bounded(world: World) -> None:
    someone = world.person(confirmed=False)
    statuses = [someone.call("POST", "/email-confirmations/resend").status_code for _ in range(6)]
    assert statuses == [202] * 5 + [429]
    assert forgot(world).status_code == 429
    assert len(world.messages()) == 6


def test_a_forgotten_password_gets_the_same_answer_for_an_unknown_address(world: World) -> None:
    world.person()
    known, unknown = forgot(world), forgot(world, "nobody@example.org")
    assert known.status_code == unknown.status_code == 202
    assert known.json() == unknown.json()
    assert [m["Subject"] for m in world.messages()[1:]] == ["Choisir un nouveau mot de passe"]


def test_a_new_password_ends_every_session_and_tells(world: World) -> None:
    someone = world.person(confirmed=False)
    forgot(world)
    token = world.token_sent("reset")
    assert reset(world, token).status_code == 204
    assert someone.get("/me").status_code == 401
    assert world.messages()[-1]["Subject"] == "Votre compte a été modifié"
    body = {"email": someone.address, "password": NEW}
    opened = world.client.post(f"{API}/sessions", json=body)
    assert opened.status_code == 201
    assert opened.json()["person"]["email_confirmed"] is True  # the link came to that address
    assert reset(world, token).status_code == 410


def test_a_weak_new_password_does_not_burn_the_link(world: World) -> None:
    world.person()
    forgot(world)
    token = world.token_sent("reset")
    assert reset(world, token, "motdepasse1234").status_code == 422
    assert reset(world, token, "leavemealone").status_code == 422
    assert reset(world, token).status_code == 204


def test_a_reset_link_lasts_an_hour(world: World) -> None:
    world.person()
    forgot(world)
    world.clock.advance(hours=1)
    assert reset(world, world.token_sent("reset")).status_code == 410


def test_a_link_does_one_thing_only(world: World) -> None:
    world.person(confirmed=False)
    forgot(world)
    assert confirm(world, world.token_sent("reset")).status_code == 410
    assert reset(world, world.token_sent("confirm")).status_code == 410


def test_changing_the_password_kills_the_links_to_reset_it(world: World) -> None:
    someone = world.person()
    forgot(world)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert someone.call("POST", "/me/password", body).status_code == 204
    assert reset(world, world.token_sent("reset"), "encore une autre phrase").status_code == 410


def test_another_address_counts_once_confirmed(world: World) -> None:
    someone = world.person()
    forgot(world)
    to_former = world.token_sent("reset")
    body = {"email": "nouvelle@example.org", "current_password": PASSWORD}
    assert someone.call("POST", "/me/email", body).status_code == 202
    me = someone.get("/me").json()
    assert (me["email"], me["pending_email"]) == ("camille@example.org", "nouvelle@example.org")
    assert world.messages()[-1]["To"] == "nouvelle@example.org"
    assert confirm(world, world.token_sent("confirm")).status_code == 204
    me = someone.get("/me").json()
    assert (me["email"], me["pending_email"]) == ("nouvelle@example.org", None)
    last = world.messages()[-1]
    assert (last["To"], last["Subject"]) == ("camille@example.org", "Votre compte a été modifié")
    assert reset(world, to_former).status_code == 410


def test_another_address_needs_the_password(world: World) -> None:
    someone = world.person()
    body = {"email": "nouvelle@example.org", "current_password": "pas la bonne phrase"}
    answer = someone.call("POST", "/me/email", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "current_password"
    assert len(world.messages()) == 1


def test_an_address_taken_meanwhile_is_not_taken_over(world: World) -> None:
    someone = world.person()
    body = {"email": "alex@example.org", "current_password": PASSWORD}
    someone.call("POST", "/me/email", body)
    token = world.token_sent("confirm")
    world.person("alex@example.org")
    assert confirm(world, token).status_code == 410
    assert someone.get("/me").json()["email"] == "camille@example.org"


def test_links_are_kept_as_hashes(world: World) -> None:
    world.person(confirmed=False)
    token = world.token_sent("confirm")
    with world.services.storage.read() as database:
        kept = database.query(OneTimeToken).one()
    assert token not in str(vars(kept))


def test_the_outbox_is_told_to_people_of_this_machine_only(build: Build) -> None:
    for settings, told in (
        ({"public_url": ""}, True),
        ({}, False),
        ({"public_url": "", "host": "192.0.2.1", "allow_generated_keys": True}, False),
    ):
        world = build(**settings)
        answer = forgot(world, "nobody@example.org").json()
        assert (answer["outbox"] == str(world.settings.outbox)) is told, settings


def test_a_full_disk_does_not_stop_a_sign_up(build: Build, tmp_path: Any) -> None:
    (tmp_path / "flat").write_text("a file where a folder should be")
    world = build(outbox_dir=tmp_path / "flat" / "outbox")
    answer = world.client.post(
        f"{API}/persons", json={"email": "camille@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 201


# -- SMTP ----------------------------------------------------------------------------------------


class Postman:
    """Takes what is delivered, from one user."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def smtp() -> Iterator[tuple[Postman, int]]:
    """A real SMTP server on loopback that asks for a password."""

    def check(_s: Any, _session: Any, _e: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == b"s3cret/!"
        return AuthResult(success=right, handled=right)  # refused: it says so

    postman = Postman()
    port = free_port()  # the controller wants to know it beforehand
    controller = Controller(
        postman, hostname="127.0.0.1", port=port, authenticator=check, auth_require_tls=False,
        auth_required=True,
    )  # fmt: skip
    controller.start()
    yield postman, port
    controller.stop()


def test_a_reminder_goes_through_smtp_and_is_read_back(
    build: Build, smtp: tuple[Postman, int]
) -> None:
    postman, port = smtp
    world = build(
        smtp_url=SecretStr(f"smtp://user:s3cret%2F%21@127.0.0.1:{port}"),
        mail_from="Quittance <quittance@example.org>",
    )  # fmt: skip
    world.client.post(f"{API}/persons", json={"email": "sam@example.org", "password": PASSWORD,
                                              "locale": "en"})  # fmt: skip
    with world.services.storage.write() as database:
        person = database.scalars(select(Person)).one()
        person.email_confirmed_at = world.clock.now()
    answer = world.client.post(
        f"{API}/sessions", json={"email": "sam@example.org", "password": PASSWORD}
    )
    Someone(world, answer.json()["token"], person.id, person.email).account(start_date="2026-07-06")
    world.clock.advance(days=4)
    assert remind(world.services) == 1
    world.services.mailer.close()  # delivers what is queued
    message = email.message_from_bytes(postman.taken[-1].content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message["To"] == "sam@example.org"
    assert message["Subject"] == "Reminder: a due date is coming"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert "3 days left" in part.get_content()


def test_messages_go_through_smtp_when_set(build: Build, smtp: tuple[Postman, int]) -> None:
    postman, port = smtp
    world = build(
        smtp_url=SecretStr(f"smtp://user:s3cret%2F%21@127.0.0.1:{port}"),
        mail_from="Quittance <quittance@example.org>", public_url="",
    )  # fmt: skip
    answer = world.client.post(
        f"{API}/persons", json={"email": "camille@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 201
    told = forgot(world).json()
    assert told == {"sent": True, "outbox": None}
    world.services.mailer.close()  # waits for what is on its way
    assert [envelope.rcpt_tos for envelope in postman.taken] == [["camille@example.org"]] * 2
    first = email.message_from_bytes(postman.taken[0].content, policy=email.policy.default)
    assert first["From"] == "Quittance <quittance@example.org>"
    assert first["Subject"] == "Confirmez votre adresse e-mail"
    assert not world.settings.outbox.exists()


def test_a_server_that_refuses_does_not_stop_anybody(
    build: Build, smtp: tuple[Postman, int]
) -> None:
    postman, port = smtp
    world = build(smtp_url=SecretStr(f"smtp://user:wrong@127.0.0.1:{port}"))
    answer = world.client.post(
        f"{API}/persons", json={"email": "camille@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 201
    world.services.mailer.close()
    assert postman.taken == []
