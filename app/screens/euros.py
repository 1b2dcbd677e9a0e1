"""Where my euros went: what each fund received in a year, as a picture and a table."""

from __future__ import annotations

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.charts import share_ring
from app.components.load import use_load
from app.components.papers import Papers
from app.components.shell import scaffold
from app.components.states import empty
from app.components.terms import words_here
from app.components.text import big, body, heading, small
from app.glossary import terms_in
from app.screens.payments import no_account
from app.services.container import use_services
from contract.decisions import EurosView


@ft.component
def Euros() -> ft.Control:
    """A year at a time."""
    services = use_services()
    words = services.words
    account = services.session.account
    year, set_year = ft.use_state(None)

    async def fetch() -> EurosView | None:
        if account is None:
            return None
        query = f"?year={year}" if year else ""
        found: EurosView = await services.backend.get(
            EurosView, f"/accounts/{account.id}/euros{query}"
        )
        return found

    loaded = use_load(services, fetch, [services.session.account_id, year])
    title = words.t("Où sont allés mes euros")
    if account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    view = loaded.value
    lines: list[ft.Control] = []
    others = [y for y in view.years if y != view.year]
    if others:
        lines.append(
            ft.Row(
                [
                    secondary(str(y), lambda _e, y=y: set_year(y))
                    for y in others
                ],
                wrap=True,
            )
        )  # fmt: skip
    if not view.funds:
        lines.append(
            empty(
                words.t("Rien ici"),
                words.t("Aucun paiement n’est arrivé cette année : vos euros seront ici, caisse "
                        "par caisse."),
                secondary(words.t("Voir ce qui est à payer"),
                          lambda _e: services.go("/payments")),
                picture="euros",
            )
        )  # fmt: skip
        return scaffold(services, title, lines, back="/payments")
    shares = [(words.t(f.label), f.amount) for f in view.funds if f.amount > 0]
    total = sum((part for _, part in shares), view.total * 0)
    lines += [
        card(
            [
                small(words.t("Payé en {year}").format(year=view.year)),
                big(words.money(view.total, cents=True)),
                Papers(
                    f"/accounts/{account.id}/euros.pdf?year={view.year}&lang={words.paper}",
                    f"mes-euros-{view.year}.pdf",
                ),
            ],
            emphasis=True,
        ),
        heading(words.t("Caisse par caisse"), 2),
        card([share_ring(shares, total, words)]),
    ]
    if view.other:
        lines.append(
            card(
                [
                    fact(
                        words.t("Pénalités, majorations et avance"),
                        words.money(view.other, cents=True),
                    )
                ]
            )
        )
    lines.append(
        body(
            words.t("Chaque paiement est réparti dans l’ordre de la loi (CSS D133-4 et L613-9) : "
                    "les cotisations d’abord, les majorations ensuite.")
        )
    )  # fmt: skip
    lines += words_here(*terms_in(f.label for f in view.funds))
    return scaffold(services, title, lines, back="/payments")
