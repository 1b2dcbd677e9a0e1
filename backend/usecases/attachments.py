"""Files of an account: type told by content, bytes sealed outside the database."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from backend.audit import record
from backend.files.store import FileMissing
from backend.problems import Problem, field_problem
from backend.services import Services
from backend.storage.engine import Along, nothing_else
from backend.storage.notes import Attachment
from backend.storage.tables import Account, new_id
from contract.attachments import LARGEST, AttachmentView, media_type
from contract.problem import ProblemCode

MOST = 500  # files of one account


def attachment_view(row: Attachment) -> AttachmentView:
    """A file as the wire says it."""
    return AttachmentView.model_validate(
        {
            "id": row.id, "purpose": row.purpose, "name": row.name, "media_type": row.media_type,
            "size": row.size, "sha256": row.sha256, "created_at": row.created_at,
        }
    )  # fmt: skip


def attach(
    services: Services, account: Account, purpose: str, name: str, content: bytes,
    wanted: str | None = None, along: Along = nothing_else,
) -> Attachment:  # fmt: skip
    """Keep a file. `wanted` is an identifier made by the client: the same file sent twice under
    it is kept once. Raises invalid-input for a type not taken, body-too-large."""
    if len(content) > LARGEST:
        raise Problem(ProblemCode.BODY_TOO_LARGE)
    kind = media_type(content)
    if kind is None:
        raise field_problem("content", "file_type")
    digest = hashlib.sha256(content).hexdigest()
    with services.storage.read() as database:
        kept = database.get(Attachment, wanted) if wanted else None
        count = len(
            database.scalars(
                select(Attachment.id).where(Attachment.account_id == account.id)
            ).all()
        )  # fmt: skip
    if kept is not None:
        if kept.account_id == account.id and kept.sha256 == digest:
            return kept
        raise field_problem("id", "identifier_taken")
    if count >= MOST:
        raise field_problem("content", "too_many_files")
    key = services.files.put(services.keys.seal(content))
    row = Attachment(
        id=wanted or new_id(), account_id=account.id, purpose=purpose, name=name,
        media_type=kind, size=len(content), sha256=digest, key=key,
        created_at=services.clock.now(),
    )  # fmt: skip
    try:
        with services.storage.write() as database:
            database.add(row)
            record(
                database, services.clock.now(), "attachment.add",
                person_id=account.person_id, account_id=account.id, purpose=purpose,
            )  # fmt: skip
            along(database, "")
    except BaseException:
        services.files.delete(key)
        raise
    return row


def attachments(services: Services, account: Account, purpose: str | None) -> list[Attachment]:
    """Files of an account, oldest first."""
    with services.storage.read() as database:
        query = select(Attachment).where(Attachment.account_id == account.id)
        if purpose is not None:
            query = query.where(Attachment.purpose == purpose)
        return list(database.scalars(query.order_by(Attachment.created_at, Attachment.id)))


def attachment(services: Services, account: Account, wanted: str) -> Attachment:
    """One file of an account. Raises not-found."""
    with services.storage.read() as database:
        row = database.get(Attachment, wanted)
    if row is None or row.account_id != account.id:
        raise Problem(ProblemCode.NOT_FOUND)
    return row


def content_of(services: Services, row: Attachment) -> bytes:
    """The bytes of a file, checked against their fingerprint. Raises not-found."""
    try:
        content = services.keys.open(services.files.get(row.key))
    except FileMissing:
        raise Problem(ProblemCode.NOT_FOUND) from None
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise RuntimeError("a kept file has changed")
    return content


def detach(
    services: Services, account: Account, wanted: str, along: Along = nothing_else
) -> None:  # fmt: skip
    """Forget a file. Raises not-found."""
    row = attachment(services, account, wanted)
    with services.storage.write() as database:
        database.delete(database.get_one(Attachment, row.id))
        record(
            database, services.clock.now(), "attachment.delete", person_id=account.person_id,
            account_id=account.id, purpose=row.purpose,
        )  # fmt: skip
        along(database, "")
    services.files.delete(row.key)
