"""Contributions of a year of service at sea: flat wage of each day, by category and vessel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from regimes.assessment import Assessment, Figure, Line, LineStatus, Share, SharesStatus
from regimes.dated import DatedValue, RateTable
from regimes.fisherman.models import Service, Vessel
from regimes.fisherman.tables import position_of
from regimes.money import CENT, ZERO, percent_of, round_cent

CODE = "marin-pecheur"
FUND_LABELS = {
    "enim_crm": "Enim, retraite des marins",
    "enim_cgp": "Enim, prévoyance des marins",
    "csg_crds": "CSG et CRDS",
    "caf": "Allocations familiales",
    "formation": "Formation professionnelle",
}
FUNDS = tuple(FUND_LABELS)
NOTE_DAYS = "Jours comptés au calendrier, premier et dernier compris : à confirmer."
NOTE_WAGE = "Non calculé ici : pas de salaire forfaitaire publié pour ces jours."
NOTE_MISSING = "Non calculé ici : taux non publié."
NOTE_BASE = "Salaire forfaitaire des jours de service"
DAYS_LAW = "C. transports L5553-5 et L5553-6"
NOTE_SHARES = "Une ligne non publiée n’est pas répartie."


@dataclass(frozen=True, slots=True)
class Facts:
    """Who: `role` owner, crew or spouse; `honoured` beneficiary of article L43."""

    role: str
    birth_date: date | None
    honoured: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Days of one period under one grid, one age: `base` euros, `wage` None when no wage is
    published for them."""

    service: Service
    start: date
    end: date
    wage: DatedValue | None
    base: Decimal
    old: bool

    @property
    def days(self) -> int:
        """Days, both ends included."""
        return (self.end - self.start).days + 1


def day_wage(value: DatedValue) -> Decimal:
    """Euros of a day: the 360th of the year, to the cent (C. transports L5553-5)."""
    return round_cent(value.value / 360)


def slices_of(service: Service, category: int, facts: Facts, rates: RateTable) -> list[Slice]:
    """The period cut where the grid changes and after the 65th birthday."""
    key = f"wage.{category}"
    cuts = {v.start for v in rates.history(key)}
    limit = None
    age = rates.find("crm.age", service.start)
    if facts.birth_date is not None and age is not None:
        limit = _birthday(facts.birth_date, int(age.value)) + timedelta(days=1)
        cuts.add(limit)
    starts = [service.start, *sorted(c for c in cuts if service.start < c <= service.end)]
    found = []
    for number, start in enumerate(starts):
        end = starts[number + 1] - timedelta(days=1) if number + 1 < len(starts) else service.end
        wage = rates.find(key, start)
        days = (end - start).days + 1
        base = ZERO
        if wage is not None:
            base = round_cent(percent_of(days * day_wage(wage), service.ratio))
        found.append(Slice(service, start, end, wage, base, limit is not None and start >= limit))
    return found


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # 29 February
        return date(born.year + age, 3, 1)


def size_class(vessels: Iterable[Vessel], on: date, rates: RateTable) -> str:
    """small (12 m at most), middle (25 m at most) or large, for all the owner's vessels together:
    the cube root of the sum of the cubed lengths, or the sum of the tonnages when every certificate
    is an old one (code des pensions de retraite des marins R25)."""
    fleet = list(vessels)
    if fleet and all(v.oslo_certificate_before_1986 and v.tonnage is not None for v in fleet):
        tons = sum((v.tonnage or ZERO for v in fleet), ZERO)
        if tons <= rates.get("vessel.tonnage.small", on).value:
            return "small"
        return "middle" if tons <= rates.get("vessel.tonnage.middle", on).value else "large"
    cubes = sum((v.length_m**3 for v in fleet), ZERO)
    if cubes <= rates.get("vessel.length.small", on).value ** 3:
        return "small"
    return "middle" if cubes <= rates.get("vessel.length.middle", on).value ** 3 else "large"


