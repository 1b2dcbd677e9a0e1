"""The ground of the app: themes, routes, errors, drafts, the patches a keystroke costs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import flet as ft
import httpx
import pytest
from flet.controls.id_counter import ControlId
from flet.messaging.protocol import Message, MessageAction

from app import theme
from app.components.states import loading
from app.forms.answers import Money
from app.forms.form import Field, Form, Step
from app.forms.render import FormModel, StepView
from app.main import distinct_controls, mute_messages
from app.router import SCREENS, load
from app.screens.finder import OUTCOMES, QUESTIONS, START
from app.services.backend import Backend, Offline, Problem
from app.services.device.store import MemoryStore
from app.services.drafts import DraftKeeper, Drafts, SaveState
from app.services.gateway import Handshake, handshake, read_handshake
from app.services.problems import SENTENCES
from contract.declarations import DraftSave
from contract.problem import ProblemCode
from tests.screens.harness import App, open_app, run

PAIRS = [
    ("on_surface", "surface"), ("on_surface_variant", "surface"), ("on_primary", "primary"),
    ("on_primary_container", "primary_container"),
    ("on_secondary_container", "secondary_container"),
    ("on_tertiary_container", "tertiary_container"), ("on_error_container", "error_container"),
    ("error", "surface"), ("primary", "surface"), ("tertiary", "surface"),
    ("primary", "surface_container_lowest"), ("on_surface", "surface_container_highest"),
    ("on_surface_variant", "surface_container_high"), ("on_error", "error"),
    ("on_primary_fixed", "primary_fixed"), ("on_primary_fixed_variant", "primary_fixed"),
    ("on_tertiary_fixed", "tertiary_fixed"), ("on_tertiary", "tertiary"),
    ("on_surface_variant", "surface_container_lowest"), ("error", "surface_container_lowest"),
    ("tertiary", "surface_container_lowest"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("palette", "least"),
    [(theme.LIGHT, 4.5), (theme.DARK, 4.5), (theme.LIGHT_CONTRAST, 7), (theme.DARK_CONTRAST, 7)],
    ids=["light", "dark", "light-contrast", "dark-contrast"],
)
def test_every_pair_of_colours_is_legible(palette: theme.Palette, least: float) -> None:
    low = {
        pair: round(theme.contrast(palette[pair[0]], palette[pair[1]]), 2)
        for pair in PAIRS
        if theme.contrast(palette[pair[0]], palette[pair[1]]) < least
    }
    assert low == {}


def test_the_outline_of_a_field_is_seen() -> None:
    for palette in (theme.LIGHT, theme.DARK, theme.LIGHT_CONTRAST, theme.DARK_CONTRAST):
        assert theme.contrast(palette["outline"], palette["surface"]) >= 3


def test_every_problem_has_its_sentence() -> None:
    assert set(SENTENCES) == set(ProblemCode)


def test_every_route_names_a_component() -> None:
    for entry in SCREENS:
        assert getattr(load(entry.screen), "__is_component__", False), entry.path


def test_every_answer_of_the_finder_leads_somewhere_and_every_question_is_asked() -> None:
    targets = {reply.to for question in QUESTIONS.values() for reply in question.replies}
    assert {t[1:] for t in targets if t.startswith("=")} == set(OUTCOMES)
    assert {t for t in targets if not t.startswith("=")} | {START} == set(QUESTIONS)


def longest(place: str) -> int:
    if place.startswith("="):
        return 0
    return 1 + max(longest(reply.to) for reply in QUESTIONS[place].replies)


def test_the_finder_asks_five_questions_at_most() -> None:
    assert longest(START) <= 5


def test_an_unknown_address_says_so() -> None:
    async def scenario() -> None:
        async with open_app("/nulle-part") as app:
            assert app.shows("Cette page n’existe pas")
            await app.tap("Retour à l’accueil")
            assert app.route == "/"

    run(scenario)


def test_a_screen_for_members_sends_a_stranger_to_sign_in_and_back() -> None:
    async def scenario() -> None:
        async with open_app("/options/acre") as app:
            await app.until(lambda: app.route == "/signin?next=%2Foptions%2Facre")
            assert app.shows("Adresse e-mail")

    run(scenario)


def test_without_a_backend_the_app_says_it_is_offline() -> None:
    async def scenario() -> None:
        async with open_app("/", token="x" * 30) as app:
            await app.until(lambda: app.shows("Hors ligne"))

    run(scenario)


def test_an_error_shows_a_number_and_never_its_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import app.screens.about as about

    typed = "FR76" + "3000"

    @ft.component
    def broken() -> ft.Control:
        raise ValueError(typed)

    monkeypatch.setattr(about, "About", broken)

    async def scenario() -> None:
        async with open_app("/") as app:
            await app.go("/about")
            await app.until(lambda: app.shows("Erreur n°"))
            assert not app.shows("FR76")
            monkeypatch.undo()
            await app.tap("Réessayer")
            await app.until(lambda: app.shows("Pas un service officiel"))

    run(scenario)
    assert "ValueError" in caplog.text
    assert "FR76" not in caplog.text


def test_an_error_in_a_handler_shows_a_number_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with open_app("/") as app:
            monkeypatch.setattr(
                app.services, "go", lambda _route: (_ for _ in ()).throw(ValueError("secret 42"))
            )
            await app.tap("Se connecter")
            await app.until(lambda: app.shows("Erreur n°"))
            assert not app.shows("secret 42")

    run(scenario)


def test_language_theme_and_size_apply_at_once() -> None:
    async def scenario() -> None:
        async with open_app("/", locale="en-GB,en") as app:
            assert app.page.locale_configuration.current_locale.language_code == "en"
            before = app.page.theme.text_theme.body_medium.size
            app.services.settings.text_size = 200
            app.services.settings.theme = "dark"
            await app.settle()
            assert app.page.theme.text_theme.body_medium.size == 2 * before
            assert app.page.theme_mode is ft.ThemeMode.DARK
            await app.tap("Français · English · Español…")
            await app.choose("Language", "fr")
            assert app.page.locale_configuration.current_locale.language_code == "fr"
            assert app.shows("Créer un compte")

    run(scenario)


def test_the_handshake_reads_the_cookie_and_the_language() -> None:
    scope = {
        "headers": [(b"cookie", b"a=b; quittance_session=abc"), (b"accept-language", b"de, en;q=1"),
                    (b"user-agent", b"UA")],
        "client": ("192.0.2.1", 1),
    }  # fmt: skip
    found = read_handshake(scope)
    assert found == Handshake("abc", "192.0.2.1", "UA", "de, en;q=1")
    assert found.locale == "en"


def test_the_handshake_says_what_the_device_asks_of_every_page() -> None:
    scope = {"headers": [], "query_string": b"wishes=contrast&other=1"}
    assert read_handshake(scope).wishes == "contrast"
    assert read_handshake({"headers": []}).wishes == ""


def test_nothing_moves_while_a_screen_loads() -> None:
    moving = (ft.ProgressBar, ft.ProgressRing, ft.Shimmer)

    async def scenario() -> None:
        async with open_app("/") as app:
            for shape in ("cards", "list", "page"):
                drawn = loading(app.services, shape=shape)
                assert not [c for c in app.controls(drawn) if isinstance(c, moving)]

    run(scenario)


class Told(httpx.AsyncBaseTransport):
    """A backend that answers what it is told, in order, and notes what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def problem(status: int, code: str, **extra: Any) -> httpx.Response:
    return httpx.Response(
        status, json={"type": "x", "title": "x", "status": status, "code": code, "extra": extra}
    )


