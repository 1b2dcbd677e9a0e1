"""The calculation of one declaration: lines to the euro, and where each euro goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from regimes.assessment import (
    Assessment,
    Figure,
    Line,
    LineStatus,
    Share,
    SharesStatus,
)
from regimes.auto_entrepreneur.categories import BNC, FUNDS, LABELS, PLATFORM_LABELS
from regimes.auto_entrepreneur.declaration import Declaration
from regimes.auto_entrepreneur.departments import OVERSEAS, chamber_region
from regimes.auto_entrepreneur.limits import AcreRoom, OverseasRoom, room_for
from regimes.auto_entrepreneur.profile import Profile
from regimes.auto_entrepreneur.rate_choice import choose_rate, full_rate
from regimes.auto_entrepreneur.spans import acre_end, overseas_stage
from regimes.dated import DatedValue, RateMissing, RateTable
from regimes.money import CENT, ZERO, largest_remainder, percent_of, round_euro
from regimes.regime import History, Period

CODE = "auto-entrepreneur"
CIPAV = "service_bnc_cipav"

NOTE_REDUCED = (
    "Aucune répartition n’est publiée pour un taux réduit : parts indicatives du taux plein."
)
NOTE_UNPUBLISHED = "La répartition de cette activité n’est pas publiée pour cette période."
NOTE_RATE_MISSING = "Taux non publié à cette date : non calculé ici."

FUND_LABELS = {
    "formation": "Formation professionnelle",
    "chambre_commerce": "Chambre de commerce et d’industrie",
    "chambre_metiers": "Chambre de métiers et de l’artisanat",
    "impot": "Impôt sur le revenu",
    "not_published": "Sécurité sociale, répartition non publiée",
}


@dataclass(frozen=True, slots=True)
class LinePlan:
    """A line before its base is known, and the fund that receives it (None: split by `funds`)."""

    line: Line
    rate: Decimal
    fund: str | None


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """All lines of one category under one situation of one span, ready to multiply."""

    lines: tuple[LinePlan, ...]
    funds: tuple[tuple[str, str, Decimal, str], ...]
    funds_published: bool
    reduced: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rates of a day depend on, besides the category."""

    created: date
    nature: str
    department: str | None = None
    acre_until: date | None = None
    flat_tax: bool = False
    double_registration: bool = False
    cipav: bool = False  # affiliated to the Cipav


def situation_of(profile: Profile, on: date, rates: RateTable) -> Situation:
    """The situation of an account on `on`."""
    return Situation(
        created=profile.start_date,
        nature=profile.nature,
        department=profile.department,
        acre_until=acre_end(profile, rates),
        flat_tax=profile.flat_tax_on(on),
        double_registration=profile.double_registration,
        cipav=CIPAV in profile.categories,
    )


def plan_for(category: str, on: date, situation: Situation, rates: RateTable) -> CategoryPlan:
    """The lines of `category` on `on`; computed once per span of the law and kind of account."""
    overseas = situation.department in OVERSEAS
    # No lower bound: a day before the start stands for the period in which the activity starts.
    acre = not overseas and situation.acre_until is not None and on <= situation.acre_until
    key = (
        rates.span(on),
        category,
        situation.nature,
        chamber_region(situation.department),
        situation.flat_tax,
        situation.double_registration,
        situation.cipav and category != CIPAV,
        rates.span(situation.created) if acre else -1,
        overseas_stage(situation.created, on, rates) if overseas else "",
        situation.department == "976",
    )
    found: CategoryPlan | None = rates.cache.get(key)
    if found is None:
        found = rates.cache[key] = _build(category, on, situation, acre, rates)
    return found


def _template(
    code: str, label: str, group: str, rate: Decimal, value: DatedValue, category: str
) -> Line:
    return Line(
        code=code, label=label, group=group, base=ZERO, rate=rate, exact=ZERO, amount=ZERO,
        law=value.law, source=value.source, rate_from=value.start,
        status=LineStatus.COMPUTED if value.confirmed else LineStatus.UNCONFIRMED,
        note=value.note, declared_as=category,
    )  # fmt: skip


def _plain_line(key: str, code: str, group: str, category: str, on: date, rates: RateTable) -> Line:
    value = rates.get(key, on)
    return _template(code, value.label, group, value.value, value, category)


