"""Base of every model that crosses the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    field_validator,
)
from pydantic_core import PydanticCustomError

from contract.hiding import nobody


class Wire(BaseModel):
    """Closed, immutable, and silent about its input in error texts."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="after")
    @classmethod
    def _kept_as_text(cls, value: Any) -> Any:
        """No NUL in a text: PostgreSQL keeps none, and nobody types one."""
        texts = value if isinstance(value, list | tuple) else (value,)
        if any(isinstance(text, str) and "\0" in text for text in texts):
            raise PydanticCustomError("text_characters", "A text holds no NUL")
        return value


class Answer(BaseModel):
    """What the backend answers: clients ignore fields they do not know yet."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    def model_post_init(self, _context: object) -> None:
        """Share the note of which fields were given: nobody asks an answer, and pydantic's own
        costs more memory than most of the answers it comes with."""
        _lighten(self)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """What reads and writes a `kind` (a model, or a generic such as list[Model]), built once."""
    return TypeAdapter(kind)


M = TypeVar("M", bound=BaseModel)


def lightened(model: M) -> M:
    """The same model without its notes of which fields were given, nor those of the models in it:
    for what is kept long, and never asked."""
    _lighten(model)
    for value in model.__dict__.values():
        for inner in value if isinstance(value, tuple | list) else (value,):
            if isinstance(inner, BaseModel):
                lightened(inner)
    return model


def _lighten(model: BaseModel) -> None:
    object.__setattr__(model, "__pydantic_fields_set__", _all_fields(type(model)))


@cache
def _all_fields(kind: type[BaseModel]) -> set[str]:
    return set(kind.model_fields)


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Instant = Annotated[
    datetime,
    AfterValidator(_utc),
    PlainSerializer(
        lambda v: v.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        return_type=str,
        when_used="json",
    ),
]
"""A moment in UTC."""

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
PeriodCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}[0-9A-Za-z-]{0,12}$")]
IdempotencyKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$"), AfterValidator(nobody)
]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
