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
    done: bool = False
    """It was read, or could not be: a value that is still missing is not there."""

    def other(self, services: Services, shape: str = "page") -> ft.Control:
        """What to show while there is no value: the outline of what comes (`shape`, see
        `loading`), or the error with a retry."""
        if self.error is not None:
            return failure(services, self.error, self.reload)
        return loading(services, shape=shape)


def use_load(
    services: Services, fetch: Callable[[], Awaitable[T]], depends: Sequence[Any], name: str = ""
) -> Loaded[T]:
    """Call `fetch` when the component mounts and when `depends` changes. What was read ahead under
    `name` is taken instead, once. A refused session sends the person to sign in, and back here."""
    state, set_state = ft.use_state(lambda: _taken(services, name))
    turn = ft.use_ref(0)

    async def read(*_: Any) -> None:
        turn.current += 1
        await shown(turn.current, fetch)

    async def shown(mine: int, ask: Callable[[], Awaitable[T | None]]) -> None:
        try:
            found = (await ask(), None, True)
        except BackendError as error:
            if isinstance(error, Problem) and error.code is ProblemCode.NOT_AUTHENTICATED:
                services.session.person = None
                return
            # Without the frames it came through: they hold what holds it.
            found = (None, error.with_traceback(None), True)
        if mine == turn.current:  # a slower, older answer never replaces a newer one
            set_state(found)

    async def ahead() -> T | None:
        found: T | None = await services.ahead.rest(name)
        return await fetch() if found is None else found

    async def begin() -> None:
        turn.current += 1
        if turn.current > 1 or not done:
            await shown(turn.current, fetch if turn.current > 1 else ahead)

    value, error, done = state
    ft.use_effect(begin, list(depends))
    return Loaded(value, error, read, done)


def _taken(services: Services, name: str) -> tuple[Any, BaseException | None, bool]:
    found = services.ahead.take(name)
    return found, None, found is not None
