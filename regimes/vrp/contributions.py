"""Contribution lines of one pay: employee's and employer's shares, each with its law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.assessment import Line, LineStatus
from regimes.dated import RateTable
from regimes.money import ZERO, percent_of, round_cent

EMPLOYEE, EMPLOYER = "employee", "employer"
NOTE_MISSING = "Aucun taux publié n’est connu pour cette date : la ligne n’est pas calculée."
NOTE_DFS = "La déduction forfaitaire ne s’applique pas à la CSG ni à la CRDS."

# key, shares, base it applies to
LINES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("vieillesse_plafonnee", (EMPLOYEE, EMPLOYER), "capped"),
    ("vieillesse_deplafonnee", (EMPLOYEE, EMPLOYER), "base"),
    ("csg_crds", (EMPLOYEE,), "csg"),
    ("agirc_t1", (EMPLOYEE, EMPLOYER), "tranche1"),
    ("ceg_t1", (EMPLOYEE, EMPLOYER), "tranche1"),
    ("agirc_t2", (EMPLOYEE, EMPLOYER), "tranche2"),
    ("ceg_t2", (EMPLOYEE, EMPLOYER), "tranche2"),
    ("cet", (EMPLOYEE, EMPLOYER), "cet"),
    ("maladie", (EMPLOYER,), "base"),
    ("famille", (EMPLOYER,), "base"),
    ("csa", (EMPLOYER,), "base"),
    ("fnal", (EMPLOYER,), "capped"),
    ("atmp", (EMPLOYER,), "base"),
    ("chomage", (EMPLOYER,), "chomage"),
    ("ags", (EMPLOYER,), "chomage"),
)
"""Order of the lines. The general reduction of the employer's share (RGDU) is not among them."""

LINE_LABELS = {
    "vieillesse_plafonnee": "Retraite de base plafonnée",
    "vieillesse_deplafonnee": "Retraite de base sur tout le salaire",
    "csg_crds": "CSG et CRDS",
    "agirc_t1": "Retraite complémentaire, tranche 1",
    "ceg_t1": "Contribution d’équilibre général, tranche 1",
    "agirc_t2": "Retraite complémentaire, tranche 2",
    "ceg_t2": "Contribution d’équilibre général, tranche 2",
    "cet": "Contribution d’équilibre technique",
    "maladie": "Maladie, maternité, invalidité, décès",
    "famille": "Allocations familiales",
    "csa": "Contribution solidarité autonomie",
    "fnal": "Logement (Fnal)",
    "atmp": "Accidents du travail",
    "chomage": "Assurance chômage",
    "ags": "Garantie des salaires (AGS)",
}
"""Name of a line whose rate nobody published."""


@dataclass(frozen=True, slots=True)
class PayBases:
    """Bases of one pay or of one year, in euros."""

    capped: Decimal
    base: Decimal
    csg: Decimal
    tranche1: Decimal
    tranche2: Decimal
    cet: Decimal
    chomage: Decimal


def pay_bases(
    gross: Decimal, base: Decimal, capped: Decimal | None, csg: Decimal, months: int, on: date,
    rates: RateTable,
) -> PayBases | None:  # fmt: skip
    """The bases of every line. `base`: gross less the flat-rate deduction; `months`: number of
    monthly ceilings. None when the ceiling of this date is not published."""
    pmss = rates.find("pmss", on)
    if pmss is None:
        return None
    ceiling = pmss.value * months
    upper = rates.get("agirc.ceilings", on).value * ceiling
    first = min(base, ceiling)
    return PayBases(
        capped=first if capped is None else capped,
        base=base,
        csg=csg,
        tranche1=first,
        tranche2=max(ZERO, min(base, upper) - ceiling),
        cet=min(base, upper) if gross > ceiling else ZERO,
        chomage=min(base, rates.get("chomage.ceilings", on).value * ceiling),
    )


def contribution_lines(
    bases: PayBases | None, on: date, rates: RateTable, prefix: str = "", group: str = "pay",
    declared_as: str = "", shares: tuple[str, ...] = (EMPLOYEE, EMPLOYER),
) -> list[Line]:  # fmt: skip
    """Every line, rounded to the cent. None is due here: the employer pays them through its own
    filing. A rate that nobody published makes a `missing` line without amount; a line whose base
    is zero is left out."""
    found = []
    for key, given, name in LINES:
        base = ZERO if bases is None else round_cent(getattr(bases, name))
        for share in given:
            if share not in shares or (bases is not None and base == 0):
                continue
            rate = rates.find(f"{key}.{share}", on)
            code = f"{prefix}{key}.{share}"
            if rate is None or bases is None:
                found.append(
                    Line(
                        code=code, label=rate.label if rate else LINE_LABELS[key], group=group,
                        base=base, rate=None, exact=ZERO, amount=ZERO, law=rate.law if rate else "",
                        status=LineStatus.MISSING, note=NOTE_MISSING, declared_as=declared_as,
                        apart="employer",
                    )
                )  # fmt: skip
                continue
            exact = percent_of(base, rate.value)
            found.append(
                Line(
                    code=code, label=rate.label, group=group, base=base, rate=rate.value,
                    exact=exact, amount=round_cent(exact), law=rate.law, source=rate.source,
                    rate_from=rate.start,
                    status=LineStatus.COMPUTED if rate.confirmed else LineStatus.UNCONFIRMED,
                    note=rate.note or (NOTE_DFS if key == "csg_crds" else ""),
                    declared_as=declared_as, apart="employer",
                )
            )  # fmt: skip
    return found


def share_total(lines: list[Line] | tuple[Line, ...], share: str) -> Decimal:
    """Euros of one share over `lines`, each to the cent."""
    return sum((line.amount for line in lines if line.code.endswith(f".{share}")), ZERO)
