"""The rights of the account shown: what is declared, and for some professions what is noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.services.bill import Counter
from app.services.calculator import period_of
from app.services.container import Services
from app.services.overview import read_overview
from regimes.dated import RateTable
from regimes.regime import Filed
from regimes.rights import Rights, rights_of


@dataclass(frozen=True)
class RightsBook:
    """What the screen reads. `counted` says that figures noted and not sent yet are in it."""

    today: date
    rights: Rights | None
    rates: RateTable
    counted: bool = False


async def open_rights(services: Services) -> RightsBook | None:
    """The rights of the account shown; None without an account. Raises BackendError."""
    found = await read_overview(services)
    if found is None:
        return None
    overview, rates = found
    counter = Counter(overview, rates)
    noted = await _noted(services, counter)
    found = rights_of(
        counter.regime, counter.profile, [*counter.history, *noted], overview.today, rates
    )
    return RightsBook(overview.today, found, rates, bool(noted))


async def _noted(services: Services, counter: Counter) -> list[Filed]:
    """Periods not sent yet, as the entries of the account tell them."""
    tell: Any = getattr(counter.regime, "noted", None)
    if tell is None:
        return []
    sent = {filed.period.code for filed in counter.history}
    kept = await services.backend.entries(counter.overview.account.id)
    entries = [(e.id, e.kind, e.data) for e in kept.entries if not e.deleted]
    found: list[Filed] = []
    for view in counter.overview.periods:
        if view.code in sent:
            continue
        period = period_of(view)
        declaration = tell(counter.profile, entries, period, counter.rates)
        if declaration is not None:
            assessment = counter.regime.assess(
                counter.profile, period, declaration, counter.history, counter.rates
            )
            found.append(Filed(period, declaration, assessment, counter.overview.today))
    return found
