"""Files handed out with their compressed copies; the pocket; pages of ours hosted elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.main import create_app
from backend.pocket import pocket_routes, policy
from backend.settings import Settings, SettingsError, load_settings
from backend.static import StaticFiles, accepted

HERE = "https://app.example.org"


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    """A folder with a page, a hashed program and a secret beside it."""
    root = tmp_path / "root"
    (root / "client-0123456789ab").mkdir(parents=True)
    (root / "index.html").write_text("<p>page</p>")
    program = root / "client-0123456789ab" / "main.wasm"
    program.write_bytes(b"plain")
    Path(f"{program}.br").write_bytes(b"brotli")
    Path(f"{program}.gz").write_bytes(b"gzip")
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    return StaticFiles(root, {"X-Frame-Options": "DENY"})


def get(app: Any, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """One request; the body as it went over the wire."""

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://q.test") as client,
            client.stream(
                method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}
            ) as response,
        ):
            raw = b"".join([part async for part in response.aiter_raw()])
            return httpx.Response(
                response.status_code, headers=response.headers, extensions={"raw": raw}
            )

    return asyncio.run(go())


PROGRAM = "/client-0123456789ab/main.wasm"


@pytest.mark.parametrize(
    ("asked", "coding", "body"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", b"gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip", b"gzip"),
        ("br;q=0, gzip;q=0", None, b"plain"),
        ("identity", None, b"plain"),
        ("*", "br", b"brotli"),
        ("br;q=nonsense", None, b"plain"),
    ],
)
def test_the_smallest_copy_that_the_client_reads(
    files: StaticFiles, asked: str, coding: str | None, body: bytes
) -> None:
    answer = get(files, PROGRAM, accept_encoding=asked)
    assert answer.extensions["raw"] == body
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "application/wasm"
    assert answer.headers["content-length"] == str(len(body))


def test_hashed_names_are_kept_and_the_page_is_asked_again(files: StaticFiles) -> None:
    assert "immutable" in get(files, PROGRAM).headers["cache-control"]
    page = get(files, "/")
    assert page.headers["cache-control"] == "no-cache"
    again = get(files, "/", if_none_match=page.headers["etag"])
    assert (again.status_code, again.extensions["raw"]) == (304, b"")
    assert get(files, "/", if_none_match='"other"').status_code == 200
    weak = get(files, "/", if_none_match=f'"x", W/{page.headers["etag"]}')
    assert weak.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/link", f"{PROGRAM}.br",
     "/client-0123456789ab", "//etc/passwd", "/nothing", "/C:%5Csecret"],
)  # fmt: skip
def test_nothing_but_the_files_of_the_folder(files: StaticFiles, path: str) -> None:
    answer = get(files, path)
    assert answer.status_code == 404
    assert b"secret" not in answer.extensions["raw"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_head_says_what_get_would_and_nothing_is_written(files: StaticFiles) -> None:
    head = get(files, PROGRAM, "HEAD", accept_encoding="br")
    assert (head.extensions["raw"], head.headers["content-length"]) == (b"", "6")
    refused = get(files, PROGRAM, "POST")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("header", ["", " , ", "gzip;;q", "br;q"])
def test_any_accept_encoding_is_read(header: str) -> None:
    assert set(accepted(header)) <= {"br", "gzip"}


def test_the_pocket_is_a_route_once_built(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, pocket_dir=tmp_path / "pocket")
    assert pocket_routes(settings) == []
    (tmp_path / "pocket").mkdir()
    (tmp_path / "pocket" / "build.json").write_text('{"backend": "https://api.example.org/x"}')
    assert len(pocket_routes(settings)) == 2
    told = policy("https://api.example.org")
    assert "connect-src 'self' https://api.example.org;" in told
    assert "unsafe-eval" not in told.replace("wasm-unsafe-eval", "")
    assert "script-src 'self' 'wasm-unsafe-eval' blob:;" in told


@pytest.fixture
def hosted(tmp_path: Path) -> Any:
    """A collector that knows one page of ours hosted elsewhere."""
    app = create_app(Settings(data_dir=tmp_path, demo=True, argon2_memory_kib=8, app_origins=HERE))
    yield app
    app.state.services.mailer.close()
    app.state.services.storage.close()


def test_a_page_of_ours_hosted_elsewhere_calls_with_its_token_and_no_cookie(hosted: Any) -> None:
    asked = get(
        hosted, "/api/v1/sessions", "OPTIONS", origin=HERE, access_control_request_method="POST"
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == HERE
    assert "Idempotency-Key" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    answer = get(hosted, "/api/v1/sessions/refresh", "POST", origin=HERE, authorization="Bearer x")
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == HERE
    assert "Origin" in answer.headers["vary"]
    with_cookie = get(
        hosted, "/api/v1/sessions/refresh", "POST", origin=HERE, cookie="quittance_session=x"
    )
    assert with_cookie.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.org.evil", "null"])
def test_other_origins_stay_out(hosted: Any, origin: str) -> None:
    asked = get(
        hosted, "/api/v1/sessions", "OPTIONS", origin=origin, access_control_request_method="POST"
    )
    assert "access-control-allow-origin" not in asked.headers
    answer = get(hosted, "/api/v1/sessions/refresh", "POST", origin=origin)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "text", ["app.example.org", "https://a.example/path", "*", "ftp://a.example"]
)
def test_an_origin_that_is_none_is_refused_at_start(text: str) -> None:
    with pytest.raises(SettingsError, match="origin"):
        load_settings(app_origins=text)
