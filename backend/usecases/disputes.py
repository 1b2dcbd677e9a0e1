"""Complaints: to the service, then the mediator, then the commission de recours amiable; and
requests to remit surcharges. Each step is kept, with its files and its date."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from backend import messages
from backend.audit import record
from backend.clock import paris_day
from backend.problems import Problem, field_problem
from backend.secrets import human_code
from backend.services import Services
from backend.storage.decisions import Dispute, DisputeStep
from backend.storage.engine import Database
from backend.storage.notes import Attachment
from backend.storage.tables import Account, Due, Person, new_id
from backend.usecases.accounts import locked
from backend.usecases.attachments import attachment_view
from backend.usecases.decide import remit
from contract.decisions import DisputeAdd, DisputeAnswer, DisputeOpen, DisputeView, StepView
from contract.problem import ProblemCode

STAGES = ("complaint", "mediator", "commission")
ACKNOWLEDGED, ANSWERED = timedelta(days=3), timedelta(days=31)
"""What people wait: three days to be told that it is read, thirty-one for an answer."""
PERSON, COLLECTOR = "person", "collector"


def disputes_of(services: Services, account: Account) -> list[DisputeView]:
    """Every dispute of an account, newest first, without its steps."""
    with services.storage.read() as database:
        rows = database.scalars(
            select(Dispute)
            .where(Dispute.account_id == account.id)
            .order_by(Dispute.opened_at.desc(), Dispute.id)
        ).all()
        return [_view(services, database, row, whole=False) for row in rows]


def waiting(services: Services) -> list[DisputeView]:
    """Disputes that wait for the collector, oldest first."""
    with services.storage.read() as database:
        rows = database.execute(
            select(Dispute, Account.name)
            .join(Account, Account.id == Dispute.account_id)
            .where(Dispute.state == "open")
            .order_by(Dispute.stage_at, Dispute.id)
            .limit(200)
        ).all()
        return [
            _view(services, database, row, whole=False).model_copy(update={"name": name})
            for row, name in rows
        ]


def find(database: Database, wanted: str, account: Account | None) -> Dispute:
    """A dispute (of `account`, for its owner). Raises not-found."""
    row = database.scalar(select(Dispute).where(Dispute.id == wanted).with_for_update())
    if row is None or (account is not None and row.account_id != account.id):
        raise Problem(ProblemCode.NOT_FOUND)
    return row


def whole(services: Services, wanted: str, account: Account | None) -> DisputeView:
    """A dispute with all its steps. Raises not-found."""
    with services.storage.read() as database:
        row = database.get(Dispute, wanted)
        if row is None or (account is not None and row.account_id != account.id):
            raise Problem(ProblemCode.NOT_FOUND)
        return _view(services, database, row)


def open_dispute(
    services: Services, account: Account, person: Person, asked: DisputeOpen
) -> DisputeView:
    """A new dispute; the same first step sent twice opens one. Raises invalid-input on `about`."""
    now = services.clock.now()
    with services.storage.write() as database:
        locked(database, account.id)
        kept = database.get(DisputeStep, asked.id)
        if kept is not None:
            return _view(services, database, find(database, kept.dispute_id, account))
        period = ""
        if asked.about:
            due = database.get(Due, (account.id, asked.about))
            if due is None:
                raise field_problem("about", "due_unknown")
            period = due.period
        row = Dispute(
            id=new_id(), account_id=account.id, number=f"R-{now.year}-{human_code(10)}",
            kind=asked.kind, about=asked.about, period=period, stage=STAGES[0], state="open",
            opened_at=now, stage_at=now,
        )  # fmt: skip
        database.add(row)
        database.flush()
        _step(services, database, row, asked.id, "opened", PERSON, asked.body, asked.files)
        record(
            database, now, "dispute.open", person_id=person.id, account_id=account.id,
            dispute=row.id, about=asked.kind,
        )  # fmt: skip
        view = _view(services, database, row)
    services.mailer.send(
        messages.dispute_notice(
            services.settings, person.email, person.locale, view.number, view.id, answered=False
        )
    )
    return view


def add_step(services: Services, account: Account, wanted: str, asked: DisputeAdd) -> DisputeView:
    """More facts, or the next stage: open once answered, or once the time to answer is over.
    Raises not-found, dispute-closed, dispute-too-soon."""
    now = services.clock.now()
    with services.storage.write() as database:
        row = find(database, wanted, account)
        kept = database.get(DisputeStep, asked.id)
        if kept is not None and kept.dispute_id == row.id:
            return _view(services, database, row)
        if asked.escalate:
            if not _may_escalate(services, row):
                raise Problem(ProblemCode.DISPUTE_TOO_SOON)
            row.stage = STAGES[STAGES.index(row.stage) + 1]
            row.state, row.stage_at = "open", now
        elif row.state == "closed":
            raise Problem(ProblemCode.DISPUTE_CLOSED)
        kind = "escalated" if asked.escalate else "added"
        _step(services, database, row, asked.id, kind, PERSON, asked.body, asked.files)
        record(
            database, now, f"dispute.{kind}", account_id=account.id, dispute=row.id,
            stage=row.stage,
        )  # fmt: skip
        return _view(services, database, row)


def answer(services: Services, operator: Person, wanted: str, asked: DisputeAnswer) -> DisputeView:
    """The collector's answer; what is remitted is booked with it. Raises not-found,
    dispute-closed, invalid-input on `remit` beyond what can be."""
    now = services.clock.now()
    with services.storage.write() as database:
        row = find(database, wanted, None)
        account = locked(database, row.account_id)
        kept = database.get(DisputeStep, asked.id)
        if kept is not None and kept.dispute_id == row.id:
            return _view(services, database, row)
        if row.state != "open":
            raise Problem(ProblemCode.DISPUTE_CLOSED)
        if asked.remit:
            regime = services.registry.get(account.regime)
            done = remit(
                services, database, account, regime, row.period.split(".")[0], asked.remit,
                row.number,
            )  # fmt: skip
            if done != asked.remit:
                raise field_problem("remit", "above_sanctions")
        _step(
            services, database, row, asked.id, "answered", COLLECTOR, asked.body, (),
            asked.outcome,
        )  # fmt: skip
        row.state = "closed" if asked.outcome == "accepted" else "answered"
        record(
            database, now, "dispute.answer", person_id=operator.id, account_id=account.id,
            dispute=row.id, outcome=asked.outcome,
        )  # fmt: skip
        owner = database.get_one(Person, account.person_id)
        view = _view(services, database, row)
    services.mailer.send(
        messages.dispute_notice(
            services.settings, owner.email, owner.locale, view.number, view.id, answered=True
        )
    )
    return view


def _step(
    services: Services, database: Database, row: Dispute, wanted: str, kind: str, author: str,
    body: str, files: list[str] | tuple[str, ...], outcome: str = "",
) -> None:  # fmt: skip
    for number, name in enumerate(files):
        file = database.get(Attachment, name)
        if file is None or file.account_id != row.account_id:
            raise field_problem(f"files.{number}", "file_unknown")
    if database.get(DisputeStep, wanted) is not None:
        raise field_problem("id", "identifier_taken")
    count = database.scalar(
        select(func.count()).select_from(DisputeStep).where(DisputeStep.dispute_id == row.id)
    )
    database.add(
        DisputeStep(
            id=wanted, dispute_id=row.id, number=(count or 0) + 1, stage=row.stage, kind=kind,
            author=author, body=body, outcome=outcome, files=list(files),
            at=services.clock.now(),
        )
    )  # fmt: skip
    database.flush()


def _may_escalate(services: Services, row: Dispute) -> bool:
    if row.kind != "complaint" or row.stage == STAGES[-1] or row.state == "closed":
        return False
    return row.state == "answered" or services.clock.now() > row.stage_at + ANSWERED


def _view(services: Services, database: Database, row: Dispute, whole: bool = True) -> DisputeView:
    steps: list[StepView] = []
    if whole:
        for step in database.scalars(
            select(DisputeStep).where(DisputeStep.dispute_id == row.id).order_by(DisputeStep.number)
        ):
            files = [database.get(Attachment, name) for name in step.files]
            steps.append(
                StepView.model_validate(
                    {
                        "id": step.id, "stage": step.stage, "kind": step.kind,
                        "author": step.author, "body": step.body, "outcome": step.outcome,
                        "files": [attachment_view(f) for f in files if f is not None],
                        "at": step.at,
                    }
                )
            )  # fmt: skip
    following = STAGES.index(row.stage) + 1
    return DisputeView(
        id=row.id, number=row.number, kind=row.kind, about=row.about, period=row.period,
        stage=row.stage, state=row.state, opened_at=row.opened_at,
        acknowledged_by=paris_day(row.stage_at + ACKNOWLEDGED),
        expected_by=paris_day(row.stage_at + ANSWERED),
        may_escalate=_may_escalate(services, row),
        next_stage=STAGES[following]
        if row.kind == "complaint" and following < len(STAGES)
        else None,
        steps=steps,
    )  # fmt: skip


def disputed_periods(database: Database, account_id: str) -> set[str]:
    """Periods whose reminders and pursuit wait for an answer."""
    rows = database.scalars(
        select(Dispute.period).where(Dispute.account_id == account_id, Dispute.state == "open")
    )
    return {period.split(".")[0] for period in rows if period}
