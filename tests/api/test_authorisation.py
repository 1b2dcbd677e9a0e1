"""Who may ask for what: every operation of the API × everyone who could ask.

The operations come from the description of the API, the expectations from authorisation.toml: an
operation without a row fails here before anybody can call it.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import func, select

from backend.main import create_app
from backend.settings import Settings
from backend.storage.delegations import Delegation
from backend.storage.every import Base
from backend.storage.factor import Passkey
from tests.support.scene import (
    ENDING,
    ENTRY,
    Operation,
    Scene,
    headers,
    operations,
    present,
    scene_of,
)
from tests.support.world import API, PASSWORD, Someone, World

TOLD = tomllib.loads(Path(__file__).with_name("authorisation.toml").read_text("utf-8"))
DELEGATE: dict[str, list[str]] = TOLD.pop("delegate")
SCOPE = {name: scope for scope, names in DELEGATE.items() for name in names}
"""The scope that each operation takes from somebody who acts for the owner."""
ROWS: dict[str, list[str]] = TOLD
ROLE = {name: role for role, names in ROWS.items() for name in names}
REASON = "Réponse à son message du 20 novembre"
# No account of these tests has one: the operation may answer that there is none.
MISSING = {"{plan_id}", "{dispute_id}", "{anomaly_id}", "/claims/{number}", "/refund", "/vrp/",
           "/sea/", "{key_id}", "/calendar", "{option}", "{provider}", "/calendars/",
           "/operator/looks", "{code}/order",
           "{copy_id}", "/me/closure", "{delegation_id}"}  # fmt: skip


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> list[Operation]:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("openapi")))
    try:
        return operations(app)
    finally:
        app.state.services.storage.close()


def test_every_operation_has_its_row_once(described: list[Operation]) -> None:
    counted = Counter(name for names in ROWS.values() for name in names)
    asked = {operation.name for operation in described}
    assert asked - set(counted) == set(), "operations without a row"
    assert set(counted) - asked == set(), "rows without an operation"
    assert [name for name, times in counted.items() if times > 1] == []


def test_what_a_delegate_may_ask_is_the_owners() -> None:
    assert set(SCOPE) <= set(ROWS["owner"])
    assert sum(len(names) for names in DELEGATE.values()) == len(SCOPE)


@pytest.fixture
def scene(world: World) -> Scene:
    return scene_of(world)


def told(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def contents(world: World) -> dict[str, int]:
    """How many rows each table holds, but for what every request may write."""
    noise = {"audit", "throttle", "sessions", "one_time_tokens", "idempotency"}
    with world.services.storage.read() as database:
        return {
            table.name: database.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if not any(table.name.startswith(name) for name in noise)
        }


Token = Callable[[Scene], str]


def invented(_scene: Scene) -> str:
    return "A" * 43


def revoked(scene: Scene) -> str:
    token = scene.owner.token
    assert scene.owner.call("DELETE", "/sessions/current").status_code == 204
    return token


def idle(scene: Scene) -> str:
    scene.world.clock.advance(minutes=61)
    return scene.owner.token


def too_old(scene: Scene) -> str:
    for _ in range(14):  # never idle for an hour, but older than any session may be
        scene.world.clock.advance(minutes=55)
        scene.owner.get("/me")
    return scene.owner.token


@pytest.mark.parametrize("token", [lambda _s: "", invented, revoked, idle, too_old],
                         ids=["nobody", "invented", "revoked", "idle", "too old"])  # fmt: skip
def test_without_a_live_session_only_what_is_for_anyone_answers(
    scene: Scene, described: list[Operation], token: Token
) -> None:
    held = token(scene)
    before = contents(scene.world)
    for operation in described:
        if ROLE[operation.name] == "anyone":
            continue
        path = API + operation.at(scene.names)
        sent = headers(operation, held)
        answer = scene.world.client.request(
            operation.method, path, content=operation.body, headers=sent
        )
        assert told(answer) == (401, "not-authenticated"), operation.name
        if held:  # the same in a cookie
            sent = sent | {
                "Cookie": f"__Host-quittance_session={held}",
                "Origin": scene.world.settings.url,
            }
            del sent["Authorization"]
            answer = scene.world.client.request(
                operation.method, path, content=operation.body, headers=sent
            )
            assert told(answer) == (401, "not-authenticated"), operation.name
    assert contents(scene.world) == before


def test_what_is_for_anyone_asks_for_no_session(scene: Scene, described: list[Operation]) -> None:
    for operation in described:
        if ROLE[operation.name] != "anyone":
            continue
        answer = scene.world.client.request(
            operation.method, API + operation.at(scene.names), content=operation.body,
            headers=headers(operation, ""),
        )  # fmt: skip
        assert answer.status_code in operation.statuses | {400}, (operation.name, answer.text)
        if answer.status_code == 401:
            assert answer.json()["code"] == "bad-credentials", operation.name


@pytest.mark.parametrize("who", ["stranger", "agent", "agent with a reason"])
def test_an_account_is_not_there_for_anybody_but_its_owner(
    scene: Scene, described: list[Operation], who: str
) -> None:
    if who.endswith("reason"):
        looked = scene.agent.call(
            "POST", "/operator/looks", {"account_id": scene.account.id, "reason": REASON}
        )
        assert looked.status_code == 201
    someone = scene.stranger if who == "stranger" else scene.agent
    before = contents(scene.world)
    for operation in described:
        if ROLE[operation.name] != "owner":
            continue
        answer = scene.ask(someone, operation)
        assert told(answer) == (404, "not-found"), operation.name
        unknown = scene.ask(someone, operation, account_id="f" * 32)
        same, other = answer.json(), unknown.json()
        for document in (same, other):
            document.pop("instance", None)
        assert same == other, operation.name
    assert contents(scene.world) == before


def test_what_is_not_in_an_account_cannot_be_reached_through_it(
    scene: Scene, described: list[Operation]
) -> None:
    """The stranger has an account too: through it, the owner's things are not to be found."""
    own = scene.stranger.account(siret="99999999800019")
    theirs = ("number", "mandate_id", "attachment_id", "thread_id", "document_id", "payment_id")
    asked = 0
    for operation in described:
        if ROLE[operation.name] == "owner" and any(f"{{{n}}}" in operation.path for n in theirs):
            asked += 1
            answer = scene.ask(scene.stranger, operation, account_id=own.id)
            assert told(answer) == (404, "not-found"), operation.name
    assert asked >= 10
    # A note's name is made by the device: the same name elsewhere is another note.
    written = own.call(
        "PUT", "/entries/receipt-000001",
        {"kind": "receipt", "base": None, "deleted": False, "data": ENTRY | {"amount": "7.00"}},
    )  # fmt: skip
    assert written.status_code in {200, 409}
    [kept] = scene.account.get("/entries").json()["entries"]
    assert kept["data"]["amount"] == "40"


