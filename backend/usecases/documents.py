"""Issue documents once, sealed, and keep them: the safe of each account."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import record
from backend.clock import paris_day
from backend.files.store import FileMissing
from backend.problems import Problem
from backend.secrets import human_code
from backend.services import Services
from backend.storage.documents import IssuedDocument
from backend.storage.tables import Account, new_id
from contract.problem import ProblemCode

MAKER = Callable[[str, str], bytes]
"""Makes the PDF of a document from its number and its security code (empty: none)."""


def find_issued(
    services: Services, account: Account, kind: str, origin: str, locale: str
) -> IssuedDocument | None:
    """The document issued for `origin` in this language, if one was."""
    with services.storage.read() as database:
        return database.scalar(
            select(IssuedDocument).where(
                IssuedDocument.account_id == account.id, IssuedDocument.kind == kind,
                IssuedDocument.origin == origin, IssuedDocument.locale == locale,
            )
        )  # fmt: skip


def issue(
    services: Services, account: Account, kind: str, locale: str, title: str, make: MAKER, *,
    origin: str = "", prefix: str = "D", year: int | None = None, valid_until: date | None = None,
    number: str = "", public: bool = True,
) -> IssuedDocument:  # fmt: skip
    """Make, seal and keep a document. With an `origin`, the one already issued for it is given
    again, byte for byte. `public`: anyone holding its code may check it. `number` and no code of
    its own for what has them already (a receipt)."""
    if origin:
        kept = find_issued(services, account, kind, origin, locale)
        if kept is not None:
            return kept
    now = services.clock.now()
    code = human_code(20) if public else ""
    given = number or f"{prefix}-{now.year}-{human_code(10)}"
    from backend.documents.seal import load_seal  # a fifth of a second to import

    document = load_seal(services.settings).apply(make(given, code), now)
    key = services.files.put(services.keys.seal(document))
    row = IssuedDocument(
        id=new_id(), account_id=account.id, kind=kind, origin=origin or given, locale=locale,
        title=title, year=year or paris_day(now).year, number=given, code=code or None,
        fingerprint=hashlib.sha256(document).hexdigest(), size=len(document), key=key,
        issued_at=now, valid_until=valid_until,
    )  # fmt: skip
    try:
        with services.storage.write() as database:
            database.add(row)
            record(
                database, now, "document.issue", person_id=account.person_id,
                account_id=account.id, kind=kind, number=given,
            )  # fmt: skip
    except IntegrityError:
        services.files.delete(key)
        kept = find_issued(services, account, kind, origin, locale)
        if kept is None:
            raise
        return kept  # another request issued it meanwhile
    except BaseException:
        services.files.delete(key)
        raise
    return row


def content_of(services: Services, row: IssuedDocument) -> bytes:
    """The bytes of a document, as issued. Raises not-found when they were erased."""
    try:
        content = services.keys.open(services.files.get(row.key))
    except FileMissing:
        raise Problem(ProblemCode.NOT_FOUND) from None
    if hashlib.sha256(content).hexdigest() != row.fingerprint:
        raise RuntimeError("a kept document has changed")
    return content


def issued(services: Services, account: Account) -> list[IssuedDocument]:
    """Every document issued to an account, newest first."""
    with services.storage.read() as database:
        return list(
            database.scalars(
                select(IssuedDocument)
                .where(IssuedDocument.account_id == account.id)
                .order_by(IssuedDocument.issued_at.desc(), IssuedDocument.number)
            )
        )


def one_issued(services: Services, account: Account, wanted: str) -> IssuedDocument:
    """A document of an account. Raises not-found."""
    with services.storage.read() as database:
        row = database.get(IssuedDocument, wanted)
    if row is None or row.account_id != account.id:
        raise Problem(ProblemCode.NOT_FOUND)
    return row


def zipped(files: list[tuple[str, bytes]]) -> bytes:
    """Files in one ZIP; a name given twice gets a number."""
    out, seen = io.BytesIO(), dict[str, int]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            seen[name] = seen.get(name, 0) + 1
            stem, dot, end = name.rpartition(".")
            told = name if seen[name] == 1 else f"{stem} ({seen[name]}){dot}{end}"
            archive.writestr(told, content)
    return out.getvalue()
