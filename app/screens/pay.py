"""Pay one due: be debited on its day, by card, or by transfer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.dues import due_name, due_state, reason
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import big, body, heading, small
from app.forms.answers import Money
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.screens.delegates import may
from app.screens.payments import fetch_paying, no_account
from app.services.backend import BackendError
from app.services.container import Services, use_services
from app.theme import S
from app.words import N_
from contract.i18n import Words
from contract.payments import (
    CardAsk,
    Checkout,
    DueView,
    MandateView,
    OrderAsk,
    OrderView,
    Part,
    Paying,
    PaymentView,
    TransferAsk,
    TransferView,
)
from regimes.money import largest_remainder


@ft.component
def Pay() -> ft.Control:
    """What, when, how much; then how."""
    services = use_services()
    words = services.words
    code = ft.use_route_params().get("code", "")
    loaded = use_load(services, lambda: fetch_paying(services), [code, services.session.account_id])
    done, set_done = ft.use_state("")
    title = words.t("Payer")
    if services.session.account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    found = loaded.value
    due = next((d for d in found.dues if d.code == code), None)
    if due is None:
        return scaffold(
            services, title,
            [banner(words.t("Il n’y a rien à payer ici."), "info")], back="/payments",
        )  # fmt: skip

    async def ordered(said: str) -> None:
        set_done(said)
        await loaded.reload()

    lines: list[ft.Control] = [_what(due, words)]
    if done:
        lines.append(banner(done, "success", live=True))
    if due.state == "rejected" and due.payment is not None:
        lines.append(
            banner(
                reason(words, due.payment.reason), "urgent",
                words.t("Le prélèvement n’a pas abouti"),
            )
        )  # fmt: skip
    if due.open <= 0:
        lines.append(banner(due_state(due, words), "success"))
    elif due.order is not None and may(services.session.account, "pay"):
        lines.append(Ordered(due, found, ordered, key="ordered"))
    elif not may(services.session.account, "pay"):
        lines.append(
            banner(words.t("Le titulaire de ce compte ne vous a pas confié ses paiements."), "info")
        )
    else:
        lines += [
            DebitCard(due, found, ordered, key="debit"),
            CardPayment(due, found, key="card"),
            Transfer(due, key="transfer"),
        ]
    return scaffold(services, title, lines, back="/payments")


def _what(due: DueView, words: Words) -> ft.Control:
    lines: list[ft.Control] = [
        small(due_name(due, words)),
        big(words.money(due.open if due.open > 0 else due.amount)),
        body(due_state(due, words)),
    ]
    if 0 < due.open < due.amount:
        lines.append(
            small(
                words.t("Sur {amount}, déjà réglé en partie.").format(
                    amount=words.money(due.amount)
                )
            )
        )
    return card(lines, emphasis=False)


def active(found: Paying) -> list[MandateView]:
    """Bank accounts that may be debited."""
    return [mandate for mandate in found.mandates if mandate.state == "active"]


async def _order(services: Services, due: DueView, asked: OrderAsk) -> OrderView:
    account = services.session.account
    assert account is not None
    found: OrderView = await services.backend.send(
        OrderView, "PUT", f"/accounts/{account.id}/dues/{due.code}/order", asked
    )
    return found


@ft.component
def DebitCard(due: DueView, found: Paying, ordered: Any) -> ft.Control:
    """Be debited on the due date: one tap, or an amount by bank account."""
    services = use_services()
    words = services.words
    error, set_error = ft.use_state(None)
    detail, set_detail = ft.use_state(False)
    mandates = active(found)
    lines: list[ft.Control] = [heading(words.t("Par prélèvement"), 2)]
    if not mandates:
        lines += [
            body(
                words.t(
                    "Ajoutez un compte bancaire : vous serez prélevé à l’échéance, jamais avant."
                )
            ),
            ft.Row(
                [
                    primary(
                        words.t("Ajouter un compte bancaire"),
                        lambda _e: services.go(f"/mandates/new?next=/pay/{due.code}"),
                        ft.Icons.ACCOUNT_BALANCE_OUTLINED,
                    )
                ],
                wrap=True,
            ),
        ]
        return card(lines)
    day = words.date(due.debit_on or due.due_on)

    async def one_tap(_event: Any) -> None:
        set_error(None)
        try:
            order = await _order(services, due, OrderAsk())
        except BackendError as problem:
            set_error(problem)
            return
        await ordered(_said(order, words))

    lines.append(
        body(
            words.t("Prélevé le {date}, jamais avant l’échéance, sans majoration.").format(date=day)
            if found.today <= due.due_on
            else words.t("Prélevé le {date}, premier jour possible.").format(date=day)
        )
    )
    lines += [small(f"{m.iban} · {m.share} %" if len(mandates) > 1 else m.iban) for m in mandates]
    if error is not None:
        lines.append(failure(services, error))
    lines.append(
        ft.Row(
            [
                primary(
                    words.t("Être prélevé le {date}").format(date=day), one_tap,
                    ft.Icons.EVENT_AVAILABLE,
                ),
                *(
                    []
                    if detail
                    else [quiet(words.t("Choisir le montant"), lambda _e: set_detail(True))]
                ),
            ],
            wrap=True,
        )
    )  # fmt: skip
    if detail:
        lines.append(AmountsForm(due, found, ordered, key="amounts"))
    return card(lines)


def _said(order: OrderView, words: Words) -> str:
    return words.t(
        "C’est noté : {amount} prélevés le {date}. Modifiable jusqu’au {moment}."
    ).format(
        amount=words.money(order.amount), date=words.date(order.collect_on),
        moment=words.moment(order.cutoff_at),
    )  # fmt: skip


@ft.component
def AmountsForm(due: DueView, found: Paying, ordered: Any) -> ft.Control:
    """How much from each bank account."""
    services = use_services()
    words = services.words
    mandates = active(found)
    given = {part.mandate: part.amount for part in due.order.parts} if due.order else {}
    if not given:
        weights = [Decimal(m.share) for m in mandates]
        split = largest_remainder(due.open, weights)
        given = {m.id: part for m, part in zip(mandates, split, strict=True)}
    money = Money(declared=False)
    fields = [
        Field(f"parts.{number}.amount", mandate.iban, money, required=False)
        for number, mandate in enumerate(mandates)
    ]
    start = {
        f"parts.{number}.amount": money.write(given.get(mandate.id, Decimal(0)), words)
        for number, mandate in enumerate(mandates)
    }

    async def send(values: dict[str, Any]) -> None:
        parts = [
            Part(mandate=mandate.id, amount=values[f"parts.{number}.amount"])
            for number, mandate in enumerate(mandates)
            if values.get(f"parts.{number}.amount")
        ]
        order = await _order(services, due, OrderAsk(parts=parts))
        await ordered(_said(order, words))

    return ft.Column(
        [
            small(words.t("Montant prélevé sur chaque compte, {amount} au plus en tout.").format(
                amount=words.money(due.open))),
            ShortForm(short_form(f"order.{due.code}", *fields), N_("Enregistrer"), send, start),
        ],
        spacing=S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip


@ft.component
def Ordered(due: DueView, found: Paying, ordered: Any) -> ft.Control:
    """The order given: what leaves when, from where; change it or take it back."""
    services = use_services()
    words = services.words
    error, set_error = ft.use_state(None)
    changing, set_changing = ft.use_state(False)
    order = due.order
    assert order is not None

    async def cancel(_event: Any) -> None:
        account = services.session.account
        assert account is not None
        set_error(None)
        try:
            await services.backend.send(
                None, "DELETE", f"/accounts/{account.id}/dues/{due.code}/order"
            )
        except BackendError as problem:
            set_error(problem)
            return
        await ordered(words.t("Le prélèvement est annulé : la somme reste à payer."))

    lines: list[ft.Control] = [
        heading(words.t("Prélèvement prévu"), 2),
        fact(words.date(order.collect_on), words.money(order.amount), strong=True),
        *(fact(part.iban, words.money(part.amount)) for part in order.parts if part.amount),
    ]
    if order.amendable:
        lines.append(
            small(
                words.t("Modifiable jusqu’au {moment}.").format(
                    moment=words.moment(order.cutoff_at)
                )
            )
        )
    else:
        lines.append(banner(words.t("Il part à la banque : il ne peut plus être modifié."), "info"))
    if error is not None:
        lines.append(failure(services, error))
    if order.amendable and not changing:
        lines.append(
            ft.Row(
                [
                    secondary(
                        words.t("Modifier"), lambda _e: set_changing(True), ft.Icons.EDIT_OUTLINED
                    ),
                    quiet(words.t("Annuler ce prélèvement"), cancel),
                ],
                wrap=True,
            )
        )
    if order.amendable and changing:

        async def changed(said: str) -> None:
            set_changing(False)
            await ordered(said)

        lines.append(AmountsForm(due, found, changed, key="amounts"))
    return card(lines)


@ft.component
def CardPayment(due: DueView, found: Paying) -> ft.Control:
    """Pay now by card, on the provider's page."""
    services = use_services()
    words = services.words
    error, set_error = ft.use_state(None)
    if not found.cards:
        return ft.Container()

    async def pay(_event: Any) -> None:
        account = services.session.account
        assert account is not None
        set_error(None)
        try:
            checkout = await services.backend.send(
                Checkout, "POST", f"/accounts/{account.id}/payments/card", CardAsk(due=due.code)
            )
        except BackendError as problem:
            set_error(problem)
            return
        await ft.UrlLauncher().launch_url(
            f"{checkout.url}?lang={words.locale}", web_only_window_name="_self"
        )

    lines: list[ft.Control] = [
        heading(words.t("Par carte"), 2),
        body(words.t("Tout de suite, sur la page de la banque.")),
    ]
    if found.sandbox:
        lines.append(small(words.t("Banque d’essai : aucun argent ne bouge.")))
    if error is not None:
        lines.append(failure(services, error, pay))
    lines.append(
        ft.Row(
            [
                secondary(
                    words.t("Payer {amount} par carte").format(amount=words.money(due.open)),
                    pay,
                    ft.Icons.CREDIT_CARD_OUTLINED,
                )
            ],
            wrap=True,
        )
    )
    return card(lines)


