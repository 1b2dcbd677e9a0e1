"""Make the demo accounts through the real use cases, at the moments their story tells."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from email.message import EmailMessage
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from backend import demo as chapters
from backend.clock import PARIS, ManualClock
from backend.demo import bank
from backend.demo.story import Story
from backend.passwords import hash_password
from backend.services import Services
from backend.storage.tables import Account, Person
from backend.usecases.accounts import open_account
from backend.usecases.declare import declare, estimate
from backend.usecases.entries import write_entries
from backend.usecases.history import current_profile, latest
from contract.accounts import AccountCreate
from contract.declarations import Submit
from contract.entries import EntryIn
from contract.people import DEMO_PASSWORD
from regimes.journal import RECEIPT
from regimes.regime import Kind, Period, PeriodStatus, Regime

DOMAIN = "@demo.quittance.example"


class _Silent:
    """Demo people get no message."""

    outbox: Path | None = None

    def send(self, message: EmailMessage) -> None:
        """Drop it."""

    def later(self, make: Callable[[], EmailMessage]) -> None:
        """Make none."""

    def settle(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to wait for."""


def address(slug: str, today: date, edition: int) -> str:
    """E-mail of a demo person: one set a day of the clock, and one more at each re-creation."""
    return f"{slug}.{today:%Y%m%d}.{edition}{DOMAIN}"


def demo_person(services: Services, slug: str) -> Person | None:
    """The demo person of `slug` as of today, latest edition."""
    prefix = f"{slug}.{services.clock.today():%Y%m%d}."
    with services.storage.read() as database:
        return database.scalars(
            select(Person)
            .where(Person.email.startswith(prefix), Person.email.endswith(DOMAIN))
            .order_by(func.length(Person.email).desc(), Person.email.desc())
            .limit(1)
        ).first()


def stories(today: date) -> list[Story]:
    """Every story of this folder: a module that has `stories` adds its own."""
    found: list[Story] = []
    for module in sorted(pkgutil.iter_modules(chapters.__path__), key=lambda m: m.name):
        if module.name not in {"seed", "story", "bank"}:
            found += import_module(f"backend.demo.{module.name}").stories(today)
    return found


def seed(services: Services, recreate: bool = False) -> None:
    """Make the demo accounts of today, unless they are there; `recreate` makes a new set."""
    today = services.clock.today()
    for story in stories(today):
        known = demo_person(services, story.slug)
        if known is not None and not recreate:
            continue
        edition = int(known.email.split("@")[0].rsplit(".", 1)[1]) + 1 if known else 1
        _tell(services, story, today, edition)


def _at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), PARIS)


def _tell(services: Services, story: Story, today: date, edition: int) -> None:
    regime = services.registry.get(story.regime)
    rates = services.rates.table(regime)
    opened = date.fromisoformat(story.profile["start_date"])
    first = min((p.opens for p in regime.periods(
        regime.Profile.model_validate(story.profile), today, rates)), default=opened)  # fmt: skip
    opened = max(opened, first - timedelta(days=400))
    clock = ManualClock(_at(opened))
    past = replace(services, clock=clock, mailer=_Silent())
    person = Person(
        email=address(story.slug, today, edition),
        password_hash=hash_password(DEMO_PASSWORD, services.settings),
        locale="fr", theme="system", text_size=100, created_at=services.clock.now(),
        email_confirmed_at=clock.now(),
    )  # fmt: skip
    with services.storage.write() as database:
        database.add(person)
    account = open_account(
        past, person,
        AccountCreate(regime=story.regime, siret=story.siret, name=story.name,
                      profile=story.profile),
    )  # fmt: skip
    with services.storage.read() as database:
        profile, _ = current_profile(database, regime, account.id)
    paying = story.pays != "none" and regime.kind is not Kind.CLAIM
    if paying:
        bank.sign(past, person, account)
    open_now = {PeriodStatus.OPEN, PeriodStatus.OVERDUE, PeriodStatus.CLOSED}
    periods = [p for p in regime.periods(profile, today, rates) if p.status in open_now]
    for number, period in enumerate(periods[: len(periods) - story.left]):
        moment = _at(period.opens + timedelta(days=4 + number % 9), 9 + number % 8, number % 60)
        if moment >= services.clock.now():
            break
        if paying and moment > clock.now():
            bank.live(past, clock, account, regime, moment)
        clock.set(moment)
        _declare(past, person, account, story, period, number)
        if paying:
            bank.order(past, account, period.code)
    if paying:
        _after(services, past, clock, person, account, story, regime)
    if story.receipts or story.notes:
        _note(services, account, story)
    if story.more is not None:
        story.more(replace(services, mailer=_Silent()), person, account)


