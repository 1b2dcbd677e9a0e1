"""Routes of one subject, each with its name in the description of the API."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field

from contract.base import adapter
from contract.problem import MEDIA_TYPE, ProblemDocument


def operation_id(route: APIRoute) -> str:
    """A short, stable name of an operation for generated clients: `sessions-sign_in`."""
    return f"{route.tags[0] if route.tags else 'pages'}-{route.name}"


@cache
def _problem() -> Any:
    return create_model_field("Problem", ProblemDocument, mode="serialization")


class _Route(APIRoute):
    """FastAPI's, whose refusals all have the model of problem documents: named in each, it would
    be built again for every status of every route, at each start."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        for status, entry in self.responses.items():
            if MEDIA_TYPE in entry.get("content", {}):
                self.response_fields[status] = _problem()


class Routes(APIRouter):
    """FastAPI's, whose routes stand in the application as they are written (backend/main.py)."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(generate_unique_id_function=operation_id, route_class=_Route, **settings)


def written(kind: Any, value: Any, status: int = 200) -> Response:
    """An answer written as FastAPI would, in the thread that read it: for what every window asks
    as it opens and for what is declared, where going to another thread costs more than the
    writing."""
    content = adapter(kind).dump_json(value, by_alias=True)
    return Response(content, status, media_type="application/json")
