"""What contributions give: pension quarters, daily allowances, and what 100 € more changes.

A régime that knows its rights has a method `rights(profile, history, today, rates) -> Rights`; a
figure is an estimate, the bodies that pay decide. Euros are Decimal and unrounded unless said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from regimes.assessment import Assessment
from regimes.dated import DatedValue, RateTable
from regimes.days import add_months
from regimes.money import ONE, ZERO, percent_of, round_cent
from regimes.regime import History, Regime

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: French msgid with {names}, and what fills it (Decimal euros, dates, counts)."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """An activity whose turnover counts: `kept` percent of it is income for rights."""

    code: str
    label: str
    kept: Decimal


@dataclass(frozen=True, slots=True)
class Quarters:
    """Pension quarters of a civil year. `income` and `expected` (at the present pace, None when
    nothing tells it) are euros that count; `unit` the income of one quarter."""

    year: int
    income: Decimal
    unit: Decimal
    most: int
    hours: Decimal
    smic: Decimal
    law: str
    source: str
    ways: tuple[Way, ...] = ()
    expected: Decimal | None = None
    status: str = "confirmed"
    notes: tuple[Said, ...] = ()

    def count(self, income: Decimal) -> int:
        """Quarters that this income gives (CSS R351-9, D643-3): whole ones, four at most."""
        return max(0, min(self.most, int(income // self.unit)))

    @property
    def acquired(self) -> int:
        """Quarters that the income known so far gives."""
        return self.count(self.income)

    @property
    def missing(self) -> Decimal:
        """Euros of income short of the next quarter; zero when the year has all of them."""
        if self.acquired >= self.most:
            return ZERO
        return self.unit * (self.acquired + 1) - self.income

    def turnover_missing(self, way: Way) -> Decimal:
        """Whole euros of turnover of one activity short of the next quarter: declared in whole
        euros (CSS L133-10), so the next euro up."""
        if way.kept <= 0:
            return ZERO
        return (self.missing * 100 / way.kept).quantize(ONE, ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Right:
    """One benefit. `amount` euros and `per` day or once; None when it cannot be told. `said` tells
    how it is reckoned, then its conditions; `open_on` is the first day it may be had from."""

    code: str
    label: str
    amount: Decimal | None
    per: str
    said: tuple[Said, ...]
    law: str
    source: str
    open_on: date | None = None
    status: str = "confirmed"
    notes: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class More:
    """What `step` euros more (or a day more) changes: the calculation without and with it, by the
    régime's own assessment. `income` is what it adds to the income that counts for quarters."""

    code: str
    label: str
    step: Decimal
    before: Assessment
    after: Assessment
    income: Decimal = ZERO

    @property
    def due(self) -> Decimal:
        """Euros more to pay, lines rounded as the law rounds them."""
        return self.after.due - self.before.due

    @property
    def exact(self) -> Decimal:
        """Euros more to pay before rounding."""
        return self.after.exact_due - self.before.exact_due

    @property
    def tax(self) -> Decimal:
        """Income tax within `due` (versement libératoire)."""
        return _tax(self.after) - _tax(self.before)

    @property
    def beside(self) -> Decimal:
        """Euros more that the pension fund calls by itself (an estimate)."""
        return _carmf(self.after) - _carmf(self.before)

    @property
    def net(self) -> Decimal:
        """What stays of the step."""
        return self.step - self.due - self.beside

    def funds(self) -> list[tuple[str, Decimal]]:
        """French msgid of each fund and the euros more that it receives; they add up to `due`."""
        was = {s.fund: s.amount for s in self.before.shares}
        found = [(s.label, s.amount - was.get(s.fund, ZERO)) for s in self.after.shares]
        return [item for item in found if item[1]]


def _carmf(assessment: Assessment) -> Decimal:
    return sum((line.amount for line in assessment.lines if line.apart == "carmf"), ZERO)


def _tax(assessment: Assessment) -> Decimal:
    return sum((line.amount for line in assessment.lines if line.group == "tax"), ZERO)


@dataclass(frozen=True, slots=True)
class Rights:
    """Everything known of the rights of an account, as of a day."""

    quarters: Quarters | None
    benefits: tuple[Right, ...] = ()
    more: tuple[More, ...] = ()
    notes: tuple[Said, ...] = ()


def rights_of(
    regime: Regime, profile: Any, history: History, today: date, rates: RateTable
) -> Rights | None:
    """The rights of an account; None for a régime that does not tell them."""
    known: Callable[..., Rights] | None = getattr(regime, "rights", None)
    return known(profile, history, today, rates) if known is not None else None


