"""A SEPA mandate as an accessible PDF: what the rulebook asks, and the proof of the signature."""

from __future__ import annotations

from typing import Any

import typst

from backend.clock import paris_day
from backend.documents.render import compile_pdf
from backend.settings import Settings
from backend.storage.tables import Account, Mandate
from contract.i18n import TAGS, Words, words
from contract.identifiers import grouped_iban
from contract.mandate import MANDATE_TEXT


def mandate_pdf(mandate: Mandate, account: Account, settings: Settings, locale: str) -> bytes:
    """The mandate in `locale`, whole: its owner alone reads it."""
    w = words(locale)
    data = mandate_data(mandate, account, settings, w)
    try:
        return compile_pdf("mandate.typ", data)
    except typst.TypstError:
        # A name in a script that no font of ours holds: its other letters still identify it.
        data["debtor"]["rows"][0]["value"] = "".join(
            char if ord(char) < 0x250 else "?" for char in mandate.holder
        )
        return compile_pdf("mandate.typ", data)


def _facts(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in rows if value]


def mandate_data(
    mandate: Mandate, account: Account, settings: Settings, w: Words
) -> dict[str, Any]:
    """Every sentence of the mandate, in order of reading."""
    signed = paris_day(mandate.signed_at)
    title = w.t("Mandat de prélèvement SEPA")
    kind = w.t("Paiement ponctuel") if mandate.one_off else w.t("Paiement récurrent ou répétitif")
    state = ""
    if mandate.state != "active":
        state = w.t("Ce mandat n’est plus actif.")
    return {
        "lang": TAGS[w.locale][:2],
        "title": f"{title} {mandate.rum}",
        "author": settings.service_name,
        "date": [signed.year, signed.month, signed.day],
        "page": w.t("Page"),
        "heading": title,
        "footer": w.t("Projet indépendant, sans lien avec l’Urssaf : ce n’est pas un service "
                      "officiel."),
        "service": settings.service_name,
        "state": state,
        "reference": {
            "heading": w.t("Références"),
            "rows": _facts(
                (w.t("Référence unique du mandat (RUM)"), mandate.rum),
                (w.t("Identifiant du créancier (ICS)"), mandate.ics),
                (w.t("Type de paiement"), kind),
            ),
        },
        "text": w.t(MANDATE_TEXT),
        "debtor": {
            "heading": w.t("Vous"),
            "rows": _facts(
                (w.t("Titulaire du compte"), mandate.holder),
                (w.t("IBAN"), grouped_iban(mandate.iban)),
                (w.t("Pour le compte de"), account.name),
            ),
        },
        "creditor": {
            "heading": w.t("Le créancier"),
            "rows": _facts(
                (w.t("Nom"), settings.service_name), (w.t("Adresse"), settings.service_address)
            ),
        },
        "signature": {
            "heading": w.t("Signature"),
            "text": w.t(
                "Signé en ligne le {moment} (heure de Paris), par une personne identifiée, sur la "
                "page qui porte ce texte."
            ).format(moment=w.moment(mandate.signed_at)),
            "rows": _facts(
                (w.t("Empreinte du texte signé"), str(mandate.signature.get("text", ""))[:32]),
            ),
        },
        "note": w.t(
            "Vous pouvez révoquer ce mandat à tout moment dans votre compte. Chaque prélèvement "
            "vous est annoncé avec sa date et son montant."
        ),
    }  # fmt: skip
