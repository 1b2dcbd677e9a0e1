"""The life of a claim after its submission: steps appended by the collector and by its owner."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from backend import ledger, messages
from backend.audit import record
from backend.problems import Problem, field_problem
from backend.services import Client, Services
from backend.storage.engine import Along, Database, nothing_else
from backend.storage.notes import Attachment
from backend.storage.tables import Account, Person, Submission, new_id
from backend.storage.vrp import ClaimStep, RefundAccount
from backend.usecases.accounts import locked
from backend.usecases.alerts import owner_warned
from backend.usecases.history import Stored, latest
from backend.usecases.reauth import reauthenticate
from backend.usecases.refunds import credit
from backend.usecases.refunds import order as order_refund
from contract.identifiers import mask, masked_iban
from contract.problem import ProblemCode
from contract.vrp import (
    MOVES,
    OWN_MOVES,
    ClaimEvent,
    ClaimMove,
    ClaimView,
    IbanWrite,
    RefundDetails,
)
from regimes.money import ZERO, largest_remainder
from regimes.regime import Kind

DECIDED = {"accepted", "accepted_in_part", "refused"}


def _steps(database: Database, submission_id: str) -> list[ClaimStep]:
    return list(
        database.scalars(
            select(ClaimStep)
            .where(ClaimStep.submission_id == submission_id)
            .order_by(ClaimStep.position)
        )
    )


def _view(stored: Stored, steps: list[ClaimStep], today: date) -> ClaimView:
    row = stored.row
    events = [ClaimEvent(state="received", at=row.received_at, by="service")]
    accepted: Decimal | None = None
    paid: Decimal | None = None
    for step in steps:
        amount = None if step.amount_cents is None else ledger.euros(step.amount_cents)
        if step.state in DECIDED:
            accepted = ZERO if amount is None else amount
        elif step.state == "paid" and amount is not None:
            paid = (paid or ZERO) + amount
        events.append(
            ClaimEvent.model_validate(
                {
                    "state": step.state, "at": step.at, "by": step.by, "note": step.note,
                    "amount": amount, "files": [f for f in step.files.split(",") if f],
                }
            )
        )  # fmt: skip
    state = events[-1].state
    return ClaimView(
        number=row.number, account_id=row.account_id, period=row.period,
        amount=ledger.euros(row.due_cents), state=state, accepted=accepted, paid=paid,
        events=events, next=[s for s in MOVES[state] if s in OWN_MOVES],
        contest_until=row.due_date if row.due_date >= today else None,
    )  # fmt: skip


def claims(services: Services, account: Account) -> list[ClaimView]:
    """The claims of an account, the newest first; a corrected one stands as its latest version."""
    if services.registry.get(account.regime).kind is not Kind.CLAIM:
        return []
    today = services.clock.today()
    with services.storage.read() as database:
        return [
            _view(stored, _steps(database, stored.row.id), today)
            for stored in reversed(latest(database, account.id))
        ]


def every_claim(services: Services, state: str | None) -> list[ClaimView]:
    """Claims of everybody, the oldest first, for the collector; of one `state`, or all."""
    codes = [
        code for code in services.registry.codes()
        if services.registry.get(code).kind is Kind.CLAIM
    ]  # fmt: skip
    today = services.clock.today()
    found: list[tuple[datetime, ClaimView]] = []
    with services.storage.read() as database:
        accounts = database.scalars(select(Account.id).where(Account.regime.in_(codes))).all()
        for account in accounts:
            for stored in latest(database, account):
                view = _view(stored, _steps(database, stored.row.id), today)
                if state is None or view.state == state:
                    found.append((stored.row.received_at, view))
    return [view for _, view in sorted(found, key=lambda pair: pair[0])]


def own_step(
    services: Services, account: Account, number: str, state: str, note: str, files: list[str],
    along: Along = nothing_else,
) -> ClaimView:  # fmt: skip
    """A step of the claim's owner: proofs sent, or a decision contested. The same step twice in a
    row is written once."""
    with services.storage.write() as database:
        held = locked(database, account.id)
        stored = _claim(database, held, number)
        steps = _steps(database, stored.row.id)
        if steps and steps[-1].state == state and steps[-1].note == note:
            return _view(stored, steps, services.clock.today())  # a retry
        _check_turn(stored, steps, state)
        known = set(
            database.scalars(select(Attachment.id).where(Attachment.account_id == account.id))
        )
        if not set(files) <= known:
            raise field_problem("files", "file_unknown")
        step = _append(
            database, services, stored, len(steps), state, "person", account.person_id, note,
            files, None,
        )  # fmt: skip
        along(database, number)
        return _view(stored, [*steps, step], services.clock.today())


def move(services: Services, operator: Person, number: str, asked: ClaimMove) -> ClaimView:
    """A step of the collector. Accepting books the credit, paying books the transfer. Raises
    not-found, invalid-input naming the field, or option-refused when the state cannot follow."""
    with services.storage.write() as database:
        row = database.scalar(select(Submission).where(Submission.number == number))
        if row is None:
            raise Problem(ProblemCode.NOT_FOUND)
        held = locked(database, row.account_id)
        stored = _claim(database, held, number)
        steps = _steps(database, stored.row.id)
        _check_turn(stored, steps, asked.state)
        cents = _amount(database, stored, steps, asked)
        step = _append(
            database, services, stored, len(steps), asked.state, "collector", operator.id,
            asked.note, [], cents,
        )  # fmt: skip
        _book(database, services, stored, step)
        view = _view(stored, [*steps, step], services.clock.today())
        owner = database.get_one(Person, held.person_id)
    services.mailer.send(
        messages.claim_notice(
            services.settings, owner.email, owner.locale,
            f"{services.settings.url}/history/{view.period}",
        )
    )  # fmt: skip
    return view


def _claim(database: Database, account: Account, number: str) -> Stored:
    """The latest version of a claim by its number. Raises not-found."""
    for stored in latest(database, account.id):
        if stored.row.number == number:
            return stored
    raise Problem(ProblemCode.NOT_FOUND)


def _check_turn(stored: Stored, steps: list[ClaimStep], state: str) -> None:
    current = steps[-1].state if steps else "received"
    if state not in MOVES[current]:
        raise Problem(ProblemCode.OPTION_REFUSED, extra={"state": current, "next": MOVES[current]})


def _amount(
    database: Database, stored: Stored, steps: list[ClaimStep], asked: ClaimMove
) -> int | None:
    """Cents of a step: what is accepted, or paid. Raises invalid-input."""
    due = stored.row.due_cents
    given = None if asked.amount is None else ledger.cents(asked.amount)
    if asked.state == "accepted":
        if given not in {None, due}:
            raise field_problem("amount", "amount_not_whole_claim")
        return due
    if asked.state == "accepted_in_part":
        if given is None or not 0 < given < due:
            raise field_problem("amount", "amount_not_part_of_claim")
        return given
    if asked.state == "refused":
        return 0
    if asked.state == "paid":
        if database.get(RefundAccount, stored.row.account_id) is None:
            raise field_problem("state", "iban_missing")
        decided = [s.amount_cents or 0 for s in steps if s.state in DECIDED]
        done = sum(s.amount_cents or 0 for s in steps if s.state == "paid")
        left = (decided[-1] if decided else 0) - done
        if left <= 0 or (given is not None and given != left):
            raise field_problem("amount", "amount_not_accepted")
        return left
    if given is not None:
        raise field_problem("amount", "amount_not_expected")
    return None


def _append(
    database: Database, services: Services, stored: Stored, position: int, state: str, by: str,
    by_id: str, note: str, files: list[str], cents: int | None,
) -> ClaimStep:  # fmt: skip
    step = ClaimStep(
        id=new_id(), submission_id=stored.row.id, position=position, state=state, by=by,
        by_id=by_id, note=note, files=",".join(files), amount_cents=cents,
        at=services.clock.now(),
    )  # fmt: skip
    database.add(step)
    record(
        database, services.clock.now(), f"claim.{state}", person_id=by_id,
        account_id=stored.row.account_id, number=stored.row.number,
    )  # fmt: skip
    database.flush()
    return step


def _book(database: Database, services: Services, stored: Stored, step: ClaimStep) -> None:
    """A decision credits the account with what it accepts, less what an earlier one did; a payment
    orders the transfer of that credit, which leaves with the next banking file."""
    row = stored.row
    order = services.registry.get(row.regime).allocation()
    if step.state in DECIDED:
        booked = ledger.booked_funds(database, row.account_id, row.period)
        more = (step.amount_cents or 0) + sum(booked.values())
        shares = [s for s in stored.assessment.shares if s.amount > 0]
        parts = largest_remainder(ledger.euros(more), [s.amount for s in shares])
        entries = [
            ledger.Entry(f"fund:{share.fund}", ledger.cents(part), share.fund)
            for share, part in zip(shares, parts, strict=True)
            if part
        ]
        total = sum(entry.cents for entry in entries)
        if total:
            entries.insert(0, ledger.Entry(ledger.RECEIVABLE, -total))
        ledger.settle(
            database, row.account_id, order, "claim", ("claim", step.id), step.at,
            services.clock.today(), against=entries, period=row.period,
        )  # fmt: skip
    elif step.state == "paid":
        amount = step.amount_cents or 0
        if credit(database, row.account_id) < amount:
            raise field_problem("amount", "above_credit")
        kept = database.get_one(RefundAccount, row.account_id)
        order_refund(database, services, row.account_id, order, amount, kept.iban, kept.holder)


def refund_details(services: Services, account: Account) -> RefundDetails:
    """NIR and IBAN as they may be shown."""
    with services.storage.read() as database:
        kept = database.get(RefundAccount, account.id)
        nir = database.scalar(select(Account.nir).where(Account.id == account.id))
        return RefundDetails(
            nir=mask(nir, 4) if nir else None,
            iban=masked_iban(kept.iban) if kept else None,
            holder=kept.holder if kept else None,
            changed_at=kept.changed_at if kept else None,
        )


def set_iban(
    services: Services, client: Client, owner: Person, account: Account, asked: IbanWrite
) -> RefundDetails:
    """Where refunds are paid from now on; its owner is told by message. Raises as
    `reauthenticate`."""
    reauthenticate(services, client, owner, asked.current_password)
    with services.storage.write() as database:
        locked(database, account.id)
        kept = database.get(RefundAccount, account.id)
        if kept is None:
            kept = RefundAccount(account_id=account.id)
            database.add(kept)
        kept.iban, kept.holder = asked.iban, asked.holder
        kept.changed_at = services.clock.now()
        record(
            database, services.clock.now(), "refund.iban", person_id=account.person_id,
            account_id=account.id,
        )  # fmt: skip
    owner_warned(services, account, "iban")
    return refund_details(services, account)


def set_nir(services: Services, account: Account, nir: str) -> RefundDetails:
    """The NIR that employers file under. Given once: a person has one NIR, and another's
    filings must not be looked for. Raises invalid-input when another was given before."""
    with services.storage.write() as database:
        held = locked(database, account.id)
        if held.nir is not None and held.nir != nir:
            raise field_problem("nir", "nir_given")
        others = database.scalars(
            select(Account.nir).where(
                Account.person_id != account.person_id, Account.nir.is_not(None)
            )
        )
        if nir in others.all():
            raise field_problem("nir", "nir_taken")
        held.nir = nir
        record(
            database, services.clock.now(), "account.nir", person_id=account.person_id,
            account_id=account.id,
        )  # fmt: skip
    return refund_details(services, account)
