"""Letters to an employer about what it filed: always in French, the language of the employer, and
never in that of the screen."""

from __future__ import annotations

from datetime import date

from backend.documents.sheet import Sheet, facts, text
from contract.i18n import Words
from contract.vrp import AnomalyView, LetterView

FIELDS = {
    "gross": "salaire brut", "capped": "base plafonnée (code 02)",
    "uncapped": "base déplafonnée (code 03)", "csg": "base de la CSG (code 04)",
    "dfs_rate": "taux de déduction forfaitaire spécifique",
}  # fmt: skip


def _when(anomaly: AnomalyView, w: Words) -> str:
    if anomaly.month is None:
        return ""
    year, month = map(int, anomaly.month.split("-"))
    return w.month(date(year, month, 1))


def _wrong(anomaly: AnomalyView, w: Words) -> str:
    """What is wrong, in one sentence."""
    figures = {
        "month": _when(anomaly, w),
        "field": FIELDS.get(anomaly.field, ""),
        "filed": w.money(anomaly.filed) if anomaly.filed is not None else "",
        "expected": w.money(anomaly.expected) if anomaly.expected is not None else "",
    }
    sentences = {
        "month_missing": ("Aucune base ne figure à mon nom dans votre déclaration sociale "
                             "nominative (DSN) de {month}."),
        "base_missing": ("Votre DSN de {month} ne comporte pas, à mon nom, la {field}."),
        "doubled": ("Votre DSN de {month} a été transmise deux fois sans que la seconde annule "
                       "la première : mes bases y figurent en double."),
        "capped_above_ceiling": ("Les bases plafonnées que vous avez déclarées jusqu’à {month} "
                                    "({filed}) dépassent le plafond de ces mois ({expected})."),
        "capped_above_uncapped": ("Dans votre DSN de {month}, la base plafonnée ({filed}) "
                                     "dépasse la base déplafonnée ({expected})."),
        "uncapped_above_gross": ("Dans votre DSN de {month}, la base déplafonnée ({filed}) "
                                    "dépasse mon salaire brut ({expected})."),
        "csg_unlike_gross": ("Dans votre DSN de {month}, la base de la CSG ({filed}) ne "
                                "correspond pas à 98,25 % de mon salaire brut ({expected}). La "
                                "déduction forfaitaire ne s’applique pas à la CSG."),
        "dfs_rate_other": ("Votre DSN de {month} porte un taux de déduction forfaitaire "
                              "spécifique de {filed_rate}, au lieu de {expected_rate} cette "
                              "année-là."),
        "employer_unknown": ("Une DSN de {month} porte des bases à mon nom, alors que je n’ai "
                                "pas travaillé pour votre établissement."),
    }  # fmt: skip
    rates = {
        "filed_rate": w.percent(anomaly.filed) if anomaly.filed is not None else "",
        "expected_rate": w.percent(anomaly.expected) if anomaly.expected is not None else "",
    }
    return sentences[anomaly.code].format(**figures, **rates)


def _paragraphs(anomaly: AnomalyView, name: str, w: Words) -> list[str]:
    return [
        ("Madame, Monsieur,"),
        ("Je suis VRP multicartes et salarié de votre établissement."),
        _wrong(anomaly, w),
        ("Ces bases servent au calcul de ma retraite et au remboursement de ce qui a été "
            "cotisé en trop. Je vous remercie de vérifier cette déclaration et, s’il y a lieu, de "
            "la corriger dans une prochaine DSN (blocs S21.G00.78 et S21.G00.54)."),
        ("Je vous remercie de me dire ce que vous aurez constaté et corrigé."),
        ("Veuillez agréer, Madame, Monsieur, mes salutations distinguées."),
        name,
    ]  # fmt: skip


def _subject(anomaly: AnomalyView, w: Words) -> str:
    return f"DSN de {_when(anomaly, w)} : bases à vérifier"


def letter_view(anomaly: AnomalyView, name: str, w: Words) -> LetterView:
    """The letter as a text ready to send."""
    return LetterView(
        anomaly=anomaly.id, to=anomaly.employer, subject=_subject(anomaly, w),
        text="\n\n".join(_paragraphs(anomaly, name, w)),
    )  # fmt: skip


def letter_sheet(anomaly: AnomalyView, name: str, today: date, w: Words) -> Sheet:
    """The letter as a document to print and sign."""
    subject = _subject(anomaly, w)
    siret = anomaly.siret
    return Sheet(
        title=subject,
        kind=("Lettre à un employeur, à relire et à signer"),
        heading=subject,
        day=today,
        sections=[
            facts(
                ("À"),
                (("Employeur"), anomaly.employer),
                (("SIRET"), " ".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))),
                (("De"), name),
                (("Le"), w.date(today)),
            ),
            text((f"Objet : {subject}"), *_paragraphs(anomaly, name, w)),
        ],
    )
