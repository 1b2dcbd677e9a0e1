"""My bank accounts: sign a mandate, split amounts between accounts, revoke, keep the PDF."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, empty, failure
from app.components.terms import words_here
from app.components.text import body, heading, small
from app.forms.answers import Choice, Count, Eligible, Iban, Password, Possible, Text
from app.forms.form import Field
from app.screens.access import ShortForm, demo_password, inner_route, query, short_form
from app.screens.home import ConfirmBanner
from app.screens.payments import fetch_paying, no_account
from app.services.backend import BackendError
from app.services.container import use_services
from app.services.files import give_file
from app.words import N_
from contract.mandate import MANDATE_TEXT
from contract.payments import MandateShare, MandateSign, MandateView, Paying, Split

STATES = {
    "active": N_("Actif"), "revoked": N_("Révoqué"), "used": N_("A servi, une seule fois"),
    "blocked": N_("Refusé par la banque : il ne sera plus prélevé"),
}  # fmt: skip
MOST = 3

SIGN = short_form(
    "mandate",
    Field("holder", N_("Titulaire du compte"), Text(longest=70)),
    Field("iban", N_("IBAN"), Iban(), hint=N_("Sur votre RIB : FR76 suivi de 23 caractères.")),
    Field(
        "kind", N_("Ce mandat servira"),
        Choice(options=(
            Possible("recurrent", N_("À chaque prélèvement que je demande")),
            Possible("once", N_("Une seule fois")),
        )),
    ),
    Field(
        "agreed", N_("Je signe ce mandat"),
        Eligible(because=N_("Sans votre signature, ce compte ne peut pas être prélevé.")),
    ),
    Field(
        "current_password", N_("Votre mot de passe"), Password(),
        hint=N_("Personne ne peut ajouter un compte bancaire d’un appareil laissé ouvert."),
    ),
)  # fmt: skip


@ft.component
def Mandates() -> ft.Control:
    """Every mandate, the active ones first."""
    services = use_services()
    words = services.words
    loaded = use_load(services, lambda: fetch_paying(services), [services.session.account_id])
    title = words.t("Comptes bancaires")
    if services.session.account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/payments")
    found = loaded.value
    active = [m for m in found.mandates if m.state == "active"]
    ended = [m for m in found.mandates if m.state != "active"]
    lines: list[ft.Control] = []
    if not active:
        lines.append(
            empty(
                words.t("Aucun compte à prélever"),
                words.t("Un mandat ne débite rien tout seul : vous demandez chaque prélèvement."),
            )
        )
    lines += [MandateCard(m, len(active), loaded.reload, key=m.id) for m in active]
    if len(active) < MOST:
        lines.append(
            ft.Row(
                [
                    primary(
                        words.t("Ajouter un compte bancaire"),
                        lambda _e: services.go("/mandates/new"), ft.Icons.ADD,
                    )
                ],
                wrap=True,
            )
        )  # fmt: skip
    else:
        lines.append(small(words.t("Trois comptes au plus.")))
    if len(active) > 1:
        lines.append(SplitForm(found, loaded.reload, key="split"))
    lines += words_here("mandat_sepa")
    if ended:
        lines.append(heading(words.t("Mandats terminés"), 2))
        lines += [MandateCard(m, len(active), loaded.reload, key=m.id) for m in reversed(ended)]
    return scaffold(services, title, lines, back="/payments")


@ft.component
def MandateCard(mandate: MandateView, count: int, reload: Any) -> ft.Control:
    """One mandate: masked account, references, PDF, revocation in two taps."""
    services = use_services()
    words = services.words
    sure, set_sure = ft.use_state(False)
    error, set_error = ft.use_state(None)
    account = services.session.account
    assert account is not None

    async def take(_event: Any) -> None:
        set_error(None)
        try:
            await give_file(
                services, f"/accounts/{account.id}/mandates/{mandate.id}.pdf?lang={words.paper}",
                f"mandat-{mandate.rum}.pdf",
            )  # fmt: skip
        except BackendError as problem:
            set_error(problem)

    async def revoke(_event: Any) -> None:
        set_error(None)
        try:
            await services.backend.send(
                MandateView, "DELETE", f"/accounts/{account.id}/mandates/{mandate.id}"
            )
        except BackendError as problem:
            set_error(problem)
            return
        await reload()

    lines: list[ft.Control] = [
        heading(mandate.iban, 3 if mandate.state != "active" else 2, look=3),
        fact(words.t("État"), words.t(STATES[mandate.state])),
        fact(words.t("Titulaire"), mandate.holder),
        fact(words.t("RUM"), mandate.rum),
        fact(words.t("ICS"), mandate.ics),
        fact(words.t("Signé le"), words.date(mandate.signed_at.date())),
    ]
    if mandate.state == "active" and count > 1:
        lines.append(fact(words.t("Part des montants"), f"{mandate.share} %"))
    if mandate.one_off:
        lines.append(small(words.t("Une seule fois")))
    if error is not None:
        lines.append(failure(services, error))
    actions = [secondary(words.t("Mandat (PDF)"), take, ft.Icons.DOWNLOAD_OUTLINED)]
    if mandate.state == "active" and not sure:
        actions.append(quiet(words.t("Révoquer"), lambda _e: set_sure(True)))
    lines.append(ft.Row(actions, wrap=True))
    if sure and mandate.state == "active":
        lines.append(
            banner(
                words.t(
                    "Ce compte ne sera plus prélevé. Les prélèvements prévus passent sur vos "
                    "autres comptes, ou sont annulés s’il n’y en a pas."
                ),
                "warning", words.t("Révoquer ce mandat ?"),
                [
                    secondary(words.t("Oui, révoquer"), revoke),
                    quiet(words.t("Non, garder"), lambda _e: set_sure(False)),
                ],
                live=True,
            )
        )  # fmt: skip
    return card(lines)


@ft.component
def SplitForm(found: Paying, reload: Any) -> ft.Control:
    """Percent of each amount that each account bears."""
    services = use_services()
    words = services.words
    done, set_done = ft.use_state(False)
    problem, set_problem = ft.use_state("")
    active = [m for m in found.mandates if m.state == "active"]
    fields = [Field(f"share{n}", m.iban, Count(low=0, high=100)) for n, m in enumerate(active)]
    start = {f"share{n}": str(m.share) for n, m in enumerate(active)}

    async def send(values: dict[str, Any]) -> None:
        set_done(False)
        shares = [
            MandateShare(mandate=m.id, percent=int(values[f"share{n}"]))
            for n, m in enumerate(active)
        ]
        if sum(share.percent for share in shares) != 100:
            set_problem(words.t("Les parts doivent faire 100 % en tout."))
            return
        set_problem("")
        account = services.session.account
        assert account is not None
        await services.backend.send(
            list[MandateView], "PUT", f"/accounts/{account.id}/mandates/split", Split(shares=shares)
        )
        set_done(True)
        await reload()

    lines: list[ft.Control] = [
        heading(words.t("Répartition"), 2),
        body(words.t("Part de chaque montant, en pour cent, pour chaque compte.")),
    ]
    if problem:
        lines.append(banner(problem, "warning", live=True))
    if done:
        lines.append(banner(words.t("La répartition est enregistrée."), "success", live=True))
    code = "split." + ".".join(m.id[:6] for m in active)
    form = short_form(code, *fields)
    lines.append(ShortForm(form, N_("Enregistrer"), send, start, key=code))
    return card(lines)


@ft.component
def Sign() -> ft.Control:
    """Sign a mandate: the account, the text, the agreement."""
    services = use_services()
    words = services.words
    target = inner_route(query(services).get("next", "/mandates"))
    loaded = use_load(services, lambda: fetch_paying(services), [services.session.account_id])
    title = words.t("Ajouter un compte bancaire")
    account = services.session.account
    if account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/mandates")
    found = loaded.value

    async def send(values: dict[str, Any]) -> None:
        await services.backend.send(
            MandateView, "POST", f"/accounts/{account.id}/mandates",
            MandateSign(
                iban=values["iban"], holder=values["holder"], agreed=True,
                one_off=values["kind"] == "once", current_password=values["current_password"],
            ),
        )  # fmt: skip
        services.go(target)

    confirmed = services.session.person is not None and services.session.person.email_confirmed
    return scaffold(
        services, title,
        [
            *([] if confirmed else [ConfirmBanner(services)]),
            card(
                [
                    heading(words.t("Mandat de prélèvement SEPA"), 2),
                    fact(words.t("Créancier"), found.creditor),
                    fact(words.t("ICS"), found.ics),
                    small(words.t(MANDATE_TEXT)),
                ]
            ),
            *demo_password(services),
            ShortForm(SIGN, N_("Signer le mandat"), send, {"kind": "recurrent"}, key="sign"),
        ],
        back="/mandates",
    )  # fmt: skip
