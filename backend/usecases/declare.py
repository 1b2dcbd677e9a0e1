"""Declare, and correct: one transaction that appends a submission, its link and its entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from backend import events, ledger, messages
from backend.audit import record
from backend.chain import next_link
from backend.clock import paris_day, paris_moment
from backend.problems import Problem, field_problem, field_problems
from backend.secrets import human_code
from backend.services import Services
from backend.storage.engine import Along, Database, nothing_else, written_over
from backend.storage.events import EventHead
from backend.storage.tables import (
    Account,
    Draft,
    Idempotency,
    Person,
    ProfileVersion,
    Submission,
    SubmissionPayload,
    new_id,
)
from backend.usecases import dues, orders
from backend.usecases.history import (
    Stored,
    as_filed,
    current_profile,
    past,
    within,
)
from contract.canonical import assessment_fingerprint, canonical_json, sha256_hex
from contract.declarations import Estimate, LineDifference, Receipt, Submit
from contract.problem import ProblemCode
from regimes.assessment import Assessment
from regimes.money import ZERO
from regimes.regime import DeclarationRefused, Filed, Kind, Model, Period, PeriodStatus, Regime

# Built once: a declaration takes a dozen statements, and building one costs more than running it.
_HELD = (
    select(
        Account.id, Account.siret, Account.name, Account.chain_length, Account.chain_head
    )
    .where(Account.id == bindparam("account"))
    .with_for_update()
)  # fmt: skip
_NEWEST = (
    select(func.max(ProfileVersion.version))
    .where(ProfileVersion.account_id == Account.id)
    .correlate(Account)
    .scalar_subquery()
)
_STATE = (
    select(
        ProfileVersion.data, ProfileVersion.version, Idempotency.request_hash, Idempotency.state,
        Idempotency.response, Idempotency.created_at, EventHead.length, EventHead.head,
        Draft.sequence,
    )
    .select_from(Account)
    .join(
        ProfileVersion,
        (ProfileVersion.account_id == Account.id) & (ProfileVersion.version == _NEWEST),
    )
    .outerjoin(
        Idempotency,
        (Idempotency.scope == Account.id) & (Idempotency.key == bindparam("key_sent")),
    )
    .outerjoin(EventHead, EventHead.account_id == Account.id)
    .outerjoin(Draft, (Draft.account_id == Account.id) & (Draft.period == bindparam("of")))
    .where(Account.id == bindparam("account"))
)  # fmt: skip
_ANSWER = written_over(
    Idempotency, "request_hash", "state", "status", "response", "created_at", "finished_at"
)
_SUBMISSION = insert(Submission.__table__)  # type: ignore[arg-type]
_PAYLOAD = insert(SubmissionPayload.__table__)  # type: ignore[arg-type]
_HEAD = (
    update(Account.__table__)  # type: ignore[arg-type]
    .where(Account.id == bindparam("account"))
    .values(chain_length=bindparam("length"), chain_head=bindparam("head"))
)
_DRAFT_SENT = delete(Draft.__table__).where(  # type: ignore[arg-type]
    Draft.account_id == bindparam("account"), Draft.period == bindparam("of")
)


@dataclass
class Held:
    """An account held until the transaction ends, and the end of its chain of submissions."""

    id: str
    siret: str
    name: str
    chain_length: int
    chain_head: str


@dataclass(frozen=True)
class Context:
    """What a declaration is assessed with. `previous`: the latest version of itself, if there is
    one."""

    profile: Model
    profile_version: int
    period: Period
    history: list[Filed]
    previous: Stored | None = None


def read_declaration(regime: Regime, data: dict[str, Any]) -> Model:
    """The régime's declaration. Raises invalid-input naming declaration.… fields."""
    try:
        return regime.Declaration.model_validate(data)
    except ValidationError as error:
        raise Problem(
            ProblemCode.INVALID_INPUT, errors=field_problems(error, "declaration")
        ) from None


def context_of(
    database: Database, services: Services, account: Account | Held, regime: Regime, code: str
) -> Context:
    """Profile, period and history of a declaration: what its assessment looks at, so that a long
    account costs what a new one does. Raises period-unknown."""
    profile, version = current_profile(database, regime, account.id)
    return _context(database, services, account.id, regime, code, profile, version)


def _context(
    database: Database, services: Services, account_id: str, regime: Regime, code: str,
    profile: Model, version: int,
) -> Context:  # fmt: skip
    period = find_period(regime, profile, services, code)
    found = within(database, regime, account_id, period)
    previous = next((item for item in found if item.row.period == code), None)
    return Context(profile, version, period, past(regime, found, code), previous)


