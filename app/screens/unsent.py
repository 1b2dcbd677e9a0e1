"""What is written on this device and not received: it waits, or it was refused; the person sees
both sides and decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.cards import card, fact
from app.components.shell import scaffold
from app.components.states import empty
from app.components.text import body, heading, small
from app.screens.sea.common import ERRORS
from app.services.container import Services, use_services
from app.services.device.entries import Unsent, Write
from app.services.problems import sentence
from app.words import N_
from contract.entries import EntryIn
from contract.i18n import Words
from contract.problem import ProblemCode
from regimes.fisherman.tables import FUNCTION_LABELS

KINDS: dict[str, str] = {
    "receipt": N_("Encaissement"),
    "label-rule": N_("Règle de tri"),
    "service": N_("Période en mer"),
    "vessel": N_("Navire"),
    "crew-service": N_("Jours d’équipage"),
    "employer": N_("Employeur"),
    "month": N_("Mois de paie"),
    "expense": N_("Frais"),
}
FIELDS: dict[str, str] = {
    "on": N_("Date"),
    "amount": N_("Montant"),
    "client": N_("Client"),
    "nature": N_("Nature"),
    "reference": N_("Référence"),
    "note": N_("Remarque"),
    "start": N_("Premier jour"),
    "end": N_("Dernier jour"),
    "category": N_("Catégorie"),
    "function": N_("Fonction à bord"),
    "ratio": N_("Part du temps"),
    "member": N_("Marin"),
    "name": N_("Nom"),
    "registration": N_("Immatriculation"),
    "length_m": N_("Longueur, en mètres"),
    "month": N_("Mois"),
    "gross": N_("Brut"),
    "capped": N_("Base plafonnée"),
    "uncapped": N_("Base déplafonnée"),
    "csg": N_("Base CSG"),
    "refunded": N_("Remboursé par l’employeur"),
    "label": N_("Libellé"),
}
"""Fields a person reads, in the order they are said; identifiers and codes are left out."""
EUROS = frozenset({"amount", "gross", "capped", "uncapped", "csg", "refunded"})
OPEN: dict[str, str] = {
    "service": "/mer/periode/{id}",
    "vessel": "/mer/navires/{id}",
    "receipt": "/journal/receipt/{id}",
}
"""Where an entry is corrected: the form opens with what was written."""
MOST = 20


@ft.component
def UnsentScreen() -> ft.Control:
    """The list, drawn again whenever something leaves it."""
    services = use_services()
    return Pending(services, services.entries.unsent)


@ft.component
def Pending(services: Services, unsent: Unsent) -> ft.Control:
    """First what was refused, then what waits."""
    words = services.words
    lines: list[ft.Control] = []
    if unsent.refused:
        lines.append(heading(words.t("Non acceptés"), 2))
        lines += [RefusedCard(write, key=write.name) for write in unsent.refused]
    if unsent.ready:
        lines.append(heading(words.t("En attente du réseau"), 2))
        lines.append(small(words.t("Ils partent seuls, une fois chacun, dans cet ordre.")))
        waiting = [entry for write in unsent.ready for entry in write.entries]
        for entry in waiting[:MOST]:
            lines.append(card([_title(entry, words), *_facts(entry.data, words)]))
        if len(waiting) > MOST:
            lines.append(small(_more(len(waiting) - MOST, words)))
    if not lines:
        lines.append(empty(words.t("Tout est envoyé"), words.t("Rien n’attend sur cet appareil.")))
    return scaffold(services, words.t("Pas encore envoyé"), lines, back="/home")


@ft.component
def RefusedCard(write: Write) -> ft.Control:
    """One refused write: why, both sides, and what can be done."""
    services = use_services()
    words = services.words
    asked, set_asked = ft.use_state(False)
    kept = {entry.id: entry for entry in write.kept}
    conflict = write.code == ProblemCode.ENTRY_CHANGED.value
    lines: list[ft.Control] = []
    for entry in write.entries[:MOST]:
        lines.append(_title(entry, words))
        theirs = kept.get(entry.id)
        if theirs is None:
            lines += _facts(entry.data, words)
        else:
            lines += _sides(
                {} if entry.deleted else entry.data, {} if theirs.deleted else theirs.data, words
            )
    if len(write.entries) > MOST:
        lines.append(small(_more(len(write.entries) - MOST, words)))
    for said in _why(write, words):
        lines.append(body(said, color=ft.Colors.ERROR))

    async def insist(_event: Any) -> None:
        await services.entries.insist(write)

    async def give_up(_event: Any) -> None:
        if not conflict and not asked:
            set_asked(True)
            return
        await services.entries.drop(write)

    actions: list[ft.Control] = []
    if conflict:
        actions.append(secondary(words.t("Garder ce que j’ai écrit ici"), insist))
        actions.append(secondary(words.t("Garder ce qui est enregistré"), give_up))
    else:
        place = OPEN.get(write.entries[0].kind) if write.single else None
        if place is not None and not write.entries[0].deleted:
            route = place.format(id=write.entries[0].id)
            actions.append(secondary(words.t("Corriger"), lambda _e: services.go(route)))
        actions.append(secondary(words.t("Envoyer de nouveau"), insist))
        actions.append(
            quiet(words.t("Abandonner pour de bon") if asked else words.t("Abandonner"), give_up)
        )
    lines.append(ft.Row(actions, wrap=True))
    return card(lines)


def _title(entry: EntryIn, words: Words) -> ft.Control:
    said = words.t(KINDS.get(entry.kind, N_("Élément")))
    if entry.deleted:
        said = words.t("{what} : suppression").format(what=said)
    return body(said, strong=True)


def _more(count: int, words: Words) -> str:
    return words.n("et {count} autre", "et {count} autres", count).format(count=count)


def _why(write: Write, words: Words) -> list[str]:
    if write.code == ProblemCode.ENTRY_CHANGED.value:
        return [words.t("Modifié ailleurs entre-temps : choisissez ce qui reste.")]
    found = [words.t(ERRORS[error.code]) for error in write.errors if error.code in ERRORS]
    return list(dict.fromkeys(found)) or [sentence(words, write.code)]


def _facts(data: Mapping[str, Any], words: Words) -> list[ft.Control]:
    return [
        fact(words.t(label), _said(name, data[name], words))
        for name, label in FIELDS.items()
        if data.get(name) not in (None, "")
    ]


def _sides(mine: Mapping[str, Any], theirs: Mapping[str, Any], words: Words) -> list[ft.Control]:
    """What was written here beside what is kept: the fields that differ."""
    lines: list[ft.Control] = []
    for name, label in FIELDS.items():
        here, there = (_said(name, side.get(name), words) for side in (mine, theirs))
        if here == there:
            continue
        nothing = words.t("rien")
        lines.append(body(words.t(label), strong=True))
        lines.append(fact(words.t("Écrit ici"), here or nothing))
        lines.append(fact(words.t("Enregistré ailleurs"), there or nothing))
    return lines or [small(words.t("La différence n’est pas dans ce qui se lit ici."))]


def _said(name: str, value: Any, words: Words) -> str:
    """A value as a person reads it. It was checked by its form before it was kept."""
    if value in (None, ""):
        return ""
    if name in EUROS:
        return words.money(Decimal(str(value)), cents=True)
    if name == "function":
        return words.t(FUNCTION_LABELS[value]) if value in FUNCTION_LABELS else str(value)
    if name in {"length_m", "ratio"}:
        number = Decimal(str(value))
        return words.percent(number) if name == "ratio" else words.number(number)
    if name in {"on", "start", "end"}:
        return words.date(dt.date.fromisoformat(str(value)))
    return str(value)


def unsent_count(services: Services) -> int:
    """Entries of this device that are not received."""
    unsent = services.entries.unsent
    return sum(len(write.ids) for write in [*unsent.ready, *unsent.refused])
