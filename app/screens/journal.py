"""The journal of receipts: the running bill, every receipt by month, and a search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.load import use_load
from app.components.notes import bills_card, done_banner, empty_journal, receipt_tile
from app.components.shell import list_scaffold, scaffold
from app.components.states import banner, failure, no_activity
from app.components.text import amount, body, heading, small
from app.services.backend import BackendError
from app.services.bill import Bill, Counter, bills
from app.services.container import Services, use_services
from app.services.journal import Journal, Noted, matches, open_journal, undo
from app.services.overview import read_overview
from app.theme import FIELD_BORDER, SM, XL, S

PAGE = 60  # rows drawn at once, and again each time the end comes near
NEAR_END = 1200  # pixels


@dataclass(eq=False)
class Book:
    """What the screen shows, read once."""

    journal: Journal
    counter: Counter
    bills: list[Bill]
    labels: dict[str, str]

    def aside(self) -> dict[str, Decimal]:
        """Euros to keep of each receipt not declared yet."""
        return {name: euros for bill in self.bills for name, euros in bill.aside.items()}


@ft.observable
@dataclass(eq=False)
class Look:
    """What is searched for, and how many rows are drawn."""

    query: str = ""
    shown: int = PAGE


async def open_book(services: Services) -> Book | None:
    """Read the journal of the account shown, with what computes on it. Raises BackendError."""
    found = await read_overview(services)
    if found is None:
        return None
    overview, rates = found
    journal = await open_journal(services.backend, overview.account.id)
    counter = Counter(overview, rates)
    return Book(
        journal, counter, bills(counter, journal), dict(counter.speaks.activities(counter.profile))
    )


def no_journal(services: Services, title: str) -> ft.Control:
    """What an account without receipts to declare is told."""
    words = services.words
    return scaffold(
        services, title,
        [banner(words.t("Cette profession ne déclare pas de recettes ici."), "info")],
        back="/home",
    )  # fmt: skip


@ft.component
def JournalScreen() -> ft.Control:
    """The whole journal."""
    services = use_services()
    words = services.words
    account = services.session.account
    look = ft.use_ref(Look).current  # not a state: typing in the search redraws the rows alone
    # Told once: whoever comes back later is not told again, and another account never is.
    done = ft.use_ref(lambda: services.cache.pop("journal:undo", None))
    drawn, redraw = ft.use_state(0)
    error, set_error = ft.use_state(None)
    loaded = use_load(services, lambda: open_book(services), [account.id if account else ""])
    title = words.t("Journal des recettes")
    if account is None:
        return scaffold(services, title, [no_activity(services)])
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services, "list")], back="/home")
    book: Book = loaded.value
    if not book.labels:
        return no_journal(services, title)

    async def put_back(_event: Any) -> None:
        what, done.current = done.current, None
        if what is None:
            return
        try:
            await undo(services.backend, book.journal, what)
        except BackendError as problem:
            done.current = what
            set_error(problem)
            return
        book.bills = bills(book.counter, book.journal)
        set_error(None)
        redraw(drawn + 1)

    top: list[ft.Control] = []
    if error is not None:
        top.append(failure(services, error, put_back))
    what = done.current
    if what is not None and what.account == book.journal.account:
        top.append(done_banner(services, what, services.cache.get("journal:told", ""), put_back))
    elif drawn:
        top.append(banner(words.t("Le journal est comme avant."), "success", live=True))
    if book.journal.unreadable:
        top.append(
            banner(
                words.t("Des encaissements notés avec une version plus récente sont cachés ici."),
                "warning",
            )
        )
    if not book.journal.notes:
        return scaffold(services, title, [*top, *empty_journal(services)], back="/home")
    top.append(
        ft.Row(
            [
                primary(words.t("Ajouter un encaissement"),
                        lambda _e: services.go("/journal/new"), ft.Icons.ADD),
                secondary(words.t("Importer un relevé"),
                          lambda _e: services.go("/journal/import"), ft.Icons.UPLOAD_FILE_OUTLINED),
                quiet(words.t("Livre des recettes"),
                      lambda _e: services.go("/journal/book"), ft.Icons.MENU_BOOK_OUTLINED),
            ],
            wrap=True, spacing=S,
        )
    )  # fmt: skip
    if book.bills:
        top.append(bills_card(services, book.bills[-3:]))
    return list_scaffold(
        services, title, SearchBox(look), Rows(look, book, top, drawn, words.locale), back="/home"
    )


@ft.component
def SearchBox(look: Look) -> ft.Control:
    """The search, apart from what it finds: drawing the one never takes back the other."""
    services = use_services()
    words = services.words

    def typed(event: Any) -> None:
        look.shown = PAGE
        look.query = event.control.value or ""

    return ft.TextField(
        label=words.t("Chercher dans le journal"),
        on_change=typed,
        prefix_icon=ft.Icons.SEARCH,
        border=FIELD_BORDER,
        filled=True,
        fill_color=ft.Colors.SURFACE_CONTAINER_LOWEST,
    )


@ft.component
def Rows(look: Look, book: Book, top: list[ft.Control], drawn: int, locale: str) -> ft.Control:
    """The rows that the search keeps, by month, newest first; more come as the end comes near."""
    services = use_services()
    words = services.words
    notes = book.journal.newest_first()
    query = look.query.strip()
    if query:
        labels = {code: words.t(label) for code, label in book.labels.items()}
        notes = [n for n in notes if matches(n, query, labels)]
    rows: list[ft.Control] = [] if query else list(top)
    if query:
        rows.append(_found(services, notes))
    aside = book.aside()
    month: date | None = None
    totals = _totals(notes)
    for noted in notes[: look.shown]:
        first = noted.receipt.on.replace(day=1)
        if first != month:
            month = first
            rows.append(_month(services, first, *totals[first]))
        rows.append(
            receipt_tile(
                noted, book.labels, aside.get(noted.id), words,
                lambda _e, name=noted.id: services.go(f"/journal/receipt/{name}"),
            )
        )  # fmt: skip
    left = len(notes) - look.shown

    def more(_event: Any = None) -> None:
        look.shown += PAGE

    def scrolled(event: ft.OnScrollEvent) -> None:
        if left > 0 and event.pixels > event.max_scroll_extent - NEAR_END:
            more()

    if left > 0:
        rows.append(
            ft.Row(
                [secondary(
                    words.n("Afficher le suivant", "Afficher les {count} suivants",
                            min(left, PAGE)).format(count=min(left, PAGE)),
                    more, ft.Icons.EXPAND_MORE,
                )],
                alignment=ft.MainAxisAlignment.CENTER,
            )
        )  # fmt: skip
    return ft.ListView(rows, expand=True, spacing=S, on_scroll=scrolled, scroll_interval=150,
                       padding=ft.Padding.only(bottom=XL))  # fmt: skip


def _totals(notes: list[Noted]) -> dict[date, tuple[int, Decimal]]:
    """Receipts and euros of each month."""
    found: dict[date, tuple[int, Decimal]] = {}
    for noted in notes:
        first = noted.receipt.on.replace(day=1)
        count, total = found.get(first, (0, Decimal(0)))
        found[first] = (count + 1, total + noted.receipt.amount)
    return found


def _found(services: Services, notes: list[Noted]) -> ft.Control:
    words = services.words
    count = len(notes)
    total = sum((n.receipt.amount for n in notes), Decimal(0))
    said = (
        words.n(
            "{count} encaissement trouvé, {total}", "{count} encaissements trouvés, {total}", count
        ).format(count=count, total=words.money(total, cents=True))
        if count
        else words.t("Aucun encaissement ne correspond.")
    )
    return ft.Semantics(live_region=True, container=True, content=body(said))


def _month(services: Services, first: date, count: int, total: Decimal) -> ft.Control:
    words = services.words
    name = words.month(first)
    counted = words.n("{count} encaissement", "{count} encaissements", count).format(count=count)
    return ft.Container(
        padding=ft.Padding.only(top=SM),
        content=ft.Row(
            [
                ft.Column([heading(name[:1].upper() + name[1:], 2), small(counted)], spacing=0,
                          tight=True),
                amount(words.money(total, cents=True), strong=True),
            ],
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN, wrap=True,
        ),
    )  # fmt: skip
