"""Home: what, when, how much, in one glance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact, tile
from app.components.charts import gauge_bar, year_bars
from app.components.dues import PAYABLE, due_name, due_state, reason
from app.components.heard import apart
from app.components.load import use_load
from app.components.notes import home_card
from app.components.shell import scaffold
from app.components.states import banner, empty, failure
from app.components.text import big, body, heading, small
from app.screens.delegates import account_label
from app.screens.professions.base import Shortcut, Wording, profession, read_profile, wording
from app.services.backend import BackendError
from app.services.bill import Counter, bills
from app.services.container import Services, use_services
from app.services.journal import Journal, open_journal
from contract.accounts import Overview, PeriodView
from contract.people import MessageNotice
from regimes.dated import RateTable

TO_DO = {"to_declare", "draft", "late"}


@ft.component
def Home() -> ft.Control:
    """The next deadline, what is late, what to set aside, the year against its ceilings."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> tuple[Overview, RateTable, Journal | None] | None:
        if account is None:
            return None
        overview = await services.backend.get(Overview, f"/accounts/{account.id}/overview")
        rates = await services.rates.table(account.regime)
        journal = None
        if noted_by(overview):
            journal = await open_journal(services.backend, account.id)
        return overview, rates, journal

    loaded = use_load(services, fetch, [account.id if account else ""])
    if account is None:
        return scaffold(
            services, words.t("Accueil"),
            [
                empty(
                    words.t("Aucune activité pour l’instant"),
                    words.t("Ajoutez votre activité pour connaître vos échéances."),
                    primary(
                        words.t("Ajouter une activité"), lambda _e: services.go("/accounts/new")
                    ),
                )
            ],
        )  # fmt: skip
    if loaded.value is None:
        return scaffold(services, words.t("Accueil"), [loaded.other(services)])
    overview, rates, journal = loaded.value
    wide = services.layout.wide
    first = [
        *_unconfirmed(services, overview),
        _deadline(services, overview),
        *_alerts(services, overview),
        *_shortcuts(services, overview),
        *_journal(services, overview, rates, journal),
        _money(services, overview),
    ]
    second = [
        *_set_aside(services, overview, rates),
        *_year(services, overview),
        *_payments(services, overview),
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
                            ft.Column(part, spacing=16, tight=True,
                                      horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
                        ),
                        expand=True,
                    )
                    for part in (first, second)
                ],
                spacing=24,
                vertical_alignment=ft.CrossAxisAlignment.START,
            )
        )  # fmt: skip
    else:
        lines += [*first, *second]
    return scaffold(services, words.t("Accueil"), lines, beside=switch, width=1080 if wide else 720)


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
            width=220,
        ),
    )


def _unconfirmed(services: Services, overview: Overview) -> list[ft.Control]:
    if overview.email_confirmed:
        return []
    return [ConfirmBanner(services)]


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


def next_period(overview: Overview) -> PeriodView | None:
    """The oldest period to declare, or None."""
    return next((p for p in overview.periods if p.state in TO_DO), None)


def days_left(overview: Overview, due: date) -> int:
    """Days from today to `due`; negative when it is past."""
    return (due - overview.today).days


def _deadline(services: Services, overview: Overview) -> ft.Control:
    words = services.words
    says = wording(overview.account.regime)
    speaks = profession(overview.account.regime)
    period = next_period(overview)
    if period is None:
        running = next((p for p in overview.periods if p.state == "upcoming"), None)
        lines: list[ft.Control] = [heading(words.t(says.nothing), 2)]
        if running is not None:
            lines.append(
                body(
                    words.t(says.coming).format(
                        period=words.period(running.start, running.end),
                        opens=words.date(running.opens), due=words.date(running.due),
                        hour=words.hour(running.due_at),
                    )
                )
            )  # fmt: skip
        return card(lines, emphasis=True)
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
    return card(
        [
            small(words.t("Prochaine échéance"), color=ft.Colors.ON_PRIMARY_CONTAINER),
            heading(name[:1].upper() + name[1:], 2, color=ft.Colors.ON_PRIMARY_CONTAINER),
            big(when, color=ft.Colors.ON_PRIMARY_CONTAINER),
            body(
                words.t(due).format(due=words.date(period.due), hour=words.hour(period.due_at)),
                color=ft.Colors.ON_PRIMARY_CONTAINER,
            ),
            *(
                [body(words.t(speaks.optional_note), color=ft.Colors.ON_PRIMARY_CONTAINER)]
                if period.optional and speaks.optional_note
                else []
            ),
            *(
                [small(words.t(period.note), color=ft.Colors.ON_PRIMARY_CONTAINER)]
                if period.note
                else []
            ),
            ft.Row(
                [
                    primary(
                        words.t(says.resume if period.has_draft else says.begin),
                        lambda _e: services.go(f"/declare/{period.code}/amounts"),
                        ft.Icons.EDIT_NOTE,
                    )
                ],
                wrap=True,
            ),
        ],
        emphasis=True,
    )


