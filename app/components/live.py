"""What follows the typing: a control already drawn is told its new text; nothing is drawn again.

Drawing a component anew makes each of its controls anew, fields and all, and compares them with
those before: most of what a keystroke costs a server. Here one property goes to the window, and
the control drawn notes it, so that the next drawing is compared with what the window shows.

Flet has no name for this: it freezes what a component draws. What is taken of its inside (`_values`
of a control, the message of a patch) is in `tell` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import flet as ft
from flet.controls.object_patch import ObjectPatch
from flet.messaging.protocol import Message, MessageAction, PatchControlBody

T = TypeVar("T", bound=ft.Observable)
Follow = Callable[[], bool]


@dataclass(frozen=True)
class Held(Generic[T]):
    """An observable handed to a component that follows it by `use_live`: given as it is, each of
    its changes would draw the component anew."""

    it: T


class _Listener:
    """Heard at each change, as long as its component lives (observables hold listeners weakly)."""

    def __init__(self) -> None:
        self.source: ft.Observable | None = None
        self.follow: Follow = bool
        self.redraw: Callable[[Any], None] = bool

    def __call__(self, _sender: Any, _field: str | None) -> None:
        if not self.follow():
            self.redraw(lambda count: count + 1)


def use_live(source: ft.Observable, follow: Follow) -> None:
    """At each change of `source`, call `follow`, which tells controls just drawn what changed; when
    it answers False, the component is drawn again. A hook: called at each drawing."""
    _, redraw = ft.use_state(0)
    kept = ft.use_ref(_Listener)
    if kept.current.source is not source:
        kept.current = _Listener()  # the one before is dropped, and hears no more
        kept.current.source = source
        source.subscribe(kept.current)
    kept.current.follow, kept.current.redraw = follow, redraw


def tell(root: ft.Control, *changes: tuple[Sequence[str | int], Any]) -> None:
    """Give new values to properties of a drawn control, or of controls drawn inside it: each by its
    path from `root` (attributes and places in lists, the property last). What is shown already is
    not said again."""
    operations = []
    for path, value in changes:
        inner: Any = root
        for part in path[:-1]:
            inner = inner[part] if isinstance(part, int) else getattr(inner, part)
        name = path[-1]
        if inner._values.get(name) != value:
            inner._values[name] = value
            operations.append({"op": "replace", "path": path, "value": value})
    window = ft.context.page.session.connection
    # Whoever is away is shown the whole page on coming back.
    if operations and window is not None:
        patch = PatchControlBody(root._i, ObjectPatch(operations).to_message())
        window.send_message(Message(MessageAction.PATCH_CONTROL, patch))
