"""What Quittance is, and is not."""

from __future__ import annotations

import flet as ft

from app.components.buttons import link_out, secondary
from app.components.shell import scaffold
from app.components.text import body, heading
from app.services.container import use_services
from app.theme import S


@ft.component
def About() -> ft.Control:
    """Plain words on the service, its sources and its limits."""
    services = use_services()
    words = services.words
    return scaffold(
        services,
        words.t("À propos"),
        [
            ft.Row(
                [
                    secondary(
                        words.t("Découvrir Quittance"), lambda _e: services.go("/debut"),
                        ft.Icons.ROCKET_LAUNCH_OUTLINED,
                    ),
                    secondary(
                        words.t("Les mots, en clair"), lambda _e: services.go("/glossaire"),
                        ft.Icons.MENU_BOOK_OUTLINED,
                    ),
                ],
                wrap=True, spacing=S, run_spacing=S,
            ),
            heading(words.t("Pas un service officiel"), 2),
            body(
                words.t(
                    "Quittance est un projet indépendant sous licence MIT. Il n’est lié ni à "
                    "l’Urssaf, ni à l’administration. Une déclaration faite ici ne remplace pas "
                    "celle qui se fait sur le site officiel."
                )
            ),
            heading(words.t("D’où viennent les taux"), 2),
            body(
                words.t(
                    "Chaque taux porte sa date d’effet, son texte de loi et sa source ; un taux "
                    "que les sources disputent est signalé comme tel."
                )
            ),
            link_out(words.t("Déclarer officiellement : autoentrepreneur.urssaf.fr"),
                     "https://www.autoentrepreneur.urssaf.fr"),
            heading(words.t("Vos données"), 2),
            body(
                words.t(
                    "Ce que vous saisissez est gardé par le service que vous avez ouvert, et nulle "
                    "part ailleurs. Dans un navigateur, l’appareil ne garde que votre session."
                )
            ),
            heading(words.t("Police de caractères"), 2),
            body(
                words.t(
                    "Quittance Sans est dérivée d’IBM Plex Sans, sous licence SIL Open Font 1.1."
                )
            ),
        ],
        back="/home" if services.session.signed_in else "/",
    )  # fmt: skip
