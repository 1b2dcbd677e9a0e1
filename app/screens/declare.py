"""Declare, or correct, in three steps: amounts, check, sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import flet as ft
from pydantic import ValidationError

from app.components.breakdown import breakdown
from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.charts import euros_picture, gauge_bar, shares_status
from app.components.heard import total
from app.components.live import Held, tell, use_live
from app.components.load import use_load
from app.components.papers import Papers
from app.components.sheet import beside, copy_sheet
from app.components.shell import scaffold
from app.components.states import banner, failure, loading, no_activity, sealed
from app.components.steps import SavePill, step_header
from app.components.text import amount, big, body, heading, small
from app.forms.answers import FAULTS, Money
from app.forms.render import FormModel, HelpTap, fault_summary, question_view
from app.screens.delegates import may
from app.screens.home import ConfirmBanner
from app.screens.professions.base import WORDINGS, Wording, profession, wording
from app.screens.two_devices import CARRIED, TwoDevices
from app.services.ahead import Reading
from app.services.backend import BackendError, Offline, Problem
from app.services.bill import Counter
from app.services.calculator import Calculator, LineNote, Totals, build_calculator
from app.services.circles import weakly
from app.services.container import Services, use_services
from app.services.device.outbox import Signed, State
from app.services.drafts import DraftKeeper
from app.services.filling import FilledMark, Filling
from app.services.journal import open_journal
from app.services.overview import read_overview
from app.theme import ICON_S, ML, SM, XS, XXS, S
from app.words import N_
from contract.accounts import FiledView, Overview
from contract.declarations import Receipt, Submit
from contract.i18n import Words
from contract.problem import ProblemCode
from regimes.assessment import Assessment
from regimes.regime import Filed, Kind, Model
from regimes.registry import REGISTRY

STEPS = ("amounts", "check", "sent")
NAMES = (N_("Montants"), N_("Vérification"))


def step_names(says: Wording, words: Words) -> list[str]:
    """The three steps, the last one by what sending means."""
    return [*(words.t(name) for name in NAMES), words.t(says.sent_step)]


@ft.component
def Declare() -> ft.Control:
    """A first declaration of a period."""
    return Flow("declare")


@ft.component
def Correct() -> ft.Control:
    """A correction of a period already declared."""
    return Flow("correct")


def _title(kind: str, says: Wording, words: Words) -> str:
    title = says.correct if kind == "correct" else says.title
    return words.t(title)


def _action(kind: str, says: Wording, words: Words) -> str:
    action = says.send_again if kind == "correct" else says.send
    return words.t(action)


def _outcome(kind: str, says: Wording, words: Words) -> str:
    outcome = says.sent_again if kind == "correct" else says.sent
    return words.t(outcome)


class Work:
    """What the steps of one declaration share while the page lives."""

    def __init__(
        self, overview: Overview, calculator: Calculator, keeper: DraftKeeper, services: Services,
        filed: FiledView | None, filling: Filling,
    ) -> None:  # fmt: skip
        self.overview = overview
        self.calculator = calculator
        self.keeper = keeper
        self.filed = filed
        self.filling = filling
        self.model = FormModel(
            calculator.journey.form, calculator.journey.raw, weakly(self._typed), services
        )
        calculator.journey = self.model.journey
        calculator.refresh()
        filling.look(self.model.raw)

    def _typed(self, path: str, raw: str) -> None:
        self.keeper.type(path, raw)
        self.calculator.refresh()
        self.filling.look(self.model.raw)

    def reload(self) -> None:
        """Show what the draft now holds (after a choice between two devices)."""
        given = self.keeper.draft.answers
        names = {*given, *self.model.raw}
        heard, self.model.on_type = self.model.on_type, None
        self.model.put({path: given.get(path, "") for path in names})
        self.model.on_type = heard
        self.calculator.refresh()
        self.filling.look(self.model.raw)


async def _open_work(services: Services, kind: str, code: str) -> Work | None:
    found = await read_overview(services)
    if found is None:
        return None
    overview, rates = found
    filed = next((f for f in overview.filed if f.period == code), None)
    correcting = kind == "correct" and filed is not None
    probe = build_calculator(overview, rates, code, {})
    if probe is None:
        return None
    start = probe.speaks.from_declaration(filed.declaration) if correcting and filed else {}
    for question in probe.journey.form.fields():
        if question.path in start:  # written as the person would find it after typing it
            start[question.path] = question.answer.normalise(start[question.path], services.words)
    keeper = await services.drafts.open(
        overview.account.id, code, probe.regime.form_version,
        corrects=filed.number if correcting and filed else None, start=start,
    )  # fmt: skip
    carried = services.cache.pop(CARRIED + code, None) if correcting else None
    if isinstance(carried, dict):
        keeper.replace(carried)
    filling = await _filling(services, overview, probe)
    if not correcting:
        filling.fill(keeper.draft.answers)
    probe.journey.raw.update(keeper.draft.answers)
    # The page lives long, and a server has one for each person: only what its steps read stays.
    kept = overview.model_copy(
        update={
            "periods": [view for view in overview.periods if view.code == code],
            "filed": [], "alerts": [], "gauges": [], "calls": [], "sanctions": [], "dues": [],
        }
    )  # fmt: skip
    return Work(kept, probe, keeper, services, filed, filling)


async def _filling(services: Services, overview: Overview, probe: Calculator) -> Filling:
    """What the journal says of this period."""
    if not probe.speaks.activities(probe.profile):
        return Filling({})
    journal = await open_journal(services.backend, overview.account.id)
    counter = Counter(overview, probe.rates)
    found = counter.origins(journal.receipts(), probe.period)
    answers = {question.path: question.answer for question in probe.journey.form.fields()}
    return Filling(
        {
            path: replace(origin, raw=answers[path].normalise(origin.raw, services.words))
            for path, origin in found.items()
            if path in answers
        }
    )


def _reading(services: Services, kind: str, code: str) -> str:
    account = services.session.account
    return f"{kind}/{account.id}/{code}" if account else ""


def read_ahead(services: Services, params: Mapping[str, str]) -> Reading | None:
    """What the amounts of a declaration are shown with, for a window that opens there."""
    kind, code, account = "declare", params["period"], services.session.account
    if account is None or params["step"] == "sent" or profession(account.regime).declare_path:
        return None
    return Reading(_reading(services, kind, code), lambda: _open_work(services, kind, code))


@ft.component
def Flow(kind: str) -> ft.Control:
    """The journey of one period, at the step that the address names."""
    services = use_services()
    words = services.words
    params = ft.use_route_params()
    code, step = params["period"], params["step"]

    account = services.session.account
    loaded = use_load(
        services,
        lambda: _open_work(services, kind, code),
        [kind, code, step == "sent", services.session.account_id],
        name=_reading(services, kind, code),
    )
    says = wording(account.regime) if account else WORDINGS[Kind.DECLARATION]
    title = _title(kind, says, words)
    if step == "sent":
        return Sent(code, kind)
    elsewhere = profession(account.regime).declare_path if account else ""
    if elsewhere:  # this profession declares on a screen of its own
        return Elsewhere(elsewhere.format(period=code), title)
    if account is None:
        return scaffold(services, title, [no_activity(services)], back="/home")
    if loaded.value is None:
        unknown = loaded.done and loaded.error is None
        shown = _unknown(services) if unknown else loaded.other(services)
        return scaffold(services, title, [shown], back="/home")
    work = loaded.value
    state = next(p for p in work.overview.periods if p.code == code).state
    blocked = _blocked(services, kind, state, code, says)
    if blocked is None and not may(account, "prepare"):
        blocked = banner(
            words.t("Le titulaire de ce compte ne vous a pas confié ses déclarations."), "info"
        )
    if blocked is not None:
        return scaffold(services, title, [blocked], back="/home")
    checking = step == "check" and work.calculator.journey.complete
    return At(work, kind, "check" if checking else "amounts")


@ft.component
def At(work: Work, kind: str, step: str) -> ft.Control:
    """A step, which the draft notes: another device or another day opens on it again."""
    ft.use_effect(lambda: work.keeper.go(step), [step, work.keeper])
    return Check(work, kind) if step == "check" else Amounts(work, kind)


@ft.component
def Elsewhere(route: str, title: str) -> ft.Control:
    """Go on to the profession's own screen."""
    services = use_services()
    ft.use_effect(lambda: services.go(route), [route])
    return scaffold(services, title, [loading(services)], back="/home")


