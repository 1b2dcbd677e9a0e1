"""The book of receipts of one civil year, as a PDF and as a table.

It tells, in the order of the days, the amount and the origin of every receipt (C. com. L123-28,
CGI 50-0 and 102 ter), sets payments in cash apart from the others, and gives the references of the
vouchers (C. com. D123-205-1).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backend.documents.sheet import Section, Sheet, facts, sheet_pdf, table, text
from backend.exports import safe_text
from backend.settings import Settings
from contract.i18n import Words
from regimes.journal import LAW, METHOD_LABELS, Receipt
from regimes.money import plain

CASH = "cash"


@dataclass(frozen=True)
class Holder:
    """Whose book it is."""

    name: str
    siret: str
    profession: str


@dataclass(frozen=True)
class Row:
    """One receipt of the book, numbered in the order of the days."""

    number: int
    id: str
    receipt: Receipt


def rows_of(receipts: Mapping[str, Receipt], year: int) -> list[Row]:
    """The receipts of `year`, oldest first; of one day, as they were noted."""
    inside = [(name, r) for name, r in receipts.items() if r.on.year == year]
    inside.sort(key=lambda item: item[1].on)
    return [Row(number, name, r) for number, (name, r) in enumerate(inside, start=1)]


def nature_of(receipt: Receipt, labels: Mapping[str, str], w: Words) -> str:
    """What was sold: the activity, what the person wrote, and whether a platform withheld."""
    parts = [w.t(labels.get(receipt.category, "")), receipt.nature]
    if receipt.platform:
        parts.append(w.t("cotisations déjà retenues par la plateforme"))
    if receipt.amount < 0:
        parts.append(w.t("remboursement"))
    return ", ".join(part for part in parts if part)


def voucher_of(receipt: Receipt, w: Words) -> str:
    """Where the proof is: the invoice, the file joined, or the line of the statement."""
    parts = [receipt.reference]
    if receipt.attachment:
        parts.append(w.t("pièce jointe"))
    if receipt.origin and not receipt.reference:
        parts.append(w.t("relevé {origin}").format(origin=receipt.origin))
    return ", ".join(part for part in parts if part)


def _sums(rows: Iterable[Row]) -> tuple[Decimal, Decimal]:
    """Euros in cash, and euros paid otherwise."""
    cash = other = Decimal(0)
    for row in rows:
        if row.receipt.method == CASH:
            cash += row.receipt.amount
        else:
            other += row.receipt.amount
    return cash, other


def _months(rows: Sequence[Row]) -> dict[date, list[Row]]:
    found: dict[date, list[Row]] = {}
    for row in rows:
        found.setdefault(row.receipt.on.replace(day=1), []).append(row)
    return found


def book_pdf(
    holder: Holder, rows: Sequence[Row], year: int, labels: Mapping[str, str], day: date,
    settings: Settings, w: Words,
) -> bytes:  # fmt: skip
    """The book of `year`: same receipts, same day, same bytes."""
    cash, other = _sums(rows)
    siret = holder.siret
    columns = [
        w.t("N°"), w.t("Date"), w.t("Client"), w.t("Nature"), w.t("Référence"), w.t("Règlement"),
        w.t("Montant"),
    ]  # fmt: skip
    sections: list[Section] = [
        facts(
            w.t("Tenu par"),
            (w.t("Nom"), holder.name),
            (w.t("SIRET"), " ".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))),
            (w.t("Profession"), w.t(holder.profession)),
            (w.t("Année"), str(year)),
        )
    ]
    for month, inside in _months(rows).items():
        total = sum((row.receipt.amount for row in inside), Decimal(0))
        name = w.month(month)
        sections.append(
            table(
                name[:1].upper() + name[1:], columns,
                (True, True, False, False, False, False, True),
                [
                    [
                        str(row.number), _day(row.receipt.on), row.receipt.client,
                        nature_of(row.receipt, labels, w), voucher_of(row.receipt, w),
                        w.t(METHOD_LABELS[row.receipt.method]),
                        w.money(row.receipt.amount, cents=True),
                    ]
                    for row in inside
                ],
                ["", "", w.t("Total du mois"), "", "", "", w.money(total, cents=True)],
            )
        )  # fmt: skip
    if not rows:
        sections.append(text(w.t("Recettes"), w.t("Aucune recette notée pour cette année.")))
    sections.append(
        facts(
            w.t("Totaux de l’année"),
            (w.t("Règlements en espèces"), w.money(cash, cents=True)),
            (w.t("Autres règlements"), w.money(other, cents=True)),
            (w.t("Total"), w.money(cash + other, cents=True)),
            after=[
                w.t("Livre tenu au jour le jour d’après le journal de l’utilisateur, qui répond de "
                    "son contenu. Textes : {law}.").format(law=LAW)
            ],
        )
    )  # fmt: skip
    sheet = Sheet(
        title=w.t("Livre des recettes {year}").format(year=year),
        kind=w.t("Livre chronologique des recettes encaissées"),
        heading=w.t("Livre des recettes {year}").format(year=year),
        day=day,
        sections=sections,
        intro=[w.t("Établi le {date}.").format(date=w.date(day))],
        highlight=(w.t("Recettes de l’année"), w.money(cash + other, cents=True), []),
        facts=machine(holder, rows, year),
    )
    return sheet_pdf(sheet, settings, w)


def machine(holder: Holder, rows: Sequence[Row], year: int) -> dict[str, Any]:
    """The same book for machines: amounts as plain texts, dates in ISO 8601."""
    return {
        "document": "livre-des-recettes", "year": year, "name": holder.name,
        "siret": holder.siret,
        "receipts": [
            {"number": row.number, **row.receipt.model_dump(mode="json", exclude_defaults=True)}
            for row in rows
        ],
    }  # fmt: skip


def _day(on: date) -> str:
    return f"{on.day:02}/{on.month:02}/{on.year}"


def book_csv(rows: Sequence[Row], labels: Mapping[str, str], w: Words) -> bytes:
    """The book as a table, as the spreadsheets of the language expect: semicolons and decimal
    commas in French, commas and points in English; a byte-order mark in both."""
    delimiter, point = (";", ",") if w.locale == "fr" else (",", ".")
    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(
        [
            w.t("N°"), w.t("Date"), w.t("Client"), w.t("Nature"), w.t("Référence"),
            w.t("Règlement"), w.t("Espèces"), w.t("Montant (€)"), w.t("Plateforme"), w.t("Note"),
        ]
    )  # fmt: skip
    yes, no = w.t("Oui"), w.t("Non")
    for row in rows:
        receipt = row.receipt
        texts = (
            receipt.client, nature_of(receipt, labels, w), voucher_of(receipt, w),
            w.t(METHOD_LABELS[receipt.method]),
        )  # fmt: skip
        writer.writerow(
            [
                row.number, receipt.on.isoformat(), *(safe_text(value) for value in texts),
                yes if receipt.method == CASH else no,
                plain(receipt.amount).replace(".", point),
                yes if receipt.platform else no, safe_text(receipt.note),
            ]
        )  # fmt: skip
    return ("\ufeff" + target.getvalue()).encode()
