"""Is the process alive, and can it serve?"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.api.deps import ServicesDep
from backend.problems import Problem, responses
from backend.routes import Routes
from contract.base import Answer
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["health"])


class Health(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


@router.get("/health", responses=responses())
def health() -> Health:
    """Alive."""
    return Health()


@router.get("/ready", responses=responses(P.NOT_READY))
def ready(services: ServicesDep) -> Health:
    """Alive, with its database, and not about to end."""
    if services.draining.is_set():
        raise Problem(P.NOT_READY)
    try:
        with services.storage.read() as database:
            database.execute(text("SELECT 1"))
    except SQLAlchemyError:
        raise Problem(P.NOT_READY) from None
    return Health()
