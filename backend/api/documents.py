"""My documents: everything kept, what I can ask for, and all of it in one file."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from sqlalchemy import select

from backend.api.deps import OwnedDep, SeenDep
from backend.api.files import Shown, pdf_response
from backend.problems import Problem, responses
from backend.routes import Routes
from backend.storage.documents import IssuedDocument
from backend.storage.tables import Submission
from backend.usecases import attachments, documents
from backend.usecases.attest import attest, offers
from backend.usecases.receipts import sealed_receipt
from contract.documents import DocumentAsk, DocumentSafe, DocumentView
from contract.i18n import Words, words
from contract.people import Locale, Paper
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1/accounts/{account_id}/documents", tags=["documents"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
PDF = {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
ID = "c7f50318c8d14aabb9a1a631b94978d4"
EXAMPLE = {
    "id": ID, "kind": "turnover", "title": "Attestation de chiffre d’affaires 2026", "year": 2026,
    "number": "CA-2026-7K3M9QX2TB", "locale": "fr", "media_type": "application/pdf",
    "size": 61_204, "issued_at": "2026-11-23T11:00:00.000Z", "valid_until": None,
    "code": "7K3M9QX2TB4C8WDN5RHF", "path": f"/accounts/{ID}/documents/{ID}.pdf",
}  # fmt: skip
OFFER = {
    "kind": "turnover", "title": "Attestation de chiffre d’affaires",
    "summary": "Ce que vous avez déclaré, mois par mois.", "years": [2026, 2025],
    "available": True, "provisional": False, "reason": None, "missing": [],
    "quarters": ["2026-Q1"], "law": "",
}  # fmt: skip
EXAMPLES = {
    "DocumentAsk": {
        "kind": "turnover", "year": 2026, "locale": "fr",
        "months": {"2026-01": "1200.00", "2026-02": "0.00", "2026-03": "850.50"},
    },
    "DocumentView": EXAMPLE,
    "DocumentSafe": {"documents": [EXAMPLE], "offers": [OFFER]},
}  # fmt: skip


def document_view(row: IssuedDocument) -> DocumentView:
    """An issued document, as the wire says it."""
    return DocumentView(
        id=row.id, kind=row.kind, title=row.title, year=row.year, number=row.number,
        locale=row.locale, media_type="application/pdf", size=row.size, issued_at=row.issued_at,
        valid_until=row.valid_until, code=row.code,
        path=f"/accounts/{row.account_id}/documents/{row.id}.pdf",
    )  # fmt: skip


def _kept(owned: OwnedDep, w: Words) -> list[DocumentView]:
    """Issued documents, receipts (one a submission) and the files of the account."""
    services, account = owned.services, owned.account
    found = [document_view(r) for r in documents.issued(services, account) if r.kind != "receipt"]
    with services.storage.read() as database:
        sent = database.scalars(select(Submission).where(Submission.account_id == account.id)).all()
    for row in sent:
        period = w.period(row.period_start, row.period_end)
        found.append(
            DocumentView(
                id=row.id, kind="receipt", year=row.period_end.year, number=row.number,
                title=w.t("Reçu {number}, {period}").format(number=row.number, period=period),
                locale=w.paper, media_type="application/pdf", issued_at=row.received_at,
                code=row.verification_code,
                path=f"/accounts/{account.id}/receipts/{row.number}.pdf?lang={w.paper}",
            )
        )  # fmt: skip
    for file in attachments.attachments(services, account, None):
        found.append(
            DocumentView(
                id=file.id, kind="proof", title=file.name, year=file.created_at.year, number="",
                locale=w.paper, media_type=file.media_type, size=file.size,
                issued_at=file.created_at, path=f"/accounts/{account.id}/attachments/{file.id}",
            )
        )  # fmt: skip
    return sorted(found, key=lambda view: (view.issued_at, view.id), reverse=True)


@router.get("", responses=MINE)
def safe(owned: SeenDep, lang: Annotated[Locale, Query()] = "fr") -> DocumentSafe:
    """Everything kept, newest first, and what can be asked for."""
    return DocumentSafe(
        documents=_kept(owned, words(lang)),
        offers=offers(owned.services, owned.account, owned.regime, lang),
    )


@router.post(
    "",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.DOCUMENT_REFUSED),
)
def ask(asked: DocumentAsk, owned: OwnedDep) -> DocumentView:
    """Make an attestation: numbered, sealed, kept as issued."""
    return document_view(attest(owned.services, owned.account, owned.regime, asked))


@router.get(
    "/{document_id}.pdf", response_class=Response,
    responses={**MINE, 200: {**PDF, "description": "The document, as issued"}},
)  # fmt: skip
def one(document_id: str, owned: SeenDep, shown: Shown = False) -> Response:
    """A document, byte for byte as issued."""
    row = documents.one_issued(owned.services, owned.account, document_id)
    if row.kind == "mandate" and owned.delegation is not None:  # it names a bank account
        raise Problem(P.DELEGATION_SCOPE)
    return pdf_response(documents.content_of(owned.services, row), f"{row.number}.pdf", shown)


@router.get(
    "/all.zip", response_class=Response,
    responses={
        **MINE,
        200: {
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The files",
        },
    },
)  # fmt: skip
def everything(
    owned: OwnedDep,
    lang: Annotated[Paper, Query()] = "fr",
    year: Annotated[int | None, Query(ge=2000, le=2100, description="This year only")] = None,
    kind: Annotated[
        str | None, Query(pattern=r"^[a-z-]{1,30}$", description="This kind only")
    ] = None,
) -> Response:
    """Everything kept, in one ZIP."""
    services, account = owned.services, owned.account
    files = []
    for row in documents.issued(services, account):
        if row.kind != "receipt" and _wanted(row.year, row.kind, year, kind):
            files.append((f"{row.year}/{row.number}.pdf", documents.content_of(services, row)))
    with services.storage.read() as database:
        sent = database.scalars(select(Submission).where(Submission.account_id == account.id)).all()
    for item in sent:
        if _wanted(item.period_end.year, "receipt", year, kind):
            body = sealed_receipt(services, account, item.number, lang)
            files.append((f"{item.period_end.year}/{item.number}.pdf", body))
    for file in attachments.attachments(services, account, None):
        if _wanted(file.created_at.year, "proof", year, kind):
            content = attachments.content_of(services, file)
            files.append((f"{file.created_at.year}/{file.name}", content))
    return Response(
        documents.zipped(files),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="quittance.zip"'},
    )


def _wanted(year: int, kind: str, only_year: int | None, only_kind: str | None) -> bool:
    return only_year in {None, year} and only_kind in {None, kind}
