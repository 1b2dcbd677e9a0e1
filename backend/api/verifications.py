"""Anyone may check a receipt from its code: no figure, no identity, one constant answer."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select

from backend import throttle
from backend.api.deps import ClientDep, ServicesDep
from backend.api.plain import language_links
from backend.problems import responses
from backend.routes import Routes
from backend.secrets import read_code
from backend.services import Client, Services
from backend.storage.documents import IssuedDocument
from backend.storage.tables import Submission
from backend.usecases.attest import titles
from backend.web.policy import plain
from contract.declarations import Verification
from contract.i18n import Words, words
from contract.people import Locale
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["verification"])
pages = Routes(include_in_schema=False)


def find(services: Services, client: Client, code: str) -> Verification:
    """What may be told of the receipt that bears `code`. Unknown codes are counted and slowed."""
    door = ("address", throttle.bucket("verify", client.address))
    throttle.take(services.storage, services.clock, door)
    with services.storage.read() as database:
        row = database.scalar(
            select(Submission).where(Submission.verification_code == read_code(code))
        )
        newest = row and database.scalar(
            select(func.max(Submission.version)).where(
                Submission.account_id == row.account_id, Submission.period == row.period
            )
        )
        document = row is None and database.scalar(
            select(IssuedDocument).where(IssuedDocument.code == read_code(code))
        )
    if document:
        throttle.give_back(services.storage, door[1])
        return Verification(
            valid=True, number=document.number, received_at=document.issued_at,
            kind=document.kind, fingerprint=document.fingerprint,
            valid_until=document.valid_until,
            superseded=document.valid_until is not None
            and document.valid_until < services.clock.today(),
        )  # fmt: skip
    if row is None:
        return Verification(valid=False)
    throttle.give_back(services.storage, door[1])
    return Verification(
        valid=True, number=row.number, received_at=row.received_at, period=row.period,
        regime=row.regime, fingerprint=row.fingerprint, kind="receipt",
        superseded=row.version != newest,
    )  # fmt: skip


@router.get("/verifications/{code}", responses=responses(P.THROTTLED))
def verification(code: str, services: ServicesDep, client: ClientDep) -> Verification:
    """Is this receipt authentic, and is it the latest for its period?"""
    return find(services, client, code[:64])


@pages.get("/verifier/{code}")
def page(
    code: str, services: ServicesDep, client: ClientDep, lang: Annotated[Locale, Query()] = "fr"
) -> HTMLResponse:
    """The page that the QR code of a receipt opens."""
    w = words(lang)
    found = find(services, client, code[:64])
    text = _page(found, w, services)
    return HTMLResponse(
        text, 200 if found.valid else 404, headers={"Content-Security-Policy": plain(text)}
    )


def _page(found: Verification, w: Words, services: Services) -> str:
    if found.valid and found.received_at is not None and found.kind != "receipt":
        title = w.t("Ce document est authentique")
        rows = [
            (w.t("Document"), titles(w).get(found.kind or "", ("",))[0]),
            (w.t("Numéro"), found.number or ""),
            (w.t("Délivré le"), w.moment(found.received_at)),
            (w.t("Valable jusqu’au"), w.date(found.valid_until) if found.valid_until else ""),
            (w.t("Empreinte SHA-256"), found.fingerprint or ""),
        ]
        rows = [row for row in rows if row[1]]
        note = (
            w.t("Il n’est plus valable : sa durée est passée.")
            if found.superseded
            else w.t("Il a été délivré par ce service et n’a pas été modifié depuis, si son "
                     "empreinte est celle-ci.")
        )  # fmt: skip
        advice = w.t("Comparez le nom et le SIRET du document à ceux de la personne.")
    elif found.valid and found.received_at is not None and found.regime is not None:
        regime = services.registry.get(found.regime) if found.regime in services.registry else None
        title = w.t("Ce reçu est authentique")
        rows = [
            (w.t("Numéro"), found.number or ""),
            (w.t("Reçu le"), w.moment(found.received_at)),
            (w.t("Période"), found.period or ""),
            (w.t("Profession"), w.t(regime.label) if regime else found.regime),
            (w.t("Empreinte SHA-256"), found.fingerprint or ""),
        ]
        note = (
            w.t("Une correction plus récente l’a remplacé.")
            if found.superseded
            else w.t("C’est la dernière version pour cette période.")
        )
        advice = w.t("Comparez l’empreinte à celle du document que l’on vous montre.")
    else:
        title, rows = w.t("Document inconnu"), []
        note = w.t("Aucun document ne porte ce code.")
        advice = w.t("Vérifiez le code imprimé sous le carré, lettre par lettre.")
    table = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows
    )
    promise = w.t(
        "Cette page ne montre ni montant ni identité. Projet indépendant, sans lien avec l’Urssaf."
    )
    return f"""<!doctype html>
<html lang="{w.locale}" dir="{w.direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{escape(title)} — Quittance</title>
<style>
:root{{color-scheme:light dark}}
body{{font:1.0625rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1.25rem}}
h1{{font-size:1.6rem;line-height:1.25}}dl div{{padding:.6rem 0;border-bottom:1px solid #8886}}
dt{{opacity:.75}}dd{{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}}
</style></head><body><main><p>Quittance</p><h1>{escape(title)}</h1><p>{escape(note)}</p>
<dl>{table}</dl><p>{escape(advice)}</p>
<p>{escape(promise)}</p>
<p>{language_links(w)}</p>
</main></body></html>"""
