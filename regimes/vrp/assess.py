"""The claim of a year: what is asked back, and the lines of each employer beside it."""

from __future__ import annotations

from decimal import Decimal

from regimes.assessment import Assessment, Figure, Line, LineStatus, Share, SharesStatus
from regimes.dated import RateTable
from regimes.money import ZERO
from regimes.regime import DeclarationRefused, Period
from regimes.vrp.declaration import Declaration
from regimes.vrp.formula import Formula
from regimes.vrp.overpayment import (
    LAW_CEILING,
    NOTE_MISSING_CEILING,
    SITUATION_LABELS,
    YearResult,
    year_result,
)

CODE = "vrp"
FUND_LABELS = {"retraite_base": "Retraite de base", "csg_crds": "CSG et CRDS"}
FIGURE_LABELS = {
    "gross": "Salaire brut",
    "base": "Base après déduction forfaitaire",
    "capped": "Base plafonnée",
    "csg": "Base de la CSG",
}
NOTE_SHARES = "Montant demandé : le collecteur décide de ce qu’il rembourse."


def check(period: Period, declaration: Declaration) -> None:
    """Whether the figures fit the year: months inside the dates of each employer, bases in order.
    Raises DeclarationRefused naming the figure."""
    for number, employer in enumerate(declaration.employers):
        where = f"employers.{number}"
        for name, day in (("start", employer.start), ("end", employer.end)):
            if day is not None and name == "start" and day > period.end:
                raise DeclarationRefused("employer_outside_year", f"{where}.{name}")
            if day is not None and name == "end" and day < period.start:
                raise DeclarationRefused("employer_outside_year", f"{where}.{name}")
        for at, pay in enumerate(employer.months):
            month = period.start.year * 12 + pay.month
            if employer.start and month < employer.start.year * 12 + employer.start.month:
                raise DeclarationRefused("month_before_employer", f"{where}.months.{at}.month")
            # A commission may be paid after the work has ended: no refusal on the other side.


def assess(period: Period, declaration: Declaration, rates: RateTable) -> Assessment:
    """What is asked back (positive euros: the amount of the claim), and beside it, `apart`, each
    employer's contribution lines and the second result. Total on a valid declaration."""
    return assessment_of(year_result(declaration, int(period.code[:4]), rates), rates)


def assessment_of(result: YearResult, rates: RateTable) -> Assessment:
    """The assessment that a year's result makes."""
    msa = "msa" if result.situation == "all_agricultural" else ""
    own = []
    if result.pension is None or result.ceiling is None:
        own.append(
            Line(
                code="overpayment.pension", label="Trop-versé de retraite de base",
                group="overpayment", base=ZERO, rate=None, exact=ZERO, amount=ZERO,
                law=LAW_CEILING, status=LineStatus.MISSING, note=NOTE_MISSING_CEILING, apart=msa,
            )
        )  # fmt: skip
    else:
        own.append(_line(result.pension, msa))
    own.append(_line(result.csg, msa))
    if result.prorated is not None:
        own.append(_line(result.prorated, msa or "comparison"))
    lines = [*own, *(line for group in result.lines for line in group)]
    due = sum((line.amount for line in own if not line.apart), ZERO)
    by_fund = {
        "retraite_base": own[0].amount if not own[0].apart else ZERO,
        "csg_crds": own[1].amount if not own[1].apart else ZERO,
    }
    assert sum(by_fund.values(), ZERO) == due
    sentence = SITUATION_LABELS[result.situation]
    return Assessment(
        regime=CODE,
        period=str(result.year),
        rates_version=rates.version,
        figures=tuple(
            Figure(f"e{n}.{name}", FIGURE_LABELS[name], value, value)
            for n, e in enumerate(result.employers, start=1)
            for name, value in (
                ("gross", e.gross),
                ("base", e.base),
                ("capped", e.capped or ZERO),
                ("csg", e.csg),
            )
        ),
        lines=tuple(lines),
        shares=tuple(
            Share(fund, FUND_LABELS[fund], amount, amount, LAW_CEILING)
            for fund, amount in by_fund.items()
        ),
        shares_status=SharesStatus.INDICATIVE,
        shares_note=NOTE_SHARES,
        notes=(sentence,) if sentence else (),
    )


def _line(formula: Formula, apart: str) -> Line:
    """The line of a formula: its last step is base × rate."""
    last = formula.steps[-1]
    base, rate = last.terms[0].value, last.terms[1].value
    return Line(
        code=formula.code, label=formula.label, group="overpayment", base=base,
        rate=rate if formula.status is not LineStatus.MISSING else None,
        exact=(base * rate).scaleb(-2), amount=formula.result, law=formula.law,
        source=formula.source, status=formula.status, note=formula.hypothesis, apart=apart,
    )  # fmt: skip


def exact_of(result: YearResult) -> dict[str, object]:
    """The exact values of `quittance assess`: employers, over-payments and formulas."""

    def money(value: Decimal | None) -> Decimal | None:
        return value

    return {
        "situation": result.situation,
        "months": Decimal(result.months),
        "ceiling": money(result.ceiling),
        "employers": [
            {
                "siret": e.siret, "months": Decimal(e.months), "gross": e.gross,
                "deduction": e.deduction, "base": e.base, "ceiling": money(e.ceiling),
                "capped": money(e.capped), "estimated": e.estimated, "csg_base": e.csg,
                "employee_total": _sum(lines, ".employee"),
                "employer_total": _sum(lines, ".employer"),
                "employer_total_note": "without the general reduction",
            }
            for e, lines in zip(result.employers, result.lines, strict=True)
        ],
        "overpayment": {
            "filed": result.filed, "over": money(result.over),
            "refund": result.pension.result if result.pension else None,
            "formula": result.pension.plain() if result.pension else None,
        },
        "prorated": {
            "ceilings": [s.ceiling for s in result.shares],
            "bases": [s.base for s in result.shares],
            "over": max(ZERO, sum((s.base for s in result.shares), ZERO)
                        - (result.ceiling or ZERO)),
            "difference": result.prorated.result if result.prorated else None,
            "formula": result.prorated.plain() if result.prorated else None,
        },
        "csg": {"refund": result.csg.result, "formula": result.csg.plain()},
        "refund": result.refund,
    }  # fmt: skip


def _sum(lines: tuple[Line, ...], share: str) -> Decimal:
    return sum((line.amount for line in lines if line.code.endswith(share)), ZERO)
