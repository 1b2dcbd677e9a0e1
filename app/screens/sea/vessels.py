"""Vessels: what decides the rates, and the rest of their facts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import flet as ft
from pydantic import ValidationError

from app.components.buttons import area_button, primary, quiet
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, small
from app.forms.answers import Choice, Measure, Possible, Text, YesNo
from app.forms.form import Field, Form, Step
from app.forms.render import FormModel, StepView, fault_summary
from app.screens.sea.common import not_ready, use_log
from app.services.backend import BackendError, Problem
from app.services.container import Services, use_services
from app.services.sea import SeaBook, drop, keep
from app.theme import SM, XXS, S
from app.words import N_
from contract.hiding import fresh_id
from contract.i18n import Words
from regimes.fisherman.assess import size_class
from regimes.fisherman.models import Vessel
from regimes.fisherman.tables import NAVIGATION_LABELS, NAVIGATION_NOTE_LABELS

NEW = "nouveau"
KIND = "vessel"
NAVIGATIONS = tuple(
    Possible(code, label, NAVIGATION_NOTE_LABELS[code]) for code, label in NAVIGATION_LABELS.items()
)
SIZES = {
    "small": N_("12 mètres au plus (tous vos navires ensemble)"),
    "middle": N_("Plus de 12 et jusqu’à 25 mètres (tous vos navires ensemble)"),
    "large": N_("Plus de 25 mètres (tous vos navires ensemble)"),
}

FORM = Form(
    "vessel", 1,
    (
        Step(
            "vessel", N_("Navire"),
            (
                Field("name", N_("Nom du navire"), Text(longest=80)),
                Field("registration", N_("Immatriculation"), Text(longest=80), required=False,
                      hint=N_("Par exemple GV 123456.")),
                Field("length_m", N_("Longueur, en mètres"),
                      Measure(most=Decimal(200)),
                      hint=N_("Longueur hors tout : elle décide des taux, à 12 et à 25 mètres.")),
                Field("tonnage", N_("Jauge brute, en tonneaux"), Measure(most=Decimal(20000)),
                      required=False, hint=N_("Elle sert à trouver votre catégorie.")),
                Field("power_kw", N_("Puissance, en kW"), Measure(most=Decimal(50000)),
                      required=False),
                Field("navigation", N_("Genre de navigation"), Choice(options=NAVIGATIONS)),
                Field("oslo_certificate_before_1986",
                      N_("A-t-il un certificat de jauge (Oslo) d’avant 1986 ?"), YesNo(),
                      hint=N_("Alors sa jauge compte à la place de sa longueur.")),
                Field("insured", N_("Est-il assuré ?"), YesNo(),
                      hint=N_("Sans assurance, un supplément de 2 % est dû.")),
                Field("owners_embarked", N_("Tous les propriétaires sont-ils embarqués ?"),
                      YesNo(), hint=N_("C’est la condition des taux réduits.")),
            ),
        ),
    ),
)  # fmt: skip


def raw_of(vessel: Vessel, words: Words) -> dict[str, str]:
    """The answers that give this vessel again."""

    def measure(value: Decimal | None) -> str:
        return "" if value is None else Measure(most=Decimal(10**6)).write(value, words)

    return {
        "name": vessel.name,
        "registration": vessel.registration,
        "length_m": measure(vessel.length_m),
        "tonnage": measure(vessel.tonnage),
        "power_kw": measure(vessel.power_kw),
        "navigation": vessel.navigation,
        "oslo_certificate_before_1986": "yes" if vessel.oslo_certificate_before_1986 else "no",
        "insured": "yes" if vessel.insured else "no",
        "owners_embarked": "yes" if vessel.owners_embarked else "no",
    }


def to_vessel(values: dict[str, Any]) -> Vessel:
    """The vessel of these answers. Raises ValidationError."""
    flags = ("oslo_certificate_before_1986", "insured", "owners_embarked")
    found = {name: value for name, value in values.items() if name not in flags}
    found |= {name: values.get(name) == "yes" for name in flags}
    return Vessel.model_validate(found)


@ft.component
def Vessels() -> ft.Control:
    """The vessels of the account, and the class they make together."""
    services = use_services()
    words = services.words
    loaded = use_log(services)
    title = words.t("Navires")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: SeaBook = loaded.value
    vessels = book.vessels()
    lines: list[ft.Control] = []
    for name, vessel in vessels.items():
        facts = [
            words.t("{metres} m").format(metres=words.number(vessel.length_m)),
            words.t(NAVIGATION_LABELS[vessel.navigation]),
            vessel.registration,
            "" if vessel.insured else words.t("non assuré"),
            words.t("pas encore envoyé") if services.entries.waits(book.account, name) else "",
        ]
        said = " · ".join(fact for fact in facts if fact)
        lines.append(_tile(services, name, vessel.name, said))
    if vessels:
        size = size_class(vessels.values(), book.today, book.rates)
        lines.append(body(words.t(SIZES[size]), strong=True))
        lines.append(
            small(
                words.t(
                    "Les longueurs se combinent : racine cubique de la somme de leurs cubes. Deux "
                    "navires de 8 et 7 m comptent pour 9,49 m."
                )
            )
        )
    else:
        lines.append(body(words.t("Aucun navire pour l’instant.")))
    lines.append(
        primary(words.t("Ajouter un navire"), lambda _e: services.go(f"/mer/navires/{NEW}"),
                ft.Icons.ADD)
    )  # fmt: skip
    return scaffold(services, title, lines, back="/mer")


def _tile(services: Services, name: str, title: str, said: str) -> ft.Control:
    return area_button(
        f"{title}, {said}",
        ft.Row(
            [
                ft.Icon(ft.Icons.DIRECTIONS_BOAT_OUTLINED, color=ft.Colors.PRIMARY),
                ft.Column([body(title, strong=True), small(said)], spacing=XXS, tight=True,
                          expand=True),
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
            ],
            spacing=SM,
        ),
        lambda _e: services.go(f"/mer/navires/{name}"),
    )  # fmt: skip


@ft.component
def VesselForm() -> ft.Control:
    """A vessel, new or known."""
    services = use_services()
    words = services.words
    name = str(ft.use_route_params()["id"])
    loaded = use_log(services, name)
    title = words.t("Ajouter un navire") if name == NEW else words.t("Navire")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: SeaBook = loaded.value
    if name != NEW and name not in book.vessels():
        gone = banner(words.t("Ce navire n’est plus dans la liste."), "info")
        return scaffold(services, title, [gone], back="/mer/navires")
    return VesselTyping(book, name)


@ft.component
def VesselTyping(book: SeaBook, name: str) -> ft.Control:
    """The form and its buttons."""
    services = use_services()
    words = services.words
    known = book.vessels().get(name)
    fresh = ft.use_ref(fresh_id)
    raw = raw_of(known, words) if known is not None else {
        "oslo_certificate_before_1986": "no", "insured": "yes", "owners_embarked": "yes",
    }  # fmt: skip
    model: FormModel = ft.use_ref(lambda: FormModel(FORM, raw, services=services)).current
    bad, set_bad = ft.use_state(())
    error, set_error = ft.use_state(None)
    saving, set_saving = ft.use_state(False)
    model.services = services
    step = FORM.steps[0]

    async def save(_event: Any = None) -> None:
        if saving:
            return
        faults = model.check(step)
        set_bad(tuple(faults))
        if faults:
            return
        try:
            vessel = to_vessel(model.journey.values())
        except (ValidationError, InvalidOperation):
            model.refuse({"tonnage": "required"})
            return
        set_saving(True)
        try:
            await keep(services.backend, book, name if known else fresh.current, KIND, vessel)
        except BackendError as problem:
            set_saving(False)
            set_error(problem)
            return
        services.go("/mer/navires")

    async def delete(_event: Any) -> None:
        try:
            await drop(services.backend, book, name)
        except BackendError as problem:
            set_error(problem)
            return
        services.go("/mer/navires")

    lines: list[ft.Control] = []
    if error is not None:
        used = isinstance(error, Problem) and any(e.code == "vessel_unknown" for e in error.errors)
        if used:
            lines.append(
                banner(
                    words.t("Des périodes du journal sont sur ce navire : il reste."), "warning",
                    live=True,
                )
            )  # fmt: skip
        else:
            lines.append(failure(services, error, save))
    if bad:
        lines.append(fault_summary(services, list(bad)))
    lines.append(StepView(model, step, model.shape))
    buttons: list[ft.Control] = [
        primary(words.t("Enregistrer le navire"), save, ft.Icons.CHECK, disabled=saving)
    ]
    if known is not None:
        buttons.append(quiet(words.t("Retirer le navire"), delete, ft.Icons.DELETE_OUTLINE))
    return scaffold(
        services, words.t("Navire") if known else words.t("Ajouter un navire"), lines,
        back="/mer/navires",
        footer=ft.Column(
            buttons, spacing=S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    )  # fmt: skip
