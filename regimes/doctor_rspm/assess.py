"""Two rates on the gross fees of the civil year, cumulated (CSS L642-4-2, D642-4-2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from regimes.assessment import Assessment, Figure, Line, LineStatus, Share, SharesStatus
from regimes.dated import RateTable
from regimes.doctor_rspm.declaration import Declaration
from regimes.doctor_rspm.profile import Profile
from regimes.money import CENT, ZERO, largest_remainder, percent_of, round_cent, round_euro
from regimes.regime import History, Period

CODE = "rspm-medecin"
FUNDS = ("maladie_maternite", "retraite_base", "retraite_complementaire", "csg_crds")
FEES_LABEL = "Honoraires bruts perçus"
NOTE_SPLIT = "La répartition n’est publiée que pour le taux de 2020 : parts indicatives."
NOTE_YEARLY = "Une fois par an, en plus et à part : ce montant n’entre pas dans cette déclaration."


def fees_of_year(history: History, year: int, before: date | None = None) -> Decimal:
    """Gross fees declared in `year`, in euros: those of the periods that start before `before`."""
    return sum(
        (
            filed.declaration.fees
            for filed in history
            if isinstance(filed.declaration, Declaration)
            and filed.period.end.year == year
            and (before is None or filed.period.start < before)
        ),
        ZERO,
    )


def bands(fees: Decimal, earlier: Decimal, on: date, rates: RateTable) -> dict[str, Decimal]:
    """`fees` cut where the running total of the year, `earlier` before them, crosses a ceiling."""
    step, upper = rates.get("ceiling.step", on).value, rates.get("ceiling.upper", on).value
    total = earlier + fees
    first = max(ZERO, min(step, total) - min(step, earlier))
    second = max(ZERO, min(upper, total) - min(upper, earlier)) - first
    return {"fees.first": first, "fees.second": second, "fees.above": fees - first - second}


def lines_of(fees: Decimal, earlier: Decimal, on: date, rates: RateTable) -> list[Line]:
    """The contribution on `fees`, a line by band that they reach, each to the euro."""
    ratio, rounding = rates.get("fees.base", on), rates.get("fees.rounding", on)
    found = []
    for code, part in bands(fees, earlier, on, rates).items():
        if not part and code != "fees.first":
            continue
        rate = rates.get(code, on)
        base = percent_of(part, ratio.value)
        exact = round_cent(percent_of(base, rate.value))
        notes = [note for note in (rate.note, rounding.note) if note]
        found.append(
            Line(
                code=code, label=rate.label, group="contributions", base=base, rate=rate.value,
                exact=exact, amount=round_euro(exact), law=rate.law, source=rate.source,
                rate_from=rate.start,
                status=LineStatus.COMPUTED if rate.confirmed else LineStatus.UNCONFIRMED,
                note=notes[0], declared_as="fees",
            )
        )  # fmt: skip
    kept = [line for line in found if line.base]
    return kept or found[:1]


def disability_line(option: int, on: date, rates: RateTable) -> Line:
    """Invalidity and death, 25 or 100 % of the lowest class, once a year outside what is due."""
    value = rates.get("disability.class_a", on)
    exact = percent_of(value.value, Decimal(option))
    return Line(
        code="disability", label=value.label, group="disability", base=exact, rate=None,
        exact=exact, amount=round_euro(exact), law=value.law, source=value.source,
        rate_from=value.start, status=LineStatus.UNCONFIRMED, note=NOTE_YEARLY, apart="yearly",
    )  # fmt: skip


def shares_of(
    lines: list[Line], on: date, rates: RateTable
) -> tuple[tuple[Share, ...], SharesStatus, str]:
    """What each fund receives: law for the rate of 2020, indicative since and above 19 000 €."""
    due = sum((line.amount for line in lines), ZERO)
    parts = [rates.get(f"fund.{fund}", on) for fund in FUNDS]
    cents = largest_remainder(due, [part.value for part in parts], CENT)
    shares = tuple(
        Share(fund, part.label, percent_of(due, part.value), amount, part.law)
        for fund, part, amount in zip(FUNDS, parts, cents, strict=True)
    )
    published = rates.get("fund.published", on).value and all(
        line.code == "fees.first" for line in lines
    )
    if published:
        return shares, SharesStatus.OFFICIAL, ""
    return shares, SharesStatus.INDICATIVE, NOTE_SPLIT


def assess_fees(
    period: str, fees: Decimal, earlier: Decimal, on: date, option: int, rates: RateTable
) -> Assessment:
    """The calculation of `fees`, with `earlier` declared before them in the civil year of `on`."""
    lines = lines_of(fees, earlier, on, rates)
    shares, status, note = shares_of(lines, on, rates)
    return Assessment(
        regime=CODE, period=period, rates_version=rates.version,
        figures=(Figure("fees", FEES_LABEL, fees, fees),),
        lines=(*lines, disability_line(option, on, rates)), shares=shares, shares_status=status,
        shares_note=note,
    )  # fmt: skip


def assess(
    profile: Profile, period: Period, declaration: Declaration, history: History, rates: RateTable
) -> Assessment:
    """One declaration, at the rates of the year in which its period ends."""
    earlier = fees_of_year(
        [f for f in history if f.period.code != period.code], period.end.year, period.start
    )
    return assess_fees(
        period.code, declaration.fees, earlier, period.end, profile.disability_option, rates
    )
