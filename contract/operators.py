"""Those who work for the collector: finding an account and looking at it, with a reason."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from contract.base import Answer, Instant, Wire


class LookAsk(Wire):
    """Why an operator needs to read an account; the person can read this reason."""

    account_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=200)]


class LookView(Answer):
    """Leave to read an account until `expires_at`."""

    account_id: str
    reason: str
    opened_at: Instant
    expires_at: Instant


class AccountSearch(Wire):
    """A whole SIRET, e-mail address or receipt number: parts of them find nothing."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=254)]


class AccountFound(Answer):
    """An account found by an operator: enough to ask for a look, no figure."""

    account_id: str
    regime: str
    name: str
