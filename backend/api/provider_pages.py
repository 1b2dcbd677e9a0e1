"""The plain addresses of a visit to the provider of identity: out, back, and its own logout."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from backend.api.auth_pages import safe_path
from backend.api.cookies import forget_cookie, set_cookie
from backend.api.deps import ClientDep, ServicesDep, get_caller
from backend.problems import Problem
from backend.routes import Routes
from backend.usecases import provider
from backend.usecases.ceremonies import LASTS
from backend.usecases.sessions import cookie_name
from contract.people import Locale

pages = Routes(prefix="/auth/provider", include_in_schema=False)
BROWSER = "quittance_provider"
Text = Annotated[str, Query(max_length=4096)]


@pages.get("/start")
def start(
    request: Request,
    services: ServicesDep,
    following: str = Query("/home", alias="next", max_length=300),
    door: str = Query("", pattern=r"^([A-Za-z0-9_-]{20,128})?$"),
    lang: Annotated[Locale, Query()] = "fr",
) -> RedirectResponse:
    """Send the window to the provider. A cookie binds the way back."""
    try:
        session = get_caller(request).session if door else None
        url, browser = provider.leave_for(services, lang, safe_path(following), door, session)
    except Problem:
        failed = provider.back("echec") if door else "/signin?fournisseur=echec"
        return RedirectResponse(failed, 303)
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        cookie_name(services.settings, BROWSER), browser, max_age=int(LASTS.total_seconds()),
        path="/", httponly=True, samesite="lax", secure=services.settings.secure_cookies,
    )  # fmt: skip
    return answer


@pages.get("/callback")
def callback(
    request: Request,
    services: ServicesDep,
    client: ClientDep,
    state: Text = "",
    code: Text = "",
    iss: Annotated[str | None, Query(max_length=300)] = None,
) -> RedirectResponse:
    """Back from the provider: a session's cookie, or a reason."""
    browser = request.cookies.get(cookie_name(services.settings, BROWSER), "")
    found = provider.arrive(services, client, state, code, browser, iss)
    answer = RedirectResponse(found.path, 303)
    forget_cookie(answer, services.settings, BROWSER)
    if found.token:
        set_cookie(answer, services.settings, found.token)
    return answer


@pages.post("/backchannel")
async def back_channel(request: Request, services: ServicesDep) -> Response:
    """The provider says, server to server, that someone has left it."""
    told = parse_qs((await request.body()).decode("ascii", "replace"))
    token = told.get("logout_token", [""])[0]
    try:
        await run_in_threadpool(provider.back_channel, services, token)
    except Problem:
        return Response(status_code=400)
    return Response(status_code=200)
