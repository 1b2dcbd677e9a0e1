"""Never forgetting a date, and being answered: reminders, calendar, notices, messages."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import icalendar
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.usecases.operators import add_operator
from backend.usecases.push import allowed_endpoint
from backend.usecases.remind import remind
from tests.api.conftest import Build
from tests.api.test_attachments import PDF
from tests.api.test_attachments import send as attach
from tests.support.world import API, Opened, World

START = "2026-05-04"  # first declaration due on 30 September, then each month


def subjects(world: World) -> list[str]:
    return [str(m["Subject"]) for m in world.messages() if "Rappel" in str(m["Subject"])]


def caught_up(account: Opened) -> Opened:
    """Everything due so far is declared; October is open until 30 November."""
    for period, state in account.states().items():
        if state == "late":
            account.declare(period, vente="0")
    return account


def test_reminders_come_ten_three_and_one_day_before_then_after(world: World) -> None:
    caught_up(world.person().account(start_date=START))
    counts = []
    for moment in ("2026-11-15 09:00", "2026-11-20 09:00", "2026-11-24 09:00", "2026-11-27 09:00",
                   "2026-11-28 09:00", "2026-11-29 09:00", "2026-11-30 09:00",
                   "2026-12-01 09:00", "2026-12-02 09:00"):  # fmt: skip
        world.at(moment)
        counts.append(remind(world.services))
    assert counts == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    last = world.messages()[-1]
    told = last.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "octobre 2026" in told
    assert "30 novembre 2026 est passée" in told
    assert "déclarez zéro" in told.replace("\n", " ")


def test_a_reminder_never_shows_an_amount_or_an_identifier(world: World) -> None:
    account = caught_up(world.person().account(start_date=START, name="Atelier"))
    world.at("2026-11-27 09:00")
    remind(world.services)
    message = world.messages()[-1]
    whole = "".join(part.get_content() for part in message.walk() if not part.is_multipart())
    assert "€" not in whole
    assert "12345678200010" not in whole
    assert account.id not in whole
    assert "octobre" not in str(message["Subject"])
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}


def test_what_is_declared_is_not_reminded(world: World) -> None:
    account = caught_up(world.person().account(start_date=START))
    account.declare("2026-10", vente="10")
    world.at("2026-11-27 09:00")
    remind(world.services)
    told = [m.get_body(("plain",)).get_content() for m in world.messages()]  # type: ignore[union-attr]
    assert not any("Déclarer : octobre" in text for text in told)


def test_two_processes_at_once_remind_once(world: World) -> None:
    caught_up(world.person().account(start_date=START))
    world.clock.advance(days=4)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: remind(world.services), range(4)))
    assert sum(counts) == 1
    assert len(subjects(world)) == 1


def test_each_channel_is_chosen(world: World) -> None:
    account = caught_up(world.person().account(start_date=START))
    me = account.someone
    assert me.get("/me/channels").json() == {"email": True, "push": False, "devices": []}
    me.call("PUT", "/me/channels", {"email": False, "push": False})
    world.at("2026-11-27 09:00")
    assert remind(world.services) == 0
    me.call("PUT", "/me/channels", {"email": True, "push": False})
    assert remind(world.services) == 1


def test_an_unconfirmed_address_gets_nothing(world: World) -> None:
    world.person(confirmed=False).account(start_date=START)
    world.at("2026-11-27 09:00")
    assert remind(world.services) == 0


def test_the_calendar_follows_by_itself_and_keeps_its_events(world: World) -> None:
    account = caught_up(world.person().account(start_date=START))
    url = account.call("POST", "/calendar").json()["url"]
    path = url.removeprefix(world.settings.url)

    def read() -> dict[str, Any]:
        answer = world.client.get(path)
        assert answer.headers["content-type"].startswith("text/calendar")
        book = icalendar.Calendar.from_ical(answer.content)
        return {str(e["UID"]): e for e in book.walk("VEVENT")}

    before = read()
    due = {e["DTSTART"].dt: str(e["SUMMARY"]) for e in before.values()}
    assert due[date(2026, 11, 30)] == "Déclarer : octobre 2026"
    raw = world.client.get(path).content
    assert world.client.get(path).content == raw  # same facts, same bytes
    assert b"EUR" not in raw
    assert "€".encode() not in raw
    assert account.id.encode() not in raw
    account.declare("2026-10", vente="1000")
    after = read()
    assert set(before) <= set(after)
    mine = next(u for u, e in before.items() if e["DTSTART"].dt == date(2026, 11, 30))
    assert str(after[mine]["SUMMARY"]) == "Fait : Déclarer : octobre 2026"
    assert int(after[mine]["SEQUENCE"]) > int(before[mine]["SEQUENCE"])
    assert "Payer : octobre 2026" in {str(e["SUMMARY"]) for e in after.values()}


def test_the_calendar_s_address_is_private_and_can_be_closed(world: World) -> None:
    account = world.person().account()
    first = account.call("POST", "/calendar").json()["url"].removeprefix(world.settings.url)
    second = account.call("POST", "/calendar").json()["url"].removeprefix(world.settings.url)
    assert world.client.get(first).status_code == 404
    assert world.client.get(second).status_code == 200
    assert account.get("/calendar").json()["open"] is True
    account.call("DELETE", "/calendar")
    assert world.client.get(second).status_code == 404
    assert world.client.get(f"{API}/calendars/{'x' * 43}.ics").status_code == 404


class PushService:
    """A browser's push service on loopback, and the browser's own keys."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"0123456789abcdef"
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.status = 201
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                service.posts.append((dict(self.headers), body))
                self.send_response(service.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def subscription(self) -> dict[str, Any]:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        told = [urlsafe_b64encode(raw).decode().rstrip("=") for raw in (point, self.auth)]
        return {
            "endpoint": f"http://127.0.0.1:{self.server.server_port}/send/1",
            "keys": {"p256dh": told[0], "auth": told[1]},
        }

    def read(self) -> dict[str, str]:
        """The last notice, as the browser decrypts it."""
        text = http_ece.decrypt(self.posts[-1][1], private_key=self.key, auth_secret=self.auth)
        found: dict[str, str] = json.loads(text)
        return found


@pytest.fixture
def browser() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.server.shutdown()
    service.server.server_close()


def test_a_browser_that_accepts_gets_an_encrypted_notice(
    build: Build, browser: PushService
) -> None:
    world = build(demo=True)
    account = caught_up(world.person().account(start_date=START))
    me = account.someone
    assert len(urlsafe_b64decode(me.get("/push/key").json()["key"] + "=")) == 65
    assert me.call("POST", "/me/push", browser.subscription).status_code == 204
    me.call("POST", "/me/push", browser.subscription)  # again is once
    assert len(me.get("/me/channels").json()["devices"]) == 1
    world.at("2026-11-27 09:00")
    assert remind(world.services) == 2  # e-mail and notice
    headers, body = browser.posts[-1]
    assert len(browser.posts) == 1
    assert b"octobre" not in body
    assert headers["authorization"].startswith("vapid t=")
    assert browser.read() == {
        "title": "Déclarer : octobre 2026", "path": "/home",
        "body": "Il reste 3 jours : 30 novembre 2026.",
    }  # fmt: skip


def test_a_browser_that_is_gone_is_forgotten(build: Build, browser: PushService) -> None:
    world = build(demo=True)
    account = caught_up(world.person().account(start_date=START))
    account.someone.call("POST", "/me/push", browser.subscription)
    browser.status = 410
    world.at("2026-11-27 09:00")
    remind(world.services)
    assert account.someone.get("/me/channels").json()["devices"] == []


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.example/1", "https://127.0.0.1/1", "https://10.0.0.8/1", "https://[::1]/1",
     "https://localhost/1", "https://metadata.internal/1", "https://[push.example/1",
     "http://127.0.0.1:9/1"],
)  # fmt: skip
def test_a_push_endpoint_is_never_a_machine_of_ours(world: World, endpoint: str) -> None:
    assert not allowed_endpoint(endpoint, world.settings)