def test_the_session_of_another_is_not_to_be_ended(scene: Scene) -> None:
    answer = scene.stranger.call("DELETE", f"/sessions/{scene.names['session_id']}")
    assert told(answer) == (404, "not-found")
    assert scene.owner.get("/me").status_code == 200


def test_nothing_of_a_person_is_reached_by_its_name(
    scene: Scene, described: list[Operation]
) -> None:
    """What is about oneself and named in the path: each thing of another is not there."""
    owner, stranger = scene.owner, scene.stranger
    scene.delegate("see")
    device = owner.call("POST", "/device-keys", {"proof": "ab" * 32}).json()["id"]
    copy = owner.call("POST", "/me/data", {"current_password": PASSWORD, "form": "json"})
    assert copy.status_code == 202, copy.text
    now = scene.world.clock.now()
    with scene.world.services.storage.write() as database:
        database.add(Passkey(
            id="5" * 32, person_id=owner.id, credential_id="c", public_key="k", sign_count=0,
            name="Téléphone", synced=False, created_at=now, last_used_at=None,
        ))  # fmt: skip
    names = {
        "sessions-end_one": {"session_id": present(owner)},
        "device-keys-revoke": {"key_id": device},
        "passkeys-rename": {"key_id": "5" * 32}, "passkeys-remove": {"key_id": "5" * 32},
        "privacy-take": {"copy_id": copy.json()["id"]},
        "delegation-leave": {"delegation_id": scene.delegation},
    }  # fmt: skip
    told_by_path = {o.name for o in described if ROLE[o.name] == "person" and "{" in o.path}
    assert told_by_path == set(names), "a thing named in a path needs its line here"

    def theirs() -> list[Any]:
        with scene.world.services.storage.read() as database:
            kept = database.get_one(Passkey, "5" * 32).name
            given = database.get_one(Delegation, scene.delegation).ended_at
        return [
            kept, given, owner.get("/device-keys").json(), owner.get("/sessions").status_code,
        ]  # fmt: skip

    before = theirs()
    for operation in described:
        if operation.name in names:
            answer = scene.ask(stranger, operation, **names[operation.name])
            assert told(answer) == (404, "not-found"), (operation.name, answer.text)
    assert theirs() == before


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_the_collectors_side_is_closed_to_everybody_else(
    scene: Scene, described: list[Operation], who: str
) -> None:
    someone: Someone = getattr(scene, who)
    before = contents(scene.world)
    for operation in described:
        if ROLE[operation.name] in {"operator", "reason"}:
            assert told(scene.ask(someone, operation)) == (403, "forbidden"), operation.name
    assert contents(scene.world) == before


