"""Problems raised by use cases, and how they cross the wire (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend.storage.outage import unavailable
from contract.problem import MEDIA_TYPE, FieldProblem, ProblemCode, ProblemDocument

log = structlog.get_logger("quittance")

AGAIN = 30  # seconds after which to ask again, when the database or the disk cannot serve

TITLES: dict[ProblemCode, tuple[int, str]] = {
    ProblemCode.INVALID_INPUT: (422, "Some fields are not valid"),
    ProblemCode.MALFORMED_BODY: (400, "The body is not valid JSON"),
    ProblemCode.BODY_TOO_LARGE: (413, "The body is too large"),
    ProblemCode.NOT_AUTHENTICATED: (401, "Sign in first"),
    ProblemCode.BAD_CREDENTIALS: (401, "Wrong e-mail or password"),
    ProblemCode.SECOND_FACTOR_NEEDED: (401, "The password is right: a second factor is needed"),
    ProblemCode.CODE_WRONG: (403, "Wrong or used code"),
    ProblemCode.CHALLENGE_OVER: (410, "Start the sign-in again"),
    ProblemCode.FACTOR_ABSENT: (409, "There is no second factor"),
    ProblemCode.FACTOR_PRESENT: (409, "There is a second factor already"),
    ProblemCode.TOO_SOON: (409, "The delay is not over"),
    ProblemCode.PASSKEY_REFUSED: (403, "This passkey does not open here"),
    ProblemCode.PROVIDER_UNAVAILABLE: (503, "The identity provider cannot be used"),
    ProblemCode.FORBIDDEN: (403, "Not allowed"),
    ProblemCode.WRONG_ORIGIN: (403, "The request comes from another site"),
    ProblemCode.NOT_FOUND: (404, "Nothing here"),
    ProblemCode.METHOD_NOT_ALLOWED: (405, "This method is not offered here"),
    ProblemCode.THROTTLED: (429, "Too many tries"),
    ProblemCode.PIN_WRONG: (403, "Wrong code"),
    ProblemCode.DEVICE_REVOKED: (410, "This device no longer opens with a code"),
    ProblemCode.EMAIL_TAKEN: (409, "This address already has an account"),
    ProblemCode.EMAIL_NOT_CONFIRMED: (403, "Confirm the e-mail address first"),
    ProblemCode.PASSWORD_WEAK: (422, "The password is too easy to guess"),
    ProblemCode.TOKEN_INVALID: (410, "This link was used or has expired"),
    ProblemCode.ACCOUNT_EXISTS: (409, "This account already exists"),
    ProblemCode.REGIME_UNKNOWN: (422, "This profession is not known"),
    ProblemCode.PERIOD_UNKNOWN: (404, "This account has no such period"),
    ProblemCode.PERIOD_NOT_OPEN: (409, "This period is not open yet"),
    ProblemCode.PERIOD_CLOSED: (409, "This period can no longer be declared online"),
    ProblemCode.ALREADY_DECLARED: (409, "This period is already declared"),
    ProblemCode.CORRECTS_OUTDATED: (409, "A newer version was sent meanwhile"),
    ProblemCode.CALCULATION_CHANGED: (409, "The calculation differs from the one shown"),
    ProblemCode.FORM_OUTDATED: (409, "The form has changed"),
    ProblemCode.IDEMPOTENCY_KEY_MISSING: (400, "The Idempotency-Key header is required"),
    ProblemCode.IDEMPOTENCY_KEY_REUSED: (422, "This key was used with another content"),
    ProblemCode.REQUEST_IN_PROGRESS: (409, "The same request is still running"),
    ProblemCode.DRAFT_CONFLICT: (409, "A newer draft was saved elsewhere"),
    ProblemCode.DISPUTE_CLOSED: (409, "This dispute is closed"),
    ProblemCode.DISPUTE_TOO_SOON: (409, "The next stage is not open yet"),
    ProblemCode.PLAN_REFUSED: (409, "No plan can be granted now"),
    ProblemCode.CLOSURE_OBSTACLES: (409, "Something is still owed or to declare"),
    ProblemCode.DOCUMENT_REFUSED: (409, "This document cannot be delivered now"),
    ProblemCode.ENTRY_CHANGED: (409, "This entry was changed elsewhere"),
    ProblemCode.OPTION_REFUSED: (409, "This option cannot be used now"),
    ProblemCode.MANDATE_LIMIT: (409, "There are three active mandates already"),
    ProblemCode.MANDATE_EXISTS: (409, "This bank account has an active mandate already"),
    ProblemCode.NO_MANDATE: (409, "Sign a mandate first"),
    ProblemCode.NOTHING_DUE: (409, "Nothing is left to pay here"),
    ProblemCode.ORDER_CLOSED: (409, "This debit has left for the bank"),
    ProblemCode.NO_CREDIT: (409, "There is no credit to pay back"),
    ProblemCode.CARD_UNAVAILABLE: (503, "Payment by card is not offered now"),
    ProblemCode.SIGNATURE_INVALID: (403, "The signature does not match"),
    ProblemCode.REASON_MISSING: (403, "Say why first"),
    ProblemCode.ACCOUNT_FROZEN: (403, "This account is frozen"),
    ProblemCode.DELEGATION_SCOPE: (403, "What you were allowed here does not include this"),
    ProblemCode.DELEGATION_ADDRESS: (403, "The invitation was sent to another address"),
    ProblemCode.NOT_READY: (503, "Not ready"),
    ProblemCode.UNAVAILABLE: (503, "Nothing can be kept at the moment"),
    ProblemCode.INTERNAL_ERROR: (500, "Something failed on our side"),
}


class Problem(Exception):
    """A refusal: stable code, `errors` naming fields, `extra` with what the code promises."""

    def __init__(
        self,
        code: ProblemCode,
        *,
        errors: Sequence[FieldProblem] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """HTTP status."""
        return TITLES[self.code][0]


def field_problem(field: str, code: str, **params: Any) -> Problem:
    """Bad input in one field."""
    return Problem(
        ProblemCode.INVALID_INPUT, errors=[FieldProblem(field=field, code=code, params=params)]
    )


def field_problems(error: ValidationError, prefix: str = "") -> list[FieldProblem]:
    """The fields that a pydantic error names, with its codes; never the input."""
    return _fields(error.errors(include_url=False, include_input=False), prefix)


def _told(part: object) -> str:
    """A key of the input, unless it may be somebody's number."""
    told = str(part)[:80].encode("utf-8", "replace").decode()
    return "?" if not isinstance(part, int) and sum(c.isdigit() for c in told) > 8 else told


