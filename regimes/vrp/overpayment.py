"""The year's over-payment: base pension above one ceiling, and CSG on expenses really borne.

No text found settles how the collector computes this refund: what is here is the reading of
docs/regime-vrp.md, computed and marked as an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.assessment import Line, LineStatus
from regimes.dated import RateTable
from regimes.money import ZERO, largest_remainder, percent_of, round_cent
from regimes.vrp.bases import EmployerBases, csg_base, employer_bases, year_months
from regimes.vrp.contributions import contribution_lines, pay_bases
from regimes.vrp.declaration import Declaration
from regimes.vrp.formula import Formula, Step, Term, total

HYPOTHESIS_CEILING = (
    "Estimation : aucun texte publié ne décrit le calcul de ce remboursement. Chaque employeur "
    "ayant pu appliquer seul un plafond entier, nous comparons la somme des bases plafonnées "
    "déclarées à un seul plafond, réduit aux mois travaillés. Le collecteur décide."
)
HYPOTHESIS_PRORATION = (
    "Estimation : ce que chaque employeur aurait déclaré s’il avait réduit le plafond à la part "
    "de votre salaire qu’il verse (règle générale des employeurs multiples). Le collecteur décide."
)
HYPOTHESIS_CSG = (
    "Estimation : une circulaire de 1997 admet que les frais réellement supportés sortent de la "
    "base de la CSG, sur justificatifs. Limites et pièces demandées ne sont pas publiées : le "
    "collecteur décide."
)
MISSING_CEILING = "Le plafond de cette année n’est pas publié : le trop-versé n’est pas calculé."
LAW_CEILING = "CSS L241-3 et L243-6"
LAW_PRORATION = "CSS L241-3 et R242-2"
LAW_CSG = "CSS L136-2, lettre-circulaire Acoss 97-7 du 17 janvier 1997"

SITUATIONS = {
    "none": "Ajoutez vos employeurs : le calcul se fait sur ce que chacun a versé.",
    "single": "Un seul employeur cette année : le plafond s’applique une seule fois, il n’y a pas "
    "de trop-versé dû au plafond. Avec une seule carte, le statut de VRP multicartes ne "
    "s’applique pas.",
    "all_agricultural": "Tous vos employeurs sont agricoles : c’est la MSA qui reçoit vos "
    "cotisations, et c’est à elle que se demande un remboursement.",
    "mixed": "Un employeur au moins relève du régime général : tous déclarent à l’Urssaf, y "
    "compris les employeurs agricoles.",
    "several": "",
}
"""What the employers of the year mean, as French msgids."""


@dataclass(frozen=True, slots=True)
class ProratedShare:
    """Part of the ceiling that falls to one employer, and its base under it. Euros."""

    siret: str
    name: str
    ceiling: Decimal
    base: Decimal


@dataclass(frozen=True, slots=True)
class YearResult:
    """Everything of a year, in euros. `pension` and `csg` are the refunds asked; `prorated` the
    second result. `situation` is a key of SITUATIONS. None: no ceiling published."""

    year: int
    situation: str
    months: int
    ceiling: Decimal | None
    employers: tuple[EmployerBases, ...]
    lines: tuple[tuple[Line, ...], ...]
    filed: Decimal
    over: Decimal | None
    pension: Formula | None
    shares: tuple[ProratedShare, ...]
    prorated: Formula | None
    csg: Formula

    @property
    def refund(self) -> Decimal:
        """Euros asked back, to the cent; what cannot be computed is left out."""
        return (self.pension.result if self.pension else ZERO) + self.csg.result


def situation(declaration: Declaration) -> str:
    """What the employers of the year mean: a key of SITUATIONS."""
    employers = declaration.employers
    if not employers:
        return "none"
    if all(employer.agricultural for employer in employers):
        return "all_agricultural"
    if len(employers) == 1:
        return "single"
    return "mixed" if any(employer.agricultural for employer in employers) else "several"


def year_result(declaration: Declaration, year: int, rates: RateTable) -> YearResult:
    """The whole year: bases by employer, contribution lines, over-payments with their formulas.
    Total: never raises on a valid declaration of 2023 or later."""
    on = date(year, 12, 31)
    employers = tuple(employer_bases(e, year, rates) for e in declaration.employers)
    months = year_months(declaration, year)
    pmss = rates.find("pmss", on)
    ceiling = None if pmss is None else pmss.value * months
    lines = tuple(
        tuple(
            contribution_lines(
                pay_bases(e.gross, e.base, e.capped, e.csg, e.months, on, rates), on, rates,
                prefix=f"e{number}.", group=f"employer.{number}",
                declared_as=f"employers.{number - 1}",
            )
        )
        for number, e in enumerate(employers, start=1)
    )  # fmt: skip
    filed = sum((e.capped for e in employers if e.capped is not None), ZERO)
    pension = shares = prorated = None
    if ceiling is not None:
        pension = _pension(employers, filed, ceiling, months, on, rates)
        shares = _shares(employers, ceiling)
        prorated = _prorated(shares, filed, ceiling, on, rates)
    return YearResult(
        year=year, situation=situation(declaration), months=months, ceiling=ceiling,
        employers=employers, lines=lines, filed=filed,
        over=None if ceiling is None else max(ZERO, filed - ceiling),
        pension=pension, shares=shares or (), prorated=prorated,
        csg=_csg(declaration, employers, on, rates),
    )  # fmt: skip


def _ceiling_step(ceiling: Decimal, months: int, on: date, rates: RateTable) -> Step:
    pmss = rates.get("pmss", on)
    return Step(
        "ceiling", "Plafond des mois travaillés", "product",
        (Term("Plafond mensuel", pmss.value), Term("Mois travaillés", Decimal(months), "months")),
        ceiling, law=pmss.law,
    )  # fmt: skip


def _pension(
    employers: tuple[EmployerBases, ...], filed: Decimal, ceiling: Decimal, months: int, on: date,
    rates: RateTable,
) -> Formula | None:  # fmt: skip
    rate = rates.find("vieillesse_plafonnee.employee", on)
    if rate is None:
        return None
    over = max(ZERO, filed - ceiling)
    exact = percent_of(over, rate.value)
    bases = total(
        "filed", "Bases plafonnées déclarées",
        tuple(Term("Base plafonnée", e.capped or ZERO, name=e.name or e.siret) for e in employers),
        LAW_CEILING,
    )  # fmt: skip
    return Formula(
        "overpayment.pension", "Trop-versé de retraite de base",
        (
            bases,
            _ceiling_step(ceiling, months, on, rates),
            Step("over", "Au-dessus du plafond", "positive",
                 (Term("Bases plafonnées déclarées", filed),
                  Term("Plafond des mois travaillés", ceiling)), over, law=LAW_CEILING),
            Step("refund", "Part salariale à rembourser", "percent",
                 (Term("Au-dessus du plafond", over), Term(rate.label, rate.value, "percent")),
                 round_cent(exact), law=rate.law),
        ),
        round_cent(exact), LineStatus.ESTIMATE, HYPOTHESIS_CEILING, LAW_CEILING, rate.source,
    )  # fmt: skip


def _shares(employers: tuple[EmployerBases, ...], ceiling: Decimal) -> tuple[ProratedShare, ...]:
    parts = largest_remainder(round_cent(ceiling), [e.gross for e in employers])
    return tuple(
        ProratedShare(e.siret, e.name, part, min(e.base, part))
        for e, part in zip(employers, parts, strict=True)
    )


def _prorated(
    shares: tuple[ProratedShare, ...], filed: Decimal, ceiling: Decimal, on: date,
    rates: RateTable,
) -> Formula | None:  # fmt: skip
    rate = rates.find("vieillesse_plafonnee.employee", on)
    if rate is None:
        return None
    should = sum((share.base for share in shares), ZERO)
    over = max(ZERO, filed - should)
    result = round_cent(percent_of(over, rate.value))
    return Formula(
        "overpayment.prorated", "Si chacun avait réduit le plafond",
        (
            total("ceilings", "Plafond réparti selon le salaire",
                  tuple(Term("Part du plafond", s.ceiling, name=s.name or s.siret) for s in shares),
                  LAW_PRORATION),
            total("bases", "Bases plafonnées qui auraient été déclarées",
                  tuple(Term("Base plafonnée", s.base, name=s.name or s.siret) for s in shares),
                  LAW_PRORATION),
            Step("difference", "Déclaré en plus", "positive",
                 (Term("Bases plafonnées déclarées", filed),
                  Term("Bases plafonnées qui auraient été déclarées", should)), over),
            Step("refund", "Part salariale correspondante", "percent",
                 (Term("Déclaré en plus", over), Term(rate.label, rate.value, "percent")), result,
                 law=rate.law),
        ),
        result, LineStatus.ESTIMATE, HYPOTHESIS_PRORATION, LAW_PRORATION, rate.source,
    )  # fmt: skip


def _csg(
    declaration: Declaration, employers: tuple[EmployerBases, ...], on: date, rates: RateTable
) -> Formula:
    """CSG and CRDS on expenses: those of one employer lower its base, the others are spread over
    all according to the gross pay; never more than the base it was paid on."""
    own: dict[str, Decimal] = {}
    common = ZERO
    known = {e.siret for e in employers}
    for expense in declaration.expenses:
        if expense.siret in known and expense.siret is not None:
            own[expense.siret] = own.get(expense.siret, ZERO) + expense.amount
        else:
            common += expense.amount
    gross = sum((e.gross for e in employers), ZERO)
    base = ZERO
    for e in employers:
        borne = own.get(e.siret, ZERO) + (common * e.gross / gross if gross else ZERO)
        borne = min(borne, e.gross)
        before = csg_base(e.gross, max(1, e.months), on, rates)
        after = csg_base(e.gross - borne, max(1, e.months), on, rates)
        base += min(before - after, e.csg)
    share = rates.get("csg.share", on)
    if not employers:  # what is at stake, before any pay is known
        base = percent_of(common, share.value)
    base = round_cent(base)
    rate = rates.get("csg_crds.employee", on) if rates.find("csg_crds.employee", on) else None
    expenses = sum((x.amount for x in declaration.expenses), ZERO)
    exact = percent_of(base, rate.value) if rate else ZERO
    return Formula(
        "overpayment.csg", "CSG et CRDS payées sur vos frais",
        (
            Step("base", "Base de CSG en trop", "percent",
                 (Term("Frais supportés et non remboursés", expenses),
                  Term(share.label, share.value, "percent")), base, law=share.law),
            Step("refund", "CSG et CRDS à rembourser", "percent",
                 (Term("Base de CSG en trop", base),
                  Term("CSG et CRDS", rate.value if rate else ZERO, "percent")),
                 round_cent(exact), law=rate.law if rate else ""),
        ),
        round_cent(exact), LineStatus.ESTIMATE if rate else LineStatus.MISSING, HYPOTHESIS_CSG,
        LAW_CSG, rate.source if rate else "",
    )  # fmt: skip
