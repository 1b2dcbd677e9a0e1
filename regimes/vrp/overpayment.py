"""The year's over-payment: base pension above one ceiling, and CSG on expenses really borne.

No text found settles how the collector computes this refund: what is here is the reading of
docs/regime-vrp.md, computed and marked as an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.assessment import Line, LineStatus
from regimes.dated import DatedValue, RateTable
from regimes.money import ZERO, largest_remainder, percent_of, round_cent
from regimes.vrp.bases import EmployerBases, csg_base, employer_bases, year_months
from regimes.vrp.contributions import contribution_lines, pay_bases
from regimes.vrp.declaration import Declaration
from regimes.vrp.formula import Formula, Step, Term, total

NOTE_CEILING = (
    "Estimation : aucun texte publié ne décrit le calcul de ce remboursement. Chaque employeur "
    "ayant pu appliquer seul un plafond entier, nous comparons la somme des bases plafonnées "
    "déclarées à un seul plafond, réduit aux mois travaillés. Le collecteur décide."
)
NOTE_PRORATION = (
    "Estimation : ce que chaque employeur aurait déclaré s’il avait réduit le plafond à la part "
    "de votre salaire qu’il verse (règle générale des employeurs multiples). Le collecteur décide."
)
NOTE_CSG = (
    "Estimation : une circulaire de 1997 admet que les frais réellement supportés sortent de la "
    "base de la CSG, sur justificatifs. Limites et pièces demandées ne sont pas publiées : le "
    "collecteur décide."
)
NOTE_MISSING_CEILING = (
    "Le plafond de cette année n’est pas publié : le trop-versé n’est pas calculé."
)
LAW_CEILING = "CSS L241-3 et L243-6"
LAW_PRORATION = "CSS L241-3 et R242-2"
LAW_CSG = "CSS L136-2, lettre-circulaire Acoss 97-7 du 17 janvier 1997"

SITUATION_LABELS = {
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
    second result. `situation` is a key of SITUATION_LABELS. None: no ceiling published."""

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
    """What the employers of the year mean: a key of SITUATION_LABELS."""
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
        prorated = _prorated(shares, filed, on, rates)
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
        code="ceiling", label="Plafond des mois travaillés", operation="product",
        terms=(
            Term(label="Plafond mensuel", value=pmss.value),
            Term(label="Mois travaillés", value=Decimal(months), unit="months"),
        ),
        result=ceiling, law=pmss.law,
    )  # fmt: skip


def _excess(code: str, first: Term, second: Term, *, label: str, law: str = "") -> Step:
    """First less second, never below zero."""
    over = max(ZERO, first.value - second.value)
    return Step(
        code=code, label=label, operation="positive", terms=(first, second), result=over, law=law
    )


def _percent(base: Term, rate: DatedValue, *, label: str) -> Step:
    """A share of a base, to the cent."""
    return Step(
        code="refund", label=label, operation="percent",
        terms=(base, Term(label=rate.label, value=rate.value, unit="percent")),
        result=round_cent(percent_of(base.value, rate.value)), law=rate.law,
    )  # fmt: skip


def _pension(
    employers: tuple[EmployerBases, ...], filed: Decimal, ceiling: Decimal, months: int, on: date,
    rates: RateTable,
) -> Formula | None:  # fmt: skip
    rate = rates.find("vieillesse_plafonnee.employee", on)
    if rate is None:
        return None
    bases = total(
        code="filed", label="Bases plafonnées déclarées", law=LAW_CEILING,
        terms=tuple(
            Term(label="Base plafonnée", value=e.capped or ZERO, name=e.name or e.siret)
            for e in employers
        ),
    )  # fmt: skip
    over = _excess(
        "over", Term(label="Bases plafonnées déclarées", value=filed),
        Term(label="Plafond des mois travaillés", value=ceiling),
        label="Au-dessus du plafond", law=LAW_CEILING,
    )  # fmt: skip
    refund = _percent(
        Term(label="Au-dessus du plafond", value=over.result), rate,
        label="Part salariale à rembourser",
    )  # fmt: skip
    return Formula(
        code="overpayment.pension", label="Trop-versé de retraite de base",
        steps=(bases, _ceiling_step(ceiling, months, on, rates), over, refund),
        result=refund.result, status=LineStatus.ESTIMATE, hypothesis=NOTE_CEILING,
        law=LAW_CEILING, source=rate.source,
    )  # fmt: skip


