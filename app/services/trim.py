"""What Flet looks up again at each event, and keeps for each control, for nothing.

Each of these replaces a name of Flet's by one that answers the same; when Flet renames it, nothing
is replaced and everything works as before, only slower (a test says so).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, get_type_hints
from weakref import WeakValueDictionary, ref

from flet.components.observable import Observable
from flet.controls import base_control
from flet.controls.base_control import BaseControl
from flet.controls.control_event import get_event_field_type
from flet.utils import object_model, validation

from app.services import sparse

_FOUND: dict[tuple[type, str], Any] = {}
_HINTS: dict[type, dict[str, Any]] = {}
_LISTENERS = "_Observable__listeners_storage"
INDEX = "_Session__index"
FEW = 200  # controls, below which those that went are not looked for


def trim() -> None:
    """Once for the process."""
    sparse.install()
    # The type of an event's handler: every annotation of the control evaluated, at each event.
    if hasattr(base_control, "get_event_field_type"):
        base_control.get_event_field_type = _event_type
    # The types of a control's properties, at each change that comes from the window.
    if hasattr(object_model, "get_type_hints"):
        object_model.get_type_hints = _hints
    # The errors told of a control: a set each, empty but for an error of ours.
    key = getattr(validation, "_REPORTED_VALIDATION_ERRORS_KEY", "")
    if key:
        setattr(BaseControl, key, _Nothing())
    # Who listens to an observable: three sets and a closure each, for one listener or two.
    if hasattr(Observable, "_Observable__listeners"):
        Observable._Observable__listeners = property(_listeners)


class Index:
    """Controls by number, as long as they are there: what Flet asks of a WeakValueDictionary. That
    one makes a reference of its own for each; a control that holds others is referred to
    already, and all who do so plainly share one."""

    __slots__ = ("_kept", "_most")

    def __init__(self, kept: Mapping[int, BaseControl]) -> None:
        self._kept = {number: ref(control) for number, control in kept.items()}
        self._most = FEW

    def __getitem__(self, number: int) -> BaseControl:
        found = self.get(number)
        if found is None:
            raise KeyError(number)
        return found

    def __setitem__(self, number: int, control: BaseControl) -> None:
        self._kept[number] = ref(control)
        if len(self._kept) > self._most:
            self._kept = {n: kept for n, kept in self._kept.items() if kept() is not None}
            self._most = max(FEW, 2 * len(self._kept))

    def __contains__(self, number: object) -> bool:
        kept = self._kept.get(number)
        return kept is not None and kept() is not None

    def __len__(self) -> int:
        return sum(kept() is not None for kept in self._kept.values())

    def get(self, number: int, otherwise: Any = None) -> Any:
        """The control of this number, if it is still there."""
        kept = self._kept.get(number)
        control = None if kept is None else kept()
        return otherwise if control is None else control

    def pop(self, number: int, otherwise: Any = None) -> Any:
        """The control of this number, which is no longer to be found."""
        control = self.get(number, otherwise)
        self._kept.pop(number, None)
        return control

    def values(self) -> Iterator[BaseControl]:
        """Those that are still there."""
        return (control for kept in self._kept.values() if (control := kept()) is not None)


def lighten(session: Any) -> None:
    """Once for each session: a lighter index, where Flet keeps one."""
    if isinstance(getattr(session, INDEX, None), WeakValueDictionary):
        setattr(session, INDEX, Index(session.index))


def _listeners(observed: Any) -> _Listeners:
    try:
        found: _Listeners = object.__getattribute__(observed, _LISTENERS)
    except AttributeError:
        found = _Listeners()
        object.__setattr__(observed, _LISTENERS, found)
    return found


class _Listeners:
    """Functions, each as long as somebody else keeps it: what Flet asks of a WeakSet."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: tuple[ref[Callable[..., Any]], ...] = ()

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        return (alive for kept in self._kept if (alive := kept()) is not None)

    def add(self, listener: Callable[..., Any]) -> None:
        """Keep it, once."""
        self._kept = (*(kept for kept in self._kept if kept() not in (None, listener)),
                      ref(listener))  # fmt: skip

    def remove(self, listener: Callable[..., Any]) -> None:
        """Raises KeyError when it is not there."""
        left = tuple(kept for kept in self._kept if kept() not in (None, listener))
        if len(left) == sum(kept() is not None for kept in self._kept):
            raise KeyError(listener)
        self._kept = left


def _event_type(control: Any, field_name: str) -> Any:
    key = (type(control), field_name)
    if key not in _FOUND:
        _FOUND[key] = get_event_field_type(control, field_name)
    return _FOUND[key]


def _hints(kind: type, globalns: Any = None, localns: Any = None) -> dict[str, Any]:
    found = _HINTS.get(kind)
    if found is None:
        try:
            found = get_type_hints(kind, globalns, localns)
        except Exception:  # a name that only type checkers see: as Flet does without them
            found = {field.name: field.type for field in fields(kind)}
        _HINTS[kind] = found
    return found


class _Nothing(set[Any]):
    """Remembers nothing: every error is told, each time."""

    def add(self, _told: Any) -> None:
        """Nothing."""
