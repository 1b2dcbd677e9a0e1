"""What most screens begin with: the account shown, and the rates it is computed with."""

from __future__ import annotations

from app.services.container import Services
from contract.accounts import Overview
from regimes.dated import RateTable


async def read_overview(services: Services) -> tuple[Overview, RateTable] | None:
    """The overview of the account shown and its rates; None without an account. Raises
    BackendError."""
    account = services.session.account
    if account is None:
        return None
    overview = await services.backend.get(Overview, f"/accounts/{account.id}/overview")
    return overview, await services.rates.table(account.regime, overview.rates_version)
