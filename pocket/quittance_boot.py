"""Python's first module in the pocket: opens the app, and packs what it compiled for next time."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import marshal
import sys
from pathlib import Path
from types import CodeType
from typing import Any

PAUSE = 0.01  # seconds left to the person between two modules compiled in the background


def run() -> None:
    """Open the app; returns at once, the page starts when the client connects."""
    import flet as ft

    from app.pocket import main

    ft.run(main)


def pyc(code: CodeType) -> bytes:
    """A module's code as the bytes of a .pyc that is never checked against its source."""
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)


def _place(name: str, module: Any) -> tuple[str, CodeType] | None:
    """Where the bytecode of a loaded module is read first, and that bytecode."""
    spec = getattr(module, "__spec__", None)
    loader = getattr(spec, "loader", None)
    origin = getattr(spec, "origin", None) or ""
    if loader is None or not hasattr(loader, "get_code"):
        return None
    if ".zip/" in origin:
        # The standard library: its archive holds sources only, so a folder before it has the rest.
        path = "warm/" + name.replace(".", "/")
        place = path + ("/__init__.pyc" if spec.submodule_search_locations is not None else ".pyc")
    elif origin.startswith("/packages/") and origin.endswith(".py"):
        place = importlib.util.cache_from_source(origin).lstrip("/")
    else:
        return None
    code = loader.get_code(name)
    return (place, code) if code is not None else None


def _sources() -> list[Path]:
    return sorted(Path("/app").rglob("*.py"))


async def packed() -> bytes:
    """Bytecode of every module loaded so far and of the whole app, as a pack (see worker.js)."""
    files: dict[str, bytes] = {}
    for name, module in list(sys.modules.items()):
        found = _place(name, module)
        if found is not None:
            files[found[0]] = pyc(found[1])
            await asyncio.sleep(PAUSE)
    for path in _sources():
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        files[importlib.util.cache_from_source(str(path)).lstrip("/")] = pyc(code)
        await asyncio.sleep(PAUSE)
    index = json.dumps([[name, len(content)] for name, content in files.items()]).encode()
    return len(index).to_bytes(4, "little") + index + b"".join(files.values())
