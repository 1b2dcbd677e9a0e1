"""My data: a copy of all of it, and closing my account."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Path, Response

from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import closure as closing
from backend.usecases import my_data
from contract.privacy import CancelClosure, ClosureAsk, ClosureView, DataAsk, DataCopyView
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["privacy"])
ID = "c7f50318c8d14aabb9a1a631b94978d4"
BINARY = {"schema": {"type": "string", "format": "binary"}}
CopyId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
EXAMPLES = {
    "DataAsk": {"current_password": "sept mots sans rapport", "form": "json", "locale": "fr"},
    "DataCopyView": {
        "id": ID, "form": "json", "state": "ready", "size": 48213,
        "asked_at": "2026-11-23T11:00:00.000Z", "expires_at": "2026-11-24T11:00:00.000Z",
        "path": f"/me/data/{ID}",
    },
    "ClosureAsk": {"current_password": "sept mots sans rapport", "despite": False},
    "CancelClosure": {"token": "dGhpcyBpcyBhbiBleGFtcGxlIG9mIGEgdG9rZW4h"},
    "ClosureView": {
        "state": "asked", "asked_at": "2026-11-23T11:00:00.000Z",
        "effective_at": "2026-12-23T11:00:00.000Z",
        "obstacles": [
            {"account_id": ID, "name": "Camille Démo", "open": "124.00", "credit": "0.00",
             "periods": ["2026-11"]},
        ],
        "kept": [
            {"key": "declarations", "days": 0, "months": 0, "years": 6, "until": "2033-01-01",
             "law": "CSS L244-3", "source": "https://www.legifrance.gouv.fr", "confirmed": False,
             "note": "Prescription de trois ans, suivie de trois ans d’archive."},
        ],
    },
}  # fmt: skip


@router.post("/me/data", status_code=202, responses=responses(P.NOT_AUTHENTICATED, P.THROTTLED))
def ask(
    asked: DataAsk, services: ServicesDep, caller: CallerDep, client: ClientDep,
    later: BackgroundTasks,
) -> DataCopyView:  # fmt: skip
    """Ask for a copy of everything kept about me, with my password. A long one is made in the
    background: its state says when it is ready."""
    row, left = my_data.ask(services, client, caller.person, asked)
    if left:
        later.add_task(my_data.make, services, caller.person, row.id)
    return my_data.copy_view(row)


@router.get("/me/data", responses=responses(P.NOT_AUTHENTICATED))
def copies(services: ServicesDep, caller: CallerDep) -> list[DataCopyView]:
    """My copies of the day, newest first."""
    return [my_data.copy_view(row) for row in my_data.copies(services, caller.person)]


@router.get(
    "/me/data/{copy_id}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": BINARY, "application/pdf": BINARY}},
        **responses(P.NOT_AUTHENTICATED, P.NOT_FOUND),
    },
)
def take(copy_id: CopyId, services: ServicesDep, caller: CallerDep) -> Response:
    """A copy, once it is ready. Never kept by a cache."""
    row, content = my_data.take(services, caller.person, copy_id)
    # No application/json: the app keeps those answers on the device, to show them offline.
    kinds = {"json": "application/octet-stream", "pdf": "application/pdf"}
    return Response(
        content,
        media_type=kinds[row.form],
        headers={
            "Content-Disposition": f'attachment; filename="mes-donnees.{row.form}"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/me/closure", responses=responses(P.NOT_AUTHENTICATED))
def closure(services: ServicesDep, caller: CallerDep) -> ClosureView:
    """Closing my account: where it stands, what is in the way, what would be kept and why."""
    return closing.closure(services, caller.person)


@router.post(
    "/me/closure",
    responses=responses(P.NOT_AUTHENTICATED, P.CLOSURE_OBSTACLES, P.THROTTLED),
)
def close(
    asked: ClosureAsk, services: ServicesDep, caller: CallerDep, client: ClientDep
) -> ClosureView:
    """Close my account in thirty days, with my password. What is owed or to declare stays so:
    `despite` says that I know."""
    return closing.ask(services, client, caller.person, asked)


@router.delete(
    "/me/closure", status_code=204, responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
)
def keep(services: ServicesDep, caller: CallerDep) -> None:
    """Keep my account after all."""
    closing.cancel(services, caller.person)


@router.post("/closures/cancellations", status_code=204, responses=responses(P.TOKEN_INVALID))
def keep_by_link(asked: CancelClosure, services: ServicesDep) -> None:
    """Keep my account, with the code of the message: no sign-in needed."""
    closing.cancel_by_link(services, asked.token)