def _after(
    services: Services, past: Services, clock: ManualClock, person: Person, account: Account,
    story: Story, regime: Regime,
) -> None:  # fmt: skip
    """What happened to the payments since the last declaration."""
    bank.live(past, clock, account, regime, services.clock.now())
    clock.set(services.clock.now())
    bank.file_away(past, account)
    if story.pays == "rejected":
        bank.last_comes_back(past, clock, account)
    elif story.pays == "credit":
        _lower(past, person, account, regime)


def _lower(past: Services, person: Person, account: Account, regime: Regime) -> None:
    """Correct the last declaration to half of its first figures: a credit is left."""
    with past.storage.read() as database:
        sent = latest(database, account.id)
    if not sent:
        return
    period = sent[-1].row.period
    data = sent[-1].payload["declaration"]
    parts = [
        {**part, "turnover": {
            name: str((Decimal(value) / 2).quantize(Decimal("0.01")))
            for name, value in part["turnover"].items()
        }}
        for part in data["parts"]
    ]  # fmt: skip
    data = {**data, "parts": parts}
    shown = estimate(past, account, regime, period, data)
    declare(
        past, person, account, regime, period, f"demo-less-{period}-{account.id[:8]}",
        Submit(declaration=data, fingerprint=shown.fingerprint, rates_version=shown.rates_version,
               form_version=shown.form_version, corrects=sent[-1].row.number),
    )  # fmt: skip


def _note(services: Services, account: Account, story: Story) -> None:
    """Write the journal of the story."""
    write_entries(
        services, account, services.registry.get(story.regime),
        [
            EntryIn(id=f"demo-{number:06}", kind=RECEIPT,
                    data=receipt.model_dump(mode="json", exclude_defaults=True))
            for number, receipt in enumerate(story.receipts)
        ]
        + [EntryIn(id=name, kind=kind, data=data) for name, kind, data in story.notes],
        batch=True,
    )  # fmt: skip


def _declare(
    past: Services, person: Person, account: Account, story: Story, period: Period, number: int
) -> None:
    regime = past.registry.get(story.regime)
    with past.storage.read() as database:
        profile, _ = current_profile(database, regime, account.id)
    if story.declarations is not None:
        found = story.declarations(period)
        if found is None:
            return
        data = found
    else:
        data = declaration_data(profile, period, story, past)
    shown = estimate(past, account, regime, period.code, data)
    declare(
        past, person, account, regime, period.code,
        f"demo-{number:04}-{period.code}-{account.id[:8]}",
        Submit(declaration=data, fingerprint=shown.fingerprint, rates_version=shown.rates_version,
               form_version=shown.form_version),
    )  # fmt: skip


def declaration_data(
    profile: Any, period: Period, story: Story, services: Services
) -> dict[str, Any]:
    """The story's figures for a period, from a journal of one receipt a month and category."""
    regime = services.registry.get(story.regime)
    entries = []
    month = date(period.start.year, period.start.month, 1)
    while month <= period.end:
        day = max(month.replace(day=15), period.start)
        for category in profile.categories:
            for platform, source in ((False, story.figures), (True, story.platform)):
                amount = source(month, category)
                if amount > 0 and day <= period.end:
                    entries.append(
                        {"on": day, "category": category, "amount": amount, "platform": platform}
                    )
        month = (month + timedelta(days=32)).replace(day=1)
    filled = regime.from_journal(profile, entries, period, services.rates.table(regime))
    data: dict[str, Any] = filled.model_dump(mode="json") if filled is not None else {}
    return data
