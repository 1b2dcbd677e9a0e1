"""Problems of the API: RFC 9457 documents with a stable code that the app turns into a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class ProblemCode(StrEnum):
    """Stable codes. The app owns the sentences; `title` on the wire is for developers."""

    INVALID_INPUT = "invalid-input"
    MALFORMED_BODY = "malformed-body"
    BODY_TOO_LARGE = "body-too-large"
    NOT_AUTHENTICATED = "not-authenticated"
    BAD_CREDENTIALS = "bad-credentials"
    SECOND_FACTOR_NEEDED = "second-factor-needed"
    CODE_WRONG = "code-wrong"
    CHALLENGE_OVER = "challenge-over"
    FACTOR_ABSENT = "factor-absent"
    FACTOR_PRESENT = "factor-present"
    TOO_SOON = "too-soon"
    PASSKEY_REFUSED = "passkey-refused"
    PROVIDER_UNAVAILABLE = "provider-unavailable"
    FORBIDDEN = "forbidden"
    WRONG_ORIGIN = "wrong-origin"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    THROTTLED = "throttled"
    PIN_WRONG = "pin-wrong"
    DEVICE_REVOKED = "device-revoked"
    EMAIL_TAKEN = "email-taken"
    EMAIL_NOT_CONFIRMED = "email-not-confirmed"
    PASSWORD_WEAK = "password-weak"  # noqa: S105
    TOKEN_INVALID = "token-invalid"  # noqa: S105
    ACCOUNT_EXISTS = "account-exists"
    REGIME_UNKNOWN = "regime-unknown"
    PERIOD_UNKNOWN = "period-unknown"
    PERIOD_NOT_OPEN = "period-not-open"
    PERIOD_CLOSED = "period-closed"
    ALREADY_DECLARED = "already-declared"
    CORRECTS_OUTDATED = "corrects-outdated"
    CALCULATION_CHANGED = "calculation-changed"
    FORM_OUTDATED = "form-outdated"
    IDEMPOTENCY_KEY_MISSING = "idempotency-key-missing"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    REQUEST_IN_PROGRESS = "request-in-progress"
    DRAFT_CONFLICT = "draft-conflict"
    DISPUTE_CLOSED = "dispute-closed"
    DISPUTE_TOO_SOON = "dispute-too-soon"
    PLAN_REFUSED = "plan-refused"
    CLOSURE_OBSTACLES = "closure-obstacles"
    DOCUMENT_REFUSED = "document-refused"
    ENTRY_CHANGED = "entry-changed"
    OPTION_REFUSED = "option-refused"
    MANDATE_LIMIT = "mandate-limit"
    MANDATE_EXISTS = "mandate-exists"
    NO_MANDATE = "no-mandate"
    NOTHING_DUE = "nothing-due"
    ORDER_CLOSED = "order-closed"
    NO_CREDIT = "no-credit"
    CARD_UNAVAILABLE = "card-unavailable"
    SIGNATURE_INVALID = "signature-invalid"
    REASON_MISSING = "reason-missing"
    ACCOUNT_FROZEN = "account-frozen"
    DELEGATION_SCOPE = "delegation-scope"
    DELEGATION_ADDRESS = "delegation-address"
    NOT_READY = "not-ready"
    UNAVAILABLE = "unavailable"
    INTERNAL_ERROR = "internal-error"


class FieldProblem(BaseModel):
    """What is wrong with one field: its path, a stable code, and parameters of the sentence."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Path of the field, such as declaration.parts.0.turnover.vente")
    code: str
    params: dict[str, Any] = Field(default_factory=dict)


class ProblemDocument(BaseModel):
    """RFC 9457. `errors` names the fields of bad input; `extra` carries what the code promises."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    code: ProblemCode
    detail: str | None = None
    instance: str | None = Field(default=None, description="Number of this error in our logs")
    errors: list[FieldProblem] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict)
