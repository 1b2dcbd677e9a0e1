"""Signing in at a real provider of identity (tests/support/provider.py), and what it, or somebody
in between, must not obtain."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr
from sqlalchemy import select

from backend import oidc
from backend.settings import Settings, SettingsError, load_settings
from backend.storage.factor import LinkedIdentity, ProviderSession
from backend.storage.tables import Person, Session
from tests.api.conftest import Build
from tests.api.test_factor import AGAIN, code, enrolled, give
from tests.support.provider import KEY, PASSWORD, SECRET
from tests.support.world import API, Someone, World

US = "https://quittance.example"
CALLBACK, LEFT = f"{US}/auth/provider/callback", f"{US}/auth/left"
COOKIE, BROWSER = "__Host-quittance_session", "__Host-quittance_provider"
ROOT = Path(__file__).parents[2]


class Provider:
    """The provider, and a browser that may be signed in there."""

    def __init__(self, address: str, key: RSAKey) -> None:
        self.address = address
        self.key = key

    def browser(self) -> httpx.Client:
        """A window that has not been there yet."""
        return httpx.Client(base_url=self.address, follow_redirects=False)

    def agree(self, url: str, name: str, browser: httpx.Client | None = None) -> str:
        """Follow an authorization to its end, signing in as `name`: the way back to us."""
        window = browser or self.browser()
        answer = window.get(url)
        while True:
            there = answer.headers["location"]
            if there.startswith(US):
                return there
            if "/login" in there:
                answer = window.post(there, data={"username": name, "password": PASSWORD})
                assert answer.status_code == 302, "the provider refused"
            else:
                answer = window.get(there)


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider's process."""
    folder = tmp_path_factory.mktemp("provider")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.provider", str(folder), CALLBACK, LEFT],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address.startswith("http"), "the provider did not start"
    yield Provider(address, RSAKey.import_key((folder / KEY).read_bytes()))
    process.kill()
    process.wait(timeout=20)


@pytest.fixture
def world(build: Build, provider: Provider) -> Iterator[World]:
    """A collector that knows the provider, and stands on the same moment as it."""
    oidc.forget()
    made = build(
        oidc_issuer=provider.address, oidc_client_id="quittance",
        oidc_client_secret=SecretStr(SECRET), oidc_name="Fournisseur d’essai",
    )  # fmt: skip
    made.clock.set(datetime.now(UTC))
    yield made
    oidc.forget()


def get(world: World, path: str, **more: Any) -> httpx.Response:
    answer: httpx.Response = world.client.get(path, follow_redirects=False, **more)
    return answer


def leave(world: World, path: str = "/auth/provider/start") -> str:
    """Start: the address at the provider."""
    answer = get(world, path)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def there(answer: httpx.Response) -> str:
    """Where an answer sends, without what makes the address another each time."""
    return str(answer.headers["location"]).partition("&n=")[0]


def visit(world: World, provider: Provider, name: str, path: str = "/auth/provider/start") -> str:
    """A whole visit: where it ends."""
    back = provider.agree(leave(world, path), name)
    return there(get(world, back))


def me(world: World) -> dict[str, Any]:
    """Who the browser's cookie says."""
    answer = world.client.get(f"{API}/me")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def people(world: World) -> list[str]:
    with world.services.storage.read() as database:
        return list(database.scalars(select(Person.email)).all())


