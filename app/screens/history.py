"""What was sent: every declaration, its lines, its versions, and files for a spreadsheet."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.breakdown import breakdown
from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact, listed
from app.components.charts import euros_picture, shares_status
from app.components.load import use_load
from app.components.sheet import beside, copy_sheet
from app.components.shell import scaffold
from app.components.states import banner, empty, no_activity
from app.components.steps import resume_path
from app.components.text import big, body, heading, small
from app.screens.declare import ReceiptButtons
from app.screens.home import period_tile
from app.screens.professions.base import profession, wording
from app.services.container import Services, use_services
from app.services.files import give_file
from app.theme import SM, XXS
from contract.accounts import Overview, PeriodView
from contract.declarations import Receipt
from regimes.regime import Kind
from regimes.registry import REGISTRY


@ft.component
def History() -> ft.Control:
    """Periods, latest first, by year; what is left to declare stands out."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> Overview | None:
        if account is None:
            return None
        found: Overview = await services.backend.get(Overview, f"/accounts/{account.id}/overview")
        return found

    loaded = use_load(services, fetch, [account.id if account else ""])
    title = words.t("Historique")
    if account is None:
        return scaffold(
            services, title,
            [no_activity(services)],
        )  # fmt: skip
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services, "list")])
    overview = loaded.value
    years: dict[int, list[PeriodView]] = {}
    for period in reversed(overview.periods):
        years.setdefault(period.end.year, []).append(period)
    lines: list[ft.Control] = []
    for year, periods in years.items():
        rows = [_row(services, period, overview.account.regime) for period in periods]
        lines.append(card([heading(str(year), 2), listed(rows)]))
    if not years:
        lines.append(
            empty(
                words.t("Rien ici"), words.t("Aucune période pour l’instant."),
                secondary(words.t("Retour à l’accueil"), lambda _e: services.go("/home")),
            )
        )  # fmt: skip
    if any(p.submission for p in overview.periods):
        lines.append(Exports(services, account.id))
    return scaffold(services, title, lines)


@ft.component
def Exports(services: Services, account_id: str) -> ft.Control:
    """The history as a file."""
    words = services.words

    def take(kind: str) -> Any:
        async def act(_event: Any) -> None:
            await give_file(
                services, f"/accounts/{account_id}/export.{kind}?lang={words.paper}",
                f"quittance.{kind}",
            )  # fmt: skip

        return act

    return ft.Row(
        [
            quiet(words.t("Exporter en CSV"), take("csv"), ft.Icons.TABLE_ROWS_OUTLINED),
            quiet(words.t("Exporter en XLSX"), take("xlsx"), ft.Icons.GRID_ON),
        ],
        wrap=True,
    )


def _row(services: Services, period: PeriodView, regime: str) -> ft.Control:
    says = wording(regime)
    if period.submission:
        return period_tile(services, period, says)
    words = services.words
    name = words.period(period.start, period.end)
    states = {
        "upcoming": words.t("À déclarer à partir du {date}").format(date=words.date(period.opens)),
        "to_declare": words.t("À déclarer avant le {date}").format(date=words.date(period.due)),
        "draft": words.t("Brouillon, à envoyer avant le {date}").format(
            date=words.date(period.due)
        ),
        "late": words.t("En retard depuis le {date}").format(date=words.date(period.due)),
        "optional": words.t(profession(regime).optional_note),
        "closed": words.t("Trop ancienne pour être déclarée en ligne"),
    }
    texts = ft.Column(
        [body(name[:1].upper() + name[1:], strong=True), small(states[period.state])],
        spacing=XXS, tight=True,
    )  # fmt: skip
    if REGISTRY.get(regime).kind is not Kind.DECLARATION:
        hour = words.hour(period.due_at)
        due = words.t(says.due_before).format(due=words.date(period.due), hour=hour)
        late = words.t(says.was_due).format(due=words.date(period.due), hour=hour)
        coming = words.t(says.coming).format(
            period=name[:1].upper() + name[1:], opens=words.date(period.opens),
            due=words.date(period.due), hour=hour,
        )  # fmt: skip
        states |= {"upcoming": coming, "to_declare": due, "draft": due, "late": late}
        texts = ft.Column(
            [body(name[:1].upper() + name[1:], strong=True), small(states[period.state])],
            spacing=XXS, tight=True,
        )  # fmt: skip
    if period.state in {"to_declare", "draft", "late", "optional"}:
        return ft.Container(
            padding=ft.Padding.symmetric(vertical=SM),
            content=ft.Row([
                ft.Container(texts, expand=True),
                primary(
                    words.t(says.begin),
                    lambda _e: services.go(resume_path(period)),
                ),
            ]),
        )  # fmt: skip
    return ft.Container(texts, padding=ft.Padding.symmetric(vertical=SM))


