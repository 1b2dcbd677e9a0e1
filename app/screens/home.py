"""Home: what, when, how much, in one glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import amber, primary, quiet, secondary
from app.components.cards import HERO, HERO_SOFT, card, divided, fact, hero, listed, tile
from app.components.charts import gauge_bar, on_picture, year_picture
from app.components.dues import PAYABLE, due_name, due_state, reason
from app.components.heard import apart
from app.components.load import use_load
from app.components.notes import home_card
from app.components.paycalendar import PayCalendar, days_of_calls
from app.components.shell import scaffold
from app.components.states import LEVELS, banner, failure, no_activity
from app.components.steps import resume_path
from app.components.terms import words_here
from app.components.text import big, body, heading, small
from app.glossary import terms_in
from app.screens.delegates import account_label
from app.screens.professions.base import (
    SetAside,
    Shortcut,
    Wording,
    profession,
    read_profile,
    wording,
)
from app.screens.rights import rights_line
from app.services.ahead import Reading
from app.services.backend import BackendError
from app.services.bill import Counter, bills
from app.services.container import Services, use_services
from app.services.foresight import Foreseen, foresee, next_period
from app.services.journal import Journal, open_journal
from app.services.overview import read_overview
from app.theme import LIST, READING, SM, WIDE, XS, L, M, S
from contract.accounts import Overview, PeriodView
from contract.payments import DueView, Paying
from contract.people import MessageNotice
from regimes.dated import RateTable
from regimes.money import round_euro


@dataclass(frozen=True)
class Known:
    """What the home screen reads before it is drawn."""

    overview: Overview
    rates: RateTable
    journal: Journal | None
    foreseen: Foreseen | None
    dues: Sequence[DueView] = ()
    """What was ever asked, settled or not, of those who pay provisional calls."""


@dataclass(frozen=True)
class Block:
    """A card and about how tall it is, in lines of text: two columns are balanced by it."""

    control: ft.Control
    lines: int


async def _read(services: Services) -> Known | None:
    found = await read_overview(services)
    if found is None:
        return None
    overview, rates = found
    journal = None
    if noted_by(overview):
        journal = await open_journal(services.backend, overview.account.id)
    foreseen = await foresee(services.backend, overview, rates, journal)
    dues: Sequence[DueView] = ()
    if any(call.provisional for call in overview.calls):
        paying = await services.backend.get(Paying, f"/accounts/{overview.account.id}/paying")
        dues = paying.dues
    return Known(overview, rates, journal, foreseen, dues)


def _reading(services: Services) -> str:
    account = services.session.account
    return f"home/{account.id}" if account else ""


def read_ahead(services: Services, _params: Mapping[str, str]) -> Reading | None:
    """What home is shown with, for a window that opens there."""
    name = _reading(services)
    return Reading(name, lambda: _read(services)) if name else None


@ft.component
def Home() -> ft.Control:
    """The next deadline, what is late, what to set aside, the year against its ceilings."""
    services = use_services()
    words = services.words
    account = services.session.account

    loaded = use_load(
        services, lambda: _read(services), [account.id if account else ""], name=_reading(services)
    )
    if account is None:
        return scaffold(
            services, words.t("Accueil"),
            [no_activity(services)],
        )  # fmt: skip
    if loaded.value is None:
        return scaffold(services, words.t("Accueil"), [loaded.other(services, "cards")])
    known = loaded.value
    overview = known.overview
    wide = services.layout.wide
    # The answer first, then what cannot wait, what is worth knowing, and the year.
    answer = Block(_answer(services, known), 11)
    blocks = [
        *_unconfirmed(services, overview),
        *_money(services, overview),
        *_alerts(services, overview),
        *_shortcuts(services, overview),
        *_journal(services, known),
        *_year(services, overview),
        *_payments(services, known),
        *_set_aside(services, known),
        Block(rights_line(services), 4),
        _latest(services, overview),
    ]
    switch = AccountSwitch(services) if len(services.session.accounts) > 1 else None
    lines: list[ft.Control] = [small(overview.account.name)]
    if wide:
        lines.append(
            ft.Row(
                [
                    ft.Container(
                        apart(
                            ft.Column(part, spacing=M, tight=True,
                                      horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
                        ),
                        expand=True,
                    )
                    for part in balanced([answer, *blocks])
                ],
                spacing=L,
                vertical_alignment=ft.CrossAxisAlignment.START,
            )
        )  # fmt: skip
    else:
        lines += [block.control for block in (answer, *blocks)]
    return scaffold(
        services, words.t("Accueil"), lines, beside=switch, width=WIDE if wide else READING
    )


def balanced(blocks: Sequence[Block]) -> tuple[list[ft.Control], list[ft.Control]]:
    """Two columns about as tall, each in the order given: a card goes where there is room."""
    columns: tuple[list[ft.Control], list[ft.Control]] = ([], [])
    tall = [0, 0]
    for block in blocks:
        column = 0 if tall[0] <= tall[1] else 1
        columns[column].append(block.control)
        tall[column] += block.lines + 3
    return columns


@ft.component
def AccountSwitch(services: Services) -> ft.Control:
    """Choose among several activities."""
    words = services.words

    def choose(event: Any) -> None:
        services.session.account_id = event.control.value

    return ft.Semantics(
        label=words.t("Activité affichée"),
        content=ft.Dropdown(
            value=services.session.account.id if services.session.account else None,
            options=[
                ft.DropdownOption(key=a.id, text=account_label(a, words))
                for a in services.session.accounts
            ],
            on_select=choose,
            width=LIST,
        ),
    )


def _unconfirmed(services: Services, overview: Overview) -> list[Block]:
    if overview.email_confirmed:
        return []
    return [Block(ConfirmBanner(services), 5)]


@ft.component
def ConfirmBanner(services: Services) -> ft.Control:
    """The address is not confirmed: say so, and send the message again."""
    words = services.words
    sent, set_sent = ft.use_state("")
    error, set_error = ft.use_state(None)

    async def resend(_event: Any) -> None:
        try:
            notice = await services.backend.send(
                MessageNotice, "POST", "/email-confirmations/resend"
            )
        except BackendError as problem:
            set_error(problem)
            return
        told = words.t("Message envoyé. Ouvrez le lien qu’il contient.")
        if notice.outbox:
            told += " " + words.t("Sans serveur d’e-mail, il est dans le dossier {folder}.").format(
                folder=notice.outbox
            )
        set_sent(told)

    if error is not None:
        return failure(services, error, resend)
    if sent:
        return banner(sent, "success", live=True)
    return banner(
        words.t("Vous pouvez tout préparer ; pour envoyer, confirmez votre adresse e-mail."),
        "warning",
        words.t("Adresse à confirmer"),
        [secondary(words.t("Renvoyer le message"), resend)],
    )


def days_left(overview: Overview, due: date) -> int:
    """Days from today to `due`; negative when it is past."""
    return (due - overview.today).days


def _answer(services: Services, known: Known) -> ft.Control:
    """What, when, how much, and the button."""
    period = next_period(known.overview)
    if period is not None:
        return _to_declare(services, known, period)
    asked = next_asked(known.overview)
    if asked is not None:
        return _to_pay(services, known.overview, asked)
    return hero(_nothing(services, known.overview))


def _to_declare(services: Services, known: Known, period: PeriodView) -> ft.Control:
    words, overview = services.words, known.overview
    says = wording(overview.account.regime)
    speaks = profession(overview.account.regime)
    left = days_left(overview, period.due)
    if period.state == "late":
        when = words.n("En retard d’un jour", "En retard de {count} jours", -left).format(
            count=max(1, -left)
        )
    elif left == 0:
        when = words.t("Aujourd’hui, avant {hour}").format(hour=words.hour(period.due_at))
    else:
        when = words.n("Il reste un jour", "Il reste {count} jours", left).format(count=left)
    name = words.period(period.start, period.end)
    due = says.was_due if period.state == "late" else says.due_before
    lines: list[ft.Control] = [
        small(words.t("Prochaine échéance"), color=HERO_SOFT),
        heading(name[:1].upper() + name[1:], 2, color=HERO),
        big(when, color=HERO),
        body(
            words.t(due).format(due=words.date(period.due), hour=words.hour(period.due_at)),
            color=HERO_SOFT,
        ),
    ]
    how_much = _how_much(services, known)
    if how_much:
        lines += [ft.Divider(height=M, color=ft.Colors.PRIMARY_FIXED_DIM), *how_much]
    lines.append(
        ft.Container(
            amber(
                words.t(says.resume if period.has_draft else says.begin),
                lambda _e: services.go(resume_path(period)),
                ft.Icons.EDIT_NOTE,
            ),
            padding=ft.Padding.symmetric(vertical=S),
        )
    )
    if period.optional and speaks.optional_note:
        lines.append(small(words.t(speaks.optional_note), color=HERO_SOFT))
    if period.note:
        lines.append(small(words.t(period.note), color=HERO_SOFT))
    return hero(lines)


def _how_much(services: Services, known: Known) -> list[ft.Control]:
    """The amount as far as it is known, or the share of what comes in that it will be."""
    words, found = services.words, known.foreseen
    if found is not None:
        origin = words.t("Estimation, d’après votre journal")
        if found.origin == "draft":
            origin = words.t("Estimation, d’après votre brouillon")
        lines: list[ft.Control] = [_hero_fact(origin, words.money(found.amount))]
        if found.partial:
            lines.append(
                small(words.t("Total partiel : une ligne n’est pas calculée."), color=HERO_SOFT)
            )
        return lines
    kept = _kept(known)
    if not kept:
        return []
    least, most = min(i.percent for i in kept), max(i.percent for i in kept)
    share = words.percent(most)
    if least != most:
        share = words.t("{least} à {most}").format(
            least=words.percent(least), most=words.percent(most)
        )
    return [_hero_fact(words.t("À payer, sur ce que vous avez encaissé"), share)]


def _hero_fact(label: str, value: str) -> ft.Control:
    return ft.Row(
        [
            body(label, color=HERO_SOFT),
            ft.Text(value, theme_style=ft.TextThemeStyle.HEADLINE_SMALL, color=HERO),
        ],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN, wrap=True, spacing=S, run_spacing=0,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )  # fmt: skip


def next_asked(overview: Overview) -> DueView | Upcoming | None:
    """What is to be paid next when nothing is to be declared: a due, or the next call."""
    waiting = [d for d in overview.dues if d.open > 0 and d.state not in {"paid", "plan"}]
    if waiting:
        rank = {"rejected": 0, "late": 0}
        return min(waiting, key=lambda d: (rank.get(d.state, 1), d.due_on))
    due = overview.balance
    if due.next_date is not None and due.to_pay_next > 0:
        return Upcoming(due.next_date, due.to_pay_next)
    return None


@dataclass(frozen=True)
class Upcoming:
    """A call that has its day and its amount, and is not to be paid by hand."""

    on: date
    amount: Decimal


def _to_pay(services: Services, overview: Overview, asked: DueView | Upcoming) -> ft.Control:
    words = services.words
    says = wording(overview.account.regime)
    if isinstance(asked, Upcoming):
        lines: list[ft.Control] = [
            small(words.t("Prochain paiement"), color=HERO_SOFT),
            big(words.money(asked.amount), color=HERO),
            body(words.t("Le {date}").format(date=words.date(asked.on)), color=HERO),
            body(words.t(says.owed), color=HERO_SOFT),
        ]
    else:
        lines = [
            small(words.t("Prochain paiement"), color=HERO_SOFT),
            heading(due_name(asked, words), 2, color=HERO),
            big(words.money(asked.open), color=HERO),
            body(due_state(asked, words), color=HERO_SOFT),
        ]
        if asked.state in PAYABLE:
            label = "Payer de nouveau" if asked.state == "rejected" else "Payer"
            lines.append(
                ft.Container(
                    amber(
                        words.t(label), lambda _e: services.go(f"/pay/{asked.code}"),
                        ft.Icons.PAYMENTS_OUTLINED,
                    ),
                    padding=ft.Padding.symmetric(vertical=S),
                )
            )  # fmt: skip
    coming = _nothing(services, overview)
    return hero([*lines, ft.Divider(height=M, color=ft.Colors.PRIMARY_FIXED_DIM), *coming])


def _nothing(services: Services, overview: Overview) -> list[ft.Control]:
    """Nothing to declare today, and when there will be."""
    words = services.words
    says = wording(overview.account.regime)
    lines: list[ft.Control] = [heading(words.t(says.nothing), 2, color=HERO)]
    running = next((p for p in overview.periods if p.state == "upcoming"), None)
    if running is not None:
        name = words.period(running.start, running.end)
        lines.append(
            body(
                words.t(says.coming).format(
                    period=name[:1].upper() + name[1:],
                    opens=words.date(running.opens), due=words.date(running.due),
                    hour=words.hour(running.due_at),
                ),
                color=HERO_SOFT,
            )
        )  # fmt: skip
    return lines


def _alerts(services: Services, overview: Overview) -> list[Block]:
    """What cannot wait in a box of its own; the rest in one card, each with its sign."""
    words = services.words
    speaks = profession(overview.account.regime)
    found: list[Block] = []
    rows: list[ft.Control] = []
    for alert in overview.alerts:
        title, text = speaks.alert(alert, words)
        if alert.note:
            text += " " + words.t(alert.note)
        actions = []
        if alert.route and alert.code != "late_declarations":
            actions.append(quiet(words.t("Voir"), lambda _e, route=alert.route: services.go(route)))
        if alert.level == "urgent":
            found.append(Block(banner(text, alert.level, title, actions), 5))
        else:
            rows.append(_remark(title, text, alert.level, actions))
    penalties = [s for s in overview.sanctions if not s.waived]
    if penalties:
        total = sum((s.amount for s in penalties if s.code == "penalty.missing"), Decimal(0))
        law = penalties[0].law
        if total:
            rows.append(
                _remark(
                    words.t("Pénalité encourue"),
                    words.t("Pénalité encourue à ce jour : {amount} ({law}).").format(
                        amount=words.money(total), law=law
                    ),
                    "warning", [],
                )
            )  # fmt: skip
    if rows:
        head = heading(words.t("À savoir"), 2)
        # A code says what an alert is about: « acre_ends », in any language of its sentences.
        about = terms_in(f"{alert.code.replace('_', ' ')} " for alert in overview.alerts)
        found.append(Block(card([head, *divided(rows), *words_here(*about)]), 2 + 4 * len(rows)))
    return found


def _remark(title: str, text: str, level: str, actions: list[ft.Control]) -> ft.Control:
    """Something worth knowing, its sign before it."""
    _, _, icon = LEVELS[level]
    colour = ft.Colors.TERTIARY if level == "warning" else ft.Colors.PRIMARY
    return ft.Row(
        [
            ft.Icon(icon, color=colour),
            ft.Column([body(title, strong=True), body(text), *actions], spacing=XS, tight=True,
                      expand=True),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START, spacing=SM,
    )  # fmt: skip


def _money(services: Services, overview: Overview) -> list[Block]:
    """What is to be paid, unless the card that answers says it already."""
    words = services.words
    says = wording(overview.account.regime)
    due = overview.balance
    answered = next_period(overview) is None
    if overview.dues:
        first = next_asked(overview) if answered else None
        dues = [d for d in overview.dues if d is not first or d.state == "rejected"]
        return [Block(_dues(services, dues), 4 + 4 * len(dues[:3]))] if dues else []
    lines: list[ft.Control] = [heading(words.t("À payer"), 2)]
    if due.next_date is None:
        return [Block(card([*lines, body(words.t(says.none_owed))]), 4)]
    if answered and due.to_pay_next > 0:
        return []
    lines += [
        fact(
            words.t("Le {date}").format(date=words.date(due.next_date)),
            words.money(due.to_pay_next), strong=True,
        ),
        small(words.t(says.owed)),
    ]  # fmt: skip
    return [Block(card(lines), 5)]


def _dues(services: Services, asked: Sequence[DueView]) -> ft.Control:
    """What is asked and where each payment stands; what is rejected or late comes first."""
    words = services.words
    rank = {"rejected": 0, "late": 1}
    dues = sorted(asked, key=lambda d: (rank.get(d.state, 2), d.due_on))
    lines: list[ft.Control] = [heading(words.t("À payer"), 2)]
    for due in dues[:3]:
        lines.append(
            fact(
                due_name(due, words), words.money(due.open if due.open > 0 else due.amount),
                strong=True,
            )
        )  # fmt: skip
        lines.append(small(due_state(due, words)))
        if due.state == "rejected" and due.payment is not None:
            lines.append(banner(reason(words, due.payment.reason), "urgent"))
        if due.state in PAYABLE:
            label = "Payer de nouveau" if due.state == "rejected" else "Payer"
            lines.append(
                ft.Row(
                    [
                        secondary(
                            words.t(label),
                            lambda _e, code=due.code: services.go(f"/pay/{code}"),
                            ft.Icons.PAYMENTS_OUTLINED,
                        )
                    ],
                    wrap=True,
                )
            )  # fmt: skip
    lines.append(
        ft.Row([quiet(words.t("Tous les paiements"), lambda _e: services.go("/payments"))])
    )
    return card(lines)


def noted_by(overview: Overview) -> bool:
    """Whether this account notes receipts."""
    account = overview.account
    profile = read_profile(account.regime, account.profile)
    return bool(profession(account.regime).activities(profile))


def _journal(services: Services, known: Known) -> list[Block]:
    journal, overview = known.journal, known.overview
    if journal is None:
        return []
    found = bills(Counter(overview, known.rates), journal) if journal.notes else []
    running = [b for b in found if b.view.start <= overview.today <= b.view.end]
    return [Block(home_card(services, running[0] if running else None, len(journal.notes)), 7)]


def _shortcuts(services: Services, overview: Overview) -> list[Block]:
    """The way to the screens of the profession, when it has some."""
    speaks = profession(overview.account.regime)
    if not speaks.shortcuts:
        return []
    words = services.words
    main, *others = speaks.shortcuts

    def button(kind: Any, shortcut: Shortcut) -> ft.Control:
        icon = getattr(ft.Icons, shortcut.icon)
        control: ft.Control = kind(
            words.t(shortcut.label), lambda _e: services.go(shortcut.route), icon
        )
        return control

    control = card(
        [
            heading(words.t(speaks.shortcuts_title), 2),
            button(primary, main),
            ft.Row([button(secondary, other) for other in others], wrap=True),
        ]
    )
    return [Block(control, 9)]


def _kept(known: Known) -> list[SetAside]:
    """What is to be kept of each receipt today, by activity."""
    account = known.overview.account
    profile = read_profile(account.regime, account.profile)
    return profession(account.regime).set_aside(profile, known.overview.today, known.rates)


def _set_aside(services: Services, known: Known) -> list[Block]:
    words = services.words
    kept = _kept(known)
    if not kept:
        return []
    control = card(
        [
            heading(words.t("À mettre de côté"), 2),
            small(words.t("Sur chaque encaissement d’aujourd’hui, tout compris :")),
            *(fact(words.t(item.label), words.percent(item.percent)) for item in kept),
            *words_here(*terms_in(item.label for item in kept)),
        ]
    )
    return [Block(control, 3 + len(kept))]


def _year(services: Services, overview: Overview) -> list[Block]:
    words = services.words
    speaks = profession(overview.account.regime)
    months = speaks.year(overview)
    if not months:
        return []
    total = round_euro(sum((value for _, value in months), Decimal(0)))
    drawn = on_picture(overview.gauges, total)
    control = card(
        [
            heading(words.t("Votre année {year}").format(year=overview.today.year), 2),
            fact(words.t(speaks.year_label), words.money(total), strong=True),
            year_picture(
                [(words.month_letter(m), words.month(m), value) for m, value in months],
                drawn, words,
            ),
            *(gauge_bar(gauge, words) for gauge in overview.gauges if gauge not in drawn),
            *words_here(*terms_in([speaks.year_label, *(g.label for g in overview.gauges)])),
        ]
    )  # fmt: skip
    return [Block(control, 13 + 3 * len(overview.gauges))]


def _payments(services: Services, known: Known) -> list[Block]:
    """The year of someone who pays provisional calls, as a calendar."""
    overview = known.overview
    if not any(call.provisional for call in overview.calls):
        return []
    words = services.words
    year = overview.today.year
    days = tuple(days_of_calls(overview, known.dues, year, words))
    calls = [call for call in overview.calls if call.on.year == year]
    lines: list[ft.Control] = [
        heading(words.t("Vos paiements {year}").format(year=year), 2),
        fact(words.t("Appelé par l’Urssaf sur l’année"),
             words.money(sum((c.amount for c in calls), Decimal(0))), strong=True),
        PayCalendar(year, overview.today, days, words),
    ]  # fmt: skip
    if any(call.amount < 0 and call.on >= overview.today for call in calls):
        lines.append(small(words.t("Un montant négatif vous est remboursé.")))
    lines.append(
        small(
            words.t(
                "Dates à confirmer, montants provisoires : ils suivent votre dernier revenu connu."
            )
        )
    )
    lines += words_here("appel_provisionnel", "regularisation")
    return [Block(card(lines), 24)]


def _latest(services: Services, overview: Overview) -> Block:
    words = services.words
    says = wording(overview.account.regime)
    sent = [p for p in reversed(overview.periods) if p.submission][:3]
    lines: list[ft.Control] = [heading(words.t(says.latest), 2)]
    if not sent:
        lines.append(body(words.t(says.nothing_sent)))
    if sent:
        lines.append(listed([period_tile(services, period, says) for period in sent]))
        lines.append(
            ft.Row([quiet(words.t("Tout l’historique"), lambda _e: services.go("/history"))])
        )
    return Block(card(lines), 4 + 3 * len(sent))


def period_tile(services: Services, period: PeriodView, says: Wording) -> ft.Control:
    """A declared period: name, when it was sent, what is due."""
    words = services.words
    name = words.period(period.start, period.end)
    sent = words.t(says.sent_on).format(
        date=words.day_month(period.filed_at.date()) if period.filed_at else ""
    )
    if period.state == "corrected":
        sent += " · " + words.t("corrigée")
    euros = words.money(period.amount_due or Decimal(0))
    return tile(
        name[:1].upper() + name[1:], sent, euros,
        lambda _e: services.go(f"/history/{period.code}"), ft.Icons.TASK_ALT,
        f"{name}, {sent}, {euros}",
    )  # fmt: skip
