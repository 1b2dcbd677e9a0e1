"""Penalties, surcharges and taxation d'office: booked as the law incurs them, taken back when it
cancels them. Computed by the régime; nothing is decided here but when to book.

A surcharge is booked once thirty days have passed since the due date: until then the automatic
waiver may apply (CSS R243-11). What a person disputes, or pays by a plan they keep, is not pursued
meanwhile.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import structlog
from sqlalchemy import func, select

from backend import ledger
from backend.audit import record
from backend.ledger import Entry
from backend.pace import spaced
from backend.services import Services
from backend.storage.decisions import Decision, Dispute, PaymentPlan
from backend.storage.engine import Database
from backend.storage.tables import Account, Due, new_id
from backend.usecases.accounts import locked
from backend.usecases.dues import UNSHARED, paid_by_period
from backend.usecases.history import current_profile, filed_history, latest
from contract.i18n import N_
from regimes.money import plain
from regimes.regime import Regime, Sanction

log = structlog.get_logger("quittance.decide")

GRACE = timedelta(days=30)
PAYABLE = timedelta(days=30)  # a penalty is to be paid within a month of its decision
PENALTY, OFFICE = "penalty.", "office."
"""Prefixes of the dues, and suffixes of the ledger's periods, of what has no declaration."""
CANCELLED = N_("La loi ne l’applique plus : la déclaration est arrivée, ou le retard est dispensé.")
LABELS = {
    "penalty": N_("Pénalité pour déclaration manquante"),
    "office": N_("Taxation d’office"),
}


def decide(services: Services, today: date | None = None) -> int:
    """Book what today's law says of every account; how many decisions were made. Safe to run by
    several processes at once: each account is held while it is decided."""
    made = 0
    with services.storage.read() as database:
        ids = list(database.scalars(select(Account.id).order_by(Account.id)))
    for account_id in spaced(ids):
        with services.storage.read() as database:  # most have nothing to book: nobody waits for us
            known = database.get(Account, account_id)
            if known is None or known.regime not in services.registry:
                continue
            regime = services.registry.get(known.regime)
            if not _differences(services, database, known, regime, today)[0]:
                continue
        with services.storage.write() as database:
            account = locked(database, account_id)
            made += decide_account(services, database, account, regime, today)
    log.info("decisions", made=made)
    return made


def decide_account(
    services: Services, database: Database, account: Account, regime: Regime,
    today: date | None = None,
) -> int:  # fmt: skip
    """Book the difference between what the law says and what is booked. The caller holds the
    account locked."""
    differences, said = _differences(services, database, account, regime, today)
    for key, difference in differences.items():
        _book(services, database, account, regime, key, difference, said.get(key))
    return len(differences)


Key = tuple[str, str]  # the ledger's period, and the sanction's code


def _differences(
    services: Services, database: Database, account: Account, regime: Regime, today: date | None
) -> tuple[dict[Key, int], dict[Key, Sanction]]:
    """Cents between what the law says and what is booked, where there are any; and the law."""
    today = today or services.clock.today()
    profile, _ = current_profile(database, regime, account.id)
    history = filed_history(regime, latest(database, account.id))
    found = regime.sanctions(
        profile, history, paid_by_period(database, account.id), today,
        services.rates.table(regime),
    )  # fmt: skip
    wanted: dict[Key, int] = {}
    said: dict[Key, Sanction] = {}
    quiet = _suspended(database, account.id)
    for sanction in found:
        key = (_place(sanction, history), sanction.code)
        said[key] = sanction
        wanted.setdefault(key, 0)
        if not sanction.waived and _ripe(sanction, today):
            wanted[key] += ledger.cents(sanction.amount)
    booked = _booked(database, account.id)
    found_differences: dict[Key, int] = {}
    for key in sorted(set(wanted) | set(booked)):
        period, code = key
        gross = wanted.get(key, 0)
        remitted = _remitted(database, account.id, period, code)
        target = max(0, gross - remitted)
        difference = target - booked.get(key, 0)
        if not difference or (difference > 0 and period.split(".")[0] in quiet):
            continue
        found_differences[key] = difference
    return found_differences, said


def _place(sanction: Sanction, history: object) -> str:
    """The ledger's period of a sanction: that of its declaration, or one of its own."""
    if sanction.code == "office":
        return f"{sanction.period}.office"
    return f"{sanction.period}.penalty" if sanction.code.startswith("penalty") else sanction.period


def _ripe(sanction: Sanction, today: date) -> bool:
    return not sanction.code.startswith("late.") or today > sanction.since + GRACE


