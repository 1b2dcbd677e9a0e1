"""The assessment of a doctor's year: lines as people read them, rounded to the euro."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from regimes.assessment import Assessment, Figure, Line, LineStatus, Share
from regimes.dated import RateTable
from regimes.doctor_pamc.compute import Facts, Item, Law, compute
from regimes.doctor_pamc.declaration import Declaration
from regimes.doctor_pamc.profile import Profile
from regimes.money import CENT, ONE, ZERO, percent_of, round_euro
from regimes.regime import Period

CODE = "pamc-medecin"
GROUPS = {
    "maladie": "health", "additional": "health", "sickpay": "health", "family": "family",
    "csg": "csg_crds", "training": "training", "unions": "unions",
}  # fmt: skip
FUND_LABELS = {
    "health": "Maladie, maternité, indemnités journalières",
    "family": "Allocations familiales",
    "csg_crds": "CSG et CRDS",
    "training": "Formation professionnelle",
    "unions": "Unions régionales des professionnels de santé",
}
LINE_LABELS = {"acre": "ACRE, exonération de début d’activité"}
FIGURE_LABELS = {
    "receipts": "Recettes brutes totales (DSCS)",
    "contracted": "Honoraires conventionnés (DSAV)",
    "overruns": "Dépassements (DSAW)",
    "loss": "Déficit (DSDG)",
    "profit": "Revenu brut social (DSDE)",
}
NOTE_FUND = "Appelé par la Carmf, jamais ici : estimation sur le revenu de cette année."
NOTE_SHARE = "Payé pour vous par l’Assurance maladie."
NOTE_PART = "Ce que l’Urssaf appelle est dû ici ; ce que la Carmf appelle est une estimation."
NOTE_OUTSIDE = (
    "Non conventionné : régime ordinaire des indépendants, sans part de l’Assurance maladie."
)
NOTE_LOSS = "Sans bénéfice, il reste les cotisations minimales."


def _line(item: Item, facts: Facts, rates: RateTable) -> Line:
    on = facts.created if item.key == "acre.rate" else date(facts.year, 1, 1)
    value = rates.get(item.key, on)
    label = LINE_LABELS["acre"] if item.code.endswith(".acre") else value.label
    status = LineStatus.COMPUTED if value.confirmed else LineStatus.UNCONFIRMED
    note = value.note
    if item.side and status is LineStatus.COMPUTED:
        status = LineStatus.ESTIMATE
    if item.share:
        note = NOTE_SHARE
    elif item.side and not note:
        note = NOTE_FUND
    group = item.side or GROUPS[item.code.split(".")[0]]
    return Line(
        code=item.code, label=label, group=group, base=round_euro(item.base),
        rate=None if item.rate is None else item.rate.quantize(Decimal("0.0001")).normalize(),
        exact=item.amount.quantize(Decimal("0.000001")), amount=round_euro(item.amount),
        law=value.law, source=value.source, rate_from=value.start, status=status, note=note,
        declared_as="income", apart=item.side,
    )  # fmt: skip


def assess_facts(
    facts: Facts, period: str, figures: tuple[Figure, ...], rates: RateTable
) -> Assessment:
    """The year of `facts`: lines in the order of the notice, the health insurance's share as a
    negative line beside each; what the pension fund calls stands apart from what is due."""
    year = compute(rounded_base(facts, rates), rates)
    lines = tuple(_line(item, facts, rates) for item in year.items)
    due: dict[str, Decimal] = dict.fromkeys(FUND_LABELS, ZERO)
    for line in lines:
        if not line.apart:
            due[line.group] += line.amount
    shares = tuple(
        Share(fund, FUND_LABELS[fund], amount, amount.quantize(CENT))
        for fund, amount in due.items()
    )
    notes = [NOTE_PART]
    if facts.sector == "NC":
        notes.append(NOTE_OUTSIDE)
    if facts.income <= 0 and not facts.flat:
        notes.append(NOTE_LOSS)
    return Assessment(
        regime=CODE, period=period, rates_version=rates.version, figures=figures, lines=lines,
        shares=shares, notes=tuple(notes),
    )  # fmt: skip


def rounded_base(facts: Facts, rates: RateTable) -> Facts:
    """`facts` on a base rounded to the euro before rates apply (CSS L133-10)."""
    rounded = replace(facts, income=round_euro(facts.income))
    if facts.base is not None:
        return replace(rounded, base=round_euro(facts.base))
    return replace(rounded, base=round_euro(compute(rounded, rates).base))


def profile_facts(profile: Profile, year: int, income: Decimal, **more: Decimal) -> Facts:
    """A year of an account with this income, all of it contracted unless told otherwise."""
    return Facts(
        year=year, created=profile.start_date, sector=profile.sector, income=income,
        contracted=more.get("contracted", ONE), shared=more.get("shared", ONE),
        replacement=profile.replacement, retired=profile.retired, overseas=profile.overseas,
        acre=profile.acre,
    )  # fmt: skip


def facts_of(profile: Profile, year: int, declaration: Declaration, rates: RateTable) -> Facts:
    """What the boxes of a year say: income with the replacement income added; contracted receipts
    are those within tariffs and the overruns, the insurance shares in the former alone."""
    law = Law(year, rates)
    d = declaration
    added = percent_of(
        d.sick_pay + d.insurance_pay + d.exempt, law.value("base.replacement")
    )  # fmt: skip
    contracted = (d.contracted + d.overruns) / d.receipts if d.receipts else ONE
    shared = d.contracted / d.receipts if d.receipts else ONE
    facts = profile_facts(profile, year, d.result + added, contracted=contracted, shared=shared)
    if not d.micro:
        return facts
    base = percent_of(d.receipts, law.value("base.micro")) + added
    return replace(facts, income=d.receipts, base=base)


def assess(
    profile: Profile, period: Period, declaration: Declaration, rates: RateTable
) -> Assessment:
    """The year of the boxes."""
    d = declaration
    amounts = [("receipts", d.receipts), ("contracted", d.contracted), ("overruns", d.overruns)]
    if d.loss is not None:
        amounts.append(("loss", d.loss))
    elif d.profit is not None:
        amounts.append(("profit", d.profit))
    figures = tuple(
        Figure(code, FIGURE_LABELS[code], value, round_euro(value)) for code, value in amounts
    )
    facts = facts_of(profile, period.end.year, d, rates)
    return assess_facts(facts, period.code, figures, rates)
