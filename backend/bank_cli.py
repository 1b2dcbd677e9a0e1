"""`quittance collect` and `quittance returns`: counts and file names, never a figure."""

from __future__ import annotations

import sys
from datetime import date, time
from pathlib import Path

from backend.banking.files import FileRefused
from backend.banking.returns import Received, Unreadable, read_answers
from backend.clock import paris_moment
from backend.main import build_services
from backend.settings import Settings
from backend.usecases import pay
from backend.usecases.collect import collect


def run_collect(settings: Settings, on: date | None) -> int:
    """Send what is ready on `on`. Status 1 when a file was refused, 2 when it is too early."""
    services = build_services(settings)
    try:
        day = on or services.clock.today()
        if services.clock.now() < paris_moment(day, time(12)) and not settings.demo:
            print(f"Orders of {day} can change until noon in Paris: run again after.",
                  file=sys.stderr)  # fmt: skip
            return 2
        report = collect(services, day)
    except FileRefused as error:
        print(f"A file was refused by its schema ({error}): nothing of it was written.",
              file=sys.stderr)  # fmt: skip
        return 1
    finally:
        services.mailer.close()
        services.storage.close()
    print(f"Calls issued: {report.calls}")
    print(f"Debits: {report.debits}")
    print(f"Refunds: {report.refunds}")
    for path in report.files:
        print(f"File: {path}")
    return 0


def run_returns(settings: Settings, file: Path) -> int:
    """Book what a file of the bank says. Status 1 when it cannot be read."""
    try:
        answers = read_answers(file.read_bytes())
    except OSError as error:
        print(f"Cannot read {file} ({error.strerror}).", file=sys.stderr)
        return 1
    except Unreadable as error:
        print(f"{file} is not an answer of the bank: {error}.", file=sys.stderr)
        return 1
    services = build_services(settings)
    booked = received = unknown = 0
    try:
        for answer in answers:
            if isinstance(answer, Received):
                taken = pay.take_transfer(services, answer)
                received += taken
            else:
                taken = pay.take_return(services, answer)
                booked += taken
            unknown += not taken
    finally:
        services.mailer.close()
        services.storage.close()
    print(f"Returned: {booked}")
    print(f"Transfers: {received}")
    print(f"Known already or unknown here: {unknown}")
    return 0
