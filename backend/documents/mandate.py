"""A SEPA mandate as an accessible PDF: what the rulebook asks, and the proof of the signature."""

from __future__ import annotations

from backend.clock import paris_day
from backend.documents.sheet import Sheet, facts, sheet_pdf, text
from backend.settings import Settings
from backend.storage.tables import Account, Mandate
from contract.i18n import Words, words
from contract.identifiers import grouped_iban
from contract.mandate import MANDATE_TEXT


def mandate_pdf(mandate: Mandate, account: Account, settings: Settings, locale: str) -> bytes:
    """The mandate in `locale`, with the whole account number: its owner alone reads it."""
    w = words(locale)
    return sheet_pdf(mandate_sheet(mandate, account, settings, w), settings, w)


def mandate_sheet(mandate: Mandate, account: Account, settings: Settings, w: Words) -> Sheet:
    """Every sentence of the mandate, in order of reading."""
    title = w.t("Mandat de prélèvement SEPA")
    kind = w.t("Paiement ponctuel") if mandate.one_off else w.t("Paiement récurrent ou répétitif")
    ended = [w.t("Ce mandat n’est plus actif.")] if mandate.state != "active" else []
    return Sheet(
        title=title, kind=settings.service_name, heading=title, day=paris_day(mandate.signed_at),
        number=mandate.rum, statuses=ended, intro=[w.t(MANDATE_TEXT)],
        sections=[
            facts(
                w.t("Références"),
                (w.t("Référence unique du mandat (RUM)"), mandate.rum),
                (w.t("Identifiant du créancier (ICS)"), mandate.ics),
                (w.t("Type de paiement"), kind),
            ),
            facts(
                w.t("Compte à débiter"),
                (w.t("Titulaire du compte"), mandate.holder),
                (w.t("IBAN"), grouped_iban(mandate.iban)),
                (w.t("Pour le compte de"), account.name),
            ),
            facts(
                w.t("Créancier"),
                (w.t("Nom"), settings.service_name), (w.t("Adresse"), settings.service_address),
            ),
            facts(
                w.t("Signature"),
                (w.t("Signé le"), w.moment(mandate.signed_at)),
                (w.t("Manière"), w.t("En ligne, par une personne identifiée, sur la page qui "
                                     "porte ce texte")),
                (w.t("Empreinte du texte signé"), str(mandate.signature.get("text", ""))[:32]),
            ),
            text(
                w.t("À savoir"),
                w.t("Vous pouvez révoquer ce mandat à tout moment dans votre compte. Chaque "
                    "prélèvement vous est annoncé avec sa date et son montant."),
            ),
        ],
    )  # fmt: skip
