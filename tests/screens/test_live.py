"""What follows the typing shows what a new drawing would, and says it as Flet would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft
import pytest
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.controls.object_patch import ObjectPatch

from app.components.live import _Listener, tell
from app.services.drafts import SaveMark, SaveState
from tests.screens.harness import App, open_app, run

# profession: (ready account, route of what is typed to declare)
SCREENS = {
    "auto-entrepreneur": ("plateformes", "/declare/2026-10/amounts"),
    "rspm-medecin": ("etudiante", "/declare/2026-Q3/amounts"),
    "pamc-medecin": ("secteur1", "/correct/2025/amounts"),
}
FOLLOWING = {"TotalBar", "FigureNote", "SavePill", "TwoDevices"}


def following(app: App) -> list[Any]:
    """The components drawn that follow by themselves."""
    return [
        control for control in list(app.session.index.values())
        if getattr(getattr(control, "fn", None), "__name__", "") in FOLLOWING
    ]  # fmt: skip


@pytest.mark.parametrize("regime", sorted(SCREENS))
def test_what_is_told_is_what_a_new_drawing_shows(
    api: Any, demo: Callable[[str], str], regime: str
) -> None:
    slug, route = SCREENS[regime]

    async def scenario() -> None:
        async with open_app(route, backend=api, token=demo(slug)) as app:
            await app.until(lambda: app.shows("Étape 1 sur"))
            typed = await app.until(
                lambda: [f for f in app.find_all(ft.TextField) if f.on_change][:2]
            )
            for text in ("1", "12", "1234,5", "12345", "abc", "", "0", "7"):
                for one in typed:
                    field = app.session.index[one._i]
                    app.session.apply_patch(field._i, {"value": text})
                    await app.event(field, "change", text)
                app.mark()
                drawn = following(app)
                for component in drawn:
                    app.session.schedule_update(component)
                await app.settle()
                assert len(drawn) >= 3
                assert app.patched() == 0, (text, app.patched_places())

    run(scenario)


def test_a_keystroke_after_the_first_draws_nothing_anew(
    api: Any, demo: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flet.components.component import Component

    async def scenario() -> None:
        async with open_app(SCREENS["auto-entrepreneur"][1], backend=api,
                            token=demo("plateformes")) as app:  # fmt: skip
            await app.until(lambda: app.shows("Étape 1 sur"))
            field = await app.until(
                lambda: next((f for f in app.find_all(ft.TextField) if f.on_change), None)
            )
            for text in ("1", "12"):
                app.session.apply_patch(field._i, {"value": text})
                await app.event(field, "change", text)
            drawn: list[str] = []
            update = Component.update

            def noted(self: Any) -> None:
                drawn.append(self.fn.__name__)
                update(self)

            monkeypatch.setattr(Component, "update", noted)
            before = app.text()
            app.mark()
            app.session.apply_patch(field._i, {"value": "123"})
            await app.event(field, "change", "123")
            assert app.text() != before
            assert app.patched() > 0
            assert drawn == []

    run(scenario)


def test_the_message_is_the_one_flet_would_send() -> None:
    """Told by us, or drawn anew and compared by Flet: the same patch, whatever its shape."""

    def tree(label: str, value: str) -> ft.Semantics:
        return ft.Semantics(
            label=label, content=ft.Row([ft.Text("?"), ft.Text(value, no_wrap=True)])
        )

    sent: list[Any] = []

    class Window:
        def send_message(self, message: Any) -> None:
            sent.append(message)

    class Session:
        connection = Window()

    class Page:
        session = Session()

    before, after, told = tree("a", "1"), tree("b", "2"), tree("a", "1")
    patch, _, _ = ObjectPatch.from_diff(before, after, control_cls=BaseControl, frozen=True)
    reset = _context_page.set(Page())  # type: ignore[arg-type]
    try:
        assert ft.context.page.session is Page.session
        label, text = ("label",), ("content", "controls", 1, "value")
        tell(told, (text, "2"), (label, "b"))
        tell(told, (label, "b"), (text, "2"))  # shown already: nothing more is said
    finally:
        _context_page.reset(reset)
    (message,) = sent
    assert message.body.id == told._i
    assert message.body.patch == patch.to_message()
    assert (told.label, told.content.controls[1].value) == ("b", "2")  # type: ignore[union-attr]


def test_who_no_longer_follows_hears_nothing() -> None:
    heard: list[str] = []
    mark = SaveMark()
    listener: _Listener | None = _Listener()
    assert listener is not None
    listener.follow = lambda: bool(heard.append("followed")) or True
    mark.subscribe(listener)
    mark.state = SaveState.SAVED
    assert heard == ["followed"]
    listener.follow, listener.redraw = (lambda: False), (lambda _: heard.append("drawn"))
    mark.state = SaveState.WAITING
    assert heard == ["followed", "drawn"]
    listener = None
    mark.state = SaveState.SAVED
    assert heard == ["followed", "drawn"]
