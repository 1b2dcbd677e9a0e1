"""Files that the browser downloads, or shows when that is asked (to print a document)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Response

Shown = Annotated[
    bool, Query(alias="view", description="Show the document in the window instead of saving it")
]


def download(body: bytes, media_type: str, name: str, shown: bool = False) -> Response:
    """`body` as a file named `name`; `shown` in the window rather than saved."""
    plain = name.encode("ascii", "replace").decode().replace('"', "").replace("?", "_")
    how = "inline" if shown else "attachment"
    return Response(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
        },
    )


def pdf_response(body: bytes, name: str, shown: bool = False) -> Response:
    """A PDF of ours; nothing that people sent may be shown."""
    return download(body, "application/pdf", name, shown)