def _build(
    category: str, on: date, situation: Situation, acre: bool, rates: RateTable
) -> CategoryPlan:
    label = rates.history(f"contribution.{category}")[-1].label
    doubt: DatedValue | None = None
    rated = category
    if situation.cipav and category != CIPAV:
        doubt = rates.find("cipav.all_categories", on)
        if doubt is not None and doubt.value:
            rated = CIPAV
    try:
        chosen = choose_rate(rated, on, situation.created, acre, situation.department, rates)
    except RateMissing:
        missing = Line(
            f"contribution.{category}", label, "contributions", ZERO, None, ZERO, ZERO,
            "CSS D613-4", status=LineStatus.MISSING, note=NOTE_RATE_MISSING, declared_as=category,
        )  # fmt: skip
        return CategoryPlan((LinePlan(missing, ZERO, None),), (), False, False)
    contribution = Line(
        code=f"contribution.{category}", label=label, group="contributions", base=ZERO,
        rate=chosen.rate, exact=ZERO, amount=ZERO, law=chosen.law, source=chosen.source,
        rate_from=chosen.since,
        status=LineStatus.COMPUTED if chosen.confirmed and not doubt else LineStatus.UNCONFIRMED,
        note=chosen.note or (doubt.note if doubt else ""), declared_as=category,
    )  # fmt: skip
    lines = [LinePlan(contribution, chosen.rate, None)]
    training = _training_key(category, situation.nature)
    line = _plain_line(training, f"cfp.{category}", "training", category, on, rates)
    lines.append(LinePlan(line, line.rate or ZERO, "formation"))
    for code, key, fund in _chamber_keys(category, situation):
        line = _plain_line(key, code, "chamber", category, on, rates)
        lines.append(LinePlan(line, line.rate or ZERO, fund))
    if situation.flat_tax:
        line = _plain_line(f"vl.{category}", f"vl.{category}", "tax", category, on, rates)
        lines.append(LinePlan(line, line.rate or ZERO, "impot"))
    funds = tuple(
        (fund, value.label, value.value, value.law)
        for fund in FUNDS
        if (value := rates.find(f"fund.{rated}.{fund}", on)) is not None
    )
    return CategoryPlan(tuple(lines), funds, bool(funds), chosen.kind != "full")


def _training_key(category: str, nature: str) -> str:
    """CT L6331-48: liberal 0.2 %, craft 0.3 %, trade 0.1 % (services 0.1 % as levied)."""
    if category in BNC:
        return f"cfp.liberale.{category}"
    if nature == "artisanale" and category != "meuble_tourisme_classe":
        return f"cfp.artisanale.{category}"
    return f"cfp.commerciale.{category}"


def _chamber_keys(category: str, situation: Situation) -> Iterable[tuple[str, str, str]]:
    """CGI 1600 and 1601: by registration; nothing on liberal turnover nor classified lettings."""
    if category not in {"vente", "service_bic"}:
        return
    if situation.nature == "commerciale":
        yield f"chamber.commerce.{category}", f"chamber.commerce.{category}", "chambre_commerce"
    elif situation.nature == "artisanale":
        region = chamber_region(situation.department)
        yield (
            f"chamber.metiers.{category}",
            f"chamber.metiers.{region}.{category}",
            "chambre_metiers",
        )
        if situation.double_registration:
            yield f"chamber.double.{category}", "chamber.double", "chambre_commerce"


def assess(
    profile: Profile, period: Period, declaration: Declaration, history: History, rates: RateTable
) -> Assessment:
    """Contributions, training, chamber tax and versement libératoire of one declaration.

    Turnover and every line are rounded to the nearest euro, half up (CSS L133-10). Euros.
    """
    figures: list[Figure] = []
    lines: list[Line] = []
    split = _Split()
    single = len(declaration.parts) == 1
    reducible = profile.acre is not None or profile.overseas
    room: AcreRoom | OverseasRoom | None = None
    room_year = 0
    for number, part in enumerate(declaration.parts):
        situation = situation_of(profile, part.start, rates)
        if reducible and part.end.year != room_year:
            room_year = part.end.year
            room = room_for(profile, period, history, room_year, rates)
        prefix = "" if single else f"{part.start.isoformat()}."
        for category in profile.categories:
            typed = part.turnover.get(category, ZERO)
            base = round_euro(typed)
            field = f"parts.{number}.{category}"
            figures.append(Figure(field, LABELS[category], typed, base))
            plan = plan_for(category, part.start, situation, rates)
            above = ZERO
            if room is not None and plan.reduced:
                above = room.take(category, base)
            rule = room.rule if room is not None else None
            _add_lines(
                plan, base, above, rule, prefix, field, part.start, category, rates, lines, split
            )
    for category in declaration.platform:
        typed = declaration.platform[category]
        figures.append(
            Figure(f"platform.{category}", PLATFORM_LABELS[category], typed, round_euro(typed))
        )
    shares, status, note = split.shares()
    return Assessment(
        regime=CODE, period=period.code, rates_version=rates.version, figures=tuple(figures),
        lines=tuple(lines), shares=shares, shares_status=status, shares_note=note,
        notes=_notes(period, declaration, history, lines, rates),
    )  # fmt: skip


