"""Tables of the log: kinds of navigation, functions and positions, and the category they give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.dated import DatedValue, RateTable

NAVIGATION_LABELS = {
    "petite_peche": "Petite pêche",
    "peche_cotiere": "Pêche côtière",
    "peche_large": "Pêche au large",
    "grande_peche": "Grande pêche",
    "cultures_marines": "Cultures marines",
}
NAVIGATION_NOTE_LABELS = {
    "petite_peche": "Sorties de moins de 24 heures.",
    "peche_cotiere": "Sorties de 24 à 96 heures.",
    "peche_large": "Sorties de plus de 96 heures.",
    "grande_peche": "Plus de 20 jours, grands navires.",
    "cultures_marines": "Conchyliculture, élevage en mer.",
}
FUNCTION_LABELS = {
    "skipper": "Patron sans brevet",
    "skipper_certified": "Patron breveté",
    "deckhand": "Matelot",
    "deckhand_light": "Matelot léger",
    "deckhand_qualified": "Matelot qualifié",
    "mechanic": "Mécanicien",
    "mechanic_certified": "Mécanicien breveté",
    "chief_engineer": "Chef mécanicien",
    "second": "Second",
    "lieutenant": "Lieutenant",
    "boatswain": "Maître d’équipage",
    "greaser": "Graisseur sans titre",
    "greaser_certified": "Graisseur titré",
    "cook": "Cuisinier",
    "radio": "Radio",
    "minor": "Matelot de moins de 18 ans",
    "apprentice": "Apprenti",
    "head": "Chef d’entreprise sans brevet",
    "head_certified": "Chef d’entreprise breveté",
    "captain": "Capitaine",
    "manager": "Cadre sans brevet",
    "manager_certified": "Cadre breveté",
    "team_leader": "Chef d’équipe sans brevet",
    "team_leader_certified": "Chef d’équipe breveté",
    "worker": "Matelot-ouvrier sans brevet",
    "worker_certified": "Matelot-ouvrier breveté",
}
POSITIONS = ("00", "57", "management", "training", "sickness", "state_service")
POSITION_SENTENCE_LABELS = {
    "00": "En mer, escales courtes, réparation des engins, débarque : tout compte.",
    "57": "Congés et repos gagnés à bord : cotisent à la catégorie de l’embarquement.",
    "management": "À terre pour gérer l’entreprise : le taux réduit du propriétaire est gardé.",
    "training": "Stage ou formation : le taux réduit du propriétaire est gardé.",
    "sickness": "Indemnités journalières : pas de cotisation sur le salaire forfaitaire.",
    "state_service": "Service de l’État : ne supporte pas de cotisation, compte pour la pension.",
}


@dataclass(frozen=True, slots=True)
class Position:
    """What a position on board counts for on a date. `note` (French msgid) tells a doubt."""

    code: str
    label: str
    sentence: str
    contributions: bool
    pension: bool
    navigation: bool
    note: str


def position_of(code: str, on: date, rates: RateTable) -> Position | None:
    """The position of this code in force on `on`; None for a code nobody knows."""
    first = rates.find(f"position.{code}.contributions", on)
    if first is None:
        return None

    def counts(name: str) -> bool:
        value = rates.find(f"position.{code}.{name}", on)
        return value is not None and bool(value.value)

    return Position(
        code, first.label, POSITION_SENTENCE_LABELS.get(code, ""), bool(first.value),
        counts("pension"), counts("navigation"), first.note,
    )  # fmt: skip


def functions_of(navigation: str, on: date, rates: RateTable) -> list[str]:
    """Functions that the table classes for a kind of navigation, in the order of the labels."""
    prefix = f"function.{navigation}."
    known = {key.split(".")[2] for key in rates.at(on) if key.startswith(prefix)}
    return [name for name in FUNCTION_LABELS if name in known]


def category_of(
    navigation: str, function: str, tonnage: Decimal | None, on: date, rates: RateTable
) -> DatedValue | None:
    """The category of a function on a vessel of this tonnage; None when the table does not say
    (décret 52-540). Without a tonnage, only a function that has one category whatever it is."""
    prefix = f"function.{navigation}.{function}."
    bands = sorted(
        (Decimal(key.removeprefix(prefix)), value)
        for key, value in rates.at(on).items()
        if key.startswith(prefix)
    )
    if tonnage is None:
        return bands[0][1] if len(bands) == 1 and bands[0][0] == 0 else None
    found = None
    for least, value in bands:
        if least <= tonnage:
            found = value
    return found
