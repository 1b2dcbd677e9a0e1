"""The book of receipts, from what I noted in my journal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Response

from backend.api.deps import SeenDep
from backend.api.files import Shown, download
from backend.documents.receipts_book import Holder, book_csv, book_pdf, rows_of
from backend.problems import Problem, responses
from backend.routes import Routes
from backend.usecases.attest import titles
from backend.usecases.documents import content_of, issue
from backend.usecases.entries import load_entries
from contract.canonical import sha256_hex
from contract.i18n import words
from contract.people import Paper
from contract.problem import ProblemCode as P
from regimes.journal import RECEIPT, Receipt

router = Routes(prefix="/api/v1/accounts/{account_id}/journal", tags=["journal"])
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/csv": {"schema": {"type": "string"}},
        },
        "description": "The book",
    }
}


@router.get(
    "/book.{kind}",
    response_class=Response,
    responses={**responses(P.NOT_AUTHENTICATED, P.NOT_FOUND), **FILES},
)
def book(
    kind: Literal["pdf", "csv"],
    owned: SeenDep,
    year: Annotated[int, Query(ge=2009, le=2100, description="Civil year of the receipts")],
    lang: Annotated[Paper, Query()] = "fr",
    shown: Shown = False,
) -> Response:
    """My book of receipts of a civil year (C. com. L123-28), as an accessible PDF or as CSV.
    Not found for a profession that notes no receipt."""
    regime, services = owned.regime, owned.services
    if RECEIPT not in regime.entry_models:
        raise Problem(P.NOT_FOUND)
    with services.storage.read() as database:
        found = load_entries(database, owned.account, regime, frozenset({RECEIPT}))[RECEIPT]
    receipts = {name: entry for name, entry in found.items() if isinstance(entry, Receipt)}
    rows = rows_of(receipts, year)
    w = words(lang)
    if kind == "csv":
        body, media = book_csv(rows, regime.activity_labels, w), "text/csv; charset=utf-8"
    else:
        holder = Holder(owned.account.name, owned.account.siret, regime.label)
        body = book_pdf(
            holder, rows, year, regime.activity_labels, services.clock.today(),
            services.settings, w,
        )  # fmt: skip
        # The same receipts make the same document, sealed once and kept in the safe.
        told = sha256_hex(repr((holder, rows)).encode())[:40]
        made = body

        def make(_number: str, _code: str) -> bytes:
            return made

        row = issue(
            services, owned.account, "book", lang, f"{titles(w)['book'][0]} {year}",
            make, origin=f"{year}.{told}", prefix="LR", year=year,
            public=False,
        )  # fmt: skip
        body = content_of(services, row)
        media = "application/pdf"
    return download(body, media, f"livre-des-recettes-{year}.{kind}", shown and kind == "pdf")
