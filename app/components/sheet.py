"""What stands beside what is due: lines that another body calls, and boxes to copy elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import flet as ft

from app.components.breakdown import BreakdownLine
from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.text import body, heading, small
from app.theme import XXS
from contract.i18n import Words
from regimes.assessment import Assessment


def beside(assessment: Assessment, speaks: Any, words: Words) -> list[ft.Control]:
    """Lines shown for information, with their sum: never part of what is due here."""
    apart = [line for line in assessment.lines if line.apart]
    if not apart:
        return []
    total = sum((line.amount for line in apart), Decimal(0))
    return [
        heading(words.t(speaks.other_bodies), 2),
        small(words.t("Pour information : ces montants ne sont pas appelés ici.")),
        *(BreakdownLine(line, words, None, key=f"apart.{line.code}") for line in apart),
        fact(words.t("Total, pour information"), words.money(total), strong=True),
    ]


def copy_sheet(services: Any, rows: list[Any]) -> list[ft.Control]:
    """Boxes to copy by hand, each with where its figure is found, and one button for all."""
    return [Sheet(services, rows)] if rows else []


@ft.component
def Sheet(services: Any, rows: list[Any]) -> ft.Control:
    """The sheet, and a button that copies it as text."""
    words = services.words
    copied, set_copied = ft.use_state(False)

    async def copy(_event: Any) -> None:
        lines = [f"{row.code}\t{row.value}\t{words.t(row.label)}" for row in rows]
        await ft.Clipboard().set("\n".join(lines))
        set_copied(True)

    shown: list[ft.Control] = [heading(words.t("Cases à reporter"), 2)]
    for row in rows:
        shown.append(
            ft.Column(
                [fact(row.code, row.value, strong=True), body(words.t(row.label)),
                 small(words.t("Où la trouver : {where}").format(where=words.t(row.where)))],
                spacing=XXS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        )  # fmt: skip
    shown.append(
        ft.Row([secondary(words.t("Copier la fiche"), copy, ft.Icons.COPY_OUTLINED)], wrap=True)
    )
    if copied:
        shown.append(
            ft.Semantics(
                live_region=True, container=True, content=small(words.t("La fiche est copiée."))
            )
        )
    return card(shown)
