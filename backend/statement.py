"""The account as its owner and their accountant read it: lines, periods, CSV, XLSX, FEC-like."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import case, func, select

from backend import ledger
from backend.allocation import ADVANCE, CREDIT
from backend.clock import PARIS, paris_day
from backend.storage.engine import Database
from backend.storage.tables import Due, LedgerLine, LedgerTransaction, Payment, Submission
from contract.i18n import N_, Words
from contract.payments import PeriodBalance, Statement, StatementLine

LABELS = {
    "declaration": N_("Déclaration"),
    "correction": N_("Correction"),
    "call": N_("Appel"),
    "payment": N_("Paiement"),
    "payment.debit": N_("Prélèvement"),
    "payment.card": N_("Paiement par carte"),
    "payment.transfer": N_("Virement reçu"),
    "rejection": N_("Prélèvement rejeté"),
    "allocation": N_("Imputation d’un crédit"),
    "refund": N_("Remboursement demandé"),
    "refund_rejected": N_("Remboursement revenu"),
    "penalty": N_("Pénalité"),
    "surcharge": N_("Majorations de retard"),
    "office": N_("Taxation d’office"),
    "waiver": N_("Annulation d’une pénalité ou d’une majoration"),
    "remission": N_("Remise gracieuse"),
}
"""French msgid of each kind of movement."""
SEQUENCE = (
    "declaration",
    "correction",
    "call",
    "payment",
    "rejection",
    "refund",
    "refund_rejected",
    "allocation",
)
"""Order of movements booked at one moment: what is asked, then paid, then moved."""
FUND_NUMBERS = "447"
ACCOUNT_NUMBERS = {
    ledger.RECEIVABLE: ("411000", "Cotisant"),
    ledger.BANK: ("512000", "Banque du collecteur"),
    ledger.CALLS: ("418000", "Appels à régulariser"),
    ledger.REFUNDS: ("467000", "Remboursements à envoyer"),
}
"""Number and name of the ledger's accounts in the accountant's file."""


def _spans(database: Database, account_id: str) -> dict[str, tuple[date, date]]:
    return {
        row.period: (row.period_start, row.period_end)
        for row in database.scalars(select(Submission).where(Submission.account_id == account_id))
    }


def statement(database: Database, account_id: str, order: Sequence[str]) -> Statement:
    """Every movement of what is owed, oldest first, and where each period stands."""
    rows = database.execute(
        select(LedgerTransaction, LedgerLine.period, func.sum(LedgerLine.amount_cents))
        .join(LedgerLine, LedgerLine.transaction_id == LedgerTransaction.id)
        .where(
            LedgerTransaction.account_id == account_id,
            LedgerLine.ledger_account == ledger.RECEIVABLE,
        )
        .group_by(LedgerTransaction.id, LedgerLine.period)
        .order_by(
            LedgerTransaction.booked_at,
            case({name: n for n, name in enumerate(SEQUENCE)}, value=LedgerTransaction.kind,
                 else_=len(SEQUENCE) - 2),
            LedgerTransaction.id, LedgerLine.period,
        )
    ).all()  # fmt: skip
    spans = _spans(database, account_id)
    payments = {
        payment.id: payment
        for payment in database.scalars(select(Payment).where(Payment.account_id == account_id))
    }
    calls = {
        f"{account_id[:8]}.{due.code}"[:40]: due.label
        for due in database.scalars(select(Due).where(Due.account_id == account_id))
    }
    lines, running = [], 0
    for transaction, period, cents in rows:
        if not int(cents):
            continue  # what one fund of a period gives another: the person owes the same
        running += int(cents)
        start, end = spans.get(period, (None, None))
        code = transaction.kind
        payment = payments.get(transaction.origin_id)
        if payment is not None and code == "payment":
            code = f"payment.{payment.method}"
        label = LABELS.get(code, transaction.kind)
        if transaction.kind == "call":
            label = calls.get(transaction.origin_id, label)
        day = paris_day(transaction.booked_at)
        moved = payment.value_date if payment is not None and code.startswith("payment") else None
        lines.append(
            StatementLine(
                date=day, value_date=moved if moved != day else None, code=code, label=label,
                period=period, start=start, end=end, amount=ledger.euros(int(cents)),
                balance=ledger.euros(running),
                origin=payment.reference if payment is not None else transaction.origin_id,
            )
        )  # fmt: skip
    return Statement(
        lines=lines, balance=ledger.euros(running),
        periods=period_balances(database, account_id, order),
    )  # fmt: skip


def period_balances(
    database: Database, account_id: str, order: Sequence[str]
) -> list[PeriodBalance]:
    """Each period, oldest first: asked, received, open, and what each fund received."""
    held = ledger.positions(database, account_id)
    spans = _spans(database, account_id)
    found = []
    for name in ledger.oldest_first(database, account_id, held):
        position = held[name]
        if name == ADVANCE and not position.total:
            continue
        start, end = spans.get(name, (None, None))
        ranked = [code for code, _ in position.dues(order)] + [CREDIT]
        found.append(
            PeriodBalance(
                period=name, start=start, end=end, asked=ledger.euros(position.called),
                received=ledger.euros(position.total), open=ledger.euros(position.open),
                by_fund={
                    code: ledger.euros(position.received[code])
                    for code in ranked
                    if position.received.get(code)
                },
            )
        )  # fmt: skip
    return found


def _header(w: Words) -> list[str]:
    return [
        w.t("Date"), w.t("Mouvement"), w.t("Période"), w.t("Pièce"), w.t("Débit (€)"),
        w.t("Crédit (€)"), w.t("Solde (€)"),
    ]  # fmt: skip


def _rows(found: Statement, w: Words) -> list[tuple[date, str, str, str, Decimal, Decimal]]:
    rows = []
    for line in found.lines:
        shown = line.period if line.start is None or line.end is None else w.period(
            line.start, line.end)  # fmt: skip
        if line.period == ADVANCE:
            shown = w.t("Avance")
        rows.append((line.date, w.t(line.label), shown, line.origin, line.amount, line.balance))
    return rows


def to_csv(found: Statement, w: Words) -> bytes:
    """As the spreadsheets of the language expect it."""
    delimiter, point = (";", ",") if w.locale == "fr" else (",", ".")

    def number(value: Decimal) -> str:
        return f"{value:.2f}".replace(".", point)

    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(_header(w))
    for day, label, period, origin, amount, balance in _rows(found, w):
        writer.writerow(
            [
                day.isoformat(), label, period, origin, number(amount) if amount > 0 else "",
                number(-amount) if amount < 0 else "", number(balance),
            ]
        )  # fmt: skip
    return ("\ufeff" + target.getvalue()).encode()


def to_xlsx(found: Statement, w: Words) -> bytes:
    """A workbook with real numbers and dates."""
    import xlsxwriter  # here: a start does without

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(w.t("Relevé")[:31])
    bold = book.add_format({"bold": True})
    day_format = book.add_format({"num_format": "dd/mm/yyyy"})
    money = book.add_format({"num_format": "#,##0.00"})
    sheet.write_row(0, 0, _header(w), bold)
    for number, (day, label, period, origin, amount, balance) in enumerate(_rows(found, w), 1):
        sheet.write_datetime(number, 0, day, day_format)
        for column, cell in enumerate((label, period, origin), start=1):
            sheet.write_string(number, column, cell)
        if amount:
            sheet.write_number(number, 4 if amount > 0 else 5, float(abs(amount)), money)
        sheet.write_number(number, 6, float(balance), money)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 3, 28)
    sheet.set_column(4, 6, 14)
    book.close()
    return target.getvalue()


FEC = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
    "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip
"""Columns of the fichier des écritures comptables (LPF A47 A-1)."""


def to_fec(database: Database, account_id: str, name: str, w: Words) -> bytes:
    """Every entry of the account in the columns and the separators of a FEC: tabs, decimal commas,
    dates as YYYYMMDD. FEC-like: the collector's own numbering, for one account."""
    rows = database.execute(
        select(LedgerTransaction, LedgerLine)
        .join(LedgerLine, LedgerLine.transaction_id == LedgerTransaction.id)
        .where(LedgerTransaction.account_id == account_id)
        .order_by(LedgerTransaction.booked_at, LedgerTransaction.id, LedgerLine.position)
    ).all()
    funds = sorted({r.ledger_account for _, r in rows if ":" in r.ledger_account})
    numbers = {fund: f"{FUND_NUMBERS}{n:03}" for n, fund in enumerate(funds, start=1)}
    entries = {t.id: n for n, t in enumerate(dict.fromkeys(t for t, _ in rows), start=1)}
    out = ["\t".join(FEC)]
    for transaction, line in rows:
        number, label = ACCOUNT_NUMBERS.get(
            line.ledger_account,
            (numbers.get(line.ledger_account, "471000"), line.ledger_account),
        )
        day = f"{transaction.booked_at.astimezone(PARIS):%Y%m%d}"
        cents = line.amount_cents
        text = w.t(LABELS.get(transaction.kind, transaction.kind))
        out.append(
            "\t".join(
                _cell(cell)
                for cell in (
                    "COT", w.t("Cotisations"), str(entries[transaction.id]), day, number, label,
                    "", name if line.ledger_account == ledger.RECEIVABLE else "",
                    transaction.origin_id, f"{transaction.value_date:%Y%m%d}",
                    f"{text} {line.period} {line.line_code}".strip(),
                    _fec(max(cents, 0)), _fec(max(-cents, 0)), "", "", day, "", "",
                )
            )
        )  # fmt: skip
    return ("\r\n".join(out) + "\r\n").encode()


def _fec(cents: int) -> str:
    return f"{ledger.euros(cents):.2f}".replace(".", ",")


def _cell(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ").replace("|", " ")
