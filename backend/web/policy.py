"""Content-Security-Policy of what is served: nothing inline runs but what its hash names."""

from __future__ import annotations

import base64
import hashlib
import re

_INLINE = re.compile(rb"<(script|style)(?:\s[^>]*)?>(.*?)</\1>", re.DOTALL)
_ELSEWHERE = re.compile(rb"<script\s[^>]*\bsrc=[^>]*>\s*</script>")


def policy(*scripts: str) -> str:
    """That of the app's page and files; `scripts` are the sources of its inline scripts.

    The web client compiles WebAssembly, makes style elements as it draws, starts workers from
    blobs, and needs the base of its addresses, which is in the page.
    """
    allowed = " ".join(("script-src 'self' 'wasm-unsafe-eval'", *scripts))
    return (
        f"default-src 'self'; {allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


APP = policy()
# Problem documents, JSON, PDF, redirections: nothing to run, nothing to load.
BARE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def sources(page: bytes) -> tuple[list[str], list[str]]:
    """The hashes of the inline scripts and styles of a page, as a policy names them."""
    found: dict[bytes, list[str]] = {b"script": [], b"style": []}
    for kind, text in _INLINE.findall(_ELSEWHERE.sub(b"", page)):
        digest = base64.b64encode(hashlib.sha256(text).digest()).decode("ascii")
        found[kind].append(f"'sha256-{digest}'")
    return found[b"script"], found[b"style"]


def app_page(page: bytes) -> str:
    """The policy of the page that opens the app."""
    return policy(*sources(page)[0])


def plain(page: str) -> str:
    """The policy of a small page: its own inline script and style, and nothing of elsewhere."""
    scripts, styles = sources(page.encode())
    run = " ".join(scripts) or "'none'"
    drawn = " ".join(("'self'", *styles))
    ask = "'self'" if scripts else "'none'"
    return (
        f"default-src 'none'; script-src {run}; style-src {drawn}; "
        f"connect-src {ask}; worker-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
