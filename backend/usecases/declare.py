"""Declare, and correct: one transaction that appends a submission, its link and its entries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from backend import ledger, messages
from backend.audit import record
from backend.chain import next_link
from backend.clock import paris_day, paris_moment
from backend.problems import Problem, field_problem, field_problems
from backend.ratebook import keep_in
from backend.secrets import human_code
from backend.services import Services
from backend.storage.engine import Along, Database, nothing_else
from backend.storage.tables import (
    Account,
    Draft,
    Idempotency,
    Person,
    Submission,
    SubmissionPayload,
    new_id,
)
from backend.usecases import dues, orders
from backend.usecases.accounts import locked
from backend.usecases.history import (
    Stored,
    as_filed,
    current_profile,
    filed_history,
    latest,
    versions,
)
from contract.canonical import assessment_fingerprint, canonical_json, sha256_hex
from contract.declarations import Estimate, LineDifference, Receipt, Submit
from contract.problem import ProblemCode
from regimes.assessment import Assessment
from regimes.money import ZERO
from regimes.regime import DeclarationRefused, Filed, Kind, Model, Period, PeriodStatus, Regime


@dataclass(frozen=True)
class Context:
    """What a declaration is assessed with."""

    profile: Model
    profile_version: int
    period: Period
    history: list[Filed]


def read_declaration(regime: Regime, data: dict[str, Any]) -> Model:
    """The régime's declaration. Raises invalid-input naming declaration.… fields."""
    try:
        return regime.Declaration.model_validate(data)
    except ValidationError as error:
        raise Problem(
            ProblemCode.INVALID_INPUT, errors=field_problems(error, "declaration")
        ) from None


