"""The words of the messages, in the language of the person. No figure, no identifier."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from email.message import EmailMessage

from backend.mail import compose
from backend.settings import Settings
from contract.i18n import Words, words
from regimes.regime import Kind


def _footer(w: Words, settings: Settings) -> str:
    return w.t(
        "{service} est un projet indépendant, sans lien avec l’Urssaf. "
        "Nous ne demandons jamais votre mot de passe."
    ).format(service=settings.service_name)


def confirm_email(settings: Settings, to: str, locale: str, token: str) -> EmailMessage:
    """Confirm an address (48 hours)."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Confirmez votre adresse e-mail"),
        [
            w.t("Bonjour,"),
            w.t("Pour envoyer vos déclarations, confirmez votre adresse en ouvrant ce lien :"),
            f"{settings.url}/confirm?token={token}",
            w.t("Il fonctionne une fois, pendant 48 heures. Si vous n’avez rien demandé, "
                "ignorez ce message."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def reset_password(settings: Settings, to: str, locale: str, token: str) -> EmailMessage:
    """Choose a new password (one hour)."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Choisir un nouveau mot de passe"),
        [
            w.t("Bonjour,"),
            w.t("Pour choisir un nouveau mot de passe, ouvrez ce lien :"),
            f"{settings.url}/reset?token={token}",
            w.t("Il fonctionne une fois, pendant une heure. Si vous n’avez rien demandé, "
                "ignorez ce message : votre mot de passe reste le même."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def security_notice(
    settings: Settings, to: str, locale: str, what: str, link: str, at: datetime
) -> EmailMessage:
    """Tell that something of the sign-in, or of the money's way, changed; with the token that
    freezes the account."""
    w = words(locale)
    sentences = {
        "password": w.t("Le mot de passe de votre compte vient d’être changé."),
        "email": w.t("L’adresse e-mail de votre compte vient d’être changée."),
        "iban": w.t("Le compte bancaire de vos remboursements vient d’être changé."),
        "mandate": w.t("Un compte bancaire à prélever vient d’être ajouté."),
        "mandate-revoked": w.t("Un compte bancaire à prélever vient d’être retiré."),
        "refund": w.t("Un remboursement vient d’être demandé vers un nouveau compte bancaire."),
        "sign-in": w.t(
            "Une connexion vient d’un appareil ou d’un réseau que vous n’aviez jamais utilisé."
        ),
        "factor": w.t("La double authentification de votre compte vient d’être activée."),
        "factor-removed": w.t("La double authentification de votre compte vient d’être retirée."),
        "recovery": w.t("Un code de secours vient d’ouvrir votre compte."),
        "recovery-codes": w.t("De nouveaux codes de secours viennent d’être créés."),
        "codes": w.t(
            "Quelqu’un qui connaît votre mot de passe vient d’essayer plusieurs codes faux."
        ),
        "passkey": w.t("Une clé d’accès vient d’être ajoutée à votre compte."),
        "passkey-removed": w.t("Une clé d’accès vient d’être retirée de votre compte."),
        "passkey-copied": w.t(
            "Une de vos clés d’accès a peut-être été copiée : elle vient d’être refusée."
        ),
        "provider": w.t("Un fournisseur d’identité vient d’être relié à votre compte."),
        "provider-removed": w.t("Un fournisseur d’identité n’ouvre plus votre compte."),
    }
    return compose(
        settings, to, locale, w.t("Votre compte a été modifié"),
        [
            w.t("Bonjour,"),
            sentences[what],
            w.t("C’était le {moment}.").format(moment=w.moment(at)),
            w.t("Si ce n’est pas vous, bloquez votre compte avec ce lien, puis choisissez un "
                "nouveau mot de passe :"),
            f"{settings.url}/auth/freeze?token={link}",
            w.t("Il fonctionne une fois, pendant 7 jours. Si c’est vous, il n’y a rien à faire."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def frozen(settings: Settings, to: str, locale: str, at: datetime) -> EmailMessage:
    """Say that the account is frozen, and how to open it again."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Votre compte est bloqué"),
        [
            w.t("Bonjour,"),
            w.t("Depuis le {moment}, personne ne peut se connecter à votre compte : les sessions "
                "sont fermées et aucun remboursement ne part.").format(moment=w.moment(at)),
            w.t("Vos échéances courent toujours. Pour rouvrir votre compte, choisissez un nouveau "
                "mot de passe :"),
            f"{settings.url}/forgot",
            _footer(w, settings),
        ],
    )  # fmt: skip


