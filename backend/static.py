"""Hand out a folder of files made beforehand, with their compressed copies beside them (ASGI)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

TYPES = {
    ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon", ".jpg": "image/jpeg", ".js": "text/javascript; charset=utf-8",
    ".json": "application/json", ".mjs": "text/javascript; charset=utf-8",
    ".otf": "font/otf", ".png": "image/png", ".svg": "image/svg+xml", ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm", ".webp": "image/webp",
    ".woff2": "font/woff2", ".zip": "application/zip",
}  # fmt: skip
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
# A name that holds twelve or more digits of the hash of its content never changes meaning.
HASHED = re.compile(r"-[0-9a-f]{12,}(?=[./])")
FOREVER, ASK = "public, max-age=31536000, immutable", "no-cache"


def accepted(header: str) -> list[str]:
    """Codings that a client accepts, best first; `header` is its Accept-Encoding (RFC 9110)."""
    found: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if name:
            found[name] = quality
    any_other = found.get("*", 0.0)
    ranked = [(found.get(name, any_other), -place, name)
              for place, (name, _) in enumerate(ENCODINGS)]  # fmt: skip
    return [name for quality, _, name in sorted(ranked, reverse=True) if quality > 0]


@dataclass(frozen=True)
class _Found:
    path: Path
    tag: str
    changed: float
    size: int


@dataclass
class StaticFiles:
    """The files of `root`, and `index` for the root itself.

    Compressed copies (`file.br`, `file.gz`) go to whoever reads them; names with a hash are kept
    for a year by browsers, the others asked again with their ETag. `headers` go with every answer.
    """

    root: Path
    headers: Mapping[str, str] = field(default_factory=dict)
    index: str = "index.html"
    _tags: dict[tuple[Path, float, int], str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        response = await self._answer(scope)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            return self._plain("Method Not Allowed", 405, {"Allow": "GET, HEAD"})
        inside = str(scope["path"]).removeprefix(scope.get("root_path", ""))
        name = inside.lstrip("/") or self.index
        headers = Headers(scope=scope)
        coding, found = await anyio.to_thread.run_sync(
            self._find, name, headers.get("accept-encoding", "")
        )
        if found is None:
            return self._plain("Not Found", 404, {})
        told = dict(self.headers) | {
            "Cache-Control": FOREVER if HASHED.search(name) else ASK,
            "ETag": f'"{found.tag}"',
            "Last-Modified": formatdate(found.changed, usegmt=True),
            "Vary": "Accept-Encoding",
        }
        if f'"{found.tag}"' in re.findall(r'"[^"]*"', headers.get("if-none-match", "")):
            return Response(status_code=304, headers=told)
        if coding:
            told["Content-Encoding"] = coding
        told["Content-Type"] = TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
        if scope["method"] == "HEAD":
            return Response(headers=told | {"Content-Length": str(found.size)})
        content = await anyio.to_thread.run_sync(found.path.read_bytes)
        return Response(content, headers=told)

    def _plain(self, text: str, status: int, more: dict[str, str]) -> Response:
        return PlainTextResponse(text, status, {**self.headers, "Cache-Control": ASK, **more})

    def _find(self, name: str, wanted: str) -> tuple[str, _Found | None]:
        parts = name.split("/")
        if any(part in {"", ".", ".."} or "\\" in part or ":" in part for part in parts):
            return "", None
        plain = self.root.joinpath(*parts)
        # A compressed copy is no file of its own, and nothing outside the folder is one.
        if plain.suffix in {".br", ".gz"} or not plain.is_file():
            return "", None
        if not plain.resolve().is_relative_to(self.root.resolve()):
            return "", None
        for coding in accepted(wanted):
            small = plain.with_name(plain.name + dict(ENCODINGS)[coding])
            if small.is_file():
                return coding, self._described(small)
        return "", self._described(plain)

    def _described(self, path: Path) -> _Found:
        stat = path.stat()
        key = (path, stat.st_mtime, stat.st_size)
        tag = self._tags.get(key)
        if tag is None:
            tag = self._tags[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:20]
        return _Found(path, tag, stat.st_mtime, stat.st_size)
