"""A word of the law that says what it means when it is tapped."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.text import body, small
from app.glossary import GLOSSARY
from app.services.container import use_services
from app.theme import ICON_S, SM, TARGET, XS, S


@ft.component
def Term(code: str) -> ft.Control:
    """The word as a button, read "What does ACRE mean?"; a dialog gives the plain word, two
    sentences and the law. Raises KeyError for a word that the glossary does not have."""
    services = use_services()
    words = services.words
    opened, set_opened = ft.use_state(False)
    entry = GLOSSARY[code]
    word = words.t(entry.word)

    def close(_event: Any) -> None:
        set_opened(False)

    def all_words(_event: Any) -> None:
        set_opened(False)
        services.go("/glossaire")

    ft.use_dialog(
        ft.AlertDialog(
            title=ft.Text(word),
            content=ft.Column(meaning(code, words), spacing=S, tight=True),
            scrollable=True,
            actions=[
                ft.TextButton(content=words.t("Tous les mots"), on_click=all_words),
                ft.TextButton(content=words.t("Fermer"), on_click=close),
            ],
            on_dismiss=close,
        )
        if opened
        else None
    )
    return ft.MergeSemantics(
        ft.TextButton(
            content=ft.Semantics(
                label=words.t("Que veut dire : {word} ?").format(word=word),
                exclude_semantics=True,
                content=ft.Row(
                    [
                        ft.Text(
                            word, theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
                            color=ft.Colors.PRIMARY,
                            style=ft.TextStyle(
                                decoration=ft.TextDecoration.UNDERLINE,
                                decoration_style=ft.TextDecorationStyle.DOTTED,
                                color=ft.Colors.PRIMARY,
                            ),
                        ),
                        ft.Icon(ft.Icons.HELP_OUTLINE, size=ICON_S, color=ft.Colors.PRIMARY),
                    ],
                    spacing=XS, tight=True,
                ),
            ),
            on_click=lambda _event: set_opened(True),
            height=TARGET,
        )
    )  # fmt: skip


def meaning(code: str, words: Any) -> list[ft.Control]:
    """What a word means: the plain word, the two sentences, the law."""
    entry = GLOSSARY[code]
    return [
        body(words.t(entry.plain), strong=True),
        body(words.t(entry.text)),
        small(words.t("Texte : {law}").format(law=entry.law)),
    ]


def words_here(*codes: str) -> list[ft.Control]:
    """The words of a card or a screen that can be explained, on lines of their own; nothing when
    there are none."""
    if not codes:
        return []
    return [
        ft.Row(
            [Term(code, key=f"term.{code}") for code in dict.fromkeys(codes)],
            wrap=True, spacing=SM, run_spacing=0,
        )
    ]  # fmt: skip
