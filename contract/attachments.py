"""Files kept with an account: proofs, photos."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from contract.base import Answer, Instant

LARGEST = 10_000_000
"""Bytes of one file."""
MediaType = Literal["application/pdf", "image/jpeg", "image/png"]
FileName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120,
                           pattern=r"^[^\x00-\x1f\x7f/\\]+$"),
]  # fmt: skip
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,29}$")]


def media_type(content: bytes) -> MediaType | None:
    """What `content` is by its own first bytes; None for anything not taken here."""
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return None


class AttachmentView(Answer):
    """A file of mine."""

    id: str
    purpose: str
    name: str
    media_type: MediaType
    size: int
    sha256: str
    created_at: Instant
