"""What a server holds for each person stays light, and means the same."""

from __future__ import annotations

import asyncio
import json
from typing import get_type_hints

import flet as ft
import pytest
from flet.controls.control_event import get_event_field_type

from app import theme
from app.services import trim
from app.services.device.store import LARGE, MemoryStore
from contract.accounts import BalanceView
from contract.base import lightened
from regimes.auto_entrepreneur import Declaration


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
