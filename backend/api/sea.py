"""The statement of services of a fishing business, from its log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from backend.api.deps import SeenDep
from backend.api.files import Shown, pdf_response
from backend.documents.services_statement import statement_pdf, statement_sheet
from backend.problems import Problem, responses
from backend.routes import Routes
from backend.usecases.attest import titles
from backend.usecases.documents import content_of, issue
from backend.usecases.entries import load_entries
from contract.canonical import sha256_hex
from contract.i18n import words
from contract.people import Paper
from contract.problem import ProblemCode as P
from regimes.fisherman.log import CREW, crew_of, services_of, vessels_of

router = Routes(prefix="/api/v1/accounts/{account_id}/sea", tags=["sea"])
PDF: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The statement",
    }
}


@router.get(
    "/statement.pdf",
    response_class=Response,
    responses={**responses(P.NOT_AUTHENTICATED, P.NOT_FOUND), **PDF},
)
def statement(
    owned: SeenDep,
    year: Annotated[int, Query(ge=2023, le=2100, description="Civil year of the services")],
    lang: Annotated[Paper, Query()] = "fr",
    shown: Shown = False,
) -> Response:
    """Days on board in a year, mine and those of my crew, as an accessible PDF, sealed and kept in
    the safe; the same days give the same document. Not found for a profession that keeps no log of
    the sea."""
    regime, services = owned.regime, owned.services
    if CREW not in regime.entry_models:
        raise Problem(P.NOT_FOUND)
    with services.storage.read() as database:
        log = load_entries(database, owned.account, regime)
    w = words(lang)
    mine, crew, vessels = services_of(log), crew_of(log), vessels_of(log)
    # The crew's names stay out of the safe's own records: a digest tells one state from another.
    told = sha256_hex(repr((sorted(mine.items()), sorted(crew.items()), vessels)).encode())[:40]

    def make(_number: str, code: str) -> bytes:
        sheet = statement_sheet(
            owned.account.name, owned.account.siret, year, vessels, list(mine.values()),
            list(crew.values()), services.rates.table(regime), services.clock.today(), w, code,
        )  # fmt: skip
        return statement_pdf(sheet, services.settings, w)

    row = issue(
        services, owned.account, "services", lang, f"{titles(w)['services'][0]} {year}", make,
        origin=f"{year}.{told}", prefix="ES", year=year,
    )  # fmt: skip
    return pdf_response(content_of(services, row), f"etat-de-services-{year}.pdf", shown)