def factor_lost(settings: Settings, to: str, locale: str, token: str) -> EmailMessage:
    """Say that the second factor is lost (one hour)."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Téléphone perdu : confirmez votre demande"),
        [
            w.t("Bonjour,"),
            w.t("Vous dites ne plus avoir votre application de codes. Pour lancer le délai au bout "
                "duquel la double authentification pourra être retirée, ouvrez ce lien :"),
            f"{settings.url}/perdu?token={token}",
            w.t("Il fonctionne une fois, pendant une heure. Si vous n’avez rien demandé, "
                "quelqu’un connaît votre mot de passe : changez-le."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def factor_loss_started(
    settings: Settings, to: str, locale: str, removable_at: datetime, stop: str, link: str
) -> EmailMessage:
    """The delay runs: how to stop it, and what to open when it is over."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Double authentification : le délai court"),
        [
            w.t("Bonjour,"),
            w.t("Votre double authentification pourra être retirée à partir du {moment}. "
                "Si ce n’est pas vous, ou si vous avez retrouvé votre téléphone, arrêtez tout "
                "avec ce lien :").format(moment=w.moment(removable_at)),
            f"{settings.url}/perdu/annuler?token={stop}",
            w.t("Le délai passé, retirez-la avec ce lien et votre mot de passe :"),
            f"{settings.url}/perdu/retirer?token={link}",
            _footer(w, settings),
        ],
    )  # fmt: skip


def receipt_notice(
    settings: Settings, to: str, locale: str, kind: Kind, number: str, link: str
) -> EmailMessage:
    """Accusé de réception (CRPA R112-11-1): the receipt itself is behind sign-in."""
    w = words(locale)
    subjects = {
        Kind.DECLARATION: w.t("Votre déclaration est reçue"),
        Kind.CLAIM: w.t("Votre demande est reçue"),
        Kind.PREPARATION: w.t("Votre revenu de l’année est enregistré"),
    }
    said = {
        Kind.DECLARATION: w.t("Nous avons reçu votre déclaration sous le numéro {number}."),
        Kind.CLAIM: w.t("Nous avons reçu votre demande sous le numéro {number}."),
        Kind.PREPARATION: w.t(
            "Nous avons enregistré votre revenu sous le numéro {number}. Votre déclaration de "
            "revenus, elle, se dépose aux impôts."
        ),
    }
    return compose(
        settings, to, locale, subjects[kind],
        [
            w.t("Bonjour,"),
            said[kind].format(number=number),
            w.t("Le reçu, avec chaque ligne du calcul, est dans votre compte :"),
            link,
            w.t("Service en charge : {service}, {address}, {email}, {phone}.").format(
                service=settings.service_name, address=settings.service_address,
                email=settings.service_email, phone=settings.service_phone,
            ),
            _footer(w, settings),
        ],
    )  # fmt: skip


def rejected_debit(settings: Settings, to: str, locale: str, link: str) -> EmailMessage:
    """A bank sent a debit back. Why, and how to pay again, is behind sign-in."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Un prélèvement n’a pas abouti"),
        [
            w.t("Bonjour,"),
            w.t("Votre banque n’a pas exécuté un prélèvement. La somme reste à payer : le motif, "
                "ce qu’il faut faire et le moyen de payer autrement sont dans votre compte :"),
            link,
            _footer(w, settings),
        ],
    )  # fmt: skip


def when_sentence(w: Words, on: date, left: int) -> str:
    """How far a date is: `left` days, negative when it is past."""
    if left < 0:
        return w.t("L’échéance du {date} est passée.").format(date=w.date(on))
    if left == 0:
        return w.t("C’est aujourd’hui, {date}.").format(date=w.date(on))
    return w.n("Il reste {count} jour : {date}.", "Il reste {count} jours : {date}.", left).format(
        count=left, date=w.date(on)
    )


def reminder(
    settings: Settings, to: str, locale: str, title: str, on: date, left: int, verb: str,
    name: str,
) -> EmailMessage:  # fmt: skip
    """A date that comes or is past. The subject says no more than a glance may see."""
    w = words(locale)
    subject = (
        w.t("Rappel : une échéance est passée")
        if left < 0
        else w.t("Rappel : une échéance approche")
    )
    what = (
        w.t("Rien n’a encore été envoyé pour cette période. Si vous n’avez rien encaissé, déclarez "
            "zéro : c’est obligatoire et cela suffit.")
        if verb == "declare"
        else w.t("Le détail et les moyens de payer sont dans votre compte.")
    )  # fmt: skip
    return compose(
        settings, to, locale, subject,
        [
            w.t("Bonjour,"),
            w.t("{title} (compte « {name} »).").format(title=title, name=name),
            when_sentence(w, on, left),
            what,
            f"{settings.url}/home",
            w.t("Pour recevoir ces rappels autrement ou ne plus les recevoir, ouvrez les réglages "
                "de votre compte."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def answer_notice(settings: Settings, to: str, locale: str, thread: str) -> EmailMessage:
    """The collector answered: what it says is behind sign-in."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Une réponse vous attend"),
        [
            w.t("Bonjour,"),
            w.t("Le service a répondu à votre message. La réponse est dans votre compte :"),
            f"{settings.url}/messages/{thread}",
            _footer(w, settings),
        ],
    )  # fmt: skip


