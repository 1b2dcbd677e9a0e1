"""What if I earned…: a year simulated as it is typed, compared with another, kept in a link."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import flet as ft

from app.components.breakdown import breakdown
from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.charts import gauge_bar, share_ring
from app.components.choices import one_of
from app.components.load import use_load
from app.components.said import told
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import amount, big, body, heading, small
from app.forms.answers import FAULTS
from app.forms.render import StepView
from app.screens.access import REFUSALS, query
from app.screens.rights import Why, quarters_said
from app.services.circles import weakly
from app.services.container import Services, use_services
from app.services.simulating import (
    PARAMETER,
    Outcome,
    Situation,
    Work,
    link,
    open_situation,
    open_work,
    simulated,
)
from app.theme import ML, READING, XXS, L, M, S
from contract.i18n import Words
from regimes.money import round_cent, round_euro
from regimes.regime import Gauge
from regimes.registry import REGISTRY
from regimes.simulation import Crossing, Simulation, difference

WIDE = 1080


@ft.component
def Simulator() -> ft.Control:
    """The situations of the link that was opened, or an empty one."""
    services = use_services()
    words = services.words
    asked, set_asked = ft.use_state(lambda: _regime(services))
    # Read once: the address may change while the person stays.
    token, _ = ft.use_state(lambda: query(services).get(PARAMETER, ""))
    loaded = use_load(services, lambda: open_work(services, "" if asked else token, asked), [asked])
    title = words.t("Simulateur")
    back = "/home" if services.session.signed_in else "/"
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back=back)
    work, good = loaded.value
    lines: list[ft.Control] = [
        body(
            words.t(
                "Et si je gagnais… ? Rien n’est enregistré ni envoyé : le calcul est le même que "
                "celui d’une déclaration."
            )
        )
    ]
    if not good:
        lines.append(banner(words.t("Ce lien est incomplet : rien n’a pu en être lu."), "warning"))
    codes = simulated()
    lines.append(
        one_of(
            words.t("Votre régime"),
            [(code, words.t(REGISTRY.get(code).label)) for code in codes],
            work.regime,
            set_asked,
        )
    )
    others = [c for c in REGISTRY.codes() if c not in codes]
    if others:
        names = ", ".join(words.t(REGISTRY.get(c).label) for c in others)
        lines.append(small(words.t("Pas de simulateur ici pour : {names}.").format(names=names)))
    lines.append(Board(work, key=f"board-{work.regime}-{id(work)}"))
    wide = services.layout.wide
    foot = None if wide else Foot(work, work.turn, words, key=f"foot-{id(work)}")
    return scaffold(services, title, lines, foot, back, width=WIDE if wide else READING)


def _regime(services: Services) -> str:
    """The profession that the address asks for, when it is one of ours."""
    found = query(services).get("regime", "")
    return found if found in simulated() else ""


@ft.component
def Board(work: Work) -> ft.Control:
    """One situation, or two side by side; their difference; the link."""
    services = use_services()
    words = services.words
    twin, set_twin = ft.use_state(work.other is not None)
    shown, set_shown = ft.use_state("a")
    wide = services.layout.wide
    for situation in (work.one, work.other):
        if situation is not None:
            situation.heard = weakly(work.heard)
            situation.model.services = services

    def compare(_event: Any) -> None:
        one = work.one
        work.other = open_situation(one.regime, one.rates, one.today, words, one.model.raw)
        set_shown("b")
        set_twin(True)
        work.heard()

    def alone(_event: Any) -> None:
        work.other = None
        set_shown("a")
        set_twin(False)
        work.heard()

    lines: list[ft.Control] = []
    if not twin or work.other is None:
        lines += [
            Side(work.one, "", key="one"),
            ft.Row([secondary(words.t("Comparer avec une autre situation"), compare,
                              ft.Icons.COMPARE_ARROWS)], wrap=True),
        ]  # fmt: skip
    else:
        sides = {"a": work.one, "b": work.other}
        names = {"a": words.t("Situation A"), "b": words.t("Situation B")}
        lines.append(Difference(work, work.turn, words))
        if wide:
            lines.append(
                ft.Row(
                    [
                        ft.Container(Side(sides[n], names[n], key=n), expand=True)
                        for n in ("a", "b")
                    ],
                    spacing=L, vertical_alignment=ft.CrossAxisAlignment.START,
                )
            )  # fmt: skip
        else:
            lines += [
                one_of(words.t("Situation affichée"), list(names.items()), shown, set_shown),
                Side(sides[shown], names[shown], key=shown),
            ]
        lines += [
            ft.Row([quiet(words.t("Ne plus comparer"), alone, ft.Icons.CLOSE)], wrap=True),
        ]
    lines.append(LinkCard(work))
    return ft.Column(
        lines, spacing=ML, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


@ft.component
def Side(situation: Situation, name: str) -> ft.Control:
    """The questions of a situation and its results: beside each other where there is room."""
    services = use_services()
    step = situation.form.steps[0]
    form = ft.Column(
        [
            *([heading(name, 2)] if name else []),
            StepView(situation.model, step, situation.model.shape),
        ],
        spacing=M, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip
    results = Results(situation.outcome, services.words)
    if services.layout.wide and not name:
        return ft.Row(
            [ft.Container(form, expand=True), ft.Container(results, expand=True)],
            spacing=L, vertical_alignment=ft.CrossAxisAlignment.START,
        )  # fmt: skip
    return ft.Column(
        [form, results], spacing=ML, tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


@ft.component
def Foot(work: Work, turn: Any, words: Words) -> ft.Control:
    """On a phone the results stand under the questions: what is left stays in sight."""
    rows: list[ft.Control] = []
    sides = [(words.t("Il vous reste"), work.one)]
    if work.other is not None:
        sides = [(words.t("Situation A"), work.one), (words.t("Situation B"), work.other)]
    for name, situation in sides:
        found, missing = situation.outcome.found, situation.outcome.missing
        shown = words.money(round_euro(found.net)) if found is not None else "—"
        told_ = words.t("Il manque : {names}.").format(names=words.t(missing[0])) if missing else ""
        rows.append(
            ft.Row(
                [
                    ft.Container(body(told_ or name), expand=True),
                    ft.Text(shown, no_wrap=True, theme_style=ft.TextThemeStyle.HEADLINE_SMALL,
                            color=ft.Colors.ON_SURFACE),
                ],
                spacing=S,
            )
        )  # fmt: skip
    return ft.Column(rows, spacing=0, tight=True)


@ft.component
def Results(outcome: Outcome, words: Words) -> ft.Control:
    """What is left, what to set aside, what is crossed, month by month."""
    if outcome.error:
        code = outcome.error
        said = REFUSALS.get(code) or FAULTS.get(code) or FAULTS["incoherent"]
        return banner(words.t(said), "warning", live=True)
    found = outcome.found
    if found is None:
        names = ", ".join(words.t(label) for label in outcome.missing[:3])
        return card(
            [
                heading(words.t("Le résultat"), 2),
                body(words.t("Il manque : {names}.").format(names=names)),
            ]
        )
    lines: list[ft.Control] = [
        _left(found, words),
        _aside(found, outcome.invoice, words),
        *_tax(found, words),
        *_ceilings(found, words),
        Months(found, words),
        *_given(found, words),
        *(small(told(note, words)) for note in found.notes),
        small(
            words.t(
                "Estimation. La CFE, la TVA et vos dépenses ne sont pas comptées, sauf celles que "
                "vous avez indiquées."
            )
        ),
    ]
    return ft.Column(
        lines, spacing=M, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def _left(found: Simulation, words: Words) -> ft.Control:
    ink = ft.Colors.ON_PRIMARY_CONTAINER
    said = words.t("Il vous reste {net} en {year}, soit {month} par mois").format(
        net=words.money(round_euro(found.net)), year=found.year,
        month=words.money(round_euro(found.net / 12)),
    )  # fmt: skip
    lines: list[ft.Control] = [
        ft.Semantics(
            label=said, live_region=True, container=True, exclude_semantics=True,
            content=ft.Column(
                [
                    small(words.t("Il vous reste en {year}, impôt payé").format(year=found.year),
                          color=ink),
                    big(words.money(round_euro(found.net)), color=ink),
                    small(words.t("soit {month} par mois").format(
                        month=words.money(round_euro(found.net / 12))), color=ink),
                ],
                spacing=XXS, tight=True,
            ),
        )
    ]  # fmt: skip
    facts = [
        (words.t("Encaissé"), found.income),
        (words.t("Cotisations et contributions"), -found.contributions),
    ]
    if found.apart:
        facts.append((words.t("Appelé par d’autres caisses (estimation)"), -found.apart))
    if found.expenses:
        facts.append((words.t("Vos dépenses"), -found.expenses))
    facts.append((words.t("Impôt sur le revenu"), -found.tax))
    for label, euros in facts:
        lines.append(
            ft.Row(
                [ft.Container(body(label, color=ink), expand=True),
                 ft.Text(words.money(round_euro(euros)), no_wrap=True, color=ink,
                         theme_style=ft.TextThemeStyle.LABEL_LARGE)],
                spacing=S,
            )
        )  # fmt: skip
    lines.append(
        small(
            words.t("Cotisations et impôt : {percent} de ce que vous encaissez.").format(
                percent=words.percent(round_cent(found.burden))
            ),
            color=ink,
        )
    )
    if found.partial:
        lines.append(small(words.t("Total partiel : une ligne n’est pas calculée."), color=ink))
    return card(lines, emphasis=True)


def _aside(found: Simulation, invoice: Decimal, words: Words) -> ft.Control:
    """What to keep of each receipt, in percent and on an example."""
    lines: list[ft.Control] = [heading(words.t("À mettre de côté sur chaque facture"), 2)]
    later = found.tax_later * 100 / found.income if found.income else Decimal(0)
    for keep in found.keep:
        label = words.t(keep.label)
        if keep.until is not None:
            label = words.t("{activity}, jusqu’au {day}").format(
                activity=label, day=words.date(keep.until)
            )
        lines.append(fact(label, words.percent(keep.percent), strong=True))
        if invoice:
            total = invoice * (keep.percent + later) / 100
            lines.append(
                small(
                    words.t("Sur {invoice} : {amount} avec l’impôt.").format(
                        invoice=words.money(invoice), amount=words.money(round_euro(total))
                    )
                )
            )
    if not found.keep:
        whole = round_cent(found.burden)
        lines.append(fact(words.t("Cotisations et impôt"), words.percent(whole), strong=True))
        if invoice:
            lines.append(
                small(
                    words.t("Sur {invoice} : {amount} avec l’impôt.").format(
                        invoice=words.money(invoice),
                        amount=words.money(round_euro(invoice * found.burden / 100)),
                    )
                )
            )
    elif later > 0:
        lines.append(
            fact(words.t("Impôt sur le revenu, en plus"), words.percent(round_cent(later)))
        )
    return card(lines)


def _tax(found: Simulation, words: Words) -> list[ft.Control]:
    """How the income tax is reckoned, in one tap."""
    with_it, without = found.tax_with, found.tax_without
    if with_it is None or without is None:
        return []
    texts = []
    if found.tax_paid:
        texts.append(
            words.t("Versement libératoire : {amount}, payé avec les cotisations.").format(
                amount=words.money(found.tax_paid)
            )
        )
    texts += [
        words.t("Revenu imposable de l’activité : {amount}.").format(
            amount=words.money(round_cent(found.taxable))
        ),
        words.t(
            "Impôt du foyer avec ce revenu : {due} ({shares} parts ; barème {scale}, décote "
            "{discount}). Sans : {before}."
        ).format(
            due=words.money(with_it.due), shares=words.number(with_it.shares),
            scale=words.money(round_cent(with_it.kept)),
            discount=words.money(round_cent(with_it.discount)), before=words.money(without.due),
        ),
        words.t("Texte : {law}").format(law=found.tax_law),
    ]  # fmt: skip
    if with_it.overseas:
        texts.append(
            words.t("Réduction d’outre-mer : {amount}.").format(
                amount=words.money(round_cent(with_it.overseas))
            )
        )
    return [
        card(
            [
                heading(words.t("Impôt sur le revenu"), 2),
                fact(words.t("Dû à cette activité"), words.money(found.tax), strong=True),
                Why(texts, "", words),
            ]
        )
    ]


def _ceilings(found: Simulation, words: Words) -> list[ft.Control]:
    if not found.crossings:
        return []
    lines: list[ft.Control] = [heading(words.t("Plafonds"), 2)]
    for crossing in found.crossings:
        lines += _ceiling(crossing, found.year, words)
    return [card(lines)]


def _ceiling(crossing: Crossing, year: int, words: Words) -> list[ft.Control]:
    gauge = Gauge(
        crossing.code, crossing.label, year, round_euro(crossing.value), crossing.limit,
        law=crossing.law, status=crossing.status, note=crossing.note,
    )  # fmt: skip
    lines = [gauge_bar(gauge, words)]
    if crossing.on is not None:
        lines.append(
            banner(
                words.t("Dépassé en {month}. {meaning}").format(
                    month=words.month(crossing.on), meaning=words.t(crossing.meaning)
                ),
                "warning",
            )
        )
    if crossing.note:
        lines.append(small(words.t(crossing.note)))
    return lines


@ft.component
def Months(found: Simulation, words: Words) -> ft.Control:
    """Each period: what is collected, what is due and when. Opened in one tap."""
    opened, set_opened = ft.use_state(False)
    label = words.t("Voir l’année, échéance par échéance")
    if opened:
        label = words.t("Fermer le détail")
    highest = max((s.due for s in found.steps), default=Decimal(0))
    summary = words.n(
        "{count} échéance, {amount} au plus", "{count} échéances, {amount} au plus",
        len(found.steps),
    ).format(count=len(found.steps), amount=words.money(highest))  # fmt: skip
    lines: list[ft.Control] = [
        heading(words.t("Vos échéances"), 2),
        body(summary),
        ft.Row(
            [secondary(label, lambda _e: set_opened(not opened), ft.Icons.CALENDAR_MONTH_OUTLINED)],
            wrap=True,
        ),
    ]
    if opened:
        for step in found.steps:
            name = words.period(step.period.start, step.period.end)
            lines.append(
                ft.Column(
                    [
                        ft.Row(
                            [ft.Container(body(name[:1].upper() + name[1:], strong=True),
                                          expand=True),
                             amount(words.money(step.due), strong=True)],
                            spacing=S,
                        ),
                        small(
                            words.t("Encaissé {income} ; à payer avant le {due}").format(
                                income=words.money(round_cent(step.income)),
                                due=words.date(step.period.due),
                            )
                        ),
                    ],
                    spacing=0, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                )
            )  # fmt: skip
        if len(found.steps) == 1:
            lines.append(breakdown(found.steps[0].assessment, words))
    return card(lines)


def _given(found: Simulation, words: Words) -> list[ft.Control]:
    """What it gives: quarters, and where the euros go."""
    lines: list[ft.Control] = []
    if found.quarters is not None:
        lines += [
            heading(words.t("Ce que cela vous donne"), 2),
            body(quarters_said(found.quarters, words)),
        ]
        if found.quarters.status != "confirmed":
            lines.append(small(words.t("non confirmé")))
    shares = [(words.t(label), part) for label, part in found.funds.values() if part > 0]
    if shares:
        total = sum((part for _, part in shares), Decimal(0))
        lines += [heading(words.t("Où vont mes euros"), 3), share_ring(shares, total, words)]
    return [card(lines)] if lines else []


@ft.component
def Difference(work: Work, turn: Any, words: Words) -> ft.Control:
    """What B has more than A, figure by figure."""
    one = work.one.outcome.found
    other = work.other.outcome.found if work.other is not None else None
    title = heading(words.t("La différence"), 2)
    if one is None or other is None:
        return card([title, body(words.t("Complétez les deux situations pour les comparer."))])
    found = difference(one, other)
    net = round_euro(found["net"])
    if net > 0:
        said = words.t("B vous laisse {amount} de plus que A.")
    elif net < 0:
        said = words.t("B vous laisse {amount} de moins que A.")
    else:
        said = words.t("A et B vous laissent autant.")
    names = {
        "income": words.t("Encaissé"), "contributions": words.t("Cotisations et contributions"),
        "apart": words.t("Appelé par d’autres caisses (estimation)"),
        "expenses": words.t("Vos dépenses"), "tax": words.t("Impôt sur le revenu"),
        "net": words.t("Il vous reste"),
    }  # fmt: skip
    lines: list[ft.Control] = [
        title,
        ft.Semantics(
            live_region=True, container=True,
            content=body(said.format(amount=words.money(abs(net))), strong=True),
        ),
        small(words.t("B moins A, en euros pour l’année :")),
    ]  # fmt: skip
    for name, label in names.items():
        change = round_euro(found[name])
        if name in {"apart", "expenses"} and not change:
            continue
        sign = "+" if change > 0 else ""
        lines.append(fact(label, sign + words.money(change), strong=name == "net"))
    if one.quarters is not None and other.quarters is not None:
        lines.append(
            fact(
                words.t("Trimestres de retraite"),
                words.t("A : {one}, B : {other}").format(
                    one=one.quarters.acquired, other=other.quarters.acquired
                ),
            )
        )
    return card(lines)


@ft.component
def LinkCard(work: Work) -> ft.Control:
    """The link that opens this again: copied, or shared where the device can."""
    services = use_services()
    words = services.words
    done, set_done = ft.use_state("")

    async def copy(_event: Any) -> None:
        await ft.Clipboard().set(link(services, work))
        set_done(words.t("Le lien est copié."))

    async def share(_event: Any) -> None:
        try:
            await ft.Share().share_text(
                link(services, work), title=words.t("Simulateur"), mail_to_fallback_enabled=False
            )
        except Exception:
            await copy(_event)

    lines: list[ft.Control] = [
        heading(words.t("Garder cette simulation"), 2),
        body(
            words.t(
                "Le lien contient ce que vous avez tapé ici, et rien de vous. Le navigateur ne "
                "l’envoie à aucun serveur."
            )
        ),
        ft.Row(
            [
                secondary(words.t("Copier le lien"), copy, ft.Icons.LINK),
                quiet(words.t("Partager"), share, ft.Icons.SHARE_OUTLINED),
            ],
            wrap=True,
        ),
    ]
    if done:
        lines.append(ft.Semantics(live_region=True, container=True, content=small(done)))
    if not services.session.signed_in:
        lines.append(
            ft.Row(
                [primary(words.t("Créer un compte"), lambda _e: services.go("/signup"))], wrap=True
            )
        )
    return card(lines)


def simulator_line(services: Services, regime: str = "") -> ft.Control:
    """The way here from other screens, for one profession or for the most common one."""
    where = f"/simulateur?regime={regime}" if regime else "/simulateur"
    return secondary(
        services.words.t("Simuler mon année"), lambda _e: services.go(where),
        ft.Icons.CALCULATE_OUTLINED,
    )  # fmt: skip
