"""What the screens of the log share: opening it, its sentences, what waits for the network."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.load import Loaded, use_load
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body, heading, small
from app.services.container import Services
from app.services.sea import SeaBook, open_log
from app.words import N_
from contract.i18n import Words
from regimes.fisherman import REGIME
from regimes.fisherman.log import Effect
from regimes.fisherman.models import Service
from regimes.fisherman.tables import FUNCTION_LABELS

ERRORS: dict[str, str] = {
    "service_future": N_("Ce jour n’est pas encore passé : on ne note que ce qui est fait."),
    "service_before_start": N_("C’est avant le début de votre activité."),
    "service_after_end": N_("C’est après la fin de votre activité."),
    "service_overlap": N_("Un de ces jours est déjà noté : un jour ne compte qu’une fois."),
    "vessel_unknown": N_("Choisissez un navire."),
    "position_unknown": N_("Choisissez une position."),
    "dates_missing": N_("Touchez le premier jour, puis le dernier."),
    "function_missing": N_("Choisissez une fonction, ou une catégorie plus bas."),
    "category_missing": N_("Choisissez une catégorie : la table ne la donne pas pour ce navire."),
    "ratio_wrong": N_("Un pourcentage de 1 à 100."),
    "service_out_of_year": N_("Cette période n’est pas de l’année."),
}


def sentence_of(code: str, words: Words) -> str:
    """The sentence of an error of the log."""
    return words.t(ERRORS.get(code, N_("Cette réponse n’est pas acceptée.")))


def use_log(services: Services, *depends: Any) -> Loaded[SeaBook]:
    """Read the log when the screen opens."""
    account = services.session.account
    found: Loaded[SeaBook] = use_load(
        services, lambda: open_log(services), [account.id if account else "", *depends]
    )
    return found


def not_ready(services: Services, title: str, loaded: Loaded[SeaBook]) -> ft.Control:
    """The screen while the log is not read, and for a profession that keeps none."""
    account = services.session.account
    if account is None or account.regime != REGIME.code:
        other = services.words.t("Cette profession ne tient pas de journal de mer.")
        return scaffold(services, title, [banner(other, "info")], back="/home")
    return scaffold(services, title, [loaded.other(services)], back="/home")


def days_said(service: Service, words: Words) -> str:
    """« 3 jours » of a period, both ends included."""
    count = (service.end - service.start).days + 1
    return words.n("{count} jour", "{count} jours", count).format(count=count)


def span_said(service: Service, words: Words) -> str:
    """The dates of a period."""
    if service.start == service.end:
        return words.date(service.start)
    return words.t("du {start} au {end}").format(
        start=words.day_month(service.start), end=words.date(service.end)
    )


def service_said(service: Service, book: SeaBook, words: Words) -> str:
    """Vessel, function and category of a period."""
    vessel = book.vessels().get(service.vessel)
    parts = [
        vessel.name if vessel else words.t("navire retiré"),
        words.t(FUNCTION_LABELS[service.function]) if service.function in FUNCTION_LABELS else "",
        words.t("catégorie {number}").format(number=service.category),
    ]
    if service.ratio != 100:
        parts.append(words.percent(service.ratio))
    return " · ".join(part for part in parts if part)


def effect_card(effect: Effect, year: int, words: Words) -> ft.Control:
    """What the log comes to for the year, against what is called."""
    ink = ft.Colors.ON_PRIMARY_CONTAINER
    lines: list[ft.Control] = [
        heading(words.t("Vos cotisations {year}").format(year=year), 2, color=ink),
        fact(words.t("Jours notés"), words.number(effect.days)),
        fact(words.t("Salaire forfaitaire"), words.money(effect.base)),
        fact(
            words.t("Total partiel") if effect.partial else words.t("Total"),
            words.money(effect.due), strong=True,
        ),
        fact(words.t("Déjà dans votre échéancier"), words.money(effect.called)),
        fact(
            words.t("À régulariser") if effect.balance >= 0 else words.t("À vous rendre"),
            words.money(abs(effect.balance)), strong=True,
        ),
    ]  # fmt: skip
    if effect.partial:
        lines.append(
            small(
                words.t("Partiel : un taux n’est pas publié, sa ligne est non calculée ici."),
                color=ink,
            )
        )
    return card(lines, emphasis=True)


def no_vessel(services: Services) -> list[ft.Control]:
    """Nothing can be noted before a vessel is."""
    words = services.words
    return [
        body(words.t("Ajoutez d’abord votre navire : sa longueur décide des taux.")),
        secondary(words.t("Ajouter un navire"), lambda _e: services.go("/mer/navires/nouveau"),
                  ft.Icons.ADD),
    ]  # fmt: skip
