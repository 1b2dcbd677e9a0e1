"""Time to open the home screen and the journal of an account with 365 receipts and 24 months of
history, in process: the real backend, the real app, a client that is played."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import flet as ft
import httpx

from backend.demo import seed
from backend.main import create_app
from backend.settings import Settings
from tests.screens.harness import open_app

UNIT = "ms"
ROUNDS = 7
PLACES = {
    "home, 365 receipts and 24 months": ("/home", "Journal des recettes"),
    "journal, first rows": ("/journal", "Dû à ce jour"),
    "receipt, ready to type": ("/journal/new", "Montant encaissé"),
    "declaration filled from the journal": ("/declare/2026-10/amounts", "du journal"),
}


async def _token(app: Any) -> str:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        answer = await client.post("/api/v1/demo/sessions", json={"slug": "ceramiste"})
        return str(answer.json()["token"])


async def _measure(app: Any) -> dict[str, float]:
    token = await _token(app)
    found = {}
    for name, (route, shown) in PLACES.items():
        times = []
        for _ in range(ROUNDS):
            begin = perf_counter()
            async with open_app(route, backend=app, token=token) as opened:
                await opened.until(lambda opened=opened, shown=shown: opened.shows(shown))
                times.append((perf_counter() - begin) * 1000)
        found[name] = median(times)
    times = []
    async with open_app("/journal", backend=app, token=token) as opened:
        await opened.until(lambda: opened.shows("Dû à ce jour"))
        for _ in range(4):
            more = opened.find(ft.OutlinedButton, "Afficher les")
            begin = perf_counter()
            await opened.event(more, "click")
            times.append((perf_counter() - begin) * 1000)
    found["journal, 60 rows more"] = median(times)
    return found


def measure() -> dict[str, float]:
    """Median milliseconds by screen, from opening to its sentence on the screen."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), demo=True, today=date(2026, 11, 23), argon2_memory_kib=8
        )
        app = create_app(settings)
        seed(app.state.services)
        try:
            return asyncio.run(_measure(app))
        finally:
            app.state.services.mailer.close()
            app.state.services.storage.close()


if __name__ == "__main__":
    for case, milliseconds in measure().items():
        print(f"{case:<40} {milliseconds:8.1f} ms")
