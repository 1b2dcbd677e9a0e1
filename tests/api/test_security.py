"""What another site, a careless client or a failure of ours must not obtain."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from fastapi import APIRouter
from psycopg.errors import DiskFull
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from backend import logs
from backend.api.middleware import LARGEST
from backend.keys import load_keys
from backend.storage.engine import Storage
from backend.storage.tables import Account
from backend.web.policy import APP, BARE, app_page, plain, sources
from contract.problem import MEDIA_TYPE
from tests.api.conftest import Build
from tests.support.scene import PNG
from tests.support.world import API, PASSWORD, World

COOKIE = "__Host-quittance_session"
SIGN_UP = {"email": "camille@example.org", "password": PASSWORD}


def problem(answer) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["type"] == f"/problems/{told['code']}"
    return told["status"], told["code"]


# -- Other sites ---------------------------------------------------------------------------------

FOREIGN = ("https://evil.example", "null", "http://[", "https://quittance.example.evil.example",
           "http://quittance.example", "https://quittance.example:444", "")  # fmt: skip


@pytest.mark.parametrize("origin", FOREIGN)
def test_an_unsafe_request_of_another_site_is_refused(world: World, origin: str) -> None:
    world.client = TestClient(world.app, world.settings.url + ":8550")
    answer = world.client.post(f"{API}/persons", json=SIGN_UP, headers={"Origin": origin})
    assert problem(answer) == (403, "wrong-origin")


@pytest.mark.parametrize("origin", ["https://quittance.example", None])
def test_our_own_origin_and_no_browser_at_all_are_welcome(world: World, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    assert world.client.post(f"{API}/persons", json=SIGN_UP, headers=headers).status_code == 201


def test_a_cookie_alone_changes_nothing_without_our_origin(world: World) -> None:
    someone = world.person()
    cookie = {"Cookie": f"{COOKIE}={someone.token}"}
    wanted = {"locale": "en"}
    path = f"{API}/me/preferences"
    assert world.client.get(f"{API}/me", headers=cookie).status_code == 200
    assert problem(world.client.patch(path, json=wanted, headers=cookie)) == (403, "wrong-origin")
    assert someone.get("/me").json()["preferences"]["locale"] == "fr"
    ours = {**cookie, "Origin": world.settings.url}
    assert world.client.patch(path, json=wanted, headers=ours).status_code == 200


def test_a_websocket_of_another_site_is_refused(world: World) -> None:
    from starlette.websockets import WebSocket, WebSocketDisconnect

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    world.app.router.add_websocket_route("/ws", echo)
    client = TestClient(world.app, world.settings.url)
    for origin in ("https://evil.example", "null"):
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            client.websocket_connect("/ws", headers={"Origin": origin}),
        ):
            pass
        assert refused.value.code == 1008
    with client.websocket_connect("/ws", headers={"Origin": world.settings.url}):
        pass


# -- Headers -------------------------------------------------------------------------------------


def test_every_answer_carries_the_security_headers(world: World) -> None:
    answers = [
        world.client.get(f"{API}/health"),
        world.client.get("/nowhere"),
        world.client.post(f"{API}/persons", content=b"x" * (LARGEST + 1)),
        world.client.post(f"{API}/persons", json=SIGN_UP, headers={"Origin": "null"}),
        world.client.get("/auth/leave", follow_redirects=False),
    ]
    for answer in answers:
        elsewhere = answer.url.path == "/nowhere"
        assert answer.headers["content-security-policy"] == (APP if elsewhere else BARE)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["strict-transport-security"].endswith("; includeSubDomains")
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


@pytest.mark.parametrize("path", [f"{API}/health", "/auth/leave", "/verifier/ABCD"])
def test_nobody_gets_their_request_echoed(world: World, path: str) -> None:
    answer = world.client.request("TRACE", path, headers={"X-Mine": "secret"})
    assert answer.status_code == 405
    assert "secret" not in answer.text


def test_no_policy_of_https_without_https(build: Build) -> None:
    world = build(public_url="")
    assert "strict-transport-security" not in world.client.get(f"{API}/health").headers


# sha256 of "go()" and of "p{color:red}", computed by another program.
GO = "'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='"
RED = "'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='"


def test_nothing_inline_runs_but_what_the_policy_names() -> None:
    page = '<style>p{color:red}</style><script src="a.js" defer></script><script>go()</script>'
    assert sources(page.encode()) == ([GO], [RED])
    assert f"script-src 'self' 'wasm-unsafe-eval' {GO};" in app_page(page.encode())
    assert f"script-src {GO}; style-src 'self' {RED};" in plain(page)
    assert "script-src 'none'; " in plain("<style>p{color:red}</style>")
    for told in (APP, BARE, app_page(page.encode()), plain(page)):
        scripts = told.partition("script-src ")[2].partition(";")[0]
        assert "unsafe-inline" not in scripts
        assert "unsafe-eval'" not in scripts.replace("'wasm-unsafe-eval'", "")
        assert "ws:" not in told
        assert "frame-ancestors 'none'" in told


@pytest.mark.parametrize("path", ["/notify/", "/verifier/ABCD", "/banque-essai/nothing"])
def test_a_small_page_runs_its_own_script_alone(world: World, path: str) -> None:
    answer = world.client.get(path)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == plain(answer.text)
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_what_is_personal_is_not_cached(world: World) -> None:
    assert world.person().get("/me").headers["cache-control"] == "no-store"


# -- Bodies --------------------------------------------------------------------------------------


def test_large_bodies_are_refused_announced_or_not(world: World) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 50_000

    kind = {"Content-Type": "application/json"}
    announced = world.client.post(f"{API}/persons", content=b"x" * (LARGEST + 1), headers=kind)
    assert problem(announced) == (413, "body-too-large")
    unannounced = world.client.post(f"{API}/persons", content=endless(), headers=kind)
    assert problem(unannounced) == (413, "body-too-large")
    fits = b'{"email":"' + b"x" * (LARGEST - 100) + b'"}'
    assert problem(world.client.post(f"{API}/persons", content=fits, headers=kind))[0] == 422


BODIES = {
    "cut": (b'{"email": "a@b.fr"', 400), "not utf-8": (b"\xff\xfe", 400),
    "deep": (b'{"a":' + b"[" * 400_000, 400), "long number": (b'{"a":' + b"9" * 5000 + b"}", 400),
    "nan": (b'{"email": NaN, "password": 1e400}', 422), "list": (b"[]", 422), "empty": (b"", 422),
    "text": (b'"a"', 422), "null": (b"null", 422),
    "unknown field": (b'{"email":"a@b.fr","password":"une phrase longue","admin":true}', 422),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_not_what_is_asked(world: World, name: str) -> None:
    body, status = BODIES[name]
    answer = world.client.post(
        f"{API}/persons", content=body, headers={"Content-Type": "application/json"}
    )
    assert problem(answer)[0] == status


def test_errors_name_the_field_and_never_repeat_the_input(world: World) -> None:
    answer = world.client.post(
        f"{API}/persons", json={"email": "SECRET-MAIL", "password": 12345678, "locale": "SECRET"}
    )
    assert problem(answer) == (422, "invalid-input")
    assert {e["field"] for e in answer.json()["errors"]} == {"email", "password", "locale"}
    assert "SECRET" not in answer.text
    assert "12345678" not in answer.text


def test_wrong_paths_and_methods(world: World) -> None:
    assert problem(world.client.get(f"{API}/nowhere")) == (404, "not-found")
    assert problem(world.client.get(f"{API}/regimes/a%00b")) == (404, "not-found")
    answer = world.client.put(f"{API}/health")
    assert problem(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"
    assert problem(world.client.get(f"{API}/me")) == (401, "not-authenticated")
    for token in ("x", "é".encode(), b"\xff" * 300):
        headers = {"Authorization": b"Bearer " + (token.encode() if token == "x" else token)}
        assert problem(world.client.get(f"{API}/me", headers=headers))[0] == 401  # type: ignore[arg-type]


def test_nobody_sees_the_account_of_another(world: World) -> None:
    account = world.person().account()
    alex = world.person("alex@example.org")
    for path in ("", "/overview", "/declarations", "/drafts", "/statement", "/options"):
        assert problem(alex.get(account.path + path)) == (404, "not-found")
        assert account.get(path).status_code == 200


# -- Failures and logs ---------------------------------------------------------------------------


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What a running service would log."""
    told = StringIO()
    monkeypatch.setattr("sys.stderr", told)
    logs.configure("INFO")
    yield told
    structlog.reset_defaults()


