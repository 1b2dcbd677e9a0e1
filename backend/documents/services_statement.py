"""The statement of services at sea: days on board, for Enim and Affaires maritimes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from backend.documents.sheet import Section, Sheet, facts, sheet_pdf, table, text
from backend.settings import Settings
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.fisherman.models import CrewService, Service, Vessel
from regimes.fisherman.tables import FUNCTION_LABELS, NAVIGATION_LABELS, position_of


def statement_sheet(
    name: str, siret: str, year: int, vessels: Mapping[str, Vessel], own: list[Service],
    crew: list[CrewService], rates: RateTable, day: date, w: Words, code: str = "",
) -> Sheet:  # fmt: skip
    """Days of `year` on board, one table a person; nothing is declared by this document."""
    sections = [
        facts(w.t("Armement"), (w.t("Nom"), name), (w.t("SIRET"), siret)),
        table(
            w.t("Navires"),
            [w.t("Nom"), w.t("Immatriculation"), w.t("Longueur"), w.t("Jauge"), w.t("Navigation")],
            [False, False, True, True, False],
            [
                [
                    v.name, v.registration or "–",
                    w.t("{metres} m").format(metres=w.number(v.length_m)),
                    w.number(v.tonnage) if v.tonnage is not None else "–",
                    w.t(NAVIGATION_LABELS[v.navigation]),
                ]
                for v in vessels.values()
            ],
        ),
        _person(name, year, own, vessels, rates, w),
    ]  # fmt: skip
    members: dict[str, list[CrewService]] = {}
    for days in crew:
        members.setdefault(days.member, []).append(days)
    for member in sorted(members, key=str.casefold):
        number = next((d.sailor_number for d in members[member] if d.sailor_number), "")
        said = w.t("{name}, marin n° {number}").format(name=member, number=number)
        found: list[Service] = list(members[member])
        sections.append(_person(said if number else member, year, found, vessels, rates, w))
    sections.append(
        text(
            w.t("Valeur de ce document"),
            w.t(
                "État des jours notés par l’armement, premier et dernier jours compris. Les jours "
                "de l’équipage salarié se déclarent en DSN : cet état ne les déclare pas."
            ),
        )
    )
    title = w.t("État de services {year}").format(year=year)
    return Sheet(
        title=title, kind=w.t("Pour l’Enim et les Affaires maritimes"), heading=title, day=day,
        sections=sections, code=code,
    )  # fmt: skip


def _person(
    name: str, year: int, services: list[Service], vessels: Mapping[str, Vessel],
    rates: RateTable, w: Words,
) -> Section:  # fmt: skip
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows, total = [], 0
    for service in sorted(services, key=lambda s: s.start):
        start, end = max(service.start, first), min(service.end, last)
        if start > end:
            continue
        days = (end - start).days + 1
        total += days
        vessel = vessels.get(service.vessel)
        place = position_of(service.position, start, rates)
        rows.append(
            [
                w.date(start, "short"), w.date(end, "short"), w.number(days),
                vessel.name if vessel else "–",
                w.t(FUNCTION_LABELS.get(service.function, "–")),
                w.number(Decimal(service.category)), w.t(place.label) if place else "–",
            ]
        )  # fmt: skip
    return table(
        name,
        [w.t("Du"), w.t("Au"), w.t("Jours"), w.t("Navire"), w.t("Fonction"), w.t("Catégorie"),
         w.t("Position")],
        [False, False, True, False, False, True, False],
        rows,
        total=[w.t("Total"), "", w.number(total), "", "", "", ""],
    )  # fmt: skip


def statement_pdf(sheet: Sheet, settings: Settings, w: Words) -> bytes:
    """The PDF of a statement."""
    return sheet_pdf(sheet, settings, w)
