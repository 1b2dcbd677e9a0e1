"""The sentence of each problem code: what happened, and what to do."""

from __future__ import annotations

from app.words import N_
from contract.i18n import Words
from contract.problem import ProblemCode

SENTENCES: dict[str, str] = {
    ProblemCode.INVALID_INPUT: N_("Une réponse n’est pas acceptée : voyez le champ signalé."),
    ProblemCode.MALFORMED_BODY: N_("La demande est illisible. Rechargez la page et recommencez."),
    ProblemCode.BODY_TOO_LARGE: N_("La demande est trop volumineuse."),
    ProblemCode.NOT_AUTHENTICATED: N_("Votre session est terminée. Connectez-vous de nouveau."),
    ProblemCode.BAD_CREDENTIALS: N_("L’adresse ou le mot de passe ne correspond pas."),
    ProblemCode.SECOND_FACTOR_NEEDED: N_("Il manque le code de votre application."),
    ProblemCode.CODE_WRONG: N_("Ce code n’est pas le bon, ou il a déjà servi."),
    ProblemCode.CHALLENGE_OVER: N_(
        "Le temps est écoulé, ou trop de codes ont été essayés. Recommencez la connexion."
    ),
    ProblemCode.FACTOR_ABSENT: N_("La double authentification n’est pas active."),
    ProblemCode.FACTOR_PRESENT: N_("La double authentification est déjà active."),
    ProblemCode.TOO_SOON: N_("Le délai n’est pas encore écoulé."),
    ProblemCode.PASSKEY_REFUSED: N_("Cette clé d’accès n’ouvre pas ce compte."),
    ProblemCode.PROVIDER_UNAVAILABLE: N_(
        "Le fournisseur d’identité ne répond pas. Connectez-vous par mot de passe."
    ),
    ProblemCode.FORBIDDEN: N_("Cette action ne vous est pas ouverte."),
    ProblemCode.WRONG_ORIGIN: N_("La demande vient d’une autre adresse. Rechargez la page."),
    ProblemCode.NOT_FOUND: N_("Introuvable : l’élément n’existe pas ou n’est plus à vous."),
    ProblemCode.METHOD_NOT_ALLOWED: N_("Cette action n’existe pas."),
    ProblemCode.THROTTLED: N_("Trop d’essais. Attendez quelques minutes avant de recommencer."),
    ProblemCode.PIN_WRONG: N_("Ce code n’est pas le bon."),
    ProblemCode.DEVICE_REVOKED: N_("Cet appareil ne s’ouvre plus avec un code."),
    ProblemCode.EMAIL_TAKEN: N_("Un compte existe déjà avec cette adresse. Connectez-vous."),
    ProblemCode.EMAIL_NOT_CONFIRMED: N_(
        "Confirmez d’abord votre adresse e-mail : ouvrez le lien du message reçu."
    ),
    ProblemCode.PASSWORD_WEAK: N_("Ce mot de passe est trop facile à deviner."),
    ProblemCode.TOKEN_INVALID: N_("Ce lien a expiré ou a déjà servi. Demandez-en un nouveau."),
    ProblemCode.ACCOUNT_EXISTS: N_("Ce SIRET a déjà un compte pour cette activité."),
    ProblemCode.REGIME_UNKNOWN: N_("Ce régime n’est pas pris en charge."),
    ProblemCode.PERIOD_UNKNOWN: N_("Cette période n’est pas à déclarer pour ce compte."),
    ProblemCode.PERIOD_NOT_OPEN: N_("Cette période n’est pas encore ouverte à la déclaration."),
    ProblemCode.PERIOD_CLOSED: N_("Cette période est trop ancienne pour être déclarée en ligne."),
    ProblemCode.ALREADY_DECLARED: N_(
        "Cette période est déjà déclarée. Pour la modifier, ouvrez-la et corrigez-la."
    ),
    ProblemCode.CORRECTS_OUTDATED: N_(
        "Une correction plus récente existe déjà. Partez de la dernière version."
    ),
    ProblemCode.CALCULATION_CHANGED: N_(
        "Le calcul a changé depuis l’affichage : relisez-le avant d’envoyer."
    ),
    ProblemCode.FORM_OUTDATED: N_("Le formulaire a changé. Rechargez la page et relisez."),
    ProblemCode.IDEMPOTENCY_KEY_MISSING: N_("La demande est incomplète. Rechargez la page."),
    ProblemCode.IDEMPOTENCY_KEY_REUSED: N_(
        "Un envoi différent a déjà été fait depuis ce brouillon. Ouvrez l’historique."
    ),
    ProblemCode.REQUEST_IN_PROGRESS: N_("Votre envoi est en cours. Patientez quelques secondes."),
    ProblemCode.DRAFT_CONFLICT: N_("Un brouillon plus récent a été enregistré ailleurs."),
    ProblemCode.DISPUTE_CLOSED: N_("Ce dossier est clos."),
    ProblemCode.DISPUTE_TOO_SOON: N_(
        "L’étape suivante s’ouvre après la réponse, ou au bout de 31 jours sans réponse."
    ),
    ProblemCode.CLOSURE_OBSTACLES: N_(
        "Il reste des sommes ou des déclarations. Confirmez que vous fermez malgré tout."
    ),
    ProblemCode.PLAN_REFUSED: N_("Un échéancier ne peut pas être accordé aujourd’hui."),
    ProblemCode.DOCUMENT_REFUSED: N_("Ce document ne peut pas être délivré aujourd’hui."),
    ProblemCode.ENTRY_CHANGED: N_("Cet élément a été modifié sur un autre appareil."),
    ProblemCode.REASON_MISSING: N_("Dites d’abord pourquoi vous consultez ce compte."),
    ProblemCode.ACCOUNT_FROZEN: N_(
        "Ce compte est bloqué : personne ne peut s’y connecter. Pour le rouvrir, choisissez un "
        "nouveau mot de passe avec « Mot de passe oublié »."
    ),
    ProblemCode.DELEGATION_SCOPE: N_(
        "Le titulaire du compte ne vous a pas confié cette action. Demandez-lui de l’ajouter."
    ),
    ProblemCode.DELEGATION_ADDRESS: N_(
        "Cette invitation a été envoyée à une autre adresse e-mail que celle de votre compte."
    ),
    ProblemCode.OPTION_REFUSED: N_("Ce choix n’est pas possible aujourd’hui."),
    ProblemCode.MANDATE_LIMIT: N_(
        "Trois comptes bancaires sont déjà enregistrés : révoquez-en un d’abord."
    ),
    ProblemCode.MANDATE_EXISTS: N_("Ce compte bancaire est déjà enregistré."),
    ProblemCode.NO_MANDATE: N_("Ajoutez d’abord un compte bancaire à prélever."),
    ProblemCode.NOTHING_DUE: N_("Il ne reste rien à payer ici."),
    ProblemCode.ORDER_CLOSED: N_(
        "Ce prélèvement est déjà parti à la banque : il ne peut plus être modifié."
    ),
    ProblemCode.NO_CREDIT: N_("Il n’y a pas de crédit à rembourser."),
    ProblemCode.CARD_UNAVAILABLE: N_(
        "Le paiement par carte n’est pas proposé en ce moment. Choisissez un autre moyen."
    ),
    ProblemCode.SIGNATURE_INVALID: N_("La demande n’est pas signée comme il faut."),
    ProblemCode.NOT_READY: N_("Le service démarre. Réessayez dans un instant."),
    ProblemCode.UNAVAILABLE: N_(
        "Le service ne peut rien enregistrer en ce moment : votre demande n’est pas confirmée. Ce "
        "que vous avez saisi reste ici. Réessayez dans quelques minutes."
    ),
    ProblemCode.INTERNAL_ERROR: N_("Le service a rencontré un incident. Réessayez."),
}


def sentence(words: Words, code: str) -> str:
    """What `code` means, in the person's language."""
    return words.t(SENTENCES.get(code, SENTENCES[ProblemCode.INTERNAL_ERROR]))
