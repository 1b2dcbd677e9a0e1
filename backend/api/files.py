"""Files that the browser downloads rather than shows."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response


def download(body: bytes, media_type: str, name: str) -> Response:
    """`body` as a file named `name`."""
    plain = name.encode("ascii", "replace").decode().replace('"', "").replace("?", "_")
    return Response(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": (
                f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
            )
        },
    )


def pdf_response(body: bytes, name: str) -> Response:
    """A PDF."""
    return download(body, "application/pdf", name)