def _unknown(services: Services) -> ft.Control:
    return banner(services.words.t("Cette période n’est pas à déclarer pour ce compte."), "warning")


def _blocked(
    services: Services, kind: str, state: str, code: str, says: Wording
) -> ft.Control | None:
    words = services.words
    sent = state in {"submitted", "corrected"}
    if kind == "declare" and sent:
        return banner(
            words.t(says.already), "info",
            actions=[
                secondary(words.t(says.see),
                          lambda _e: services.go(f"/history/{code}")),
                secondary(words.t("Corriger"),
                          lambda _e: services.go(f"/correct/{code}/amounts")),
            ],
        )  # fmt: skip
    if kind == "correct" and not sent:
        return banner(words.t(says.not_yet), "info")
    if state == "upcoming":
        return banner(words.t("Cette période n’est pas encore ouverte à la déclaration."), "info")
    if state == "closed":
        return banner(
            words.t("Cette période est trop ancienne pour être déclarée ou corrigée en ligne."),
            "warning",
        )
    return None


def period_title(work: Work, words: Words) -> str:
    """Name of the period, with a capital."""
    name = words.period(work.calculator.period.start, work.calculator.period.end)
    return name[:1].upper() + name[1:]


@ft.component
def Amounts(work: Work, kind: str) -> ft.Control:
    """Step 1: the figures, each with its rate and what it costs beside it."""
    services = use_services()
    words = services.words
    bad, set_bad = ft.use_state(())
    stop, set_stop = ft.use_state("")
    calculator, model = work.calculator, work.model
    says = wording(calculator.regime.code)
    speaks = calculator.speaks
    model.services = services
    step = calculator.journey.form.steps[0]

    async def forward(_event: Any) -> None:
        faults = model.check(step)
        set_bad(tuple(faults))
        if faults:
            return
        try:
            declaration = calculator.declaration()
        except ValidationError as error:
            set_stop(incoherence(error))
            return
        objection = speaks.objection(declaration, kind == "correct") if declaration else ""
        set_stop(objection)
        if objection:
            return
        work.keeper.go("check")
        await work.keeper.save()
        services.go(f"/{kind}/{calculator.period.code}/check")

    def nothing(_event: Any) -> None:
        set_bad(())
        model.put(
            {
                q.path: "0"
                for q in calculator.journey.fields(step)
                if isinstance(q.answer, Money) and q.required
            }
        )

    lines: list[ft.Control] = [
        step_header(step_names(says, words), 0, words),
        ft.Row(
            [heading(period_title(work, words), 2), SavePill(Held(work.keeper.mark), words)],
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            wrap=True,
        ),
    ]
    lines.append(
        TwoDevices(
            work.keeper, Held(work.keeper.mark), tuple(calculator.journey.form.fields()),
            calculator.period.code, work.reload,
        )
    )  # fmt: skip
    if work.keeper.draft.saved_version is not None:
        lines.append(
            banner(
                words.t("Ce formulaire a changé depuis votre brouillon : relisez chaque montant."),
                "info",
            )
        )
    if bad:
        lines.append(fault_summary(services, list(bad)))
    if stop:
        lines.append(banner(words.t(stop), "warning", live=True))
    if kind == "correct":
        lines.append(
            banner(
                words.t(says.correcting),
                "info",
            )
        )
    lines.append(
        ft.Row(
            [
                ft.Container(body(words.t(step.intro)), expand=True),
            ]
        )
    )
    if speaks.nil:
        lines.append(ft.Row([secondary(words.t(speaks.nil), nothing)], wrap=True))
    lines.append(Questions(work, model.shape))
    if speaks.live_gauges:
        lines.append(LiveGauges(calculator.totals, calculator, words))
    return scaffold(
        services,
        _title(kind, says, words),
        lines,
        footer=TotalBar(Held(calculator.totals), forward, words, says),
        back="/home" if kind == "declare" else f"/history/{calculator.period.code}",
    )


