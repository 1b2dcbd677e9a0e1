"""Five auto-entrepreneurs of the demo, relative to the day: invented people and figures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from backend.demo.story import Figures, Story, months_ago


def _steady(base: dict[str, int], swing: int) -> Figures:
    """Amounts around `base` that change from month to month, the same at each run."""

    def figure(month: date, category: str) -> Decimal:
        average = base.get(category, 0)
        if not average:
            return Decimal(0)
        wave = (month.year * 389 + month.month * 7919 + len(category) * 31) % 1000
        cents = (wave * 37) % 100
        return Decimal(average + swing * (wave - 500) // 500) + Decimal(cents) / 100

    return figure


def _nothing(_month: date, _category: str) -> Decimal:
    return Decimal(0)


def _acre_start(today: date) -> date:
    """A start whose ACRE ends at the end of the quarter of `today` (third quarter after)."""
    quarter = today.year * 4 + (today.month - 1) // 3 - 3
    year, number = divmod(quarter, 4)
    return date(year, number * 3 + 1, 1) + timedelta(days=40)


def _growing(category: str, before: int, now: int, year: int) -> Figures:
    """Steady amounts that rise from `year` on."""
    calm, busy = _steady({category: before}, 500), _steady({category: now}, 600)
    return lambda month, asked: (busy if month.year >= year else calm)(month, asked)


def _platform(category: str, amount: int, since: date) -> Figures:
    inner = _steady({category: amount}, amount // 4)

    def figure(month: date, asked: str) -> Decimal:
        return inner(month, asked) if month >= since else Decimal(0)

    return figure


def stories(today: date) -> list[Story]:
    """The five accounts as of `today`."""
    settled = months_ago(today, 27)
    acre = _acre_start(today)

    def monthly(since: date) -> list[dict[str, str]]:
        return [{"since": since.isoformat(), "value": "monthly"}]

    return [
        Story(
            "vendeuse", "Vendeuse, ACRE bientôt finie",
            "Vente de bijoux en ligne, chaque mois. Son taux réduit prend fin ce trimestre.",
            "Léa Martin (fictif)", "12345678200010", "auto-entrepreneur",
            {"start_date": acre.isoformat(), "categories": ["vente"], "nature": "commerciale",
             "department": "33", "acre": {"requested_on": acre.isoformat()},
             "periodicity": monthly(acre)},
            _steady({"vente": 3200}, 1400), _nothing, 1,
        ),
        Story(
            "artisan", "Artisan, un trimestre en retard",
            "Menuiserie en Alsace : pose et vente de meubles, chaque trimestre.",
            "Hugo Weber (fictif)", "98765432400019", "auto-entrepreneur",
            {"start_date": settled.isoformat(), "categories": ["vente", "service_bic"],
             "nature": "artisanale", "department": "67",
             "periodicity": [{"since": settled.isoformat(), "value": "quarterly"}]},
            _steady({"vente": 900, "service_bic": 2600}, 700), _nothing, 1,
        ),
        Story(
            "consultante", "Libérale près du plafond",
            "Conseil informatique, chaque mois, avec versement libératoire.",
            "Inès Benali (fictif)", "12345678200028", "auto-entrepreneur",
            {"start_date": settled.isoformat(), "categories": ["service_bnc"],
             "nature": "liberale", "department": "69", "vat_registered": True,
             "dedicated_account": True, "periodicity": monthly(settled),
             "flat_tax": [{"since": settled.isoformat(), "value": True}],
             "income_per_share": "24000"},
            _growing("service_bnc", 5600, 7500, today.year), _nothing, pays="rejected",
        ),
        Story(
            "reunion", "Outre-mer",
            "Restauration rapide à La Réunion, taux réduits d’outre-mer.",
            "Kévin Payet (fictif)", "99999999800019", "auto-entrepreneur",
            {"start_date": settled.isoformat(), "categories": ["vente", "service_bic"],
             "nature": "commerciale", "department": "974", "periodicity": monthly(settled)},
            _steady({"vente": 4100, "service_bic": 600}, 1200), _nothing, 1,
        ),
        Story(
            "plateformes", "Activité mixte et plateformes",
            "Vente de vélos d’occasion, réparations, et livraisons pour une plateforme "
            "qui retient déjà les cotisations.",
            "Sacha Nguyen (fictif)", "73282932000074", "auto-entrepreneur",
            {"start_date": settled.isoformat(),
             "categories": ["vente", "service_bic", "service_bnc"], "nature": "artisanale",
             "department": "75", "periodicity": monthly(settled)},
            _steady({"vente": 1100, "service_bic": 1500, "service_bnc": 350}, 500),
            _platform("service_bic", 640, date(2026, 4, 1)), pays="credit",
        ),
    ]  # fmt: skip
