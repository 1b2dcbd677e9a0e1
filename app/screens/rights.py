"""My rights: what contributions give, each figure with how it is reckoned and its text."""

from __future__ import annotations

import flet as ft

from app.components.buttons import area_button, link_out
from app.components.cards import card, fact
from app.components.choices import choice_card
from app.components.load import use_load
from app.components.said import told
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import amount, big, body, heading, small
from app.screens.payments import no_account
from app.services.container import Services, use_services
from app.services.rights import RightsBook, open_rights
from app.theme import ML, RADIUS, RADIUS_S, XS, M, S
from contract.i18n import Words
from regimes.money import ONE, round_cent
from regimes.rights import More, Quarters, Right


@ft.component
def RightsScreen() -> ft.Control:
    """Quarters, allowances, and what 100 € more changes."""
    services = use_services()
    words = services.words
    title = words.t("Mes droits")
    loaded = use_load(services, lambda: open_rights(services), [services.session.account_id])
    if services.session.account is None:
        return no_account(services, title)
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/home")
    return scaffold(services, title, _lines(loaded.value, words), back="/home")


def _lines(book: RightsBook, words: Words) -> list[ft.Control]:
    found = book.rights
    lines: list[ft.Control] = [
        banner(
            words.t(
                "Estimation au {day}, sur ce que vous avez déclaré ici. L’Assurance retraite, "
                "l’Assurance maladie et votre caisse décident."
            ).format(day=words.date(book.today)),
            "info",
        )
    ]
    if found is None:
        lines.append(body(words.t("Les droits de cette profession ne sont pas encore calculés.")))
        return lines
    if book.counted:
        lines.append(small(words.t("Ce que vous avez noté et pas encore envoyé est compté.")))
    if found.quarters is not None:
        lines.append(heading(words.t("Trimestres de retraite"), 2))
        lines.append(quarters_card(found.quarters, words))
    lines += [small(told(said, words)) for said in found.notes if found.quarters is None]
    if found.benefits:
        lines.append(heading(words.t("Si vous ne pouvez plus travailler"), 2))
        lines += [_benefit(right, words) for right in found.benefits]
    if found.more:
        lines.append(heading(words.t("Un peu plus, qu’est-ce que cela change ?"), 2))
        lines += [_more(more, found.quarters, words) for more in found.more]
        lines += [small(told(said, words)) for said in found.notes if found.quarters is not None]
    return lines


def quarters_bar(quarters: Quarters, words: Words) -> ft.Control:
    """Four boxes, filled as income comes; the same in a sentence for screen readers."""
    boxes: list[ft.Control] = []
    for number in range(quarters.most):
        part = max(0, min(100, int((quarters.income - number * quarters.unit) * 100
                                   / quarters.unit)))  # fmt: skip
        whole = number < quarters.acquired
        boxes.append(
            ft.Container(
                expand=True, height=ML, border_radius=RADIUS_S,
                clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
                border=ft.Border.all(1, ft.Colors.OUTLINE),
                content=ft.Row(
                    [
                        ft.Container(
                            bgcolor=ft.Colors.PRIMARY if whole else ft.Colors.TERTIARY,
                            expand=max(1, part), visible=part > 0,
                        ),
                        ft.Container(expand=max(1, 100 - part), visible=part < 100),
                    ],
                    spacing=0,
                ),
            )
        )  # fmt: skip
    return ft.Semantics(
        label=quarters_said(quarters, words), container=True, exclude_semantics=True,
        content=ft.Row(boxes, spacing=XS),
    )  # fmt: skip


def quarters_said(quarters: Quarters, words: Words) -> str:
    """« 2 trimestres sur 4 validés en 2026 »."""
    return words.n(
        "{count} trimestre sur {most} pour {year}", "{count} trimestres sur {most} pour {year}",
        quarters.acquired,
    ).format(count=quarters.acquired, most=quarters.most, year=quarters.year)  # fmt: skip


def missing_lines(quarters: Quarters, words: Words) -> list[ft.Control]:
    """What is short of the next quarter, in euros of turnover where an activity has one."""
    if quarters.acquired >= quarters.most:
        return [body(words.t("L’année est complète : quatre trimestres au plus par an."))]
    if not quarters.ways:
        return [
            fact(
                words.t("Revenu qui manque pour le suivant"),
                words.money(round_cent(quarters.missing)), strong=True,
            )
        ]  # fmt: skip
    lines: list[ft.Control] = []
    if len(quarters.ways) > 1:
        lines.append(small(words.t("Pour le suivant, dans une seule de vos activités :")))
    for way in quarters.ways:
        label = (
            words.t(way.label)
            if len(quarters.ways) > 1
            else words.t("Chiffre d’affaires qui manque pour le suivant")
        )
        lines.append(fact(label, words.money(quarters.turnover_missing(way)), strong=True))
    return lines


def quarters_card(quarters: Quarters, words: Words, future: bool = False) -> ft.Control:
    """The year's quarters: how many, what is missing, at this pace, and the rule."""
    lines: list[ft.Control] = [
        big(quarters_said(quarters, words)),
        quarters_bar(quarters, words),
        *missing_lines(quarters, words),
    ]
    if quarters.expected is not None and not future:
        count = quarters.count(quarters.expected)
        lines.append(
            body(
                words.n(
                    "À ce rythme, {count} trimestre au 31 décembre ({income} de revenu).",
                    "À ce rythme, {count} trimestres au 31 décembre ({income} de revenu).",
                    count,
                ).format(count=count, income=words.money(round_cent(quarters.expected)))
            )
        )
    rule = words.t(
        "Un trimestre par tranche de {unit} de revenu : {hours} heures de SMIC au 1er janvier "
        "({smic} l’heure). Revenu compté : {income}. Texte : {law}."
    ).format(
        unit=words.money(quarters.unit), hours=quarters.hours, smic=words.money(quarters.smic),
        income=words.money(round_cent(quarters.income)), law=quarters.law,
    )  # fmt: skip
    kept = [
        words.t("{activity} : {percent} du chiffre d’affaires compte (CSS L613-7 II).").format(
            activity=words.t(way.label), percent=words.percent(way.kept)
        )
        for way in quarters.ways
        if way.code != "fees"
    ]
    notes = [told(note, words) for note in quarters.notes]
    lines.append(Why([rule, *kept, *notes], quarters.source, words))
    if quarters.status != "confirmed":
        lines.append(small(words.t("non confirmé"), color=ft.Colors.TERTIARY))
    return card(lines)


