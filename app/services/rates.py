"""Rate tables served by the backend, kept with their ETag: the app assesses with these."""

from __future__ import annotations

from app.services.backend import Backend, Offline, Problem
from contract.rates import RatesView, shipped_rates, table_from_view
from regimes.dated import RateTable
from regimes.registry import REGISTRY

# Tables are the same for everybody and immutable: one copy a process, by régime and version.
_TABLES: dict[tuple[str, str], RateTable] = {}
_LATEST: dict[tuple[str, str], str] = {}
"""Of each backend and régime, the version that anybody of this process read last."""


class Rates:
    """The tables of a backend, by régime."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def table(self, regime: str, version: str = "") -> RateTable:
        """The table the backend uses; the one known when it cannot answer, the shipped one when it
        cannot be reached and none is known. `version`: what the backend has just said it uses, so
        that it need not be asked. Raises Problem."""
        place = (self._backend.address, regime)
        if version and (regime, version) in _TABLES:
            return _TABLES[regime, version]
        known = _LATEST.get(place)
        headers = {"If-None-Match": f'"{known}"'} if known else {}
        try:
            response = await self._backend.request("GET", f"/rates/{regime}", headers=headers)
        except Offline:
            if known:
                return _TABLES[regime, known]
            return shipped_rates(REGISTRY.get(regime))
        except Problem as problem:
            if known and problem.status >= 500:
                return _TABLES[regime, known]
            raise
        if response.status_code == 304 and known:
            return _TABLES[regime, known]
        etag = response.headers.get("etag", "").removeprefix("W/").strip('"')
        if (regime, etag) not in _TABLES:
            view = RatesView.model_validate_json(response.content)
            table = table_from_view(view)
            etag = etag or table.version
            _TABLES[regime, etag] = table
        _LATEST[place] = etag
        return _TABLES[regime, etag]
