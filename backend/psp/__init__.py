"""Card payments: one interface, and a sandbox that behaves as a real provider does."""

from __future__ import annotations

from backend.psp.provider import Notice, Opened, Provider, SignatureInvalid
from backend.psp.sandbox import Sandbox
from backend.services import Services

__all__ = ["Notice", "Opened", "Provider", "SignatureInvalid", "provider_of"]


def provider_of(services: Services) -> Provider | None:
    """The provider that the settings name, or None when cards are not taken."""
    return Sandbox(services) if services.settings.cards == "sandbox" else None
