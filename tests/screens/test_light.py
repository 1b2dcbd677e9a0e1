"""What a server holds for each person stays light, and means the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import get_type_hints

import flet as ft
import pytest
from flet.controls.control_event import get_event_field_type
from flet.controls.object_patch import DiffBuilder, ObjectPatchException
from flet.messaging.protocol import configure_encode_object_for_msgpack
from msgpack import packb

from app import theme
from app.services import births, sparse, trim
from app.services.device.store import LARGE, MemoryStore
from app.services.trim import FEW, Index, lighten
from contract.accounts import BalanceView
from contract.base import lightened
from regimes.auto_entrepreneur import Declaration
from tests.screens.harness import App


def test_a_large_answer_is_kept_compressed_and_read_back_whole() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        large = json.dumps([{"period": n, "state": "submitted"} for n in range(500)]).encode()
        assert len(large) > LARGE
        await store.put("known/a", large)
        await store.put("known/b", b"small")
        assert await store.get("known/a") == large
        assert await store.get("known/b") == b"small"
        assert await store.size() < len(large) / 3
        await store.put("known/a", b"another")
        assert await store.get("known/a") == b"another"
        await store.erase()
        await store.put("known/a", b"after")
        assert await store.get("known/a") == b"after"

    asyncio.run(scenario())


def test_event_types_remembered_are_those_looked_up() -> None:
    trim.trim()
    from flet.controls import base_control

    field = ft.TextField()
    for name in ("on_change", "on_focus", "on_unknown"):
        for _ in range(2):
            found = base_control.get_event_field_type(field, name)
            assert found == get_event_field_type(field, name)


def test_types_of_properties_remembered_are_those_looked_up() -> None:
    trim.trim()
    from flet.utils import object_model

    assert object_model.get_type_hints is trim._hints  # or Flet looks them up elsewhere
    field = ft.TextField(value="1")
    for text in ("12", "123"):
        object_model.patch_dataclass(field, {"value": text, "width": 12.0, "unknown": 1})
        assert (field.value, field.width) == (text, 12.0)
    assert trim._hints(ft.Padding) == get_type_hints(ft.Padding)


def test_a_control_keeps_no_list_of_errors_and_still_tells_them() -> None:
    trim.trim()
    slider = ft.Slider(min=1, max=2, value=1.5)
    slider._before_update_safe()
    assert not [name for name in vars(slider) if "validation_errors" in name]
    slider.value = 9
    for _ in range(2):
        with pytest.raises(ValueError, match="value"):
            slider._before_update_safe()


STOCK = DiffBuilder._configure_dataclass, DiffBuilder._removed_controls
"""Flet's own, before any page of this process replaces them."""


def sample() -> ft.Control:
    """Controls in lists, in properties, in values, in dictionaries."""
    return ft.Column(
        [
            ft.Text("a", style=ft.TextStyle(size=12)),
            ft.Container(ft.Row([ft.Icon(ft.Icons.ADD), ft.TextButton("b", key="b")]), padding=3),
            ft.TextField(label="c", value="1", prefix=ft.Text("€"), on_change=lambda _: None),
            ft.Dropdown(options=[ft.DropdownOption("1", content=ft.Text("one"))]),
            ft.FilledButton(
                content=ft.Row([ft.Text("d")]),
                style=ft.ButtonStyle(bgcolor={ft.ControlState.HOVERED: "red"},
                                     side={ft.ControlState.DEFAULT: ft.BorderSide(1)}),
            ),
            ft.DataTable([ft.DataColumn(ft.Text("e"))],
                         [ft.DataRow([ft.DataCell(ft.Text("f"))])]),
            ft.NavigationBar(destinations=[ft.NavigationBarDestination(icon=icon)
                                           for icon in (ft.Icons.HOME, ft.Icon(ft.Icons.ADD))]),
        ],
        data=ft.Text("what a program keeps is no part of the tree"),
    )  # fmt: skip


