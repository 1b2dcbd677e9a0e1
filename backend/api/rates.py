"""The professions, and the dated law that every client assesses with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from backend.api.deps import ServicesDep
from backend.problems import Problem, responses
from backend.routes import Routes
from contract.base import Answer
from contract.problem import ProblemCode as P
from contract.rates import RatesView, rates_view

router = Routes(prefix="/api/v1", tags=["law"])


class RegimeView(Answer):
    """One profession."""

    code: str
    label: str
    kind: str
    form_version: int


@router.get("/regimes", responses=responses())
def regimes(services: ServicesDep) -> list[RegimeView]:
    """Professions that can be declared here."""
    found = [services.registry.get(code) for code in services.registry.codes()]
    return [
        RegimeView(code=r.code, label=r.label, kind=r.kind.value, form_version=r.form_version)
        for r in found
    ]


@router.get("/rates/{regime}", response_model=RatesView, responses=responses(P.NOT_FOUND))
def rates(
    regime: str, services: ServicesDep, request: Request, response: Response,
    version: Annotated[str | None, Query(max_length=64)] = None,
) -> object:  # fmt: skip
    """The dated values of a profession, the operator's files laid over the shipped ones. The ETag
    is their version; a former version is read by its name."""
    if regime not in services.registry:
        raise Problem(P.NOT_FOUND)
    profession = services.registry.get(regime)
    table = services.rates.table(profession)
    if version is not None:
        found = services.rates.of_version(profession, version)
        if found is None:
            raise Problem(P.NOT_FOUND)
        table = found
    else:
        services.rates.keep(table)
    tag = f'"{table.version}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return rates_view(table)
