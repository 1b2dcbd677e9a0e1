"""The facts about a VRP's account that the computation needs."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from regimes.regime import Model

EARLIEST = date(1975, 1, 1)
CardNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=30, pattern=r"^[0-9A-Za-z /.-]*$")
]


class Profile(Model):
    """A VRP with several cards: an employee of several firms (C. trav. L7311-1 and following).

    `start_date` is the first day of work as one; `card` the number of the professional identity
    card, if there is one. What each employer paid is noted as entries, not here.
    """

    start_date: date
    end_date: date | None = None
    card: CardNumber = ""
    borne_expenses: Annotated[bool, Field(description="Really bears professional expenses")] = True

    @field_validator("start_date")
    @classmethod
    def _start(cls, value: date) -> date:
        if value < EARLIEST:
            raise PydanticCustomError("start_date_too_early", "Before 1975")
        if value.year > 2100:
            raise PydanticCustomError("start_date_too_late", "Too far in the future")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> Profile:
        if self.end_date is not None and self.end_date < self.start_date:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        return self
