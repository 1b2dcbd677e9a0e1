"""What a person notes between declarations: receipts, days at sea, employers…

An entry is made by the client, identifier included, so that it can be written without a network
and sent once later. `base` names the version that was on the screen: a write made on an older one
changes nothing and is answered with the newer.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from contract.base import Answer, Instant, Wire
from contract.hiding import nobody

EntryId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,40}$"), AfterValidator(nobody)
]
EntryKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
BATCH = 2000


class EntryWrite(Wire):
    """An entry as it should be from now on."""

    kind: EntryKind
    data: Annotated[dict[str, Any], Field(max_length=60)]
    base: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Version this change was made on; none for a new entry"
    )
    deleted: bool = False


class EntryIn(EntryWrite):
    """An entry of a batch."""

    id: EntryId


class EntryBatch(Wire):
    """Several entries, kept all together or not at all."""

    entries: Annotated[list[EntryIn], Field(min_length=1, max_length=BATCH)]


class Entry(Answer):
    """An entry as kept."""

    id: str
    kind: str
    data: dict[str, Any]
    version: int
    deleted: bool = False
    changed_at: Instant


class EntryList(Answer):
    """Entries, and where to ask from next time."""

    entries: list[Entry]
    cursor: int