def test_an_operator_says_why_before_reading_an_account(
    scene: Scene, described: list[Operation]
) -> None:
    closed = [o for o in described if ROLE[o.name] == "reason"]
    assert closed
    for operation in closed:
        assert told(scene.ask(scene.agent, operation)) == (403, "reason-missing"), operation.name
    asked = {"account_id": scene.account.id, "reason": REASON}
    assert scene.agent.call("POST", "/operator/looks", asked).status_code == 201
    other = scene.stranger.account(siret="99999999800019")
    for operation in closed:
        assert scene.ask(scene.agent, operation).status_code == 200, operation.name
        answer = scene.ask(scene.agent, operation, account_id=other.id)
        assert told(answer) == (403, "reason-missing"), operation.name
    scene.world.clock.advance(minutes=31)
    for operation in closed:
        assert told(scene.ask(scene.agent, operation)) == (403, "reason-missing"), operation.name


def entering(scene: Scene, who: Someone, described: list[Operation], *roles: str) -> Iterator[str]:
    """Ask for everything of these roles; the names of those that answered as to a stranger."""
    for operation in described:
        if ROLE[operation.name] not in roles:
            continue
        answer = scene.ask(who, operation, session_id=present(who))
        assert answer.status_code in operation.statuses | {400}, (operation.name, answer.text)
        nothing = answer.status_code == 404 and not any(m in operation.path for m in MISSING)
        if nothing or answer.status_code in {401, 403}:
            yield f"{operation.name}: {answer.text}"
        if operation.name in ENDING:
            scene.come_back(who)


def test_the_owner_gets_in_everywhere(scene: Scene, described: list[Operation]) -> None:
    assert list(entering(scene, scene.owner, described, "person", "owner")) == []


def test_the_operator_gets_in_on_the_collectors_side(
    scene: Scene, described: list[Operation]
) -> None:
    assert list(entering(scene, scene.agent, described, "operator")) == []


GIVEN = [("see",), ("see", "prepare"), ("see", "prepare", "send"), ("see", "pay"),
         ("see", "prepare", "send", "pay")]  # fmt: skip


@pytest.mark.parametrize("scopes", GIVEN, ids="+".join)
def test_a_delegate_gets_what_was_given_and_no_more(
    scene: Scene, described: list[Operation], scopes: tuple[str, ...]
) -> None:
    delegate = scene.delegate(*scopes)
    out = []
    for operation in described:
        if ROLE[operation.name] != "owner":
            continue
        answer = scene.ask(delegate, operation)
        if SCOPE.get(operation.name) in scopes:
            assert answer.status_code in operation.statuses | {400}, (operation.name, answer.text)
            nothing = answer.status_code == 404 and not any(m in operation.path for m in MISSING)
            assert not nothing, operation.name
            assert answer.status_code not in {401, 403}, (operation.name, answer.text)
        else:
            out.append(operation)
            assert told(answer) == (403, "delegation-scope"), operation.name
    assert out
    before = contents(scene.world)
    for operation in out:  # refused, it changed nothing
        scene.ask(delegate, operation)
    assert contents(scene.world) == before


@pytest.mark.parametrize("why", ["not answered", "refused", "revoked", "left", "over", "frozen"])
def test_who_acts_no_more_is_a_stranger(scene: Scene, described: list[Operation], why: str) -> None:
    delegate = scene.delegate("see", "prepare", "send", "pay", ends_after=40, answer={
        "not answered": None, "refused": False}.get(why, True))  # fmt: skip
    if why == "revoked":
        scene.end_delegation()
    elif why == "left":
        assert delegate.call("DELETE", f"/delegations/{scene.delegation}").status_code == 204
    elif why == "over":
        scene.world.clock.advance(days=41)
        delegate.sign_in()
    elif why == "frozen":
        assert scene.owner.call("POST", "/me/freeze").status_code == 204
    before = contents(scene.world)
    for operation in described:
        if ROLE[operation.name] == "owner":
            assert told(scene.ask(delegate, operation)) == (404, "not-found"), operation.name
    assert contents(scene.world) == before
    assert delegate.get("/accounts").json() == []


def test_a_delegate_gets_in_on_that_account_alone(scene: Scene, described: list[Operation]) -> None:
    delegate = scene.delegate("see", "prepare", "send", "pay")
    other = scene.owner.account(siret="99999999800019")
    for operation in described:
        if ROLE[operation.name] == "owner":
            answer = scene.ask(delegate, operation, account_id=other.id)
            assert told(answer) == (404, "not-found"), operation.name