def failing(world: World) -> TestClient:
    """A client of a service one of whose operations fails with what was typed."""
    router = APIRouter()

    @router.get("/api/v1/broken/{number}")
    def broken(number: str) -> None:
        raise RuntimeError(f"cannot read {number}")

    world.app.include_router(router)
    return TestClient(world.app, world.settings.url, raise_server_exceptions=False)


def test_without_room_what_writes_is_refused_plainly_and_what_reads_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that cannot grow any more: for real on SQLite; tests/faults fills the disk of a
    PostgreSQL. And a disk of files without room."""
    account = world.person().account()
    here = f"{API}{account.path}/attachments?purpose=expense&name=a.png"
    sent = {"Authorization": f"Bearer {account.someone.token}", "Content-Type": "image/png"}

    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as planted:
        planted.setattr(world.services.files, "put", full)
        answer = world.client.post(here, content=PNG, headers=sent)
        assert problem(answer) == (503, "unavailable")
        assert answer.headers["retry-after"] == "30"
    assert account.get("/attachments").json() == []
    world.clock.advance(minutes=2)  # that the session was seen would be noted

    def no_room(*_: object) -> None:
        raise OperationalError("", {}, DiskFull("could not extend file"))

    with monkeypatch.context() as planted:
        planted.setattr(Storage, "write", no_room)
        assert account.get("/overview").status_code == 200
        assert problem(account.call("DELETE", "/drafts/2026-10")) == (503, "unavailable")
    engine = world.services.storage.engine
    if engine.dialect.name != "sqlite":
        return
    engine.dispose()

    def small(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", small)
    answers = []
    for number in range(60):
        entry = {"kind": "receipt", "base": None, "deleted": False,
                 "data": {"on": "2026-10-03", "amount": "40.00", "category": "vente",
                          "note": "x" * 60}}  # fmt: skip
        answers.append(account.call("PUT", f"/entries/receipt-{number:06}", entry))
        assert account.get("/overview").status_code == 200
    refused = [problem(each) for each in answers if each.status_code != 200]
    assert refused
    assert set(refused) == {(503, "unavailable")}
    event.remove(engine, "connect", small)
    engine.dispose()
    kept = {entry["id"] for entry in account.get("/entries").json()["entries"]}
    assert kept == {each.json()["id"] for each in answers if each.status_code == 200}


def test_a_failure_is_a_number_not_a_traceback(world: World, lines: StringIO) -> None:
    answer = failing(world).get("/api/v1/broken/SECRET?q=SECRET")
    assert problem(answer) == (500, "internal-error")
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert answer.headers["content-security-policy"] == BARE
    assert "SECRET" not in answer.text
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    [failure] = [line for line in told if line["event"] == "unhandled"]
    assert failure["error"] == "RuntimeError"
    assert failure["request"] == answer.headers["x-request-id"]
    assert failure["where"].startswith("test_security.py:")
    assert "SECRET" not in lines.getvalue()


def test_one_line_a_request_with_its_template(world: World, lines: StringIO) -> None:
    account = world.person().account()
    account.declare("2026-10", vente="98765")
    lines.truncate(0)
    answer = account.get("/declarations/2026-10?page=SECRET")
    told = [json.loads(line) for line in lines.getvalue().replace("\0", "").splitlines()]
    [line] = [line for line in told if line["event"] == "request"]  # the mail goes its own way
    assert line.pop("ms") >= 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request", "level": "info", "method": "GET", "status": 200,
        "route": "/api/v1/accounts/{account_id}/declarations/{period}",
        "request": answer.headers["x-request-id"],
    }  # fmt: skip


def test_the_log_of_a_whole_day_holds_nobody(world: World, lines: StringIO) -> None:
    someone = world.person()
    account = someone.account()
    receipt = account.declare("2026-10", vente="98765")
    world.client.post(f"{API}/sessions", json={"email": someone.address, "password": "mauvaise"})
    world.client.get(f"{API}/verifications/{receipt['verification_code']}")
    told = lines.getvalue()
    assert len(told.splitlines()) >= 7
    for secret in (
        "camille", "98765", "12345678200010", PASSWORD, someone.token, account.id, someone.id,
        receipt["number"], receipt["verification_code"], "testclient", "Camille",
    ):  # fmt: skip
        assert secret not in told, secret


def test_libraries_log_their_place_not_our_data(lines: StringIO) -> None:
    import logging

    log = logging.getLogger("some.library")
    log.warning("could not read %s", "SECRET")
    log.warning("could not read SECRET")
    try:
        raise ValueError("SECRET")
    except ValueError:
        log.exception("failed")
    structlog.get_logger("quittance.x").info("ours", email="SECRET", status=200)
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert "SECRET" not in lines.getvalue()
    assert [line["event"] for line in told] == [
        "could not read %s", "some.library", "some.library", "ours",
    ]  # fmt: skip
    assert told[2]["error"] == "ValueError"
    assert told[0]["where"].startswith("test_security.py:")


# -- At rest -------------------------------------------------------------------------------------


def test_encrypted_columns_hold_no_clear_text(world: World) -> None:
    account = world.person().account()
    nir = "1 85 05 78 006 084 36"
    with world.services.storage.write() as database:
        database.get_one(Account, account.id).nir = nir
    with world.services.storage.read() as database:
        raw = database.scalar(text("SELECT nir FROM accounts"))
        assert database.get_one(Account, account.id).nir == nir
    assert raw.startswith(load_keys(world.settings).key_id + ":")
    assert nir not in raw
