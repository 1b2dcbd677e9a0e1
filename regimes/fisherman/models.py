"""What a sea fisherman's account, log and yearly declaration hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from regimes.regime import Model

EARLIEST = date(2023, 4, 1)
"""First day of the oldest grid of flat wages shipped."""

Role = Literal["owner", "crew", "spouse"]
Navigation = Literal[
    "petite_peche", "peche_cotiere", "peche_large", "grande_peche", "cultures_marines"
]


def _printable(value: str) -> str:
    if not all(char.isprintable() for char in value):
        raise PydanticCustomError("text_characters", "A text holds no control character")
    return value


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(_printable),
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80), AfterValidator(_printable)
]
Handle = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,30}$")]
Category = Annotated[int, Field(ge=1, le=20)]
Metres = Annotated[Decimal, Field(gt=0, le=Decimal(200), decimal_places=2)]
Tonnes = Annotated[Decimal, Field(ge=0, le=Decimal(20000), decimal_places=2)]
Ratio = Annotated[Decimal, Field(gt=0, le=Decimal(100), decimal_places=2)]


class Profile(Model):
    """A self-employed fisherman, or the collaborating spouse of one."""

    start_date: date
    end_date: date | None = None
    birth_date: date
    role: Literal["owner", "spouse"] = "owner"
    honoured: bool = False
    """Beneficiary of article L43: the lower rate of shellfish farming (décret 2008-338)."""

    @model_validator(mode="after")
    def _coherent(self) -> Profile:
        if self.end_date is not None and self.end_date < self.start_date:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        if self.birth_date.year > self.start_date.year - 15:
            raise PydanticCustomError("birth_date_late", "Too young at the start")
        return self

    @field_validator("start_date")
    @classmethod
    def _start(cls, value: date) -> date:
        if not 1960 <= value.year <= 2100:
            raise PydanticCustomError("start_date_too_early", "Out of range")
        return value


class Vessel(Model):
    """A fishing vessel: metres, gross tonnage, kilowatts."""

    name: Name
    registration: Text = ""
    length_m: Metres
    tonnage: Tonnes | None = None
    power_kw: Annotated[Decimal, Field(ge=0, le=Decimal(50000), decimal_places=1)] | None = None
    navigation: Navigation
    oslo_certificate_before_1986: bool = False
    insured: bool = True
    owners_embarked: bool = True

    @model_validator(mode="after")
    def _tonnage(self) -> Vessel:
        if self.oslo_certificate_before_1986 and self.tonnage is None:
            raise PydanticCustomError(
                "tonnage_required", "An Oslo certificate counts by its tonnage"
            )
        return self


class Service(Model):
    """A period of the log: both days included. `category` is the one contributions are counted
    on, surclassement included; `ratio` percent of full time; `vessel` an entry's identifier."""

    start: date
    end: date
    vessel: Handle
    function: Word = ""
    category: Category
    upgraded: bool = False
    position: Word = "00"
    ratio: Ratio = Decimal(100)
    owner_embarked: bool = True

    @model_validator(mode="after")
    def _days(self) -> Service:
        if self.end < self.start:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        if (self.end - self.start).days > 366:
            raise PydanticCustomError("period_too_long", "More than a year")
        return self


class CrewService(Service):
    """Days of a salaried member of the crew: shown, and filed by payroll (DSN), not here."""

    member: Name
    sailor_number: Text = ""


class Declaration(Model):
    """The year's periods, validated before 28 February, with the vessels they were on."""

    regime: Literal["marin-pecheur"] = "marin-pecheur"
    vessels: Annotated[dict[Handle, Vessel], Field(max_length=20, default_factory=dict)]
    periods: Annotated[tuple[Service, ...], Field(max_length=366)] = ()


def overlap(services: list[tuple[str, Service]]) -> str | None:
    """The name of the first period that shares a day with another one; None when none does."""
    ordered = sorted(services, key=lambda item: (item[1].start, item[1].end))
    for (_, before), (name, after) in pairwise(ordered):
        if after.start <= before.end:
            return name
    return None