@ft.component
def Questions(work: Work, shape: Any) -> ft.Control:
    """The questions that the present answers ask, under the titles of their groups."""
    services = use_services()
    words = services.words
    calculator = work.calculator
    step = calculator.journey.form.steps[0]
    dates = calculator.speaks.part_dates(calculator.profile, calculator.period, calculator.rates)
    lines: list[ft.Control] = []
    group = ""
    for question in calculator.journey.fields(step):
        if question.group and question.group != group:
            group = question.group
            lines.append(heading(words.t(group), 3))
            number = question.path.split(".")[1] if question.path.startswith("parts.") else ""
            if dates and number.isdigit():
                start, end = dates[int(number)]
                lines.append(
                    small(words.t("du {start} au {end}").format(
                        start=words.date(start), end=words.date(end)))
                )  # fmt: skip
        view: ft.Control = question_view(services, work.model, question)
        if question.help:
            view = ft.Row(
                [
                    ft.Container(view, expand=True),
                    HelpTap(words.t(question.label), question.help),
                ],
                vertical_alignment=ft.CrossAxisAlignment.START,
            )
        if question.path in work.filling.origins and isinstance(question.answer, Money):
            mark = work.filling.mark(question.path)
            view = ft.Column(
                [view, FilledNote(mark, work, question.path, words, key=f"from-{question.path}")],
                spacing=XXS,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        if question.path in calculator.notes:
            view = ft.Column(
                [view, _figure_note(work, question.path, words)],
                spacing=XXS,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        lines.append(view)
    return ft.Column(
        lines, spacing=ML, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


@ft.component
def FilledNote(mark: FilledMark, work: Work, path: str, words: Words) -> ft.Control:
    """Where a figure comes from: the journal, and how many receipts; or, when the person typed
    another, what the journal says and a button to take it."""
    origin = work.filling.origins[path]
    count = words.n(
        "{count} encaissement du journal", "{count} encaissements du journal", origin.count
    ).format(count=origin.count)
    if not origin.count:
        count = words.t("Aucun encaissement dans le journal")
    if mark.same:
        return ft.Row(
            [ft.Icon(ft.Icons.MENU_BOOK_OUTLINED, size=ICON_S, color=ft.Colors.ON_SURFACE_VARIANT),
             ft.Container(small(count), expand=True)],
            spacing=XS,
        )  # fmt: skip

    def take(_event: Any) -> None:
        work.filling.took(path, work.keeper.draft.answers)
        work.model.put({path: origin.raw})

    return ft.Column(
        [
            small(
                words.t("{receipts} : {amount}. Vous avez écrit un autre montant.").format(
                    receipts=count, amount=words.money(origin.amount, cents=True)
                )
            ),
            ft.Row([secondary(words.t("Reprendre le montant du journal"), take)], wrap=True),
        ],
        spacing=XXS, tight=True,
    )  # fmt: skip


def _figure_note(work: Work, path: str, words: Words) -> ft.Control:
    return FigureNote(Held(work.calculator.note(path)), words, key=path)


@ft.component
def FigureNote(held: Held[LineNote], words: Words) -> ft.Control:
    """Rate of a figure, and what it comes to as typed."""
    note = held.it
    rate, given = note.rate, note.amount is not None
    figure = amount(_euros(note.amount, words), strong=True)

    def follow() -> bool:
        same = note.rate == rate and (rate is None or (note.amount is not None) is given)
        if same and (given or rate is None):
            tell(figure, (("value",), _euros(note.amount, words)))
        return same

    use_live(note, follow)
    if rate is None:
        # Several rates share this figure: only what it comes to makes sense.
        return ft.Row([figure], alignment=ft.MainAxisAlignment.END)
    said = small(words.t("Taux, tout compris : {rate}").format(rate=words.percent(rate)))
    if not given:
        return said
    return ft.Row(
        [said, figure],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        wrap=True,
        spacing=S,
    )


def _euros(sum_: Decimal | None, words: Words) -> str:
    return "" if sum_ is None else words.money(sum_)


@ft.component
def TotalBar(held: Held[Totals], forward: Any, words: Words, says: Wording) -> ft.Control:
    """What it all comes to, or what is missing to know; told politely as it changes."""
    totals = held.it
    known, partial = totals.due is not None, totals.partial
    said, euros = _total(totals, words, says)
    shown: ft.Control = body(said)
    if known:
        shown = ft.Row(
            [
                body(words.t(says.total) + (" (" + words.t("partiel") + ")" if partial else "")),
                ft.Text(euros, theme_style=ft.TextThemeStyle.HEADLINE_SMALL, no_wrap=True),
            ],
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN, wrap=True, spacing=S, run_spacing=0,
        )  # fmt: skip
    told = total("due", shown, bool(use_services().page.web), said)

    def follow() -> bool:
        if totals.partial is not partial or (totals.due is not None) is not known:
            return False
        said, euros = _total(totals, words, says)
        inside = ("content", "controls", 1, "value") if known else ("content", "value")
        tell(told, (("label",), said), (inside, euros if known else said))
        return True

    use_live(totals, follow)
    return ft.Column(
        [told, primary(words.t("Vérifier"), forward, ft.Icons.ARROW_FORWARD)],
        spacing=S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _total(totals: Totals, words: Words, says: Wording) -> tuple[str, str]:
    """The total in a sentence, and in figures when it is known."""
    if totals.due is None:
        names = ", ".join(words.t(label) for label in totals.missing[:4])
        return words.t("Total incomplet. Il manque : {names}.").format(names=names), ""
    euros = words.money(totals.due)
    said = words.t("{total} : {amount}").format(total=words.t(says.total), amount=euros)
    if totals.partial:
        said += " (" + words.t("partiel") + ")"
    return said, euros


def incoherence(error: ValidationError) -> str:
    """French msgid of the first thing that contradicts another in the figures."""
    found = [str(item["type"]) for item in error.errors()]
    return next((FAULTS[code] for code in found if code in FAULTS), FAULTS["incoherent"])


@ft.component
def LiveGauges(totals: Totals, calculator: Calculator, words: Words) -> ft.Control:
    """The year against its ceilings, the figures being typed included."""
    _ = totals.due
    return ft.Column(
        [
            heading(words.t("Votre année, avec ce montant"), 3),
            *(gauge_bar(gauge, words) for gauge in calculator.gauges()),
        ],
        spacing=SM, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


def _later(
    work: Work, declaration: Model, assessment: Assessment, words: Words
) -> list[ft.Control]:
    """Later periods that this correction recomputes: what each becomes, line by line."""
    calculator = work.calculator
    period = calculator.period
    new = Filed(period, declaration, assessment, work.overview.today)
    history = [*calculator.history, new]
    reached = set(calculator.regime.affected_by(calculator.profile, period, history))
    lines: list[ft.Control] = []
    for filed in sorted(calculator.history, key=lambda f: f.period.start):
        if filed.period.code not in reached:
            continue
        others = [f for f in history if f.period.code != filed.period.code]
        again = calculator.regime.assess(
            calculator.profile, filed.period, filed.declaration, others, calculator.rates
        )
        was = {line.code: line for line in filed.assessment.lines if not line.apart}
        now = {line.code: line for line in again.lines if not line.apart}
        changed = [
            (now.get(code) or was[code], was[code].amount if code in was else Decimal(0),
             now[code].amount if code in now else Decimal(0))
            for code in {**was, **now}
        ]  # fmt: skip
        changed = [item for item in changed if item[1] != item[2]]
        if not changed:
            continue
        name = words.period(filed.period.start, filed.period.end)
        lines.append(
            card(
                [
                    heading(name[:1].upper() + name[1:], 3),
                    *(
                        fact(
                            words.t(line.label),
                            words.t("{before}, puis {after}").format(
                                before=words.money(before), after=words.money(after)
                            ),
                        )
                        for line, before, after in changed
                    ),
                    fact(
                        words.t("Différence"),
                        words.money(again.due - filed.assessment.due), strong=True,
                    ),
                ]
            )
        )  # fmt: skip
    if not lines:
        return []
    return [
        heading(words.t("Périodes suivantes, recalculées"), 2),
        small(words.t("Cette correction change aussi des périodes déjà envoyées de l’année.")),
        *lines,
    ]


@ft.component
def Check(work: Work, kind: str) -> ft.Control:
    """Step 2: every line with its reason, where the euros go, the due date; then send."""
    services = use_services()
    words = services.words
    sending, set_sending = ft.use_state(False)
    error, set_error = ft.use_state(None)
    changed, set_changed = ft.use_state(None)
    calculator = work.calculator
    says = wording(calculator.regime.code)
    speaks = calculator.speaks
    try:
        declaration = calculator.declaration()
    except ValidationError:
        declaration = None
    if declaration is None:
        return loading(services)
    assessment = calculator.assess(declaration)
    view = next(p for p in work.overview.periods if p.code == calculator.period.code)
    before = work.filed.assessment if kind == "correct" and work.filed else None
    unchanged = before is not None and work.filed is not None and (
        declaration == calculator.regime.Declaration.model_validate(work.filed.declaration)
    )  # fmt: skip

    async def send(_event: Any = None) -> None:
        if sending:
            return
        set_sending(True)
        set_error(None)
        try:
            receipt = await _send(services, work, declaration, assessment, kind, view.due)
        except Problem as problem:
            set_sending(False)
            if problem.code is ProblemCode.CALCULATION_CHANGED:
                set_changed(problem.extra.get("estimate"))
            set_error(problem)
            return
        except BackendError as problem:
            set_sending(False)
            set_error(problem)
            return
        if receipt is None:  # written down; it leaves with the network
            services.cache.pop(f"receipt:{calculator.period.code}", None)
        services.go(f"/{kind}/{calculator.period.code}/sent")

    lines: list[ft.Control] = [
        step_header(step_names(says, words), 1, words),
        heading(period_title(work, words), 2),
    ]
    if error is not None:
        lines += _refused(services, error, changed, send, kind, calculator.period.code)
    if not work.overview.email_confirmed:
        lines.append(ConfirmBanner(services))
    lines += [
        card([_due(work, assessment, view, words), *_difference(before, assessment, says, words)]),
        heading(words.t("Le calcul, ligne par ligne"), 2),
        small(words.t("Touchez une ligne pour savoir d’où vient son montant.")),
        card(
            [
                breakdown(
                    assessment, words,
                    {line.code: line.amount for line in before.lines} if before else None,
                ),
                fact(words.t(says.total), words.money(assessment.due), strong=True),
            ]
        ),
        heading(words.t("Où vont mes euros"), 2),
    ]  # fmt: skip
    status = shares_status(assessment, words)
    if status:
        lines.append(banner(status, "info"))
    lines.append(card([euros_picture(assessment, words)]))
    lines += beside(assessment, speaks, words)
    lines += [small(words.t(note)) for note in assessment.notes]
    lines += copy_sheet(services, speaks.sheet(declaration))
    lines += _later(work, declaration, assessment, words) if kind == "correct" else []
    acting = services.session.account.acting if services.session.account else None
    if acting is not None and "send" in acting.scopes:
        lines.append(
            banner(
                words.t(
                    "Vous signez pour {owner} : la déclaration engage cette personne, et le reçu "
                    "dira que vous l’avez envoyée."
                ).format(owner=acting.owner),
                "info",
            )
        )
    lines.append(small(words.t(says.certify).format(version=assessment.rates_version[:8])))
    files = ", ".join(calculator.rates.origins())
    if files:
        lines.append(small(words.t("Taux complétés par : {files}").format(files=files)))
    actions: list[ft.Control] = [
        primary(
            words.t("Envoi en cours…") if sending
            else _action(kind, says, words),
            send, ft.Icons.SEND_OUTLINED, disabled=sending or unchanged,
        ),
        quiet(words.t("Modifier les montants"),
              lambda _e: services.go(f"/{kind}/{calculator.period.code}/amounts")),
    ]  # fmt: skip
    if acting is not None and "send" not in acting.scopes:
        actions[0] = body(
            words.t(
                "C’est prêt. {owner} retrouve ces montants à son tour, les vérifie et les envoie : "
                "vous ne pouvez pas signer à sa place."
            ).format(owner=acting.owner)
        )
    elif unchanged:
        actions.insert(0, small(words.t("Aucun montant n’a changé : il n’y a rien à corriger.")))
    return scaffold(
        services,
        words.t("Vérifier"),
        lines,
        footer=ft.Column(
            actions, spacing=S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
        back=f"/{kind}/{calculator.period.code}/amounts",
    )


def _due(work: Work, assessment: Assessment, view: Any, words: Words) -> ft.Control:
    says = wording(work.calculator.regime.code)
    late = work.overview.now > view.due_at
    when = words.t(says.late if late else says.when).format(date=words.date(view.due))
    return ft.Column(
        [
            small(words.t(says.total)),
            big(words.money(assessment.due)),
            body(when),
            *([banner(words.t("Total partiel : une ligne n’est pas calculée."), "warning")]
              if assessment.partial else []),
        ],
        spacing=XS, tight=True,
    )  # fmt: skip


def _difference(
    before: Assessment | None, assessment: Assessment, says: Wording, words: Words
) -> list[ft.Control]:
    if before is None:
        return []
    change = assessment.due - before.due
    if change > 0:
        said = words.t(says.more)
    elif change < 0:
        said = words.t(says.less)
    else:
        said = words.t(says.same)
    return [body(said.format(amount=words.money(abs(change)), before=words.money(before.due)))]


def _refused(
    services: Services, error: BackendError, changed: Any, send: Any, kind: str, code: str
) -> list[ft.Control]:
    words = services.words
    if isinstance(error, Problem) and error.code is ProblemCode.CALCULATION_CHANGED and changed:
        return [
            banner(
                words.t(
                    "Le collecteur calcule {amount} avec les taux d’aujourd’hui. Rien n’est "
                    "envoyé. Rechargez le calcul, relisez-le, puis envoyez."
                ).format(amount=words.money(Decimal(str(changed["due"])))),
                "warning",
                words.t("Le calcul a changé"),
                [
                    secondary(
                        words.t("Recharger le calcul"),
                        lambda _e: services.go(f"/{kind}/{code}/amounts"),
                    )
                ],
                live=True,
            )
        ]
    retry = send if isinstance(error, Offline) else None
    return [failure(services, error, retry)]


async def _send(
    services: Services,
    work: Work,
    declaration: Model,
    assessment: Assessment,
    kind: str,
    due_date: dt.date,
) -> Receipt | None:
    keeper = work.keeper
    body_ = Submit(
        declaration=declaration.model_dump(mode="json"),
        fingerprint=work.calculator.fingerprint(declaration, assessment),
        rates_version=assessment.rates_version,
        form_version=work.calculator.regime.form_version,
        corrects=keeper.draft.corrects,
    )
    return await services.outbox.sign(
        Signed(
            account_id=keeper.draft.account_id, period=keeper.draft.period, kind=kind,
            key=keeper.draft.key, submit=body_, due=str(assessment.due), due_date=due_date,
            signed_at=dt.datetime.now(dt.UTC),
        )
    )  # fmt: skip


@ft.component
def Sent(code: str, kind: str) -> ft.Control:
    """Step 3: number, receipt, what to pay and when."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> Receipt | None:
        kept = services.cache.get(f"receipt:{code}")
        if kept is not None or account is None:
            return kept
        found = await services.backend.get(
            list[Receipt], f"/accounts/{account.id}/declarations/{code}"
        )
        return found[0] if found else None

    signed = services.outbox.of(account.id, code) if account else None
    waits = signed is not None and signed.state is State.READY
    loaded = use_load(services, fetch, [code, account.id if account else "", waits])
    says = wording(account.regime) if account else WORDINGS[Kind.DECLARATION]
    title = _outcome(kind, says, words)
    if signed is not None:
        return scaffold(
            services,
            words.t("Prête, pas encore envoyée") if waits else words.t("Déclaration non reçue"),
            [
                card(
                    [
                        small(words.t(says.total)), big(words.money(Decimal(signed.due))),
                        fact(words.t("Signée le"), words.moment(signed.signed_at)),
                        fact(words.t("À recevoir au plus tard le"), words.date(signed.due_date)),
                    ]
                ),
                primary(words.t("Retour à l’accueil"), lambda _e: services.go("/home")),
            ],
        )  # fmt: skip
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/home")
    receipt = loaded.value
    collected = REGISTRY.get(receipt.regime).kind is not Kind.PREPARATION
    payable = collected and receipt.due > 0
    lines: list[ft.Control] = [
        step_header(step_names(says, words), 2, words),
        sealed(
            services, title,
            words.t(says.received).format(
                moment=words.moment(receipt.received_at), number=receipt.number
            ),
            receipt.number,
        ),
        card(
            [
                small(words.t("À payer") if collected else words.t(says.total)),
                big(words.money(receipt.due)),
                body(
                    _payable(receipt, words)
                    if collected
                    else words.t("Appelées par prélèvements, puis régularisées : voyez l’accueil.")
                ),
                *(
                    [
                        ft.Row(
                            [
                                primary(
                                    words.t("Choisir comment payer"),
                                    lambda _e: services.go(f"/pay/declaration.{code}"),
                                    ft.Icons.PAYMENTS_OUTLINED,
                                )
                            ],
                            wrap=True,
                        )
                    ]
                    if payable
                    else []
                ),
            ]
        ),
        heading(words.t("La preuve"), 2),
        card([ReceiptButtons(receipt)]),
        heading(words.t("Et ensuite"), 2),
        body(words.t(says.thanks)),
        *copy_sheet(services, profession(receipt.regime).sheet(
            REGISTRY.get(receipt.regime).Declaration.model_validate(receipt.declaration))),
        ft.Row(
            [
                (secondary if payable else primary)(
                    words.t("Retour à l’accueil"), lambda _e: services.go("/home")
                ),
                secondary(words.t("Voir le détail"), lambda _e: services.go(f"/history/{code}")),
            ],
            wrap=True,
        ),
    ]  # fmt: skip
    return scaffold(services, title, lines)


def _payable(receipt: Receipt, words: Words) -> str:
    """When the sum of a receipt is to be paid."""
    if receipt.late:
        return words.t("L’échéance du {date} est passée : à payer dès maintenant.").format(
            date=words.date(receipt.due_date)
        )
    return words.t("Le {date}, avant {hour}.").format(
        date=words.date(receipt.due_date), hour=words.hour(receipt.due_at)
    )


@ft.component
def ReceiptButtons(receipt: Receipt) -> ft.Control:
    """Download, print or share the receipt, or open the page that proves it."""
    services = use_services()
    words = services.words

    async def verify(_event: Any) -> None:
        await ft.UrlLauncher().launch_url(
            f"{receipt.verification_path}?lang={words.locale}", web_only_window_name="_blank"
        )

    return Papers(
        f"/accounts/{receipt.account_id}/receipts/{receipt.number}.pdf?lang={words.paper}",
        f"quittance-{receipt.number}.pdf", words.t("Télécharger le reçu (PDF)"),
        (quiet(words.t("Page de vérification"), verify, ft.Icons.VERIFIED_OUTLINED),),
    )  # fmt: skip
