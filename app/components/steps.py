"""The header of a journey, and the pill that says whether what is typed is saved."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.components.live import Held, tell, use_live
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
def SavePill(held: Held[SaveMark], words: Words) -> ft.Control:
    """Saved or not yet: told politely, and never by colour alone."""
    mark = held.it
    text, icon = _saving(mark.state, words)
    if icon is None:
        use_live(mark, lambda: _saving(mark.state, words)[1] is None)
        return ft.Container()
    pill = ft.Semantics(
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

    def follow() -> bool:
        text, icon = _saving(mark.state, words)
        if icon is None:
            return False
        tell(
            pill, (("label",), text), (("content", "controls", 0, "icon"), icon),
            (("content", "controls", 1, "value"), text),
        )  # fmt: skip
        return True

    use_live(mark, follow)
    return pill


def _saving(state: SaveState, words: Words) -> tuple[str, ft.IconData | None]:
    """What the pill says, and its sign; neither while nothing is typed."""
    if state is SaveState.CLEAN:
        return "", None
    if state is SaveState.SAVED:
        return words.t("Brouillon enregistré"), ft.Icons.CLOUD_DONE_OUTLINED
    if state is SaveState.NOT_SAVED:
        return words.t("Pas encore enregistré"), ft.Icons.CLOUD_OFF_OUTLINED
    if state is SaveState.CONFLICT:
        return words.t("Modifié ailleurs"), ft.Icons.WARNING_AMBER
    if state is SaveState.SENT:
        return words.t("Déclaré ailleurs"), ft.Icons.WARNING_AMBER
    return words.t("Enregistrement…"), ft.Icons.SYNC
