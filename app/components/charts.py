"""Pictures with a twin in words: bars against ceilings, and where each euro goes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import flet as ft

from app.components.text import amount, body, small
from app.theme import SERIES, S
from contract.i18n import Words
from regimes.assessment import Assessment, SharesStatus
from regimes.regime import Gauge


def gauge_bar(gauge: Gauge, words: Words) -> ft.Control:
    """The year against one ceiling: a bar with a mark at the limit, and the same in a sentence."""
    top = max(gauge.upper or gauge.limit, gauge.value, Decimal(1))
    share = float(gauge.value / top)
    limit = float(gauge.limit / top)
    over = gauge.value > gauge.limit
    near = gauge.value >= gauge.limit * Decimal("0.8")
    colour = ft.Colors.ERROR if over else ft.Colors.TERTIARY if near else ft.Colors.PRIMARY
    percent = words.percent((gauge.value / gauge.limit * 100).quantize(Decimal(1)))
    said = words.t("{label} : {value} sur {limit}, soit {percent}").format(
        label=words.t(gauge.label), value=words.money(gauge.value),
        limit=words.money(gauge.limit), percent=percent,
    )  # fmt: skip
    left = max(1, round(share * 1000))
    mark = round(limit * 1000)
    track = ft.Stack(
        [
            ft.Container(bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST, border_radius=6, height=12),
            ft.Row(
                [
                    ft.Container(bgcolor=colour, border_radius=6, height=12, expand=left),
                    ft.Container(expand=max(1, 1000 - left)),
                ],
                spacing=0,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            ft.Row(
                [
                    ft.Container(expand=max(1, mark)),
                    ft.Container(width=3, height=20, bgcolor=ft.Colors.ON_SURFACE),
                    ft.Container(expand=max(1, 1000 - mark)),
                ],
                spacing=0,
            ),
        ],
        height=20,
    )
    status = words.t("dépassé") if over else words.t("bientôt atteint") if near else ""
    return ft.Semantics(
        label=said + (f", {status}" if status else ""),
        container=True,
        exclude_semantics=True,
        content=ft.Column(
            [
                ft.Row(
                    [body(words.t(gauge.label)), amount(percent, strong=True)],
                    alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                    wrap=True,
                    spacing=S,
                    run_spacing=0,
                ),
                track,
                small(
                    words.t("{value} sur {limit}").format(
                        value=words.money(gauge.value), limit=words.money(gauge.limit)
                    )
                    + (f" · {status}" if status else "")
                ),
            ],
            spacing=4,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    )


def shares_status(assessment: Assessment, words: Words) -> str:
    """How far the split is law, in a sentence; nothing when it is."""
    if assessment.shares_status is SharesStatus.OFFICIAL:
        return ""
    return words.t(assessment.shares_note)


def euros_picture(assessment: Assessment, words: Words) -> ft.Control:
    """Where my euros go: a band cut by fund, and its table, all that a screen reader needs."""
    shares = [(words.t(s.label), s.amount) for s in assessment.shares if s.amount]
    if not shares or assessment.due <= 0:
        return body(words.t("Rien à payer : aucun euro à répartir."))
    return share_band(shares, assessment.due, words)


def share_band(shares: Sequence[tuple[str, Decimal]], total: Decimal, words: Words) -> ft.Control:
    """A band cut in `shares` (name, euros) of `total`, and its table."""
    band = ft.Row(
        [
            ft.Container(
                bgcolor=SERIES[number % len(SERIES)],
                height=28,
                expand=max(1, round(float(part / total) * 1000)),
            )
            for number, (_, part) in enumerate(shares)
        ],
        spacing=2,
    )
    rows: list[ft.Control] = [
        ft.Semantics(
            exclude_semantics=True,
            content=ft.Container(band, border_radius=8, clip_behavior=ft.ClipBehavior.ANTI_ALIAS),
        )
    ]
    for number, (label, part) in enumerate(shares):
        percent = words.percent((part / total * 100).quantize(Decimal("0.1")))
        rows.append(_share_row(
            SERIES[number % len(SERIES)], label, percent, words.money(part, cents=True), words,
        ))  # fmt: skip
    return ft.Column(
        rows, spacing=6, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def _share_row(colour: str, label: str, percent: str, euros: str, words: Words) -> ft.Control:
    return ft.Semantics(
        label=words.t("{fund} : {amount}, {percent}").format(
            fund=label, amount=euros, percent=percent
        ),
        container=True,
        exclude_semantics=True,
        content=ft.Row(
            [
                ft.Container(width=14, height=14, bgcolor=colour, border_radius=3),
                ft.Container(body(label), expand=True),
                small(percent),
                amount(euros),
            ],
            spacing=10,
        ),
    )


def year_bars(months: Sequence[tuple[str, str, Decimal]], words: Words) -> ft.Control:
    """Turnover month by month as columns; `months` are (short name, long name, euros)."""
    top = max((value for _, _, value in months), default=Decimal(0)) or Decimal(1)
    columns: list[ft.Control] = []
    for short, long, value in months:
        columns.append(
            ft.Semantics(
                label=f"{long} : {words.money(value)}",
                container=True,
                exclude_semantics=True,
                expand=True,
                content=ft.Column(
                    [
                        ft.Container(
                            height=max(2, round(float(value / top) * 96)),
                            bgcolor=ft.Colors.PRIMARY if value else ft.Colors.OUTLINE_VARIANT,
                            border_radius=ft.BorderRadius.only(top_left=4, top_right=4),
                        ),
                        ft.Text(
                            short,
                            theme_style=ft.TextThemeStyle.LABEL_SMALL,
                            text_align=ft.TextAlign.CENTER,
                            color=ft.Colors.ON_SURFACE_VARIANT,
                            no_wrap=True,
                        ),
                    ],
                    spacing=4,
                    alignment=ft.MainAxisAlignment.END,
                    horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                ),
            )
        )
    return ft.Container(
        height=132,
        content=ft.Row(
            columns, spacing=4, vertical_alignment=ft.CrossAxisAlignment.STRETCH, expand=True
        ),
    )
