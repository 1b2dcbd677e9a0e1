"""Import a bank statement: read it, sort its lines in one pass, then keep all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.pick import pick_files
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import amount, body, heading, small
from app.forms.answers import Money
from app.imports.sorting import (
    PLATFORM,
    SKIP,
    UNDECIDED,
    Sorted,
    decide,
    is_receipt,
    receipt_of,
    rule_of,
    sort_lines,
)
from app.imports.statement import (
    FAULTS,
    NOTICES,
    REFUSALS,
    WARNINGS,
    BankLine,
    FileRefused,
    Statement,
)
from app.screens.journal import Book, no_journal, open_book
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.services.journal import TooMany, take_in
from app.theme import FIELD_BORDER, HAIR, MENU, S
from app.words import N_
from contract.hiding import fresh_id
from contract.i18n import Words

KINDS = ("csv", "txt", "tsv", "ofx", "qfx", "xml", "pdf")
FEW = 8  # bad lines named at once
PAGE = 30  # groups drawn at once

OPTION_SKIP = N_("Pas un encaissement")
OPTION_WAIT = N_("À décider")
OPTION_PLATFORM = N_("{activity}, cotisations déjà retenues")


@ft.observable
@dataclass(eq=False)
class Turn:
    """Raised when what it stands for must be drawn again."""

    count: int = 0

    def turn(self) -> None:
        """Draw again."""
        self.count += 1


@dataclass(eq=False)
class Group:
    """Lines of one label, decided together."""

    key: str
    items: list[Sorted]
    known: bool = False
    """True for lines that are in the journal already, or may be."""
    turn: Turn = field(default_factory=Turn)

    @property
    def decision(self) -> str | None:
        """The decision of all its lines; None when they differ."""
        found = {item.decision for item in self.items}
        return found.pop() if len(found) == 1 else None

    @property
    def total(self) -> Decimal:
        """Euros of its lines."""
        return sum((item.line.amount for item in self.items), Decimal(0))


@dataclass(eq=False)
class Sorting:
    """A statement being sorted. Identifiers are made once: a second try imports nothing twice."""

    name: str
    statement: Statement
    items: list[Sorted]
    groups: list[Group]
    book: Book
    ids: dict[int, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    totals: Turn = field(default_factory=Turn)

    def chosen(self) -> list[Sorted]:
        """Lines to import, as they stand in the file."""
        return [item for item in self.items if is_receipt(item)]

    def waiting(self) -> list[Sorted]:
        """Lines that nobody decided yet."""
        return [item for item in self.items if item.decision == UNDECIDED]

    def identifier(self, item: Sorted) -> str:
        """The identifier of the receipt that a line becomes."""
        return self.ids.setdefault(id(item), fresh_id())


def open_sorting(book: Book, name: str, statement: Statement) -> Sorting:
    """Sort the lines of a statement against the journal, in groups: what waits first."""
    categories = list(book.labels)
    journal = book.journal
    items = sort_lines(
        statement, categories, journal.known(), [rule for _, _, rule in journal.rules.values()]
    )
    groups: dict[tuple[bool, str], Group] = {}
    for item in items:
        if item.line.amount > 0:
            place = (bool(item.known), item.key)
            groups.setdefault(place, Group(item.key, [], bool(item.known))).items.append(item)

    def rank(group: Group) -> tuple[bool, bool, bool, Decimal]:
        waits = any(item.decision == UNDECIDED for item in group.items)
        return group.known, not waits, group.decision == SKIP, -group.total

    return Sorting(name, statement, items, sorted(groups.values(), key=rank), book)


@ft.component
def ImportScreen() -> ft.Control:
    """Pick a file, or sort the one that was picked."""
    services = use_services()
    words = services.words
    account = services.session.account
    work, set_work = ft.use_state(None)
    loaded = use_load(services, lambda: open_book(services), [account.id if account else ""])
    title = words.t("Importer un relevé")
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/journal")
    if not loaded.value.labels:
        return no_journal(services, title)
    if work is not None:
        return Sort(work, set_work)
    return PickFile(loaded.value, set_work)


@ft.component
def PickFile(book: Book, opened: Any) -> ft.Control:
    """What can be imported, and the button."""
    services = use_services()
    words = services.words
    refused, set_refused = ft.use_state(None)

    async def pick(_event: Any) -> None:
        picked = await pick_files(services, KINDS)
        if not picked:
            return
        from app.imports.read import read_file  # readers are loaded when a file comes

        set_refused(None)
        try:
            statement = read_file(picked[0].content)
        except FileRefused as error:
            set_refused(error)
            return
        if statement.kind == "invoice" and statement.lines:
            _prefill(services, statement.lines[0])
            services.go("/journal/new")
            return
        opened(open_sorting(book, picked[0].name, statement))

    lines: list[ft.Control] = []
    if refused is not None:
        lines.append(
            banner(
                words.t(REFUSALS[refused.code]).format(line=refused.line), "urgent",
                words.t("Rien n’est importé"), live=True,
            )
        )  # fmt: skip
    lines += [
        body(
            words.t(
                "Téléchargez un relevé depuis le site de votre banque, puis choisissez-le ici. "
                "Vous triez les lignes en une fois ; vos choix sont retenus pour le suivant."
            )
        ),
        card(
            [
                heading(words.t("Ce qui se lit"), 2),
                fact(words.t("Relevés de banque"), "CSV, OFX, CAMT.053"),
                fact(words.t("Factures"), "Factur-X (PDF, XML), CSV"),
                small(
                    words.t(
                        "Du relevé, seules sont gardées les lignes que vous importez et la façon "
                        "dont vous les triez."
                    )
                ),
            ]
        ),
        ft.Row(
            [primary(words.t("Choisir un fichier"), pick, ft.Icons.UPLOAD_FILE_OUTLINED)], wrap=True
        ),
    ]
    return scaffold(services, words.t("Importer un relevé"), lines, back="/journal")


def _prefill(services: Services, line: BankLine) -> None:
    """An invoice becomes a receipt once the person says when it was paid."""
    words = services.words
    services.cache["journal:prefill"] = {
        "amount": Money(declared=False).write(abs(line.amount), words),
        "on": "",
        "client": line.client,
        "reference": line.reference,
        "refund": "yes" if line.amount < 0 else "",
    }
    services.cache["journal:prefill_note"] = words.t(
        "Facture lue, du {date}. Indiquez le jour où elle a été payée."
    ).format(date=words.date(line.on))


@ft.component
def Sort(work: Sorting, opened: Any) -> ft.Control:
    """Every line of the statement, by label, each with what it is."""
    services = use_services()
    words = services.words
    shown, set_shown = ft.use_state(PAGE)
    all_bad, set_all_bad = ft.use_state(False)
    statement = work.statement
    count = len(statement.lines)
    lines: list[ft.Control] = [
        ft.Semantics(
            live_region=True, container=True,
            content=body(
                words.n("{name} : une ligne lue.", "{name} : {count} lignes lues.", count).format(
                    name=work.name, count=count
                ),
                strong=True,
            ),
        )
    ]  # fmt: skip
    lines.append(
        ft.Row(
            [quiet(words.t("Choisir un autre fichier"), lambda _e: opened(None),
                   ft.Icons.UPLOAD_FILE_OUTLINED)],
            wrap=True,
        )
    )  # fmt: skip
    lines += [banner(words.t(NOTICES[code]), "warning") for code in statement.notices]
    if statement.bad:
        lines.append(_bad(services, statement, all_bad, lambda _e: set_all_bad(True)))
    out = sum(1 for item in work.items if item.line.amount < 0)
    if out:
        lines.append(
            small(
                words.n("Une ligne d’argent sorti, écartée.",
                        "{count} lignes d’argent sorti, écartées.", out).format(count=out)
            )
        )  # fmt: skip
    fresh = [group for group in work.groups if not group.known]
    known = [group for group in work.groups if group.known]
    lines.append(heading(words.t("L’argent reçu, par payeur"), 2))
    if not fresh:
        lines.append(body(words.t("Aucune ligne nouvelle dans ce relevé.")))
    lines += [GroupCard(work, group, group.turn, words.locale) for group in fresh[:shown]]
    if len(fresh) > shown:
        lines.append(
            ft.Row(
                [secondary(words.t("Afficher la suite"), lambda _e: set_shown(shown + PAGE),
                           ft.Icons.EXPAND_MORE)],
                wrap=True,
            )
        )  # fmt: skip
    if known:
        lines.append(heading(words.t("Déjà dans le journal, ou presque"), 2))
        lines.append(
            small(
                words.t("Écartées pour ne rien compter deux fois ; changez si c’est autre chose.")
            )
        )
        lines += [GroupCard(work, group, group.turn, words.locale) for group in known[:shown]]
    return scaffold(
        services, words.t("Trier les lignes"), lines,
        footer=SortBar(work, work.totals, words.locale), back="/journal",
    )  # fmt: skip


def _bad(services: Services, statement: Statement, everything: bool, more: Any) -> ft.Control:
    words = services.words
    count = len(statement.bad)
    named = statement.bad if everything else statement.bad[:FEW]
    said = "\n".join(
        words.t("Ligne {number} : {fault}").format(
            number=bad.number, fault=words.t(FAULTS[bad.fault])
        )
        for bad in named
    )
    title = words.n(
        "Une ligne n’est pas importée", "{count} lignes ne sont pas importées", count
    ).format(count=count)
    actions = [quiet(words.t("Voir toutes les lignes"), more)] if count > len(named) else []
    return banner(said, "warning", title, actions)


def options_of(work: Sorting, words: Words, mixed: bool) -> list[ft.DropdownOption]:
    """What a line may be."""
    found = [ft.DropdownOption(key="-", text=words.t(OPTION_WAIT))] if mixed else []
    for code, label in work.book.labels.items():
        found.append(ft.DropdownOption(key=code, text=words.t(label)))
    if work.book.counter.speaks.withholding:
        for code, label in work.book.labels.items():
            found.append(
                ft.DropdownOption(
                    key=code + PLATFORM,
                    text=words.t(OPTION_PLATFORM).format(activity=words.t(label)),
                )
            )
    found.append(ft.DropdownOption(key=SKIP, text=words.t(OPTION_SKIP)))
    return found


def _choice(
    services: Services, work: Sorting, name: str, decision: str | None, act: Any
) -> ft.Control:
    words = services.words
    value = decision if decision else "-"

    def chosen(event: Any) -> None:
        picked = event.control.value or "-"
        act(UNDECIDED if picked == "-" else picked)

    return ft.Semantics(
        label=words.t("{payer} : ce que c’est").format(payer=name),
        container=True,
        content=ft.Dropdown(
            value=value,
            options=options_of(work, words, value == "-"),
            on_select=chosen,
            border=FIELD_BORDER,
            expand=True,
            menu_height=MENU,
        ),
    )


@ft.component
def GroupCard(work: Sorting, group: Group, turn: Turn, locale: str) -> ft.Control:
    """Lines of one payer: decided together, or one by one."""
    services = use_services()
    words = services.words
    opened, set_opened = ft.use_state(False)
    items = group.items
    name = group.items[0].line.client or group.items[0].line.label or words.t("Sans libellé")

    def all_of(decision: str) -> None:
        for item in items:
            item.own = False
        if group.known:
            for item in items:
                item.decision, item.reason, item.own = decision, "", True
        else:
            decide(items, items[0], decision)
            items[0].own = False
            work.rules[group.key] = decision
        turn.turn()
        work.totals.turn()

    def one_of(item: Sorted) -> Any:
        def act(decision: str) -> None:
            item.decision, item.reason, item.own = decision, "", True
            turn.turn()
            work.totals.turn()

        return act

    if len(items) == 1:
        count = _place(items[0].line, words)
    else:
        count = words.n("{count} ligne", "{count} lignes", len(items)).format(count=len(items))
    reasons = list(dict.fromkeys(words.t(item.reason) for item in items if item.reason))
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(body(name, strong=True), expand=True),
                amount(words.money(group.total, cents=True), strong=True),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START, spacing=S,
        ),
        small(" · ".join([count, *reasons])),
        _choice(services, work, name, group.decision, all_of),
    ]  # fmt: skip
    if any(item.fee for item in items):
        lines.append(
            small(
                words.t(
                    "Ce payeur retient souvent des frais ou des cotisations : le chiffre "
                    "d’affaires est le montant avant retenue. Corrigez-le après l’import."
                )
            )
        )
    warned = any(item.line.warnings for item in items)
    if warned and not opened:
        lines.append(banner(words.t("Des lignes sont à vérifier."), "warning"))
    if len(items) > 1 or warned:
        lines.append(
            ft.Row(
                [quiet(
                    words.t("Cacher les lignes") if opened else words.t("Voir chaque ligne"),
                    lambda _e: set_opened(not opened),
                    ft.Icons.EXPAND_LESS if opened else ft.Icons.EXPAND_MORE,
                )],
                wrap=True,
            )
        )  # fmt: skip
    if opened:
        for item in items:
            lines += _one_line(services, work, item, one_of(item))
    return card(lines)


def _place(line: BankLine, words: Words) -> str:
    """Where a line stands in the file, and its day."""
    return words.t("Ligne {number}, {date}").format(number=line.number, date=words.date(line.on))


def _one_line(services: Services, work: Sorting, item: Sorted, act: Any) -> Sequence[ft.Control]:
    words = services.words
    line = item.line
    said = _place(line, words)
    found: list[ft.Control] = [
        ft.Divider(height=HAIR),
        fact(said, words.money(line.amount, cents=True)),
        small(line.label),
    ]
    if line.warnings:
        found.append(
            banner(" ; ".join(words.t(WARNINGS[code]) for code in line.warnings), "warning")
        )
    found.append(_choice(services, work, said, item.decision, act))
    return found


@ft.component
def SortBar(work: Sorting, totals: Turn, locale: str) -> ft.Control:
    """What would be imported, what is left to decide, and the button."""
    services = use_services()
    words = services.words
    error, set_error = ft.use_state(None)
    sending, set_sending = ft.use_state(False)
    chosen, waiting = work.chosen(), work.waiting()
    euros = sum((item.line.amount for item in chosen), Decimal(0))

    async def send(_event: Any) -> None:
        if sending:
            return
        set_sending(True)
        set_error(None)
        try:
            done = await take_in(
                services.backend, work.book.journal,
                [work.identifier(item) for item in chosen],
                [receipt_of(item, work.name) for item in chosen],
                [rule_of(key, decision) for key, decision in work.rules.items()
                 if decision != UNDECIDED],
            )  # fmt: skip
        except (BackendError, TooMany) as problem:
            set_sending(False)
            set_error(problem)
            return
        services.cache["journal:undo"] = done
        services.cache["journal:told"] = ""
        services.go("/journal")

    def leave_out(_event: Any) -> None:
        for item in waiting:
            item.decision = SKIP
        for group in work.groups:
            group.turn.turn()
        work.totals.turn()

    lines: list[ft.Control] = []
    if isinstance(error, TooMany):
        lines.append(
            banner(
                words.t("Plus de 2 000 lignes d’un coup : demandez un relevé plus court."),
                "urgent", words.t("Rien n’est importé"), live=True,
            )
        )  # fmt: skip
    elif error is not None:
        lines.append(failure(services, error, send))
    count = len(chosen)
    said = words.n(
        "{count} encaissement à importer, {total}", "{count} encaissements à importer, {total}",
        count,
    ).format(count=count, total=words.money(euros, cents=True))  # fmt: skip
    if waiting:
        left = words.n(
            "Une ligne reste à décider.", "{count} lignes restent à décider.", len(waiting)
        ).format(count=len(waiting))
        said = f"{said}. {left}"
    lines.append(ft.Semantics(live_region=True, container=True, content=body(said)))
    buttons: list[ft.Control] = [
        primary(
            words.t("Import en cours…") if sending else words.t("Importer"), send,
            ft.Icons.CHECK, disabled=sending or bool(waiting) or not chosen,
        )
    ]  # fmt: skip
    if waiting:
        buttons.append(secondary(words.t("Écarter ce qui reste"), leave_out))
    lines.append(ft.Row(buttons, wrap=True, spacing=S))
    return ft.Column(lines, spacing=S, tight=True)
