"""A doctor's year, unrounded: bases, each contribution, the health insurance's share of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import pairwise

from regimes.dated import RateTable
from regimes.money import ONE, ZERO, percent_of
from regimes.money import round_euro as to_euro

HUNDRED = Decimal(100)
PRECISION = 40  # digits: ratios of incomes are not exact, their effect on a cent is nil


class Law:
    """The values of one year, by key."""

    def __init__(self, year: int, rates: RateTable) -> None:
        self.year = year
        self.on = date(year, 1, 1)
        self.rates = rates
        self.values = rates.at(self.on)
        self.ceiling = self.value("pass")

    def value(self, key: str) -> Decimal:
        """The value of `key` this year. Raises RateMissing."""
        return self.rates.get(key, self.on).value

    def points(self, prefix: str) -> list[tuple[Decimal, Decimal]]:
        """(percent of the ceiling, rate) pairs of a rate that grows linearly between them."""
        found = [
            (Decimal(key.rsplit(".", 1)[1]), value.value)
            for key, value in self.values.items()
            if key.startswith(prefix + ".at.")
        ]
        return sorted(found)

    def rate(self, prefix: str, percent: Decimal) -> Decimal:
        """The progressive rate at `percent` of the ceiling, rounded as the year rounds rates."""
        found = progressive(self.points(prefix), percent)
        places = int(self.value("rates.decimals"))
        return found.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if places else found

    def times(self, key: str) -> Decimal:
        """`key`, a percentage, of the ceiling: euros."""
        return percent_of(self.ceiling, self.value(key))

    @property
    def reformed(self) -> bool:
        """True from the income of 2025 on: one base, reduced by an allowance (CSS L131-6)."""
        return self.value("base.reform") == 1


@dataclass(frozen=True)
class Facts:
    """A year of a doctor. `income` is the gross social income (receipts less expenses, social
    contributions left out) from 2025 on, the professional income before. `contracted` and `shared`
    are the parts of it, from 0 to 1, that are contracted, and on which the insurance takes a
    share (overruns excluded)."""

    year: int
    created: date
    sector: str  # S1, S2, NC
    income: Decimal
    contracted: Decimal = ONE
    shared: Decimal = ONE
    replacement: bool = False
    retired: bool = False
    overseas: bool = False
    acre: bool = False
    flat: bool = False  # on the flat base of the start of activity
    base: Decimal | None = None  # a base already known, such as the one rounded to the euro


@dataclass(frozen=True)
class Item:
    """One contribution: base × rate percent (None: flat) = amount, in euros, unrounded."""

    code: str
    key: str
    base: Decimal
    rate: Decimal | None
    amount: Decimal
    side: str = ""  # carmf for what the pension fund calls
    share: bool = False  # True for what the insurance takes over: amount is negative


@dataclass(frozen=True)
class Year:
    """Everything computed for a year."""

    gross: Decimal
    base: Decimal
    contracted: Decimal
    shared: Decimal
    csg_base: Decimal
    health_rate: Decimal
    family_rate: Decimal
    health_share: Decimal  # the insurance's share of health, even where it exceeds what is due
    items: tuple[Item, ...]

    def of(self, *codes: str) -> Decimal:
        """Sum of the items of these codes."""
        return sum((item.amount for item in self.items if item.code in codes), ZERO)


def progressive(points: list[tuple[Decimal, Decimal]], percent: Decimal) -> Decimal:
    """The rate at `percent` of the ceiling: linear between points, flat outside."""
    if percent <= points[0][0]:
        return points[0][1]
    for (low, first), (high, second) in pairwise(points):
        if percent <= high:
            return first + (second - first) * (percent - low) / (high - low)
    return points[-1][1]


def start_ceiling(law: Law, created: date) -> Decimal:
    """The ceiling in proportion to the days of activity, to the euro, in the year of creation."""
    if created.year != law.year:
        return law.ceiling
    days = (date(law.year, 12, 31) - created).days + 1
    return to_euro(law.ceiling * days / 365) if days < 365 else law.ceiling


def flat_base(law: Law, created: date) -> Decimal:
    """Base of the first two years before the real income is known (CSS D131-2)."""
    return percent_of(start_ceiling(law, created), law.value("start.base"))


def beginner(created: date, year: int) -> bool:
    """True in the first two civil years of activity."""
    return created.year <= year <= created.year + 1


def social_base(law: Law, gross: Decimal) -> Decimal:
    """Base of contributions and CSG: gross income less 26 % of it, between 1.76 and 130 % of the
    ceiling (CSS D136-5); before 2025, the professional income itself."""
    if not law.reformed:
        return max(ZERO, gross)
    allowance = percent_of(gross, law.value("base.allowance"))
    allowance = min(
        max(allowance, law.times("base.allowance.least")), law.times("base.allowance.most")
    )
    return max(ZERO, gross - allowance)


def compute(facts: Facts, rates: RateTable) -> Year:
    """The year of `facts`, unrounded. Raises RateMissing for a year without law."""
    with localcontext() as context:
        context.prec = PRECISION
        return _compute(facts, Law(facts.year, rates))


def _compute(facts: Facts, law: Law) -> Year:
    base = facts.base
    if base is None:
        base = flat_base(law, facts.created) if facts.flat else social_base(law, facts.income)
    limit = start_ceiling(law, facts.created)
    outside = facts.sector == "NC"
    contracted = ZERO if outside else base * facts.contracted
    shared = ZERO if outside else base * facts.shared
    percent = base / limit * HUNDRED
    relief = _Relief(facts, law, base, limit)
    health = _health_rate(facts, law, percent)
    family = law.value("family.overseas") if facts.overseas else law.rate("family", percent)
    step = _step(law, shared)
    health_items, health_share = _health(
        facts, law, base, shared, contracted, limit, health, percent, relief
    )
    items = [
        *health_items,
        *_sick_pay(law, base, relief),
        *_family(facts, law, base, family, step, relief),
    ]
    fund = _fund(facts, law, base, contracted, limit, relief)
    csg_base = base
    if not law.reformed:
        # Before 2025 each contribution was rounded, then added to the income (CSS L136-3).
        items, fund = [_rounded(i) for i in items], [_rounded(i) for i in fund]
        health_share = to_euro(health_share)
        csg_base += sum((item.amount for item in (*items, *fund)), ZERO)
    items.append(_item("csg.deductible", csg_base, law))
    items.append(_item("csg.other", csg_base, law))
    training = law.times("training")
    items.append(Item("training", "training", law.ceiling, law.value("training"), training))
    spent = sum((item.amount for item in (*items, *fund)), ZERO)
    items.append(_unions(facts, law, base, spent))
    if not law.reformed:
        items = [_rounded(item) for item in items]
    return Year(
        gross=facts.income, base=base, contracted=contracted, shared=shared, csg_base=csg_base,
        health_rate=health, family_rate=family,
        health_share=health_share, items=(*items, *fund),
    )  # fmt: skip


def _rounded(item: Item) -> Item:
    if item.code.startswith("asv.") or item.code == "pension.cpam":
        return item  # the fund's own amounts are not rounded before they are added
    return replace(item, amount=to_euro(item.amount))


def _item(key: str, base: Decimal, law: Law) -> Item:
    rate = law.value(key)
    return Item(key, key, base, rate, percent_of(base, rate))


def _health_rate(facts: Facts, law: Law, percent: Decimal) -> Decimal:
    return law.value("maladie.overseas") if facts.overseas else law.rate("maladie", percent)


def _step(law: Law, shared: Decimal) -> int:
    """1, 2 or 3: where the shared base stands among the steps of the insurance's shares."""
    if shared < law.times("cpam.step.1"):
        return 1
    return 2 if shared < law.times("cpam.step.2") else 3