def test_only_what_may_be_repeated_is() -> None:
    async def scenario() -> None:
        lost = httpx.ConnectError("lost")
        transport = Told(lost)
        backend = Backend(transport)
        with pytest.raises(Offline):
            await backend.request("POST", "/x")
        assert len(transport.asked) == 1
        with pytest.raises(Offline):
            await backend.request("GET", "/x", tries=2)
        assert len(transport.asked) == 3
        kept = Told(lost, httpx.Response(200, json={}))
        await Backend(kept).request("PUT", "/x", headers={"Idempotency-Key": "k"})
        assert [r.headers["idempotency-key"] for r in kept.asked] == ["k", "k"]

    run(scenario)


def test_a_screen_that_still_reads_when_the_person_leaves_is_offline() -> None:
    async def scenario() -> None:
        backend = Backend(Told(httpx.Response(200, json={})))
        await backend.close()
        with pytest.raises(Offline):
            await backend.request("GET", "/x")

    run(scenario)


def test_a_problem_carries_its_code_and_fields() -> None:
    async def scenario() -> None:
        answer = httpx.Response(
            422,
            json={"type": "x", "title": "x", "status": 422, "code": "invalid-input",
                  "errors": [{"field": "profile.department", "code": "department_unknown"}]},
        )  # fmt: skip
        with pytest.raises(Problem) as caught:
            await Backend(Told(answer)).request("POST", "/x")
        assert caught.value.code is ProblemCode.INVALID_INPUT
        found = caught.value.field("profile")
        assert found is not None
        assert found.code == "department_unknown"

    run(scenario)


