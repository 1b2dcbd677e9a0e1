"""The web client: cut, compressed, kept by browsers; the app's own way until it is there."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.testclient import TestClient

from backend.web import press as pressing
from backend.web.client import client_folder
from backend.web.front import Front
from backend.web.icons import used
from backend.web.policy import app_page
from backend.web.press import BEST, QUICK, Client, found, page, press

FIRST_VISIT = 4_000_000  # bytes of a first visit when compressed quickly; 3.5 million at best


@pytest.fixture(scope="module")
def client() -> Client:
    """The real one, compressed quickly, once for all runs."""
    made = found(Path(os.environ["QUITTANCE_CACHE_DIR"]))
    press(made, QUICK)
    return made


@pytest.fixture
def web(client: Client) -> TestClient:
    return TestClient(Front(PlainTextResponse("the app's own"), client))


def shown(client: Client) -> dict[str, Any]:
    """What the page tells its script."""
    told = re.search(r"quittanceClient=(\{.*?\})</script>", page(client).decode())
    assert told
    return dict(json.loads(told[1]))


def test_every_address_opens_the_page_and_names_only_files_that_are_there(
    web: TestClient, client: Client
) -> None:
    for path in ("/", "/declare/2026-10/amounts", "/index.html"):
        answer = web.get(path)
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
        assert answer.headers["content-security-policy"] == app_page(answer.content)
    assert answer.headers["content-security-policy"].count("sha256-") == 5
    named = re.findall(r'(?:src|href)="(/client-[^"]+)"', answer.text)
    assert len(named) == 7
    told = shown(client)
    named += [told["base"] + name for name in told["small"]]
    named += [told["base"] + name for names in told["scripts"].values() for name in names]
    named += [told["base"] + name for name in told["sizes"]]
    for path in named:
        got = web.head(path)
        assert got.status_code == 200, path
        assert got.headers["cache-control"] == "public, max-age=31536000, immutable", path
    assert "<!-- " not in answer.text


def test_a_page_already_read_is_not_sent_again(web: TestClient) -> None:
    first = web.get("/", headers={"Accept-Encoding": "br"})
    assert first.headers["content-encoding"] == "br"
    again = web.get("/home", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert web.get("/", headers={"Accept-Encoding": "identity"}).text == first.text


def test_the_first_visit_stays_small(web: TestClient, client: Client) -> None:
    told = shown(client)
    names = ["main.dart.wasm", "canvaskit/skwasm.wasm", "start.js", "keys.js", "page.js",
             "back.js", *told["scripts"]["skwasm"], *told["small"]]  # fmt: skip
    sizes = {name: int(web.head(told["base"] + name).headers["content-length"]) for name in names}
    assert sum(sizes.values()) < FIRST_VISIT, sizes
    assert len(web.get("/", headers={"Accept-Encoding": "br"}).content)  # decoded by the client
    assert len(brotli.compress(page(client))) < 5_000


def test_the_compressed_file_is_the_file(web: TestClient, client: Client) -> None:
    original = (client_folder() / "main.dart.wasm").read_bytes()
    path = f"/{client.name}/main.dart.wasm"
    for coding in ("br", "gzip"):
        got = web.get(path, headers={"Accept-Encoding": coding})
        assert got.headers["content-encoding"] == coding
        assert got.headers["content-type"] == "application/wasm"
        assert got.content == original


def test_letters_our_font_lacks_have_one_that_has_them(web: TestClient, client: Client) -> None:
    asked = f"/{client.name}/assets/fonts/notosans/v37/a-part-of-it.woff2"
    assert web.get(asked).content == (client.folder / pressing.OTHERS).read_bytes()
    assert web.get(f"/{client.name}/assets/fonts/notosanshk/v37/other.woff2").status_code == 404


def test_icons_are_found_by_their_whole_word(tmp_path: Path) -> None:
    (tmp_path / "screen.py").write_text(
        'ft.Icons.ADD, Icons.A_1; CupertinoIcons.BELL; Shortcut(N_("Mer"), "SAILING")\n'
        'NoShortcut("x", "CAR")'
    )
    assert used(tmp_path) == {"add", "a_1", "sailing"}


def test_what_is_not_the_client_is_the_app_s(web: TestClient) -> None:
    for path in ("/ws", "/upload/x", "/missing.png", "/main.dart.wasm"):
        assert web.get(path).text == "the app's own"
    assert web.post("/").text == "the app's own"


def test_until_the_client_is_made_the_app_answers(tmp_path: Path) -> None:
    web = TestClient(Front(PlainTextResponse("the app's own"), found(tmp_path)))
    assert web.get("/").text == "the app's own"
    own = Front(HTMLResponse("<script>flet()</script>"), found(tmp_path))
    answer = TestClient(own).get("/home", headers={"If-None-Match": '"a"'})
    assert answer.headers["content-security-policy"] == app_page(answer.content)
    assert "sha256-" in answer.headers["content-security-policy"]
    assert web.get(f"/{found(tmp_path).name}/main.dart.wasm").status_code == 404


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    """A client of a few bytes, made nowhere yet."""
    text = b"the same words, the same words, the same words. " * 40
    files = dict.fromkeys((*pressing.LARGE, "flutter.js"), text)
    monkeypatch.setattr(pressing, "client_files", lambda _folder: dict(files))
    return found(tmp_path)


def test_it_is_compressed_quickly_then_at_best(small: Client) -> None:
    press(small, QUICK)
    assert small.ready
    assert not small.best
    press(small, BEST)
    assert small.best
    plain = (small.folder / "main.dart.js").read_bytes()
    assert brotli.decompress((small.folder / "main.dart.js.br").read_bytes()) == plain
    assert gzip.decompress((small.folder / "main.dart.js.gz").read_bytes()) == plain
    assert shown(small)["wire"]["main.dart.js"] == (
        small.folder / "main.dart.js.br"
    ).stat().st_size  # fmt: skip


def test_old_versions_go_and_a_half_made_one_is_never_served(small: Client) -> None:
    for number in range(6):
        (small.root / f"client-{number:016d}").mkdir(parents=True)
    (small.root / small.name).mkdir()
    assert not small.ready, "an empty folder is no client"
    (small.root / small.name).rmdir()
    press(small, QUICK)
    assert len(list(small.root.glob("client-*"))) == 1 + pressing.KEPT
    assert not list(small.root.glob(".client.*"))


def test_two_processes_do_the_long_part_once(small: Client) -> None:
    small.root.mkdir(parents=True)
    lock = small.root / "press.lock"
    with pressing._alone(lock) as first, pressing._alone(lock) as second:
        assert (first, second) == (True, False)
    with pressing._alone(lock) as third:
        assert third
