"""Two devices typed the same period: both figures side by side, and the person chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.cards import card, fact
from app.components.choices import one_of
from app.components.live import Held, use_live
from app.components.text import body, heading, small
from app.forms.answers import Invalid
from app.forms.form import Field
from app.services.container import use_services
from app.services.drafts import STOPPED, DraftKeeper, SaveMark, SaveState
from contract.i18n import Words

CARRIED = "carried:"
"""Where figures typed for a period that another device declared wait for its correction."""


def shown(question: Field, raw: str, words: Words) -> str:
    """An answer as typed, or as a summary says it when it can be read."""
    if not raw.strip():
        return words.t("rien")
    try:
        return question.answer.summarise(question.answer.parse(raw), words)
    except Invalid:
        return raw


@ft.component
def TwoDevices(
    keeper: DraftKeeper, held: Held[SaveMark], questions: Sequence[Field], period: str,
    changed: Callable[[], None],
) -> ft.Control:  # fmt: skip
    """What to say and ask when another device saved, or sent, the same period. `changed` shows
    what the draft now holds."""
    services = use_services()
    words = services.words
    asked = {question.path: question for question in questions}
    mark, aside = held.it, dict(keeper.aside)
    stopped = mark.state in STOPPED

    def follow() -> bool:  # saving is nothing to say here
        return not stopped and mark.state not in STOPPED and keeper.aside == aside

    use_live(mark, follow)
    if mark.state is SaveState.CONFLICT:
        return Choice(keeper, asked, changed, mark.typed)
    if mark.state is SaveState.SENT:
        return _sent(keeper, period)
    if not keeper.aside:
        return ft.Container(visible=False)

    def back(_event: Any) -> None:
        keeper.take_aside()
        changed()

    return card(
        [
            small(words.t("L’autre version reste ici tant que cette page est ouverte :")),
            *(
                fact(words.t(asked[path].label), shown(asked[path], raw, words))
                for path, raw in keeper.aside.items()
                if path in asked
            ),
            ft.Row([quiet(words.t("Échanger les deux versions"), back)], wrap=True),
        ]
    )


@ft.component
def Choice(
    keeper: DraftKeeper, asked: dict[str, Field], changed: Callable[[], None], typed: int
) -> ft.Control:
    """Each figure that differs, here and there; taken one by one or all at once. Drawn again when
    more is `typed`."""
    services = use_services()
    words = services.words
    there, set_there = ft.use_state(frozenset())
    other = keeper.conflict
    paths = [path for path in keeper.differences() if path in asked]

    def settle(mine: bool, but: frozenset[str] = frozenset()) -> Any:
        def act(_event: Any) -> None:
            keeper.resolve(mine, but)
            changed()

        return act

    def pick(path: str) -> Callable[[bool], None]:
        return lambda here: set_there(there - {path} if here else there | {path})

    rows: list[ft.Control] = []
    for path in paths:
        question = asked[path]
        here = shown(question, keeper.draft.answers.get(path, ""), words)
        away = shown(question, other.answers.get(path, "") if other else "", words)
        rows.append(
            one_of(
                words.t("{label} : quelle version ?").format(label=words.t(question.label)),
                [
                    (True, words.t("Ici : {figure}").format(figure=here)),
                    (False, words.t("Ailleurs : {figure}").format(figure=away)),
                ],
                path not in there,
                pick(path),
            )
        )
    when = ""
    if other is not None:
        when = words.t("L’autre appareil a enregistré le {moment}.").format(
            moment=words.moment(other.saved_at)
        )
    buttons = [
        secondary(words.t("Garder tout d’ici"), settle(True)),
        secondary(words.t("Prendre tout de l’autre appareil"), settle(False)),
    ]
    if len(paths) > 1:
        buttons.insert(0, secondary(words.t("Garder ces choix"), settle(True, there)))
    return ft.Semantics(
        container=True,
        live_region=True,
        content=card(
            [
                heading(words.t("Modifié sur un autre appareil"), 3),
                body(words.t("Rien n’est perdu : choisissez les montants à garder.")),
                *([small(when)] if when else []),
                *rows,
                ft.Row(buttons, wrap=True),
            ]
        ),
    )


def _sent(keeper: DraftKeeper, period: str) -> ft.Control:
    services = use_services()
    words = services.words

    def correct(_event: Any) -> None:
        services.cache[CARRIED + period] = dict(keeper.draft.answers)
        services.go(f"/correct/{period}/amounts")

    return card(
        [
            heading(words.t("Cette période a été déclarée ailleurs"), 3),
            body(
                words.t(
                    "Vos montants d’ici n’ont pas été envoyés ; ils restent à l’écran. Comparez, "
                    "puis corrigez la déclaration si les vôtres sont les bons."
                )
            ),
            ft.Row(
                [
                    secondary(
                        words.t("Voir ce qui a été envoyé"),
                        lambda _e: services.go(f"/history/{period}"),
                    ),
                    secondary(words.t("Corriger avec mes montants"), correct),
                ],
                wrap=True,
            ),
        ]
    )
