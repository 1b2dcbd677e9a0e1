"""The statement of an account, and an instalment plan, as documents."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from backend.documents.attestations import Holder, spaced
from backend.documents.sheet import Section, Sheet, facts, table, text
from contract.decisions import EurosView, PlanView
from contract.i18n import Words
from contract.payments import Statement
from regimes.money import plain


def _who(holder: Holder, w: Words) -> Section:
    return facts(
        w.t("Entreprise"),
        (w.t("Nom"), holder.name),
        (w.t("SIRET"), spaced(holder.siret)),
        (w.t("Profession"), w.t(holder.regime.label)),
    )


def statement_sheet(holder: Holder, w: Words, found: Statement) -> Callable[[str, str], Sheet]:
    """Every movement of the account, oldest first, and its balance."""
    title = w.t("Relevé de compte")
    rows = []
    for line in found.lines:
        period = w.period(line.start, line.end) if line.start and line.end else line.period
        rows.append(
            [
                w.date(line.date), f"{w.t(line.label).format(**line.params)}, {period}",
                w.money(line.amount, cents=True), w.money(line.balance, cents=True),
            ]
        )  # fmt: skip
    owed = found.balance
    label = w.t("Solde en votre faveur") if owed < 0 else w.t("Reste à payer")

    def make(number: str, code: str) -> Sheet:
        return Sheet(
            title=title, kind=w.t("Ce qui a été demandé, payé et imputé"), heading=title,
            day=holder.today, number=number, code=code,
            intro=[w.t("Situation à la date du {date}.").format(date=w.date(holder.today))],
            highlight=(label, w.money(abs(owed), cents=True), []),
            sections=[
                _who(holder, w),
                table(
                    w.t("Mouvements"),
                    [w.t("Date"), w.t("Mouvement"), w.t("Montant"), w.t("Solde")],
                    [False, False, True, True], rows,
                ),
            ],
            facts={
                "document": "statement", "number": number, "siret": holder.siret,
                "issued_on": holder.today.isoformat(), "balance": plain(owed),
                "lines": [line.model_dump(mode="json") for line in found.lines],
            },
        )  # fmt: skip

    return make


def euros_sheet(holder: Holder, w: Words, view: EurosView) -> Callable[[str, str], Sheet]:
    """What each fund received of the payments of a year (CSS D133-4 and L613-9)."""
    title = w.t("Où sont allés mes euros")
    funded = sum((fund.amount for fund in view.funds), view.total * 0)
    rows = [
        [
            w.t(fund.label),
            w.percent((fund.amount / funded * 100).quantize(Decimal("0.1"))) if funded else "–",
            w.money(fund.amount, cents=True),
        ]
        for fund in view.funds
    ]  # fmt: skip
    if view.other:
        rows.append([w.t("Pénalités, majorations et avance"), "–", w.money(view.other, cents=True)])

    def make(number: str, code: str) -> Sheet:
        return Sheet(
            title=f"{title} {view.year}", kind=w.t("Ce que chaque caisse a reçu"),
            heading=f"{title}, {view.year}", day=holder.today, number=number, code=code,
            highlight=(
                w.t("Payé en {year}").format(year=view.year), w.money(view.total, cents=True), [],
            ),
            sections=[
                _who(holder, w),
                table(
                    w.t("Caisse par caisse"), [w.t("Caisse"), w.t("Part"), w.t("Montant")],
                    [False, True, True], rows,
                    [w.t("Total"), "", w.money(view.total, cents=True)],
                    after=[
                        w.t("Chaque paiement est réparti dans l’ordre de la loi (CSS D133-4 et "
                            "L613-9) : les cotisations d’abord, les majorations ensuite.")
                    ],
                ),
            ],
            facts={
                "document": "euros", "number": number, "siret": holder.siret, "year": view.year,
                "total": plain(view.total),
                "funds": {fund.fund: plain(fund.amount) for fund in view.funds},
            },
        )  # fmt: skip

    return make


def plan_sheet(holder: Holder, w: Words, plan: PlanView) -> Callable[[str, str], Sheet]:
    """An instalment plan as granted (CSS R243-21)."""
    title = w.t("Échéancier de paiement")

    def make(_number: str, code: str) -> Sheet:
        return Sheet(
            title=title, kind=w.t("Paiement en plusieurs fois"), heading=title, day=holder.today,
            number=plan.number, code=code,
            intro=[
                w.t("Accordé le {moment}.").format(moment=w.moment(plan.asked_at)),
            ],
            highlight=(w.t("Montant étalé"), w.money(plan.total, cents=True), []),
            sections=[
                _who(holder, w),
                table(
                    w.t("Mensualités"), [w.t("N°"), w.t("Date"), w.t("Montant")],
                    [False, False, True],
                    [
                        [str(i.number), w.date(i.due_on), w.money(i.amount, cents=True)]
                        for i in plan.instalments
                    ],
                    ["", w.t("Total"), w.money(plan.total, cents=True)],
                ),
                text(
                    w.t("À savoir"),
                    w.t("Une mensualité qui n’arrive pas à sa date arrête l’échéancier : ce qui "
                        "reste est alors à payer, avec les majorations."),
                    after=["CSS R243-21."],
                ),
            ],
            facts={
                "document": "plan", "number": plan.number, "siret": holder.siret,
                "total": plain(plan.total),
                "instalments": [
                    {"due_on": i.due_on.isoformat(), "amount": plain(i.amount)}
                    for i in plan.instalments
                ],
            },
        )  # fmt: skip

    return make
