"""Routes of one subject, each with its name in the description of the API."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute


def operation_id(route: APIRoute) -> str:
    """A short, stable name of an operation for generated clients: `sessions-sign_in`."""
    return f"{route.tags[0] if route.tags else 'pages'}-{route.name}"


class Routes(APIRouter):
    """FastAPI's, whose routes stand in the application as they are written (backend/main.py)."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(generate_unique_id_function=operation_id, **settings)
