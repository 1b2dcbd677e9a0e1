"""Is this message from us? A link, an address or a number pasted gets a plain answer."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, quiet
from app.components.cards import card
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body, heading
from app.forms.answers import Text
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.services.container import use_services
from app.theme import MIDDLE, NARROW
from app.words import N_
from contract.alerts import MessageCheck, MessageVerdict

TEXT = Field(
    "text", N_("Lien, adresse e-mail ou numéro de téléphone"), Text(longest=2000),
    hint=N_("Copiez-le sans l’ouvrir : maintenez le doigt dessus, puis « Copier »."),
)  # fmt: skip
FORM = short_form("authentic", TEXT)

VERDICTS: dict[tuple[str, str], tuple[str, str]] = {
    ("ours", "link"): ("success", N_("Ce lien mène bien chez nous.")),
    ("ours", "email"): (
        "info",
        N_(
            "Cette adresse est la nôtre. Un expéditeur s’imite : en cas de doute, n’ouvrez pas le "
            "lien du message et passez par l’application."
        ),
    ),
    ("ours", "phone"): (
        "info",
        N_(
            "Ce numéro est le nôtre. Un numéro affiché s’imite : si l’on vous appelle, raccrochez "
            "et rappelez-le vous-même."
        ),
    ),
    ("foreign", "link"): ("warning", N_("Ce lien ne mène pas chez nous.")),
    ("foreign", "email"): ("warning", N_("Cette adresse n’est pas la nôtre.")),
    ("foreign", "phone"): ("warning", N_("Ce numéro n’est pas le nôtre.")),
}
WHY: dict[str, str] = {
    "domain": N_("Notre nom est dans l’adresse, mais le site est à quelqu’un d’autre."),
    "letters": N_("L’adresse contient des lettres ou des signes qui imitent les nôtres."),
    "user": N_("Notre nom est placé là pour tromper : ce n’est pas lui qui compte."),
    "scheme": N_("L’adresse est la nôtre, mais le lien ne commence pas comme les nôtres."),
    "port": N_("L’adresse est la nôtre, suivie d’un numéro que nous n’utilisons pas."),
    "near": N_("L’adresse ressemble à la nôtre, à quelques lettres près."),
}


@ft.component
def Authentic() -> ft.Control:
    """Paste, ask, read."""
    services = use_services()
    words = services.words
    said, set_said = ft.use_state(None)

    async def ask(values: dict[str, Any]) -> None:
        set_said(
            await services.backend.send(
                MessageVerdict, "POST", "/message-checks", MessageCheck(text=values["text"])
            )
        )

    lines: list[ft.Control] = [
        body(
            words.t(
                "Collez ce que vous avez reçu. Rien n’est ouvert ni gardé : l’adresse est comparée "
                "aux nôtres."
            )
        ),
        ShortForm(FORM, N_("Vérifier"), ask),
    ]
    if said is not None:
        lines.append(_answer(said, words))
    lines.append(
        card(
            [
                heading(words.t("Ce que nous ne faisons jamais"), 2),
                body(words.t("Demander votre mot de passe, un code ou un numéro de carte.")),
                body(words.t("Menacer d’un blocage si vous ne payez pas dans l’heure.")),
                body(
                    words.t("Demander un virement vers un compte que votre espace n’affiche pas.")
                ),
            ]
        )
    )
    if services.session.signed_in:
        lines.append(
            ft.Row(
                [
                    quiet(
                        words.t("Un doute ? Bloquer mon compte"),
                        lambda _e: services.go("/securite"),
                    )
                ],
                wrap=True,
            )
        )
    back = "/settings" if services.session.signed_in else "/"
    return scaffold(
        services, words.t("Ce message vient-il de vous ?"), lines, back=back, width=MIDDLE
    )


def _answer(said: MessageVerdict, words: Any) -> ft.Control:
    if said.verdict == "imitation":
        text = words.t("Attention : ce n’est pas nous, mais une imitation.")
        why = words.t(WHY.get(said.why, ""))
        return banner(f"{text} {why}".strip(), "urgent", live=True)
    found = VERDICTS.get((said.verdict, said.kind))
    if found is None:
        return banner(
            words.t(
                "Nous n’y lisons ni lien, ni adresse, ni numéro. Collez l’un des trois, seul."
            ),
            "info", live=True,
        )  # fmt: skip
    return banner(words.t(found[1]), found[0], live=True)


@ft.component
def Frozen() -> ft.Control:
    """What one reads once one's account is frozen."""
    services = use_services()
    words = services.words
    return scaffold(
        services,
        words.t("Votre compte est bloqué"),
        [
            banner(words.t("Toutes les sessions sont fermées."), "success", live=True),
            body(
                words.t(
                    "Personne ne peut se connecter, vous compris, et aucun remboursement ne part. "
                    "Vos échéances courent toujours. Pour rouvrir votre compte, choisissez un "
                    "nouveau mot de passe : un lien part à votre adresse."
                )
            ),
            primary(words.t("Choisir un nouveau mot de passe"), lambda _e: services.go("/forgot")),
        ],
        width=NARROW,
    )