def find_period(regime: Regime, profile: Model, services: Services, code: str) -> Period:
    """The period of this code today. Raises period-unknown."""
    today = services.clock.today()
    for period in regime.periods(profile, today, services.rates.table(regime)):
        if period.code == code:
            return period
    raise Problem(ProblemCode.PERIOD_UNKNOWN)


def assess_now(
    services: Services, regime: Regime, context: Context, declaration: Model
) -> Assessment:
    """Check the figures against the account and assess them with today's rates."""
    rates = services.rates.table(regime)
    try:
        regime.check(context.profile, context.period, declaration, rates)
    except DeclarationRefused as error:
        raise field_problem(f"declaration.{error.field}", error.code) from None
    return regime.assess(context.profile, context.period, declaration, context.history, rates)


def estimate(
    services: Services, account: Account, regime: Regime, period: str, data: dict[str, Any]
) -> Estimate:
    """What a declaration would cost; nothing is kept."""
    declaration = read_declaration(regime, data)
    with services.storage.read() as database:
        context = context_of(database, services, account, regime, period)
    return estimate_of(regime, declaration, assess_now(services, regime, context, declaration))


def estimate_of(regime: Regime, declaration: Model, assessment: Assessment) -> Estimate:
    """An assessment with the fingerprint to sign it with."""
    return Estimate(
        assessment=assessment, due=assessment.due, partial=assessment.partial,
        fingerprint=assessment_fingerprint(declaration, assessment),
        rates_version=assessment.rates_version, form_version=regime.form_version,
    )  # fmt: skip


def declare(
    services: Services, person: Person, account: Account, regime: Regime, period: str,
    key: str, asked: Submit, *, by: str = "", sent_by: str = "", along: Along = nothing_else,
) -> tuple[Receipt, bool]:  # fmt: skip
    """Send a declaration, once per key. The receipt, and whether it is a replay. `person` owns the
    account; somebody else who sends it is `by`, and its receipt names them (`sent_by`). `along` is
    written with it.

    The key, the submission and the answer kept under the key commit together. What writes on one
    account comes one by one: the same request sent twice waits for the first, and gets its receipt.
    """
    if person.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    declaration = read_declaration(regime, asked.declaration)
    signed = asked.model_dump(mode="json", exclude={"declaration"})
    request_hash = sha256_hex(canonical_json([period, declaration, signed]))
    now = services.clock.now()
    with services.storage.write() as database:
        connection = database.connection()
        held = Held(*connection.execute(_HELD, {"account": account.id}).one())
        state = connection.execute(
            _STATE, {"account": held.id, "key_sent": key, "of": period}
        ).one()
        kept = _kept(services, state, request_hash, now)
        if kept is not None:
            return kept, True
        events.know_end(database, held.id, state.length, state.head)
        profile = regime.Profile.model_validate(state.data)
        context = _context(database, services, held.id, regime, period, profile, state.version)
        receipt = _submit(
            database, services, by or person.id, sent_by, held, account, regime, context, key,
            asked, declaration, now, along,
        )  # fmt: skip
        if state.sequence is not None:
            connection.execute(_DRAFT_SENT, {"account": held.id, "of": period})
        connection.execute(
            _ANSWER[connection.dialect.name],
            {
                "scope": held.id, "key": key, "request_hash": request_hash, "state": "done",
                "status": 201, "response": receipt.model_dump_json(), "created_at": now,
                "finished_at": now,
            },
        )  # fmt: skip
    services.metrics.declared(regime.code)
    services.mailer.later(
        partial(
            messages.receipt_notice, services.settings, person.email, person.locale, regime.kind,
            receipt.number, f"{services.settings.url}/history/{period}",
        )
    )  # fmt: skip
    return receipt, False


def _kept(services: Services, row: Row[Any], request_hash: str, now: datetime) -> Receipt | None:
    """The receipt kept under a key, if there is one. Raises for another body. The caller holds the
    account, so that who has the key has answered or died."""
    if row.request_hash is None:
        return None
    if row.request_hash != request_hash:
        raise Problem(ProblemCode.IDEMPOTENCY_KEY_REUSED)
    if row.state == "done" and row.response is not None:
        return Receipt.model_validate_json(row.response)
    # Taken apart, by a process of the former version: for a while it may be running still, and
    # after that its receipt would be found above. A clock set back since must not make it look
    # young until that moment comes again.
    if abs(now - row.created_at) < timedelta(seconds=services.settings.request_stale_seconds):
        raise Problem(ProblemCode.REQUEST_IN_PROGRESS, retry_after=1)
    return None