def test_the_request_says_what_it_must(world: World) -> None:
    answer = get(world, "/auth/provider/start?lang=en")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked["scope"] == ["openid email"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    told = answer.headers["set-cookie"]
    assert told.startswith(f"{BROWSER}=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in told
    again = parse_qs(urlsplit(leave(world)).query)
    assert not {again[n][0] for n in ("state", "nonce", "code_challenge")} & {
        asked[n][0] for n in ("state", "nonce", "code_challenge")
    }


def test_somebody_new_is_created_then_known_again(world: World, provider: Provider) -> None:
    path = "/auth/provider/start?next=/securite"
    assert visit(world, provider, "sasha", path) == "/securite"
    first = me(world)
    assert (first["email"], first["email_confirmed"]) == ("sasha@example.org", True)
    world.client.cookies.clear()
    assert visit(world, provider, "sasha") == "/home"
    assert me(world)["id"] == first["id"]
    assert people(world) == ["sasha@example.org"]
    state = world.client.get(f"{API}/me/security").json()
    assert state["provider"]["name"] == "Fournisseur d’essai"
    assert state["provider"]["linked_at"]


def test_an_address_that_is_not_verified_is_confirmed_by_message(
    world: World, provider: Provider
) -> None:
    visit(world, provider, "alex")
    assert me(world)["email_confirmed"] is False
    token = world.token_sent("confirm")
    assert world.client.post(
        f"{API}/email-confirmations", json={"token": token}, headers={"Origin": US}
    ).status_code == 204  # fmt: skip
    assert me(world)["email_confirmed"] is True


def test_without_an_address_nobody_is_created(world: World, provider: Provider) -> None:
    assert visit(world, provider, "nobody") == "/signin?fournisseur=adresse"
    assert people(world) == []
    assert COOKIE not in world.client.cookies


@pytest.mark.parametrize("name", ["camille", "alex"])
def test_an_account_is_never_taken_over_by_its_address(
    world: World, provider: Provider, name: str
) -> None:
    world.person(f"{name}@example.org")
    assert visit(world, provider, name) == "/signin?fournisseur=lier"
    assert COOKIE not in world.client.cookies
    with world.services.storage.read() as database:
        assert database.scalars(select(LinkedIdentity)).all() == []


def by_cookie(world: World, someone: Someone) -> None:
    """Someone's browser."""
    world.client.cookies.set(COOKIE, someone.token, domain="quittance.example")


def test_the_owner_links_then_signs_in_then_unlinks(world: World, provider: Provider) -> None:
    someone = world.person()
    wrong = someone.call("POST", "/me/provider/link", {"current_password": "pas la bonne"})
    assert wrong.json()["errors"][0]["code"] == "password_wrong"
    door = someone.call("POST", "/me/provider/link", AGAIN).json()["path"]
    by_cookie(world, someone)
    assert visit(world, provider, "camille", door) == "/securite?fait=relie"
    world.client.cookies.clear()
    assert visit(world, provider, "camille") == "/home"
    assert me(world)["id"] == someone.id
    assert someone.call("POST", "/me/provider/unlink", AGAIN).status_code == 204
    world.client.cookies.clear()
    assert visit(world, provider, "camille") == "/signin?fournisseur=lier"
    assert someone.call("POST", "/me/provider/unlink", AGAIN).status_code == 404


def test_an_identity_has_one_account(world: World, provider: Provider) -> None:
    visit(world, provider, "sasha")
    world.client.cookies.clear()
    someone = world.person()
    door = someone.call("POST", "/me/provider/link", AGAIN).json()["path"]
    by_cookie(world, someone)
    assert visit(world, provider, "sasha", door) == "/securite?fait=autre"


def test_a_door_is_for_the_session_that_asked(world: World) -> None:
    camille, alex = world.person(), world.person("alex@example.org")
    door = camille.call("POST", "/me/provider/link", AGAIN).json()["path"]
    assert there(get(world, door)) == "/securite?fait=echec"  # nobody
    by_cookie(world, alex)
    door = camille.call("POST", "/me/provider/link", AGAIN).json()["path"]
    assert there(get(world, door)) == "/securite?fait=echec"
    by_cookie(world, camille)
    assert there(get(world, door)) == "/securite?fait=echec"  # spent


FAILED = "/signin?fournisseur=echec"


def test_state_is_known_used_once_and_bound_to_the_browser(
    world: World, provider: Provider
) -> None:
    back = provider.agree(leave(world), "sasha")
    mine = world.client.cookies.get(BROWSER)
    # Another browser, to which somebody sent the link.
    world.client.cookies.clear()
    assert get(world, back).headers["location"] == FAILED
    world.client.cookies.set(BROWSER, mine or "", domain="quittance.example")
    assert get(world, back).headers["location"] == FAILED  # the state is spent
    back = provider.agree(leave(world), "sasha")
    for wrong in ("x" * 43, "", parse_qs(urlsplit(leave(world)).query)["state"][0]):
        answer = get(world, "/auth/provider/callback", params={"state": wrong, "code": "abc"})
        assert answer.headers["location"] == FAILED
    assert people(world) == []


def test_the_way_back_of_one_start_is_not_that_of_another(world: World, provider: Provider) -> None:
    first = provider.agree(leave(world), "sasha")
    second = provider.agree(leave(world), "sasha")
    codes = [parse_qs(urlsplit(each).query)["code"][0] for each in (first, second)]
    mixed = second.replace(codes[1], codes[0])  # the code of the first, the state of the second
    assert get(world, mixed).headers["location"] == FAILED  # PKCE: another verifier
    assert people(world) == []


def test_a_code_is_used_once(world: World, provider: Provider) -> None:
    back = provider.agree(leave(world), "sasha")
    assert get(world, back).headers["location"] == "/home"
    used = parse_qs(urlsplit(back).query)["code"][0]
    fresh = provider.agree(leave(world), "sasha")
    again = fresh.replace(parse_qs(urlsplit(fresh).query)["code"][0], used)
    assert get(world, again).headers["location"] == FAILED


def test_a_visit_lasts_ten_minutes(world: World, provider: Provider) -> None:
    back = provider.agree(leave(world), "sasha")
    world.clock.advance(minutes=10)
    assert get(world, back).headers["location"] == FAILED


def test_who_changes_their_mind_comes_back(world: World) -> None:
    state = parse_qs(urlsplit(leave(world)).query)["state"][0]
    answer = get(
        world, "/auth/provider/callback", params={"state": state, "error": "access_denied"}
    )
    assert answer.headers["location"] == FAILED


def test_another_issuer_that_answers_is_refused(world: World, provider: Provider) -> None:
    back = provider.agree(leave(world), "sasha")
    told = urlsplit(back)._replace(
        query="&".join(p for p in urlsplit(back).query.split("&") if not p.startswith("iss="))
    )
    answer = get(world, told.geturl() + "&iss=https%3A%2F%2Fevil.example")
    assert answer.headers["location"] == FAILED


# -- Tokens that lie -----------------------------------------------------------------------------

Lie = Callable[[dict[str, Any], Provider], str]


def signed(**changed: Any) -> Lie:
    """The provider's own token with other claims, signed by its own key; None takes one away."""

    def make(claims: dict[str, Any], provider: Provider) -> str:
        told = {n: v for n, v in {**claims, **changed}.items() if v is not None}
        return jwt.encode({"alg": "RS256", "kid": provider.key.thumbprint()}, told, provider.key)

    return make


def by(header: dict[str, Any], key: Callable[[Provider], Any]) -> Lie:
    """The right claims, signed otherwise."""

    def make(claims: dict[str, Any], provider: Provider) -> str:
        return jwt.encode(header, claims, key(provider), algorithms=[header["alg"]])

    return make


def unsigned(claims: dict[str, Any], _provider: Provider) -> str:
    """alg none."""
    import json

    from tests.support.authenticator import encoded

    head = encoded(json.dumps({"alg": "none"}).encode())
    return f"{head}.{encoded(json.dumps(claims).encode())}."


NOW = time.time()
LIES: dict[str, Lie] = {
    "nonce": signed(nonce="another"), "no nonce": signed(nonce=None),
    "audience": signed(aud="another"), "no audience": signed(aud=None),
    "two audiences": signed(aud=["quittance", "another"], azp=None),
    "another party": signed(aud=["quittance", "another"], azp="another"),
    "party alone": signed(azp="another"),
    "issuer": signed(iss="https://evil.example"), "no issuer": signed(iss=None),
    "expired": signed(exp=int(NOW) - 120), "no exp": signed(exp=None),
    "exp in words": signed(exp="tomorrow"), "exp true": signed(exp=True),
    "old": signed(iat=int(NOW) - 3600), "made tomorrow": signed(iat=int(NOW) + 86400),
    "no iat": signed(iat=None), "not yet": signed(nbf=int(NOW) + 3600),
    "access token": signed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no subject": signed(sub=None), "empty subject": signed(sub=""),
    "long subject": signed(sub="x" * 256), "subject is a list": signed(sub=["1"]),
    "alg none": unsigned,
    "HS256 with the secret": by({"alg": "HS256"}, lambda _: OctKey.import_key(SECRET * 2)),
    "RS512": by({"alg": "RS512"}, lambda p: p.key),
    "another key": by({"alg": "RS256"}, lambda _: RSAKey.generate_key(2048)),
    "broken": lambda _c, _p: "a.b.c", "empty": lambda _c, _p: "",
}  # fmt: skip


def lying(monkeypatch: pytest.MonkeyPatch, provider: Provider, lie: Lie) -> None:
    """The provider's answer, changed on its way by somebody who may even hold its key."""
    exchange = oidc.exchange

    def changed(*asked: Any) -> oidc.Tokens:
        tokens = exchange(*asked)
        claims = jwt.decode(tokens.id_token, provider.key, algorithms=["RS256"]).claims
        return oidc.Tokens(lie(dict(claims), provider), tokens.access_token)

    monkeypatch.setattr(oidc, "exchange", changed)


@dataclass(frozen=True)
class Truth:
    """A real answer of the provider, and what it was asked with."""

    settings: Settings
    tokens: oidc.Tokens
    nonce: str


@pytest.fixture(scope="module")
def truth(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """Who `sasha` is, as the provider signs it for us."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("truth"), oidc_issuer=provider.address,
        oidc_client_id="quittance", oidc_client_secret=SecretStr(SECRET),
    )  # fmt: skip
    nonce, verifier = "n" * 43, "v" * 43
    url = oidc.authorize_url(settings, CALLBACK, "s" * 43, nonce, verifier, "fr")
    back = provider.agree(url, "sasha")
    given = parse_qs(urlsplit(back).query)["code"][0]
    return Truth(settings, oidc.exchange(settings, given, CALLBACK, verifier), nonce)


def test_what_the_provider_really_says_is_believed(truth: Truth) -> None:
    who = oidc.identify(truth.settings, truth.tokens, truth.nonce, datetime.now(UTC))
    assert (who.email, who.email_verified) == ("sasha@example.org", True)


@pytest.mark.parametrize("name", LIES)
def test_a_token_that_lies_is_not_believed(truth: Truth, provider: Provider, name: str) -> None:
    claims = jwt.decode(truth.tokens.id_token, provider.key, algorithms=["RS256"]).claims
    told = oidc.Tokens(LIES[name](dict(claims), provider), truth.tokens.access_token)
    with pytest.raises(oidc.ProviderError):
        oidc.identify(truth.settings, told, truth.nonce, datetime.now(UTC))


@pytest.mark.parametrize("name", ["nonce", "audience", "alg none"])
def test_a_lie_opens_nothing(
    world: World, provider: Provider, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lying(monkeypatch, provider, LIES[name])
    assert visit(world, provider, "sasha") == FAILED
    assert people(world) == []
    assert COOKIE not in world.client.cookies


def test_the_same_hand_without_a_lie_opens(
    world: World, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying(monkeypatch, provider, signed(aud=["quittance"], azp="quittance"))
    assert visit(world, provider, "sasha") == "/home"


def test_an_address_missing_from_the_token_is_asked_at_user_info(
    world: World, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying(monkeypatch, provider, signed(email=None, email_verified=None))
    assert visit(world, provider, "sasha") == "/home"
    assert people(world) == ["sasha@example.org"]
    world.client.cookies.clear()
    lying(monkeypatch, provider, signed(email=None, sub="somebody-else"))
    assert visit(world, provider, "camille") == FAILED


@pytest.mark.parametrize(
    ("acr", "asked", "right"),
    [("eidas1", "eidas1", True), ("eidas2", "eidas1", True), ("eidas1", "eidas2", False),
     ("", "eidas1", False), ("eidas9", "eidas1", False), ("anything", "", True),
     ("loa-2", "loa-1 loa-2", True), ("loa-3", "loa-1", False)],
)  # fmt: skip
def test_assurance_is_at_least_what_was_asked(acr: str, asked: str, right: bool) -> None:
    assert oidc.assured(acr, asked.split()) is right


# -- With the rest -------------------------------------------------------------------------------


def test_the_second_factor_is_asked_after_the_provider_too(
    world: World, provider: Provider
) -> None:
    someone = world.person()
    door = someone.call("POST", "/me/provider/link", AGAIN).json()["path"]
    by_cookie(world, someone)
    visit(world, provider, "camille", door)
    secret, _ = enrolled(world, someone)
    world.client.cookies.clear()
    path = visit(world, provider, "camille")
    assert path.startswith("/signin?challenge=")
    assert COOKIE not in world.client.cookies
    challenge = parse_qs(urlsplit(path).query)["challenge"][0]
    opened = give(world, challenge, code(world, secret))
    assert opened.status_code == 201
    with world.services.storage.read() as database:
        [kept] = database.scalars(select(ProviderSession)).all()
    assert kept.session_id == opened.json()["session"]["id"]


def test_a_frozen_account_is_told_and_not_opened(world: World, provider: Provider) -> None:
    visit(world, provider, "sasha")
    frozen = world.client.post(f"{API}/me/freeze", headers={"Origin": US})
    assert frozen.status_code == 204
    world.client.cookies.clear()
    assert visit(world, provider, "sasha") == "/signin?fournisseur=gele"
    assert COOKIE not in world.client.cookies


def test_leaving_here_leaves_there_too(world: World, provider: Provider) -> None:
    window = provider.browser()
    get(world, provider.agree(leave(world), "sasha", window))
    cookie = world.client.cookies.get(COOKIE)
    assert get(world, "/auth/leave").headers["location"] == "/"  # the session goes on: nothing said
    world.client.cookies.set(COOKIE, cookie or "", domain="quittance.example")
    ended = world.client.delete(
        f"{API}/sessions/current", headers={"Authorization": f"Bearer {cookie}"}
    )
    assert ended.status_code == 204
    world.client.cookies.set(COOKIE, cookie or "", domain="quittance.example")
    door = get(world, "/auth/leave").headers["location"]
    asked = parse_qs(urlsplit(door).query)
    assert door.startswith(f"{provider.address}/logout/?")
    assert asked["post_logout_redirect_uri"] == [LEFT]
    back = window.get(door)
    while not (location := back.headers["location"]).startswith(US):
        back = window.get(location)
    assert location.startswith(LEFT)
    assert get(world, location).headers["location"] == "/"
    # The provider forgot this window: it asks who it is.
    assert "/login" in window.get(leave(world)).headers["location"]
    with world.services.storage.read() as database:
        assert database.scalars(select(ProviderSession)).all() == []


def test_the_token_of_the_provider_is_kept_encrypted(world: World, provider: Provider) -> None:
    from sqlalchemy import text

    visit(world, provider, "sasha")
    with world.services.storage.read() as database:
        raw = database.scalar(text("SELECT id_token FROM provider_sessions"))
        kept = database.scalar(select(ProviderSession.id_token))
    assert kept.count(".") == 2
    assert kept not in raw


def test_what_logout_needs_is_forgotten_once_sessions_are_over(
    world: World, provider: Provider
) -> None:
    visit(world, provider, "sasha")
    with world.services.storage.write() as database:
        [old] = database.scalars(select(Session)).all()
        old.absolute_expires_at = world.clock.now()
    visit(world, provider, "sasha")
    with world.services.storage.read() as database:
        [kept] = database.scalars(select(ProviderSession)).all()
    assert kept.session_id != old.id


def logout_token(provider: Provider, subject: str, **changed: Any) -> str:
    """What the provider would say."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": provider.address, "aud": "quittance", "iat": now, "exp": now + 60,
        "jti": f"n{time.perf_counter_ns()}", "sub": subject, "events": {oidc.LOGOUT_EVENT: {}},
    } | changed  # fmt: skip
    told = {name: value for name, value in claims.items() if value is not None}
    head = {"alg": "RS256", "typ": "logout+jwt", "kid": provider.key.thumbprint()}
    return jwt.encode(head, told, provider.key)


def say_out(world: World, token: str) -> int:
    return world.client.post("/auth/provider/backchannel", data={"logout_token": token}).status_code


def test_who_leaves_there_has_left_here(world: World, provider: Provider) -> None:
    visit(world, provider, "sasha")
    token = world.client.cookies.get(COOKIE)
    world.client.cookies.clear()
    other = world.person("other@example.org")
    world.client.cookies.clear()
    with world.services.storage.read() as database:
        subject = database.scalar(select(LinkedIdentity.subject)) or ""
    for lie in (
        {"nonce": "x"}, {"events": {}}, {"events": None}, {"aud": "another"}, {"jti": None},
        {"iss": "https://evil.example"}, {"sub": None}, {"iat": 1},
    ):  # fmt: skip
        assert say_out(world, logout_token(provider, subject, **lie)) == 400, lie
    assert say_out(world, "x") == 400
    assert Someone(world, token or "", "", "").get("/me").status_code == 200
    told = logout_token(provider, subject)
    assert say_out(world, told) == 200
    assert Someone(world, token or "", "", "").get("/me").status_code == 401
    assert other.get("/me").status_code == 200
    assert say_out(world, told) == 400  # said once


def test_a_provider_that_is_away_or_another_leaves_the_password(
    build: Build, provider: Provider
) -> None:
    for issuer in ("http://127.0.0.1:9", provider.address + "/"):
        oidc.forget()
        world = build(
            oidc_issuer=issuer, oidc_client_id="quittance", oidc_client_secret=SecretStr(SECRET)
        )
        assert get(world, "/auth/provider/start").headers["location"] == FAILED
    oidc.forget()


def test_without_a_provider_nothing_of_it_is_offered(build: Build) -> None:
    world = build()
    someone = world.person()
    assert world.client.get(f"{API}/sign-in-ways").json()["provider"] is None
    assert someone.get("/me/security").json()["provider"] is None
    assert get(world, "/auth/provider/start").headers["location"] == FAILED
    answer = someone.call("POST", "/me/provider/link", AGAIN)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider-unavailable")
    assert say_out(world, "x") == 400


@pytest.mark.parametrize(
    "given",
    [{"oidc_issuer": "https://id.example"}, {"oidc_issuer": "http://id.example"},
     {"oidc_issuer": "ftp://127.0.0.1"}, {"oidc_scopes": "email"}],
)  # fmt: skip
def test_settings_that_would_not_be_safe_are_refused(given: dict[str, str], tmp_path: Path) -> None:
    whole = {
        "oidc_issuer": "https://id.example", "oidc_client_id": "q",
        "oidc_client_secret": SecretStr("s"),
    }  # fmt: skip
    if given == {"oidc_issuer": "https://id.example"}:
        whole = {}
    assert load_settings(data_dir=tmp_path)
    with pytest.raises(SettingsError):
        load_settings(data_dir=tmp_path, **{**whole, **given})
    assert isinstance(Settings(data_dir=tmp_path), Settings)


def test_sessions_of_the_provider_are_cookies(world: World, provider: Provider) -> None:
    visit(world, provider, "sasha")
    with world.services.storage.read() as database:
        assert [s.kind for s in database.scalars(select(Session)).all()] == ["cookie"]
