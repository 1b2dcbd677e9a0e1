"""Objects that hold one another in a circle stay until Python's collector walks through everything
that everybody holds, in which time nobody's key is answered. These open the circles instead: what
is no longer used then goes at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

from flet.components.component import Component
from flet.messaging.session import Session

from app.services.container import Services


def weakly(method: Callable[..., Any]) -> Callable[..., Any]:
    """`method`, given to something that its own object holds; nothing once that object is gone."""
    kept = WeakMethod(method)

    def call(*given: Any) -> Any:
        alive = kept()
        return None if alive is None else alive(*given)

    return call


def come_apart(services: Services, session: Session) -> None:
    """Of a page that is closed for good: nothing holds anything any more, so that all of it goes.
    What might still be running for it ends with an error that nobody sees."""
    for control in list(session.index.values()):
        if isinstance(control, Component):
            control._detach_observable_subscriptions()
        vars(control).clear()
    for part in (*vars(services).values(), services):
        if hasattr(part, "__dict__"):
            vars(part).clear()
