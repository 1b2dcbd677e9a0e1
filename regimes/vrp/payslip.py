"""One payslip checked line by line: what the law gives beside what was withheld."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from regimes.assessment import LineStatus
from regimes.dated import RateTable
from regimes.money import ZERO, DeclaredEuros, round_cent
from regimes.regime import Model
from regimes.vrp.amounts import parse_amount
from regimes.vrp.bases import csg_base, month_bases
from regimes.vrp.contributions import EMPLOYEE, EMPLOYER, contribution_lines, pay_bases
from regimes.vrp.declaration import EmployerYear, MonthPay

TOLERANCE = Decimal("0.02")
"""Euros that roundings of a payroll may differ by, per line."""
PLACEHOLDER_SIRET = "12345678200010"


class Payslip(Model):
    """What one payslip says, in euros. `withheld` by line code (`csg_crds.employee`); `capped` the
    base under the ceiling it shows, when the employer prorates it."""

    paid_on: date
    gross: DeclaredEuros
    dfs: bool = False
    capped: DeclaredEuros | None = None
    withheld: Annotated[dict[str, DeclaredEuros], Field(max_length=60)] = Field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One line: `law` what the law gives (None when no rate is known), `withheld` what the payslip
    says (None when it says nothing). `verdict`: same, more (withheld above), less, not_withheld,
    unknown_rate, not_in_law."""

    code: str
    label: str
    share: str
    base: Decimal
    rate: Decimal | None
    law: Decimal | None
    withheld: Decimal | None
    verdict: str
    status: LineStatus
    reference: str
    note: str = ""

    @property
    def difference(self) -> Decimal | None:
        """Withheld less what the law gives, in euros."""
        if self.law is None or self.withheld is None:
            return None
        return self.withheld - self.law


@dataclass(frozen=True, slots=True)
class PayslipCheck:
    """The whole check. Totals are those of the employee's share, over the lines compared."""

    deduction: Decimal
    base: Decimal
    lines: tuple[CheckedLine, ...]
    law_total: Decimal
    withheld_total: Decimal
    unread: tuple[str, ...] = ()


def check_payslip(
    payslip: Payslip, rates: RateTable, employer_share: bool = False,
    unread: tuple[str, ...] = (),
) -> PayslipCheck:  # fmt: skip
    """Each line of the law beside what was withheld. The deduction of one month alone is within a
    twelfth of its yearly limit."""
    on = payslip.paid_on
    month = MonthPay(month=on.month, gross=payslip.gross, dfs=payslip.dfs)
    row = month_bases(
        EmployerYear(siret=PLACEHOLDER_SIRET, months=(month,)), on.year, rates
    )[0]  # fmt: skip
    bases = pay_bases(
        payslip.gross, row.base, payslip.capped, csg_base(payslip.gross, 1, on, rates), 1, on, rates
    )
    shares = (EMPLOYEE, EMPLOYER) if employer_share else (EMPLOYEE,)
    found = []
    for line in contribution_lines(bases, on, rates, shares=shares):
        told = payslip.withheld.get(line.code)
        law = None if line.status is LineStatus.MISSING else line.amount
        found.append(
            CheckedLine(
                line.code, line.label, line.code.rsplit(".", 1)[1], line.base, line.rate, law, told,
                _verdict(law, told), line.status, line.law, line.note,
            )
        )  # fmt: skip
    known = {line.code for line in found}
    for code, amount in payslip.withheld.items():
        if code not in known:
            found.append(
                CheckedLine(code, code, EMPLOYEE, ZERO, None, None, amount, "not_in_law",
                            LineStatus.MISSING, "")
            )  # fmt: skip
    employee = [line for line in found if line.share == EMPLOYEE]
    return PayslipCheck(
        deduction=row.deduction, base=row.base, lines=tuple(found),
        law_total=round_cent(sum((x.law for x in employee if x.law is not None), ZERO)),
        withheld_total=sum((x.withheld for x in employee if x.withheld is not None), ZERO),
        unread=unread,
    )  # fmt: skip


def _verdict(law: Decimal | None, told: Decimal | None) -> str:
    if law is None:
        return "unknown_rate"
    if told is None:
        return "not_withheld"
    if abs(told - law) <= TOLERANCE:
        return "same"
    return "more" if told > law else "less"


# Words of payslip lines, in the order they are tried: the first whose words are all there.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("vieillesse_deplafonnee.employee", ("vieillesse", "deplaf")),
    ("vieillesse_deplafonnee.employee", ("retraite", "deplaf")),
    ("vieillesse_deplafonnee.employee", ("securite sociale", "deplaf")),
    ("vieillesse_plafonnee.employee", ("vieillesse", "plaf")),
    ("vieillesse_plafonnee.employee", ("securite sociale", "plaf")),
    ("csg_crds.employee", ("csg",)),
    ("csg_crds.employee", ("crds",)),
    ("ceg_t2.employee", ("equilibre general", "2")),
    ("ceg_t2.employee", ("ceg", "2")),
    ("ceg_t1.employee", ("equilibre general",)),
    ("ceg_t1.employee", ("ceg",)),
    ("cet.employee", ("equilibre technique",)),
    ("cet.employee", ("cet",)),
    ("agirc_t2.employee", ("complementaire", "2")),
    ("agirc_t2.employee", ("agirc", "2")),
    ("agirc_t1.employee", ("complementaire",)),
    ("agirc_t1.employee", ("agirc",)),
)
_GROSS = ("salaire brut", "total brut", "remuneration brute")
_SPLIT = re.compile(r"\t+|;| {2,}")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def read_pasted(text: str) -> tuple[dict[str, Decimal], Decimal | None, tuple[str, ...]]:
    """Lines pasted from a payslip: amounts by code (the last figure of a line; CSG lines add up),
    the gross pay when it is there, and the lines that could not be read, as they came."""
    found: dict[str, Decimal] = {}
    gross: Decimal | None = None
    unread: list[str] = []
    for raw in text.splitlines()[:200]:
        line = raw.strip()
        if not line:
            continue
        cells = [cell.strip() for cell in _SPLIT.split(line) if cell.strip()]
        if len(cells) == 1:
            label, _, tail = line.rpartition(" ")
            cells = [label, tail]
        amount = parse_amount(cells[-1])
        label = _folded(cells[0])
        words = re.sub(r"[^a-z0-9]+", " ", label)
        code = next((c for c, wanted in _WORDS if all(_has(words, word) for word in wanted)), None)
        if amount is None or (code is None and not any(g in words for g in _GROSS)):
            unread.append(line[:200])
        elif code is None:
            gross = abs(amount)
        else:
            found[code] = found.get(code, ZERO) + abs(amount)
    return found, gross, tuple(unread)


def _has(words: str, wanted: str) -> bool:
    if wanted == "2":
        return re.search(r"\b(t2|tb|2|tranche 2)\b", words) is not None
    if wanted in {"ceg", "cet"}:
        return re.search(rf"\b{wanted}\b", words) is not None
    return wanted in words
