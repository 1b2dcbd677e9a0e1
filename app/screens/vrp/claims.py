"""The life of my claims: where each stands, proofs to give, a decision to contest; the refund's
bank account and the number under which employers file."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.papers import Papers
from app.components.shell import scaffold
from app.components.states import banner, empty
from app.components.text import heading, small
from app.forms.answers import Iban, Memo, Nir, Password, Text
from app.forms.form import Field
from app.screens.access import ShortForm, demo_password, short_form
from app.screens.messages import Files
from app.screens.vrp.common import not_ready
from app.services.container import use_services
from app.words import N_
from contract.vrp import (
    ClaimAnswer,
    ClaimContest,
    ClaimView,
    IbanWrite,
    IdentityWrite,
    RefundDetails,
)

STATES = {
    "received": N_("Reçue"),
    "proofs_asked": N_("Des preuves vous sont demandées"),
    "proofs_sent": N_("Preuves envoyées"),
    "accepted": N_("Acceptée"),
    "accepted_in_part": N_("Acceptée en partie"),
    "refused": N_("Refusée"),
    "paid": N_("Payée"),
    "contested": N_("Contestée"),
}
IBAN = short_form(
    "vrp.iban", Field("holder", N_("Titulaire du compte"), Text(longest=70)),
    Field("iban", N_("IBAN du remboursement"), Iban()),
    Field("current_password", N_("Votre mot de passe"), Password(),
          hint=N_("Personne ne peut détourner votre remboursement d’un appareil laissé ouvert.")),
)  # fmt: skip
NIR = short_form(
    "vrp.nir",
    Field("nir", N_("Numéro de Sécurité sociale"), Nir(),
          hint=N_("Il sert à retrouver ce que vos employeurs ont déposé ; il est chiffré.")),
)  # fmt: skip
ANSWER = short_form("vrp.answer", Field("note", N_("Votre réponse"), Memo()))
CONTEST = short_form("vrp.contest", Field("note", N_("Pourquoi contestez-vous ?"), Memo()))


@ft.component
def Claims() -> ft.Control:
    """My claims, then what a refund needs."""
    services = use_services()
    words = services.words
    account = services.session.account
    base = f"/accounts/{account.id}" if account else ""

    async def fetch() -> tuple[list[ClaimView], RefundDetails] | None:
        if account is None:
            return None
        claims = await services.backend.get(list[ClaimView], f"{base}/claims")
        details = await services.backend.get(RefundDetails, f"{base}/refund")
        return claims, details

    loaded = use_load(services, fetch, [services.session.account_id])
    title = words.t("Mes demandes")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    claims, details = loaded.value

    async def set_iban(values: dict[str, Any]) -> None:
        await services.backend.send(
            RefundDetails, "PUT", f"{base}/refund/iban",
            IbanWrite(iban=values["iban"], holder=values["holder"],
                      current_password=values["current_password"]),
        )  # fmt: skip
        await loaded.reload()

    async def set_nir(values: dict[str, Any]) -> None:
        await services.backend.send(
            RefundDetails, "PUT", f"{base}/refund/nir", IdentityWrite(nir=values["nir"])
        )
        await loaded.reload()

    lines: list[ft.Control] = []
    if not claims:
        lines.append(
            empty(
                words.t("Aucune demande"),
                words.t("Vos demandes de remboursement et leurs réponses seront ici."),
                secondary(words.t("Ouvrir le tableau de l’année"),
                          lambda _e: services.go("/vrp")),
            )
        )  # fmt: skip
    lines += [OneClaim(claim, base, loaded.reload) for claim in claims]
    lines += [
        heading(words.t("Compte du remboursement"), 2),
        card([fact(words.t("IBAN"), details.iban or words.t("aucun"))]),
        *demo_password(services),
        ShortForm(IBAN, N_("Enregistrer ce compte"), set_iban, key=f"iban-{details.iban}"),
        heading(words.t("Ce que vos employeurs déposent"), 2),
        card([fact(words.t("Numéro de Sécurité sociale"), details.nir or words.t("aucun"))]),
    ]
    if details.nir is None:
        lines.append(ShortForm(NIR, N_("Enregistrer ce numéro"), set_nir))
    else:
        lines.append(
            small(words.t("Donné une fois pour toutes : s’il est faux, écrivez au service."))
        )
    return scaffold(services, title, lines, back="/home")


@ft.component
def OneClaim(claim: ClaimView, base: str, reload: Any) -> ft.Control:
    """One claim: its steps, and what is expected of me."""
    services = use_services()
    words = services.words
    files, set_files = ft.use_state([])
    contesting, set_contesting = ft.use_state(False)

    def sending(path: str, kind: Any) -> Any:
        async def act(values: dict[str, Any]) -> None:
            await services.backend.send(
                ClaimView, "POST", f"{base}/claims/{claim.number}/{path}",
                kind(note=values["note"], files=[file.id for file in files]),
            )  # fmt: skip
            set_files([])
            await reload()

        return act

    rows: list[ft.Control] = [
        heading(words.t("Demande {year}").format(year=claim.period), 3),
        fact(words.t("Demandé"), words.money(claim.amount, cents=True)),
        fact(words.t("État"), words.t(STATES[claim.state]), strong=True),
    ]
    if claim.accepted is not None:
        rows.append(fact(words.t("Accepté"), words.money(claim.accepted, cents=True)))
    if claim.paid is not None:
        rows.append(fact(words.t("Payé"), words.money(claim.paid, cents=True)))
    rows.append(
        Papers(
            f"{base}/receipts/{claim.number}.pdf?lang={words.paper}",
            f"quittance-{claim.number}.pdf",
        )
    )
    for event in claim.events:
        told = f"{words.moment(event.at)} · {words.t(STATES[event.state])}"
        if event.note:
            told = f"{told} · {event.note}"
        if event.files:
            joined = words.n("{count} fichier joint", "{count} fichiers joints", len(event.files))
            told = f"{told} · {joined.format(count=len(event.files))}"
        rows.append(small(told))
    if "proofs_sent" in claim.next:
        rows += [
            banner(words.t("Le service attend vos preuves."), "warning"),
            Files(files, set_files),
            ShortForm(ANSWER, N_("Envoyer les preuves"), sending("proofs", ClaimAnswer)),
        ]
    if "contested" in claim.next:
        limit = (
            words.t("Jusqu’au {date}.").format(date=words.date(claim.contest_until))
            if claim.contest_until
            else words.t("Le délai de recours est celui de la décision : demandez-le au service.")
        )
        rows.append(small(limit))
        if contesting:
            rows += [
                Files(files, set_files),
                ShortForm(CONTEST, N_("Contester la décision"), sending("contests", ClaimContest)),
            ]
        else:
            rows.append(
                ft.Row(
                    [secondary(words.t("Contester"), lambda _e: set_contesting(True))], wrap=True
                )
            )
    return card(rows)