def _pension_key(vessel: Vessel, embarked: bool, size: str, facts: Facts) -> str:
    if not embarked or vessel.navigation == "grande_peche" or size == "large":
        return "crm.owner.general"
    if vessel.navigation == "cultures_marines" and size == "small":
        return "crm.owner.shellfish" if facts.honoured else "crm.owner.shellfish_other"
    return f"crm.owner.{size}"


def _sickness_key(vessel: Vessel, embarked: bool, size: str, facts: Facts) -> str:
    if not embarked or vessel.navigation == "grande_peche" or size == "large":
        return "cgp.general.long" if size == "large" else "cgp.general"
    if size == "middle":
        return "cgp.owner.middle"
    return "cgp.crew.small" if facts.role == "crew" else "cgp.owner.small"


class _Lines:
    """Lines gathered by code and rate: bases add up, and the rate applies to their sum."""

    def __init__(self, rates: RateTable) -> None:
        self._rates = rates
        self._found: dict[tuple[str, date | None], tuple[DatedValue | None, Decimal]] = {}

    def add(self, code: str, key: str, base: Decimal, on: date) -> None:
        """Add `base` to the line `code`, at the rate `key` in force on `on`."""
        value = self._rates.find(key, on)
        slot = (f"{code}|{key}", value.start if value else None)
        _, before = self._found.get(slot, (value, ZERO))
        self._found[slot] = (value, before + base)

    def made(self) -> list[Line]:
        """The lines, in the order they were first added."""
        lines = []
        for (slot, _), (value, base) in self._found.items():
            code, key = slot.split("|")
            if value is None:
                lines.append(missing_line(code, key, base, self._rates))
                continue
            exact = round_cent(percent_of(base, value.value))
            lines.append(
                Line(
                    code=code, label=value.label, group=code.split(".")[0], base=base,
                    rate=value.value, exact=exact, amount=exact, law=value.law,
                    source=value.source, rate_from=value.start,
                    status=LineStatus.COMPUTED if value.confirmed else LineStatus.UNCONFIRMED,
                    note=value.note, declared_as="periods",
                )
            )  # fmt: skip
        return lines


def missing_line(code: str, key: str, base: Decimal, rates: RateTable) -> Line:
    """A line whose rate nobody published: base told, no amount, and why."""
    awaited = next((a for a in rates.awaited if a.key == key), None)
    history = rates.history(key)
    label = awaited.label if awaited else history[-1].label if history else NOTE_BASE
    return Line(
        code=code, label=label, group=code.split(".")[0], base=base, rate=None, exact=ZERO,
        amount=ZERO, law="", status=LineStatus.MISSING,
        note=awaited.note if awaited else NOTE_MISSING, declared_as="periods",
    )  # fmt: skip


def family_rate(base: Decimal, on: date, rates: RateTable) -> Decimal:
    """Percent of the family allowances: nothing below 110 % of the ceiling, then a slope up to
    140 %, to the hundredth (CSS D613-1)."""
    ceiling = rates.get("pass", on).value
    low = percent_of(ceiling, rates.get("af.low", on).value)
    high = percent_of(ceiling, rates.get("af.high", on).value)
    full = rates.get("af.rate", on).value
    if base <= low:
        return ZERO
    if base >= high:
        return full
    return round_cent(full * (base - low) / (high - low))


