"""A small page that asks the browser to accept notices: the app itself cannot reach its window."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import HTMLResponse

from backend.routes import Routes
from backend.web.policy import plain
from contract.i18n import words
from contract.people import Locale

pages = Routes(prefix="/notify", include_in_schema=False)

WORKER = """
self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  event.waitUntil(self.registration.showNotification(told.title || "Quittance", {
    body: told.body || "", icon: "/icons/icon-192.png", data: told.path || "/home",
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.data;
  const safe = typeof path === "string" && path.startsWith("/");
  event.waitUntil(clients.openWindow(safe ? path : "/home"));
});
"""

SCRIPT = """
const box = document.querySelector("output"), button = document.querySelector("button");
const say = (name) => { box.textContent = box.dataset[name]; };
const bytes = (text) => {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
};
button.addEventListener("click", async () => {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return say("unable");
  if (await Notification.requestPermission() !== "granted") return say("refused");
  button.disabled = true;
  try {
    const worker = await navigator.serviceWorker.register("/notify/sw.js", { scope: "/notify/" });
    await new Promise((done) => {
      const found = worker.installing || worker.waiting || worker.active;
      if (found.state === "activated") return done();
      found.addEventListener("statechange", () => { if (found.state === "activated") done(); });
    });
    const { key } = await (await fetch("/api/v1/push/key")).json();
    const subscription = await worker.pushManager.subscribe({
      userVisibleOnly: true, applicationServerKey: bytes(key),
    });
    const { endpoint, keys } = subscription.toJSON();
    const answer = await fetch("/api/v1/me/push", {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ endpoint, keys }),
    });
    say(answer.ok ? "done" : answer.status === 401 ? "signin" : "failed");
  } catch (error) { say("failed"); }
  button.disabled = false;
});
"""


@pages.get("/sw.js")
def worker() -> Response:
    """The worker that shows notices; its scope is this small page alone."""
    return Response(WORKER, media_type="text/javascript", headers={
        "Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'self'",
    })  # fmt: skip


@pages.get("/")
def page(lang: Annotated[Locale, Query()] = "fr") -> HTMLResponse:
    """One button, and what came of it."""
    w = words(lang)
    title = w.t("Notifications sur cet appareil")
    said = {
        "done": w.t("C’est fait : les rappels arriveront sur cet appareil."),
        "refused": w.t("Le navigateur a refusé. Autorisez les notifications de ce site dans ses "
                       "réglages, puis recommencez."),
        "unable": w.t("Ce navigateur ne sait pas recevoir de notifications."),
        "signin": w.t("Connectez-vous d’abord, puis revenez ici."),
        "failed": w.t("Le service de notifications du navigateur ne répond pas. Réessayez plus "
                      "tard ; les rappels par e-mail continuent."),
    }  # fmt: skip
    promise = w.t(
        "Un rappel nomme la période et la date, jamais un montant. Vous pouvez l’arrêter à tout "
        "moment dans les réglages."
    )
    accept, back = w.t("Accepter les notifications"), w.t("Revenir aux réglages")
    data = " ".join(f'data-{name}="{escape(text)}"' for name, text in said.items())
    text = f"""<!doctype html>
<html lang="{w.locale}" dir="{w.direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{escape(title)} — Quittance</title>
<style>
:root{{color-scheme:light dark}}
body{{font:1.0625rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1.25rem}}
h1{{font-size:1.6rem;line-height:1.25}}
button{{font:inherit;min-height:48px;padding:.5rem 1.25rem}}
output{{display:block;margin:1rem 0;min-height:1.5em}}
</style></head><body><main><p>Quittance</p><h1>{escape(title)}</h1>
<p>{escape(promise)}</p>
<button type="button">{escape(accept)}</button>
<output aria-live="polite" {data}></output>
<p><a href="/reminders">{escape(back)}</a></p>
</main><script>{SCRIPT}</script></body></html>"""
    return HTMLResponse(text, headers={"Content-Security-Policy": plain(text)})
