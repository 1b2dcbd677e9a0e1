"""Files kept with my account: proofs and photos."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from backend.api.deps import PreparedDep, SeenDep
from backend.problems import Problem, field_problems, responses
from backend.routes import Routes
from backend.usecases import attachments as kept
from contract.attachments import AttachmentView, FileName, Purpose
from contract.entries import EntryId
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/accounts/{account_id}/attachments", tags=["attachments"])
NAME: TypeAdapter[str] = TypeAdapter(FileName)
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
BINARY = {"schema": {"type": "string", "format": "binary"}}
EXAMPLES = {
    "AttachmentView": {
        "id": "c7f50318c8d14aabb9a1a631b94978d4", "purpose": "expense", "name": "facture.pdf",
        "media_type": "application/pdf", "size": 48213, "sha256": "5f" * 32,
        "created_at": "2026-11-23T11:00:00.000Z",
    },
}  # fmt: skip


async def raw_body(request: Request) -> bytes:
    """The bytes of the body; their number is bounded by the Guard."""
    return await request.body()


RawBody = Annotated[bytes, Depends(raw_body)]


@router.post(
    "",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.BODY_TOO_LARGE),
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}
    },
)
def add(
    owned: PreparedDep,
    content: RawBody,
    purpose: Annotated[Purpose, Query(description="What it proves: expense, receipt…")],
    name: Annotated[FileName | None, Query(description="Name of the file; better in a header")] = (
        None
    ),
    x_file_name: Annotated[
        str | None, Header(description="Name of the file, percent-encoded: in no log of addresses")
    ] = None,
    wanted: Annotated[
        EntryId | None, Query(alias="id", description="Made by the client; sent twice, kept once")
    ] = None,
) -> AttachmentView:
    """Keep a PDF, a JPEG or a PNG of at most 10 MB, told by its content."""
    told = name if x_file_name is None else unquote(x_file_name)
    try:
        named = NAME.validate_python(told)
    except ValidationError as error:
        raise Problem(P.INVALID_INPUT, errors=field_problems(error, "name")) from None
    row = kept.attach(
        owned.services, owned.account, purpose, named, content, wanted, owned.along("file")
    )
    return kept.attachment_view(row)


@router.get("", responses=MINE)
def mine(
    owned: SeenDep,
    purpose: Annotated[Purpose | None, Query(description="This purpose only")] = None,
) -> list[AttachmentView]:
    """My files, oldest first."""
    return [
        kept.attachment_view(row)
        for row in kept.attachments(owned.services, owned.account, purpose)
    ]


@router.get(
    "/{attachment_id}",
    response_class=Response,
    responses={
        200: {"content": dict.fromkeys(("application/pdf", "image/jpeg", "image/png"), BINARY)},
        **MINE,
    },
)  # fmt: skip
def one(attachment_id: Annotated[EntryId, Path()], owned: SeenDep) -> Response:
    """The bytes of a file, never shown inside a page of ours."""
    row = kept.attachment(owned.services, owned.account, attachment_id)
    return Response(
        kept.content_of(owned.services, row),
        media_type=row.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


@router.delete("/{attachment_id}", status_code=204, responses=MINE)
def drop(attachment_id: Annotated[EntryId, Path()], owned: PreparedDep) -> None:
    """Forget a file."""
    kept.detach(owned.services, owned.account, attachment_id, owned.along("file"))
