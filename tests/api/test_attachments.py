"""Files kept with an account: type by content, sealed on disk, the owner's alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from contract.attachments import LARGEST
from tests.support.world import API, Opened, World

PDF = b"%PDF-1.7\n" + b"a proof that only I may read " * 40


def send(account: Opened, content: bytes, **query: str) -> Response:
    someone = account.someone
    return someone.world.client.post(
        f"{API}{account.path}/attachments",
        params={"purpose": "expense", "name": "preuve.pdf", **query},
        content=content,
        headers={"Authorization": f"Bearer {someone.token}"},
    )


@pytest.fixture
def account(world: World) -> Opened:
    return world.person().account()


def test_a_file_is_kept_read_back_and_forgotten(account: Opened) -> None:
    kept = send(account, PDF)
    assert kept.status_code == 201, kept.text
    found: dict[str, Any] = kept.json()
    assert (found["media_type"], found["size"], found["name"]) == (
        "application/pdf", len(PDF), "preuve.pdf",
    )  # fmt: skip
    assert account.get("/attachments?purpose=expense").json() == [found]
    assert account.get("/attachments?purpose=other").json() == []
    body = account.get(f"/attachments/{found['id']}")
    assert body.content == PDF
    assert body.headers["content-type"] == "application/pdf"
    assert body.headers["content-disposition"].startswith("attachment")
    assert account.call("DELETE", f"/attachments/{found['id']}").status_code == 204
    assert account.get(f"/attachments/{found['id']}").status_code == 404
    assert files(account) == []


def files(account: Opened) -> list[Path]:
    folder = account.someone.world.settings.files
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_disk_holds_it_sealed_and_for_us_alone(account: Opened) -> None:
    send(account, PDF)
    (path,) = files(account)
    assert b"proof" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_the_same_file_sent_again_is_one(account: Opened) -> None:
    first = send(account, PDF, id="photo-0001").json()
    assert send(account, PDF, id="photo-0001").json() == first
    assert len(files(account)) == 1
    other = send(account, PDF + b"!", id="photo-0001")
    assert other.json()["errors"][0]["code"] == "identifier_taken"


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>", b"GIF89a....", b"PK\x03\x04"])
def test_the_content_says_the_type_not_the_name(account: Opened, content: bytes) -> None:
    refused = send(account, content)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "file_type"
    assert files(account) == []


def test_ten_megabytes_are_the_most(account: Opened) -> None:
    assert send(account, PDF.ljust(LARGEST, b" ")).status_code == 201
    for more in (1, 200_000):
        refused = send(account, PDF.ljust(LARGEST + more, b" "))
        assert refused.json()["code"] == "body-too-large"


def test_files_are_of_their_owner_alone(account: Opened) -> None:
    found = send(account, PDF).json()
    other = account.someone.world.person("autre@example.org")
    assert other.get(f"{account.path}/attachments/{found['id']}").status_code == 404
    theirs = other.account(siret="99999999800019")
    assert theirs.get(f"/attachments/{found['id']}").status_code == 404
    taken = send(theirs, PDF, id=found["id"])
    assert taken.status_code == 422