def _alerts(services: Services, overview: Overview) -> list[ft.Control]:
    words = services.words
    speaks = profession(overview.account.regime)
    found: list[ft.Control] = []
    for alert in overview.alerts:
        title, text = speaks.alert(alert, words)
        if alert.note:
            text += " " + words.t(alert.note)
        actions = []
        if alert.route and alert.code != "late_declarations":
            actions.append(quiet(words.t("Voir"), lambda _e, route=alert.route: services.go(route)))
        found.append(banner(text, alert.level, title, actions))
    penalties = [s for s in overview.sanctions if not s.waived]
    if penalties:
        total = sum((s.amount for s in penalties if s.code == "penalty.missing"), Decimal(0))
        law = penalties[0].law
        if total:
            found.append(
                banner(
                    words.t("Pénalité encourue à ce jour : {amount} ({law}).").format(
                        amount=words.money(total), law=law
                    ),
                    "warning",
                )
            )
    return found


def _money(services: Services, overview: Overview) -> ft.Control:
    words = services.words
    says = wording(overview.account.regime)
    due = overview.balance
    lines: list[ft.Control] = [heading(words.t("À payer"), 2)]
    if overview.dues:
        return _dues(services, overview)
    if due.next_date is not None:
        lines.append(
            fact(
                words.t("Le {date}").format(date=words.date(due.next_date)),
                words.money(due.to_pay_next), strong=True,
            )
        )  # fmt: skip
        lines.append(small(words.t(says.owed)))
    else:
        lines.append(body(words.t(says.none_owed)))
    return card(lines)


def _dues(services: Services, overview: Overview) -> ft.Control:
    """What is asked and where each payment stands; what is rejected or late comes first."""
    words = services.words
    rank = {"rejected": 0, "late": 1}
    dues = sorted(overview.dues, key=lambda d: (rank.get(d.state, 2), d.due_on))
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


def _journal(
    services: Services, overview: Overview, rates: RateTable, journal: Journal | None
) -> list[ft.Control]:
    if journal is None:
        return []
    found = bills(Counter(overview, rates), journal) if journal.notes else []
    running = [b for b in found if b.view.start <= overview.today <= b.view.end]
    return [home_card(services, running[0] if running else None, len(journal.notes))]


def _shortcuts(services: Services, overview: Overview) -> list[ft.Control]:
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

    return [
        card(
            [
                heading(words.t(speaks.shortcuts_title), 2),
                button(primary, main),
                ft.Row([button(secondary, other) for other in others], wrap=True),
            ]
        )
    ]


def _set_aside(services: Services, overview: Overview, rates: RateTable) -> list[ft.Control]:
    words = services.words
    account = overview.account
    profile = read_profile(account.regime, account.profile)
    kept = profession(account.regime).set_aside(profile, overview.today, rates)
    if not kept:
        return []
    return [
        card(
            [
                heading(words.t("À mettre de côté"), 2),
                small(words.t("Sur chaque encaissement d’aujourd’hui, tout compris :")),
                *(fact(words.t(item.label), words.percent(item.percent)) for item in kept),
            ]
        )
    ]


def _year(services: Services, overview: Overview) -> list[ft.Control]:
    words = services.words
    speaks = profession(overview.account.regime)
    months = speaks.year(overview)
    if not months:
        return []
    total = sum((value for _, value in months), Decimal(0))
    return [card(
        [
            heading(words.t("Votre année {year}").format(year=overview.today.year), 2),
            fact(words.t(speaks.year_label), words.money(total.quantize(Decimal(1))),
                 strong=True),
            year_bars(
                [(words.month_letter(m), words.month(m), value.quantize(Decimal(1)))
                 for m, value in months],
                words,
            ),
            *(gauge_bar(gauge, words) for gauge in overview.gauges),
        ]
    )]  # fmt: skip


def _payments(services: Services, overview: Overview) -> list[ft.Control]:
    """The year of someone who pays provisional calls: a picture by month, then each call."""
    if not any(call.provisional for call in overview.calls):
        return []
    words = services.words
    year = overview.today.year
    calls = [call for call in overview.calls if call.on.year == year]
    months = [date(year, month, 1) for month in range(1, 13)]
    totals = {
        month: max(
            Decimal(0), sum((c.amount for c in calls if c.on.month == month.month), Decimal(0))
        )
        for month in months
    }
    lines: list[ft.Control] = [
        heading(words.t("Vos paiements {year}").format(year=year), 2),
        fact(words.t("Appelé par l’Urssaf sur l’année"),
             words.money(sum((c.amount for c in calls), Decimal(0))), strong=True),
        year_bars(
            [(words.month_letter(m), words.month(m), totals[m]) for m in months], words
        ),
    ]  # fmt: skip
    for call in calls:
        name = words.t("{date} : {label}").format(
            date=words.day_month(call.on), label=words.t(call.label)
        )
        if not call.provisional:
            name = words.t("{name} de {year}").format(name=name, year=call.period)
        past = call.on < overview.today
        lines.append(fact(name, words.money(call.amount), strong=not call.provisional))
        if not past and call.amount < 0:
            lines.append(small(words.t("Un montant négatif vous est remboursé.")))
    lines.append(
        small(
            words.t(
                "Dates à confirmer, montants provisoires : ils suivent votre dernier revenu connu."
            )
        )
    )
    return [card(lines)]


def _latest(services: Services, overview: Overview) -> ft.Control:
    words = services.words
    says = wording(overview.account.regime)
    sent = [p for p in reversed(overview.periods) if p.submission][:3]
    lines: list[ft.Control] = [heading(words.t(says.latest), 2)]
    if not sent:
        lines.append(body(words.t(says.nothing_sent)))
    lines += [period_tile(services, period, says) for period in sent]
    if sent:
        lines.append(
            ft.Row([quiet(words.t("Tout l’historique"), lambda _e: services.go("/history"))])
        )
    return card(lines)


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
