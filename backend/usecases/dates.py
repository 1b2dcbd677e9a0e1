"""The dates of an account that nobody should forget: what to declare, what to pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.services import Services
from backend.storage.tables import Account, Person
from backend.usecases.dues import NOTICE
from backend.usecases.overview import overview
from contract.accounts import Overview
from contract.i18n import Words
from regimes.regime import Kind, Regime


@dataclass(frozen=True)
class DueEvent:
    """One date. `code` is stable; `done` once it is declared, paid or ordered; `opens` is
    the first day on which something can be done about it."""

    code: str
    verb: str  # declare, pay
    period: str
    start: date
    end: date
    opens: date
    on: date
    done: bool
    version: int = 0

    def title(self, w: Words, regime: Regime) -> str:
        """What it is, in words. No amount, no identifier."""
        period = w.period(self.start, self.end)
        if self.verb == "pay":
            return w.t("Payer : {period}").format(period=period)
        said = {
            Kind.DECLARATION: w.t("Déclarer : {period}"),
            Kind.CLAIM: w.t("Demander un remboursement : {period}"),
            Kind.PREPARATION: w.t("Préparer la déclaration : {period}"),
        }
        return said[regime.kind].format(period=period)


def events(found: Overview) -> list[DueEvent]:
    """Dates of an account, oldest first: periods that can be or were declared, calls to come."""
    told = [
        DueEvent(
            f"declare.{p.code}", "declare", p.code, p.start, p.end, p.opens, p.due,
            p.state in {"submitted", "corrected"}, p.version,
        )
        for p in found.periods
        if p.state != "closed" and not p.optional
    ]  # fmt: skip
    waiting = {due.code: due for due in found.dues}
    spans = {p.code: (p.start, p.end) for p in found.periods}
    for call in found.calls:
        if call.amount <= 0 or call.on < found.today:
            continue
        start, end = spans.get(call.period, (call.on, call.on))
        due = waiting.get(call.code)
        settled = due is None and call.on <= found.today + NOTICE
        ordered = due is not None and due.state in {"ordered", "sent"}
        told.append(
            DueEvent(f"pay.{call.code}"[:60], "pay", call.period, start, end, call.on, call.on,
                     settled or ordered)
        )  # fmt: skip
    return sorted(told, key=lambda event: (event.on, event.code))


def account_events(
    services: Services, person: Person, account: Account, regime: Regime
) -> list[DueEvent]:
    """The dates of an account, read from the database."""
    return events(overview(services, person, account, regime))