@pytest.mark.parametrize("frozen", [False, True])
def test_controls_are_made_ready_as_flet_does(
    frozen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    trim.trim()
    assert DiffBuilder._configure_dataclass is sparse.configured  # or Flet has renamed it

    def ready(by: object, marks_only: bool) -> list[tuple[object, ...]]:
        monkeypatch.setattr(DiffBuilder, "_configure_dataclass", by)  # it calls itself
        builder = DiffBuilder(None, None, control_cls=ft.BaseControl)
        tree, page = sample(), ft.Column()
        found = list(builder._configure_dataclass(tree, page, frozen))
        if marks_only:
            tree.spacing = 4
            found = list(builder._configure_dataclass(tree, None, frozen, True))
        return [
            (type(c), type(c.parent), getattr(c, "_frozen", None), c._initialized, dict(c._dirty))
            for c in found
        ] + [(getattr(tree.controls[0].style, "_frozen", None), tree.data.parent)]

    for marks_only in (False, not frozen):
        mine = ready(sparse.configured, marks_only)
        assert mine == ready(STOCK[0], marks_only)
        assert len(mine) > (1 if marks_only else 18)


def classes() -> list[type[ft.BaseControl]]:
    found = [getattr(ft, name) for name in ft.__all__]
    known = [c for c in found if isinstance(c, type) and issubclass(c, ft.BaseControl)]
    return [c for c in known if c is not ft.Page]  # made by a session alone


def made(kind: type, *args: object, **given: object) -> object:
    """All that a new control holds, or the error."""
    try:
        control = kind(*args, **given)
    except (AttributeError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    held = {**vars(control), **vars(control)["_values"]}
    plain = (str, int, float, bool, list, dict, tuple, type(None))
    return {  # a number of its own; for some the time it is, or a lock of its own
        name: value if isinstance(value, plain) else type(value)
        for name, value in held.items() if name not in {"_i", "_values"}
    }  # fmt: skip


def test_a_control_made_quickly_is_the_one_flet_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[object, ...], dict[str, object]]] = [
        ((), {}),
        (("a",), {}),
        (("a",), {"key": "b", "visible": False, "tooltip": None}),
        ((), {"controls": [], "data": 3, "ref": ft.Ref()}),
        ((), {"unknown": 1}),
        (("a",) * 99, {}),
        (("a",), {"value": "b", "content": "b", "controls": [], "label": "b", "icon": "b"}),
    ]
    quick, number = births._quick, 0
    for kind in classes():
        stock = getattr(kind.__init__, "made", kind.__init__)  # an earlier test quickened it
        if "__init__" not in kind.__dict__ or not births.written(stock):
            continue
        number += 1
        for args, given in asked:
            monkeypatch.setattr(kind, "__init__", stock)
            expected = made(kind, *args, **given)
            monkeypatch.setattr(kind, "__init__", quick(kind, stock))
            assert made(kind, *args, **given) == expected, (kind, args, given)
    assert number > 100


def test_a_class_with_a_way_of_its_own_keeps_it() -> None:
    @ft.control
    class Own(ft.Text):
        def __init__(self) -> None:
            super().__init__("mine")

    class Plain(ft.Text):
        pass

    for kind in (ft.Text, Own, Plain):
        births.quicken(kind)
    births.quicken(ft.Text)
    assert (Own().value, Plain("b").value) == ("mine", "b")


