"""What the app must know of a profession, and where to find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from app.forms.form import Form
from contract.accounts import Overview
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.regime import Alert, Model, Period, Regime
from regimes.registry import REGISTRY


@dataclass(frozen=True)
class SetAside:
    """Share of each receipt to keep for the contributions: percent, by activity."""

    label: str
    percent: Decimal


class Profession(Protocol):
    """A profession's forms as data, and its words."""

    code: str

    def profile_form(self, today: date) -> Form:
        """The questions of sign-up."""
        ...

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile, as it crosses the wire, from normalised answers."""
        ...

    def declaration_form(self, profile: Any, period: Period, rates: RateTable) -> Form:
        """The figures of one period."""
        ...

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Any, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """The declaration, as it crosses the wire, from normalised answers."""
        ...

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """Raw answers that give this declaration again (a correction starts from them)."""
        ...

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        ...

    def set_aside(self, profile: Any, today: date, rates: RateTable) -> list[SetAside]:
        """What to keep of each receipt today."""
        ...

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """Figures of the civil year by month, for the home picture."""
        ...


@cache
def profession(code: str) -> Profession:
    """The profession of this wire name: the module named after its régime's package.

    Raises LookupError for a profession that this app does not have.
    """
    regime: Regime = REGISTRY.get(code)
    name = regime.package.rsplit(".", 1)[-1]
    found: Profession = import_module(f"app.screens.professions.{name}").PROFESSION
    return found


def read_profile(code: str, data: Mapping[str, Any]) -> Model:
    """The régime's profile from what the backend answered."""
    return REGISTRY.get(code).Profile.model_validate(data)
