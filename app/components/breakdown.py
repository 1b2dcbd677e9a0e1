"""The lines of a calculation, each with its reason in one tap."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import flet as ft

from app.components.buttons import area_button
from app.components.cards import divided
from app.components.terms import words_here
from app.components.text import amount, body, small
from app.glossary import terms_in
from app.theme import RADIUS, SM, XS, XXS, M, S
from contract.i18n import Words
from regimes.assessment import Assessment, Line, LineStatus
from regimes.money import round_cent


def why(line: Line, words: Words) -> str:
    """The reason of one line in a sentence: base × rate, text, date of the rate, doubts."""
    if line.status is LineStatus.MISSING:
        return words.t("Non calculé ici : {note}").format(note=words.t(line.note))
    if line.rate is None:
        said = words.t("Montant fixe. Texte : {law}.").format(law=line.law)
    else:
        said = words.t("{base} × {rate} = {exact}, arrondi à {amount}. Texte : {law}.").format(
            base=words.money(line.base), rate=words.percent(line.rate),
            exact=words.money(round_cent(line.exact), cents=True),
            amount=words.money(line.amount), law=line.law,
        )  # fmt: skip
    if line.rate_from is not None:
        said += " " + words.t("Taux en vigueur depuis le {date}.").format(
            date=words.date(line.rate_from)
        )
    if line.note:
        said += " " + words.t(line.note)
    return said


def mark(line: Line, words: Words) -> str:
    """What a line that is not sure is called."""
    return {
        LineStatus.UNCONFIRMED: words.t("non confirmé"),
        LineStatus.ESTIMATE: words.t("estimation"),
        LineStatus.MISSING: words.t("non calculé"),
    }.get(line.status, "")


@ft.component
def BreakdownLine(line: Line, words: Words, before: Decimal | None) -> ft.Control:
    """One line; a tap opens and closes its reason."""
    opened, set_opened = ft.use_state(False)
    rate = words.percent(line.rate) if line.rate is not None else ""
    said = words.t("{label}, {rate} : {amount}").format(
        label=words.t(line.label), rate=rate, amount=words.money(line.amount)
    )
    doubt = mark(line, words)
    changed = before is not None and before != line.amount

    def toggle(_event: object) -> None:
        set_opened(not opened)

    subtitle = " · ".join(
        part
        for part in (
            f"{words.money(line.base)} × {rate}" if rate else "",
            doubt,
            words.t("avant : {amount}").format(amount=words.money(before or Decimal(0)))
            if changed
            else "",
        )
        if part
    )
    rows: list[ft.Control] = [
        area_button(
            f"{said}. " + (f"{subtitle}. " if doubt or changed else "")
            + words.t("Pourquoi ce montant ?"),
            ft.Row(
                [
                    ft.Column(
                        [body(words.t(line.label)), small(subtitle)],
                        spacing=XXS, tight=True, expand=True,
                    ),
                    amount(words.money(line.amount), strong=True),
                    ft.Icon(
                        ft.Icons.EXPAND_LESS if opened else ft.Icons.HELP_OUTLINE,
                        color=ft.Colors.PRIMARY,
                    ),
                ],
                spacing=SM,
            ),
            toggle,
        )
    ]  # fmt: skip
    if opened:
        rows.append(
            ft.Container(
                bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
                border_radius=RADIUS,
                padding=M,
                content=ft.Column(
                    [
                        ft.Semantics(
                            live_region=True, container=True, content=body(why(line, words))
                        ),
                        *words_here(*terms_in([line.label])),
                    ],
                    spacing=S,
                    tight=True,
                ),
            )
        )
    return ft.Column(
        rows, spacing=XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def breakdown(
    assessment: Assessment, words: Words, before: Mapping[str, Decimal] | None = None
) -> ft.Control:
    """Every line of an assessment, in the official order; zero lines stay: nothing is hidden."""
    shown = [line for line in assessment.lines if not line.apart]
    rows = divided(
        [
            BreakdownLine(
                line,
                words,
                None if before is None else before.get(line.code, Decimal(0)),
                key=line.code,
            )
            for line in shown
        ]
    )
    return ft.Column(
        [*rows, *words_here(*terms_in(line.label for line in shown))],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip
