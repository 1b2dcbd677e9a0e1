"""The words that a person signs when giving a SEPA mandate: the same on the screen, in the proof
and on the printed mandate."""

from __future__ import annotations

from contract.i18n import N_

MANDATE_TEXT = N_(
    "En signant ce mandat, vous autorisez le créancier à envoyer des instructions à votre banque "
    "pour débiter votre compte, et votre banque à débiter votre compte conformément aux "
    "instructions du créancier. Vous bénéficiez du droit d’être remboursé par votre banque selon "
    "les conditions décrites dans la convention que vous avez passée avec elle. Une demande de "
    "remboursement doit être présentée dans les 8 semaines suivant la date de débit de votre "
    "compte pour un prélèvement autorisé, et dans les 13 mois pour un prélèvement non autorisé."
)
"""French msgid: the text of the European Payments Council for the core scheme."""
