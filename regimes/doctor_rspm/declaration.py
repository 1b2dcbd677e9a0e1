"""The figures of one period: gross fees received."""

from __future__ import annotations

from typing import Literal

from regimes.money import DeclaredEuros
from regimes.regime import Model


class Declaration(Model):
    """What a replacement doctor declares (CSS L642-4-2): gross fees received in the period, in
    euros, before the 34 % allowance of the income tax."""

    regime: Literal["rspm-medecin"] = "rspm-medecin"
    fees: DeclaredEuros