def assess_services(
    period: str, facts: Facts, vessels: Mapping[str, Vessel], services: Sequence[Service],
    on: date, rates: RateTable,
) -> Assessment:  # fmt: skip
    """The contributions of `services`, with the yearly lines of the year of `on`."""
    year_end = date(on.year, 12, 31)
    gathered = _Lines(rates)
    total, unpaid_days, days = ZERO, 0, 0
    for service in sorted(services, key=lambda s: s.start):
        place = position_of(service.position, service.start, rates)
        if place is not None and not place.contributions:
            continue
        category = service.category
        if facts.role == "spouse":
            category = int(rates.get("spouse.category", service.start).value)
        for part in slices_of(service, category, facts, rates):
            days += part.days
            if part.wage is None:
                unpaid_days += part.days
                continue
            total += part.base
            if facts.role == "spouse":
                gathered.add("spouse.pension", "spouse.pension", part.base, part.start)
            else:
                _sea_lines(gathered, part, vessels, facts, rates)
    lines = gathered.made()
    if unpaid_days:
        lines.append(
            Line("wage", NOTE_BASE, "wage", ZERO, None, ZERO, ZERO, DAYS_LAW,
                 status=LineStatus.MISSING, note=NOTE_WAGE, declared_as="periods")
        )  # fmt: skip
    if facts.role == "owner":
        lines += _yearly(total, year_end, rates)
    if facts.role != "crew":
        lines += _training(year_end, rates)
    figure = Figure("base", NOTE_BASE, total, total)
    return Assessment(
        regime=CODE, period=period, rates_version=rates.version, figures=(figure,),
        lines=tuple(lines), shares=_shares(lines), shares_status=SharesStatus.INDICATIVE,
        shares_note=NOTE_SHARES, notes=(NOTE_DAYS,) if days else (),
    )  # fmt: skip


def _sea_lines(
    gathered: _Lines, part: Slice, vessels: Mapping[str, Vessel], facts: Facts, rates: RateTable
) -> None:
    vessel, on = vessels[part.service.vessel], part.start
    size = size_class(vessels.values(), on, rates)
    embarked = vessel.owners_embarked and part.service.owner_embarked
    if not part.old:
        gathered.add("crm.personal", "crm.personal", part.base, on)
    gathered.add("crm.owner", _pension_key(vessel, embarked, size, facts), part.base, on)
    gathered.add("cgp.owner", _sickness_key(vessel, embarked, size, facts), part.base, on)
    gathered.add("cgp.personal", "cgp.personal", part.base, on)
    if not vessel.insured:
        gathered.add("uninsured", "vessel.uninsured", part.base, on)


def _yearly(total: Decimal, on: date, rates: RateTable) -> list[Line]:
    slope, social = rates.get("af.rate", on), rates.get("csg_crds", on)
    rate = family_rate(total, on, rates)
    family = round_cent(percent_of(total, rate))
    levy = round_cent(percent_of(total, social.value))
    return [
        Line("af", slope.label, "af", total, rate, family, family, slope.law, slope.source,
             slope.start, declared_as="periods"),
        Line("csg_crds", social.label, "csg_crds", total, social.value, levy, levy, social.law,
             social.source, social.start,
             LineStatus.COMPUTED if social.confirmed else LineStatus.UNCONFIRMED, social.note,
             declared_as="periods"),
    ]  # fmt: skip


def _training(on: date, rates: RateTable) -> list[Line]:
    value, ceiling = rates.get("cfp", on), rates.get("pass", on)
    exact = round_cent(percent_of(ceiling.value, value.value))
    return [
        Line("cfp", value.label, "cfp", ceiling.value, value.value, exact, exact, value.law,
             value.source, value.start,
             LineStatus.COMPUTED if value.confirmed else LineStatus.UNCONFIRMED, value.note)
    ]  # fmt: skip


_FUND = {
    "crm": "enim_crm", "spouse": "enim_crm", "cgp": "enim_cgp", "uninsured": "enim_cgp",
    "af": "caf", "csg_crds": "csg_crds", "cfp": "formation",
}  # fmt: skip


def _shares(lines: Sequence[Line]) -> tuple[Share, ...]:
    found = dict.fromkeys(FUNDS, ZERO)
    for line in lines:
        if line.group in _FUND:
            found[_FUND[line.group]] += line.amount
    return tuple(
        Share(fund, FUND_LABELS[fund], amount, amount.quantize(CENT))
        for fund, amount in found.items()
    )
