"""Compute a whole database again: chains, assessments, ledger, documents. Nothing is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import func, select

from backend import chain, ledger
from backend.files.store import FileMissing
from backend.services import Services
from backend.storage.documents import IssuedDocument
from backend.storage.engine import Database
from backend.storage.tables import (
    Account,
    LedgerLine,
    LedgerTransaction,
    ProfileVersion,
    Submission,
    SubmissionPayload,
)
from backend.usecases.history import Stored, as_period, filed_history
from backend.verify_events import faults
from contract.canonical import assessment_fingerprint, sha256_hex
from regimes.regime import Filed


@dataclass(frozen=True)
class Difference:
    """What is not as it was written: never a figure, never who."""

    account_id: str
    what: str
    about: str


@dataclass
class Report:
    """What was looked at, and what differs."""

    accounts: int = 0
    submissions: int = 0
    recomputed: int = 0
    erased: int = 0
    transactions: int = 0
    documents: int = 0
    differences: list[Difference] = field(default_factory=list)
    notes: list[Difference] = field(default_factory=list)
    """What could not be computed again, and why: not a difference."""


def verify(services: Services) -> Report:
    """Every chain link, assessment, ledger transaction and document, one account at a time."""
    report = Report()
    with services.storage.read() as database:
        names = list(database.scalars(select(Account.id).order_by(Account.id)))
    for name in names:
        with services.storage.read() as database:
            account = database.get(Account, name)
            if account is None:
                continue  # closed meanwhile
            report.accounts += 1
            _submissions(services, database, account, report)
            _ledger(database, account, report)
            for what, about in faults(database, account.id):
                report.differences.append(Difference(account.id, what, about))
            _documents(services, database, account, report)
    return report


def _submissions(services: Services, database: Database, account: Account, report: Report) -> None:
    head, index = chain.START, 0
    newest: dict[str, Stored] = {}
    whole = True
    for row, found in database.execute(
        select(Submission, SubmissionPayload)
        .outerjoin(SubmissionPayload, SubmissionPayload.submission_id == Submission.id)
        .where(Submission.account_id == account.id)
        .order_by(Submission.chain_index)
    ):
        kept = cast("SubmissionPayload | None", found)
        report.submissions += 1
        index += 1
        for what in _link_faults(account, row, head, index):
            report.differences.append(Difference(account.id, what, row.number))
        head = row.hash
        if kept is None:
            report.erased += 1
            whole = False
            report.notes.append(Difference(account.id, "erased", row.number))
            continue
        raw = kept.payload.encode()
        if chain.commitment_of(kept.salt, raw) != row.commitment or sha256_hex(raw) != (
            row.fingerprint
        ):
            report.differences.append(Difference(account.id, "payload changed", row.number))
            continue
        stored = Stored(row, json.loads(raw))
        if ledger.cents(stored.assessment.due) != row.due_cents:
            report.differences.append(Difference(account.id, "amount changed", row.number))
        _recompute(services, database, account, stored, newest, whole, report)
        newest[row.period] = stored
    if (account.chain_length, account.chain_head) != (index, head):
        report.differences.append(Difference(account.id, "chain cut", f"{index} links"))


def _link_faults(account: Account, row: Submission, head: str, index: int) -> Iterator[str]:
    if row.chain_index != index or row.prev_hash != head:
        yield "link missing"
    if row.hash != chain.link_hash(
        account.id, row.chain_index, row.prev_hash, row.commitment, row.number, row.received_at
    ):
        yield "link changed"


def _recompute(
    services: Services, database: Database, account: Account, stored: Stored,
    newest: dict[str, Stored], whole: bool, report: Report,
) -> None:  # fmt: skip
    """Assess again with the rates, profile and history of the day it was sent."""
    row, payload = stored.row, stored.payload
    about = Difference(account.id, "", row.number)
    regime = services.registry.get(row.regime) if row.regime in services.registry else None
    if regime is None or payload["form_version"] != regime.form_version:
        report.notes.append(Difference(about.account_id, "form of another version", about.about))
        return
    rates = services.rates.of_version(regime, row.rates_version)
    profile = database.scalar(
        select(ProfileVersion.data).where(
            ProfileVersion.account_id == account.id,
            ProfileVersion.version == row.profile_version,
        )
    )
    if rates is None or profile is None or not whole:
        why = "rates not kept" if rates is None else "history erased"
        report.notes.append(Difference(about.account_id, why, about.about))
        return
    others = sorted(
        (one for code, one in newest.items() if code != row.period),
        key=lambda one: one.row.period_start,
    )
    history: list[Filed] = filed_history(regime, others)
    declaration = regime.Declaration.model_validate(payload["declaration"])
    assessment = regime.assess(
        regime.Profile.model_validate(profile), as_period(stored), declaration, history, rates
    )
    report.recomputed += 1
    if assessment_fingerprint(declaration, assessment) != payload["calculation"]:
        report.differences.append(Difference(account.id, "assessment differs", row.number))


def _ledger(database: Database, account: Account, report: Report) -> None:
    sums = database.execute(
        select(LedgerTransaction.id, func.sum(LedgerLine.amount_cents))
        .join(LedgerLine, LedgerLine.transaction_id == LedgerTransaction.id)
        .where(LedgerTransaction.account_id == account.id)
        .group_by(LedgerTransaction.id)
    ).all()
    report.transactions += len(sums)
    for name, total in sums:
        if total != 0:
            report.differences.append(Difference(account.id, "transaction unbalanced", name))
    known = set(
        database.scalars(select(Submission.number).where(Submission.account_id == account.id))
    )
    told = database.execute(
        select(LedgerTransaction.id, LedgerTransaction.origin_id).where(
            LedgerTransaction.account_id == account.id,
            LedgerTransaction.origin_kind == "submission",
        )
    )
    for name, origin in told:
        if origin not in known:
            report.differences.append(Difference(account.id, "transaction without origin", name))


def _documents(services: Services, database: Database, account: Account, report: Report) -> None:
    for row in database.scalars(
        select(IssuedDocument).where(IssuedDocument.account_id == account.id)
    ):
        report.documents += 1
        try:
            content = services.keys.open(services.files.get(row.key))
        except FileMissing:
            report.differences.append(Difference(account.id, "document missing", row.number))
            continue
        except Exception:  # a damaged file: the library that opens it tells in many ways
            report.differences.append(Difference(account.id, "document damaged", row.number))
            continue
        if hashlib.sha256(content).hexdigest() != row.fingerprint:
            report.differences.append(Difference(account.id, "document changed", row.number))
