"""Files in a bucket of an S3-compatible service."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import S3Error

from backend.files.store import FileMissing, new_key
from backend.settings import Settings

TIMEOUT = urllib3.Timeout(connect=5, read=30)
RETRIES = urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])


class BucketStore:
    """One object a file. What is kept is sealed before it comes here: the service reads nothing."""

    def __init__(self, settings: Settings) -> None:
        address = urlsplit(settings.files_s3_url)
        self.bucket = settings.files_s3_bucket
        self.client = Minio(
            address.netloc,
            access_key=settings.files_s3_key.get_secret_value(),
            secret_key=settings.files_s3_secret.get_secret_value(),
            region=settings.files_s3_region,
            secure=address.scheme == "https",
            http_client=urllib3.PoolManager(timeout=TIMEOUT, retries=RETRIES),
        )

    def put(self, content: bytes) -> str:
        """One object, whole or not at all; its key is known once the service has kept it."""
        key = new_key()
        self.put_back(key, content)
        return key

    def put_back(self, key: str, content: bytes) -> None:
        """As `put`, under a key that was made before."""
        self.client.put_object(
            self.bucket,
            _checked(key),
            io.BytesIO(content),
            len(content),
            "application/octet-stream",
        )

    def get(self, key: str) -> bytes:
        """The bytes of `key`. Raises FileMissing."""
        try:
            answer = self.client.get_object(self.bucket, _checked(key))
        except S3Error as error:
            if error.code in {"NoSuchKey", "NoSuchBucket"}:
                raise FileMissing(key) from None
            raise
        try:
            return bytes(answer.read())
        finally:
            answer.close()
            answer.release_conn()

    def delete(self, key: str) -> None:
        """Forget `key`; a key unknown is fine too."""
        self.client.remove_object(self.bucket, _checked(key))


def _checked(key: str) -> str:
    folder, _, name = key.partition("/")
    if not (folder.isalnum() and name.isalnum()):
        raise FileMissing("not a key")
    return key
