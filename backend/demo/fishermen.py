"""Four fishing accounts of the demo, relative to the day: invented people and vessels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from backend.demo.story import Story
from regimes.fisherman.models import EARLIEST
from regimes.regime import Period

Trip = tuple[int, int, int, int]
"""First month and day, last month and day."""
Notes = list[tuple[str, str, dict[str, Any]]]


def _vessel(name: str, length: str, tonnage: str, navigation: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name, "length_m": length, "tonnage": tonnage, "navigation": navigation, **more
    }  # fmt: skip


def _periods(
    year: int, trips: tuple[Trip, ...], function: str, category: int, last: date
) -> list[dict[str, Any]]:
    found = []
    for number, (m1, d1, m2, d2) in enumerate(trips):
        start, end = date(year, m1, d1), min(date(year, m2, d2), last)
        if start > last or start < EARLIEST:
            continue
        found.append(
            {
                "start": start.isoformat(), "end": end.isoformat(), "vessel": "demo-vessel-1",
                "function": function, "category": category,
                "position": "57" if number == 3 else "00",
            }
        )  # fmt: skip
    return found


def _declared(
    vessel: dict[str, Any], trips: tuple[Trip, ...], function: str, category: int
) -> Callable[[Period], dict[str, Any] | None]:
    def declare(period: Period) -> dict[str, Any] | None:
        rows = _periods(period.end.year, trips, function, category, period.end)
        rows = [row for row in rows if row["start"] >= period.start.isoformat()]
        return {
            "regime": "marin-pecheur", "vessels": {"demo-vessel-1": vessel}, "periods": rows,
        }  # fmt: skip

    return declare


def _noted(
    vessel: dict[str, Any], trips: tuple[Trip, ...], function: str, category: int, today: date,
    first: int,
) -> Notes:  # fmt: skip
    notes: Notes = [("demo-vessel-1", "vessel", vessel)]
    for year in range(first, today.year + 1):
        last = min(today - timedelta(days=3), date(year, 12, 31))
        for number, row in enumerate(_periods(year, trips, function, category, last)):
            notes.append((f"demo-days-{year}-{number}", "service", row))
    return notes


SMALL: tuple[Trip, ...] = ((4, 1, 5, 12), (5, 20, 7, 24), (8, 3, 9, 30), (10, 1, 10, 9),
                           (10, 12, 11, 17))  # fmt: skip
COAST: tuple[Trip, ...] = ((1, 8, 3, 2), (3, 10, 5, 28), (6, 8, 8, 2), (8, 3, 8, 23),
                           (8, 24, 11, 16))  # fmt: skip
SHORE: tuple[Trip, ...] = ((1, 5, 4, 30), (5, 4, 7, 31), (8, 20, 11, 19))


def stories(today: date) -> list[Story]:
    """The four accounts as of `today`."""
    year = today.year
    sole = _vessel("Petite Aurore", "9", "5.5", "petite_peche", registration="GV 900123")
    pair = _vessel("Étoile du Large", "18", "65", "peche_cotiere", registration="LO 900456")
    flat = _vessel("La Belon", "11", "4", "cultures_marines", registration="LR 900789")
    young = _vessel("Goéland", "8.5", "4.2", "petite_peche", registration="BL 900321")
    season = year if today > date(year, 5, 28) else year - 1
    crew: Notes = [
        (
            f"demo-crew-{number}", "crew-service",
            {
                "member": member, "sailor_number": code, "vessel": "demo-vessel-1",
                "start": date(season, 1, 8).isoformat(), "end": date(season, 5, 28).isoformat(),
                "function": function, "category": category,
            },
        )
        for number, (member, code, function, category) in enumerate(
            (
                ("Yann Kerbrat (fictif)", "20180045", "deckhand", 4),
                ("Loïc Tanguy (fictif)", "20210112", "mechanic_certified", 8),
            )
        )
    ]  # fmt: skip
    born = f"{year - 44}-05-14"
    return [
        Story(
            "pecheur", "Patron embarqué, petite pêche",
            "Seul à bord d’un 9 mètres : ses jours de mer, son échéancier, l’année à valider.",
            "Erwan Le Goff (fictif)", "12345678200077", "marin-pecheur",
            {"start_date": f"{year - 3}-04-01", "birth_date": born},
            left=0,
            declarations=_declared(sole, SMALL, "skipper_certified", 6),
            notes=_noted(sole, SMALL, "skipper_certified", 6, today, year - 1),
        ),
        Story(
            "armateur", "Propriétaire avec équipage, 18 mètres",
            "Pêche côtière avec deux matelots : leurs jours à bord, l’état de services.",
            "Gwenaël Riou (fictif)", "12345678200085", "marin-pecheur",
            {"start_date": f"{year - 6}-02-01", "birth_date": born},
            left=0,
            declarations=_declared(pair, COAST, "skipper_certified", 8),
            notes=[*_noted(pair, COAST, "skipper_certified", 8, today, year - 1), *crew],
        ),
        Story(
            "conchyliculteur", "Conchyliculteur",
            "Cultures marines : une catégorie à part, un taux de retraite à part.",
            "Maëlle Hervé (fictif)", "12345678200093", "marin-pecheur",
            {"start_date": f"{year - 5}-01-05", "birth_date": born},
            left=0,
            declarations=_declared(flat, SHORE, "head_certified", 8),
            notes=_noted(flat, SHORE, "head_certified", 8, today, year - 1),
        ),
        Story(
            "debutant", "Jeune patron, deuxième année",
            "Ses cotisations sont appelées sur 19 % du plafond, puis régularisées.",
            "Nolwenn Bihan (fictif)", "12345678200101", "marin-pecheur",
            {"start_date": f"{year - 1}-03-02", "birth_date": f"{year - 26}-09-02"},
            left=0,
            declarations=_declared(young, SMALL, "skipper", 3),
            notes=_noted(young, SMALL, "skipper", 3, today, year - 1),
        ),
    ]  # fmt: skip
