"""What the screens before and around sign-in share: short forms and what the backend refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import ref

import flet as ft

from app.components.buttons import primary
from app.components.states import failure
from app.components.text import small
from app.forms.answers import FAULTS, Email, Password
from app.forms.form import Field, Form, Step
from app.forms.render import FormModel, StepView, fault_summary
from app.services.backend import BackendError, Problem
from app.services.container import Services, use_services
from app.services.problems import sentence
from app.theme import L
from app.words import N_
from contract.people import DEMO_PASSWORD
from contract.problem import ProblemCode

EMAIL = Field("email", N_("Adresse e-mail"), Email())
PASSWORD = Field("password", N_("Mot de passe"), Password())
NEW_PASSWORD = Field(
    "password",
    N_("Choisissez un mot de passe"),
    Password(new=True),
    hint=N_("12 caractères au moins. Quelques mots sans rapport font un bon mot de passe."),
)

REFUSALS: dict[str, str] = {
    "password_repetitive": N_("Ce mot de passe répète trop les mêmes caractères."),
    "password_common": N_("Ce mot de passe est trop facile à deviner."),
    "password_leaked": N_(
        "Ce mot de passe est de ceux que des fuites ont rendus publics : choisissez-en un autre."
    ),
    "password_wrong": N_("Ce n’est pas votre mot de passe actuel."),
    "pin_wrong": N_(
        "Ce n’est pas le bon code. Essais restants : {left} ; ensuite, cet appareil s’efface."
    ),
    "code_wrong": N_("Ce code n’est pas le bon. Vérifiez l’heure de votre téléphone."),
    "code_wrong_left": N_(
        "Ce code n’est pas le bon, ou il a déjà servi. Essais restants : {left}."
    ),
    "pin_differs": N_("Les deux codes sont différents."),
    "pin_needs_network": N_(
        "Ce code ne s’ouvre qu’avec le réseau, selon votre choix. Essayez de nouveau une fois "
        "connecté : cet essai ne compte pas."
    ),
    "pin_unknown": N_(
        "Le service ne connaît plus cet appareil. Choisissez « Code oublié » pour vous reconnecter."
    ),
    "delegation_past": N_("Choisissez un jour à venir."),
    "delegation_far": N_("Trois ans au plus : vous pourrez la redonner ensuite."),
    "delegation_self": N_("C’est votre propre adresse."),
    "delegation_twice": N_("Cette personne est déjà invitée, ou agit déjà."),
    "delegation_limit": N_("{most} personnes au plus à la fois : mettez fin à l’une d’elles."),
    "employer_twice": N_("Un employeur de votre liste a déjà ce SIRET."),
    "siret_taken": N_("Ce SIRET a déjà un compte pour cette activité."),
    "start_date_too_early": N_("Ce régime n’existait pas avant 2009."),
    "start_date_too_late": N_("Cette date est trop lointaine."),
    "department_unknown": N_("Choisissez un département de la liste."),
    "categories_bnc_and_cipav": N_(
        "Une activité libérale relève soit du régime général, soit de la Cipav : "
        "choisissez l’une des deux."
    ),
    "nature_without_liberal": N_("Une activité libérale demande une prestation de services BNC."),
    "nature_needs_bic": N_(
        "Une activité commerciale ou artisanale demande une vente, une prestation BIC ou une "
        "location de meublé classé."
    ),
    "end_before_start": N_("La fin ne peut pas précéder le début."),
    "end_in_future": N_("Indiquez une date passée ou celle d’aujourd’hui."),
    "date_malformed": N_("Écrivez la date ainsi : 31/10/2026."),
    "first_instalment_day": N_("Choisissez une date d’ici une semaine à un mois."),
    "too_many_months": N_("Étalez sur {limit} mois au plus."),
    "plan_active": N_("Un échéancier est déjà en cours."),
    "due_unknown": N_("Ce montant n’est plus sur votre compte."),
    "above_sanctions": N_("C’est plus que les pénalités et majorations de ce dossier."),
    "file_type": N_("Ce fichier n’est ni un PDF, ni une image JPEG ou PNG."),
    "file_unknown": N_("Ce fichier n’est plus là. Ajoutez-le de nouveau."),
    "too_many_files": N_("Vous gardez déjà 500 fichiers : retirez-en."),
    "month_missing": N_("Il manque ce mois : les trois mois du trimestre vont ensemble."),
    "months_do_not_add_up": N_(
        "Les trois mois n’ont pas pour total le montant déclaré pour le trimestre."
    ),
    "option_closed": N_("La fenêtre de cette option est fermée aujourd’hui."),
    "choice_unchanged": N_("C’est déjà votre choix actuel."),
    "split_total": N_("Les parts doivent faire 100 % en tout."),
    "mandate_unknown": N_("Ce compte bancaire n’est plus actif."),
    "above_open": N_("C’est plus que ce qui reste à payer."),
    "above_credit": N_("C’est plus que votre crédit."),
    "greater_than": N_("Indiquez un montant supérieur à zéro."),
    "period_already_declared": N_(
        "Une période déjà déclarée en dépend : ce choix ne peut pas la retirer."
    ),
}


def refusals(services: Services, problem: Problem, prefix: str = "") -> dict[str, str]:
    """The sentences of a refusal by field; `prefix` is taken off the paths."""
    words = services.words
    found = {}
    for error in problem.errors:
        text = REFUSALS.get(error.code) or FAULTS.get(error.code)
        try:
            said = words.t(text).format(**error.params) if text else ""
        except (KeyError, IndexError):
            said = ""
        found[error.field.removeprefix(prefix)] = said or sentence(words, "invalid-input")
    return found


def query(services: Services) -> dict[str, str]:
    """The parameters of the present address."""
    return {k: v[0] for k, v in parse_qs(urlsplit(services.page.route or "").query).items()}


def demo_password(services: Services) -> list[ft.Control]:
    """The password of the ready accounts, for whoever has seen them offered; nothing otherwise."""
    if not services.demo:
        return []
    told = services.words.t("Quand un compte prêt redemande son mot de passe : {password}")
    return [small(told.format(password=DEMO_PASSWORD))]


def inner_route(target: str) -> str:
    """`target` when it is a route of this app, else the home screen."""
    safe = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if safe else "/home"


def short_form(code: str, *fields: Field) -> Form:
    """A form of one step."""
    return Form(code, 1, (Step("only", "", fields),))


@ft.component
def ShortForm(
    form: Form,
    action: str,
    send: Callable[[dict[str, Any]], Awaitable[None]],
    start: dict[str, str] | None = None,
    clears: bool = False,
) -> ft.Control:
    """A form of one step with its button, or the Enter key. `send` gets the values; what it raises
    is shown, beside the fields when it names them. `clears` empties it after each try."""
    services = use_services()
    model = ft.use_memo(lambda: FormModel(form, dict(start or {}), services=services), [form.code])
    model.services = services
    busy, set_busy = ft.use_state(False)
    problem, set_problem = ft.use_state(None)
    bad, set_bad = ft.use_state([])
    step = form.steps[0]

    held = ref(model)  # which holds `submit`

    async def submit(_event: Any) -> None:
        model = held()
        if busy or model is None:
            return
        found = model.check(step)
        set_bad(found)
        set_problem(None)
        if found:
            return
        set_busy(True)
        try:
            await send(model.journey.values())
        except BackendError as error:
            if clears:
                model.put(dict.fromkeys(model.raw, ""))
            if isinstance(error, Problem) and error.errors:
                model.refuse(refusals(services, error))
                known = {f.path for f in step.fields}
                if not all(e.field in known for e in error.errors):
                    set_problem(error)
            elif isinstance(error, Problem) and error.code is ProblemCode.PASSWORD_WEAK:
                model.refuse({"password": sentence(services.words, error.code.value)})
            else:
                set_problem(error)
        set_busy(False)

    model.on_enter = submit
    lines: list[ft.Control] = []
    if problem is not None:
        lines.append(failure(services, problem))
    if bad:
        lines.append(fault_summary(services, bad))
    lines += [
        ft.AutofillGroup(content=StepView(model, step, model.shape)),
        primary(services.words.t(action), submit, disabled=busy),
    ]
    return ft.Column(
        lines, spacing=L, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
