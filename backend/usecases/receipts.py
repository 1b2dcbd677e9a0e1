"""The receipt of a submission as a sealed PDF: made at the first demand, kept as issued."""

from __future__ import annotations

import json

from sqlalchemy import select

from backend.documents.receipt import receipt_pdf
from backend.problems import Problem
from backend.services import Services
from backend.storage.tables import Account, Submission, SubmissionPayload
from backend.usecases.documents import content_of, issue
from backend.usecases.history import Stored
from contract.i18n import words
from contract.problem import ProblemCode


def stored_submission(services: Services, account: Account, number: str) -> Stored:
    """A submission of an account with its payload. Raises not-found."""
    with services.storage.read() as database:
        row = database.execute(
            select(Submission, SubmissionPayload.payload)
            .join(SubmissionPayload, SubmissionPayload.submission_id == Submission.id)
            .where(Submission.account_id == account.id, Submission.number == number)
        ).first()
    if row is None:
        raise Problem(ProblemCode.NOT_FOUND)
    return Stored(row[0], json.loads(row[1]))


def sealed_receipt(services: Services, account: Account, number: str, locale: str) -> bytes:
    """The sealed receipt, byte for byte the one given the first time in this language."""
    stored = stored_submission(services, account, number)
    registry = services.registry
    # An account may have changed régime since: a receipt speaks of the one it was sent under.
    code = stored.row.regime if stored.row.regime in registry else account.regime
    w = words(locale)
    period = w.period(stored.row.period_start, stored.row.period_end)
    kept = issue(
        services, account, "receipt", locale,
        w.t("Reçu {number}, {period}").format(number=number, period=period),
        lambda _number, _code: receipt_pdf(stored, services.settings, registry.get(code), locale),
        origin=number, number=number, year=stored.row.period_end.year, public=False,
    )  # fmt: skip
    return content_of(services, kept)
