"""The cookies of this service: not for scripts, not for other sites, never in clear over HTTPS."""

from __future__ import annotations

from fastapi import Response

from backend.settings import Settings
from backend.usecases.sessions import COOKIE, cookie_name


def forget_cookie(answer: Response, settings: Settings, name: str = COOKIE) -> None:
    """Take a cookie of ours back; browsers heed it only with the attributes it was set with."""
    answer.delete_cookie(
        cookie_name(settings, name), path="/", httponly=True, samesite="lax",
        secure=settings.secure_cookies,
    )  # fmt: skip


def set_cookie(answer: Response, settings: Settings, token: str) -> None:
    """Hold a session in the browser."""
    answer.set_cookie(
        cookie_name(settings), token, max_age=settings.session_max_hours * 3600, path="/",
        httponly=True, samesite="lax", secure=settings.secure_cookies,
    )  # fmt: skip
