"""What the home screen shows, read in one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, select

from backend import ledger
from backend.clock import paris_moment
from backend.services import Services
from backend.storage.tables import Account, Draft, Person
from backend.usecases import dues, situation
from backend.usecases.history import (
    Stored,
    as_period,
    current_profile,
    filed_history,
    latest,
    of_regime,
)
from contract.accounts import AccountView, BalanceView, FiledView, Overview, PeriodView
from contract.delegation import ActingView
from regimes.regime import Model, Period, PeriodStatus, Regime

_DRAFTS = select(Draft.period, Draft.step).where(Draft.account_id == bindparam("account"))


def account_view(
    account: Account, profile: Model, version: int, acting: ActingView | None = None
) -> AccountView:
    """An account as its owner reads it, or somebody who acts for them."""
    return AccountView(
        id=account.id, regime=account.regime, siret=account.siret, name=account.name,
        profile=profile.model_dump(mode="json"), profile_version=version,
        created_at=account.created_at, acting=acting,
    )  # fmt: skip


def load_account(services: Services, account: Account, regime: Regime) -> AccountView:
    """An account with its latest profile."""
    with services.storage.read() as database:
        profile, version = current_profile(database, regime, account.id)
    return account_view(account, profile, version)


def period_state(
    period: Period, sent: Stored | None, has_draft: bool, now: datetime, due_at: datetime
) -> str:
    """State of a period: what was sent first, then where it stands on the calendar."""
    if sent is not None:
        return "corrected" if sent.row.version > 1 else "submitted"
    if period.status is PeriodStatus.UPCOMING:
        return "upcoming"
    if period.status is PeriodStatus.CLOSED:
        return "closed"
    if now > due_at:
        return "optional" if period.optional else "late"
    return "draft" if has_draft else "to_declare"


def period_views(
    periods: list[Period],
    sent: Mapping[str, Stored],
    drafts: Mapping[str, str],
    now: datetime,
) -> list[PeriodView]:
    """Periods with what was sent for each; `drafts`: the step each one kept was left at."""
    found = []
    for period in periods:
        stored = sent.get(period.code)
        due_at = paris_moment(period.due, period.due_time)
        found.append(
            PeriodView(
                optional=period.optional,
                code=period.code,
                start=period.start,
                end=period.end,
                opens=period.opens,
                due=period.due,
                due_at=due_at,
                first=period.first,
                last=period.last,
                note=period.note,
                law=period.law,
                state=period_state(period, stored, period.code in drafts, now, due_at),
                submission=stored.row.number if stored else None,
                version=stored.row.version if stored else 0,
                amount_due=Decimal(stored.row.due_cents).scaleb(-2) if stored else None,
                filed_at=stored.row.received_at if stored else None,
                has_draft=period.code in drafts,
                draft_step=drafts.get(period.code),
            )
        )
    return found


def overview(services: Services, person: Person, account: Account, regime: Regime) -> Overview:
    """Everything the home screen shows. Each table is read once, however long the history."""
    rates = services.rates.table(regime)
    now, today = services.clock.now(), services.clock.today()
    situation.refresh_calls(services, account, regime)
    with services.storage.read() as database:
        profile, version = current_profile(database, regime, account.id)
        stored = latest(database, account.id)
        kept = database.connection().execute(_DRAFTS, {"account": account.id})
        drafts = {row.period: row.step for row in kept}
        owed = ledger.balance(database, account.id)
        called = dues.dues_of(database, account.id)
        payments = dues.payments_of(database, account.id)
        paid = dues.paid_by_period(database, account.id, called, payments)
        asked, _ = situation.due_views(database, account.id, now, today, called, payments)
    own = of_regime(regime, stored)
    history = filed_history(regime, stored)
    sent = {item.row.period: item for item in stored}
    former = [as_period(item) for item in stored if item not in own]
    calls = [c for c in regime.schedule(profile, history, today, rates) if c.collector == "urssaf"]
    coming = [call for call in calls if call.on >= today and call.amount > 0]
    upcoming = min((call.on for call in coming), default=None)
    return Overview(
        today=today,
        now=now,
        account=account_view(account, profile, version),
        periods=period_views(
            [*former, *regime.periods(profile, today, rates)], sent, drafts, now
        ),
        filed=[
            FiledView(
                period=item.row.period, version=item.row.version, number=item.row.number,
                filed_at=item.row.received_at, declaration=item.payload["declaration"],
                assessment=filed.assessment,
            )
            for item, filed in zip(own, history, strict=True)
        ],
        alerts=regime.alerts(profile, history, today, rates),
        gauges=regime.gauges(profile, history, today, rates),
        calls=calls,
        sanctions=regime.sanctions(profile, history, paid, today, rates),
        balance=BalanceView(
            balance=owed,
            called=sum((call.amount for call in calls if call.on <= today), Decimal(0)),
            to_pay_next=sum((c.amount for c in coming if c.on == upcoming), Decimal(0)),
            next_date=upcoming,
        ),
        dues=[due for due in asked if due.state not in {"paid", "credit"}],
        email_confirmed=person.email_confirmed_at is not None,
        rates_version=rates.version,
    )  # fmt: skip