def _booked(database: Database, account_id: str) -> dict[tuple[str, str], int]:
    """Cents of each sanction in the ledger."""
    found = {}
    for period, position in ledger.positions(database, account_id).items():
        for name, cents in position.sanctions.items():
            if cents:
                found[(period, name.removeprefix("sanction:"))] = cents
        if period.endswith(".office") and position.funds:
            found[(period, "office")] = sum(position.funds.values())
    return found


def _remitted(database: Database, account_id: str, period: str, code: str) -> int:
    total = database.scalar(
        select(func.coalesce(func.sum(Decision.cents), 0)).where(
            Decision.account_id == account_id, Decision.period == period, Decision.code == code,
            Decision.kind == "remission",
        )
    )  # fmt: skip
    return -int(total or 0)


def _suspended(database: Database, account_id: str) -> set[str]:
    """Periods whose pursuit waits: disputed, or paid by a plan."""
    found = set(
        database.scalars(
            select(Dispute.period).where(Dispute.account_id == account_id, Dispute.state == "open")
        )
    )
    for plan in database.scalars(
        select(PaymentPlan).where(
            PaymentPlan.account_id == account_id, PaymentPlan.state == "active"
        )
    ):
        found |= set(plan.periods)
    return {period.split(".")[0] for period in found if period}


def _book(
    services: Services, database: Database, account: Account, regime: Regime,
    key: tuple[str, str], cents: int, sanction: Sanction | None,
) -> None:  # fmt: skip
    period, code = key
    kind = "waiver"
    if cents > 0:
        kind = {"late": "surcharge", "office": "office"}.get(code.split(".")[0], "penalty")
    label, law, base, rate, reason = code, "", "", "", ""
    if sanction is not None:
        label, law, reason = sanction.label, sanction.law, sanction.waiver or sanction.note
        base = plain(sanction.base)
        rate = plain(sanction.rate) if sanction.rate is not None else ""
    if cents < 0 and not reason:
        reason = CANCELLED
    decide_one(
        services, database, account, regime, kind, period, code, cents,
        label=label, law=law, base=base, rate=rate, reason=reason,
    )  # fmt: skip


def decide_one(
    services: Services, database: Database, account: Account, regime: Regime, kind: str,
    period: str, code: str, cents: int, *, label: str, law: str, reason: str, base: str = "",
    rate: str = "",
) -> None:  # fmt: skip
    """Write a decision and book it. The caller holds the account locked."""
    now = services.clock.now()
    decision = Decision(
        id=new_id(), account_id=account.id, kind=kind, code=code, period=period, cents=cents,
        base=base[:20], rate=rate[:20], label=label[:200], law=law[:120], reason=reason,
        decided_at=now,
    )  # fmt: skip
    database.add(decision)
    suffix = period.rpartition(".")[2]
    if suffix in LABELS:
        due = f"{suffix}.{period.removesuffix('.' + suffix)}"
        if database.get(Due, (account.id, due)) is None:
            database.add(
                Due(
                    account_id=account.id, code=due, period=period,
                    due_date=services.clock.today() + PAYABLE, label=LABELS[suffix],
                    provisional=suffix == "office", amount_cents=None, issued_at=now,
                )
            )  # fmt: skip
    other = (
        Entry(f"fund:{UNSHARED}", -cents, UNSHARED, period)
        if code == "office"
        else Entry(f"sanction:{code}", -cents, code, period)
    )
    ledger.settle(
        database, account.id, regime.allocation(), kind, ("decision", decision.id), now,
        services.clock.today(), against=[Entry(ledger.RECEIVABLE, cents, "", period), other],
        period=period,
    )  # fmt: skip
    record(
        database, now, f"decision.{kind}", account_id=account.id, code=code, period=period,
        decision=decision.id,
    )  # fmt: skip


def remit(
    services: Services, database: Database, account: Account, regime: Regime, period: str,
    euros: Decimal, reason: str,
) -> Decimal:  # fmt: skip
    """Take back up to `euros` of the penalties and surcharges of a period (CSS R243-20; every
    period when empty); what could be. The caller holds the account locked."""
    left = ledger.cents(euros)
    for (place, code), cents in sorted(_booked(database, account.id).items()):
        if code == "office" or (period and place.split(".")[0] != period):
            continue
        part = min(left, cents)
        if part > 0:
            decide_one(
                services, database, account, regime, "remission", place, code, -part,
                label=N_("Remise gracieuse"), law="CSS R243-20", reason=reason,
            )  # fmt: skip
            left -= part
    return euros - ledger.euros(left)


def decisions_of(database: Database, account_id: str) -> list[Decision]:
    """Everything decided, newest first."""
    return list(
        database.scalars(
            select(Decision)
            .where(Decision.account_id == account_id)
            .order_by(Decision.decided_at.desc(), Decision.period, Decision.code)
        )
    )