def _notes(
    period: Period,
    declaration: Declaration,
    history: History,
    lines: Sequence[Line],
    rates: RateTable,
) -> tuple[str, ...]:
    """Sentences that go with the whole calculation: the chamber tax of small years (CGI 1600)."""
    bound = rates.find("chamber.exemption.turnover", period.end)
    if bound is None or not any(line.group == "chamber" and line.amount for line in lines):
        return ()
    total = sum(declaration.declared().values(), ZERO)
    for filed in history:
        if total > bound.value:
            break
        if filed.period.end.year == period.end.year and filed.period.code != period.code:
            total += sum(_declared(filed.declaration), ZERO)
    return (bound.note,) if total <= bound.value else ()


def _declared(declaration: object) -> Iterable[Decimal]:
    return declaration.declared().values() if isinstance(declaration, Declaration) else ()


def assess_turnover(
    turnover: Sequence[tuple[date, Mapping[str, Decimal]]],
    situation: Situation,
    period: str,
    rates: RateTable,
) -> Assessment:
    """The calculation of turnovers by category, each at the rates of its day, without an account.

    Without a history the yearly limits of the reduced rates cannot be known: they are not applied.
    """
    figures: list[Figure] = []
    lines: list[Line] = []
    split = _Split()
    for number, (on, amounts) in enumerate(turnover):
        prefix = "" if len(turnover) == 1 else f"{on.isoformat()}."
        for category, typed in amounts.items():
            base = round_euro(typed)
            field = f"parts.{number}.{category}"
            figures.append(Figure(field, LABELS[category], typed, base))
            plan = plan_for(category, on, situation, rates)
            _add_lines(plan, base, ZERO, None, prefix, field, on, category, rates, lines, split)
    shares, status, note = split.shares()
    return Assessment(
        regime=CODE, period=period, rates_version=rates.version, figures=tuple(figures),
        lines=tuple(lines), shares=shares, shares_status=status, shares_note=note,
    )  # fmt: skip


def _add_lines(
    plan: CategoryPlan, base: Decimal, above: Decimal, limit: DatedValue | None, prefix: str,
    field: str, on: date, category: str, rates: RateTable, lines: list[Line], split: _Split,
) -> None:  # fmt: skip
    for item in plan.lines:
        template = item.line
        part_base = base - above if item.fund is None else base
        exact = percent_of(part_base, item.rate)
        amount = round_euro(exact)
        lines.append(
            Line(
                prefix + template.code,
                template.label,
                template.group,
                part_base,
                template.rate,
                exact,
                amount,
                template.law,
                template.source,
                template.rate_from,
                template.status,
                template.note,
                field,
            )
        )
        split.add(plan, item, exact, amount)
    if above > 0 and limit is not None:
        full = full_rate(category, on, rates)
        exact = percent_of(above, full.rate)
        first = plan.lines[0]
        lines.append(
            replace(
                first.line,
                code=f"{prefix}{first.line.code}.above_limit",
                base=above,
                rate=full.rate,
                exact=exact,
                amount=round_euro(exact),
                law=limit.law,
                source=limit.source,
                rate_from=full.since,
                status=LineStatus.UNCONFIRMED,
                note=limit.note,
                declared_as=field,
            )
        )
        split.add(plan, first, exact, round_euro(exact))


class _Split:
    """Gathers the shares per fund, in the order they are met."""

    def __init__(self) -> None:
        self.exact: dict[str, Decimal] = {}
        self.labels: dict[str, tuple[str, str]] = {}
        self.due = ZERO
        self.unpublished = False
        self.reduced = False

    def _give(self, fund: str, label: str, law: str, exact: Decimal) -> None:
        if fund not in self.labels:
            self.labels[fund] = (label, law)
            self.exact[fund] = exact
        else:
            self.exact[fund] += exact

    def add(self, plan: CategoryPlan, item: LinePlan, exact: Decimal, amount: Decimal) -> None:
        """Share `amount`, the rounded line, between its funds."""
        self.due += amount
        if item.fund is not None:
            self._give(item.fund, FUND_LABELS[item.fund], item.line.law, amount)
        elif plan.funds_published:
            if amount:
                self.reduced = self.reduced or plan.reduced
            for fund, label, percent, law in plan.funds:
                self._give(fund, label, law, percent_of(amount, percent))
        else:
            if amount:
                self.unpublished = True
            self._give("not_published", FUND_LABELS["not_published"], item.line.law, amount)

    def shares(self) -> tuple[tuple[Share, ...], SharesStatus, str]:
        """Shares in cents that add up to what is due, and how far they are law."""
        funds = list(self.exact)
        cents = largest_remainder(self.due, [self.exact[f] for f in funds], CENT)
        shares = tuple(
            Share(fund, self.labels[fund][0], self.exact[fund], amount, self.labels[fund][1])
            for fund, amount in zip(funds, cents, strict=True)
        )
        if self.unpublished:
            return shares, SharesStatus.NOT_PUBLISHED, NOTE_UNPUBLISHED
        if self.reduced:
            return shares, SharesStatus.INDICATIVE, NOTE_REDUCED
        return shares, SharesStatus.OFFICIAL, ""
