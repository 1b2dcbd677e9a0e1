"""A formula as data: what a screen or a document writes out, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from regimes.assessment import LineStatus


@dataclass(frozen=True, slots=True)
class Term:
    """One figure of a step. `label` is a French msgid; `unit` euro, percent, months or count;
    `name` is a proper name that goes with the label (an employer), never translated."""

    label: str
    value: Decimal
    unit: str = "euro"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Terms joined by one `operation`: sum, percent (first × second %), product,
    limited (percent, but no more than the base that was paid on), positive (first − second,
    never below zero)."""

    code: str
    label: str
    operation: str
    terms: tuple[Term, ...]
    result: Decimal
    unit: str = "euro"
    law: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """How one amount is found. `hypothesis` (French msgid) says what no text settles: the amount
    is then an estimate, and the collector decides."""

    code: str
    label: str
    steps: tuple[Step, ...]
    result: Decimal
    status: LineStatus = LineStatus.COMPUTED
    hypothesis: str = ""
    law: str = ""
    source: str = ""

    def plain(self) -> dict[str, Any]:
        """The formula for machines."""
        return {
            "code": self.code, "status": self.status.value, "result": self.result,
            "steps": [_plain_step(step) for step in self.steps],
        }  # fmt: skip


def _plain_step(step: Step) -> Mapping[str, Any]:
    return {
        "code": step.code, "operation": step.operation,
        "terms": [{"value": t.value, "unit": t.unit, **({"name": t.name} if t.name else {})}
                  for t in step.terms],
        "result": step.result,
    }  # fmt: skip


def total(*, code: str, label: str, terms: tuple[Term, ...], law: str = "") -> Step:
    """A step that adds."""
    return Step(code, label, "sum", terms, sum((t.value for t in terms), Decimal(0)), law=law)