def _shares(employers: tuple[EmployerBases, ...], ceiling: Decimal) -> tuple[ProratedShare, ...]:
    parts = largest_remainder(round_cent(ceiling), [e.gross for e in employers])
    return tuple(
        ProratedShare(e.siret, e.name, part, min(e.base, part))
        for e, part in zip(employers, parts, strict=True)
    )


def _prorated(
    shares: tuple[ProratedShare, ...], filed: Decimal, on: date, rates: RateTable
) -> Formula | None:
    rate = rates.find("vieillesse_plafonnee.employee", on)
    if rate is None:
        return None
    parts = total(
        code="ceilings", label="Plafond réparti selon le salaire", law=LAW_PRORATION,
        terms=tuple(
            Term(label="Part du plafond", value=s.ceiling, name=s.name or s.siret) for s in shares
        ),
    )  # fmt: skip
    bases = total(
        code="bases", label="Bases plafonnées qui auraient été déclarées", law=LAW_PRORATION,
        terms=tuple(
            Term(label="Base plafonnée", value=s.base, name=s.name or s.siret) for s in shares
        ),
    )  # fmt: skip
    over = _excess(
        "difference", Term(label="Bases plafonnées déclarées", value=filed),
        Term(label="Bases plafonnées qui auraient été déclarées", value=bases.result),
        label="Déclaré en plus",
    )  # fmt: skip
    refund = _percent(
        Term(label="Déclaré en plus", value=over.result), rate,
        label="Part salariale correspondante",
    )  # fmt: skip
    return Formula(
        code="overpayment.prorated", label="Si chacun avait réduit le plafond",
        steps=(parts, bases, over, refund), result=refund.result, status=LineStatus.ESTIMATE,
        hypothesis=NOTE_PRORATION, law=LAW_PRORATION, source=rate.source,
    )  # fmt: skip


def _borne(declaration: Declaration, employers: tuple[EmployerBases, ...]) -> dict[str, Decimal]:
    """Expenses by employer, in euros: those of one are its own, the others are spread over all
    according to the gross pay."""
    own = {e.siret: ZERO for e in employers}
    common = ZERO
    for expense in declaration.expenses:
        if expense.siret in own and expense.siret is not None:
            own[expense.siret] += expense.amount
        else:
            common += expense.amount
    gross = sum((e.gross for e in employers), ZERO)
    return {
        e.siret: min(e.gross, own[e.siret] + (common * e.gross / gross if gross else ZERO))
        for e in employers
    }


def _csg(
    declaration: Declaration, employers: tuple[EmployerBases, ...], on: date, rates: RateTable
) -> Formula:
    """CSG and CRDS on expenses; never more than the base they were paid on."""
    share = rates.get("csg.share", on)
    expenses = sum((x.amount for x in declaration.expenses), ZERO)
    whole = round_cent(percent_of(expenses, share.value))
    base = ZERO
    borne = _borne(declaration, employers)
    for e in employers:
        before = csg_base(e.gross, max(1, e.months), on, rates)
        after = csg_base(e.gross - borne[e.siret], max(1, e.months), on, rates)
        base += min(before - after, e.csg)
    # Without any employer: what is at stake, before any pay is known.
    base = round_cent(base) if employers else whole
    rate = rates.find("csg_crds.employee", on)
    step = Step(
        code="base", label="Base de CSG en trop",
        operation="percent" if base == whole else "limited",
        terms=(
            Term(label="Frais supportés et non remboursés", value=expenses),
            Term(label=share.label, value=share.value, unit="percent"),
        ),
        result=base, law=share.law,
    )  # fmt: skip
    if rate is None:
        return Formula(
            code="overpayment.csg", label="CSG et CRDS payées sur vos frais", steps=(step,),
            result=ZERO, status=LineStatus.MISSING, hypothesis=NOTE_CSG, law=LAW_CSG,
        )  # fmt: skip
    refund = _percent(
        Term(label="Base de CSG en trop", value=base), rate, label="CSG et CRDS à rembourser"
    )
    return Formula(
        code="overpayment.csg", label="CSG et CRDS payées sur vos frais", steps=(step, refund),
        result=refund.result, status=LineStatus.ESTIMATE, hypothesis=NOTE_CSG, law=LAW_CSG,
        source=rate.source,
    )  # fmt: skip
