"""What a replacement doctor's contributions give: CNAVPL quarters, allowances of the CPAM."""

from __future__ import annotations

from datetime import date

from regimes.dated import RateTable
from regimes.doctor_rspm.assess import FEES_LABEL, assess, fees_of_year
from regimes.doctor_rspm.calendar import periods
from regimes.doctor_rspm.declaration import Declaration
from regimes.doctor_rspm.profile import Profile
from regimes.money import ZERO, percent_of
from regimes.regime import History
from regimes.rights import (
    HUNDRED,
    More,
    Rights,
    Said,
    Way,
    average_of,
    maternity_of,
    paced,
    quarters_of,
    sickness_of,
)


def rights(profile: Profile, history: History, today: date, rates: RateTable) -> Rights:
    """Quarters of the year of `today`, allowances, and 100 € more of fees. A period without a
    declaration is one in which nothing was earned (CSS R642-3)."""
    kept = rates.get("rights.kept", today)
    year, start = today.year, profile.start_date
    years = range(min([start.year, *(f.period.end.year for f in history)]), year + 1)
    incomes = {y: percent_of(fees_of_year(history, y), kept.value) for y in years}
    days = max([(f.period.end - date(year, 1, 1)).days + 1 for f in history], default=0)
    first = max(start, date(year, 1, 1))
    days -= (first - date(year, 1, 1)).days
    average = average_of(incomes, start, today, rates, liberal=True, whole=years)
    quarters = quarters_of(
        year, incomes.get(year, ZERO), rates, liberal=True,
        ways=[Way("fees", FEES_LABEL, kept.value)],
        expected=paced(incomes.get(year, ZERO), days, start, profile.end_date, year),
        status=kept.status, notes=[Said(kept.note)],
    )  # fmt: skip
    more = []
    found = periods(profile, today, rates)
    if found and profile.end_date is None:
        others = [f for f in history if f.period.code != found[-1].code]
        without, with_it = (
            assess(profile, found[-1], Declaration(fees=fees), others, rates)
            for fees in (ZERO, HUNDRED)
        )
        gain = percent_of(HUNDRED, kept.value)
        more = [More("fees", FEES_LABEL, HUNDRED, without, with_it, gain)]
    return Rights(
        quarters=quarters,
        benefits=(
            sickness_of(average, start, today, rates, liberal=True),
            maternity_of(average, start, today, rates),
        ),
        more=tuple(more),
    )
