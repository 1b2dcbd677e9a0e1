"""The frame of every screen: bar on phones, rail on wide windows, one scrolled column."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import flet as ft

from app.components.buttons import icon_button, quiet, secondary
from app.components.heard import part
from app.components.states import banner
from app.components.text import heading
from app.services.problems import sentence
from app.theme import HAIR, RAIL, READING, XXL, L, M
from app.words import N_

if TYPE_CHECKING:
    from app.router import Screen
    from app.services.container import Services
    from app.services.device.outbox import Signed

NAV: tuple[tuple[str, str, str, Any, Any], ...] = (
    ("home", "/home", N_("Accueil"), ft.Icons.HOME_OUTLINED, ft.Icons.HOME),
    ("history", "/history", N_("Historique"), ft.Icons.RECEIPT_LONG_OUTLINED,
     ft.Icons.RECEIPT_LONG),
    ("payments", "/payments", N_("Paiements"), ft.Icons.PAYMENTS_OUTLINED, ft.Icons.PAYMENTS),
    ("documents", "/documents", N_("Documents"), ft.Icons.FOLDER_OUTLINED, ft.Icons.FOLDER),
    ("options", "/options", N_("Options"), ft.Icons.EVENT_AVAILABLE_OUTLINED,
     ft.Icons.EVENT_AVAILABLE),
    ("settings", "/settings", N_("Réglages"), ft.Icons.SETTINGS_OUTLINED, ft.Icons.SETTINGS),
)  # fmt: skip

# A phone's bar holds five places: options are reached from the settings there.
BAR = tuple(item for item in NAV if item[0] != "options")


def shell(services: Services, entry: Screen, path: str, content: ft.Control) -> ft.View:
    """The view of one route around what its screen draws."""
    words = services.words
    shown = not entry.bare and services.session.signed_in
    places = NAV if services.layout.wide else BAR
    lit = entry.nav if any(item[0] == entry.nav for item in places) else "settings"
    index = next((i for i, item in enumerate(places) if entry.nav and item[0] == lit), None)

    def go(event: Any) -> None:
        services.go(places[int(event.control.selected_index)][1])

    bar = None
    inside: ft.Control = ft.Container(
        part("main", words.t("Aller au contenu"), content), expand=True
    )
    if shown and not services.layout.wide:
        bar = ft.NavigationBar(
            selected_index=index or 0,
            label_behavior=ft.NavigationBarLabelBehavior.ALWAYS_SHOW,
            on_change=go,
            destinations=[
                ft.NavigationBarDestination(icon=icon, selected_icon=full, label=words.t(label))
                for _, _, label, icon, full in BAR
            ],
        )
    elif shown:
        rail = ft.NavigationRail(
            selected_index=index,
            label_type=ft.NavigationRailLabelType.ALL,
            on_change=go,
            min_width=RAIL,
            leading=ft.Container(
                padding=ft.Padding.only(top=M, bottom=M),
                content=ft.Image("icon.svg", width=XXL, height=XXL, exclude_from_semantics=True),
            ),
            destinations=[
                ft.NavigationRailDestination(icon=icon, selected_icon=full, label=words.t(label))
                for _, _, label, icon, full in NAV
            ],
        )
        inside = ft.Row(
            [part("nav", words.t("Menu principal"), rail), ft.VerticalDivider(width=HAIR), inside],
            expand=True,
            spacing=0,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    lines: list[ft.Control] = [inside]
    if shown and not entry.journey:
        from app.screens.delegates import acting_notice

        lines[:0] = [notice] if (notice := acting_notice(services)) is not None else []
    if services.session.offline or services.network.down:
        lines.insert(0, banner(offline_words(services), "warning", live=True))
    for signed in services.outbox.waiting.ready:
        lines.insert(0, waiting_banner(services, signed))
    for signed in services.outbox.waiting.refused:
        lines.insert(0, refused_banner(services, signed))
    lines[:0] = unsent_banners(services)
    if services.update.ready and not entry.journey:
        lines.insert(0, update_banner(services))
    # Banners come and go above in a place of their own: were they beside the content, one more
    # would move it, and a control that moves is drawn anew, without what was typed in it.
    *above, content = lines
    notices: ft.Control = ft.Column(above, spacing=0, tight=True)
    frame: list[ft.Control] = [part("top", words.t("Annonces"), notices), content]
    if services.lock.view.locked:
        # Hidden, not thrown away: what was typed is there when the code is given.
        for piece in frame:
            piece.visible = False
        bar = None
        frame.append(lock_panel())
    return ft.View(
        # One name for every view: a new one would be a new page to the client, which takes the
        # focus back from a field tapped while it settled, and with it what is being typed.
        route="/",
        padding=0,
        navigation_bar=bar and part("nav", words.t("Menu principal"), bar),
        controls=[ft.SafeArea(ft.Column(frame, expand=True, spacing=0), expand=True)],
    )


def lock_panel() -> ft.Control:
    """What a locked device shows."""
    from app.screens.lock import LockPanel

    return LockPanel()


def offline_words(services: Services) -> str:
    """That there is no network, and how old what is shown is."""
    words, known = services.words, services.network.known_at
    if known is None:
        return words.t("Hors ligne : le service ne répond pas.")
    return words.t("Hors ligne : dernier état connu le {moment}.").format(
        moment=words.moment(known)
    )


def waiting_banner(services: Services, signed: Signed) -> ft.Control:
    """A signed declaration that waits for the network."""
    words = services.words
    return banner(
        words.t(
            "Signée le {moment}. Elle part seule dès que le réseau revient ; elle doit être reçue "
            "au plus tard le {due}."
        ).format(moment=words.moment(signed.signed_at), due=words.date(signed.due_date)),
        "warning", words.t("Prête, pas encore envoyée"), live=True,
    )  # fmt: skip


def refused_banner(services: Services, signed: Signed) -> ft.Control:
    """A declaration signed offline that the collector refused: both sums, and the way back."""
    words = services.words
    theirs = (signed.extra.get("estimate") or {}).get("due")
    if theirs is not None:
        said = words.t(
            "Vous avez signé {mine} ; le collecteur calcule {theirs}. Rien n’est envoyé et vos "
            "montants sont gardés : relisez, puis signez de nouveau."
        ).format(mine=words.money(Decimal(signed.due)), theirs=words.money(Decimal(str(theirs))))
    else:
        said = sentence(words, signed.code)

    async def again(_event: Any) -> None:
        await services.outbox.drop(signed.account_id, signed.period)
        services.go(f"/{signed.kind}/{signed.period}/amounts")

    return banner(
        said, "urgent", words.t("Déclaration non reçue"),
        [quiet(words.t("Reprendre la déclaration"), again)], live=True,
    )  # fmt: skip


def unsent_banners(services: Services) -> list[ft.Control]:
    """What is written here and not received: it waits, or it was refused."""
    words, unsent = services.words, services.entries.unsent
    found: list[ft.Control] = []
    refused = len({name for write in unsent.refused for name in write.ids})
    if refused:
        found.append(
            banner(
                words.n(
                    "{count} élément n’a pas été accepté. Ce que vous aviez écrit est gardé.",
                    "{count} éléments n’ont pas été acceptés. Ce que vous aviez écrit est gardé.",
                    refused,
                ).format(count=refused),
                "urgent",
                actions=[quiet(words.t("Voir et décider"), lambda _e: services.go("/unsent"))],
                live=True,
            )
        )
    waiting = len({name for write in unsent.ready for name in write.ids})
    if waiting:
        said = words.n(
            "{count} élément pas encore envoyé : il partira quand le réseau reviendra.",
            "{count} éléments pas encore envoyés : ils partiront quand le réseau reviendra.",
            waiting,
        ).format(count=waiting)
        if not services.store.lasting:
            said += " " + words.t("Gardez cette page ouverte jusque-là.")

        async def send(_event: Any) -> None:
            await services.entries.flush()
            if services.entries.unsent.ready:
                services.entries.start()

        found.append(
            banner(
                said, "warning",
                actions=[
                    secondary(words.t("Envoyer maintenant"), send, ft.Icons.SYNC),
                    quiet(words.t("Voir"), lambda _e: services.go("/unsent")),
                ],
                live=True,
            )
        )  # fmt: skip
    return found


def update_banner(services: Services) -> ft.Control:
    """A new version is kept: it starts when the person says so."""
    words = services.words

    async def apply(_event: Any) -> None:
        if services.update.apply is not None:
            await services.update.apply()

    return banner(
        words.t("Une nouvelle version est prête."), "info", live=True,
        actions=[quiet(words.t("Mettre à jour"), apply, ft.Icons.REFRESH)],
    )  # fmt: skip


def list_scaffold(
    services: Services, title: str, head: ft.Control, rows: ft.Control, back: str
) -> ft.Control:
    """One screen made of a long list: title and `head` stay, `rows` (a list) scrolls."""
    back_button = icon_button(
        services.words.t("Retour"), ft.Icons.ARROW_BACK, lambda _e: services.go(back)
    )
    return ft.Container(
        alignment=ft.Alignment.TOP_CENTER,
        padding=ft.Padding.symmetric(horizontal=M, vertical=L),
        expand=True,
        content=ft.Container(
            width=READING,
            content=ft.Column(
                [
                    ft.Row(
                        [back_button, ft.Container(heading(title, 1), expand=True)],
                        vertical_alignment=ft.CrossAxisAlignment.CENTER,
                    ),
                    head,
                    rows,
                ],
                spacing=M,
                expand=True,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
        ),
    )


def scaffold(
    services: Services,
    title: str,
    controls: list[ft.Control],
    footer: ft.Control | None = None,
    back: str | None = None,
    beside: ft.Control | None = None,
    width: int = READING,
) -> ft.Control:
    """One screen: its title (heading 1), a scrolled column of reading width, a footer that stays.

    `back` is the route of the arrow; `beside` stands at the end of the title's line.
    """
    top: list[ft.Control] = []
    if back is not None:
        top.append(
            icon_button(
                services.words.t("Retour"), ft.Icons.ARROW_BACK, lambda _e: services.go(back)
            )
        )
    top.append(ft.Container(heading(title, 1), expand=True))
    if beside is not None:
        top.append(beside)
    column = ft.Column(
        [
            ft.Container(
                alignment=ft.Alignment.TOP_CENTER,
                padding=ft.Padding.symmetric(horizontal=M, vertical=L),
                content=ft.Container(
                    width=width,
                    content=ft.Column(
                        [
                            ft.Row(top, vertical_alignment=ft.CrossAxisAlignment.CENTER),
                            *controls,
                        ],
                        spacing=M,
                        tight=True,
                        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                    ),
                ),
            )
        ],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    if footer is None:
        return column
    return ft.Column(
        [
            column,
            ft.Container(
                bgcolor=ft.Colors.SURFACE_CONTAINER,
                padding=M,
                alignment=ft.Alignment.CENTER,
                content=ft.Container(width=width, content=footer),
            ),
        ],
        expand=True,
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
