"""Pictures with a twin in words: the year against its ceilings, and where each euro goes.

Whoever does not see them loses nothing: each part is named, numbered or lettered, and said again
in a list beside the picture. They are laid out from start to end, so that they turn round with
the writing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import flet as ft
import flet.canvas as cv

from app.components.cards import listed
from app.components.text import amount, body, small
from app.services.container import use_services
from app.theme import (
    CHART,
    HAIR,
    ML,
    ON_SERIES,
    RADIUS_S,
    RING,
    RING_STROKE,
    SERIES,
    SM,
    STRONG,
    THICK,
    TRACK,
    XS,
    XXS,
    L,
    S,
)
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
            ft.Container(
                bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST, border_radius=RADIUS_S, height=TRACK
            ),
            ft.Row(
                [
                    ft.Container(bgcolor=colour, border_radius=RADIUS_S, height=TRACK, expand=left),
                    ft.Container(expand=max(1, 1000 - left)),
                ],
                spacing=0,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            ft.Row(
                [
                    ft.Container(expand=max(1, mark)),
                    ft.Container(width=THICK, height=ML, bgcolor=ft.Colors.ON_SURFACE),
                    ft.Container(expand=max(1, 1000 - mark)),
                ],
                spacing=0,
            ),
        ],
        height=ML,
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
            spacing=XS,
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
    """Where my euros go: a ring cut by fund, and its table, all that a screen reader needs."""
    shares = [(words.t(s.label), s.amount) for s in assessment.shares if s.amount]
    if not shares or assessment.due <= 0:
        return body(words.t("Rien à payer : aucun euro à répartir."))
    return share_ring(shares, assessment.due, words)


def share_ring(shares: Sequence[tuple[str, Decimal]], total: Decimal, words: Words) -> ft.Control:
    """A ring cut in `shares` (name, euros) of `total`, and its table."""
    return ShareRing(tuple(shares), total, words)


@ft.component
def ShareRing(
    shares: tuple[tuple[str, Decimal], ...], total: Decimal, words: Words
) -> ft.Control:  # fmt: skip
    """The ring beside its table on a wide window, above it on a phone."""
    services = use_services()
    rows: list[ft.Control] = []
    for number, (label, part) in enumerate(shares):
        percent = words.percent((part / total * 100).quantize(Decimal("0.1")))
        rows.append(
            _share_row(number, label, percent, words.money(part, cents=True), words)
        )  # fmt: skip
    side = round(RING * min(services.settings.text_size, 150) / 100)
    ring = ft.Semantics(
        exclude_semantics=True,
        content=_ring([part for _, part in shares], total, side, bool(services.page.rtl)),
    )
    table = listed(rows)
    if services.layout.wide:
        return ft.Row([ring, ft.Container(table, expand=True)], spacing=L)
    return ft.Column(
        [ft.Row([ring], alignment=ft.MainAxisAlignment.CENTER), table],
        spacing=SM, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


def _ring(parts: Sequence[Decimal], total: Decimal, side: int, rtl: bool) -> ft.Control:
    """The ring itself, from the top, clockwise where one reads from left to right; each part wide
    enough carries the number of its row."""
    stroke = round(side * RING_STROKE / RING)
    radius = (side - stroke) / 2
    way = -1 if rtl else 1
    turn = 2 * math.pi
    gap = THICK / radius
    shapes: list[cv.Shape] = []
    angle = -math.pi / 2
    for number, part in enumerate(parts):
        sweep = turn * float(part / total)
        drawn = sweep - gap if len(parts) > 1 else sweep
        if drawn > 0:
            shapes.append(
                cv.Arc(
                    stroke / 2, stroke / 2, 2 * radius, 2 * radius,
                    angle + way * gap / 2, way * drawn,
                    paint=ft.Paint(
                        color=SERIES[number % len(SERIES)], stroke_width=stroke,
                        style=ft.PaintingStyle.STROKE,
                    ),
                )
            )  # fmt: skip
        if sweep * radius > stroke:
            middle = angle + way * sweep / 2
            shapes.append(
                cv.Text(
                    side / 2 + radius * math.cos(middle), side / 2 + radius * math.sin(middle),
                    str(number + 1), alignment=ft.Alignment.CENTER,
                    style=ft.TextStyle(size=stroke / 2, color=ON_SERIES, font_family=STRONG),
                )
            )  # fmt: skip
        angle += way * sweep
    return cv.Canvas(shapes, width=side, height=side)


def _tag(mark: str, colour: ft.ColorValue, ink: ft.ColorValue) -> ft.Control:
    """The number or letter that ties a row to its part of a picture."""
    return ft.Container(
        ft.Text(mark, theme_style=ft.TextThemeStyle.LABEL_SMALL, color=ink, no_wrap=True),
        bgcolor=colour, border_radius=RADIUS_S,
        padding=ft.Padding.symmetric(horizontal=XS + XXS, vertical=HAIR),
    )  # fmt: skip


def _share_row(number: int, label: str, percent: str, euros: str, words: Words) -> ft.Control:
    return ft.Semantics(
        label=words.t("{fund} : {amount}, {percent}").format(
            fund=label, amount=euros, percent=percent
        ),
        container=True,
        exclude_semantics=True,
        content=ft.Container(
            padding=ft.Padding.symmetric(vertical=S),
            content=ft.Row(
                [
                    _tag(str(number + 1), SERIES[number % len(SERIES)], ON_SERIES),
                    ft.Column([body(label), small(percent)], spacing=0, tight=True, expand=True),
                    amount(euros),
                ],
                spacing=SM,
            ),
        ),
    )


def on_picture(gauges: Sequence[Gauge], total: Decimal) -> list[Gauge]:
    """The ceilings measured on the same sum as the picture (to the euro of rounding): only those
    may be drawn across it."""
    return [gauge for gauge in gauges if total and abs(gauge.value - total) <= 1]


def year_picture(
    months: Sequence[tuple[str, str, Decimal]], gauges: Sequence[Gauge], words: Words
) -> ft.Control:
    """The year adding up, month by month, under its ceilings. `months` are (short name, long name,
    euros); `gauges` are those of `on_picture`. Each ceiling is a line with a letter, named with
    its figures below."""
    total = sum((value for _, _, value in months), Decimal(0))
    limits = [limit for g in gauges for limit in (g.limit, g.upper) if limit]
    top = max([total, *limits, Decimal(1)])
    last = max((n for n, (_, _, value) in enumerate(months) if value), default=-1)

    def tall(value: Decimal) -> int:
        return round(float(value / top) * (CHART - SM))  # room for the letter of the highest

    columns: list[ft.Control] = []
    before = Decimal(0)
    for number, (_, long, value) in enumerate(months):
        columns.append(_month_column(
            words.t("{month} : {amount}, soit {total} depuis janvier").format(
                month=long, amount=words.money(value), total=words.money(before + value)
            ) if number <= last else words.t("{month} : rien").format(month=long),
            tall(value), tall(before), number <= last,
        ))  # fmt: skip
        before += value
    lines: list[ft.Control] = []
    for number, gauge in enumerate(gauges):
        for limit in (gauge.limit, gauge.upper):
            if limit:
                lines.append(_ceiling(LETTERS[number], number, tall(limit), limit == gauge.limit))
    picture = ft.Column(
        [
            ft.Stack(
                [
                    ft.Row(columns, spacing=XS, vertical_alignment=ft.CrossAxisAlignment.END),
                    *lines,
                ],
                height=CHART,
                alignment=ft.Alignment.BOTTOM_CENTER,
            ),
            ft.Semantics(
                exclude_semantics=True,
                content=ft.Row([_foot(short) for short, _, _ in months], spacing=XS),
            ),
        ],
        spacing=XS,
        tight=True,
    )
    found: list[ft.Control] = [picture]
    if total:
        found.append(small(words.t("En haut de chaque barre, le mois ; dessous, ceux d’avant.")))
    found += [ceiling_row(gauge, LETTERS[n], words) for n, gauge in enumerate(gauges)]
    return ft.Column(
        found, spacing=SM, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


LETTERS = "ABCDEFGH"


def _month_column(said: str, now: int, before: int, told: bool) -> ft.Control:
    parts: list[ft.Control] = [
        ft.Container(height=max(now, HAIR), bgcolor=ft.Colors.PRIMARY,
                     border_radius=ft.BorderRadius.only(top_left=THICK, top_right=THICK)),
        ft.Container(height=before, bgcolor=ft.Colors.PRIMARY_CONTAINER),
    ] if told else [ft.Container(height=THICK, bgcolor=ft.Colors.OUTLINE_VARIANT)]  # fmt: skip
    return ft.Semantics(
        label=said, container=True, exclude_semantics=True, expand=True,
        content=ft.Column(
            parts, spacing=0, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    )  # fmt: skip


def _foot(letter: str) -> ft.Control:
    return ft.Container(
        ft.Text(letter, theme_style=ft.TextThemeStyle.LABEL_SMALL, no_wrap=True,
                color=ft.Colors.ON_SURFACE_VARIANT),
        expand=True, alignment=ft.Alignment.CENTER,
    )  # fmt: skip


def _ceiling(letter: str, number: int, height: int, main: bool) -> ft.Control:
    """A line across the picture `height` pixels up, its letter on it; the second line of a
    ceiling (its upper limit) is thin and bears no letter."""
    line = ft.Container(height=THICK if main else HAIR, bgcolor=ft.Colors.TERTIARY)
    if not main:
        return ft.Container(line, bottom=height, left=0, right=0)
    tag = _tag(letter, ft.Colors.TERTIARY, ft.Colors.ON_TERTIARY)
    # Letters stand side by side: two lines may be close. The list below says them again.
    mark = ft.Row([ft.Container(width=number * L), tag], spacing=0)
    return ft.Container(
        ft.Semantics(
            exclude_semantics=True,
            content=ft.Stack(
                [ft.Container(line, left=0, right=0, top=SM - HAIR), mark], height=L,
            ),
        ),
        bottom=height - SM, left=0, right=0,
    )  # fmt: skip


def standing(gauge: Gauge, words: Words) -> str:
    """How near a ceiling is, in a word: nothing while it is far."""
    if gauge.value > gauge.limit:
        return words.t("dépassé")
    return words.t("bientôt atteint") if gauge.value >= gauge.limit * Decimal("0.8") else ""


def ceiling_row(gauge: Gauge, letter: str, words: Words) -> ft.Control:
    """A ceiling in words: its name, the year against it, how near it is."""
    percent = words.percent((gauge.value / gauge.limit * 100).quantize(Decimal(1)))
    status = standing(gauge, words)
    said = words.t("{label} : {value} sur {limit}, soit {percent}").format(
        label=words.t(gauge.label), value=words.money(gauge.value),
        limit=words.money(gauge.limit), percent=percent,
    )  # fmt: skip
    figures = words.t("{value} sur {limit}").format(
        value=words.money(gauge.value), limit=words.money(gauge.limit)
    )
    if gauge.upper:
        upper = words.t("seuil majoré : {limit}").format(limit=words.money(gauge.upper))
        figures += f" · {upper}"
        said += f", {upper}"
    return ft.Semantics(
        label=said + (f", {status}" if status else ""),
        container=True,
        exclude_semantics=True,
        content=ft.Row(
            [
                _tag(letter, ft.Colors.TERTIARY, ft.Colors.ON_TERTIARY),
                ft.Column(
                    [
                        body(words.t(gauge.label)),
                        small(f"{figures} · {status}" if status else figures),
                    ],
                    spacing=0, tight=True, expand=True,
                ),
                amount(percent, strong=True),
            ],
            spacing=SM,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
    )  # fmt: skip
