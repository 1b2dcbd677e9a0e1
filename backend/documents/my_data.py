"""Everything kept about a person, for reading: tables of what matters, counts of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from backend.documents.sheet import Section, Sheet, facts, table
from contract.i18n import N_, Words
from contract.identifiers import grouped_iban

MOST = 300
"""Rows of one table; the JSON has them all."""
COUNTED = {
    "drafts": N_("Brouillons"),
    "entries": N_("Notes du journal"),
    "ledger_lines": N_("Lignes du compte"),
    "debit_orders": N_("Ordres de prélèvement"),
    "decisions": N_("Pénalités et majorations"),
    "payment_plans": N_("Échéanciers"),
    "disputes": N_("Réclamations"),
    "claim_steps": N_("Étapes de vos demandes"),
    "attachments": N_("Fichiers joints"),
    "thread_messages": N_("Messages"),
    "reminders_sent": N_("Rappels envoyés"),
    "dsn_filings": N_("Mois déclarés par des employeurs"),
    "audit": N_("Traces d’accès et d’actions"),
}


def data_sheet(
    found: Mapping[str, Sequence[Any]], regimes: Mapping[str, str], today: date, w: Words
) -> Sheet:
    """The sheet of `found` (rows by table); `regimes`: names of professions."""
    (person,) = found["persons"]
    title = w.t("Mes données")
    return Sheet(
        title=title, kind=w.t("Copie de ce que le service garde à votre sujet"), heading=title,
        day=today,
        intro=[
            w.t("Article 15 du RGPD. Le fichier JSON, à demander au même endroit, contient tout "
                "dans le détail."),
        ],
        sections=[
            facts(
                w.t("Vous"),
                (w.t("Adresse e-mail"), person["email"]),
                (w.t("Inscription"), w.moment(person["created_at"])),
                (w.t("Langue"), person["locale"]),
            ),
            *(_account(row, found, regimes, w) for row in found["accounts"]),
            _table(
                w, w.t("Déclarations"),
                [w.t("Numéro"), w.t("Période"), w.t("Reçue le"), w.t("Montant")],
                [
                    [
                        r["number"], w.period(r["period_start"], r["period_end"]),
                        w.moment(r["received_at"]), _money(r["due_cents"], w),
                    ]
                    for r in _by(found["submissions"], "received_at")
                ],
                money=3,
            ),
            _table(
                w, w.t("Paiements et remboursements"),
                [w.t("Référence"), w.t("Le"), w.t("Montant")],
                [
                    [r["reference"], w.moment(r[at]), _money(r["amount_cents"], w)]
                    for name, at in (("payments", "created_at"), ("refunds", "asked_at"))
                    for r in _by(found[name], at)
                ],
                money=2,
            ),
            _table(
                w, w.t("Documents"), [w.t("Numéro"), w.t("Document"), w.t("Établi le")],
                [
                    [r["number"], r["title"], w.moment(r["issued_at"])]
                    for r in _by(found["documents"], "issued_at")
                ],
            ),
            _table(
                w, w.t("Sessions"), [w.t("Appareil"), w.t("Ouverte le"), w.t("Vue le")],
                [
                    [r["device"], w.moment(r["created_at"]), w.moment(r["last_seen_at"])]
                    for r in _by(found["sessions"], "created_at")
                ],
            ),
            _table(
                w, w.t("Consultations par le service"), [w.t("Le"), w.t("Raison donnée")],
                [[w.moment(r["opened_at"]), r["reason"]] for r in _by(found["looks"], "opened_at")],
            ),
            facts(
                w.t("Le reste, en nombres"),
                *((w.t(label), w.number(len(found[name]))) for name, label in COUNTED.items()),
                after=[w.t("Chaque ligne est dans le fichier JSON.")],
            ),
        ],
    )  # fmt: skip


def _by(rows: Sequence[Any], moment: str) -> list[Any]:
    return sorted(rows, key=lambda row: row[moment])


def _account(
    row: Any, found: Mapping[str, Sequence[Any]], regimes: Mapping[str, str], w: Words
) -> Section:
    ibans = [
        grouped_iban(kept["iban"])
        for name in ("mandates", "refund_accounts", "refunds")
        for kept in found[name]
        if kept["account_id"] == row["id"] and kept["iban"]
    ]
    return facts(
        row["name"] or w.t("Activité"),
        (w.t("Profession"), w.t(regimes.get(row["regime"], row["regime"]))),
        (w.t("SIRET"), row["siret"]),
        (w.t("Numéro de sécurité sociale"), row["nir"] or ""),
        (w.t("Comptes bancaires"), ", ".join(dict.fromkeys(ibans))),
        (w.t("Ouvert le"), w.moment(row["created_at"])),
        (w.t("Versions du profil"), w.number(
            sum(1 for p in found["profiles"] if p["account_id"] == row["id"]))),
    )  # fmt: skip


def _money(cents: int, w: Words) -> str:
    return w.money(Decimal(cents).scaleb(-2), cents=True)


def _table(
    w: Words, heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]], money: int = -1
) -> Section:
    more = len(rows) - MOST
    after = (
        [w.n("Et {count} ligne de plus, dans le fichier JSON.",
             "Et {count} lignes de plus, dans le fichier JSON.", more).format(count=w.number(more))]
        if more > 0
        else []
    )  # fmt: skip
    if not rows:
        return facts(heading, (w.t("Rien à ce jour"), "–"))
    shown = table(heading, columns, [i == money for i in range(len(columns))], rows[:MOST])
    return Section(
        shown.heading, shown.shape, shown.rows, shown.columns, shown.numbers, after=after
    )
