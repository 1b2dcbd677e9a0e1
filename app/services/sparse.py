"""What Flet does to the controls that come and go, without asking each for every property.

Flet walks all that a control could hold, some seventy properties, to find the few that hold another
control. A control knows which of its properties were given a value: only those are walked here, in
the same order, with the same marks left on each.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from flet.controls import object_patch
from flet.controls.object_patch import DiffBuilder, ObjectPatchException

from app.services.births import quicken

Plan = tuple[tuple[str, ...], frozenset[str]]
"""The fields of a class in their order; those of them that are walked even when left alone."""


TEARDOWN = getattr(DiffBuilder, "teardown", None)
"""Flet's own, until `install`."""


def install() -> None:
    """Once for the process; nothing when Flet has it under another name."""
    if hasattr(DiffBuilder, "_configure_dataclass") and hasattr(object_patch, "_control_setattr"):
        DiffBuilder._configure_dataclass = configured
    if hasattr(DiffBuilder, "_removed_controls"):
        DiffBuilder._removed_controls = removed
    if TEARDOWN is not None:
        DiffBuilder.teardown = over


@cache
def _plan(kind: type) -> Plan | None:
    if not is_dataclass(kind):
        return None
    quicken(kind)  # the first of its class is there: others will come
    names = tuple(f.name for f in fields(kind) if not f.metadata.get("skip", False))
    defaults = getattr(kind, "_prop_defaults", {})
    always = frozenset(
        name
        for name in names
        if name not in defaults
        or is_dataclass(defaults[name])
        or isinstance(defaults[name], dict | list)
    )
    return names, always


def _held(item: Any, plan: Plan) -> Iterator[Any]:
    """What the fields of `item` hold that may hold a control."""
    names, always = plan
    given = getattr(item, "_values", None)
    for name in names:
        if given is None or name in given or name in always:
            value = getattr(item, name)
            if value is not None and type(value) is not str:
                yield value


def removed(builder: DiffBuilder, item: Any, recurse: bool) -> Iterator[Any]:
    """As `DiffBuilder._removed_controls`: the controls in `item`, itself last."""
    found: list[Any] = []
    _remove(builder.control_cls, item, recurse, found)
    return iter(found)


def _remove(control_class: Any, item: Any, recurse: bool, found: list[Any]) -> None:
    if control_class and isinstance(item, control_class):
        if hasattr(item, "__prev_lists"):
            for kept in ("__prev_lists", "__prev_dicts", "__prev_classes"):
                for value in getattr(item, kept, {}).values():
                    _remove(control_class, value, recurse, found)
        elif recurse:
            plan = _plan(type(item))
            for value in _held(item, plan) if plan else ():
                _remove(control_class, value, recurse, found)
        found.append(item)
    elif isinstance(item, dict):
        for value in item.values():
            _remove(control_class, value, recurse, found)
    elif isinstance(item, list):
        for value in item:
            _remove(control_class, value, recurse, found)


def over(builder: DiffBuilder) -> None:
    """As `DiffBuilder.teardown`, which leaves the list of what is to change linked to itself, and
    to the controls that went with it."""
    link = getattr(builder, "_DiffBuilder__root", None)
    while link:
        following = link[1]
        link.clear()
        link = following
    TEARDOWN(builder)


def configured(
    builder: DiffBuilder,
    item: Any,
    parent: Any,
    frozen: bool,
    configure_setattr_only: bool = False,
) -> Iterator[Any]:
    """As `DiffBuilder._configure_dataclass`: the controls in `item`, itself first."""
    found: list[Any] = []
    _configure(builder.control_cls, item, parent, frozen, configure_setattr_only, found)
    return iter(found)


def _configure(
    control_class: Any, item: Any, parent: Any, frozen: bool, marks_only: bool, found: list[Any]
) -> None:
    kind = type(item)
    plan = _plan(kind)
    if plan is None:
        if isinstance(item, dict):
            for value in item.values():
                _configure(control_class, value, parent, frozen, False, found)
        elif isinstance(item, list):
            for value in item:
                _configure(control_class, value, parent, frozen, False, found)
        return
    if parent is None:
        known = getattr(item, "_parent", None)
        parent = known() if known else None
    if parent:
        if parent is item:
            raise ObjectPatchException(f"Parent is the same as item: {kind.__name__}")
        item._parent = weakref.ref(parent)
    if hasattr(item, "_frozen"):
        frozen = item._frozen
    elif frozen:
        item._frozen = frozen
    if getattr(kind, "__flet_control_cls__", None) is None:
        kind.__flet_control_cls__ = control_class
    if not marks_only:
        if control_class and isinstance(item, control_class):
            item.build()
            item._before_update_safe()
            object.__setattr__(item, "_initialized", True)
            found.append(item)
            parent = item
        for value in _held(item, plan):
            _configure(control_class, value, parent, frozen, False, found)
    elif control_class and isinstance(item, control_class):
        found.append(item)
    if not frozen:
        changed = getattr(item, "_dirty", None)
        if changed is not None:
            changed.clear()
        else:
            noting: Any = object_patch._control_setattr
            if kind.__setattr__ is not noting:
                kind.__setattr__ = noting
            object.__setattr__(item, "__changes", {})
