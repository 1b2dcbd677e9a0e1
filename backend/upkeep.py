"""What an operator does beside serving: migrate, back up, export, make the demo again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from sqlalchemy import select

from backend import archive, ledger, rotation
from backend.dsn.neodes import DsnRefused
from backend.main import build_services, open_database
from backend.settings import Settings, SettingsError
from backend.storage.tables import Account, ProfileVersion, Submission, SubmissionPayload
from backend.usecases import decide, dsn, operators, plans, redistribute, remind, retention
from backend.verify import verify


def migrate_database(settings: Settings) -> None:
    """Bring the database to the current schema."""
    open_database(settings).dispose()


def demo(settings: Settings) -> None:
    """A new set of demo accounts as of today; the former one is left where it is."""
    from backend.demo import seed

    services = build_services(settings)
    seed(services, recreate=True)
    services.storage.close()


def back_up(settings: Settings, target: Path, keys: Path | None) -> None:
    """Write an archive while the service runs, and say where the keys are. Raises SettingsError."""
    counts = archive.backup(settings, target, keys)
    print(f"{target} written: {sum(counts.values())} rows.")
    kept = keys if keys is not None else settings.keys
    print(f"Its keys are in {kept}: keep them elsewhere than the archive.")


def bring_back(settings: Settings, source: Path, keys: Path | None) -> None:
    """Restore an archive into an empty collector. Raises SettingsError."""
    counts = archive.restore(settings, source, keys)
    print(f"{source} restored: {sum(counts.values())} rows. Next: quittance verify.")


def rotate_keys(settings: Settings, key: Path | None, name: str | None) -> int:
    """Change the key that seals, or forget one. Status 1 when something could not be opened.

    Raises SettingsError.
    """
    try:
        line = key.read_text("ascii") if key is not None else None
    except (OSError, ValueError):
        raise SettingsError(f"Cannot read {key}.") from None
    services = build_services(settings)
    try:
        if name is not None:
            rotation.retire(services, name)
            print(f"{name} is forgotten. Backups made under it still need it: keep a copy there.")
            return 0
        found = rotation.rotate(services, line)
    finally:
        services.mailer.close()
        services.storage.close()
    print(f"{found.key} seals now{'' if found.made else ' (rotation brought to its end)'}.")
    for place, count in sorted(found.sealed.items()):
        print(f"{place:<34}{count:>10}")
    for place in found.unreadable:
        print(f"NOT OPENED {place}: damaged, or sealed with a key that is not here.")
    for former in found.unused:
        print(f"{former} seals nothing any more: quittance rotate-keys --retire {former}")
    return 1 if found.unreadable else 0


def check_all(settings: Settings) -> int:
    """Compute the whole database again. Status 1 when anything differs."""
    services = build_services(settings)
    try:
        report = verify(services)
    finally:
        services.mailer.close()
        services.storage.close()
    for one in report.differences:
        print(f"DIFFERENCE account={one.account_id} {one.what}: {one.about}")
    for note in report.notes:
        print(f"note account={note.account_id} {note.what}: {note.about}")
    print(
        f"accounts={report.accounts} submissions={report.submissions} "
        f"recomputed={report.recomputed} erased={report.erased} "
        f"transactions={report.transactions} documents={report.documents} "
        f"differences={len(report.differences)}"
    )
    return 1 if report.differences else 0


def decide_all(settings: Settings) -> None:
    """Book what the law says today; a second run the same day books nothing more."""
    services = build_services(settings)
    try:
        print(f"{plans.watch_plans(services)} plans ended, {decide.decide(services)} decisions.")
    finally:
        services.mailer.close()
        services.storage.close()


def share_out(settings: Settings, month: str) -> int:
    """Share out a month and print the report. Status 1 when it does not balance with the ledger.

    Raises SettingsError for a month that is none or not over.
    """
    services = build_services(settings)
    try:
        report = redistribute.redistribute(services, month)
    except redistribute.MonthRunning:
        raise SettingsError(f"{month} is not over.") from None
    except ValueError:
        raise SettingsError("A month such as 2026-10.") from None
    finally:
        services.storage.close()
    if report.already:
        print(f"{month} was shared out before; this is what was sent.")
    for regime, found in report.funds.items():
        for fund, cents in found.items():
            print(f"{regime:<20}{fund:<32}{ledger.euros(cents):>14}")
    print(f"{'':<20}{'credits kept':<32}{ledger.euros(report.credits):>14}")
    print(f"{'':<20}{'collected':<32}{ledger.euros(report.collected):>14}")
    print("Balanced to the cent." if report.balanced else "NOT BALANCED: see docs/operations.md.")
    return 0 if report.balanced else 1


def publish(settings: Settings, folder: Path) -> None:
    """Write the open data files. Raises SettingsError when the folder cannot be written."""
    from backend import open_data  # its Parquet library is heavy

    services = build_services(settings)
    try:
        for path in open_data.write(services, folder):
            print(path)
    except OSError as error:
        raise SettingsError(f"Cannot write in {folder} ({error.strerror}).") from None
    finally:
        services.storage.close()


def remind_all(settings: Settings) -> None:
    """Send the reminders of the day; a second run the same day sends none twice."""
    services = build_services(settings)
    try:
        print(f"{remind.remind(services)} reminders sent.")
    finally:
        services.mailer.close()
        services.storage.close()


def retain_all(settings: Settings) -> None:
    """Delete and anonymise what is past its period; a second run the same day does nothing."""
    services = build_services(settings)
    try:
        found = retention.retain(services)
    finally:
        services.mailer.close()
        services.storage.close()
    if found is None:
        print("Today's run is done already, or another process has it.")
    else:
        print(" ".join(f"{name}={count}" for name, count in found.items()))


def import_returns(settings: Settings, path: Path) -> int:
    """Import a file of employers' returns; 1 when it is refused, with its line. Raises
    SettingsError when it cannot be read."""

    def opened() -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from file

    services = build_services(settings)
    try:
        found = dsn.import_dsn(services, opened, None)
    except OSError as error:
        raise SettingsError(f"Cannot read {path} ({error.strerror}).") from None
    except DsnRefused as refused:
        print(f"{path}, line {refused.line}: {refused.code}. Nothing was imported.")
        return 1
    finally:
        services.storage.close()
    if found.known:
        print("This file had been imported already: nothing was written again.")
    else:
        print(
            f"{found.lines} lines, {found.returns} returns, {found.people} people: "
            f"{found.kept} VRP kept, {found.matched} known here."
        )
    return 0


def operator(settings: Settings, verb: str, email: str | None) -> None:
    """Name, dismiss or list those who work for the collector. Raises SettingsError."""
    services = build_services(settings)
    try:
        if verb == "list":
            print("\n".join(operators.operators(services)))
            return
        if not email:
            raise SettingsError("Which address? quittance operator add|remove EMAIL")
        change = operators.add_operator if verb == "add" else operators.remove_operator
        change(services, email)
    except operators.UnknownPerson:
        raise SettingsError(
            "Nobody who signed up and confirmed this address."
            if verb == "add"
            else "Nobody with this role has this address."
        ) from None
    finally:
        services.storage.close()
    print("Done.")


def export(settings: Settings, out: TextIO, account_id: str | None) -> None:
    """One JSON line an account: its profiles and everything it sent. Raises SettingsError."""
    services = build_services(settings)
    with services.storage.read() as database:
        query = select(Account).order_by(Account.created_at, Account.id)
        if account_id:
            query = query.where(Account.id == account_id)
        found = database.scalars(query).all()
        if account_id and not found:
            raise SettingsError("No such account.")
        for account in found:
            profiles = database.scalars(
                select(ProfileVersion)
                .where(ProfileVersion.account_id == account.id)
                .order_by(ProfileVersion.version)
            )
            sent = database.execute(
                select(Submission, SubmissionPayload.payload)
                .outerjoin(SubmissionPayload, SubmissionPayload.submission_id == Submission.id)
                .where(Submission.account_id == account.id)
                .order_by(Submission.chain_index)
            )
            line = {
                "account": account.id,
                "regime": account.regime,
                "siret": account.siret,
                "name": account.name,
                "created_at": account.created_at.isoformat(),
                "profiles": [
                    {"version": p.version, "reason": p.reason, "data": p.data} for p in profiles
                ],
                "submissions": [
                    {
                        "number": row.number, "chain_index": row.chain_index, "hash": row.hash,
                        "commitment": row.commitment, "fingerprint": row.fingerprint,
                        "payload": json.loads(payload) if payload else None,
                    }
                    for row, payload in sent
                ],
            }  # fmt: skip
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    services.storage.close()
