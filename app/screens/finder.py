"""Which régime am I? Five questions at most; the first answer that settles it ends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flet as ft

from app.components.buttons import link_out, primary, quiet
from app.components.choices import choice_card, step_header
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body, heading
from app.screens.simulator import simulator_line
from app.services.container import use_services
from app.services.simulating import simulated
from app.words import N_
from regimes.registry import REGISTRY


@dataclass(frozen=True)
class Outcome:
    """Where an answer leads: a régime of this app (`regime`), or elsewhere (`link`)."""

    title: str
    text: str
    regime: str = ""
    link: str = ""
    link_label: str = ""


@dataclass(frozen=True)
class Reply:
    """One answer: on to another question, or to an outcome."""

    label: str
    to: str
    hint: str = ""


@dataclass(frozen=True)
class Question:
    """One question and its answers."""

    text: str
    replies: tuple[Reply, ...]


START = "work"

QUESTIONS: dict[str, Question] = {
    "work": Question(
        N_("Comment gagnez-vous cet argent ?"),
        (
            Reply(N_("À mon compte"), "trade", N_("Vous facturez vos clients vous-même.")),
            Reply(N_("Comme salarié"), "employee",
                  N_("Vous recevez un bulletin de paie, même pour plusieurs employeurs.")),
            Reply(N_("D’une location ou d’un placement"), "rent"),
        ),
    ),
    "employee": Question(
        N_("Êtes-vous représentant (VRP) de plusieurs employeurs ?"),
        (Reply(N_("Oui"), "=vrp"), Reply(N_("Non"), "=employee")),
    ),
    "rent": Question(
        N_("Louez-vous un logement meublé pour de courts séjours ?"),
        (
            Reply(N_("Oui, classé meublé de tourisme"), "trade"),
            Reply(N_("Oui, non classé"), "=furnished"),
            Reply(N_("Non"), "=property"),
        ),
    ),
    "trade": Question(
        N_("Quel est votre métier ?"),
        (
            Reply(N_("Commerce, artisanat, services, conseil"), "form"),
            Reply(N_("Médecin"), "doctor"),
            Reply(N_("Marin-pêcheur"), "=fisherman"),
            Reply(N_("Artiste ou auteur"), "=artist",
                  N_("Œuvres, droits d’auteur, ventes d’originaux.")),
            Reply(N_("Agriculture"), "=farmer"),
        ),
    ),
    "doctor": Question(
        N_("Êtes-vous remplaçant, avec moins de 19 000 € d’honoraires par an ?"),
        (Reply(N_("Oui"), "=rspm"), Reply(N_("Non"), "=pamc")),
    ),
    "form": Question(
        N_("Avez-vous créé une société, ou choisi un régime réel ?"),
        (
            Reply(N_("Non, je suis en micro-entreprise"), "ceiling"),
            Reply(N_("Oui"), "=company", N_("SARL, EURL, SAS, entreprise individuelle au réel.")),
            Reply(N_("Je ne sais pas, ou je n’ai pas encore commencé"), "ceiling"),
        ),
    ),
    "ceiling": Question(
        N_("Encaissez-vous, sur un an, plus que le plafond de la micro-entreprise ?"),
        (
            Reply(N_("Non"), "=auto-entrepreneur",
                  N_("Moins de 203 100 € de ventes, ou de 83 600 € de services, en 2026.")),
            Reply(N_("Oui, deux années de suite"), "=company"),
        ),
    ),
}  # fmt: skip

OUTCOMES: dict[str, Outcome] = {
    "auto-entrepreneur": Outcome(
        N_("Vous êtes auto-entrepreneur"),
        N_("Vous déclarez ce que vous avez encaissé, chaque mois ou chaque trimestre."),
        regime="auto-entrepreneur",
    ),
    "vrp": Outcome(
        N_("Vous relevez du régime des VRP multicartes"),
        N_("Vos employeurs déclarent vos salaires à une caisse commune."),
        regime="vrp",
    ),
    "rspm": Outcome(
        N_("Vous pouvez choisir le régime simplifié des médecins remplaçants"),
        N_("Vous déclarez vos honoraires chaque mois ou chaque trimestre, à un taux global."),
        regime="rspm-medecin",
    ),
    "pamc": Outcome(
        N_("Vous êtes praticien ou auxiliaire médical conventionné"),
        N_("Vous déclarez une fois l’an, avec votre déclaration de revenus."),
        regime="pamc-medecin",
    ),
    "fisherman": Outcome(
        N_("Vous relevez du régime des marins"),
        N_("L’Enim et l’Urssaf se partagent vos cotisations."),
        regime="marin-pecheur",
    ),
    "artist": Outcome(
        N_("Vous êtes artiste-auteur"),
        N_("Vous déclarez vos revenus artistiques une fois l’an."),
        regime="artiste-auteur",
    ),
    "employee": Outcome(
        N_("Vous n’avez rien à déclarer ici"),
        N_("Votre employeur déclare et verse vos cotisations ; elles sont sur votre bulletin."),
        link="https://www.urssaf.fr", link_label=N_("En savoir plus : urssaf.fr"),
    ),
    "furnished": Outcome(
        N_("Votre location non classée se déclare ailleurs"),
        N_("Au-delà de 23 000 € par an elle donne lieu à des cotisations, et les plateformes "
           "peuvent les déclarer pour vous."),
        link="https://www.urssaf.fr", link_label=N_("En savoir plus : urssaf.fr"),
    ),
    "property": Outcome(
        N_("Un revenu du patrimoine ne se déclare pas ici"),
        N_("Loyers nus et placements se déclarent avec vos impôts, qui en prélèvent la part "
           "sociale."),
        link="https://www.impots.gouv.fr", link_label=N_("Aller sur impots.gouv.fr"),
    ),
    "farmer": Outcome(
        N_("Votre activité relève de la MSA"),
        N_("La Mutualité sociale agricole recueille vos déclarations."),
        link="https://www.msa.fr", link_label=N_("Aller sur msa.fr"),
    ),
    "company": Outcome(
        N_("Votre régime n’est pas encore ici"),
        N_("Une société ou un régime réel déclare ses revenus une fois l’an, avec la déclaration "
           "d’impôts ; un dirigeant salarié passe par la paie."),
        link="https://www.urssaf.fr", link_label=N_("En savoir plus : urssaf.fr"),
    ),
}  # fmt: skip


@ft.component
def Finder() -> ft.Control:
    """One question at a time, with a way back."""
    services = use_services()
    words = services.words
    trail, set_trail = ft.use_state((START,))
    place = trail[-1]

    def reply(to: str) -> Any:
        return lambda _event: set_trail((*trail, to))

    lines: list[ft.Control] = []
    if place.startswith("="):
        outcome = OUTCOMES[place[1:]]
        lines += [heading(words.t(outcome.title), 2), body(words.t(outcome.text))]
        if outcome.regime and outcome.regime in REGISTRY:
            lines.append(primary(words.t("Créer un compte"), lambda _e: services.go("/signup")))
            if outcome.regime in simulated():
                lines.append(simulator_line(services, outcome.regime))
        elif outcome.regime:
            lines.append(
                banner(words.t("Ce régime n’est pas encore pris en charge par Quittance."))
            )
        if outcome.link:
            lines.append(link_out(words.t(outcome.link_label), outcome.link))
    else:
        question = QUESTIONS[place]
        number = len(trail)
        lines += [
            step_header(number, 5, words.t("Question {number}, 5 au plus").format(number=number)),
            ft.Semantics(
                live_region=True, container=True, content=heading(words.t(question.text), 2)
            ),
            *(
                choice_card(words.t(r.label), words.t(r.hint), reply(r.to))
                for r in question.replies
            ),
        ]
    if len(trail) > 1:
        lines.append(
            quiet(words.t("Question précédente"), lambda _e: set_trail(trail[:-1]),
                  ft.Icons.UNDO)
        )  # fmt: skip
    return scaffold(services, words.t("Quel est mon régime ?"), lines, back="/")
