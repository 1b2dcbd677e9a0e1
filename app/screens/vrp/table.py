"""The page of a year: its table, what was just done to it, what the year gives, how to fill it."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.grid import Block
from app.components.heard import apart
from app.components.live import Held
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import empty
from app.components.steps import SavePill
from app.components.text import body, heading
from app.screens.vrp.common import (
    MEASURES,
    MONTHS,
    asked,
    fetch_book,
    figure,
    not_ready,
    years_row,
)
from app.screens.vrp.fill import Fill
from app.screens.vrp.sheet import Month, Sheet, sheet_width
from app.services.container import Services, use_services
from app.services.device.entries import Unsent
from app.services.drafts import SaveMark, SaveState
from app.services.vrp import Book, LastPaste, Sums
from app.theme import RADIUS, TARGET, L, S
from contract.i18n import Words

WIDE = 1500
BESIDE = 320
"""Pixels of what stands beside the table."""
AROUND = 150
"""Pixels of a window that are not the table: navigation and margins."""


@ft.component
def Table() -> ft.Control:
    """The table of the year of the address."""
    services = use_services()
    words = services.words
    loaded = use_load(
        services, lambda: fetch_book(services),
        [services.session.account_id, services.page.route],
    )  # fmt: skip
    title = words.t("Tableau de l’année")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    return YearTable(loaded.value, loaded.reload)


@ft.component
def YearTable(book: Book, reload: Any) -> ft.Control:
    """The table itself, its totals, what the year gives, and the ways to fill it at once."""
    services = use_services()
    words = services.words
    measure, set_measure = ft.use_state("gross")
    month, set_month = ft.use_state(1)
    block = ft.use_ref(Block)
    book.mark_of_cents = words.decimal_mark
    employers = book.employers()
    title = words.t("Tableau {year}").format(year=book.year)
    lines: list[ft.Control] = [years_row(services, book, "/vrp")]
    if not employers:
        lines.append(
            empty(
                words.t("Aucun employeur pour {year}").format(year=book.year),
                words.t("Ajoutez vos employeurs : le tableau se remplit ensuite."),
                primary(words.t("Ajouter un employeur"),
                        lambda _e: services.go("/vrp/employeurs")),
            )
        )  # fmt: skip
        return scaffold(services, title, lines, back="/home")

    def choose(event: Any) -> None:
        block.current.drop()
        set_measure(str(event.control.value))

    wide = services.layout.wide
    measures = ft.Semantics(
        label=words.t("Ce que montre le tableau"), container=True,
        content=ft.RadioGroup(
            value=measure,
            on_change=choose,
            content=ft.Row(
                [
                    ft.Row([ft.Radio(value=code, label=words.t(label))], tight=True)
                    for code, label in MEASURES.items()
                ],
                wrap=True,
            ),
        ),
    )  # fmt: skip
    saved = Saved(book, book.saved, services.entries.unsent)
    told = Told(book, book.pasted, block.current, measure)
    if wide:
        lines = [ft.Row([*lines, measures], wrap=True, spacing=L)]
        # One line high, even empty: what it tells moves no cell under the hands.
        lines.append(
            ft.Row(
                [saved, ft.Row([told], wrap=True, expand=True), ft.Container(height=TARGET)],
                spacing=S,
            )
        )
    else:
        lines += [measures, saved, told]
    held = Held(block.current)
    if wide:
        scale = services.settings.text_size / 100
        room = min((services.page.width or 0) - AROUND, WIDE)
        beside = room - BESIDE - L >= sheet_width(0, len(employers), scale)
        sheet = Sheet(book, held, measure, room - BESIDE - L if beside else room)
        outcome = Outcome(book, book.settled)
        if beside:
            lines.append(
                ft.Row(
                    [sheet, ft.Container(apart(outcome), width=BESIDE)], spacing=L,
                    vertical_alignment=ft.CrossAxisAlignment.START,
                )
            )  # fmt: skip
        else:
            lines += [sheet, ft.Row([ft.Container(outcome, width=BESIDE)])]
    else:
        lines += [
            _months(words, month, set_month), Month(book, held, measure, month),
            Outcome(book, book.settled),
        ]  # fmt: skip
    lines.append(Fill(book, measure, reload))
    return scaffold(services, title, lines, back="/home", width=WIDE)


def _months(words: Words, month: int, choose: Any) -> ft.Control:
    """From one month to the next, on a phone."""
    return ft.Row(
        [
            secondary(words.t("Mois précédent"), lambda _e: choose(month - 1), disabled=month < 2),
            heading(words.t(MONTHS[month - 1]), 2),
            secondary(words.t("Mois suivant"), lambda _e: choose(month + 1), disabled=month > 11),
        ],
        wrap=True,
    )


@ft.component
def Outcome(book: Book, settled: Sums) -> ft.Control:
    """What the year gives so far: found again each time the typing rests."""
    services = use_services()
    words = services.words
    _ = settled.turn
    result = book.result()
    lines: list[ft.Control] = []
    if result.pension is not None:
        lines.append(
            figure(
                words.t("Retraite de base au-dessus d’un plafond"),
                words.money(result.pension.result, cents=True),
            )
        )
    lines += [
        figure(words.t("CSG sur vos frais réels"), words.money(result.csg.result, cents=True)),
        ft.Row(
            [
                primary(
                    words.t("Voir le remboursement"),
                    lambda _e: services.go(f"/vrp/{book.year}/demande"),
                )
            ],
            wrap=True,
        ),
    ]
    return asked(result, words, lines)


@ft.component
def Told(book: Book, last: LastPaste, block: Block, measure: str) -> ft.Control:
    """What the last block pasted filled, what fell outside the table, and the way back; else the
    block chosen, and how to copy it."""
    services = use_services()
    words = services.words
    _ = last.turn, block.turn
    names = list(book.employers())
    chosen = _chosen(services, names, block, measure)
    said: list[str] = []
    actions: list[ft.Control] = []
    if chosen:
        cells = [cell for row in chosen for cell in row]

        async def copy(_event: Any) -> None:
            await ft.Clipboard().set(book.copied(chosen))
            block.note_copied()

        if block.copied:
            told = words.n("{count} case copiée : collez-la dans un tableur.",
                           "{count} cases copiées : collez-les dans un tableur.",
                           len(cells))  # fmt: skip
        else:
            told = words.n("{count} case choisie, jusqu’à {place}.",
                           "{count} cases choisies, jusqu’à {place}.", len(cells))  # fmt: skip
        place = words.t("{employer}, {month}").format(
            employer=book.employers()[cells[-1][0]].name, month=words.t(MONTHS[cells[-1][1] - 1])
        )
        said.append(told.format(count=len(cells), place=place))
        button = quiet(words.t("Copier le bloc"), copy, ft.Icons.COPY_OUTLINED)
        if services.page.web:
            # For assets/keys.js, on a node that lives as long as the block does.
            mark = f"block|{book.copied(chosen)}"
            button = ft.Semantics(identifier=mark, container=True, content=button)
        actions.append(button)
    elif last.filled > 1 or last.outside:
        told = words.n("{count} case collée.", "{count} cases collées.", last.filled)
        said.append(told.format(count=last.filled))
        if last.outside:
            told = words.n(
                "{count} case tombait hors du tableau : elle n’est pas reprise.",
                "{count} cases tombaient hors du tableau : elles ne sont pas reprises.",
                last.outside,
            )
            said.append(told.format(count=last.outside))
        actions.append(
            quiet(words.t("Annuler le collage"), lambda _e: book.unpaste(), ft.Icons.UNDO)
        )
    lost = bool(last.outside) and not chosen
    ink = ft.Colors.ON_TERTIARY_CONTAINER if lost else ft.Colors.ON_SECONDARY_CONTAINER
    sign = ft.Icons.WARNING_AMBER if lost else ft.Icons.CHECK_CIRCLE_OUTLINE
    # The node that is read out stays, and its words change: one that comes is not always heard.
    words_of = ft.Semantics(
        live_region=True, container=True, exclude_semantics=True, label=" ".join(said),
        content=body(" ".join(said), color=ink),
    )  # fmt: skip
    return ft.Container(
        bgcolor=(ft.Colors.TERTIARY_CONTAINER if lost else ft.Colors.SECONDARY_CONTAINER)
        if said
        else None,
        border_radius=RADIUS,
        padding=ft.Padding.symmetric(horizontal=S),
        content=ft.Row(
            [
                ft.Icon(ft.Icons.GRID_ON if chosen else sign, color=ink, visible=bool(said)),
                words_of, *actions,
            ],
            wrap=True, spacing=S, vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
    )  # fmt: skip


def _chosen(
    services: Services, names: list[str], block: Block, measure: str
) -> list[list[tuple[str, int, str]]]:
    """The cells of the block; on a phone a block is of one month."""
    if not services.layout.wide:
        return []
    return [[(names[column], row + 1, measure) for row, column in line] for line in block.places]


@ft.component
def Saved(book: Book, mark: SaveMark, unsent: Unsent) -> ft.Control:
    """Whether the table is saved: what waits for the network is not yet."""
    words = use_services().words
    waits = mark.state is SaveState.SAVED and unsent.ids(book.account)
    return SavePill(Held(SaveMark(SaveState.NOT_SAVED) if waits else mark), words)