class _Relief:
    """The ACRE: a part of some contributions, whole up to 75 % of the ceiling, then less and less
    up to the ceiling (CSS L131-6-4)."""

    def __init__(self, facts: Facts, law: Law, base: Decimal, limit: Decimal) -> None:
        self.part = self.plateau = ZERO
        self.factor = self.ratio = ZERO
        if not facts.acre or facts.created.year != facts.year:
            return
        rule = law.rates.find("acre.rate", facts.created)
        if rule is None or not base:
            return
        whole, end = (percent_of(limit, law.value(k)) for k in ("acre.whole", "acre.end"))
        part = rule.value / HUNDRED
        if base <= whole:
            self.part, self.ratio = part, part
        elif base < end:
            self.plateau = whole
            self.factor = part * (end - base) / (end - whole)
            self.ratio = self.factor * whole / base

    def on(self, amount: Decimal, rate_at_plateau: Decimal | None = None) -> Decimal:
        """Euros taken off `amount`; `rate_at_plateau` is the rate that bears at 75 %."""
        if self.part:
            return amount * self.part
        if self.factor and rate_at_plateau is not None:
            return percent_of(self.plateau, rate_at_plateau) * self.factor
        return amount * self.ratio

    def percent(self, law: Law) -> Decimal:
        """The plateau in percent of the ceiling."""
        return law.value("acre.whole")


