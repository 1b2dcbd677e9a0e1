"""The plain addresses that set and clear the browser's cookie."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import RedirectResponse

from backend.api.deps import ClientDep, ServicesDep
from backend.services import Services
from backend.storage.tables import Session
from backend.usecases.provider import farewell
from backend.usecases.sessions import COOKIE, end_sessions, open_session, use_token

pages = APIRouter(prefix="/auth", include_in_schema=False)


def safe_path(target: str) -> str:
    """`target` when it is a path of this site, else the home screen."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if plain and "\\" not in target and target.isprintable() else "/home"


@pages.get("/finish")
def finish(
    services: ServicesDep,
    client: ClientDep,
    code: str = Query(max_length=128),
    next_path: str = Query("/home", alias="next", max_length=300),
    came_from: Annotated[str | None, Header(alias="sec-fetch-site")] = None,
) -> RedirectResponse:
    """Turn a one-time code into an HttpOnly cookie; the session that asked for it ends.

    A page of another site that sends people here would sign them in as somebody else.
    """
    if came_from in {"cross-site", "same-site"}:
        return RedirectResponse("/signin", 303)
    now = services.clock.now()
    token = ""
    with services.storage.write() as database:
        used = use_token(database, now, code, ("handoff",))
        if used is not None:
            asked = database.get(Session, used.data.get("session", ""))
            if asked is not None and asked.revoked_at is None:
                token, session = open_session(
                    database, services.settings, now, used.person_id, "cookie", client.device
                )
                session.absolute_expires_at = asked.absolute_expires_at
                end_sessions(database, now, used.person_id, only=asked.id)
    if not token:
        return RedirectResponse("/signin", 303)
    answer = RedirectResponse(safe_path(next_path), 303)
    set_cookie(answer, services, token)
    return answer


def set_cookie(answer: RedirectResponse, services: Services, token: str) -> None:
    """The session cookie: not for scripts, not for other sites, not in clear over HTTPS."""
    answer.set_cookie(
        COOKIE, token, max_age=services.settings.session_max_hours * 3600, path="/",
        httponly=True, samesite="lax", secure=services.settings.secure_cookies,
    )  # fmt: skip


@pages.get("/leave")
def leave(request: Request, services: ServicesDep) -> RedirectResponse:
    """Forget the cookie of a session that has ended; a provider that opened it is left too."""
    there = farewell(services, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(there or "/", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@pages.get("/left")
def left() -> RedirectResponse:
    """Back from the provider, left as well."""
    return RedirectResponse("/", 303)
