"""What a contracted doctor should know today."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from regimes.dated import RateTable
from regimes.doctor_pamc.calendar import periods
from regimes.doctor_pamc.compute import Law
from regimes.doctor_pamc.profile import Profile
from regimes.doctor_pamc.schedule import known_incomes, schedule, yearly
from regimes.regime import Alert, History, PeriodStatus


def alerts(profile: Profile, history: History, today: date, rates: RateTable) -> list[Alert]:
    """The boxes to prepare, the regularisation to come, and the change of base of 2025."""
    found: list[Alert] = []
    sent = {f.period.code for f in history}
    open_now = {PeriodStatus.OPEN, PeriodStatus.OVERDUE}
    missing = [
        p for p in periods(profile, today, rates) if p.status in open_now and p.code not in sent
    ]
    if missing:
        last = missing[-1]
        level = "warning" if last.status is PeriodStatus.OVERDUE else "info"
        found.append(
            Alert("pamc_to_prepare", level, {"year": last.end.year, "due": last.due}, last.law,
                  f"/declare/{last.code}/amounts", "unconfirmed", last.note)
        )  # fmt: skip
    for call in schedule(profile, history, today, rates):
        if not call.provisional and call.on >= today and call.amount:
            found.append(
                Alert(
                    "pamc_refund" if call.amount < 0 else "pamc_regularisation", "info",
                    {"year": int(call.period), "amount": abs(call.amount), "on": call.on},
                    "CSS L131-6-2",
                )
            )  # fmt: skip
    known = known_incomes(profile, history, rates)
    for before, after in pairwise(known):
        changes = not Law(before.year, rates).reformed and Law(after.year, rates).reformed
        if changes and after.on.year == today.year:
            found.append(
                Alert(
                    "pamc_new_base", "info",
                    {"year": after.year, "before": yearly(before.facts, today.year, rates),
                     "after": yearly(after.facts, today.year, rates)},
                    "CSS L131-6, D136-5",
                )
            )  # fmt: skip
    return found