def _health(
    facts: Facts, law: Law, base: Decimal, shared: Decimal, contracted: Decimal, limit: Decimal,
    rate: Decimal, percent: Decimal, relief: _Relief,
) -> tuple[list[Item], Decimal]:  # fmt: skip
    top = limit * 3
    low = base if facts.overseas else min(base, top)
    items = [Item("maladie", "maladie.at.110", low, rate, percent_of(low, rate))]
    if base > top and not facts.overseas and law.reformed:
        above = law.value("maladie.above")
        items.append(Item("maladie.above", "maladie.above", base - top, above,
                          percent_of(base - top, above)))  # fmt: skip
    elif base > low:
        items[0] = Item("maladie", "maladie.at.110", base, rate, percent_of(base, rate))
    gross = sum((item.amount for item in items), ZERO)
    plateau = _health_rate(facts, law, relief.percent(law)) if relief.factor else None
    off = relief.on(gross, plateau)
    if off:
        items.append(Item("maladie.acre", "acre.rate", base, None, -off))
    share = ZERO
    if facts.sector == "S1" and base:
        mean = gross * HUNDRED / base
        borne = mean - law.value("cpam.maladie.left")
        share = percent_of(shared, borne)
        if law.reformed:
            share = max(ZERO, min(share, gross))
            # The relief comes first: the share never takes the line under zero.
            taken = min(share, gross - off)
        else:
            taken = share
        items.append(Item("maladie.cpam", "cpam.maladie.left", shared, -borne, -taken, share=True))
    rest = base - (shared if law.reformed else contracted)
    extra = law.value("additional")
    if facts.sector == "S1" and not law.reformed:
        extra = progressive(law.points("additional.s1"), percent)
    if facts.sector == "NC":
        rest = ZERO
    items.append(Item("additional", "additional", rest, extra, percent_of(rest, extra)))
    return items, share


def _sick_pay(law: Law, base: Decimal, relief: _Relief) -> list[Item]:
    borne = min(max(base, law.times("sickpay.least")), law.times("sickpay.most"))
    rate = law.value("sickpay")
    amount = percent_of(borne, rate)
    items = [Item("sickpay", "sickpay", borne, rate, amount)]
    off = relief.on(amount, rate)
    if off:
        items.append(Item("sickpay.acre", "acre.rate", borne, None, -off))
    return items


