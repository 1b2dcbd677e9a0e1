"""Two plain pages for passkeys: the app, which runs elsewhere, cannot reach its own window."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from backend.api.auth_pages import safe_path
from backend.api.deps import ServicesDep, get_caller
from backend.problems import Problem
from backend.routes import Routes
from contract.i18n import Words, words
from contract.people import Locale

pages = Routes(prefix="/auth/passkey", include_in_schema=False)
FILES = Path(__file__).parent / "passkey"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pages.get("/page.js")
def script() -> Response:
    """What the pages do."""
    return Response((FILES / "page.js").read_text("utf-8"), media_type="text/javascript")


@pages.get("/page.css")
def style() -> Response:
    """How they look."""
    return Response((FILES / "page.css").read_text("utf-8"), media_type="text/css")


@pages.get("/new")
def new(
    request: Request, services: ServicesDep, lang: Annotated[Locale, Query()] = "fr"
) -> Response:
    """Make a passkey, for who holds the cookie of a session."""
    try:
        get_caller(request)
    except Problem:
        return RedirectResponse("/signin?next=%2Fsecurite", 303)
    w = words(lang)
    form = _field("name", w.t("Nom de la clé d’accès"), "text", w.t("Cet appareil"), "off", 60)
    form += _field(
        "current", w.t("Mot de passe actuel"), "password", "", "current-password", 256
    )  # fmt: skip
    said = {
        "password": w.t("Ce n’est pas votre mot de passe actuel."),
        "email": w.t("Confirmez d’abord votre adresse e-mail : ouvrez le lien du message reçu."),
        "signin": w.t("Votre session est terminée. Connectez-vous de nouveau."),
        "known": w.t("Cet appareil a déjà une clé d’accès pour ce compte."),
        "missing": w.t("Indiquez une réponse."),
    }
    return _page(
        w, "new", w.t("Ajouter une clé d’accès"),
        w.t("Votre appareil demandera votre empreinte, votre visage ou son code. Rien de tout cela "
            "ne le quitte."),
        form, w.t("Créer la clé d’accès"), said, "/securite", w.t("Revenir à la sécurité"),
    )  # fmt: skip


@pages.get("/signin")
def signin(
    services: ServicesDep,
    lang: Annotated[Locale, Query()] = "fr",
    following: str = Query("/home", alias="next", max_length=300),
    challenge: str = Query("", pattern=r"^([A-Za-z0-9_-]{20,128})?$"),
) -> Response:
    """Use a passkey: alone, or as the second step of a sign-in."""
    w = words(lang)
    return _page(
        w, "signin", w.t("Utiliser une clé d’accès"),
        w.t("Votre appareil demandera votre empreinte, votre visage ou son code. Rien de tout cela "
            "ne le quitte."),
        "", w.t("Continuer avec une clé d’accès"), {}, "/signin",
        w.t("Se connecter par mot de passe"), next=safe_path(following), challenge=challenge,
    )  # fmt: skip


def _field(name: str, label: str, kind: str, value: str, filled: str, longest: int) -> str:
    return (
        f'<p><label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" type="{kind}" value="{escape(value)}" autocomplete="{filled}" '
        f'maxlength="{longest}" aria-describedby="said"></p>'
    )


def _page(
    w: Words, what: str, title: str, text: str, form: str, action: str, said: dict[str, str],
    back: str, back_label: str, **data: str,
) -> HTMLResponse:  # fmt: skip
    said = {
        "unable": w.t("Ce navigateur ne sait pas utiliser les clés d’accès."),
        "cancelled": w.t("L’appareil n’a rien confirmé. Vous pouvez recommencer."),
        "refused": w.t("Cette clé d’accès n’ouvre pas ce compte."),
        "frozen": w.t(
            "Ce compte est bloqué : personne ne peut s’y connecter. Pour le rouvrir, choisissez un "
            "nouveau mot de passe avec « Mot de passe oublié »."
        ),
        "over": w.t("Le temps est écoulé. Recommencez la connexion."),
        "throttled": w.t("Trop d’essais. Attendez quelques minutes avant de recommencer."),
        "failed": w.t("Le service ne répond pas. Réessayez."),
        "waiting": w.t("Suivez ce que demande votre appareil."),
        **said,
    }
    told = " ".join(f'data-{name}="{escape(text)}"' for name, text in said.items())
    more = " ".join(f'data-{name}="{escape(value)}"' for name, value in data.items())
    return HTMLResponse(
        f"""<!doctype html>
<html lang="{w.locale}" dir="{w.direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{escape(title)} — Quittance</title>
<link rel="stylesheet" href="/auth/passkey/page.css">
<script src="/auth/passkey/page.js" defer></script></head>
<body><main data-page="{what}" {more}><p>Quittance</p><h1>{escape(title)}</h1>
<p>{escape(text)}</p>
<form>{form}<button type="submit">{escape(action)}</button></form>
<output id="said" role="status" aria-live="polite" {told}></output>
<noscript><p>{escape(said["unable"])}</p></noscript>
<p><a href="{back}">{escape(back_label)}</a></p></main></body></html>""",
        headers={"Content-Security-Policy": POLICY},
    )
