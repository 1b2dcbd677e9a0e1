"""My data: a copy of all of it, what is kept and how long, and the way out."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, secondary
from app.components.cards import card, fact
from app.components.load import Loaded, use_load
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, heading, small
from app.forms.answers import Choice, Password, Possible
from app.forms.form import Field
from app.screens.access import ShortForm, query, short_form
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.services.files import give_file
from app.theme import NARROW
from app.words import N_
from contract.i18n import Words
from contract.privacy import (
    CancelClosure,
    ClosureAsk,
    ClosureView,
    DataAsk,
    DataCopyView,
    KeptView,
    ObstacleView,
)

FORMS = {"json": N_("JSON, complet"), "pdf": N_("PDF, à lire")}
COPY_FORM = short_form(
    "data",
    Field(
        "form", N_("Sous quelle forme ?"),
        Choice(options=tuple(Possible(code, label) for code, label in FORMS.items())),
    ),
    Field("current_password", N_("Mot de passe actuel"), Password()),
)  # fmt: skip
CLOSE_FORM = short_form("closure", Field("current_password", N_("Mot de passe actuel"), Password()))
KEPT = {
    "reflection": N_("Avant de fermer, pour changer d’avis"),
    "access": N_("Traces d’accès et sessions"),
    "declarations": N_("Déclarations, profil, messages et documents"),
    "accounting": N_("Paiements, mandats et remboursements"),
}


@ft.component
def MyData() -> ft.Control:
    """A copy, the periods, the closure."""
    services = use_services()
    words = services.words

    async def copies() -> list[DataCopyView]:
        found: list[DataCopyView] = await services.backend.get(list[DataCopyView], "/me/data")
        return found

    async def closure() -> ClosureView:
        found: ClosureView = await services.backend.get(ClosureView, "/me/closure")
        return found

    listed = use_load(services, copies, [])
    state = use_load(services, closure, [])
    lines: list[ft.Control] = [
        body(words.t("Ce que le service garde à votre sujet, et comment le reprendre ou partir.")),
        Copies(listed),
    ]
    if state.value is None:
        lines.append(state.other(services))
    else:
        lines += [
            _kept(words, state.value.kept),
            Closing(state, key=f"{state.value.state} {state.value.effective_at}"),
        ]
    return scaffold(services, words.t("Mes données"), lines, back="/settings")


@ft.component
def Copies(listed: Loaded[list[DataCopyView]]) -> ft.Control:
    """Ask for a copy with the password, then take it."""
    services = use_services()
    words = services.words
    asked, set_asked = ft.use_state(0)
    problem, set_problem = ft.use_state(None)

    async def ask(values: dict[str, Any]) -> None:
        sent = DataAsk(
            current_password=values["current_password"], form=values["form"],
            locale=words.paper,
        )  # fmt: skip
        await services.backend.send(DataCopyView, "POST", "/me/data", sent)
        set_asked(asked + 1)
        await listed.reload()

    def take(copy: DataCopyView) -> Any:
        async def act(_event: Any) -> None:
            set_problem(None)
            try:
                await give_file(services, copy.path, f"mes-donnees.{copy.form}")
            except BackendError as error:
                set_problem(error)

        return act

    lines: list[ft.Control] = [
        heading(words.t("Télécharger mes données"), 2),
        small(
            words.t("Tout y est : déclarations, comptes, paiements, messages, connexions, et quand "
                    "et pourquoi le service a consulté votre dossier. Votre numéro de sécurité "
                    "sociale et vos IBAN y sont en entier : rangez ce fichier en lieu sûr.")
        ),
    ]  # fmt: skip
    if problem is not None:
        lines.append(failure(services, problem))
    for copy in listed.value or []:
        label = words.t(FORMS[copy.form])
        if copy.state == "ready":
            until = words.moment(copy.expires_at)
            lines += [
                banner(
                    words.t("{form} : prêt, jusqu’au {moment}.").format(form=label, moment=until),
                    "success", live=True,
                    actions=[
                        primary(
                            words.t("Télécharger ({form})").format(form=copy.form.upper()),
                            take(copy), ft.Icons.DOWNLOAD_OUTLINED,
                        )
                    ],
                )
            ]  # fmt: skip
        elif copy.state == "making":
            lines.append(
                banner(
                    words.t("{form} : en préparation.").format(form=label), live=True,
                    actions=[secondary(words.t("Voir si c’est prêt"), listed.reload)],
                )
            )  # fmt: skip
        else:
            lines.append(
                banner(words.t("Cette copie n’a pas pu être faite. Demandez-la de nouveau."),
                       "urgent", live=True)
            )  # fmt: skip
    lines.append(ShortForm(COPY_FORM, N_("Préparer ma copie"), ask, clears=True, key=str(asked)))
    return card(lines)


def lasting(row: KeptView, words: Words) -> str:
    """How long, in words."""
    if row.years:
        return words.n(
            "{count} an après la fin de l’année", "{count} ans après la fin de l’année", row.years
        ).format(count=words.number(row.years))
    if row.months:
        return words.n("{count} mois", "{count} mois", row.months).format(
            count=words.number(row.months)
        )
    return words.n("{count} jour", "{count} jours", row.days).format(count=words.number(row.days))


def _kept(words: Words, rows: list[KeptView]) -> ft.Control:
    lines: list[ft.Control] = [heading(words.t("Ce qui est gardé, et combien de temps"), 2)]
    for row in rows:
        lines.append(fact(words.t(KEPT.get(row.key, row.key)), lasting(row, words)))
        told = [words.t(row.law)]
        if row.until is not None:
            told.append(
                words.t("pour vous, jusqu’au {date}").format(date=words.date(row.until))
            )  # fmt: skip
        if not row.confirmed:
            told.append(words.t("durée retenue par le service, à confirmer"))
        lines.append(small(" · ".join(told)))
    lines.append(
        small(
            words.t("Ce qui n’a plus à être gardé s’efface ou devient anonyme tout seul, chaque "
                    "jour.")
        )
    )  # fmt: skip
    return card(lines)


@ft.component
def Closing(state: Loaded[ClosureView]) -> ft.Control:
    """Close my account: what is in the way, what goes, thirty days, and the way back."""
    services = use_services()
    words = services.words
    known, set_known = ft.use_state(False)
    opened, set_opened = ft.use_state(False)
    problem, set_problem = ft.use_state(None)
    view = state.value
    assert view is not None

    async def close(values: dict[str, Any]) -> None:
        asked = ClosureAsk(
            current_password=values["current_password"], despite=known or not view.obstacles
        )
        await services.backend.send(ClosureView, "POST", "/me/closure", asked)
        await state.reload()

    async def keep(_event: Any) -> None:
        set_problem(None)
        try:
            await services.backend.send(None, "DELETE", "/me/closure")
        except BackendError as error:
            set_problem(error)
        await state.reload()

    lines: list[ft.Control] = [heading(words.t("Fermer mon compte"), 2)]
    if problem is not None:
        lines.append(failure(services, problem))
    if view.state == "asked" and view.effective_at is not None:
        lines.append(
            banner(
                words.t("Votre compte fermera le {moment}. D’ici là, tout marche comme avant.")
                .format(moment=words.moment(view.effective_at)),
                "warning", live=True,
                actions=[primary(words.t("Garder mon compte"), keep)],
            )
        )  # fmt: skip
        return card(lines)
    lines += [
        body(
            words.t("Aussitôt fermé : plus d’accès, et s’effacent votre adresse e-mail, votre mot "
                    "de passe, votre numéro de sécurité sociale, vos brouillons, vos rappels et "
                    "les IBAN jamais débités. Les mandats s’arrêtent.")
        ),
        body(
            words.t("Restent, le temps que dit la loi ci-dessus : ce que vous avez déclaré et "
                    "payé. Fermer ne met fin ni à votre activité, ni à ce qui est dû.")
        ),
    ]  # fmt: skip
    if view.obstacles:
        lines.append(_obstacles(services, view.obstacles))
    if not opened:
        lines.append(
            ft.Row(
                [secondary(words.t("Fermer mon compte…"), lambda _e: set_opened(True))], wrap=True
            )
        )
        return card(lines)
    if view.obstacles:
        lines.append(
            ft.Checkbox(
                label=words.t("Je ferme l’accès en sachant ce qui reste à déclarer ou à payer"),
                value=known, on_change=lambda e: set_known(bool(e.control.value)),
            )
        )  # fmt: skip
    lines.append(ShortForm(CLOSE_FORM, N_("Fermer dans 30 jours"), close, clears=True))
    return card(lines)


def _obstacles(services: Services, rows: list[ObstacleView]) -> ft.Control:
    words = services.words
    told = []
    for row in rows:
        parts = []
        if row.open > 0:
            parts.append(words.t("reste à payer {amount}").format(amount=words.money(row.open)))
        if row.credit > 0:
            parts.append(
                words.t("à vous rendre {amount}").format(amount=words.money(row.credit))
            )  # fmt: skip
        if row.periods:
            parts.append(
                words.n("{count} période à déclarer", "{count} périodes à déclarer",
                        len(row.periods)).format(count=words.number(len(row.periods)))
            )  # fmt: skip
        told.append(
            words.t("{name} : {what}.").format(name=row.name, what=", ".join(parts))
        )  # fmt: skip
    return banner(
        "\n".join(told), "warning", title=words.t("Il vaut mieux régler ceci avant"),
        actions=[secondary(words.t("Voir mes paiements"), lambda _e: services.go("/payments"))],
    )  # fmt: skip


@ft.component
def Keep() -> ft.Control:
    """Keep an account with the link of the message: one press, no sign-in."""
    services = use_services()
    words = services.words
    token = query(services).get("token", "")
    done, set_done = ft.use_state(False)
    problem, set_problem = ft.use_state(None)

    async def keep(_event: Any) -> None:
        set_problem(None)
        try:
            await services.backend.send(
                None, "POST", "/closures/cancellations", CancelClosure(token=token)
            )
        except BackendError as error:
            set_problem(error)
            return
        set_done(True)

    title = words.t("Garder mon compte")
    lines: list[ft.Control] = []
    if len(token) < 20:
        lines.append(
            banner(words.t("Ce lien est incomplet. Ouvrez-le depuis le message."), "warning")
        )
    elif done:
        lines.append(banner(words.t("Votre compte reste ouvert."), "success", live=True))
    else:
        if problem is not None:
            lines.append(failure(services, problem))
        lines += [
            body(words.t("Vous aviez demandé à fermer votre compte.")),
            ft.Row([primary(title, keep)], wrap=True),
        ]
    target = "/home" if services.session.signed_in else "/signin"
    lines.append(ft.Row([secondary(words.t("Continuer"), lambda _e: services.go(target))]))
    return scaffold(services, title, lines, width=NARROW)
