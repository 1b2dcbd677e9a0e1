"""End of activity: the option every profession has, and the day it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from regimes.regime import Option, OptionRefused

SUMMARY = "Indiquer la date à laquelle vous cessez, et faire la dernière déclaration."


def ending_option(
    start: date, end: date | None, law: str, source: str, summary: str = SUMMARY,
    params: Mapping[str, Any] | None = None,
) -> Option:  # fmt: skip
    """The option to state the last day of activity; closed once it is stated."""
    return Option(
        code="cessation",
        label="Fin d’activité",
        summary=summary,
        current=end.isoformat() if end else "",
        choices=(),
        open=end is None,
        opens=start,
        effective=end,
        reason="La fin d’activité est déjà enregistrée." if end else "",
        law=law,
        source=source,
        asks="date",
        note="La cessation se déclare aussi au guichet unique des entreprises, dans les 30 jours.",
        params=params or {},
    )


def read_end(value: str, start: date, today: date) -> date:
    """The last day of activity as given. Raises OptionRefused with a stable code."""
    try:
        end = date.fromisoformat(value)
    except ValueError:
        raise OptionRefused("date_malformed") from None
    if end < start:
        raise OptionRefused("end_before_start")
    if end > today:
        raise OptionRefused("end_in_future")
    return end
