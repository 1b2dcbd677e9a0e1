"""What a file of receipts holds once read: lines that can be trusted, and lines that cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.words import N_

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 20_000

REFUSALS: dict[str, str] = {
    "empty": N_("Ce fichier est vide."),
    "too_large": N_("Ce fichier dépasse 10 Mo. Demandez un relevé plus court."),
    "too_many": N_("Ce fichier compte plus de 20 000 lignes. Demandez un relevé plus court."),
    "unknown": N_("Ce fichier n’est ni un relevé (CSV, OFX, CAMT.053) ni une facture (Factur-X)."),
    "encoding": N_("Les caractères de ce fichier ne se lisent pas."),
    "no_columns": N_("Aucune ligne d’en-tête avec une date et un montant n’a été trouvée."),
    "csv_broken": N_("Le tableau est cassé à la ligne {line} : un guillemet n’est pas refermé."),
    "dates_mixed": N_(
        "Les dates se contredisent : certaines mettent le jour d’abord, d’autres le mois. Rien "
        "n’est importé."
    ),
    "xml_broken": N_("Le fichier est coupé ou abîmé à la ligne {line}. Rien n’est importé."),
    "xml_forbidden": N_("Ce fichier déclare des entités XML, ce qu’un relevé ne fait pas."),
    "no_lines": N_("Aucune ligne à importer n’a été trouvée."),
    "no_invoice": N_("Ce PDF ne contient pas de facture lisible (Factur-X)."),
}
"""Why a whole file is refused: French msgids by code."""

FAULTS: dict[str, str] = {
    "date": N_("la date ne se lit pas"),
    "date_missing": N_("la date manque"),
    "amount": N_("le montant ne se lit pas"),
    "amount_missing": N_("le montant manque"),
    "amount_zero": N_("le montant est zéro"),
    "both": N_("un débit et un crédit sur la même ligne"),
    "columns": N_("le nombre de colonnes ne va pas"),
    "quote": N_("un guillemet est mal placé"),
    "currency": N_("le montant n’est pas en euros"),
    "sign": N_("le sens (débit ou crédit) n’est pas dit"),
    "twice": N_("une même information est donnée deux fois"),
    "reference": N_("la même référence désigne deux opérations"),
    "pending": N_("l’opération n’est pas encore passée en compte"),
    "broken": N_("l’opération est incomplète"),
}
"""Why one line is left out: French msgids by code."""

WARNINGS: dict[str, str] = {
    "balance": N_("le solde indiqué ne suit pas : vérifiez ce montant"),
    "repeat": N_("ligne identique à une autre du fichier"),
    "characters": N_("des caractères sont illisibles"),
    "invoice": N_("facture : indiquez le jour où elle a été payée"),
    "reversal": N_("annulation d’une opération"),
}
"""What to check on a line that is read: French msgids by code."""

NOTICES: dict[str, str] = {
    "dates_assumed": N_(
        "Les dates peuvent se lire de deux façons : le jour est pris en premier, puis le mois."
    ),
    "truncated": N_("Le fichier semble coupé : il manque sa fin. Vérifiez la dernière ligne."),
    "balance": N_(
        "Les soldes du relevé ne correspondent pas à la somme des lignes : une ligne manque ou un "
        "montant a changé."
    ),
    "no_header": N_("Sans en-tête, les colonnes ont été devinées : vérifiez quelques lignes."),
    "currency_unsaid": N_("La monnaie n’est pas dite : les montants sont pris en euros."),
}
"""What to check on the whole file: French msgids by code."""


class FileRefused(ValueError):
    """A file of which nothing is taken. `code` names a sentence of REFUSALS."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.line = line


@dataclass(frozen=True, slots=True)
class BankLine:
    """One operation: `number` is its line in the file (or its rank), `amount` euros, positive when
    money came in. `reference` is the bank's own, or the invoice's number."""

    number: int
    on: date
    amount: Decimal
    label: str
    reference: str = ""
    client: str = ""
    warnings: tuple[str, ...] = ()
    voucher: str = ""
    """Number of the invoice, in a list of invoices."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line left out, with the reason: a code of FAULTS."""

    number: int
    fault: str


@dataclass(slots=True)
class Statement:
    """A file read whole."""

    kind: str
    """csv, ofx, camt053 or invoice."""
    lines: list[BankLine] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def notice(self, code: str) -> None:
        """Note something to check on the whole file, once."""
        if code not in self.notices:
            self.notices.append(code)
