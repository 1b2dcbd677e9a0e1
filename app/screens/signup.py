"""Sign-up in steps: the profession's own questions, then who signs in, then a summary."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.cards import card, fact
from app.components.choices import choice_card, step_header
from app.components.shell import scaffold
from app.components.states import banner, failure, loading
from app.components.terms import words_here
from app.components.text import body
from app.forms.answers import Password, Siret, Text
from app.forms.form import Field, Form, Step
from app.forms.render import FormModel, StepView, fault_summary
from app.glossary import terms_in
from app.screens.access import EMAIL, NEW_PASSWORD, refusals
from app.screens.professions.base import profession
from app.screens.start import first_screen
from app.services.backend import BackendError, Problem
from app.services.container import Services, use_services
from app.theme import SM
from app.words import N_
from contract.accounts import AccountCreate, AccountView
from contract.people import SignUp
from regimes.registry import REGISTRY

IDENTITY = Step(
    "identity",
    N_("Votre entreprise"),
    (
        Field("name", N_("Nom ou enseigne"), Text(),
              hint=N_("Celui qui figurera sur vos récépissés.")),
        Field("siret", N_("SIRET"), Siret(),
              hint=N_("14 chiffres, sur l’avis de situation de l’Insee et sur vos factures.")),
    ),
)  # fmt: skip
ACCESS = Step(
    "access",
    N_("Vos accès"),
    (EMAIL, NEW_PASSWORD),
    intro=N_("Un message vous sera envoyé pour confirmer cette adresse."),
)
CHECK = "check"


def signup_form(regime: str, today: date, signed_in: bool) -> Form:
    """Identity, the profession's questions, then access for someone who has none."""
    own = profession(regime).profile_form(today)
    steps = (IDENTITY, *own.steps) if signed_in else (IDENTITY, *own.steps, ACCESS)
    return Form(f"signup.{regime}", own.version, steps)


def _model(services: Services, kind: str) -> FormModel:
    """The answers so far, kept while this page lives. Never saved: nobody owns them yet."""
    regime = services.cache.get("signup.regime", REGISTRY.codes()[0])
    place = f"{kind}.{regime}"
    model = services.cache.get(place)
    if model is None:
        signed_in = kind == "account"
        form = signup_form(regime, services.cache.get("today") or date.today(), signed_in)
        model = services.cache[place] = FormModel(form, services=services)
    found: FormModel = model
    found.services = services
    return found


@ft.component
def SignUpStart() -> ft.Control:
    """Which profession; with only one, straight to its first step."""
    services = use_services()
    words = services.words

    def begin(code: str) -> Any:
        def act(_event: Any) -> None:
            services.cache["signup.regime"] = code
            services.cache.pop("signup.done", None)
            services.go("/signup/identity")

        return act

    cards = [
        choice_card(
            words.t(REGISTRY.get(code).label), words.t("Commencer l’inscription"), begin(code)
        )
        for code in REGISTRY.codes()
    ]
    return scaffold(
        services,
        words.t("Créer un compte"),
        [
            body(words.t("Quelques minutes suffisent. Préparez votre SIRET et la date de début "
                         "de votre activité.")),
            *cards,
            *words_here("regime", "vrp", "rspm", "pamc"),
            choice_card(
                words.t("Je ne sais pas quel est mon régime"),
                words.t("Cinq questions au plus, et une réponse claire, même si ce n’est pas ici."),
                lambda _e: services.go("/regime"),
                ft.Icons.EXPLORE_OUTLINED,
            ),
        ],
        back="/",
    )  # fmt: skip


@ft.component
def SignUpStep() -> ft.Control:
    """One step of the sign-up of someone new."""
    code = ft.use_route_params().get("step", "identity")
    services = use_services()
    return Steps("signup", code, "/signup", lambda to: services.go(f"/signup/{to}"))


@ft.component
def NewAccount() -> ft.Control:
    """A second account of someone who is signed in; its steps share one address."""
    services = use_services()
    code, set_code = ft.use_state("identity")
    fresh = ft.use_ref(True)
    if fresh.current:
        services.cache.pop("account.done", None)
        fresh.current = False
    return Steps("account", code, "/home", set_code)


