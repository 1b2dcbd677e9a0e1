"""The boxes of a doctor in the income-tax return (2042-C PRO), prepared here and filed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from regimes.money import CENT, ZERO, DeclaredEuros
from regimes.regime import Model


class Declaration(Model):
    """The figures of one year. From the income of 2025 on, `profit` or `loss` is the gross social
    income; before, the professional income. Exactly one of them is given, neither under micro-BNC.
    `filed_on` is the day the person filed the tax return: that filing belongs to the tax office."""

    regime: Literal["pamc-medecin"] = "pamc-medecin"
    receipts: DeclaredEuros
    contracted: DeclaredEuros
    overruns: DeclaredEuros = ZERO
    structures: DeclaredEuros = ZERO
    micro: bool = False
    profit: DeclaredEuros | None = None
    loss: DeclaredEuros | None = None
    sick_pay: DeclaredEuros = ZERO
    insurance_pay: DeclaredEuros = ZERO
    vouchers: DeclaredEuros = ZERO
    exempt: DeclaredEuros = ZERO
    filed_on: date | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Declaration:
        if self.contracted + self.overruns > self.receipts:
            raise PydanticCustomError(
                "contracted_above_receipts", "Contracted fees and overruns exceed the receipts"
            )
        given = (self.profit is not None) + (self.loss is not None)
        if given != (0 if self.micro else 1):
            raise PydanticCustomError("profit_or_loss", "Exactly one of profit and loss")
        return self

    @property
    def ratio(self) -> Decimal:
        """DSAU: contracted part of the receipts, from 0 to 1, two decimals."""
        if not self.receipts:
            return ZERO
        return (self.contracted / self.receipts).quantize(CENT, ROUND_HALF_UP)

    @property
    def result(self) -> Decimal:
        """Profit, or loss as a negative amount; zero under micro-BNC."""
        return (self.profit or ZERO) - (self.loss or ZERO)


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the return: its code for the first declarant, French msgids of what it holds and
    where to find it, and what to copy."""

    code: str
    label: str
    where: str
    value: Decimal
    computed: bool = False
    money: bool = True


WHERE_SNIR = "Relevé SNIR de l’Assurance maladie"
WHERE_2035 = "Annexe A de la 2035"


def boxes(declaration: Declaration) -> list[Box]:
    """Every box to copy, in the order of the form; empty ones are left out but the first."""
    d = declaration
    found = [
        Box("DSCS", "Recettes brutes totales, avant rétrocessions",
            "Annexe A de la 2035, lignes AA et AF ; total du relevé SNIR", d.receipts),
        Box("DSAV", "Honoraires conventionnés, sans les dépassements",
            "Relevé SNIR : montant remboursable", d.contracted),
        Box("DSAW", "Dépassements d’honoraires", "Relevé SNIR : colonne des dépassements",
            d.overruns),
        Box("DSAU", "Part conventionnée des recettes (DSAV ÷ DSCS)", "Calculée ici", d.ratio,
            True, False),
        Box("DSAT", "Recettes nettes en Ehpad, HAD, Ssiad ou CMPP",
            "Vos bordereaux de ces structures", d.structures),
        Box("DSDG" if d.loss is not None else "DSDE",
            "Déficit" if d.loss is not None else "Revenu brut social",
            "Annexe B de la 2035, cadre 8", d.loss or d.profit or ZERO),
        Box("DSDX", "Indemnités journalières de la CPAM, hors affection de longue durée",
            "Attestation fiscale de la CPAM", d.sick_pay),
        Box("DSCZ", "Indemnités d’un contrat Madelin, AJPA, incapacité Carmf",
            "Attestations de l’assureur et de la Carmf", d.insurance_pay),
        Box("DSCN", "Chèques-vacances", "Facture de l’ANCV : montant commandé", d.vouchers),
        Box("DSFA", "Permanence des soins exonérée", "Vos relevés de permanence des soins",
            d.exempt),
    ]  # fmt: skip
    kept = {"DSCS", "DSAV", "DSAU"}
    return [
        box for box in found
        if (box.value or box.code in kept or box.code == "DSDE")
        and not (d.micro and box.code in {"DSDE", "DSDG"})
    ]  # fmt: skip
