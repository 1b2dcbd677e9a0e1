"""A control made without setting each of its seventy properties to what it is already.

The `__init__` that a dataclass writes assigns every field; a Flet control then finds, seventy
times, that the value is the default and keeps nothing. This one assigns what is given, and makes
the rest as the dataclass would.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

from flet.controls.base_control import BaseControl

try:
    from flet.controls.value_types import Prop, _get_raw_descriptor
except ImportError:  # renamed: every control is made as Flet makes it
    Prop = None


def quicken(kind: type) -> None:
    """Give a class of controls the quick `__init__`; one of its own is left alone."""
    made = kind.__dict__.get("__init__")
    if Prop is not None and issubclass(kind, BaseControl) and written(made):
        kind.__init__ = _quick(kind, made)


def written(made: Any) -> bool:
    """Whether a dataclass wrote this `__init__`, of a class that has none of its own."""
    return inspect.isfunction(made) and made.__code__.co_filename == "<string>"


def _quick(kind: type, made: Callable[..., None]) -> Callable[..., None]:
    parameters = list(inspect.signature(made).parameters.values())[1:]
    names = frozenset(p.name for p in parameters)
    places = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
    required = frozenset(p.name for p in parameters if p.default is p.empty)
    held = {f.name: f for f in fields(kind)}
    defaults = {p.name: p.default for p in parameters}
    declared: dict[str, Any] = vars(kind)["__dataclass_fields__"]
    passed = {  # to `__post_init__`, in the order in which they are declared
        name: defaults[name] for name in declared if name in defaults and name not in held
    }  # fmt: skip
    rank = {p.name: number for number, p in enumerate(parameters)}
    fresh = tuple(
        (name, f.default_factory) for name, f in held.items() if f.default_factory is not MISSING
    )
    plain = tuple(
        (name, f.default) for name, f in held.items()
        if f.init and f.default is not MISSING
        and not isinstance(_get_raw_descriptor(kind, name), Prop)
    )  # fmt: skip

    def __init__(self: Any, *args: Any, **given: Any) -> None:
        told = dict(zip(places, args, strict=False))
        if len(args) > len(places) or told.keys() & given.keys():
            return made(self, *args, **given)  # it says what is wrong
        told |= given
        if not (told.keys() <= names and required <= told.keys()):
            return made(self, *args, **given)
        for name, factory in fresh:
            if name not in told:
                setattr(self, name, factory())
        for name, default in plain:
            if name not in told:
                setattr(self, name, default)
        for name in sorted(told, key=rank.__getitem__):
            if name not in passed:
                setattr(self, name, told[name])
        self.__post_init__(*[told.get(name, default) for name, default in passed.items()])
        return None

    __init__.made = made  # type: ignore[attr-defined]
    return __init__
