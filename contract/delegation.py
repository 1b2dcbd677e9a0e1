"""Somebody acts for me: who, for what, until when, and what was done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from contract.base import Answer, Instant, Wire
from contract.people import Email, Password, Token

Scope = Literal["see", "prepare", "send", "pay"]
Kind = Literal["accountant", "spouse", "partner", "other"]
SCOPES: tuple[Scope, ...] = ("see", "prepare", "send", "pay")
KINDS: tuple[Kind, ...] = ("accountant", "spouse", "partner", "other")
LONGEST_YEARS = 3
"""A delegation ends: three years at most, then it is given again. A choice of this service."""


def whole(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """Scopes with those they need: whoever sends prepares, and whoever does anything sees."""
    asked = {"see", *scopes} | ({"prepare"} if "send" in scopes else set())
    return tuple(scope for scope in SCOPES if scope in asked)


class DelegationAsk(Wire):
    """Let somebody act on this account. `ends_on` is the last day; my password is asked again."""

    email: Email
    name: Annotated[str, Field(min_length=1, max_length=80, description="Who, as I know them")]
    kind: Kind
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)]
    ends_on: dt.date
    current_password: Password


class ActView(Answer):
    """Something done for me. `act`: see, draft, entries, file, declare, answer, order, cancel,
    card, transfer; `subject`: the period, the number or the due it was about."""

    at: Instant
    act: str
    subject: str = ""


class DelegationView(Answer):
    """Somebody who acts, acted or was asked to. `state`: invited, active, ended, lapsed (nobody
    answered in time); `how_ended`: revoked, left, refused, over."""

    id: str
    email: str
    name: str
    kind: Kind
    scopes: list[Scope]
    ends_on: dt.date
    state: str
    how_ended: str = ""
    invited_at: Instant
    accepted_at: Instant | None = None
    ended_at: Instant | None = None
    acts: list[ActView] = Field(default_factory=list, description="The latest first, 100 at most")


class InvitationAsk(Wire):
    """Read an invitation, by the link of its message."""

    token: Token


class InvitationAnswer(Wire):
    """Accept an invitation, or refuse it."""

    token: Token
    accept: bool


class InvitationView(Answer):
    """What I am asked to do, and for whom."""

    owner: str
    regime: str
    kind: Kind
    scopes: list[Scope]
    ends_on: dt.date


class ActingView(Answer):
    """On an account that is not mine: what I may do there."""

    delegation: str
    owner: str
    kind: Kind
    scopes: list[Scope]
    ends_on: dt.date