NOTE_AVERAGE = (
    "{part} de la moyenne des revenus {years} : {average}, dans la limite de {cap}, divisée par "
    "{divisor}."
)
NOTE_BEGINNING = (
    "Début d’activité : {income} de revenu en {days} jours, ramenés à l’année ({average}), dans la "
    "limite de {cap}, divisés par {divisor}."
)
NOTE_FLOOR = "Il faut un revenu moyen d’au moins {floor} : en dessous, pas d’indemnité."
NOTE_UNDER = "Revenu moyen sous {floor} : pas d’indemnité aujourd’hui."
NOTE_AFFILIATED = "Il faut {months} mois d’affiliation, soit depuis le {day}."
NOTE_AFFILIATED_LATER = "Il faut {months} mois d’affiliation : à partir du {day}."
NOTE_WAIT = "Rien les {wait} premiers jours d’arrêt ; ensuite {most} indemnités au plus en 3 ans."
NOTE_WAIT_LIBERAL = (
    "Rien les {wait} premiers jours d’arrêt ; ensuite {most} jours au plus par arrêt."
)
NOTE_PAID = "À condition que les cotisations soient payées : sinon le revenu compte à proportion."
NOTE_YEARS = "Des déclarations de {years} ne sont pas dans ce compte : la moyenne est incomplète."
NOTE_MATERNITY = (
    "{daily} par jour, un {divisor}e du plafond annuel, pendant {weeks} semaines ({least} au "
    "moins), et {allowance} de repos maternel en deux fois."
)
NOTE_MATERNITY_LOW = "Revenu moyen sous {floor} : seuls {share} % de ces montants sont versés."
NOTE_PARENT = "Second parent : {daily} par jour, {days} jours au plus (CSS D623-2)."
BENEFIT_LABELS = {"sickness": "Arrêt maladie", "maternity": "Maternité"}


def smic_of(year: int, rates: RateTable) -> DatedValue:
    """Hourly minimum wage on 1 January of `year`. Raises RateMissing."""
    return rates.get("rights.smic", date(year, 1, 1))