def _fields(errors: Iterable[Mapping[str, Any]], prefix: str) -> list[FieldProblem]:
    found = []
    for fault in errors:
        # A path holds the keys of the input, which may be no valid text at all.
        path = [_told(part) for part in fault["loc"]]
        if prefix:
            path.insert(0, prefix)
        params = {
            name: value
            for name, value in fault.get("ctx", {}).items()
            if name in {"min_length", "max_length", "ge", "le", "gt", "lt", "expected"}
        }
        found.append(
            FieldProblem(field=".".join(path), code=fault["type"], params=jsonable_encoder(params))
        )
    return found


def document(
    code: ProblemCode,
    errors: Sequence[FieldProblem] = (),
    extra: Mapping[str, Any] | None = None,
    instance: str | None = None,
    retry_after: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response that tells a problem."""
    status, title = TITLES[code]
    body = ProblemDocument(
        type=f"/problems/{code.value}", title=title, status=status, code=code,
        errors=list(errors), extra=dict(extra or {}), instance=instance,
    )  # fmt: skip
    sent = {"Cache-Control": "no-store", **(headers or {})}
    if retry_after is not None:
        sent["Retry-After"] = str(retry_after)
    if status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body.model_dump(mode="json"), status_code=status, media_type=MEDIA_TYPE, headers=sent
    )


def install(app: FastAPI) -> None:
    """Every refusal of `app` answers a problem document; its failures do so in the Guard."""

    @app.exception_handler(Problem)
    def _problem(_request: Request, problem: Problem) -> Response:
        return document(
            problem.code, problem.errors, problem.extra, retry_after=problem.retry_after
        )

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> Response:
        faults = error.errors()
        if any(fault["type"] == "json_invalid" for fault in faults):
            return document(ProblemCode.MALFORMED_BODY)
        stripped = [{**f, "loc": f["loc"][1:] or f["loc"]} for f in faults]
        return document(ProblemCode.INVALID_INPUT, _fields(stripped, ""))

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> Response:
        codes = {
            400: ProblemCode.MALFORMED_BODY,
            404: ProblemCode.NOT_FOUND,
            405: ProblemCode.METHOD_NOT_ALLOWED,
            413: ProblemCode.BODY_TOO_LARGE,
        }
        return document(
            codes.get(error.status_code, ProblemCode.INTERNAL_ERROR), headers=error.headers
        )

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(OSError)
    async def _failed(_request: Request, error: Exception) -> Response:
        if not unavailable(error):
            raise error  # ours: the Guard says so
        log.error("unavailable", error=type(error).__name__, where=_where(error))
        return document(ProblemCode.UNAVAILABLE, retry_after=AGAIN)


def failure(error: Exception, number: str, route: str) -> Response:
    """The response to a failure of ours, and its log line. `number` finds one from the other.

    The message of an exception may hold what a person typed: only its kind and place are kept.
    """
    log.error(
        "unhandled", request=number, error=type(error).__name__, route=route, where=_where(error)
    )
    return document(ProblemCode.INTERNAL_ERROR, instance=number)


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    place = "?"
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def responses(*codes: ProblemCode) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries of the problems an operation may answer, with an example each. Their model
    is told once for all (backend/routes.py)."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in (*codes, ProblemCode.INVALID_INPUT):
        status, title = TITLES[code]
        entry = found.setdefault(
            status,
            {"description": title, "content": {MEDIA_TYPE: {"examples": {}}}},
        )
        entry["content"][MEDIA_TYPE]["examples"][code.value] = {
            "summary": title,
            "value": {
                "type": f"/problems/{code.value}", "title": title, "status": status,
                "code": code.value, "detail": None, "instance": None,
                "errors": [{"field": "email", "code": "string_pattern_mismatch", "params": {}}]
                if code is ProblemCode.INVALID_INPUT
                else [],
                "extra": {},
            },
        }  # fmt: skip
    return found
