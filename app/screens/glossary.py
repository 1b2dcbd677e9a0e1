"""Every word of the law that the screens use, in plain words, with a search."""

from __future__ import annotations

import unicodedata
from typing import Any

import flet as ft

from app.components.cards import card
from app.components.shell import scaffold
from app.components.states import empty
from app.components.terms import meaning
from app.components.text import heading, small
from app.glossary import GLOSSARY
from app.services.container import use_services
from app.theme import FIELD_BORDER
from contract.i18n import Words


def _bare(text: str) -> str:
    """Text without accents or capitals: people search as they type."""
    split = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in split if not unicodedata.combining(char))


def found(sought: str, words: Words) -> list[str]:
    """Codes of the terms that hold every word sought, in the order of their words."""
    wanted = _bare(sought).split()
    kept = [
        code
        for code, entry in GLOSSARY.items()
        if all(
            word in _bare(" ".join(words.t(t) for t in (entry.word, entry.plain, entry.text)))
            for word in wanted
        )
    ]
    return sorted(kept, key=lambda code: _bare(words.t(GLOSSARY[code].word)))


@ft.component
def Glossary() -> ft.Control:
    """The list, cut down as one types."""
    services = use_services()
    words = services.words
    sought, set_sought = ft.use_state("")
    codes = found(sought, words)

    def typed(event: Any) -> None:
        set_sought(str(event.control.value or ""))

    lines: list[ft.Control] = [
        ft.TextField(
            label=words.t("Chercher un mot"), on_change=typed, prefix_icon=ft.Icons.SEARCH,
            border=FIELD_BORDER,
        ),
        ft.Semantics(
            live_region=True, container=True,
            content=small(
                words.n("{count} mot expliqué", "{count} mots expliqués", len(codes)).format(
                    count=len(codes)
                )
            ),
        ),
    ]  # fmt: skip
    if not codes:
        lines.append(
            empty(
                words.t("Aucun mot ne correspond"),
                words.t("Essayez un mot plus court, ou écrivez-nous : nous l’ajouterons."),
                picture="lost",
            )
        )
    for code in codes:
        lines.append(card([heading(words.t(GLOSSARY[code].word), 2), *meaning(code, words)]))
    back = "/settings" if services.session.signed_in else "/about"
    return scaffold(services, words.t("Les mots, en clair"), lines, back=back)