SAVED = {"period": "2026-10", "sequence": 4, "form_version": 1, "step": "amounts",
         "answers": {"a": "9"}, "key": "k" * 20, "device": "other",
         "saved_at": "2026-11-23T10:00:00Z"}  # fmt: skip


async def becomes(keeper: DraftKeeper, state: SaveState) -> None:
    """Let the saves run until `keeper` is in `state`."""
    for _ in range(1000):
        if keeper.mark.state is state:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{keeper.mark.state}, not {state}")


def test_a_draft_is_saved_behind_the_typing_with_growing_numbers() -> None:
    async def scenario() -> None:
        transport = Told(problem(404, "not-found"), httpx.Response(200, json=SAVED))
        keeper = await Drafts(Backend(transport), delay=0).open("acc", "2026-10", 1)
        key = keeper.draft.key
        for raw in ("1", "12", "123"):
            keeper.type("a", raw)
        await becomes(keeper, SaveState.SAVED)
        sent = [json.loads(r.content) for r in transport.asked if r.method == "PUT"]
        assert sent[-1]["answers"] == {"a": "123"}
        assert sent[-1]["sequence"] == 3
        assert {s["key"] for s in sent} == {key}

    run(scenario)


def test_a_newer_draft_elsewhere_is_a_conflict_that_the_person_settles() -> None:
    async def scenario() -> None:
        for mine, expected in ((True, "1"), (False, "9")):
            transport = Told(
                problem(404, "not-found"),
                problem(409, "draft-conflict", saved=SAVED),
                httpx.Response(200, json=SAVED),
            )
            keeper = await Drafts(Backend(transport), delay=0).open("acc", "2026-10", 1)
            keeper.type("a", "1")
            await becomes(keeper, SaveState.CONFLICT)
            keeper.resolve(mine)
            await becomes(keeper, SaveState.SAVED)
            assert keeper.draft.answers["a"] == expected
            assert keeper.draft.sequence >= 4

    run(scenario)


@pytest.mark.parametrize("sequence", [2, 30])
def test_what_this_device_kept_offline_meets_what_another_saved(sequence: int) -> None:
    """Behind in count or far ahead, the figures of both are there, and the person chooses."""

    async def scenario() -> None:
        here = DraftSave(
            sequence=sequence, base=1, form_version=1, answers={"a": "1", "b": "5"},
            key="key-of-the-phone-01", device="phone",
        )  # fmt: skip
        store = MemoryStore()
        transport = Told(httpx.Response(200, json=SAVED), httpx.Response(200, json=SAVED))
        drafts = Drafts(Backend(transport), delay=0, store=store)
        await store.put("draft/acc/2026-10", here.model_dump_json().encode())
        keeper = await drafts.open("acc", "2026-10", 1)
        assert keeper.mark.state is SaveState.CONFLICT
        assert keeper.differences() == ["a", "b"]
        keeper.type("b", "6")  # goes on typing before choosing: on the device at least
        await becomes(keeper, SaveState.CONFLICT)
        keeper.resolve(mine=True)
        await becomes(keeper, SaveState.SAVED)
        sent = json.loads(transport.asked[-1].content)
        assert (sent["base"], sent["answers"]) == (SAVED["sequence"], {"a": "1", "b": "6"})
        assert keeper.aside == {"a": "9"}

    run(scenario)


