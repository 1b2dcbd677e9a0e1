"""Read something from the backend when a screen opens, and again when asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import flet as ft

from app.components.states import failure, loading
from app.services.backend import BackendError, Problem
from app.services.container import Services
from contract.problem import ProblemCode

T = TypeVar("T")


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """What was read (`value`), or what went wrong, or neither yet."""

    value: T | None
    error: BaseException | None
    reload: Callable[..., Awaitable[None]]

    def other(self, services: Services, shape: str = "page") -> ft.Control:
        """What to show while there is no value: the outline of what comes (`shape`, see
        `loading`), or the error with a retry."""
        if self.error is not None:
            return failure(services, self.error, self.reload)
        return loading(services, shape=shape)


def use_load(
    services: Services, fetch: Callable[[], Awaitable[T]], depends: Sequence[Any]
) -> Loaded[T]:
    """Call `fetch` when the component mounts and when `depends` changes. A refused session sends
    the person to sign in, and back here."""
    state, set_state = ft.use_state((None, None))
    turn = ft.use_ref(0)

    async def read(*_: Any) -> None:
        turn.current += 1
        mine = turn.current
        try:
            found = (await fetch(), None)
        except BackendError as error:
            if isinstance(error, Problem) and error.code is ProblemCode.NOT_AUTHENTICATED:
                services.session.person = None
                return
            found = (None, error)
        if mine == turn.current:  # a slower, older answer never replaces a newer one
            set_state(found)

    ft.use_effect(read, list(depends))
    value, error = state
    return Loaded(value, error, read)