def quarters_of(
    year: int,
    income: Decimal,
    rates: RateTable,
    *,
    liberal: bool = False,
    ways: Sequence[Way] = (),
    expected: Decimal | None = None,
    status: str = "confirmed",
    notes: Sequence[Said] = (),
) -> Quarters:
    """The quarters of a year from the income that counts. `liberal`: the basic scheme of the
    professions libérales (CSS D643-3) instead of the general one (CSS R351-9)."""
    on = date(year, 1, 1)
    rule = rates.get("rights.quarter.hours.liberal" if liberal else "rights.quarter.hours", on)
    smic = smic_of(year, rates)
    return Quarters(
        year=year, income=income, unit=rule.value * smic.value,
        most=int(rates.get("rights.quarter.most", on).value), hours=rule.value, smic=smic.value,
        law=rule.law, source=rule.source, ways=tuple(ways), expected=expected, status=status,
        notes=tuple(notes),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Average:
    """The yearly income that allowances are reckoned on (CSS D622-7). `years` averaged, or the
    `income` of `days` brought to a year for a beginner; `absent` years that are not whole."""

    amount: Decimal
    years: tuple[int, ...]
    floor: Decimal
    cap: Decimal
    income: Decimal = ZERO
    days: int = 0
    absent: tuple[int, ...] = ()

    @property
    def under(self) -> bool:
        """True when it stands under 10 % of the average ceiling (CSS D622-8)."""
        return self.amount < self.floor


def average_of(
    incomes: Mapping[int, Decimal],
    start: date,
    today: date,
    rates: RateTable,
    *,
    liberal: bool = False,
    whole: Iterable[int] = (),
) -> Average:
    """The income of the three civil years before `today`; within the first three civil years of
    affiliation, the income so far brought to a year of 365 days (CSS D622-7 II). `incomes` by civil
    year; `whole` the years of which everything is known."""
    count = int(rates.get("rights.sickness.years", today).value)
    key = "rights.sickness.cap.liberal" if liberal else "rights.sickness.cap"
    cap = rates.get(key, today).value * rates.get("rights.pass", today).value
    known = set(whole)
    share = rates.get("rights.sickness.floor", today).value

    def floor(years: Sequence[int]) -> Decimal:
        found = [rates.find("rights.pass", date(year, 12, 31)) for year in years]
        ceilings = [value.value for value in found if value is not None]
        return percent_of(sum(ceilings, ZERO) / len(ceilings), share) if ceilings else ZERO

    if today.year - start.year < count:
        years = tuple(range(start.year, today.year + 1))
        days = max(1, (today - start).days)
        income = sum((incomes.get(year, ZERO) for year in years), ZERO)
        absent = tuple(y for y in years[:-1] if y not in known)
        return Average(income * 365 / days, years, floor(years), cap, income, days, absent)
    years = tuple(range(today.year - count, today.year))
    total = sum((incomes.get(year, ZERO) for year in years), ZERO)
    absent = tuple(y for y in years if y not in known)
    return Average(total / count, years, floor(years), cap, absent=absent)


def sickness_of(
    average: Average, start: date, today: date, rates: RateTable, *, liberal: bool = False
) -> Right:
    """The daily allowance of an illness that begins today (CSS D622-1 and following)."""
    part = rates.get("rights.sickness.part", today)
    months = rates.get("rights.sickness.months", today).value
    open_on = add_months(start, int(months))
    wait = rates.get("rights.sickness.wait", today).value
    most = rates.get(
        "rights.sickness.days.liberal" if liberal else "rights.sickness.days", today
    ).value
    amount = ZERO
    if not average.under:
        amount = round_cent(min(average.amount, average.cap) / part.value)
    figures = {
        "average": round_cent(average.amount), "cap": average.cap, "divisor": int(part.value),
        "income": round_cent(average.income), "days": average.days,
        "years": f"{average.years[0]}–{average.years[-1]}", "part": "1/730",
    }  # fmt: skip
    said = [Said(NOTE_BEGINNING if average.days else NOTE_AVERAGE, figures)]
    said.append(
        Said(NOTE_UNDER if average.under else NOTE_FLOOR, {"floor": round_cent(average.floor)})
    )
    later = open_on > today
    said.append(
        Said(NOTE_AFFILIATED_LATER if later else NOTE_AFFILIATED,
             {"months": int(months), "day": open_on})
    )  # fmt: skip
    said.append(
        Said(NOTE_WAIT_LIBERAL if liberal else NOTE_WAIT, {"wait": int(wait), "most": int(most)})
    )
    said.append(Said(NOTE_PAID))
    return Right(
        "sickness", BENEFIT_LABELS["sickness"], amount, "day", tuple(said),
        f"{part.law}, D622-8, D622-1", part.source, open_on, notes=absent_notes(average),
    )  # fmt: skip


def absent_notes(average: Average) -> tuple[Said, ...]:
    """That years of the average are not whole."""
    if not average.absent:
        return ()
    years = ", ".join(str(year) for year in average.absent)
    return (Said(NOTE_YEARS, {"years": years}),)


def maternity_of(average: Average, start: date, today: date, rates: RateTable) -> Right:
    """The flat daily allowance of maternity, and the rest allowance (CSS D623-1 to D623-8)."""
    part = rates.get("rights.maternity.part", today)
    ceiling = rates.get("rights.pass", today).value
    share = rates.get("rights.maternity.low", today).value
    months = int(rates.get("rights.maternity.months", today).value)
    open_on = add_months(start, months)
    daily, rest = ceiling / part.value, ceiling / 12
    if average.under:
        daily, rest = percent_of(daily, share), percent_of(rest, share)
    said = [
        Said(
            NOTE_MATERNITY,
            {"daily": round_cent(daily), "divisor": int(part.value), "allowance": round_cent(rest),
             "weeks": int(rates.get("rights.maternity.weeks", today).value),
             "least": int(rates.get("rights.maternity.weeks.least", today).value)},
        )
    ]  # fmt: skip
    if average.under:
        said.append(
            Said(NOTE_MATERNITY_LOW,
                 {"floor": round_cent(average.floor), "share": int(share)})
        )  # fmt: skip
    said.append(
        Said(NOTE_AFFILIATED_LATER if open_on > today else NOTE_AFFILIATED,
             {"months": months, "day": open_on})
    )  # fmt: skip
    days = int(rates.get("rights.parent.days", today).value)
    said.append(Said(NOTE_PARENT, {"daily": round_cent(daily), "days": days}))
    return Right(
        "maternity", BENEFIT_LABELS["maternity"], round_cent(daily), "day", tuple(said),
        f"{part.law}, D623-1, D623-3, D623-8", part.source, open_on, notes=absent_notes(average),
    )  # fmt: skip


def paced(known: Decimal, days: int, start: date, end: date | None, year: int) -> Decimal | None:
    """`known` euros of `days` of the year, brought to its days of activity; None when no day is
    known."""
    if days <= 0:
        return None
    first = max(start, date(year, 1, 1))
    last = min(end or date(year, 12, 31), date(year, 12, 31))
    whole = (last - first + timedelta(days=1)).days
    return known * max(whole, days) / days
