"""Options and events: each with its window, and what it changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import link_out, secondary
from app.components.cards import card, fact
from app.components.choices import choice_card
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner
from app.components.terms import words_here
from app.components.text import body, heading, small
from app.forms.answers import Choice, Date, Money, Possible
from app.forms.form import Field
from app.glossary import terms_in
from app.screens.access import ShortForm, short_form
from app.services.container import Services, use_services
from app.words import N_
from contract.accounts import AccountView, OptionChoice, OptionsView
from contract.i18n import Words
from regimes.regime import Option

ICONS = {
    "periodicity": ft.Icons.CALENDAR_MONTH_OUTLINED,
    "flat_tax": ft.Icons.PERCENT,
    "acre": ft.Icons.ROCKET_LAUNCH_OUTLINED,
    "dedicated_account": ft.Icons.ACCOUNT_BALANCE_OUTLINED,
    "cessation": ft.Icons.EVENT_BUSY_OUTLINED,
    "radiation": ft.Icons.HOURGLASS_EMPTY,
}


def current(option: Option, words: Words) -> str:
    """The present choice, in words."""
    for choice in option.choices:
        # A lone choice is an action (ask for the ACRE), not a state.
        if choice.value == option.current and len(option.choices) > 1:
            return words.t(choice.label)
    if option.code == "radiation":
        months = int(option.params.get("months", 0))
        return words.n(
            "{count} mois sans chiffre d’affaires", "{count} mois sans chiffre d’affaires", months
        ).format(count=months)
    if option.asks == "money" and option.current:
        return words.money(Decimal(option.current))
    if option.asks == "date" and option.current:
        return words.date(date.fromisoformat(option.current))
    return {"yes": words.t("Oui"), "no": words.t("Non")}.get(option.current, words.t("Rien"))


def window(option: Option, words: Words) -> str:
    """Until when it may be used, or why it may not."""
    if not option.open:
        return words.t(option.reason)
    if option.closes is not None and option.effective is not None:
        return words.t("Jusqu’au {closes}, effet au {effective}").format(
            closes=words.date(option.closes), effective=words.date(option.effective)
        )
    if option.closes is not None:
        return words.t("Jusqu’au {closes}").format(closes=words.date(option.closes))
    return words.t("À tout moment")


def _fetch(services: Services) -> Any:
    async def fetch() -> OptionsView:
        account = services.session.account
        if account is None:
            return OptionsView(today=date.today(), options=[])
        found: OptionsView = await services.backend.get(
            OptionsView, f"/accounts/{account.id}/options"
        )
        return found

    return fetch


@ft.component
def Options() -> ft.Control:
    """Every option, those that are open first."""
    services = use_services()
    words = services.words
    loaded = use_load(services, _fetch(services), [services.session.account_id])
    lines: list[ft.Control]
    if loaded.value is None:
        lines = [loaded.other(services)]
    else:
        lines = []
        for title, is_open in (
            (words.t("Ouvertes aujourd’hui"), True),
            (words.t("Fermées"), False),
        ):
            found = [o for o in loaded.value.options if o.open is is_open]
            if found:
                lines.append(heading(title, 2))
            lines += [
                choice_card(
                    words.t(option.label), window(option, words), _open(services, option.code),
                    ICONS.get(option.code, ft.Icons.TUNE),
                    words.t("Aujourd’hui : {current}").format(current=current(option, words)),
                )
                for option in found
            ]  # fmt: skip
        lines += words_here(*terms_in(option.label for option in loaded.value.options))
    return scaffold(services, words.t("Options et événements"), lines)


def _open(services: Services, code: str) -> Any:
    return lambda _event: services.go(f"/options/{code}")


@ft.component
def OptionDetail() -> ft.Control:
    """One option: what it is, its window, what each choice changes, and the choice itself."""
    services = use_services()
    words = services.words
    code = ft.use_route_params().get("code", "")
    loaded = use_load(services, _fetch(services), [code, services.session.account_id])
    done, set_done = ft.use_state(False)
    if loaded.value is None:
        return scaffold(services, words.t("Option"), [loaded.other(services)], back="/options")
    option = next((o for o in loaded.value.options if o.code == code), None)
    if option is None:
        return scaffold(
            services, words.t("Option"),
            [banner(words.t("Cette option n’existe pas."), "warning")], back="/options",
        )  # fmt: skip

    async def send(values: dict[str, Any]) -> None:
        account = services.session.account
        value = values["value"]
        chosen = value.isoformat() if isinstance(value, date) else str(value)
        assert account is not None
        await services.backend.send(
            AccountView, "POST", f"/accounts/{account.id}/options/{code}",
            OptionChoice(value=chosen),
        )  # fmt: skip
        await services.session.reload()
        set_done(True)
        await loaded.reload()

    lines: list[ft.Control] = [
        body(words.t(option.summary)),
        *words_here(*terms_in([option.label, option.summary])),
    ]
    if done:
        lines.append(banner(words.t("Votre choix est enregistré."), "success", live=True))
    facts = [
        fact(words.t("Aujourd’hui"), current(option, words)),
        fact(words.t("Fenêtre"), window(option, words)),
    ]
    limit = option.params.get("income_limit")
    if limit is not None:
        facts.append(
            fact(words.t("Revenu fiscal par part, au plus"), words.money(Decimal(str(limit))))
        )
    lines.append(card(facts))
    if option.note:
        level = "info" if option.status == "confirmed" else "warning"
        lines.append(banner(words.t(option.note), level))
    if option.open and not done:
        lines += _choose(option, send, words)
    else:
        lines += [
            card([body(words.t(c.label), strong=True), small(words.t(c.effect))])
            for c in option.choices
        ]
    if code == "cessation" and option.current:
        lines.append(
            banner(
                words.t("Il vous reste à faire votre dernière déclaration."), "warning",
                actions=[secondary(words.t("Voir l’accueil"), lambda _e: services.go("/home"))],
            )
        )  # fmt: skip
    if option.law:
        lines.append(small(words.t("Texte : {law}").format(law=option.law)))
    if option.source:
        lines.append(link_out(words.t("Voir la source"), option.source))
    return scaffold(services, words.t(option.label), lines, back="/options")


def _choose(option: Option, send: Any, words: Words) -> list[ft.Control]:
    if option.asks == "date":
        field = Field("value", N_("Dernier jour d’activité"), Date())
        return [ShortForm(short_form(f"option.{option.code}", field), N_("Enregistrer"), send)]
    if option.asks == "money":
        field = Field("value", N_("Revenu estimé pour l’année"), Money(declared=False))
        return [ShortForm(short_form(f"option.{option.code}", field), N_("Enregistrer"), send)]
    others = [c for c in option.choices if c.value != option.current]
    if not others:
        return []
    field = Field(
        "value", N_("Votre choix"),
        Choice(options=tuple(Possible(c.value, c.label, c.effect) for c in others)),
    )  # fmt: skip
    form = short_form(f"option.{option.code}.{option.current}", field)
    return [ShortForm(form, N_("Enregistrer mon choix"), send)]
