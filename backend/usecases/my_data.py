"""A copy of everything kept about a person, for machines (JSON) and for reading (PDF).

Every column of every table is either given or left out with a reason: a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Table, func, or_, select

from backend.audit import record
from backend.documents.my_data import data_sheet
from backend.documents.sheet import sheet_pdf
from backend.problems import Problem
from backend.services import Client, Services
from backend.storage.engine import Database
from backend.storage.privacy import DataCopy
from backend.storage.tables import Account, Base, Person, new_id
from backend.usecases import marks
from backend.usecases.dsn import nir_of_returns
from backend.usecases.reauth import reauthenticate
from contract.i18n import words
from contract.privacy import DataAsk, DataCopyView
from contract.problem import ProblemCode

log = structlog.get_logger("quittance.data")

KEPT_FOR = timedelta(days=1)
AT_ONCE = 2000
"""Rows up to which a copy is made while the person waits."""


@dataclass(frozen=True)
class Given:
    """How the rows of a table are found from a person: by `of` (person, account, or the table and
    column it hangs on). `without`: columns left out, and why."""

    of: str
    column: str
    without: Mapping[str, str] = field(default_factory=dict)


_HASH = "empreinte d’un secret : sans usage pour vous, utile à un voleur"
_OTHER = "identité d’un agent du service"
_INNER = "numérotation interne"
_STORE = "emplacement interne du fichier ; le fichier se télécharge dans Documents"

GIVEN: dict[str, Given] = {
    "persons": Given("person", "id", {"password_hash": _HASH}),
    "sessions": Given("person", "person_id", {"token_hash": _HASH}),
    "one_time_tokens": Given("person", "person_id", {"token_hash": _HASH}),
    "notification_choices": Given("person", "person_id"),
    "push_subscriptions": Given("person", "person_id", {"endpoint_hash": _HASH}),
    "device_keys": Given("person", "person_id", {"proof_hash": _HASH, "half": "moitié de la clé "
                         "de votre appareil : elle ne doit exister qu’à un endroit"}),
    "operators": Given("person", "person_id"),
    "factors": Given("person", "person_id", {"secret": "le secret de votre application de codes : "
                     "il ne doit exister qu’à un endroit"}),
    "recovery_codes": Given("person", "person_id", {"code_hash": _HASH}),
    "passkeys": Given("person", "person_id"),
    "ceremonies": Given("person", "person_id", {"token_hash": _HASH, "data": _INNER}),
    "linked_identities": Given("person", "person_id"),
    "provider_sessions": Given("sessions.id", "session_id", {"id_token": _HASH}),
    "seen_devices": Given("person", "person_id", {"mark": _HASH}),
    "freezes": Given("person", "person_id"),
    "closures": Given("person", "person_id"),
    "data_copies": Given("person", "person_id", {"key": _STORE}),
    "accounts": Given("person", "person_id"),
    "delegations": Given("audit", "person_id", {"token_hash": _HASH}),
    "delegated_acts": Given("delegations.id", "delegation_id"),
    "profiles": Given("account", "account_id"),
    "drafts": Given("account", "account_id"),
    "submissions": Given("account", "account_id"),
    "submission_payloads": Given("submissions.id", "submission_id"),
    "claim_steps": Given("submissions.id", "submission_id", {"by_id": _OTHER}),
    "ledger_transactions": Given("account", "account_id"),
    "ledger_lines": Given("account", "account_id"),
    "period_balances": Given("account", "account_id"),
    "dues": Given("account", "account_id"),
    "mandates": Given("account", "account_id", {"salt": _INNER}),
    "events": Given("account", "account_id"),
    "event_heads": Given("account", "account_id"),
    "debit_orders": Given("account", "account_id"),
    "payments": Given("account", "account_id"),
    "refunds": Given("account", "account_id"),
    "refund_accounts": Given("account", "account_id"),
    "decisions": Given("account", "account_id"),
    "payment_plans": Given("account", "account_id"),
    "disputes": Given("account", "account_id"),
    "dispute_steps": Given("disputes.id", "dispute_id"),
    "entries": Given("account", "account_id", {"change": _INNER}),
    "attachments": Given("account", "account_id", {"key": _STORE}),
    "documents": Given("account", "account_id", {"key": _STORE}),
    "threads": Given("account", "account_id"),
    "thread_messages": Given("threads.id", "thread_id", {"author_id": _OTHER}),
    "reminders_sent": Given("account", "account_id"),
    "calendar_feeds": Given("account", "account_id", {"token_hash": _HASH}),
    "looks": Given("account", "account_id", {"operator_id": _OTHER}),
    "erasures": Given("account", "account_id"),
    "audit": Given("audit", "person_id", {"session_id": _INNER, "person_id": _OTHER}),
    "dsn_filings": Given("nir", "nir_mark", {"nir_mark": _HASH, "mark_generation": _INNER}),
    "dsn_returns": Given("dsn_filings.return_id", "id", {"position": _INNER}),
}  # fmt: skip

LEFT_OUT: dict[str, str] = {
    "throttle": "compteurs d’essais, sous une empreinte qui ne désigne personne",
    "idempotency": "copies passagères de réponses : les déclarations y sont en entier",
    "collections": "fichiers bancaires de plusieurs personnes : vos paiements y sont déjà",
    "bank_events": "numéros d’événements de la banque, sans personne",
    "sandbox_checkouts": "livres du prestataire d’essai, sans personne",
    "redistributions": "totaux par caisse et par mois",
    "rate_tables": "taux publics",
    "dsn_imports": "fichiers d’employeurs dans leur ensemble",
    "mark_secrets": "secrets du service",
    "retention_runs": "passages de l’effacement, en nombres",
}


def collect(database: Database, services: Services, person: Person) -> dict[str, list[Any]]:
    """Every row about `person`, by table, without the columns left out."""
    tables = Base.metadata.tables
    accounts = list(
        database.scalars(select(Account.id).where(Account.person_id == person.id))
    )  # fmt: skip
    found: dict[str, list[Any]] = {}
    for name, given in GIVEN.items():
        table = tables[name]
        where = _where(database, services, table, given, person, accounts, found)
        columns = [c for c in table.columns if c.name not in given.without]
        query = select(*columns).where(where)
        rows = database.execute(query.order_by(*table.primary_key)).mappings().all()
        found[name] = [dict(row) for row in rows]
    return found


def _where(
    database: Database, services: Services, table: Table, given: Given, person: Person,
    accounts: list[str], found: dict[str, list[Any]],
) -> ColumnElement[bool]:  # fmt: skip
    column = table.c[given.column]
    if given.of == "person":
        return column == person.id
    if given.of == "account":
        return column.in_(accounts)
    if given.of == "audit":
        return or_(column == person.id, table.c.account_id.in_(accounts))
    if given.of == "nir":
        marker = marks.reader(services, database)
        numbers = database.scalars(select(Account.nir).where(Account.id.in_(accounts))).all()
        return column.in_([m for nir in numbers if nir for m in marker.every(nir_of_returns(nir))])
    parent, _, name = given.of.partition(".")
    return column.in_([row[name] for row in found[parent]])


def as_json(services: Services, person: Person) -> bytes:
    """Everything, for machines. Amounts named `…_cents` are whole cents; moments are in UTC."""
    with services.storage.read() as database:
        found = collect(database, services, person)
    told = {
        "form": 1,
        "made_at": services.clock.now().isoformat(),
        "service": services.settings.service_name,
        "about": {
            "cents": "whole cents of euro; debit positive, credit negative in ledger_lines",
            "left_out": {
                **{f"{t}.{c}": why for t, g in GIVEN.items() for c, why in g.without.items()},
                **LEFT_OUT,
            },
        },
        **{name: [_plain(name, row) for row in rows] for name, rows in found.items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=1, default=_told).encode()


def _plain(table: str, row: dict[str, Any]) -> dict[str, Any]:
    if table == "submission_payloads":
        return {**row, "payload": json.loads(row["payload"])}
    return row


def _told(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def as_pdf(services: Services, person: Person, locale: str) -> bytes:
    """The same, for reading: tables of what matters, and how many rows of the rest."""
    with services.storage.read() as database:
        found = collect(database, services, person)
    w = words(locale)
    labels = {code: services.registry.get(code).label for code in services.registry.codes()}
    sheet = data_sheet(found, labels, services.clock.today(), w)
    return sheet_pdf(sheet, services.settings, w)


# -- Asking ----------------------------------------------------------------------------------------


def copy_view(row: DataCopy) -> DataCopyView:
    """A copy, as the wire says it."""
    return DataCopyView(
        id=row.id, form=row.form, state=row.state, size=row.size, asked_at=row.asked_at,
        expires_at=row.expires_at, path=f"/me/data/{row.id}",
    )  # fmt: skip


def ask(
    services: Services, client: Client, person: Person, asked: DataAsk
) -> tuple[DataCopy, bool]:
    """A copy asked for, and whether it is left to be made. The former of this form goes.

    Raises invalid-input for another password.
    """
    reauthenticate(services, client, person, asked.current_password)
    now = services.clock.now()
    row = DataCopy(
        id=new_id(), person_id=person.id, form=asked.form, locale=asked.locale, state="making",
        key="", size=0, asked_at=now, expires_at=now + KEPT_FOR,
    )  # fmt: skip
    with services.storage.write() as database:
        former = database.scalars(
            select(DataCopy).where(
                DataCopy.person_id == person.id, DataCopy.form == asked.form,
            )
        ).all()  # fmt: skip
        old = [one.key for one in former if one.key]
        for one in former:
            database.delete(one)
        database.add(row)
        record(database, now, "data.copy", person_id=person.id, form=asked.form)
    for key in old:
        services.files.delete(key)
    if _rows(services, person) > AT_ONCE:
        return row, True
    return make(services, person, row.id), False


def _rows(services: Services, person: Person) -> int:
    """About how much there is: the tables that grow."""
    with services.storage.read() as database:
        accounts = select(Account.id).where(Account.person_id == person.id)
        return sum(
            database.scalar(
                select(func.count()).select_from(table).where(table.c.account_id.in_(accounts))
            )
            or 0
            for table in (Base.metadata.tables[n] for n in ("entries", "ledger_lines", "payments"))
        )


def make(services: Services, person: Person, copy_id: str) -> DataCopy:
    """Make a copy that was asked for, sealed in the file store; `failed` when it cannot be."""
    with services.storage.read() as database:
        row = database.get_one(DataCopy, copy_id)
    key, size, state = "", 0, "failed"
    try:
        made = (
            as_json(services, person) if row.form == "json"
            else as_pdf(services, person, row.locale)
        )  # fmt: skip
        key, size, state = services.files.put(services.keys.seal(made)), len(made), "ready"
    except Exception as error:
        log.error("copy failed", error=type(error).__name__)
    with services.storage.write() as database:
        kept = database.get(DataCopy, copy_id)
        if kept is None:  # asked again meanwhile
            if key:
                services.files.delete(key)
            return row
        kept.key, kept.size, kept.state = key, size, state
        return kept


def copies(services: Services, person: Person) -> list[DataCopy]:
    """Copies that may still be taken, newest first."""
    with services.storage.read() as database:
        return list(
            database.scalars(
                select(DataCopy)
                .where(
                    DataCopy.person_id == person.id, DataCopy.expires_at > services.clock.now()
                )
                .order_by(DataCopy.asked_at.desc(), DataCopy.id)
            )
        )  # fmt: skip


def take(services: Services, person: Person, copy_id: str) -> tuple[DataCopy, bytes]:
    """A copy of mine, and its bytes. Raises not-found."""
    with services.storage.read() as database:
        row = database.get(DataCopy, copy_id)
    now = services.clock.now()
    if row is None or row.person_id != person.id or not row.key or row.expires_at <= now:
        raise Problem(ProblemCode.NOT_FOUND)
    content = services.keys.open(services.files.get(row.key))
    with services.storage.write() as database:
        record(database, now, "data.copy_taken", person_id=person.id, form=row.form)
    return row, content
