"""Real answers of the demo as the examples of the API document: `python -m tools.api_examples`."""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from backend.demo import seed
from backend.main import create_app
from backend.settings import load_settings

TARGET = Path(__file__).resolve().parent.parent / "backend/openapi_answers.json"
MOST = 2  # items kept of a list


def short(value: Any) -> Any:
    """`value` with its lists cut, so that an example stays readable."""
    if isinstance(value, list):
        return [short(item) for item in value[:MOST]]
    if isinstance(value, dict):
        return {name: short(item) for name, item in value.items()}
    return value


async def collect(app: Any) -> dict[str, Any]:
    """One answer of each kind, from the demo's mixed activity."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

        async def call(method: str, path: str, **more: Any) -> Any:
            answer = await client.request(method, "/api/v1" + path, **more)
            answer.raise_for_status()
            return answer.json()

        demos = await call("GET", "/demo/accounts")
        slug = next(d["slug"] for d in demos if d["slug"] == "plateformes")
        opened = await call("POST", "/demo/sessions", json={"slug": slug})
        client.headers["Authorization"] = f"Bearer {opened['token']}"
        account = (await call("GET", "/accounts"))[0]
        mine = f"/accounts/{account['id']}"
        overview = await call("GET", f"{mine}/overview")
        summary = (await call("GET", f"{mine}/declarations"))[0]
        receipt = await call("GET", f"{mine}/receipts/{summary['number']}")
        asked = {
            "period": "2026-10",
            "declaration": {
                "parts": [
                    {
                        "start": "2026-10-01",
                        "end": "2026-10-31",
                        "turnover": {"vente": "1234.56", "service_bic": "0", "service_bnc": "0"},
                    }
                ]
            },
        }
        draft = {
            "sequence": 1,
            "form_version": 1,
            "answers": {"parts.0.vente": "1 234,56"},
            "key": "0f8fad5bd9cb469fa165708677",
        }
        return {
            "AccountView": account,
            "Overview": overview,
            "PeriodView": overview["periods"][-2],
            "OptionsView": await call("GET", f"{mine}/options"),
            "DraftView": await call("PUT", f"{mine}/drafts/2026-10", json=draft),
            "Estimate": await call("POST", f"{mine}/estimates", json=asked),
            "Receipt": receipt,
            "SubmissionSummary": summary,
            "Paying": await call("GET", f"{mine}/paying"),
            "Statement": await call("GET", f"{mine}/statement"),
            "Verification": await call("GET", f"/verifications/{receipt['verification_code']}"),
            "RatesView": await call("GET", "/rates/auto-entrepreneur"),
            "RegimeView": (await call("GET", "/regimes"))[0],
            "DemoAccount": demos[0],
            "Health": await call("GET", "/health"),
        }  # fmt: skip


def main() -> None:
    """Write the examples."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            data_dir=folder, demo=True, today=date(2026, 11, 23), argon2_memory_kib=8
        )
        app = create_app(settings)
        seed(app.state.services)
        found = asyncio.run(collect(app))
        app.state.services.storage.close()
    text = json.dumps({k: short(v) for k, v in found.items()}, ensure_ascii=False, indent=1)
    TARGET.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