@ft.component
def Steps(kind: str, code: str, back: str, go: Any) -> ft.Control:
    """The questions of one step, or the summary, with their buttons."""
    services = use_services()
    words = services.words
    model = _model(services, kind)
    bad, set_bad = ft.use_state([])
    problem, set_problem = ft.use_state(None)
    busy, set_busy = ft.use_state(False)
    journey = model.journey
    steps = journey.steps()
    codes = [s.code for s in steps]
    allowed = journey.complete if code == CHECK else journey.can_visit(code)

    done = bool(services.cache.get(f"{kind}.done"))

    def stay_in_order() -> None:
        if done:
            services.go(services.cache.get("signup.then", "/home"))
        elif not allowed:
            go(journey.first_open())

    ft.use_effect(stay_in_order, [code, allowed, done])
    if done or not allowed:
        return loading(services)
    place = len(codes) if code == CHECK else codes.index(code)
    title = words.t("Relire et créer") if code == CHECK else words.t(steps[place].title)

    def forward(_event: Any) -> None:
        found = model.check(steps[place])
        set_bad(found)
        if not found:
            go(journey.after(code) or CHECK)

    async def create(_event: Any) -> None:
        if busy:
            return
        set_busy(True)
        set_problem(None)
        try:
            await _create(services, model, kind)
        except BackendError as error:
            if isinstance(error, Problem):
                _show(services, model, error, go)
            set_problem(error)
        set_busy(False)

    lines: list[ft.Control] = [
        step_header(
            place + 1, len(codes) + 1,
            words.t("Étape {number} sur {total}").format(number=place + 1, total=len(codes) + 1),
        )
    ]  # fmt: skip
    if problem is not None:
        lines.append(failure(services, problem))
    if bad:
        lines.append(fault_summary(services, bad))
    buttons: list[ft.Control] = []
    if code == CHECK:
        values = journey.values()
        for step in steps:
            facts = [
                fact(words.t(f.label), f.answer.summarise(values[f.path], words))
                for f in journey.fields(step)
                if f.path in values and not isinstance(f.answer, Password)
            ]
            edit = secondary(
                words.t("Modifier : {title}").format(title=words.t(step.title)), _to(go, step.code)
            )
            lines.append(card([body(words.t(step.title), strong=True), *facts, ft.Row([edit])]))
        lines.append(
            banner(words.t("Vous pourrez corriger ces réponses plus tard, dans votre profil."))
        )
        buttons.append(primary(words.t("Créer le compte"), create, disabled=busy))
    else:
        lines.append(ft.AutofillGroup(content=StepView(model, steps[place], model.shape)))
        lines += words_here(*terms_in(spoken(steps[place])))
        buttons.append(primary(words.t("Continuer"), forward))
    if place > 0:
        before = codes[place - 1]
        buttons.append(secondary(words.t("Étape précédente"), _to(go, before)))
    lines.append(ft.Row(buttons, wrap=True, spacing=SM, run_spacing=SM))
    return scaffold(services, title, lines, back=back)


def spoken(step: Step) -> list[str]:
    """What a step says, as msgids: its questions, their hints, and what may be chosen."""
    said = [step.title, step.intro]
    for question in step.fields:
        said += [question.label, question.hint, question.help]
        for option in getattr(question.answer, "options", ()):
            said += [option.label, option.hint]
    return [text for text in said if text]


def _to(go: Any, code: str) -> Any:
    return lambda _event: go(code)


def _show(services: Services, model: FormModel, error: Problem, go: Any) -> None:
    """Put a refusal beside its field, and go to its step."""
    said = {path.removeprefix("profile."): text for path, text in refusals(services, error).items()}
    known = {f.path: s.code for s in model.form.steps for f in s.fields}
    here = {path: text for path, text in said.items() if path in known}
    if here:
        model.refuse(here)
        go(known[next(iter(here))])


async def _create(services: Services, model: FormModel, kind: str) -> None:
    values = model.journey.values()
    regime = model.form.code.removeprefix("signup.")
    if kind == "signup" and not services.session.signed_in:
        await services.session.sign_up(
            SignUp.model_validate(
                {
                    "email": values["email"],
                    "password": values["password"],
                    "locale": services.settings.locale,
                }
            )
        )
    today = services.cache.get("today") or date.today()
    profile = profession(regime).to_profile(model.journey.exported(), today)
    made = await services.backend.send(
        AccountView, "POST", "/accounts",
        AccountCreate(
            regime=regime, siret=values["siret"], name=values["name"], profile=profile
        ),
    )  # fmt: skip
    then = await first_screen(services) if kind == "signup" else "/home"
    services.cache["signup.then"] = then
    services.cache[f"{kind}.done"] = True
    services.cache.pop(f"{kind}.{regime}", None)
    await services.session.reload()
    services.session.account_id = made.id
    route = await services.session.settle(then) if kind == "signup" else then
    if route is not None:
        services.go(route)
