"""The header of a journey, and the pill that says whether what is typed is saved."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.components.text import small
from app.services.drafts import SaveMark, SaveState
from app.theme import BAR, ICON_S, RADIUS_S, XS, S
from contract.accounts import PeriodView
from contract.i18n import Words


def resume_path(period: PeriodView) -> str:
    """Where the declaration of a period goes on: the step that its draft was left at."""
    step = "check" if period.draft_step == "check" else "amounts"
    return f"/declare/{period.code}/{step}"


def step_header(names: Sequence[str], current: int, words: Words) -> ft.Control:
    """Where one stands among the steps: read as "Step 2 of 3: check"."""
    said = words.t("Étape {number} sur {count} : {name}").format(
        number=current + 1, count=len(names), name=names[current]
    )
    return ft.Semantics(
        label=said,
        container=True,
        exclude_semantics=True,
        content=ft.Column(
            [
                ft.Row(
                    [
                        ft.Container(
                            height=BAR,
                            expand=True,
                            border_radius=RADIUS_S,
                            bgcolor=ft.Colors.PRIMARY
                            if number <= current
                            else ft.Colors.OUTLINE_VARIANT,
                        )
                        for number in range(len(names))
                    ],
                    spacing=S,
                ),
                small(said),
            ],
            spacing=XS,
            tight=True,
        ),
    )


@ft.component
def SavePill(mark: SaveMark, words: Words) -> ft.Control:
    """Saved or not yet: told politely, and never by colour alone."""
    texts = {
        SaveState.CLEAN: ("", None),
        SaveState.WAITING: (words.t("Enregistrement…"), ft.Icons.SYNC),
        SaveState.SAVING: (words.t("Enregistrement…"), ft.Icons.SYNC),
        SaveState.SAVED: (words.t("Brouillon enregistré"), ft.Icons.CLOUD_DONE_OUTLINED),
        SaveState.NOT_SAVED: (words.t("Pas encore enregistré"), ft.Icons.CLOUD_OFF_OUTLINED),
        SaveState.CONFLICT: (words.t("Modifié ailleurs"), ft.Icons.WARNING_AMBER),
        SaveState.SENT: (words.t("Déclaré ailleurs"), ft.Icons.WARNING_AMBER),
    }
    text, icon = texts[mark.state]
    if not text:
        return ft.Container()
    return ft.Semantics(
        live_region=True,
        container=True,
        label=text,
        exclude_semantics=True,
        content=ft.Row(
            [ft.Icon(icon, size=ICON_S, color=ft.Colors.ON_SURFACE_VARIANT), small(text)],
            spacing=XS,
            tight=True,
        ),
    )
