"""Four doctors of the demo, relative to the day: invented people and figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from backend.demo.story import Story
from regimes.regime import Period

Declarations = Callable[[Period], dict[str, Any] | None]


def _fees(*quarters: int) -> Declarations:
    """The same quarters each year; zero is not declared."""

    def declare(period: Period) -> dict[str, Any] | None:
        amount = quarters[(period.end.month - 1) // 3]
        return {"regime": "rspm-medecin", "fees": f"{amount}.50"} if amount else None

    return declare


def _year(receipts: int, profit: int, overruns: int = 0) -> Declarations:
    """A year that grows a little with time."""

    def declare(period: Period) -> dict[str, Any] | None:
        more = 100 + 2 * (period.end.year - 2024)
        return {
            "regime": "pamc-medecin", "receipts": str(receipts * more // 100),
            "contracted": str((receipts - overruns) * more // 100),
            "overruns": str(overruns * more // 100), "profit": str(profit * more // 100),
            "filed_on": date(period.end.year + 1, 5, 20).isoformat(),
        }  # fmt: skip

    return declare


def stories(today: date) -> list[Story]:
    """The four accounts as of `today`."""
    year = today.year
    return [
        Story(
            "etudiante", "Étudiante remplaçante, près de 19 000 €",
            "Remplacements de médecine générale, chaque trimestre. Le premier palier approche.",
            "Nora Lefèvre (fictif)", "12345678200036", "rspm-medecin",
            {"start_date": f"{year}-01-05", "status": "student", "disability_option": 25},
            left=1, declarations=_fees(8900, 9600, 6150, 5200),
        ),
        Story(
            "remplacant", "Remplaçant, seconde année au-dessus de 19 000 €",
            "Médecin remplaçant : deux années de suite entre 19 000 et 38 000 €, la sortie "
            "approche.",
            "Paul Girard (fictif)", "12345678200044", "rspm-medecin",
            {"start_date": f"{year - 1}-01-10", "status": "doctor", "disability_option": 100},
            left=0, declarations=_fees(9200, 0, 10900, 8400),
        ),
        Story(
            "secteur1", "Médecin de secteur 1",
            "Généraliste conventionnée : cases de la 2042-C PRO, calendrier des appels, "
            "régularisation.",
            "Claire Fontaine (fictif)", "12345678200051", "pamc-medecin",
            {"start_date": "2014-09-01", "sector": "S1", "payment": "monthly_5",
             "known": [{"year": year - 3, "income": "84000", "on": f"{year - 2}-06-30"},
                       {"year": year - 2, "income": "86000", "on": f"{year - 1}-06-30"}]},
            left=0, declarations=_year(150000, 98000),
        ),
        Story(
            "secteur2", "Médecin de secteur 2",
            "Spécialiste avec dépassements, appels chaque trimestre.",
            "Marc Oudin (fictif)", "12345678200069", "pamc-medecin",
            {"start_date": "2011-03-01", "sector": "S2", "payment": "quarterly",
             "known": [{"year": year - 3, "income": "120000", "on": f"{year - 2}-06-30"},
                       {"year": year - 2, "income": "125000", "on": f"{year - 1}-06-30"}]},
            left=0, declarations=_year(250000, 160000, 100000),
        ),
    ]  # fmt: skip
