"""The plain addresses that set and clear the browser's cookie."""

from __future__ import annotations

from html import escape
from typing import Annotated
from urllib.parse import quote

from fastapi import Header, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.api.cookies import forget_cookie, set_cookie
from backend.api.deps import ClientDep, ServicesDep
from backend.problems import Problem
from backend.routes import Routes
from backend.storage.tables import Session
from backend.usecases.alerts import freeze_by_link
from backend.usecases.provider import farewell
from backend.usecases.sessions import cookie_name, end_sessions, open_session, use_token
from contract.i18n import Words, words
from contract.people import Locale

PLAIN = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
pages = Routes(prefix="/auth", include_in_schema=False)


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
    set_cookie(answer, services.settings, token)
    return answer


@pages.get("/leave")
def leave(
    request: Request, services: ServicesDep,
    following: Annotated[str, Query(alias="next", max_length=100)] = "/",
) -> RedirectResponse:  # fmt: skip
    """Forget the cookie of a session that has ended; a provider that opened it is left too."""
    there = farewell(services, request.cookies.get(cookie_name(services.settings), ""))
    answer = RedirectResponse(there or safe_path(following), 303)
    forget_cookie(answer, services.settings)
    return answer


@pages.get("/left")
def left() -> RedirectResponse:
    """Back from the provider, left as well."""
    return RedirectResponse("/", 303)


@pages.get("/freeze")
def freeze_page(
    token: Annotated[str, Query(max_length=128)] = "", lang: Annotated[Locale, Query()] = "fr"
) -> HTMLResponse:
    """The button of an alert: a link alone freezes nothing, mail readers open links."""
    w = words(lang)
    return plain_page(
        w, w.t("Bloquer mon compte"),
        [
            w.t("Toutes les sessions se ferment, aucun remboursement ne part, et personne ne se "
                "connecte plus tant que vous n’avez pas choisi un nouveau mot de passe par "
                "e-mail."),
            w.t("Vos échéances courent toujours."),
        ],
        f'<form method="post" action="/auth/freeze?token={quote(token)}&amp;lang={w.locale}">'
        f'<button type="submit">{escape(w.t("Bloquer maintenant"))}</button></form>',
    )  # fmt: skip


@pages.post("/freeze")
def freeze(
    services: ServicesDep, token: Annotated[str, Query(max_length=128)] = "",
    lang: Annotated[Locale, Query()] = "fr",
) -> HTMLResponse:  # fmt: skip
    """Freeze, and say how to come back."""
    w = words(lang)
    try:
        freeze_by_link(services, token)
    except Problem:
        return plain_page(
            w, w.t("Ce lien ne fonctionne plus"),
            [w.t("Il a servi, ou a plus de 7 jours. Connectez-vous pour bloquer votre compte, ou "
                 "choisissez un nouveau mot de passe.")],
            f'<p><a href="/forgot">{escape(w.t("Choisir un nouveau mot de passe"))}</a></p>', 410,
        )  # fmt: skip
    return plain_page(
        w, w.t("Votre compte est bloqué"),
        [w.t("Pour le rouvrir, choisissez un nouveau mot de passe : un lien part à votre "
             "adresse.")],
        f'<p><a href="/forgot">{escape(w.t("Choisir un nouveau mot de passe"))}</a></p>',
    )  # fmt: skip


def plain_page(
    w: Words, title: str, texts: list[str], action: str, status: int = 200
) -> HTMLResponse:
    """A page of a few sentences and one thing to do."""
    said = "".join(f"<p>{escape(text)}</p>" for text in texts)
    return HTMLResponse(
        f"""<!doctype html>
<html lang="{w.locale}" dir="{w.direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{escape(title)} — Quittance</title>
<link rel="stylesheet" href="/auth/passkey/page.css"></head>
<body><main><p>Quittance</p><h1>{escape(title)}</h1>{said}{action}</main></body></html>""",
        status,
        headers={"Content-Security-Policy": PLAIN},
    )
