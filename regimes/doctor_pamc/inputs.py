"""Inputs of `quittance assess` for this régime, with the outputs of the shared cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.doctor_pamc.assess import assess_facts
from regimes.doctor_pamc.compute import Facts, Law, Year, beginner, compute
from regimes.money import ONE, ZERO, round_euro
from regimes.reading import MOST, amount_of, choice_of, date_of, flag_of, refuse_unknown
from regimes.regime import InputError

YEARS = range(2023, 2101)
OVERSEAS = frozenset(
    {"971", "972", "973", "974", "Guadeloupe", "Martinique", "Guyane", "La Réunion"}
)
COMMON = frozenset(
    {"date", "creation_date", "sector", "remplacant", "retraite", "acre", "department"}
)
NEW = COMMON | {"recettes", "charges", "recettes_conventionnees", "depassements"}
OLD = COMMON | {"revenu_professionnel", "part_non_conventionnee", "depassement_moyen"}


def assess_inputs(inputs: Mapping[str, Any], rates: RateTable) -> tuple[dict[str, Any], Assessment]:
    """Exact values of a year (that of `date`) and its assessment. From 2025 on: `recettes`,
    `charges`, `recettes_conventionnees`, `depassements`; before: `revenu_professionnel`,
    `part_non_conventionnee`, `depassement_moyen`. Raises InputError."""
    on = date_of(inputs, "date")
    if on.year not in YEARS:
        raise InputError("date_too_early", "date", "the law is held from 2023 on")
    law = Law(on.year, rates)
    refuse_unknown(inputs, NEW if law.reformed else OLD)
    created = date(2012, 3, 1)
    if inputs.get("creation_date") is not None:
        created = date_of(inputs, "creation_date")
    if created > date(on.year, 12, 31):
        raise InputError("date_before_creation", "date", "the date precedes the creation")
    department = inputs.get("department")
    if department is not None and not isinstance(department, str):
        raise InputError("department_unknown", "department", "department is a text")
    income, contracted, shared = (_new if law.reformed else _old)(inputs)
    facts = Facts(
        year=on.year, created=created, sector=choice_of(inputs, "sector", ("S1", "S2", "NC"), "S1"),
        income=income, contracted=contracted, shared=shared,
        replacement=flag_of(inputs, "remplacant"), retired=flag_of(inputs, "retraite"),
        overseas=department in OVERSEAS, acre=flag_of(inputs, "acre"),
    )  # fmt: skip
    found = compute(facts, rates)
    start = ZERO
    if beginner(created, on.year):
        start = _total(compute(replace(facts, flat=True), rates))
    exact = outputs(found, law, start)
    return exact, assess_facts(facts, str(on.year), (), rates)


def _new(inputs: Mapping[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    receipts = amount_of(inputs, "recettes")
    expenses = amount_of(inputs, "charges", ZERO)
    contracted = amount_of(inputs, "recettes_conventionnees", receipts)
    overruns = amount_of(inputs, "depassements", ZERO)
    if contracted > receipts:
        raise InputError(
            "contracted_above_receipts", "recettes_conventionnees", "at most the receipts"
        )
    if overruns > contracted:
        raise InputError("overruns_above_contracted", "depassements", "at most the contracted")
    total = round_euro(receipts)  # receipts are rounded to the euro first
    if not total or not contracted:
        return total - expenses, ONE if not total else ZERO, ONE if not total else ZERO
    kept = min(contracted, total)
    return total - expenses, kept / total, max(ZERO, kept - overruns) / total


def _old(inputs: Mapping[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    income = amount_of(inputs, "revenu_professionnel", least=-MOST)
    outside = amount_of(inputs, "part_non_conventionnee", ZERO, most=ONE)
    overrun = amount_of(inputs, "depassement_moyen", ZERO, most=ONE)
    contracted = ONE - outside
    return income, contracted, contracted * (ONE - overrun)


def _total(year: Year) -> Decimal:
    return sum((item.amount for item in year.items), ZERO)


def outputs(year: Year, law: Law, start: Decimal) -> dict[str, Any]:
    """The names that the shared cases give to what is computed."""
    of = year.of
    health_before = of("maladie", "maladie.above")
    health = health_before + of("maladie.acre", "maladie.cpam")
    extra = of("additional")
    family = of("family", "family.acre", "family.cpam")
    pension = of("pension.first", "pension.second", "pension.cpam", "pension.acre")
    asv_share = -of("asv.flat.cpam", "asv.rate.cpam")
    asv = of("asv.flat", "asv.rate") - asv_share
    disability = of("disability", "disability.acre")
    sick_pay = of("sickpay", "sickpay.acre")
    shares = {
        "participation_cpam_maladie": year.health_share,
        "participation_cpam_af": -of("family.cpam"),
        "participation_cpam_retraite_base": -of("pension.cpam"),
        "participation_cpam_asv": asv_share,
    }
    csg = of("csg.deductible", "csg.other")
    fund = pension + of("complementary") + asv + disability
    contributions = health + sick_pay + family + fund
    urssaf = _total(year) - fund
    found: dict[str, Any] = {
        "total": _total(year),
        "assiette_csg_crds": year.csg_base,
        "contribution_maladie_additionnelle": extra,
        "indemnites_journalieres": sick_pay,
        "allocations_familiales": family,
        "retraite_base": pension,
        "retraite_complementaire_carmf": of("complementary"),
        "asv_pcv": asv,
        "invalidite_deces": disability,
        "csg_crds": csg,
        "csg_deductible": of("csg.deductible"),
        "csg_crds_non_deductible": of("csg.other"),
        "cfp": of("training"),
        "curps": of("unions"),
        "participation_cpam": sum(shares.values(), ZERO),
        "urssaf": urssaf,
        "caisse_retraite": fund,
    } | shares
    if not law.reformed:
        # These cases count the additional contribution within health.
        return found | {
            "cotisations": contributions + extra,
            "assiette_cotisations": year.base,
            "maladie_maternite": health + extra,
        }
    return found | {
        "revenu_brut": year.gross,
        "assiette_sociale": year.base,
        "assiette_conventionnee": year.contracted,
        "assiette_participation_cpam": year.shared,
        "cotisations": contributions,
        "maladie_maternite_avant_participation": health_before,
        "maladie_maternite": health,
        "allocations_familiales_avant_participation": of("family"),
        "retraite_base_tranche1": of("pension.first"),
        "retraite_base_tranche2": of("pension.second"),
        "asv_forfaitaire": of("asv.flat"),
        "asv_proportionnelle": of("asv.rate"),
        "debut_activite_forfait": start,
        "rates": {"maladie_taux_1": year.health_rate, "allocations_familiales": year.family_rate},
    }