@pytest.mark.parametrize("frozen", [False, True])
def test_controls_that_leave_are_those_flet_finds(
    frozen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    trim.trim()
    assert DiffBuilder._removed_controls is sparse.removed  # or Flet has renamed it
    builder, tree = DiffBuilder(None, None, control_cls=ft.BaseControl), sample()
    came = set(map(id, builder._configure_dataclass(tree, ft.Column(), frozen)))
    encode = configure_encode_object_for_msgpack(ft.BaseControl)
    for sent in (False, True):  # what was sent is known by its last state
        if sent:
            packb(tree, default=encode)
        for recurse in (False, True):
            left = []
            for by in (sparse.removed, STOCK[1]):
                monkeypatch.setattr(DiffBuilder, "_removed_controls", by)
                left.append([id(c) for c in builder._removed_controls([tree], recurse)])
            assert left[0] == left[1]
            assert set(left[0]) <= came
            if recurse:
                assert len(left[0]) > 18


def test_a_control_is_not_its_own_parent() -> None:
    builder, row = DiffBuilder(None, None, control_cls=ft.BaseControl), ft.Row()
    for by in (sparse.configured, STOCK[0]):
        with pytest.raises(ObjectPatchException, match="same as item"):
            list(by(builder, row, row, False))


def test_an_observable_tells_those_who_still_listen() -> None:
    trim.trim()

    @ft.observable
    class Figure:
        value = 0

    figure, heard = Figure(), []

    def listener(name: str) -> Callable[..., None]:
        return lambda _sender, field: heard.append((name, field))

    kept, left = listener("kept"), listener("left")
    for told in (kept, left, kept):
        end = figure.subscribe(told)
    assert type(vars(figure)["_Observable__listeners_storage"]) is trim._Listeners
    figure.value = 1
    assert sorted(heard) == [("kept", "value"), ("left", "value")]
    del left, told
    heard.clear()
    figure.value = 2
    assert heard == [("kept", "value")]
    end()
    end()  # no longer there, and that is no error
    figure.value = 3
    assert heard == [("kept", "value")]


def test_controls_are_found_by_number_as_long_as_they_are_there() -> None:
    async def page() -> App:
        return App()

    session = asyncio.run(page()).session
    lighten(session)
    index = session.index
    assert isinstance(index, Index)  # or Flet keeps it elsewhere
    assert index.get(session.page._i) is session.page
    many = [ft.Text(str(number)) for number in range(3 * FEW)]
    for control in many:
        index[control._i] = control
    assert [index[control._i] for control in many] == many
    assert len(index) == len(list(index.values())) == len(many) + 1
    gone, last = many[0]._i, many[-1]
    del control, many
    assert gone not in index
    assert index.get(gone, "nobody") == index.pop(gone, "nobody") == "nobody"
    with pytest.raises(KeyError):
        index[gone]
    assert list(index.values()) == [session.page, last]
    for _ in range(12 * FEW):
        control = ft.Text()
        index[control._i] = control
    assert len(index._kept) <= 5 * FEW  # what went is not kept for ever
    assert index.pop(last._i) is last
    assert last._i not in index


def test_people_who_see_the_same_share_a_theme() -> None:
    def shared(contrast: bool, percent: int, arabic: bool = False) -> object:
        return theme._shared("light", contrast, percent, arabic)

    assert shared(False, 100) is shared(False, 100)
    assert shared(False, 100) is not shared(False, 130)
    assert shared(True, 100) is not shared(False, 100)
    assert shared(False, 100, True) is not shared(False, 100)


def test_answers_share_the_note_of_their_fields() -> None:
    given = {"balance": "1", "called": "2", "to_pay_next": "0"}
    one, two = (BalanceView.model_validate(given) for _ in range(2))
    assert one == two
    assert one.model_fields_set is two.model_fields_set
    assert one.model_copy(update={"balance": one.called}).balance == one.called
    assert two.balance != one.called


def test_a_model_made_light_says_the_same() -> None:
    given = {
        "parts": [{"start": "2026-10-01", "end": "2026-10-31", "turnover": {"vente": "1.5"}}],
    }
    one, two = (Declaration.model_validate(given) for _ in range(2))
    assert lightened(one) is one
    assert one == two
    assert one.model_dump(mode="json") == two.model_dump(mode="json")
    assert one.parts[0].model_fields_set is lightened(two).parts[0].model_fields_set
