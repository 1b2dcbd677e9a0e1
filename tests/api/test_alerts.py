"""A thief is announced to the owner, who freezes everything with one button."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend.settings import Settings
from backend.storage.alerts import SeenDevice
from backend.storage.device_keys import DeviceKey
from backend.storage.tables import Refund
from backend.usecases.alerts import thaw
from backend.usecases.authentic import judge
from backend.usecases.collect import collect
from tests.api.test_device_keys import made
from tests.api.test_paying import IBAN, OTHER, debit, sign
from tests.support.world import API, PASSWORD, Someone, World

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
NEWER = FIREFOX.replace("145.0", "146.0.1")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) Safari/605.1.15"


def sign_in(world: World, agent: str, address: str = "") -> int:
    headers = {"User-Agent": agent}
    if address:
        headers["X-Forwarded-For"] = address
    answer = world.client.post(
        f"{API}/sessions", json={"email": "camille@example.org", "password": PASSWORD},
        headers=headers,
    )  # fmt: skip
    return answer.status_code


def alerts(world: World, words: str) -> list[str]:
    found = []
    for message in world.messages():
        part = message.get_body(("plain",))
        text = part.get_content() if part is not None else ""
        if words in text:
            found.append(text)
    return found


NEW_PLACE = "que vous n’aviez jamais"


def test_a_new_device_is_told_once_and_an_updated_one_is_the_same(world: World) -> None:
    world.person()
    assert sign_in(world, FIREFOX) == 201
    told = alerts(world, NEW_PLACE)
    assert len(told) == 1  # the person signed up from another one
    assert "/auth/freeze?token=" in told[0]
    for agent in (FIREFOX, NEWER, FIREFOX):
        assert sign_in(world, agent) == 201
    assert len(alerts(world, NEW_PLACE)) == 1
    assert sign_in(world, PHONE) == 201
    assert len(alerts(world, NEW_PLACE)) == 2
    with world.services.storage.read() as database:
        marks = database.scalars(select(SeenDevice.mark)).all()
    assert len(marks) == 3
    assert all("Firefox" not in mark and len(mark) == 64 for mark in marks)


def test_a_wrong_password_is_no_place(world: World) -> None:
    world.person()
    answer = world.client.post(
        f"{API}/sessions", json={"email": "camille@example.org", "password": PASSWORD + "x"},
        headers={"User-Agent": PHONE},
    )  # fmt: skip
    assert answer.status_code == 401
    with world.services.storage.read() as database:
        assert database.scalar(select(func.count()).select_from(SeenDevice)) == 1


def test_every_change_of_the_moneys_way_is_told(world: World) -> None:
    account = world.person().account()
    mandate = sign(account)
    assert len(alerts(world, "à prélever vient d’être ajouté")) == 1
    account.call("DELETE", f"/mandates/{mandate['id']}")
    assert len(alerts(world, "à prélever vient d’être retiré")) == 1
    wanted = {"iban": OTHER, "holder": "Camille Démo", "current_password": PASSWORD}
    assert account.call("PUT", "/refund/iban", wanted).status_code == 200
    told = alerts(world, "remboursements vient d’être changé")
    assert len(told) == 1
    assert IBAN not in told[0]
    assert OTHER not in told[0]


def freeze_link(world: World) -> str:
    return f"/auth/freeze?token={world.token_sent('auth/freeze')}"


@pytest.mark.parametrize("how", ["link", "screen"])
def test_a_frozen_account_lets_nobody_in_until_a_new_password(world: World, how: str) -> None:
    someone = world.person()
    assert sign_in(world, PHONE) == 201
    if how == "link":
        link = freeze_link(world)
        assert world.client.get(link).status_code == 200
        assert someone.get("/me").status_code == 200, "opening a link freezes nothing"
        page = world.client.post(link, headers={"Origin": world.settings.url})
        assert (page.status_code, "Votre compte est bloqué" in page.text) == (200, True)
        again = world.client.post(link, headers={"Origin": world.settings.url})
        assert (again.status_code, "ne fonctionne plus" in again.text) == (410, True)
    else:
        assert someone.call("POST", "/me/freeze").status_code == 204
    assert someone.get("/me").status_code == 401
    answer = world.client.post(
        f"{API}/sessions", json={"email": "camille@example.org", "password": PASSWORD}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "account-frozen")
    wrong = world.client.post(
        f"{API}/sessions", json={"email": "camille@example.org", "password": PASSWORD + "x"}
    )
    assert wrong.json()["code"] == "bad-credentials", "a stranger is not told"
    assert len(alerts(world, "personne ne peut se connecter")) == 1
    world.client.post(f"{API}/password-resets", json={"email": "camille@example.org"})
    new = PASSWORD + " bis"
    done = world.client.post(
        f"{API}/password-resets/complete",
        json={"token": world.token_sent("reset"), "password": new},
    )
    assert done.status_code == 204
    opened = world.client.post(
        f"{API}/sessions", json={"email": "camille@example.org", "password": new}
    )
    assert opened.status_code == 201


def test_freezing_ends_the_codes_of_devices(world: World) -> None:
    someone: Someone = world.person()
    made(someone)
    someone.call("POST", "/me/freeze")
    with world.services.storage.read() as database:
        row = database.scalars(select(DeviceKey)).one()
    assert row.half is None
    assert row.revoked_at is not None


def test_no_refund_leaves_a_frozen_account(world: World) -> None:
    account = world.person().account()
    sign(account)
    first = account.declare("2026-09", vente="1000")
    debit(world, account, "2026-09", "2026-11-24")
    account.declare("2026-09", corrects=first["number"], vente="400")
    asked = account.call(
        "POST", "/refunds", {"iban": OTHER, "holder": "Camille Démo", "current_password": PASSWORD}
    )
    assert asked.status_code == 201, asked.text
    assert len(alerts(world, "vers un nouveau compte bancaire")) == 1
    account.someone.call("POST", "/me/freeze")
    assert collect(world.services, date(2026, 11, 25)).refunds == 0
    with world.services.storage.write() as database:
        assert database.scalars(select(Refund.state)).all() == ["asked"]
        thaw(database, world.services, account.someone.id)
    assert collect(world.services, date(2026, 11, 26)).refunds == 1


SERVICE = Settings(
    public_url="https://quittance.example", mail_from="Quittance <nepasrepondre@quittance.example>",
    service_email="aide@quittance.example", service_phone="01 99 00 12 34",
)  # fmt: skip
SAID = {
    "https://quittance.example/auth/freeze?token=abc": ("ours", "link", ""),
    "quittance.example/payments": ("ours", "link", ""),
    "HTTPS://QUITTANCE.EXAMPLE.": ("ours", "link", ""),
    "«https://quittance.example/»": ("ours", "link", ""),
    "https://quittance.example:443/": ("ours", "link", ""),
    "https://quittance.example:8443/": ("imitation", "link", "port"),
    "http://quittance.example/": ("imitation", "link", "scheme"),
    "javascript://quittance.example/%0aalert(1)": ("imitation", "link", "scheme"),
    "https://quittance.example@evil.example/": ("imitation", "link", "user"),
    "https://x@quittance.example/": ("imitation", "link", "user"),
    "https://quittance.example.evil.example/": ("imitation", "link", "domain"),
    "https://quittance-example.evil.example/": ("imitation", "link", "domain"),
    "https://mon-quittance.example.org/": ("imitation", "link", "domain"),
    "https://quitance.example/": ("imitation", "link", "near"),
    "https://quittanсe.example/": ("imitation", "link", "letters"),  # a Cyrillic c
    "https://xn--quittane-97g.example/": ("imitation", "link", "letters"),  # the same, as sent
    "https://qu1ttance.example/": ("imitation", "link", "near"),
    "https://quittance.example\\@evil.example/": ("imitation", "link", "letters"),
    "https://quittance\u200b.example/": ("imitation", "link", "letters"),
    "https://www.impots.gouv.fr/": ("foreign", "link", ""),
    "https://192.0.2.7/": ("foreign", "link", ""),
    "nepasrepondre@quittance.example": ("ours", "email", ""),
    "Quittance <aide@quittance.example>": ("ours", "email", ""),
    "remboursement@quittance.example": ("imitation", "email", "user"),
    "aide@quittance.example.org": ("imitation", "email", "domain"),
    "aide@exemple.fr": ("foreign", "email", ""),
    "01 99 00 12 34": ("ours", "phone", ""),
    "+33 1 99 00 12 34": ("ours", "phone", ""),
    "0033199001234": ("ours", "phone", ""),
    "08 99 00 12 34": ("foreign", "phone", ""),
    "Bonjour, c’est votre conseiller, rappelez-moi vite": ("unreadable", "none", ""),
    "https://[::1": ("unreadable", "link", ""),
    "https://": ("unreadable", "link", ""),
}  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_what_is_ours_and_what_only_looks_so(text: str) -> None:
    found = judge(text, SERVICE)
    assert (found.verdict, found.kind, found.why) == SAID[text]


@given(st.one_of(st.text(max_size=80), st.builds(
    "https://{}{}{}".format, st.text(max_size=12), st.sampled_from(["quittance.example", "@", ""]),
    st.text(max_size=12),
)))  # fmt: skip
def test_only_our_own_host_is_ever_said_to_be_ours(text: str) -> None:
    found = judge(text, SERVICE)
    if found.verdict == "ours" and found.kind == "link":
        rest = text.strip().strip("<>()[]\"'«».,;").lower().removeprefix("https://")
        assert rest.split("/")[0].split("?")[0].split("#")[0].rstrip(".").removesuffix(":443") in {
            "quittance.example", "quittance.example:"
        }  # fmt: skip


def test_checking_needs_no_account_and_is_slowed_down(world: World) -> None:
    path, body = f"{API}/message-checks", {"text": "https://quittance.example/"}
    assert world.client.post(path, json=body).json()["verdict"] == "ours"
    answers = [world.client.post(path, json=body).status_code for _ in range(60)]
    assert answers[-1] == 429