def claim_notice(settings: Settings, to: str, locale: str, link: str) -> EmailMessage:
    """A claim moved on: what was decided is behind sign-in."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Votre demande avance"),
        [
            w.t("Bonjour,"),
            w.t("Il y a du nouveau sur votre demande de remboursement. Le détail est dans votre "
                "compte :"),
            link,
            _footer(w, settings),
        ],
    )  # fmt: skip


def plan_ended(settings: Settings, to: str, locale: str) -> EmailMessage:
    """An instalment was missed: the plan is over."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Votre échéancier est terminé"),
        [
            w.t("Bonjour,"),
            w.t("Une mensualité n’est pas arrivée à sa date : l’échéancier s’arrête, et ce qui "
                "reste est à payer. Vous pouvez payer tout de suite, ou nous écrire si c’est une "
                "erreur."),
            f"{settings.url}/payments",
            _footer(w, settings),
        ],
    )  # fmt: skip


def dispute_notice(
    settings: Settings, to: str, locale: str, number: str, dispute: str, answered: bool
) -> EmailMessage:
    """A complaint is registered, or answered: what it says is behind sign-in."""
    w = words(locale)
    subject = w.t("Votre réclamation est enregistrée")
    said = w.t("Nous avons enregistré votre demande sous le numéro {number}. Vous aurez une "
               "réponse au plus tard dans 31 jours ; d’ici là, rien ne vous est réclamé pour ce "
               "qu’elle conteste.")  # fmt: skip
    if answered:
        subject = w.t("Une réponse à votre réclamation")
        said = w.t("Le service a répondu à votre demande {number}.")
    return compose(
        settings, to, locale, subject,
        [
            w.t("Bonjour,"),
            said.format(number=number),
            f"{settings.url}/disputes/{dispute}",
            _footer(w, settings),
        ],
    )  # fmt: skip


def closure_asked(settings: Settings, to: str, locale: str, on: date, token: str) -> EmailMessage:
    """The account will close; a link keeps it."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Votre compte va fermer"),
        [
            w.t("Bonjour,"),
            w.t("Vous avez demandé à fermer votre compte. Il fermera le {date}.").format(
                date=w.date(on)
            ),
            w.t("Pour le garder, ouvrez ce lien avant cette date :"),
            f"{settings.url}/keep?token={token}",
            w.t("Si ce n’est pas vous, ouvrez ce lien, puis choisissez aussitôt un nouveau mot "
                "de passe."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def closure_done(settings: Settings, to: str, locale: str) -> EmailMessage:
    """The account is closed; this address is forgotten."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("Votre compte est fermé"),
        [
            w.t("Bonjour,"),
            w.t("Votre compte est fermé. Nous gardons ce que la loi demande, le temps qu’elle "
                "demande, et rien d’autre : cette adresse est oubliée après ce message."),
            w.t("Fermer ce compte ne met pas fin à votre activité, ni à ce qui reste dû."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def delegation_scopes(w: Words, scopes: Iterable[str]) -> str:
    """What somebody may do, in a few words."""
    told = {
        "see": w.t("voir le compte"), "prepare": w.t("préparer les déclarations"),
        "send": w.t("signer et envoyer les déclarations"), "pay": w.t("payer"),
    }  # fmt: skip
    return ", ".join(told[scope] for scope in scopes)


def delegation_invited(
    settings: Settings, to: str, locale: str, owner: str, scopes: Iterable[str], ends_on: date,
    token: str,
) -> EmailMessage:  # fmt: skip
    """Ask somebody to act for another (14 days)."""
    w = words(locale)
    return compose(
        settings, to, locale, w.t("{owner} vous invite à agir sur son compte").format(owner=owner),
        [
            w.t("Bonjour,"),
            w.t("{owner} vous confie son compte jusqu’au {day} pour : {scopes}.").format(
                owner=owner, day=w.date(ends_on), scopes=delegation_scopes(w, scopes)
            ),
            w.t("Pour accepter ou refuser, ouvrez ce lien, avec un compte à cette adresse :"),
            f"{settings.url}/invitation?token={token}",
            w.t("Il fonctionne pendant 14 jours. Si vous ne connaissez pas cette personne, ignorez "
                "ce message : rien ne change."),
            _footer(w, settings),
        ],
    )  # fmt: skip


def delegation_notice(
    settings: Settings, to: str, locale: str, what: str, name: str
) -> EmailMessage:
    """Tell the owner what somebody who acts for them did, or the other one that it is over."""
    w = words(locale)
    titles = {
        "accepted": w.t("{name} peut maintenant agir sur votre compte"),
        "refused": w.t("{name} a refusé d’agir sur votre compte"),
        "left": w.t("{name} n’agit plus sur votre compte"),
        "ended": w.t("Vous n’agissez plus sur le compte de {name}"),
        "sent": w.t("{name} a envoyé une déclaration pour vous"),
        "paid": w.t("{name} a ordonné ou annulé un paiement pour vous"),
        "ending": w.t("{name} n’agira bientôt plus sur votre compte"),
    }
    mine = what != "ended"
    return compose(
        settings, to, locale, titles[what].format(name=name),
        [
            w.t("Bonjour,"),
            titles[what].format(name=name) + ".",
            *(
                [
                    w.t("Tout ce qui est fait pour vous est écrit ici, où vous pouvez aussi y "
                        "mettre fin à tout moment :"),
                    f"{settings.url}/qui-agit",
                ]
                if mine
                else []
            ),
            _footer(w, settings),
        ],
    )  # fmt: skip
