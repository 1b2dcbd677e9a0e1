"""The facts about a replacement doctor's account that the computation needs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from regimes.regime import Model

EARLIEST = date(2020, 1, 1)  # CSS L642-4-2 applies to the fees of 2020 on
Rhythm = Literal["monthly", "quarterly"]


class PeriodicityFrom(Model):
    """Monthly or quarterly from 1 January of a year on (CSS R642-3)."""

    since: date
    value: Rhythm


class Profile(Model):
    """A replacement doctor's account (CSS L642-4-2). Someone with another self-employed activity or
    the ACRE is not eligible: sign-up asks, the account does not hold it."""

    start_date: date
    end_date: date | None = None
    status: Literal["doctor", "student"]
    activity: Literal["replacement", "regulation", "both"] = "replacement"
    disability_option: Literal[25, 100]
    periodicity: Annotated[tuple[PeriodicityFrom, ...], Field(max_length=40)] = ()

    @field_validator("start_date")
    @classmethod
    def _start(cls, value: date) -> date:
        if value < EARLIEST:
            raise PydanticCustomError("start_date_too_early", "Before 2020")
        if value.year > 2100:
            raise PydanticCustomError("start_date_too_late", "Too far in the future")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> Profile:
        if self.end_date is not None and self.end_date < self.start_date:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        if [p.since for p in self.periodicity] != sorted({p.since for p in self.periodicity}):
            raise PydanticCustomError("periodicity_order", "Dates must grow")
        return self

    def periodicity_on(self, on: date) -> Rhythm:
        """Periodicity of the civil year of `on`: quarterly without a choice; never changes within
        a year (CSS R642-3)."""
        current: Rhythm = "quarterly"
        for choice in self.periodicity:
            if choice.since <= date(on.year, 1, 1) or choice.since <= self.start_date:
                current = choice.value
        return current
