"""The real backend, in process, for the screens."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.demo import seed
from backend.main import create_app
from backend.settings import Settings
from tests.screens import harness

TODAY = date(2026, 11, 23)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that opens a screen runs twice: as the service hands the app out, and as the
    pocket carries it."""
    if "open_app" in vars(metafunc.module):
        metafunc.fixturenames.append("carried")
        metafunc.parametrize("carried", ["served", "pocket"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def carried(request: pytest.FixtureRequest) -> Iterator[str]:
    """How the app reaches its backend; each way has a backend of its own."""
    harness.carrier = getattr(request, "param", "served")
    yield harness.carrier
    harness.carrier = "served"


@pytest.fixture(scope="session")
def api_folder(tmp_path_factory: pytest.TempPathFactory, carried: str) -> Path:
    """Data folder of the backend of the screens."""
    return tmp_path_factory.mktemp(f"screens-{carried}")


@pytest.fixture(scope="session")
def api(api_folder: Path) -> Iterator[Any]:
    """The collector with its demo accounts, standing on 2026-11-23. One for the whole run: a test
    that writes takes a person of its own (`newcomer`) or a demo account nobody else writes to."""
    settings = Settings(
        data_dir=api_folder, demo=True, today=TODAY, argon2_memory_kib=8, port=8550
    )  # fmt: skip
    app = create_app(settings)
    seed(app.state.services)
    yield app
    app.state.services.mailer.close()
    app.state.services.storage.close()


Caller = Callable[..., httpx.Response]


@pytest.fixture(scope="session")
def call(api: Any) -> Caller:
    """`call("POST", "/persons", json=…, token=…)`: one request to the backend, outside the app."""

    def send(method: str, path: str, token: str | None = None, **more: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=api, client=(more.pop("address", "127.0.0.1"), 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                headers.update(more.pop("headers", {}))
                return await client.request(method, "/api/v1" + path, headers=headers, **more)

        # A thread of its own, so that a scenario may call from inside its event loop.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, go()).result()

    return send


@pytest.fixture(scope="session")
def demo(call: Caller) -> Callable[[str], str]:
    """`demo("vente")` opens a session on the ready account whose slug starts so: its token."""

    def token(slug: str) -> str:
        found = [a["slug"] for a in call("GET", "/demo/accounts").json()]
        chosen = next(s for s in found if s.startswith(slug))
        return str(call("POST", "/demo/sessions", json={"slug": chosen}).json()["token"])

    return token


@pytest.fixture
def newcomer(call: Caller, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Somebody new, with no account yet: (e-mail, token). The password is PASSWORD."""
    whole = request.node.name.lower()
    name = re.sub(r"[^a-z0-9]", "-", whole)[:40].strip("-")
    # Two cases of a test may begin alike.
    crc = zlib.crc32(whole.encode())
    name += f"-{crc:08x}"
    email = f"{name}@exemple.fr"
    # From an address of one's own: so many people from one would be refused, rightly.
    address = f"10.{crc >> 16 & 255}.{crc >> 8 & 255}.{crc & 255}"
    answer = call(
        "POST", "/persons", address=address,
        json={"email": email, "password": PASSWORD, "locale": "fr"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return email, answer.json()["token"]


PASSWORD = "quatre chevaux mangent du foin"
