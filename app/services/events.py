"""Flet looks up the type of an event's handler by evaluating every annotation of the control, each
time an event comes: a quarter of what a keystroke costs. The answer never changes for a class."""

from __future__ import annotations

from typing import Any

from flet.controls import base_control
from flet.controls.control_event import get_event_field_type

_FOUND: dict[tuple[type, str], Any] = {}


def remember_event_types() -> None:
    """Look each up once for each class of control and name of handler."""
    if hasattr(base_control, "get_event_field_type"):
        base_control.get_event_field_type = _remembered


def _remembered(control: Any, field_name: str) -> Any:
    key = (type(control), field_name)
    if key not in _FOUND:
        _FOUND[key] = get_event_field_type(control, field_name)
    return _FOUND[key]
