"""Attestations: what each says, in the words of its text.

Conditions and contents: CSS L243-15 and D243-15 (vigilance), code du travail R6331-47 (training),
the others by usage of the collector (affiliation, turnover, fiscal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backend.documents.sheet import Section, Sheet, facts, table, text
from backend.usecases.history import Stored
from contract.i18n import Words
from regimes.money import ZERO, plain
from regimes.regime import Regime

TAX_FUND = "impot"
TRAINING_FUND = "formation"


@dataclass(frozen=True)
class Holder:
    """Whom an attestation speaks of."""

    name: str
    siret: str
    regime: Regime
    since: date | None
    today: date


def spaced(siret: str) -> str:
    """A SIRET in groups that people read."""
    return " ".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))


def _who(holder: Holder, w: Words) -> Section:
    return facts(
        w.t("Entreprise"),
        (w.t("Nom"), holder.name),
        (w.t("SIRET"), spaced(holder.siret)),
        (w.t("Profession"), w.t(holder.regime.label)),
        (w.t("Activité depuis le"), w.date(holder.since) if holder.since else ""),
    )


def _says(holder: Holder, kind: str, number: str, **more: Any) -> dict[str, Any]:
    return {
        "document": kind, "number": number, "name": holder.name, "siret": holder.siret,
        "regime": holder.regime.code, "issued_on": holder.today.isoformat(), **more,
    }  # fmt: skip


def _meaning(w: Words) -> str:
    return w.t(
        "Document établi par un service indépendant, à titre de démonstration : il ne remplace pas "
        "l’attestation délivrée par l’Urssaf."
    )


def vigilance(
    holder: Holder, w: Words, valid_until: date, provisional: bool, waiver: str
) -> Callable[[str, str], Sheet]:
    """Attestation de vigilance (CSS L243-15; authenticity D243-15). `waiver` is the sentence that
    says why an unpaid amount is not in the way (plan respected, amount contested)."""
    title = w.t("Attestation de vigilance")
    said = (
        w.t("Cette entreprise débute : sa première déclaration n’est pas encore due. "
            "L’attestation provisoire vaut jusqu’à cette échéance.")
        if provisional
        else w.t("À la date du {date}, cette entreprise a fourni ses déclarations sociales et "
                 "payé les cotisations et contributions exigibles.").format(
                     date=w.date(holder.today))
    )  # fmt: skip

    def make(number: str, code: str) -> Sheet:
        return Sheet(
            title=title,
            kind=w.t("Fourniture des déclarations sociales et paiement des cotisations"),
            heading=title, day=holder.today, number=number, code=code,
            statuses=[w.t("Provisoire")] if provisional else [],
            intro=[said, *([waiver] if waiver else [])],
            highlight=(w.t("Valable jusqu’au"), w.date(valid_until), []),
            sections=[
                _who(holder, w),
                facts(
                    w.t("Authenticité"),
                    (w.t("Numéro"), number),
                    (w.t("Code de sécurité"), code),
                    (w.t("Délivrée le"), w.date(holder.today)),
                ),
                text(
                    w.t("À quoi elle sert"),
                    w.t("Le client professionnel la demande pour tout contrat d’au moins "
                        "5 000 € hors taxes, à la signature puis tous les six mois jusqu’à la fin "
                        "(code du travail, R8222-1 et D8222-5). Il en vérifie l’authenticité avec "
                        "le code de sécurité (CSS D243-15)."),
                    w.t("Elle ne dit rien du chiffre d’affaires ni des montants payés."),
                    after=[w.t("CSS L243-15."), _meaning(w)],
                ),
            ],
            facts=_says(
                holder, "vigilance", number, valid_until=valid_until.isoformat(),
                provisional=provisional, code=code,
            ),
        )  # fmt: skip

    return make


def affiliation(holder: Holder, w: Words) -> Callable[[str, str], Sheet]:
    """That the person is affiliated, and since when."""
    title = w.t("Attestation d’affiliation")

    def make(number: str, code: str) -> Sheet:
        return Sheet(
            title=title, kind=w.t("Affiliation"), heading=title, day=holder.today, number=number,
            code=code,
            intro=[
                w.t("Cette personne a un compte ouvert pour cette activité à la date du "
                    "{date}.").format(date=w.date(holder.today))
            ],
            sections=[_who(holder, w), text("", after=[_meaning(w)])],
            facts=_says(
                holder, "affiliation", number,
                since=holder.since.isoformat() if holder.since else None,
            ),
        )  # fmt: skip

    return make


def _by_figure(sent: Sequence[Stored], w: Words) -> tuple[list[tuple[str, Decimal]], Decimal]:
    """Declared figures of the year added by nature, and their total."""
    sums: dict[str, Decimal] = {}
    for item in sent:
        for figure in item.assessment.figures:
            sums[figure.label] = sums.get(figure.label, ZERO) + figure.declared
    rows = [(w.t(label), amount) for label, amount in sums.items()]
    return rows, sum((amount for _, amount in rows), ZERO)


def _fund(sent: Sequence[Stored], fund: str) -> Decimal:
    return sum((s.amount for item in sent for s in item.assessment.shares if s.fund == fund), ZERO)


def fiscal(
    holder: Holder, w: Words, year: int, sent: Sequence[Stored]
) -> Callable[[str, str], Sheet]:
    """What was declared in a year by tax category, for the income tax return (2042-C-PRO)."""
    title = w.t("Attestation fiscale {year}").format(year=year)
    rows, total = _by_figure(sent, w)
    tax = _fund(sent, TAX_FUND)
    withheld = (
        w.t("Impôt sur le revenu déjà versé (versement libératoire) : {amount}. Cochez la "
            "catégorie « versement libératoire » de votre déclaration de revenus.").format(
                amount=w.money(tax, cents=True))
        if tax
        else w.t("Aucun versement libératoire de l’impôt sur le revenu pour cette année.")
    )  # fmt: skip

    def make(number: str, code: str) -> Sheet:
        return Sheet(
            title=title, kind=w.t("Montants déclarés dans l’année"), heading=title,
            day=holder.today, number=number, code=code,
            intro=[withheld],
            sections=[
                _who(holder, w),
                table(
                    w.t("Par nature"), [w.t("Nature"), w.t("Déclaré")], [False, True],
                    [[label, w.money(amount, cents=True)] for label, amount in rows],
                    [w.t("Total"), w.money(total, cents=True)],
                    after=[
                        w.t("Périodes déclarées : {periods}.").format(
                            periods=", ".join(item.row.period for item in sent)
                        ),
                        _meaning(w),
                    ],
                ),
            ],
            facts=_says(
                holder, "fiscal", number, year=year, total=plain(total), tax=plain(tax),
                by_nature={label: plain(amount) for label, amount in rows},
            ),
        )  # fmt: skip

    return make


def turnover(
    holder: Holder, w: Words, year: int, sent: Sequence[Stored], months: Mapping[str, Decimal]
) -> Callable[[str, str], Sheet]:
    """What was declared in a year, month by month. A quarter is one row, unless the person split
    it: the document then says that the split is theirs."""
    title = w.t("Attestation de chiffre d’affaires {year}").format(year=year)
    rows: list[list[str]] = []
    machine: dict[str, str] = {}
    split, total = False, ZERO
    for item in sent:
        amount = sum((figure.declared for figure in item.assessment.figures), ZERO)
        total += amount
        own = months_of(item)
        if len(own) > 1 and all(month in months for month in own):
            split = True
            for month in own:
                first = date.fromisoformat(f"{month}-01")
                rows.append([w.month(first) + " *", w.money(months[month], cents=True)])
                machine[month] = plain(months[month])
        else:
            name = w.period(item.row.period_start, item.row.period_end)
            rows.append([name, w.money(amount, cents=True)])
            machine[item.row.period] = plain(amount)
    notes = [_meaning(w)]
    if split:
        notes.insert(
            0, w.t("* Mois d’un trimestre déclaré en une fois : la répartition est celle que "
                   "l’entreprise a donnée, son total est celui du trimestre déclaré.")
        )  # fmt: skip

    def make(number: str, code: str) -> Sheet:
        return Sheet(
            title=title, kind=w.t("Montants déclarés, mois par mois"), heading=title,
            day=holder.today, number=number, code=code,
            intro=[
                w.t("Montants déclarés à la date du {date}.").format(date=w.date(holder.today))
            ],
            sections=[
                _who(holder, w),
                table(
                    w.t("Par période"), [w.t("Période"), w.t("Déclaré")], [False, True], rows,
                    [w.t("Total"), w.money(total, cents=True)], after=notes,
                ),
            ],
            facts=_says(
                holder, "turnover", number, year=year, total=plain(total), by_period=machine
            ),
        )  # fmt: skip

    return make


def months_of(item: Stored) -> list[str]:
    """Civil months that a submission covers."""
    month, last = item.row.period_start.replace(day=1), item.row.period_end
    found = []
    while month <= last:
        found.append(f"{month:%Y-%m}")
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return found


def training(
    holder: Holder, w: Words, year: int, sent: Sequence[Stored]
) -> Callable[[str, str], Sheet]:
    """Contribution to training of a year, which opens the training funds (CT R6331-47)."""
    title = w.t("Attestation de contribution à la formation {year}").format(year=year)
    amount = _fund(sent, TRAINING_FUND)

    def make(number: str, code: str) -> Sheet:
        return Sheet(
            title=title, kind=w.t("Contribution à la formation professionnelle"), heading=title,
            day=holder.today, number=number, code=code,
            intro=[
                w.t("Contribution à la formation professionnelle (CFP) comprise dans les montants "
                    "déclarés pour {year}.").format(year=year)
            ],
            highlight=(w.t("CFP de l’année"), w.money(amount, cents=True), []),
            sections=[
                _who(holder, w),
                text(
                    w.t("À quoi elle sert"),
                    w.t("Le fonds d’assurance formation de votre profession la demande pour "
                        "financer une formation (code du travail, R6331-47)."),
                    after=[_meaning(w)],
                ),
            ],
            facts=_says(holder, "training", number, year=year, amount=plain(amount)),
        )  # fmt: skip

    return make