def context_of(
    database: Database, services: Services, account: Account, regime: Regime, code: str
) -> Context:
    """Profile, period and history of a declaration. Raises period-unknown."""
    profile, version = current_profile(database, regime, account.id)
    period = find_period(regime, profile, services, code)
    history = filed_history(regime, latest(database, account.id))
    return Context(profile, version, period, [f for f in history if f.period.code != code])


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

    The key is taken in a transaction of its own, so that a second request meets it while the
    first still runs; the submission and the answer kept under the key commit together.
    """
    if person.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    declaration = read_declaration(regime, asked.declaration)
    signed = asked.model_dump(mode="json", exclude={"declaration"})
    request_hash = sha256_hex(canonical_json([period, declaration, signed]))
    kept = _take_key(services, account.id, key, request_hash)
    if kept is not None:
        return kept, True
    try:
        receipt = _submit(
            services, by or person.id, sent_by, account, regime, period, key, asked, declaration,
            along,
        )  # fmt: skip
    except BaseException:
        _release_key(services, account.id, key)
        raise
    services.metrics.declared(regime.code)
    services.mailer.send(
        messages.receipt_notice(
            services.settings,
            person.email,
            person.locale,
            regime.kind,
            receipt.number,
            f"{services.settings.url}/history/{period}",
        )
    )
    return receipt, False


def _take_key(services: Services, scope: str, key: str, request_hash: str) -> Receipt | None:
    """Take a key, or the receipt kept under it. Raises for another body, or while it runs."""
    now = services.clock.now()
    for _attempt in range(2):
        with services.storage.write() as database:
            row = database.scalar(
                select(Idempotency)
                .where(Idempotency.scope == scope, Idempotency.key == key)
                .with_for_update()
            )
            if row is not None:
                if row.request_hash != request_hash:
                    raise Problem(ProblemCode.IDEMPOTENCY_KEY_REUSED)
                if row.state == "done" and row.response is not None:
                    return Receipt.model_validate_json(row.response)
                # A request that holds its key longer than this died with its process; had it only
                # been slow, the receipt it leaves is found before anything is appended. A clock set
                # back since must not make it look young until that moment comes again.
                if abs(now - row.created_at) < timedelta(
                    seconds=services.settings.request_stale_seconds
                ):
                    raise Problem(ProblemCode.REQUEST_IN_PROGRESS, retry_after=1)
                row.created_at = now
                return None
            try:
                with database.begin_nested():
                    database.add(
                        Idempotency(
                            scope=scope,
                            key=key,
                            request_hash=request_hash,
                            state="running",
                            created_at=now,
                        )
                    )
                return None
            except IntegrityError:
                continue  # another request took it between our look and our step
    raise Problem(ProblemCode.REQUEST_IN_PROGRESS, retry_after=1)


def _answer_kept(database: Database, scope: str, key: str) -> Receipt | None:
    response = database.scalar(
        select(Idempotency.response).where(
            Idempotency.scope == scope, Idempotency.key == key, Idempotency.state == "done"
        )
    )
    return None if response is None else Receipt.model_validate_json(response)


def _release_key(services: Services, scope: str, key: str) -> None:
    """Nothing was declared: the key may be used again, with corrected figures."""
    with services.storage.write() as database:
        database.execute(
            delete(Idempotency).where(
                Idempotency.scope == scope, Idempotency.key == key, Idempotency.state == "running"
            )
        )


def _submit(
    services: Services, by: str, sent_by: str, account: Account, regime: Regime, period: str,
    key: str, asked: Submit, declaration: Model, along: Along,
) -> Receipt:  # fmt: skip
    now = services.clock.now()
    with services.storage.write() as database:
        held = locked(database, account.id)
        answered = _answer_kept(database, account.id, key)
        if answered is not None:
            return answered  # a request taken for dead had only been slow
        context = context_of(database, services, held, regime, period)
        previous = versions(database, account.id, period)
        _check_turn(context.period, previous, asked, regime)
        assessment = assess_now(services, regime, context, declaration)
        fresh = estimate_of(regime, declaration, assessment)
        if fresh.fingerprint != asked.fingerprint:
            raise Problem(
                ProblemCode.CALCULATION_CHANGED,
                extra={
                    "shown_fingerprint": asked.fingerprint,
                    "shown_rates_version": asked.rates_version,
                    "estimate": fresh.model_dump(mode="json"),
                },
            )
        receipt = _append(
            database, services, held, regime, context, key, asked, declaration, assessment,
            previous, now, sent_by,
        )  # fmt: skip
        _recompute(database, services, held, regime, receipt, now)
        calls = dues.issue_calls(database, services, held, regime)
        orders.order_calls(database, held, [due.code for due in calls], now)
        database.execute(
            delete(Draft).where(Draft.account_id == account.id, Draft.period == period)
        )
        database.execute(
            update(Idempotency)
            .where(Idempotency.scope == account.id, Idempotency.key == key)
            .values(state="done", status=201, response=receipt.model_dump_json(), finished_at=now)
        )
        record(
            database, now, "declaration.correct" if previous else "declaration.submit",
            person_id=by, account_id=account.id, number=receipt.number,
            version=receipt.version,
        )  # fmt: skip
        along(database, receipt.number)
    return receipt


def _recompute(
    database: Database, services: Services, account: Account, regime: Regime, receipt: Receipt,
    now: datetime,
) -> None:  # fmt: skip
    """Assess again the later periods that a correction reaches: same figures, a new version with
    the new amounts, and the difference in the ledger. Nothing when an amount does not move."""
    for code in receipt.affected:
        previous = versions(database, account.id, code)
        context = context_of(database, services, account, regime, code)
        declaration = read_declaration(regime, previous[0].payload["declaration"])
        assessment = regime.assess(
            context.profile, context.period, declaration, context.history,
            services.rates.table(regime),
        )  # fmt: skip
        before = previous[0].assessment
        if [(line.code, line.amount) for line in assessment.lines] == [
            (line.code, line.amount) for line in before.lines
        ]:
            continue
        asked = Submit(
            declaration=previous[0].payload["declaration"],
            fingerprint=assessment_fingerprint(declaration, assessment),
            rates_version=assessment.rates_version, form_version=regime.form_version,
            corrects=previous[0].row.number,
        )  # fmt: skip
        again = _append(
            database, services, account, regime, context, f"{receipt.number}.{code}"[:64], asked,
            declaration, assessment, previous, now,
        )  # fmt: skip
        record(
            database, now, "declaration.recompute", account_id=account.id, number=again.number,
            version=again.version,
        )  # fmt: skip


def _check_turn(period: Period, previous: Sequence[Stored], asked: Submit, regime: Regime) -> None:
    """Whether this period may be declared, or corrected, now."""
    if asked.form_version != regime.form_version:
        raise Problem(ProblemCode.FORM_OUTDATED, extra={"form_version": regime.form_version})
    if period.status is PeriodStatus.UPCOMING:
        raise Problem(ProblemCode.PERIOD_NOT_OPEN, extra={"opens": period.opens.isoformat()})
    if period.status is PeriodStatus.CLOSED:
        raise Problem(ProblemCode.PERIOD_CLOSED)
    number = previous[0].row.number if previous else None
    if previous and asked.corrects is None:
        raise Problem(ProblemCode.ALREADY_DECLARED, extra={"latest": number})
    if asked.corrects != number:
        raise Problem(ProblemCode.CORRECTS_OUTDATED, extra={"latest": number})


def _append(
    database: Database, services: Services, account: Account, regime: Regime, context: Context,
    key: str, asked: Submit, declaration: Model, assessment: Assessment,
    previous: Sequence[Stored], now: datetime, sent_by: str = "",
) -> Receipt:  # fmt: skip
    period = context.period
    rates = services.rates.of_version(regime, assessment.rates_version)
    overlays: list[str] = []
    if rates is not None:
        keep_in(database, rates, services.clock)
        overlays = list(rates.origins())
    number = f"Q-{now.year}-{human_code(10)}"
    code = human_code(20)
    due_at = paris_moment(period.due, period.due_time)
    version = previous[0].row.version + 1 if previous else 1
    before = previous[0].assessment if previous else None
    affected = _affected(regime, context, previous, declaration, assessment, now)
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
        "assessment": asdict(assessment),
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
    row = Submission(
        id=new_id(), number=number, account_id=account.id, regime=regime.code, period=period.code,
        period_start=period.start, period_end=period.end, due_date=period.due, version=version,
        corrects=asked.corrects, form_version=asked.form_version,
        rates_version=assessment.rates_version, profile_version=context.profile_version,
        received_at=now, late=now > due_at, due_cents=ledger.cents(assessment.due),
        fingerprint=sha256_hex(raw), commitment=link.commitment, prev_hash=link.prev_hash,
        hash=link.hash, chain_index=link.index, verification_code=code, idempotency_key=key,
    )  # fmt: skip
    database.add(row)
    database.flush()
    database.add(SubmissionPayload(submission_id=row.id, salt=link.salt, payload=raw.decode()))
    account.chain_length, account.chain_head = link.index, link.hash
    if regime.kind is not Kind.CLAIM:  # a claim is booked once it is accepted: claims.py
        dues.note_declared(
            database, account, regime, "correction" if previous else "declaration", number, period,
            assessment, now,
        )  # fmt: skip
    return receipt_of(Stored(row, json.loads(raw)))


def _affected(
    regime: Regime, context: Context, previous: Sequence[Stored], declaration: Model,
    assessment: Assessment, now: datetime,
) -> list[str]:  # fmt: skip
    """Later periods that a correction recomputes: those the old figures or the new ones reach."""
    if not previous:
        return []
    old = as_filed(regime, previous[0])
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