@ft.component
def Transfer(due: DueView) -> ft.Control:
    """What to write on a bank transfer."""
    services = use_services()
    words = services.words
    shown, set_shown = ft.use_state(None)
    error, set_error = ft.use_state(None)
    copied, set_copied = ft.use_state(False)

    async def ask(_event: Any) -> None:
        account = services.session.account
        assert account is not None
        set_error(None)
        try:
            set_shown(
                await services.backend.send(
                    TransferView, "POST", f"/accounts/{account.id}/payments/transfer",
                    TransferAsk(due=due.code),
                )
            )  # fmt: skip
        except BackendError as problem:
            set_error(problem)

    async def copy(_event: Any) -> None:
        reference = shown.reference  # type: ignore[attr-defined]  # its button is shown with it
        await ft.Clipboard().set(reference.replace(" ", ""))
        set_copied(True)

    lines: list[ft.Control] = [
        heading(words.t("Par virement"), 2),
        body(words.t("Depuis votre banque, en recopiant la référence.")),
    ]
    if error is not None:
        lines.append(failure(services, error, ask))
    if shown is None:
        lines.append(
            ft.Row(
                [secondary(words.t("Voir les coordonnées"), ask, ft.Icons.ACCOUNT_BALANCE_OUTLINED)]
            )
        )
    else:
        lines += [
            fact(words.t("Bénéficiaire"), shown.holder),
            fact(words.t("IBAN"), shown.iban),
            fact(words.t("BIC"), shown.bic),
            fact(words.t("Montant"), words.money(shown.payment.amount), strong=True),
            fact(words.t("Référence à recopier"), shown.reference, strong=True),
            small(
                words.t("Sans cette référence, votre virement ne peut pas être reconnu. Il compte "
                        "du jour où il arrive.")
            ),
            ft.Row([secondary(words.t("Copier la référence"), copy,
                    ft.Icons.COPY_OUTLINED)], wrap=True),
        ]  # fmt: skip
        if copied:
            lines.append(
                ft.Semantics(
                    live_region=True, container=True,
                    content=small(words.t("La référence est copiée.")),
                )
            )  # fmt: skip
    return card(lines)