def message(number: int, body: str, *files: str) -> dict[str, Any]:
    return {"id": f"message-{number:04}", "body": body, "files": list(files)}


def test_a_message_is_sent_read_and_answered(world: World) -> None:
    account = world.person().account()
    agent = world.person("agent@example.org")
    add_operator(world.services, "agent@example.org")
    proof = attach(account, PDF).json()["id"]
    opened = account.call(
        "POST", "/threads",
        {"subject": "error", "title": "Une erreur d’août", "message":
         message(1, "J’ai déclaré deux fois.", proof)},
    )  # fmt: skip
    assert opened.status_code == 201, opened.text
    thread = opened.json()["thread"]["id"]
    waiting = agent.get("/operator/threads").json()
    assert [(t["id"], t["unread"]) for t in waiting] == [(thread, 1)]
    seen = agent.get(f"/operator/threads/{thread}").json()
    assert seen["messages"][0]["files"][0]["name"] == "preuve.pdf"
    mine = account.get(f"/threads/{thread}").json()
    assert mine["messages"][0]["read_at"] is not None  # the person sees that it was read
    answer = f"/operator/threads/{thread}/messages"
    assert agent.call("POST", answer, message(2, "C’est corrigé.")).status_code == 201
    assert agent.get("/operator/threads").json() == []
    assert len(agent.get("/operator/threads?answered=true").json()) == 1
    notice = world.messages()[-1]
    assert notice["To"] == "camille@example.org"
    assert "corrigé" not in str(notice)
    assert account.get("/threads").json()[0]["unread"] == 1
    told = account.get(f"/threads/{thread}").json()
    assert [m["author"] for m in told["messages"]] == ["person", "collector"]
    assert account.get("/threads").json()[0]["unread"] == 0
    again = account.call("POST", f"/threads/{thread}/messages", message(3, "Merci."))
    assert again.json()["thread"]["answered"] is False


def test_a_message_sent_twice_is_one(world: World) -> None:
    account = world.person().account()
    start = {"subject": "other", "title": "Bonjour", "message": message(7, "Une question")}
    first, second = (account.call("POST", "/threads", start).json() for _ in range(2))
    assert first["thread"]["id"] == second["thread"]["id"]
    thread = first["thread"]["id"]
    for _ in range(2):
        told = account.call("POST", f"/threads/{thread}/messages", message(8, "Encore")).json()
    assert len(told["messages"]) == 2
    assert len(account.get("/threads").json()) == 1


def test_conversations_are_of_their_owner_and_the_collector(world: World) -> None:
    account = world.person().account()
    start = {"subject": "other", "title": "Bonjour", "message": message(9, "Une question")}
    thread = account.call("POST", "/threads", start).json()["thread"]["id"]
    other = world.person("autre@example.org")
    theirs = other.account(siret="99999999800019")
    assert theirs.get(f"/threads/{thread}").status_code == 404
    assert other.get("/operator/threads").status_code == 403
    assert other.get(f"/operator/threads/{thread}").status_code == 403
    assert theirs.call("POST", f"/threads/{thread}/messages", message(10, "x")).status_code == 404
    stolen = attach(account, PDF).json()["id"]
    refused = theirs.call(
        "POST", "/threads",
        {"subject": "other", "title": "Bonjour", "message": message(11, "x", stolen)},
    )  # fmt: skip
    assert refused.json()["errors"][0]["code"] == "file_unknown"
