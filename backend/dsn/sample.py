"""Employers' returns of invented people, as NEODES text: for the demo and the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

NIR = "185057800608491"
SIRETS = ("12345678200010", "98765432400019", "99999999800019")


@dataclass
class Slip:
    """One person of one return. Amounts are texts; None leaves the base out."""

    nir: str = NIR[:13]
    gross: str | None = "2500.00"
    capped: str | None = "2500.00"
    uncapped: str | None = "2500.00"
    csg: str | None = "2456.25"
    dfs: str | None = None
    rate: str | None = None
    complement: str = "07"
    month: str | None = None  # month of work, when it is not the one declared
    started: str = "01012024"


@dataclass
class Sent:
    """One return: SIRET, month declared as 2026-03, people."""

    siret: str = SIRETS[0]
    month: str = "2026-03"
    kind: str = "01"
    slips: Sequence[Slip] = field(default_factory=lambda: [Slip()])


def dsn(*sent: Sent, sender: str = "ACME") -> bytes:
    """A whole file."""
    lines = [
        "S10.G00.00.001,'Paie'", "S10.G00.00.002,'Editeur'", "S10.G00.00.006,'P26V01'",
        f"S10.G00.01.001,'{sent[0].siret[:9] if sent else '123456782'}'",
        f"S10.G00.01.003,'{sender}'",
    ]  # fmt: skip
    for number, one in enumerate(sent, start=1):
        year, month = one.month.split("-")
        lines += [
            "S20.G00.05.001,'01'", f"S20.G00.05.002,'{one.kind}'", f"S20.G00.05.004,'{number}'",
            f"S20.G00.05.005,'01{month}{year}'", f"S21.G00.06.001,'{one.siret[:9]}'",
            f"S21.G00.11.001,'{one.siret[9:]}'",
        ]  # fmt: skip
        for slip in one.slips:
            lines += _slip(slip, one)
    lines += [f"S90.G00.90.001,'{len(lines) + 2}'", f"S90.G00.90.002,'{len(sent)}'"]
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def _slip(slip: Slip, sent: Sent) -> list[str]:
    year, month = (slip.month or sent.month).split("-")
    first, last = f"01{month}{year}", f"28{month}{year}"
    found = [
        f"S21.G00.30.001,'{slip.nir}'", "S21.G00.30.002,'DÉMO'",
        f"S21.G00.40.001,'{slip.started}'", f"S21.G00.40.005,'{slip.complement}'",
        "S21.G00.40.007,'01'", "S21.G00.40.009,'C1'",
    ]  # fmt: skip
    if slip.rate:
        found.append(f"S21.G00.40.023,'{slip.rate}'")
    found += [f"S21.G00.50.001,'{last}'", "S21.G00.50.002,'2000.00'"]
    if slip.gross is not None:
        found += [
            f"S21.G00.51.001,'{first}'", f"S21.G00.51.002,'{last}'", "S21.G00.51.010,'C1'",
            "S21.G00.51.011,'001'", f"S21.G00.51.013,'{slip.gross}'",
        ]  # fmt: skip
    if slip.dfs is not None:
        found += [
            "S21.G00.54.001,'10'",
            f"S21.G00.54.002,'{slip.dfs}'",
            f"S21.G00.54.003,'{first}'",
        ]
    for code, amount in (("02", slip.capped), ("03", slip.uncapped), ("04", slip.csg)):
        if amount is not None:
            found += [
                f"S21.G00.78.001,'{code}'", f"S21.G00.78.002,'{first}'",
                f"S21.G00.78.003,'{last}'", f"S21.G00.78.004,'{amount}'",
            ]  # fmt: skip
    return found