def test_a_draft_that_cannot_be_saved_says_so_and_keeps_the_figures() -> None:
    async def scenario() -> None:
        transport = Told(problem(404, "not-found"), httpx.ConnectError("lost"))
        drafts = Drafts(Backend(transport), delay=0)
        keeper = await drafts.open("acc", "2026-10", 1)
        keeper.type("a", "1")
        assert not await keeper.save()
        assert keeper.mark.state is SaveState.NOT_SAVED
        assert keeper.draft.answers == {"a": "1"}
        assert await drafts.open("acc", "2026-10", 1) is keeper
        drafts.close_all()

    run(scenario)


FIELDS = tuple(Field(f"line.{i}", f"Ligne {i}", Money()) for i in range(20))
FORM = Form("wide", 1, (Step("amounts", "Montants", FIELDS),))


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> FormModel:
    """A form of twenty amounts in the place of the About screen."""
    import app.screens.about as about

    model = FormModel(FORM)

    @ft.component
    def screen() -> ft.Control:
        return StepView(model, FORM.steps[0], model.shape)

    monkeypatch.setattr(about, "About", screen)
    return model


def scenario_on(act: Callable[[App], Any]) -> None:
    async def scenario() -> None:
        async with open_app("/about") as app:
            await act(app)

    run(scenario)


def test_a_keystroke_among_twenty_amounts_patches_nothing(wide: FormModel) -> None:
    async def act(app: App) -> None:
        app.mark()
        await app.keys("Ligne 7", "1234", leave=False)
        assert app.patched() == 0
        assert wide.raw["line.7"] == "1234"

    scenario_on(act)


def test_a_field_is_rewritten_and_complains_only_once_left(wide: FormModel) -> None:
    async def act(app: App) -> None:
        await app.type("Ligne 1", "1234,5", leave=False)
        assert app.value("Ligne 1") == "1234,5"
        await app.event(app.find_label("Ligne 1"), "blur")
        assert app.value("Ligne 1").replace("\u202f", " ") == "1 234,50"
        assert app.shows("1 234,50 €, soit 1 235 € déclarés")
        await app.type("Ligne 2", "1.234,56", leave=False)
        assert not app.shows("se lit de deux façons")
        app.mark()
        await app.event(app.find_label("Ligne 2"), "blur")
        assert app.shows("se lit de deux façons")
        assert app.value("Ligne 2") == "1.234,56"
        assert str(app.find_label("Ligne 2").label).startswith("Ligne 2 (erreur : ")
        assert app.patched() <= 6
        await app.type("Ligne 2", "1234,56")
        assert not app.shows("se lit de deux façons")

    scenario_on(act)


def test_a_window_that_comes_back_with_another_cookie_is_another_person(
    api: Any, demo: Callable[[str], str]
) -> None:
    async def scenario() -> None:
        async with open_app("/", backend=api) as app:
            token = demo("artisan")
            handshake.set(Handshake(token=token))
            await app.event(app.page, "connect")
            await app.go("/home")
            await app.until(lambda: app.shows("Prochaine échéance"))
            handshake.set(Handshake())
            await app.event(app.page, "connect")
            await app.until(lambda: app.route.startswith("/signin"))
            assert app.services.backend.token is None

    run(scenario)


def test_controls_of_two_processes_bear_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ControlId, "_counter", ControlId._counter)  # put back afterwards
    starts = []
    for _process in range(2):
        distinct_controls()
        starts.append(ft.Text("")._i)
    assert starts[0] != starts[1]
    assert min(starts) >= 2**16
    assert max(starts) < 2**53  # a browser counts no further


def test_a_message_to_a_window_is_not_written_out() -> None:
    mute_messages()
    assert "48159" not in f"{Message(MessageAction.PATCH_CONTROL, {'value': '48159'})}"
