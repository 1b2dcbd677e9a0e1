"""The questions that every simulated year shares: which year, who is taxed together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.forms.answers import Choice, Count, Money, Possible, YesNo
from app.forms.form import Condition, Field
from app.words import N_

TAXED = N_("Votre foyer, pour l’impôt")
PERS = (
    Possible("year", N_("Pour l’année")),
    Possible("month", N_("Par mois")),
)


def year_field(today: date) -> Field:
    """This year or the next one."""
    years = (today.year, today.year + 1)
    return Field(
        "year", N_("Pour quelle année ?"),
        Choice(options=tuple(Possible(str(y), str(y), proper=True) for y in years)),
    )  # fmt: skip


def household_fields() -> tuple[Field, ...]:
    """Couple, children, other income: what the family quotient needs (CGI 194)."""
    return (
        Field("couple", N_("Êtes-vous imposé en couple ?"), YesNo(), group=TAXED,
              help=N_("Mariage ou Pacs, avec une déclaration de revenus commune.")),
        Field("children", N_("Enfants à charge"), Count(high=20), required=False, group=TAXED),
        Field("alone", N_("Les élevez-vous seul ?"), YesNo(), required=False, group=TAXED,
              when=(Condition("couple", ("no",)), Condition("children"),
                    Condition("children", ("0",), negated=True)),
              help=N_("Parent isolé : une demi-part de plus pour le premier enfant.")),
        Field("other", N_("Autres revenus imposables du foyer, pour l’année"),
              Money(declared=False), required=False, group=TAXED,
              hint=N_("Salaires après 10 %, retraites, revenus du conjoint…")),
        Field("invoice", N_("Une facture de combien, pour l’exemple ?"), Money(declared=False),
              required=False, group=N_("À mettre de côté")),
    )  # fmt: skip


def start(today: date) -> dict[str, str]:
    """Raw answers that a simulation starts with."""
    return {"year": str(today.year), "couple": "no", "children": "0", "invoice": "1000"}


def household(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The household of these exported answers."""
    return {
        "couple": answers.get("couple", False),
        "children": answers.get("children") or 0,
        "alone": answers.get("alone", False),
        "other": answers.get("other") or "0",
    }