@ft.component
def Why(texts: list[str], source: str, words: Words) -> ft.Control:
    """How a figure is reckoned, in one tap, with the page of its text."""
    opened, set_opened = ft.use_state(False)
    lines: list[ft.Control] = [
        area_button(
            words.t("Comment est-ce calculé ?"),
            ft.Row(
                [
                    ft.Container(small(words.t("Comment est-ce calculé ?")), expand=True),
                    ft.Icon(
                        ft.Icons.EXPAND_LESS if opened else ft.Icons.HELP_OUTLINE,
                        color=ft.Colors.PRIMARY,
                    ),
                ]
            ),
            lambda _event: set_opened(not opened),
        )
    ]
    if opened:
        lines.append(
            ft.Container(
                bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH, border_radius=RADIUS, padding=M,
                content=ft.Column(
                    [
                        ft.Semantics(
                            live_region=True, container=True,
                            content=ft.Column(
                                [body(text) for text in texts], spacing=S, tight=True
                            ),
                        ),
                        *([link_out(words.t("Lire le texte"), source)] if source else []),
                    ],
                    spacing=S, tight=True,
                ),
            )
        )  # fmt: skip
    return ft.Column(
        lines, spacing=XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def _per(right: Right, words: Words) -> str:
    euros = words.money(right.amount) if right.amount is not None else ""
    patterns = {
        "day": words.t("{amount} par jour"),
        "day-most": words.t("{amount} par jour, au plus"),
        "year": words.t("{amount} de pension par an"),
        "once": "{amount}",
    }
    return patterns[right.per].format(amount=euros)


def _benefit(right: Right, words: Words) -> ft.Control:
    lines: list[ft.Control] = [heading(words.t(right.label), 3)]
    if right.amount is not None:
        lines.append(ft.Text(_per(right, words), theme_style=ft.TextThemeStyle.HEADLINE_SMALL,
                             color=ft.Colors.ON_SURFACE))  # fmt: skip
    how, *conditions = right.said
    lines += [body(told(said, words)) for said in conditions]
    lines += [small(told(note, words)) for note in right.notes]
    if right.status != "confirmed":
        lines.append(small(words.t("non confirmé"), color=ft.Colors.TERTIARY))
    law = words.t("Texte : {law}").format(law=right.law)
    lines.append(Why([told(how, words), law], right.source, words))
    return card(lines)


def _more(more: More, quarters: Quarters | None, words: Words) -> ft.Control:
    """What is paid on it, what stays, and what it gives."""
    day = more.code == "day"
    if day:
        title = words.t(more.label)
    else:
        title = words.t("{amount} de plus : {activity}").format(
            amount=words.money(more.step), activity=words.t(more.label)
        )
    lines: list[ft.Control] = [heading(title, 3)]
    if day:
        lines.append(fact(words.t("Salaire forfaitaire du jour"), words.money(more.step)))
    lines.append(fact(words.t("À payer en plus"), words.money(more.due), strong=True))
    if more.tax:
        lines.append(small(words.t("dont {amount} d’impôt sur le revenu (versement libératoire)")
                           .format(amount=words.money(more.tax))))  # fmt: skip
    if more.beside:
        lines.append(
            fact(
                words.t("Appelé par d’autres caisses (estimation)"),
                words.money(more.beside), strong=True,
            )
        )  # fmt: skip
    if not day:
        lines.append(fact(words.t("Il vous reste"), words.money(more.net), strong=True))
    for label, part in more.funds():
        lines.append(
            ft.Row(
                [ft.Container(small(words.t(label)), expand=True),
                 amount(words.money(part, cents=True))],
                spacing=S,
            )
        )  # fmt: skip
    if more.before.partial or more.after.partial:
        lines.append(small(words.t("Total partiel : une ligne n’est pas calculée.")))
    if more.income and quarters is not None:
        share = (more.income * 100 / quarters.unit).quantize(ONE)
        lines.append(
            body(
                words.t(
                    "{income} de revenu de plus pour la retraite, soit {percent} d’un trimestre."
                ).format(income=words.money(round_cent(more.income)), percent=words.percent(share))
                if quarters.acquired < quarters.most
                else words.t(
                    "Pas de trimestre de plus cette année ; {income} de revenu de plus comptent "
                    "pour le montant de la pension et des indemnités."
                ).format(income=words.money(round_cent(more.income)))
            )
        )
    exact = words.t("Avant arrondi : {amount}. Différence de deux calculs, avec et sans.").format(
        amount=words.money(round_cent(more.exact), cents=True)
    )
    lines.append(small(exact))
    return card(lines)


def rights_line(services: Services) -> ft.Control:
    """The way here from other screens."""
    words = services.words
    return choice_card(
        words.t("Mes droits"),
        words.t("Trimestres de retraite, arrêt maladie, ce que 100 € de plus changent"),
        lambda _e: services.go("/droits"), ft.Icons.FAVORITE_BORDER,
    )  # fmt: skip