@ft.component
def Detail() -> ft.Control:
    """One period: the latest version whole, the earlier ones below, and how to correct it."""
    services = use_services()
    words = services.words
    code = ft.use_route_params()["period"]
    account = services.session.account

    async def fetch() -> tuple[Overview, list[Receipt]] | None:
        if account is None:
            return None
        overview = await services.backend.get(Overview, f"/accounts/{account.id}/overview")
        found = await services.backend.get(
            list[Receipt], f"/accounts/{account.id}/declarations/{code}"
        )
        return overview, found

    loaded = use_load(services, fetch, [code, account.id if account else ""])
    if loaded.value is None:
        return scaffold(services, words.t("Détail"), [loaded.other(services)], back="/history")
    overview, receipts = loaded.value
    if not receipts:
        return scaffold(
            services, words.t("Détail"),
            [empty(words.t("Rien ici"), words.t(wording(overview.account.regime).not_yet))],
            back="/history",
        )  # fmt: skip
    latest = receipts[0]
    name = words.period(latest.period_start, latest.period_end)
    closed = any(p.code == code and _closed(p, overview) for p in overview.periods)
    before = (
        {line.code: line.amount for line in receipts[1].assessment.lines}
        if len(receipts) > 1
        else None
    )
    lines: list[ft.Control] = [
        card(
            [
                small(
                    words.t("N° {number}, reçue le {moment}").format(
                        number=latest.number, moment=words.moment(latest.received_at)
                    )
                ),
                big(words.money(latest.due)),
                body(words.t("Échéance : {date}").format(date=words.date(latest.due_date))),
                ReceiptButtons(latest),
            ]
        ),
        heading(words.t(wording(latest.regime).figures), 2),
        card(
            [
                fact(words.t(figure.label), words.money(figure.declared))
                for figure in latest.assessment.figures
            ]
        ),
        heading(words.t("Le calcul, ligne par ligne"), 2),
        card(
            [
                breakdown(latest.assessment, words, before),
                fact(words.t("Total"), words.money(latest.due), strong=True),
            ]
        ),
        heading(words.t("Où vont mes euros"), 2),
    ]
    status = shares_status(latest.assessment, words)
    if status:
        lines.append(banner(status, "info"))
    lines.append(card([euros_picture(latest.assessment, words)]))
    speaks = profession(latest.regime)
    lines += beside(latest.assessment, speaks, words)
    lines += copy_sheet(services, speaks.sheet(
        REGISTRY.get(latest.regime).Declaration.model_validate(latest.declaration)))  # fmt: skip
    if len(receipts) > 1:
        lines.append(heading(words.t("Versions précédentes"), 2))
        lines += [_older(services, receipt) for receipt in receipts[1:]]
    if latest.sent_by:
        lines.append(small(words.t("Envoyée par {name}").format(name=latest.sent_by)))
    lines.append(small(words.t("Empreinte SHA-256 : {hash}").format(hash=latest.fingerprint)))
    if latest.overlays:
        files = ", ".join(latest.overlays)
        lines.append(small(words.t("Taux complétés par : {files}").format(files=files)))
    footer = None
    if not closed and latest.regime == overview.account.regime:
        footer = secondary(
            words.t(wording(latest.regime).fix),
            lambda _e: services.go(f"/correct/{code}/amounts"),
            ft.Icons.EDIT_OUTLINED,
        )
    return scaffold(services, name[:1].upper() + name[1:], lines, footer=footer, back="/history")


def _closed(period: PeriodView, overview: Overview) -> bool:
    """True when the correction window online is over (the backend has the last word)."""
    return (overview.today - period.due).days > 366


def _older(services: Services, receipt: Receipt) -> ft.Control:
    words = services.words
    return card(
        [
            fact(
                words.t("Version {version}, {moment}").format(
                    version=receipt.version, moment=words.moment(receipt.received_at)
                ),
                words.money(receipt.due),
            ),
            small(receipt.number),
            ReceiptButtons(receipt),
        ]
    )