def _submit(
    database: Database, services: Services, by: str, sent_by: str, held: Held, account: Account,
    regime: Regime, context: Context, key: str, asked: Submit, declaration: Model, now: datetime,
    along: Along,
) -> Receipt:  # fmt: skip
    _check_turn(context.period, context.previous, asked, regime)
    assessment = assess_now(services, regime, context, declaration)
    fingerprint = assessment_fingerprint(declaration, assessment)
    if fingerprint != asked.fingerprint:
        raise Problem(
            ProblemCode.CALCULATION_CHANGED,
            extra={
                "shown_fingerprint": asked.fingerprint,
                "shown_rates_version": asked.rates_version,
                "estimate": estimate_of(regime, declaration, assessment).model_dump(mode="json"),
            },
        )
    receipt = _append(
        database, services, held, regime, context, key, asked, declaration, assessment, now,
        sent_by,
    )  # fmt: skip
    _recompute(database, services, held, regime, receipt, now)
    calls = dues.issue_calls(database, services, account, regime)
    if calls:
        orders.order_calls(database, account, [due.code for due in calls], now)
    record(
        database, now, "declaration.correct" if context.previous else "declaration.submit",
        person_id=by, account_id=held.id, number=receipt.number, version=receipt.version,
    )  # fmt: skip
    along(database, receipt.number)
    return receipt


def _recompute(
    database: Database, services: Services, account: Held, regime: Regime, receipt: Receipt,
    now: datetime,
) -> None:  # fmt: skip
    """Assess again the later periods that a correction reaches: same figures, a new version with
    the new amounts, and the difference in the ledger. Nothing when an amount does not move."""
    for code in receipt.affected:
        context = context_of(database, services, account, regime, code)
        previous = context.previous
        if previous is None:
            raise LookupError("an affected period was declared")
        declaration = read_declaration(regime, previous.payload["declaration"])
        assessment = regime.assess(
            context.profile, context.period, declaration, context.history,
            services.rates.table(regime),
        )  # fmt: skip
        before = previous.assessment
        if [(line.code, line.amount) for line in assessment.lines] == [
            (line.code, line.amount) for line in before.lines
        ]:
            continue
        asked = Submit(
            declaration=previous.payload["declaration"],
            fingerprint=assessment_fingerprint(declaration, assessment),
            rates_version=assessment.rates_version, form_version=regime.form_version,
            corrects=previous.row.number,
        )  # fmt: skip
        again = _append(
            database, services, account, regime, context, f"{receipt.number}.{code}"[:64], asked,
            declaration, assessment, now,
        )  # fmt: skip
        record(
            database, now, "declaration.recompute", account_id=account.id, number=again.number,
            version=again.version,
        )  # fmt: skip


def _check_turn(period: Period, previous: Stored | None, asked: Submit, regime: Regime) -> None:
    """Whether this period may be declared, or corrected, now."""
    if asked.form_version != regime.form_version:
        raise Problem(ProblemCode.FORM_OUTDATED, extra={"form_version": regime.form_version})
    if period.status is PeriodStatus.UPCOMING:
        raise Problem(ProblemCode.PERIOD_NOT_OPEN, extra={"opens": period.opens.isoformat()})
    if period.status is PeriodStatus.CLOSED:
        raise Problem(ProblemCode.PERIOD_CLOSED)
    number = previous.row.number if previous else None
    if previous and asked.corrects is None:
        raise Problem(ProblemCode.ALREADY_DECLARED, extra={"latest": number})
    if asked.corrects != number:
        raise Problem(ProblemCode.CORRECTS_OUTDATED, extra={"latest": number})


