"""The one door to the browser when Python runs inside it; shut everywhere else."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import json
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

Handler = Callable[[Any], Any]

_handlers: dict[str, list[tuple[contextvars.Context, Handler]]] = {}
_unheard: dict[str, Any] = {}
_running: set[asyncio.Task[Any]] = set()


LASTING = frozenset({"update", "installable"})
"""Events that stay true: told before anybody listens, they wait."""


class Unavailable(RuntimeError):
    """There is no browser here, or it could not do what was asked."""


def inside() -> bool:
    """True when Python runs in the browser itself."""
    return sys.platform == "emscripten"


def module(name: str) -> Any:
    """A JavaScript module of the pocket (see pocket/worker.js). Raises Unavailable elsewhere."""
    if not inside():
        raise Unavailable(name)
    return import_module(name)


@cache
def _door() -> Any:
    door = module("quittance_js")
    from pyodide.ffi import create_proxy

    door.listen(create_proxy(heard))
    return door


def config() -> dict[str, Any]:
    """What the page was built and opened with: base, build, backend, languages, url."""
    found: dict[str, Any] = json.loads(_door().config())
    return found


async def ask(name: str, **args: Any) -> Any:
    """Ask the window (pocket/start.js, ANSWERS). Plain JSON values both ways. Raises
    Unavailable."""
    door = _door()
    try:
        return json.loads(await door.ask(name, json.dumps(args)))
    except Exception as error:
        raise Unavailable(name) from error


def listen(event: str, handler: Handler) -> Callable[[], None]:
    """Call `handler(data)` at each `event` of the window: update, online, offline, hidden, shown.
    Returns what ends it."""
    if inside():
        _door()
    # Called from outside Python, it needs the page that it was given in.
    entry = (contextvars.copy_context(), handler)
    _handlers.setdefault(event, []).append(entry)
    if event in _unheard:
        heard(event, json.dumps(_unheard.pop(event)))

    def leave() -> None:
        if entry in _handlers.get(event, []):
            _handlers[event].remove(entry)

    return leave


def heard(event: str, data: str) -> None:
    """An event of the window, `data` in JSON."""
    loop = asyncio.get_running_loop()
    if event in LASTING and not _handlers.get(event):
        _unheard[event] = json.loads(data)
    for context, handler in list(_handlers.get(event, [])):
        task = loop.create_task(_tell(handler, json.loads(data)), context=context)
        _running.add(task)
        task.add_done_callback(_running.discard)


async def _tell(handler: Handler, data: Any) -> None:
    answer = handler(data)
    if inspect.isawaitable(answer):
        await answer
