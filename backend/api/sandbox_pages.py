"""Pages of the sandbox card provider, on a path of their own: nobody types a card number here."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Annotated
from urllib.parse import parse_qs

import httpx
import structlog
from fastapi import BackgroundTasks, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from backend import ledger
from backend.api.deps import ServicesDep
from backend.api.plain import language_links
from backend.psp.sandbox import PATH, Sandbox
from backend.routes import Routes
from backend.services import Services
from backend.storage.tables import SandboxCheckout
from backend.web.policy import plain
from contract.i18n import Words, words
from contract.people import Locale

pages = Routes(include_in_schema=False)
log = structlog.get_logger("quittance.sandbox")


def _find(services: Services, checkout_id: str) -> SandboxCheckout | None:
    if services.settings.cards != "sandbox":
        return None
    with services.storage.read() as database:
        return database.get(SandboxCheckout, checkout_id[:40])


@pages.get(PATH + "{checkout_id}")
def checkout(
    checkout_id: str, services: ServicesDep, lang: Annotated[Locale, Query()] = "fr"
) -> HTMLResponse:
    """Where a person decides how the payment ends."""
    w = words(lang)
    found = _find(services, checkout_id)
    if found is None:
        return _page(w, w.t("Paiement inconnu"), "", "", 404)
    if found.state != "open":
        body = f'<p><a href="{escape(found.return_url)}">{escape(w.t("Revenir"))}</a></p>'
        return _page(w, w.t("Ce paiement est terminé"), "", body)
    return _page(
        w, w.t("Payer {amount} par carte").format(amount=w.money(ledger.euros(found.amount_cents))),
        w.t("Banque d’essai : aucune carte n’est demandée et aucun argent ne bouge. Choisissez "
            "comment le paiement se termine."),
        _form(w),
    )  # fmt: skip


def _form(w: Words) -> str:
    buttons = (
        ("paid", w.t("Accepter le paiement")),
        ("late", w.t("Accepter, l’annonce arrive en retard")),
        ("twice", w.t("Accepter, l’annonce arrive deux fois")),
        ("refused", w.t("Refuser le paiement")),
        ("abandoned", w.t("Abandonner et revenir")),
    )
    return '<form method="post">' + "".join(
        f'<p><button name="outcome" value="{value}">{escape(label)}</button></p>'
        for value, label in buttons
    ) + "</form>"  # fmt: skip


@pages.post(PATH + "{checkout_id}")
async def decide(
    checkout_id: str, request: Request, services: ServicesDep, tasks: BackgroundTasks
) -> Response:
    """End the payment once, tell the collector by a signed notice, send the window back."""
    answer = parse_qs((await request.body()).decode("ascii", "replace")).get("outcome", [""])[0]
    w = words("fr")
    found = await run_in_threadpool(_end, services, checkout_id, answer)
    if found is None:
        return _page(w, w.t("Paiement inconnu"), "", "", 404)
    times = 2 if answer == "twice" else 1
    wait = services.settings.sandbox_delay if answer == "late" else 0
    sender = _send(request, services, found, times, wait)
    if wait:
        tasks.add_task(_later, sender)
    else:
        await sender
    return RedirectResponse(found.return_url, 303, background=tasks)


async def _later(sender: object) -> None:
    await sender  # type: ignore[misc]


def _end(services: Services, checkout_id: str, answer: str) -> SandboxCheckout | None:
    outcome = {"late": "paid", "twice": "paid"}.get(answer, answer)
    if _find(services, checkout_id) is None or outcome not in {"paid", "refused", "abandoned"}:
        return None
    with services.storage.write() as database:
        row = database.get(SandboxCheckout, checkout_id, with_for_update=True)
        if row is not None and row.state == "open":
            row.state = outcome
        return row


async def _send(
    request: Request, services: Services, found: SandboxCheckout, times: int, wait: int
) -> None:
    """Deliver the notice over HTTP to this collector's own address, in process."""
    if wait:
        await asyncio.sleep(wait)
    provider = Sandbox(services)
    transport = httpx.ASGITransport(request.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.invalid") as client:
        for _ in range(times):
            body, headers = provider.notice(found)
            answer = await client.post(
                "/api/v1/payments/notices/sandbox", content=body, headers=headers
            )
            log.info("notice delivered", status=answer.status_code)


def _page(w: Words, title: str, text: str, body: str, status: int = 200) -> HTMLResponse:
    bank = escape(w.t("Banque d’essai"))
    page = f"""<!doctype html>
<html lang="{w.locale}" dir="{w.direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{escape(title)} — {bank}</title>
<style>
:root{{color-scheme:light dark}}
body{{font:1.0625rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1.25rem}}
h1{{font-size:1.6rem;line-height:1.25}}
button{{font:inherit;min-height:48px;width:100%;padding:.6rem 1rem;border-radius:8px}}
button:focus-visible{{outline:3px solid Highlight;outline-offset:2px}}
</style></head><body><main><p>{bank}</p><h1>{escape(title)}</h1>
<p>{escape(text)}</p>{body}
<p>{language_links(w)}</p>
</main></body></html>"""
    return HTMLResponse(page, status, headers={"Content-Security-Policy": plain(page)})
