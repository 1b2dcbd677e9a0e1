"""An auto-entrepreneur of the demo who notes every receipt: a year of them, invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from backend.demo.story import Story, months_ago
from regimes.journal import Receipt

MONTHS = 12
COUNT = 365

CLIENTS = (
    "Boutique L’Étagère (fictif)", "Marché des Lices", "Camille Le Goff (fictif)",
    "Restaurant La Criée (fictif)", "Marché de Noël", "Atelier Terre Vive (fictif)",
    "Hôtel du Port (fictif)", "Galerie Ombelle (fictif)",
)  # fmt: skip
PIECES = ("Bols et tasses", "Vases", "Service de table", "Pièces uniques", "Carreaux émaillés")
LESSONS = ("Atelier tournage, samedi", "Stage de modelage", "Cours du soir", "Atelier enfants")
METHODS = ("card", "cash", "transfer", "card", "cheque")


@cache
def receipts(today: date) -> tuple[Receipt, ...]:
    """One receipt a day or so over the last year, the same at each run for one day."""
    first = months_ago(today, MONTHS)
    days = (today - first).days
    found = []
    for number in range(COUNT):
        on = first + timedelta(days=number * days // (COUNT - 1))
        wave = (number * 7919 + on.month * 389) % 1000
        lesson = number % 3 == 1
        platform = lesson and number % 21 == 1 and on >= date(2026, 4, 1)
        cents = Decimal((wave * 37) % 100) / 100
        found.append(
            Receipt(
                on=on,
                amount=Decimal((35 if lesson else 48) + wave // (14 if lesson else 9)) + cents,
                category="service_bic" if lesson else "vente",
                client="Plateforme d’ateliers (fictif)" if platform
                else CLIENTS[wave % len(CLIENTS)],
                nature=(LESSONS if lesson else PIECES)[wave % 4],
                reference=f"F-{on.year}-{number:03}" if number % 2 else "",
                method="platform" if platform else METHODS[number % len(METHODS)],
                platform=platform,
            )
        )  # fmt: skip
    return tuple(found)


def _sum(inside: Sequence[Receipt], month: date, category: str, platform: bool) -> Decimal:
    return sum(
        (
            r.amount
            for r in inside
            if r.category == category and r.platform is platform
            and (r.on.year, r.on.month) == (month.year, month.month)
        ),
        Decimal(0),
    )  # fmt: skip


def stories(today: date) -> list[Story]:
    """The account as of `today`."""
    settled = months_ago(today, 27)
    noted = receipts(today)
    since = noted[0].on.replace(day=1)

    def figures(month: date, category: str) -> Decimal:
        if month < since:
            return Decimal(1850 if category == "vente" else 640) + month.month * 11
        return _sum(noted, month, category, False)

    def platform(month: date, category: str) -> Decimal:
        return _sum(noted, month, category, True)

    return [
        Story(
            "ceramiste", "Céramiste qui tient son journal",
            "365 encaissements notés : la déclaration se remplit toute seule.",
            "Maëlle Riou (fictif)", "98765432400027", "auto-entrepreneur",
            {"start_date": settled.isoformat(), "categories": ["vente", "service_bic"],
             "nature": "artisanale", "department": "35",
             "periodicity": [{"since": settled.isoformat(), "value": "monthly"}]},
            figures, platform, 1, receipts=noted,
        ),
    ]  # fmt: skip
