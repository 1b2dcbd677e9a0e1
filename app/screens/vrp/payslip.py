"""One payslip: what the law gives beside what was withheld, line by line."""

from __future__ import annotations

from datetime import date
from typing import Any

import flet as ft

from app.components.cards import card, fact
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body, heading, small
from app.forms.answers import Date, Memo, Money, YesNo
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.screens.vrp.common import not_ready
from app.services.container import use_services
from app.words import N_
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.vrp import REGIME
from regimes.vrp.payslip import CheckedLine, Payslip, PayslipCheck, check_payslip, read_pasted

FIRST = date(2023, 1, 1)
VERDICTS = {
    "same": N_("Conforme"),
    "more": N_("Retenu en trop"),
    "less": N_("Retenu en moins"),
    "not_withheld": N_("Non retenu sur le bulletin"),
    "unknown_rate": N_("Taux non publié"),
    "not_in_law": N_("Hors des lignes connues"),
}


@ft.component
def PayslipScreen() -> ft.Control:
    """A payslip typed or pasted, then its check."""
    services = use_services()
    words = services.words
    found, set_found = ft.use_state(None)

    async def fetch() -> RateTable:
        table: RateTable = await services.rates.table(REGIME.code)
        return table

    loaded = use_load(services, fetch, [])
    title = words.t("Vérifier un bulletin")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    rates = loaded.value
    form = short_form(
        "vrp.payslip",
        Field("paid_on", N_("Payé le"), Date(earliest=FIRST)),
        Field("gross", N_("Salaire brut"), Money(declared=False)),
        Field("dfs", N_("L’abattement forfaitaire est-il appliqué ?"), YesNo()),
        Field("lines", N_("Lignes du bulletin, copiées"), Memo(), required=False,
              hint=N_("Une ligne par cotisation, avec le montant retenu à la fin.")),
    )  # fmt: skip

    async def check(values: dict[str, Any]) -> None:
        amounts, _, unread = read_pasted(values.get("lines") or "")
        day = values["paid_on"]
        payslip = Payslip(
            paid_on=day if isinstance(day, date) else date.fromisoformat(str(day)),
            gross=values["gross"], dfs=bool(values.get("dfs")), withheld=amounts,
        )  # fmt: skip
        set_found((check_payslip(payslip, rates), tuple(unread)))

    lines: list[ft.Control] = [
        body(words.t("Rien n’est envoyé ni gardé : le calcul se fait ici, avec les taux publiés.")),
        ShortForm(form, N_("Vérifier"), check),
    ]
    if found is not None:
        lines += _checked(*found, words)
    return scaffold(services, title, lines, back="/home")


def _checked(check: PayslipCheck, unread: tuple[str, ...], words: Words) -> list[ft.Control]:
    lines: list[ft.Control] = [
        heading(words.t("Ligne par ligne"), 2),
        card(
            [
                fact(words.t("Base après abattement"), words.money(check.base, cents=True)),
                fact(words.t("Total de la loi"), words.money(check.law_total, cents=True)),
                fact(
                    words.t("Total retenu"), words.money(check.withheld_total, cents=True),
                    strong=True,
                ),
            ],
            emphasis=True,
        ),
        *[_line(line, words) for line in check.lines],
    ]  # fmt: skip
    if unread:
        lines.append(
            banner(
                words.t("Lignes non comprises : {lines}").format(lines=" ; ".join(unread[:10])),
                "warning",
            )
        )
    return lines


def _line(line: CheckedLine, words: Words) -> ft.Control:
    law = words.money(line.law, cents=True) if line.law is not None else words.t("inconnu")
    held = words.money(line.withheld, cents=True) if line.withheld is not None else "–"
    rows: list[ft.Control] = [
        body(words.t(line.label), strong=True),
        fact(words.t("Loi"), law),
        fact(words.t("Bulletin"), held),
        small(words.t(VERDICTS.get(line.verdict, VERDICTS["not_in_law"]))),
    ]
    if line.note:
        rows.append(small(words.t(line.note)))
    return card(rows)
