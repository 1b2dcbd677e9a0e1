"""What an auto-entrepreneur should know today."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from regimes.auto_entrepreneur import calendar, options, thresholds
from regimes.auto_entrepreneur.profile import Profile
from regimes.auto_entrepreneur.spans import acre_end, overseas_end
from regimes.dated import RateTable
from regimes.regime import Alert, Gauge, History, PeriodStatus

NEAR = Decimal("0.8")
ACRE_NOTICE = timedelta(days=92)


def alerts(profile: Profile, history: History, today: date, rates: RateTable) -> list[Alert]:
    """Alerts of the day, most urgent first. Codes name sentences that the app owns."""
    found = [
        *_periods(profile, history, today, rates),
        *_reductions(profile, today, rates),
        *_ceilings(profile, history, today, rates),
        *_events(profile, history, today, rates),
        *_windows(profile, history, today, rates),
    ]
    rank = {"urgent": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda alert: rank[alert.level])


def _periods(profile: Profile, history: History, today: date, rates: RateTable) -> list[Alert]:
    filed = {f.period.code for f in history}
    late = [
        p
        for p in calendar.periods(profile, today, rates)
        if p.status is PeriodStatus.OVERDUE and p.code not in filed
    ]
    if not late:
        return []
    oldest = late[0]
    return [
        Alert(
            "late_declarations", "urgent",
            {"count": len(late), "period": oldest.code, "start": oldest.start, "end": oldest.end,
             "due": oldest.due},
            "CSS R613-9", f"/declare/{oldest.code}/amounts",
        )
    ]  # fmt: skip


def _reductions(profile: Profile, today: date, rates: RateTable) -> list[Alert]:
    found: list[Alert] = []
    end = acre_end(profile, rates)
    if end is not None and today <= end <= today + ACRE_NOTICE:
        found.append(Alert("acre_ends", "warning", {"end": end}, "CSS D131-6-1"))
    elif end is not None and end < today <= end + timedelta(days=62):
        found.append(Alert("acre_ended", "info", {"end": end}, "CSS D131-6-1"))
    if profile.overseas:
        for stage in ("a", "b"):
            day = overseas_end(profile.start_date, rates, stage)
            if today <= day <= today + ACRE_NOTICE:
                found.append(Alert("overseas_stage_ends", "warning", {"end": day}, "CSS D756-5"))
                break
    return found


def _ceilings(profile: Profile, history: History, today: date, rates: RateTable) -> list[Alert]:
    found: list[Alert] = []
    for gauge in thresholds.gauges(profile, history, today, rates):
        code = _level_of(gauge)
        if code:
            found.append(
                Alert(
                    f"{gauge.code.split('.')[0]}_{code}",
                    "info" if code == "near" else "warning",
                    {"what": gauge.code, "label": gauge.label, "value": gauge.value,
                     "limit": gauge.limit, "upper": gauge.upper},
                    gauge.law,
                    status=gauge.status,
                    note=gauge.note,
                )
            )  # fmt: skip
    leaving = thresholds.exit_on(profile, history, today, rates)
    if leaving is not None:
        found.append(Alert("micro_exit", "urgent", {"on": leaving}, "CGI 50-0"))
    return found


def _level_of(gauge: Gauge) -> str:
    if gauge.upper is not None and gauge.value > gauge.upper:
        return "above_upper"
    if gauge.value > gauge.limit:
        return "above"
    return "near" if gauge.value >= gauge.limit * NEAR else ""


def _events(profile: Profile, history: History, today: date, rates: RateTable) -> list[Alert]:
    found: list[Alert] = []
    limit = rates.find("account.dedicated", today)
    if limit is not None and not profile.dedicated_account:
        years = [thresholds.year_turnover(history, today.year - n).total for n in (1, 2)]
        if all(total > limit.value for total in years):
            found.append(
                Alert(
                    "dedicated_account",
                    "warning",
                    {"limit": limit.value},
                    limit.law,
                    "/options/dedicated_account",
                )
            )
    inactive = rates.find("inactive.months", today)
    if inactive is not None:
        months = thresholds.months_without_turnover(profile, history)
        if months >= int(inactive.value):
            found.append(
                Alert("radiation", "urgent", {"months": months}, inactive.law, "",
                      inactive.status, inactive.note)
            )  # fmt: skip
        elif months >= int(inactive.value) - 6:
            left = int(inactive.value) - months
            found.append(
                Alert("radiation_near", "warning", {"months": months, "left": left}, inactive.law,
                      "", inactive.status, inactive.note)
            )  # fmt: skip
    return found


def _windows(profile: Profile, history: History, today: date, rates: RateTable) -> list[Alert]:
    """Options whose window closes within 45 days."""
    found: list[Alert] = []
    for option in options.options(profile, history, today, rates):
        closing = option.closes
        if (
            option.open
            and option.code in {"periodicity", "flat_tax", "acre"}
            and closing is not None
            and closing - today <= timedelta(days=45)
        ):
            found.append(
                Alert(
                    f"window_{option.code}",
                    "info",
                    {"closes": closing, "effective": option.effective},
                    option.law,
                    f"/options/{option.code}",
                )
            )
    return found