def _family(
    facts: Facts, law: Law, base: Decimal, rate: Decimal, step: int, relief: _Relief
) -> list[Item]:
    amount = percent_of(base, rate)
    items = [Item("family", "family.at.140", base, rate, amount)]
    plateau = law.rate("family", relief.percent(law)) if relief.factor else None
    off = relief.on(amount, plateau)
    if off:
        items.append(Item("family.acre", "acre.rate", base, None, -off))
    if facts.sector == "S1":
        part = law.value(f"cpam.family.{step}")
        share = percent_of(amount - off, part)
        items.append(
            Item("family.cpam", f"cpam.family.{step}", base, -percent_of(rate, part), -share,
                 share=True)
        )  # fmt: skip
    return items


def _unions(facts: Facts, law: Law, base: Decimal, spent: Decimal) -> Item:
    rate = law.value("unions")
    amount = min(percent_of(base, rate), law.times("unions.most"))
    free = facts.sector == "NC" or facts.replacement or facts.created > law.on or facts.income <= 0
    # Nothing when contributions leave no net income (unions.net).
    if free or (law.value("unions.net") and facts.income <= spent):
        return Item("unions", "unions", ZERO, rate, ZERO)
    capped = amount < percent_of(base, rate)
    return Item("unions", "unions", law.ceiling if capped else base, rate, amount)


def _fund(
    facts: Facts, law: Law, base: Decimal, contracted: Decimal, limit: Decimal, relief: _Relief
) -> list[Item]:
    floor = law.value("pension.hours") * law.value("smic")
    borne = max(base, floor)
    first, second = law.value("pension.first"), law.value("pension.second")
    one = min(borne, limit)
    two = min(borne, percent_of(limit, law.value("pension.second.most")))
    side = "carmf"
    items = [
        Item("pension.first", "pension.first", one, first, percent_of(one, first), side),
        Item("pension.second", "pension.second", two, second, percent_of(two, second), side),
    ]
    share_rate = ZERO
    if facts.sector == "S1":
        step = _step(law, base)
        share_rate = law.value(f"cpam.pension.{step}")
        items.append(
            Item("pension.cpam", f"cpam.pension.{step}", base, -share_rate,
                 -percent_of(base, share_rate), side, True)
        )  # fmt: skip
    net = sum((item.amount for item in items), ZERO)
    off = relief.on(net, first + second - share_rate)
    if off:
        items.append(Item("pension.acre", "acre.rate", base, None, -off, side))
    years = int(law.value("complementary.years"))
    settled = date(law.year + 1 - years, 1, 1) >= facts.created
    capped = min(base, law.times("complementary.most")) if settled else ZERO
    rate = law.value("complementary")
    items.append(
        Item("complementary", "complementary", capped, rate, percent_of(capped, rate), side)
    )
    if facts.sector != "NC":
        items += _asv(facts, law, contracted)
    items += _disability(facts, law, base, relief)
    return items


def _asv(facts: Facts, law: Law, contracted: Decimal) -> list[Item]:
    flat, rate = law.value("asv.flat"), law.value("asv.rate")
    borne = min(contracted, law.times("asv.most"))
    items = [
        Item("asv.flat", "asv.flat", flat, None, flat, "carmf"),
        Item("asv.rate", "asv.rate", borne, rate, percent_of(borne, rate), "carmf"),
    ]
    if facts.sector == "S1":
        parts, of = law.value("asv.cpam.parts"), law.value("asv.cpam.of")
        items += [
            Item(f"{item.code}.cpam", "asv.cpam.parts", item.amount, None,
                 -item.amount * parts / of, "carmf", True)
            for item in items
        ]  # fmt: skip
    return items


def _disability(facts: Facts, law: Law, base: Decimal, relief: _Relief) -> list[Item]:
    if facts.retired:
        return []
    if base < law.times("disability.b.from"):
        amount = law.value("disability.a")
    elif base < law.times("disability.c.from"):
        amount = law.value("disability.b") + percent_of(base, law.value("disability.b.rate"))
    else:
        amount = law.value("disability.c")
    items = [Item("disability", "disability.a", amount, None, amount, "carmf")]
    off = relief.on(amount)
    if off:
        items.append(Item("disability.acre", "acre.rate", amount, None, -off, "carmf"))
    return items
