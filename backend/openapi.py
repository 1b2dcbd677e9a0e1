"""What /api/openapi.json adds to the models: examples, ways to sign in, problem documents."""

from __future__ import annotations

import json
import pkgutil
from importlib import import_module
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

import backend.api
from backend.problems import responses
from backend.usecases.sessions import cookie_name
from contract.problem import MEDIA_TYPE, ProblemCode, ProblemDocument

TOKEN = "JlNHKPBai5yxGu0mjmdb1S311k4SxCm0gLf9PylGIDE"  # noqa: S105 an example, opens nothing
ID = "c7f50318c8d14aabb9a1a631b94978d4"
HASH = "5f1d6c3cfb6cf0a5f4e4f9b83e1c2a7d9b0e6f7a8c9d0e1f2a3b4c5d6e7f8091"
SESSION = {
    "id": ID, "created_at": "2026-11-23T11:00:00.000Z", "last_seen_at": "2026-11-23T11:00:00.000Z",
    "expires_at": "2026-11-23T12:00:00.000Z", "device": "Firefox", "current": True,
}  # fmt: skip
PERSON = {
    "id": ID, "email": "camille@example.org", "email_confirmed": True, "pending_email": None,
    "preferences": {"locale": "fr", "theme": "system", "text_size": 100},
    "created_at": "2026-11-23T11:00:00.000Z",
}  # fmt: skip
PROFILE = {
    "start_date": "2024-01-10", "categories": ["vente"], "nature": "commerciale",
    "department": "75", "periodicity": [{"since": "2024-01-10", "value": "monthly"}],
}  # fmt: skip
DECLARATION = {
    "parts": [{"start": "2026-10-01", "end": "2026-10-31", "turnover": {"vente": "1234.56"}}],
    "platform": {},
}
PASSWORD = "une phrase longue et à moi"  # noqa: S105 an example

EXAMPLES: dict[str, dict[str, Any]] = {
    "SignUp": {"email": "camille@example.org", "password": PASSWORD, "locale": "fr"},
    "SignIn": {"email": "camille@example.org", "password": PASSWORD},
    "SessionView": SESSION,
    "SessionOpened": {"token": TOKEN, "session": SESSION, "person": PERSON},
    "PersonView": PERSON,
    "Handoff": {"code": TOKEN, "path": f"/auth/finish?code={TOKEN}"},
    "MessageNotice": {"sent": True, "outbox": None},
    "Preferences": {"locale": "fr", "theme": "dark", "text_size": 125},
    "TokenIn": {"token": TOKEN},
    "ForgottenPassword": {"email": "camille@example.org"},
    "PasswordReset": {"token": TOKEN, "password": PASSWORD},
    "PasswordChange": {"current_password": "la phrase d’avant", "new_password": PASSWORD},
    "EmailChange": {"email": "nouvelle@example.org", "current_password": PASSWORD},
    "DemoSignIn": {"slug": "vente-acre"},
    "AccountCreate": {
        "regime": "auto-entrepreneur", "siret": "12345678200010", "name": "Camille Démo",
        "profile": PROFILE,
    },
    "ProfileChange": {"name": "Atelier Camille", "profile": PROFILE},
    "OptionChoice": {"value": "quarterly"},
    "DraftSave": {
        "sequence": 3, "form_version": 1, "step": "amounts", "answers": {"vente": "1 234,56"},
        "key": "0f8fad5bd9cb469fa165708677", "device": "web", "corrects": None,
    },
    "EstimateAsk": {"period": "2026-10", "declaration": DECLARATION},
    "Submit": {
        "declaration": DECLARATION, "fingerprint": HASH, "rates_version": HASH[:16],
        "form_version": 1, "corrects": None,
    },
}  # fmt: skip


def examples() -> dict[str, dict[str, Any]]:
    """Examples of bodies and answers: those above, and those that the routers give."""
    found = dict(EXAMPLES)
    for module in pkgutil.iter_modules(backend.api.__path__):
        found |= getattr(import_module(f"backend.api.{module.name}"), "EXAMPLES", {})
    return found


def answers() -> dict[str, dict[str, Any]]:
    """Real answers of the demo, by model (made by tools/api_examples.py)."""
    text = files("backend").joinpath("openapi_answers.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found | {"Opening": {"person": PERSON, "accounts": [found["AccountView"]]}}


def install(app: FastAPI) -> None:
    """Complete the schema that FastAPI makes of `app`."""
    plain = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        schema = plain()
        components = schema.setdefault("components", {})
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "description": "Token of a session"},
            "cookie": {
                "type": "apiKey", "in": "cookie", "name": cookie_name(app.state.services.settings),
                "description": "Set by /auth/finish. Unsafe methods then need our own Origin.",
            },
        }  # fmt: skip
        for name, example in (examples() | answers()).items():
            if name in components["schemas"]:
                components["schemas"][name]["examples"] = [example]
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                _complete(path, method, operation)
        return schema

    app.openapi = complete  # type: ignore[method-assign]


def _add_common(path: str, method: str, operation: dict[str, Any]) -> None:
    """The answers that any operation of this kind may give, whatever it does."""
    codes = []
    if "requestBody" in operation:
        codes += [ProblemCode.MALFORMED_BODY, ProblemCode.BODY_TOO_LARGE]
    if method != "get":
        codes.append(ProblemCode.WRONG_ORIGIN)
    if "/accounts/{account_id}" in path and "/operator/" not in path:
        codes.append(ProblemCode.DELEGATION_SCOPE)
    for status, entry in responses(*codes).items():
        schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
        entry["content"][MEDIA_TYPE]["schema"] = schema
        known = operation["responses"].setdefault(str(status), entry)
        told = known.setdefault("content", {}).setdefault(MEDIA_TYPE, {"schema": schema})
        told["examples"] = told.get("examples", {}) | entry["content"][MEDIA_TYPE]["examples"]


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    for response in operation["responses"].values():
        content = response.get("content", {})
        if MEDIA_TYPE in content:
            # FastAPI files the model under application/json, which is not what we answer.
            content[MEDIA_TYPE]["schema"] = content.pop("application/json")["schema"]
    _add_common(path, method, operation)
    refused = operation["responses"].get("401", {}).get("content", {}).get(MEDIA_TYPE, {})
    if ProblemCode.NOT_AUTHENTICATED.value in refused.get("examples", {}):
        operation["security"] = [{"bearer": []}, {"cookie": []}]
