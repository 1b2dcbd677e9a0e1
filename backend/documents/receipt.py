"""The receipt as an accessible PDF (PDF/A-3a and PDF/UA-1), made from the submission alone.

Contents: CRPA R112-11-1 (date of receipt, service in charge), L311-3-1 (automated calculation),
L123-1 (right to make a mistake). This module chooses words and figures; receipt.typ lays them out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any

from backend.clock import paris_day, paris_moment
from backend.documents.typeset import disclaimer, typeset, verify_square
from backend.settings import Settings
from backend.usecases.history import Stored
from contract.i18n import Words, words
from regimes.assessment import Assessment, Line, LineStatus, SharesStatus
from regimes.regime import Kind, Regime


def receipt_pdf(stored: Stored, settings: Settings, regime: Regime, locale: str) -> bytes:
    """The receipt of a stored submission in `locale`: same submission, same bytes."""
    return typeset("receipt", receipt_data(stored, settings, regime, words(locale)))


def receipt_data(stored: Stored, settings: Settings, regime: Regime, w: Words) -> dict[str, Any]:
    """Every sentence and figure of the receipt, in order of reading."""
    row, payload, assessment = stored.row, stored.payload, stored.assessment
    service = payload["service"]
    period = w.period(row.period_start, row.period_end)
    received = paris_day(row.received_at)
    kinds = {
        Kind.DECLARATION: w.t("Accusé de réception de déclaration"),
        Kind.CLAIM: w.t("Accusé de réception d’une demande de remboursement"),
        Kind.PREPARATION: w.t("Accusé de réception d’une préparation"),
    }
    title = w.t("Reçu {number}, {period}").format(number=row.number, period=period)
    return {
        "lang": w.locale,
        "title": title,
        "author": service["name"],
        "description": f"{kinds[regime.kind]}, {period}",
        "keywords": [row.number, row.regime, row.period],
        "date": [received.year, received.month, received.day],
        "page": w.t("Page"),
        "footer": w.t("Reçu {number}, version {version}. {disclaimer}").format(
            number=row.number, version=row.version, disclaimer=disclaimer(w)
        ),
        "disclaimer": disclaimer(w),
        "service": service,
        "kind": kinds[regime.kind],
        "heading": _capital(period),
        "received": w.t("Reçue le {moment} (heure de Paris)").format(
            moment=w.moment(row.received_at)
        ),
        "statuses": _statuses(stored, assessment, w),
        "due": _due(stored, assessment, regime, w),
        "verify": verify_square(
            row.verification_code,
            settings,
            w,
            w.t("Code QR qui ouvre la page de vérification de ce reçu"),
            w.t("Vérifier ce reçu"),
        ),
        "facts": json.dumps(payload, ensure_ascii=False, sort_keys=True),
        "facts-title": w.t("Le contenu exact de ce qui a été reçu, lisible par une machine (JSON)"),
        "identity": {"heading": w.t("Déclarant et période"), "rows": _identity(stored, regime, w)},
        "figures": _figures(assessment, regime, w),
        "lines": _lines(assessment, regime, w),
        "changes": _changes(payload, w),
        "funds": _funds(assessment, w),
        "rights": {"heading": w.t("Vos droits"), "items": _rights(stored, regime, w)},
        "contact": {
            "heading": w.t("Service en charge"),
            "rows": _facts(
                (w.t("Nom"), service["name"]),
                (w.t("Adresse"), service["address"]),
                (w.t("E-mail"), service["email"]),
                (w.t("Téléphone"), service["phone"]),
            ),
        },
        "proof": _proof(stored, settings, w),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _facts(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in rows if value]


def _statuses(stored: Stored, assessment: Assessment, w: Words) -> list[str]:
    found = []
    if stored.row.version > 1:
        found.append(w.t("Correction, version {version}").format(version=stored.row.version))
    if stored.row.late:
        found.append(w.t("Après l’échéance"))
    if assessment.partial:
        found.append(w.t("Total partiel"))
    return found


def _due(stored: Stored, assessment: Assessment, regime: Regime, w: Words) -> dict[str, Any]:
    row = stored.row
    when = w.t("À payer au plus tard le {date} à {hour} (heure de Paris).")
    label = w.t("Montant dû pour cette période")
    if regime.kind is Kind.CLAIM:
        label = w.t("Montant que vous demandez pour cette période")
        when = w.t("Le collecteur décide de ce qu’il rembourse : suivez la demande dans votre "
                   "compte.")  # fmt: skip
    elif assessment.due < 0:
        label = w.t("Montant à vous rembourser pour cette période")
        when = w.t("Échéance de la période : {date} à {hour} (heure de Paris).")
    elif row.late:
        when = w.t("Exigible depuis le {date} à {hour} (heure de Paris) : à payer sans attendre.")
    elif assessment.due == 0:
        when = w.t("Rien à payer pour cette période.")
    due_at = paris_moment(row.due_date, time.fromisoformat(stored.payload["period"]["due_time"]))
    notes = []
    if assessment.partial:
        notes.append(w.t("Un taux n’est pas publié : ce total n’est pas définitif."))
    before = stored.payload["previous_due"]
    if before is not None:
        notes.append(
            w.t("Version précédente : {amount} ; différence : {difference}.").format(
                amount=w.money(Decimal(before)), difference=_signed(
                    assessment.due - Decimal(before), w),
            )
        )  # fmt: skip
    return {
        "label": label,
        "amount": w.money(abs(assessment.due)),
        "when": when.format(date=w.date(row.due_date), hour=w.hour(due_at)),
        "notes": notes,
    }


def _signed(euros: Decimal, w: Words) -> str:
    return ("+" if euros > 0 else "−" if euros < 0 else "") + w.money(abs(euros))


def _identity(stored: Stored, regime: Regime, w: Words) -> list[dict[str, str]]:
    row, payload = stored.row, stored.payload
    days = w.t("du {start} au {end}").format(
        start=w.date(row.period_start), end=w.date(row.period_end)
    )
    siret = payload["siret"]
    return _facts(
        (w.t("Nom"), payload["name"]),
        (w.t("SIRET"), " ".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))),
        (w.t("Profession"), w.t(regime.label)),
        (w.t("Période"), days),
        (w.t("Numéro"), row.number),
        (w.t("Remplace"), row.corrects or ""),
        (w.t("Envoyée par"), payload.get("sent_by", "")),
    )


def _figures(assessment: Assessment, regime: Regime, w: Words) -> dict[str, Any]:
    prepared = regime.kind is Kind.PREPARATION
    return {
        "heading": w.t("Ce que vous avez préparé") if prepared else w.t("Ce que vous avez déclaré"),
        "columns": [w.t("Montant"), w.t("Saisi"), w.t("Retenu")],
        "rows": [
            [w.t(figure.label), w.money(figure.declared), w.money(figure.retained)]
            for figure in assessment.figures
        ],
    }


def _lines(assessment: Assessment, regime: Regime, w: Words) -> dict[str, Any]:
    total = w.t("Total demandé") if regime.kind is Kind.CLAIM else w.t("Total dû")
    last = len(assessment.lines) - 1
    return {
        "heading": w.t("Le calcul, ligne par ligne"),
        "columns": [w.t("Ligne"), w.t("Base"), w.t("Taux"), w.t("Montant")],
        "rows": [
            {
                "label": w.t(line.label),
                "marks": _marks(line, w),
                "law": _law(line, w),
                "notes": [w.t(line.note)] if line.note else [],
                "base": w.money(line.base),
                "rate": w.percent(line.rate) if line.rate is not None else w.t("forfait"),
                "amount": w.t("non publié")
                if line.status is LineStatus.MISSING
                else w.money(line.amount),
                "last": number == last,
            }
            for number, line in enumerate(assessment.lines)
        ],
        "total": {
            "label": w.t("Total partiel") if assessment.partial else total,
            "amount": w.money(assessment.due),
        },
        "notes": [w.t(note) for note in assessment.notes],
    }


def _marks(line: Line, w: Words) -> list[str]:
    names = {
        LineStatus.ESTIMATE: w.t("estimation"),
        LineStatus.UNCONFIRMED: w.t("taux à confirmer"),
        LineStatus.MISSING: w.t("taux non publié"),
    }
    marks = [names[line.status]] if line.status in names else []
    if line.apart:
        marks.append(w.t("hors total : n’est pas dû ici"))
    return marks


def _law(line: Line, w: Words) -> str:
    if line.rate_from is None:
        return line.law
    return w.t("{law}, en vigueur depuis le {date}").format(
        law=line.law, date=w.date(line.rate_from)
    )


def _changes(payload: Mapping[str, Any], w: Words) -> dict[str, Any] | None:
    """What a correction changes; None for a first declaration."""
    if payload["corrects"] is None:
        return None
    rows = [
        [
            w.t(line["label"]), w.money(Decimal(line["before"])), w.money(Decimal(line["after"])),
            _signed(Decimal(line["difference"]), w),
        ]
        for line in payload["differences"]
    ]  # fmt: skip
    intro = (
        w.t("Seule la différence est portée à votre compte ; la version {number} reste "
            "conservée.")
        if rows
        else w.t("Cette correction ne change aucun montant ; la version {number} reste conservée.")
    )  # fmt: skip
    affected = payload["affected"]
    return {
        "heading": w.t("Ce que la correction change"),
        "intro": intro.format(number=payload["corrects"]),
        "columns": [w.t("Ligne"), w.t("Avant"), w.t("Après"), w.t("Différence")],
        "rows": rows,
        "notes": [
            w.t("Périodes suivantes à revoir : {periods}.").format(periods=", ".join(affected))
        ]
        if affected
        else [],
    }


def _funds(assessment: Assessment, w: Words) -> dict[str, Any]:
    shares = [share for share in assessment.shares if share.amount]
    total = sum((share.amount for share in shares), Decimal(0))
    largest = max((abs(share.amount) for share in shares), default=Decimal(1))
    marks = {
        SharesStatus.INDICATIVE: w.t("répartition indicative"),
        SharesStatus.NOT_PUBLISHED: w.t("répartition non publiée"),
    }
    return {
        "heading": w.t("Où va chaque euro"),
        "mark": marks.get(assessment.shares_status, ""),
        "columns": [w.t("Organisme ou fonds"), w.t("Montant"), w.t("Part")],
        "rows": [
            {
                "label": w.t(share.label),
                "part": float(round(abs(share.amount) / largest * 100, 2)),
                "amount": w.money(share.amount, cents=True),
                "percent": w.percent(round(share.amount / total * 100, 1)) if total else "",
            }
            for share in shares
        ],
        "notes": [w.t(assessment.shares_note)] if assessment.shares_note else [],
    }


def _rights(stored: Stored, regime: Regime, w: Words) -> list[dict[str, str]]:
    """Rights in plain words. What differs by profession is said by the régime, not here."""
    payload = stored.payload
    items: Sequence[tuple[str, str]] = (
        (
            w.t("Une erreur ?"),
            w.t("Corrigez ces montants depuis votre historique : la nouvelle version remplace "
                "celle-ci, qui reste conservée, et seule la différence vous est demandée ou "
                "rendue. Qui se trompe de bonne foi pour la première fois et régularise "
                "n’encourt pas de sanction pour cette erreur (droit à l’erreur, CRPA L123-1)."),
        ),
        (
            w.t("Calcul automatisé."),
            w.t("Le montant résulte d’un traitement algorithmique (CRPA L311-3-1). Données : les "
                "chiffres que vous avez saisis, la fiche de votre compte (version {profile}) et "
                "vos envois précédents. Paramètres : les taux datés de la table "
                "{rates}. Opérations : chaque ligne multiplie une base par un taux, avec "
                "l’arrondi que fixe son texte ; le total est leur somme. Sur demande, le service "
                "en charge vous communique les règles de ce traitement et les principales "
                "caractéristiques de sa mise en œuvre.").format(
                    profile=payload["profile_version"], rates=stored.row.rates_version),
        ),
        (
            w.t("Pas d’accord ?"),
            w.t("Ce document accuse réception et explique un calcul ; ce n’est pas une décision. "
                "Écrivez d’abord au service en charge. Une décision du collecteur indiquerait "
                "elle-même les voies et délais de recours ouverts contre elle."),
        ),
        (
            w.t("Valeur de ce reçu."),
            w.t("Il accuse réception d’un envoi électronique (CRPA L112-11 et R112-11-1). Aucune "
                "confirmation sur papier n’est à envoyer (CRPA L112-8)."),
        ),
    )  # fmt: skip
    return [{"title": title, "text": text} for title, text in items]


def _proof(stored: Stored, settings: Settings, w: Words) -> dict[str, Any]:
    row = stored.row
    return {
        "heading": w.t("Preuve"),
        "rows": _facts(
            (w.t("Empreinte SHA-256"), f"{row.fingerprint[:32]} {row.fingerprint[32:]}"),
            (w.t("Maillon"), f"{row.chain_index}, {row.hash[:16]}…"),
            (w.t("Table des taux"), row.rates_version),
            (w.t("Taux complétés par"), ", ".join(stored.payload.get("overlays", []))),
            (w.t("Vérification"), f"{settings.url}/verifier/{row.verification_code}"),
        ),
        "note": w.t(
            "L’empreinte est calculée sur le contenu exact de ce qui a été reçu : elle figure "
            "aussi sur la page de vérification, sans montant ni identité."
        ),
    }
