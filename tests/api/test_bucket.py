"""Files in a bucket: the same promises as a folder, against a real S3 server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from backend.files.bucket import BucketStore
from backend.files.store import FileMissing, FileStore, FolderStore, build_store
from backend.settings import Settings, SettingsError, load_settings
from tests.api.conftest import Build

KEY, SECRET = "key-of-a-test", "secret-of-a-test"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    try:
        Minio(
            f"{host}:{port}", access_key=KEY, secret_key=SECRET, secure=False, region="us-east-1"
        ).make_bucket("proofs")
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def bucket(url: str) -> dict[str, object]:
    return {
        "files_s3_bucket": "proofs", "files_s3_url": url, "files_s3_key": SecretStr(KEY),
        "files_s3_secret": SecretStr(SECRET),
    }  # fmt: skip


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "folder":
        return build_store(Settings(data_dir=tmp_path))
    return build_store(Settings(data_dir=tmp_path, **bucket(request.getfixturevalue("s3"))))  # type: ignore[arg-type]


def test_a_file_comes_back_as_it_was(store: FileStore) -> None:
    content = bytes(range(256)) * 4000
    first, second = store.put(content), store.put(b"")
    assert first != second
    assert store.get(first) == content
    assert store.get(second) == b""
    store.delete(first)
    store.delete(first)
    with pytest.raises(FileMissing):
        store.get(first)
    for wrong in ("../secret", "ab/../../x", "", "ab"):
        with pytest.raises(FileMissing):
            store.get(wrong)


def test_the_setting_chooses(tmp_path: Path, s3: str) -> None:
    assert isinstance(build_store(Settings(data_dir=tmp_path)), FolderStore)
    chosen = Settings(data_dir=tmp_path, **bucket(s3))  # type: ignore[arg-type]
    assert isinstance(build_store(chosen), BucketStore)
    with pytest.raises(SettingsError, match="QUITTANCE_FILES_S3_URL"):
        load_settings(data_dir=tmp_path, files_s3_bucket="proofs")


def test_proofs_of_people_are_sealed_in_the_bucket(build: Build, s3: str, tmp_path: Path) -> None:
    world = build(**bucket(s3))
    account = world.person().account()
    answer = world.client.post(
        f"/api/v1{account.path}/attachments?purpose=expense&name=note.pdf",
        content=b"%PDF-1.7 hotel 120 euros",
        headers={"Authorization": f"Bearer {account.someone.token}"},
    )
    assert answer.status_code == 201, answer.text
    client = Minio(s3.removeprefix("http://"), access_key=KEY, secret_key=SECRET, secure=False,
                   region="us-east-1")  # fmt: skip
    names = [found.object_name for found in client.list_objects("proofs", recursive=True)]
    raw = [client.get_object("proofs", name).data for name in names if name]
    assert not any(b"hotel" in content for content in raw)
    back = account.get(f"/attachments/{answer.json()['id']}")
    assert back.content == b"%PDF-1.7 hotel 120 euros"
    assert not (tmp_path / "files").exists()