@ft.component
def Done() -> ft.Control:
    """Back from the card provider: what its notice says, once it has come."""
    services = use_services()
    words = services.words
    payment_id = ft.use_route_params().get("payment", "")

    async def fetch() -> PaymentView | None:
        account = services.session.account
        if account is None:
            return None
        found: PaymentView = await services.backend.get(
            PaymentView, f"/accounts/{account.id}/payments/{payment_id}"
        )
        return found

    loaded = use_load(services, fetch, [payment_id, services.session.account_id])
    title = words.t("Paiement par carte")
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    payment = loaded.value
    home = ft.Row(
        [
            primary(words.t("Voir mes paiements"), lambda _e: services.go("/payments")),
            quiet(words.t("Retour à l’accueil"), lambda _e: services.go("/home")),
        ],
        wrap=True,
    )
    if payment.state == "paid":
        lines = [
            banner(
                words.t("Paiement reçu : {amount}. Merci.").format(
                    amount=words.money(payment.amount)
                ),
                "success", live=True,
            ),
            fact(words.t("Référence"), payment.reference),
            home,
        ]  # fmt: skip
    elif payment.state == "pending":
        lines = [
            banner(
                words.t(
                    "La banque n’a pas encore confirmé. Rien d’autre à faire : la confirmation "
                    "peut prendre quelques minutes, même si vous fermez cette page."
                ),
                "info", live=True,
            ),
            ft.Row([secondary(words.t("Vérifier de nouveau"), loaded.reload, ft.Icons.REFRESH)]),
            home,
        ]  # fmt: skip
    else:
        lines = [
            banner(
                words.t("Le paiement n’a pas abouti : rien n’a été pris. Vous pouvez recommencer."),
                "warning", live=True,
            ),
            ft.Row(
                [
                    primary(
                        words.t("Payer de nouveau"),
                        lambda _e: services.go(f"/pay/{payment.due}"), ft.Icons.PAYMENTS_OUTLINED,
                    )
                ]
            ),
            home,
        ]  # fmt: skip
    return scaffold(services, title, lines, back="/payments")
