"""Valid files to read, made from a list of operations, and what each of them says."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

NAMES = (
    "VIR SEPA DUPONT MENUISERIE", "STRIPE PAYMENTS EUROPE", "REMISE CHEQUE 0012",
    "VIR LEFEVRE & FILS",
    "UBER EATS FRANCE", "PRLV EDF PRO", "CARTE LEROY MERLIN", "VIR CAF DU RHONE", "SUMUP PAYOUT",
    "VIR INST CAFÉ DES ARTS", "VIREMENT INTERNE LIVRET",
)  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """What the bank did."""

    on: date
    amount: Decimal
    label: str
    reference: str


def operations(seed: int, count: int = 12, start: date = date(2026, 10, 1)) -> list[Operation]:
    """Invented operations, oldest first, all different."""
    chance = random.Random(seed)
    day = start
    found = []
    for number in range(count):
        day += timedelta(days=chance.choice((0, 1, 1, 2, 5)))
        cents = chance.choice((1250, 4999, 120000, 123456, 80, 1999999)) + chance.randrange(900)
        sign = -1 if chance.random() < 0.3 else 1
        found.append(
            Operation(day, sign * Decimal(cents) / 100, f"{chance.choice(NAMES)} {number}",
                      f"REF{seed}X{number}")
        )  # fmt: skip
    return found


def french(amount: Decimal, space: str = "\u202f") -> str:
    """1 234,56."""
    return f"{amount:,.2f}".replace(",", space).replace(".", ",")


@dataclass(frozen=True)
class Dialect:
    """How one bank writes its tables."""

    delimiter: str = ";"
    mark: str = ","
    space: str = ""
    day: str = "%d/%m/%Y"
    split: bool = False
    balance: bool = False
    preamble: int = 0
    quoted: bool = False
    newest_first: bool = False
    encoding: str = "utf-8"
    currency: bool = False


DIALECTS = (
    Dialect(),
    Dialect(split=True, preamble=5, encoding="cp1252", newest_first=True),
    Dialect(delimiter=",", mark=".", space=",", day="%Y-%m-%d", quoted=True, balance=True),
    Dialect(delimiter="\t", space=" ", day="%d.%m.%Y", encoding="utf-16"),
    Dialect(space="\u202f", split=True, balance=True, quoted=True, encoding="utf-8-sig"),
    Dialect(delimiter=",", mark=".", day="%d-%m-%y", currency=True),
)


def table(items: Sequence[Operation], dialect: Dialect) -> bytes:
    """A statement in CSV."""
    target = io.StringIO()
    for number in range(dialect.preamble):
        target.write(f"Relevé du compte {number}\r\n")
    writer = csv.writer(
        target, delimiter=dialect.delimiter, lineterminator="\r\n",
        quoting=csv.QUOTE_ALL if dialect.quoted else csv.QUOTE_MINIMAL,
    )  # fmt: skip

    def money(value: Decimal) -> str:
        if dialect.mark == ",":
            return french(value, dialect.space)
        shown = f"{value:,.2f}"
        return shown if dialect.space == "," else shown.replace(",", "")

    header = ["Date", "Libellé"]
    header += ["Débit", "Crédit"] if dialect.split else ["Montant"]
    header += ["Solde"] if dialect.balance else []
    header += ["Devise"] if dialect.currency else []
    writer.writerow(header)
    running = Decimal(1000)
    rows = []
    for item in items:
        running += item.amount
        row = [item.on.strftime(dialect.day), item.label]
        if dialect.split:
            row += [money(-item.amount), ""] if item.amount < 0 else ["", money(item.amount)]
        else:
            row.append(money(item.amount))
        row += [money(running)] if dialect.balance else []
        row += ["EUR"] if dialect.currency else []
        rows.append(row)
    writer.writerows(reversed(rows) if dialect.newest_first else rows)
    return target.getvalue().encode(dialect.encoding)


def ofx(items: Sequence[Operation], xml: bool) -> bytes:
    """A statement in OFX, 1.x or 2.x."""
    if xml:
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
    else:
        head = ("OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\n"
                "CHARSET:1252\nCOMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n")  # fmt: skip

    def leaf(name: str, value: str) -> str:
        return f"<{name}>{escape(value)}" + (f"</{name}>" if xml else "") + "\n"

    body = "<OFX>\n<BANKMSGSRSV1>\n<STMTTRNRS>\n<STMTRS>\n" + leaf("CURDEF", "EUR")
    body += "<BANKACCTFROM>\n" + leaf("BANKID", "99999") + leaf("ACCTID", "0001")
    body += "</BANKACCTFROM>\n"
    body += "<BANKTRANLIST>\n" + leaf("DTSTART", "20261001") + leaf("DTEND", "20261130")
    for item in items:
        body += "<STMTTRN>\n" + leaf("TRNTYPE", "CREDIT" if item.amount > 0 else "DEBIT")
        body += leaf("DTPOSTED", f"{item.on:%Y%m%d}120000[+1:CET]")
        body += leaf("TRNAMT", f"{item.amount:.2f}") + leaf("FITID", item.reference)
        body += leaf("NAME", item.label) + "</STMTTRN>\n"
    body += "</BANKTRANLIST>\n<LEDGERBAL>\n" + leaf("BALAMT", "1234.00")
    body += leaf("DTASOF", "20261130")
    body += "</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n</BANKMSGSRSV1>\n</OFX>\n"
    return (head + body).encode("utf-8" if xml else "cp1252")


def camt(items: Sequence[Operation], version: str = "02") -> bytes:
    """A statement in CAMT.053, with its balances."""
    total = sum((item.amount for item in items), Decimal(0))

    def balance(code: str, value: Decimal) -> str:
        way = "CRDT" if value >= 0 else "DBIT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="EUR">{abs(value):.2f}</Amt><CdtDbtInd>{way}</CdtDbtInd>'
            f"<Dt><Dt>2026-10-01</Dt></Dt></Bal>\n"
        )

    new = version >= "08"
    entries = ""
    for item in items:
        way, side = ("CRDT", "Dbtr") if item.amount > 0 else ("DBIT", "Cdtr")
        status = "<Cd>BOOK</Cd>" if new else "BOOK"
        name = "<Pty><Nm>Nom fictif</Nm></Pty>" if new else "<Nm>Nom fictif</Nm>"
        entries += (
            f'<Ntry>\n<Amt Ccy="EUR">{abs(item.amount):.2f}</Amt>\n<CdtDbtInd>{way}</CdtDbtInd>\n'
            f"<Sts>{status}</Sts>\n<BookgDt><Dt>{item.on}</Dt></BookgDt>\n"
            f"<ValDt><Dt>{item.on}</Dt></ValDt>\n<AcctSvcrRef>{item.reference}</AcctSvcrRef>\n"
            f"<NtryDtls><TxDtls><RltdPties><{side}>{name}</{side}></RltdPties>"
            f"<RmtInf><Ustrd>{escape(item.label)}</Ustrd></RmtInf></TxDtls></NtryDtls>\n</Ntry>\n"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">\n'
        "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>\n<Stmt>\n<Id>1</Id>\n"
        "<Acct><Id><IBAN>FR7699999000010000000000115</IBAN></Id></Acct>\n"
        + balance("OPBD", Decimal(1000))
        + balance("CLBD", Decimal(1000) + total)
        + entries
        + "</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def cii(number: str, client: str, total: str, day: str = "20261012", kind: str = "380") -> bytes:
    """The XML of an invoice."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:'
        'CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:'
        'ReusableAggregateBusinessInformationEntity:100" xmlns:udt="urn:un:unece:uncefact:data:'
        'standard:UnqualifiedDataType:100">\n'
        f"<rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{kind}</ram:TypeCode>"
        f'<ram:IssueDateTime><udt:DateTimeString format="102">{day}</udt:DateTimeString>'
        "</ram:IssueDateTime></rsm:ExchangedDocument>\n<rsm:SupplyChainTradeTransaction>"
        f"<ram:ApplicableHeaderTradeAgreement><ram:BuyerTradeParty><ram:Name>{escape(client)}"
        "</ram:Name></ram:BuyerTradeParty></ram:ApplicableHeaderTradeAgreement>"
        "<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR"
        "</ram:InvoiceCurrencyCode><ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:GrandTotalAmount>{total}</ram:GrandTotalAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        "</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>"
        "</rsm:CrossIndustryInvoice>"
    ).encode()


def facturx(xml: bytes, packed: bool = True) -> bytes:
    """A PDF that carries an invoice, as Factur-X does (only what a reader looks for)."""
    import zlib

    body = zlib.compress(xml) if packed else xml
    kind = b"/Filter /FlateDecode " if packed else b""
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile " + kind
        + f"/Length {len(body)} >>\nstream\n".encode() + body + b"\nendstream\nendobj\n%%EOF\n"
    )  # fmt: skip