def _append(
    database: Database, services: Services, account: Held, regime: Regime, context: Context,
    key: str, asked: Submit, declaration: Model, assessment: Assessment, now: datetime,
    sent_by: str = "",
) -> Receipt:  # fmt: skip
    period, previous = context.period, context.previous
    rates = services.rates.of_version(regime, assessment.rates_version)
    overlays: list[str] = []
    if rates is not None:
        services.rates.keep_in(database, rates)
        overlays = list(rates.origins())
    number = f"Q-{now.year}-{human_code(10)}"
    code = human_code(20)
    due_at = paris_moment(period.due, period.due_time)
    version = previous.row.version + 1 if previous else 1
    before = previous.assessment if previous else None
    affected = _affected(regime, context, declaration, assessment, now)
    payload = {
        "number": number,
        "account": account.id,
        "siret": account.siret,
        "name": account.name,
        "regime": regime.code,
        "period": {
            "code": period.code, "start": period.start, "end": period.end, "opens": period.opens,
            "due": period.due, "due_time": period.due_time.isoformat(), "first": period.first,
            "last": period.last,
        },
        "version": version,
        "corrects": asked.corrects,
        "received_at": now,
        "late": now > due_at,
        "profile_version": context.profile_version,
        "form_version": asked.form_version,
        "declaration": declaration.model_dump(mode="json"),
        "assessment": assessment,
        "due": assessment.due,
        "previous_due": before.due if before else None,
        "calculation": asked.fingerprint,
        "overlays": overlays,
        "differences": differences(before, assessment) if before else [],
        "affected": affected,
        "verification_code": code,
        "service": {
            "name": services.settings.service_name, "address": services.settings.service_address,
            "email": services.settings.service_email, "phone": services.settings.service_phone,
        },
    }  # fmt: skip
    if sent_by:
        payload["sent_by"] = sent_by
    raw = canonical_json(payload)
    link = next_link(account.id, account.chain_length, account.chain_head, raw, number, now)
    values = {
        "id": new_id(), "number": number, "account_id": account.id, "regime": regime.code,
        "period": period.code, "period_start": period.start, "period_end": period.end,
        "due_date": period.due, "version": version, "corrects": asked.corrects,
        "form_version": asked.form_version, "rates_version": assessment.rates_version,
        "profile_version": context.profile_version, "received_at": now, "late": now > due_at,
        "due_cents": ledger.cents(assessment.due), "fingerprint": sha256_hex(raw),
        "commitment": link.commitment, "prev_hash": link.prev_hash, "hash": link.hash,
        "chain_index": link.index, "verification_code": code, "idempotency_key": key,
    }  # fmt: skip
    database.flush()
    connection = database.connection()
    connection.execute(_SUBMISSION, values)
    connection.execute(
        _PAYLOAD, {"submission_id": values["id"], "salt": link.salt, "payload": raw.decode()}
    )
    connection.execute(_HEAD, {"account": account.id, "length": link.index, "head": link.hash})
    account.chain_length, account.chain_head = link.index, link.hash
    if regime.kind is not Kind.CLAIM:  # a claim is booked once it is accepted: claims.py
        dues.note_declared(
            database, account.id, regime, "correction" if previous else "declaration", number,
            period, assessment, now,
        )  # fmt: skip
    return receipt_of(Stored(cast(Submission, SimpleNamespace(**values)), from_json(raw)))


def _affected(
    regime: Regime, context: Context, declaration: Model, assessment: Assessment, now: datetime
) -> list[str]:
    """Later periods that a correction recomputes: those the old figures or the new ones reach."""
    if context.previous is None:
        return []
    old = as_filed(regime, context.previous)
    new = replace(old, declaration=declaration, assessment=assessment, filed_on=paris_day(now))
    reached = {
        code
        for version in (old, new)
        for code in regime.affected_by(context.profile, context.period, [*context.history, version])
    }
    return [filed.period.code for filed in context.history if filed.period.code in reached]


def receipt_of(stored: Stored) -> Receipt:
    """The receipt of a stored submission: from its payload alone, so that it never changes."""
    row, payload = stored.row, stored.payload
    assessment = stored.assessment
    due_time = payload["period"]["due_time"]
    return Receipt(
        number=row.number, account_id=row.account_id, regime=row.regime, period=row.period,
        period_start=row.period_start, period_end=row.period_end, version=row.version,
        corrects=row.corrects, received_at=row.received_at, declaration=payload["declaration"],
        assessment=assessment, due=assessment.due,
        previous_due=None if payload["previous_due"] is None else Decimal(payload["previous_due"]),
        differences=payload["differences"],
        due_date=row.due_date, due_at=paris_moment(row.due_date, time.fromisoformat(due_time)),
        late=row.late, fingerprint=row.fingerprint, verification_code=row.verification_code,
        verification_path=f"/verifier/{row.verification_code}", affected=payload["affected"],
        overlays=payload.get("overlays", []), sent_by=payload.get("sent_by", ""),
    )  # fmt: skip


def differences(before: Assessment, after: Assessment) -> list[LineDifference]:
    """What a correction changes, by code of line; lines that stay equal are left out.

    Lines of the same code (two parts of one period) are compared together.
    """
    labels: dict[str, str] = {}
    was: dict[str, Decimal] = {}
    now: dict[str, Decimal] = {}
    for totals, lines in ((now, after.lines), (was, before.lines)):
        for line in lines:
            if line.apart:
                continue  # never due here
            labels.setdefault(line.code, line.label)
            totals[line.code] = totals.get(line.code, ZERO) + line.amount
    return [
        LineDifference(
            code=code, label=label, before=was.get(code, ZERO), after=now.get(code, ZERO),
            difference=now.get(code, ZERO) - was.get(code, ZERO),
        )
        for code, label in labels.items()
        if was.get(code, ZERO) != now.get(code, ZERO)
    ]  # fmt: skip
