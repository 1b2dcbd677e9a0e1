"""Sort the lines of a statement in one pass: what is a receipt, what is not, what is known."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.imports.cells import plain
from app.imports.statement import BankLine, Statement
from app.words import N_
from regimes.journal import LabelRule, Method, Receipt

NEAR = 5  # days between the day a person noted and the day the bank booked

SKIP = "skip"
"""Decision: this line is not a receipt. Any other decision is `category` or `category+platform`."""
UNDECIDED = ""
PLATFORM = "+platform"

# Words of a label that say how money moved, not from whom: they are left out of the rule's key.
_NOISE = {
    "vir", "virement", "sepa", "inst", "instantane", "recu", "de", "du", "des", "la", "le",
    "les", "par", "prlv", "prelevement", "cb", "carte", "paiement", "paiements", "facture",
    "fact", "ref", "reference", "date", "eur", "europe", "fr", "sa", "sas", "sarl", "eurl",
    "web", "remise", "cheque", "cheques", "chq", "versement", "operation", "motif", "emetteur",
    "m", "mr", "mme", "transfer", "payment",
}  # fmt: skip
_WORD = re.compile(r"[a-z]{2,}")

# Money that comes in and is no turnover. Checked as whole words of the label.
NOT_TURNOVER: dict[str, str] = {
    "urssaf": N_("remboursement d’un organisme"),
    "dgfip": N_("remboursement d’un organisme"),
    "impots": N_("remboursement d’un organisme"),
    "cpam": N_("prestation sociale"),
    "caf": N_("prestation sociale"),
    "ameli": N_("prestation sociale"),
    "mutuelle": N_("remboursement"),
    "pole emploi": N_("prestation sociale"),
    "france travail": N_("prestation sociale"),
    "remboursement": N_("remboursement"),
    "salaire": N_("salaire"),
    "livret": N_("virement entre vos comptes"),
    "epargne": N_("virement entre vos comptes"),
    "virement interne": N_("virement entre vos comptes"),
    "compte a compte": N_("virement entre vos comptes"),
    "apport": N_("apport personnel"),
    "pret": N_("emprunt"),
}
"""Words that mark money in that is not turnover, with the reason (French msgid)."""

WITHHOLDING = (
    "extracadabra", "les sherpas", "mon specialiste auto", "staffme", "student pop", "truckrs",
    "uber eats", "wecasa",
)  # fmt: skip
"""Platforms that withhold the contributions since April 2026 (CSS L613-6-1)."""
WITHHOLDING_SINCE = date(2026, 4, 1)

NET_OF_FEES = ("stripe", "sumup", "paypal", "zettle", "airbnb", "booking", "etsy", "uber",
               "deliveroo", "vinted", "malt")  # fmt: skip
"""Payers that keep a fee before they pay: turnover is the sum before the fee."""


METHODS: tuple[tuple[Method, tuple[str, ...]], ...] = (
    ("cheque", ("cheque", "cheques", "chq")),
    ("cash", ("especes", "versement esp", "depot especes")),
    ("card", ("carte", "cb", "stripe", "sumup", "zettle", "tpe")),
)


@dataclass(slots=True)
class Sorted:
    """One line with what it is taken for, and why."""

    line: BankLine
    key: str
    """What a rule remembers the label by."""
    bank: str
    """What tells this line from any other, in this file and the next."""
    decision: str
    reason: str = ""
    """French msgid: why it is suggested so."""
    known: str = ""
    """Identifier of the receipt that it may already be."""
    same: bool = False
    """True when it was imported before: certain, not only likely."""
    fee: bool = False
    """True when the payer keeps a part: the amount before it is what is turnover."""
    own: bool = False
    """True once decided by hand for this line alone."""


def rule_key(label: str) -> str:
    """The words of a label that say who pays: at most four, without numbers."""
    words = [w for w in _WORD.findall(plain(label)) if w not in _NOISE]
    return " ".join(words[:4]) or " ".join(plain(label).split()[:4])


def fingerprint(line: BankLine, rank: int) -> str:
    """What tells a line from any other: the bank's reference when there is one, else its day,
    amount, label, and rank among the lines that say the same."""
    if line.reference:
        said = f"r|{line.reference}|{line.on}|{line.amount}|{rank}"
    else:
        said = f"l|{line.on}|{line.amount}|{plain(line.label)}|{rank}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _has(words: str, names: Iterable[str]) -> str:
    return next((name for name in names if f" {name} " in words), "")


def sort_lines(
    statement: Statement,
    categories: Sequence[str],
    known: Mapping[str, Receipt],
    rules: Iterable[LabelRule],
) -> list[Sorted]:
    """Every line of `statement`, with what it is taken for: rules that the person gave before, then
    what the label says; with one activity, other money in is a receipt of it. `known`: receipts of
    the journal by identifier, each of which explains one line at most."""
    by_key = {rule.label: rule for rule in rules}
    by_bank = {r.bank: name for name, r in known.items() if r.bank}
    by_amount: dict[Decimal, list[tuple[date, str]]] = defaultdict(list)
    for name, receipt in known.items():
        by_amount[receipt.amount].append((receipt.on, name))
    default = categories[0] if len(categories) == 1 else UNDECIDED
    ranks: dict[tuple[Any, ...], int] = defaultdict(int)
    keys: dict[str, str] = {}
    used: set[str] = set()
    found: list[Sorted] = []
    for line in statement.lines:
        group = (line.on, line.amount, line.reference or line.label)
        bank = fingerprint(line, ranks[group])
        ranks[group] += 1
        label = line.client or line.label
        if label not in keys:
            keys[label] = rule_key(label)
        item = Sorted(line, keys[label], bank, default)
        _decide(item, by_key, categories)
        if bank in by_bank:
            item.known, item.same = by_bank[bank], True
            used.add(item.known)
        found.append(item)
    for item in found:
        if item.known or item.line.amount < 0:
            continue
        close = [
            (abs((on - item.line.on).days), name)
            for on, name in by_amount.get(item.line.amount, ())
            if name not in used and abs((on - item.line.on).days) <= NEAR
        ]
        if close:
            item.known = min(close)[1]
            used.add(item.known)
    for item in found:
        if item.known:
            item.decision = SKIP
            item.reason = N_("déjà dans le journal") if item.same else N_("peut-être déjà noté")
        elif "repeat" in item.line.warnings and item.decision != SKIP:
            item.decision = UNDECIDED
            item.reason = N_("ligne identique à une autre du fichier")
    return found


def _words(line: BankLine) -> str:
    """The words of a line, each between two spaces."""
    return f" {' '.join(re.findall('[a-z0-9]+', plain(f'{line.client} {line.label}')))} "


def _decide(item: Sorted, rules: Mapping[str, LabelRule], categories: Sequence[str]) -> None:
    line = item.line
    words = _words(line)
    item.fee = bool(_has(words, NET_OF_FEES) or _has(words, WITHHOLDING))
    if line.amount < 0:
        item.decision, item.reason = SKIP, N_("argent sorti")
        return
    rule = rules.get(item.key)
    if rule is not None and (not rule.receipt or not categories or rule.category in categories):
        item.decision = decision_of(rule)
        item.reason = N_("comme la dernière fois")
        return
    marked = _has(words, NOT_TURNOVER)
    if marked:
        item.decision, item.reason = SKIP, NOT_TURNOVER[marked]
        return
    if line.on >= WITHHOLDING_SINCE and _has(words, WITHHOLDING):
        if item.decision:
            item.decision += PLATFORM
        item.reason = N_("cette plateforme retient les cotisations")


def decision_of(rule: LabelRule) -> str:
    """The decision that a rule remembers."""
    if not rule.receipt:
        return SKIP
    return rule.category + (PLATFORM if rule.platform else "")


def rule_of(key: str, decision: str) -> LabelRule:
    """The rule that remembers a decision."""
    category = decision.removesuffix(PLATFORM)
    return LabelRule(
        label=key, receipt=decision != SKIP, category="" if decision == SKIP else category,
        platform=decision.endswith(PLATFORM),
    )  # fmt: skip


def decide(items: Sequence[Sorted], chosen: Sorted, decision: str) -> list[Sorted]:
    """Give `chosen` a decision, and the same to the lines of its label that were not decided one
    by one and are not in the journal already. The lines that changed."""
    changed = []
    for item in items:
        if item is chosen:
            item.own = True
        elif item.key != chosen.key or item.own or item.known or item.line.amount < 0:
            continue
        if item.decision != decision or item is chosen:
            item.decision, item.reason = decision, ""
            changed.append(item)
    return changed


def method_of(item: Sorted) -> Method:
    """How a line was paid, as its label says; the book of receipts sets cash apart."""
    line = item.line
    if item.decision.endswith(PLATFORM):
        return "platform"
    if line.voucher:
        return ""  # an invoice does not say how it was paid
    words = _words(line)
    for method, names in METHODS:
        if _has(words, names):
            return method
    return "other" if not words.strip() else "transfer"


def is_receipt(item: Sorted) -> bool:
    """Whether a line was decided to be a receipt."""
    return item.decision not in {SKIP, UNDECIDED}


def receipt_of(item: Sorted, name: str) -> Receipt:
    """The receipt of a line decided to be one, with the file and the line it comes from."""
    line = item.line
    return Receipt(
        on=line.on, amount=line.amount, category=item.decision.removesuffix(PLATFORM),
        client=line.client[:120], nature="" if line.client else line.label[:120],
        reference=line.voucher, method=method_of(item),
        platform=item.decision.endswith(PLATFORM), bank=item.bank,
        note=line.label if line.client and line.label != line.client else "",
        origin=f"{name[:90]}, {line.number}",
    )  # fmt: skip
