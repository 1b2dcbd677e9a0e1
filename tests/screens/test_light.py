"""What a server holds for each person stays light, and means the same."""

from __future__ import annotations

import asyncio
import json

import flet as ft
from flet.controls.control_event import get_event_field_type

from app import theme
from app.services import trim
from app.services.device.store import LARGE, MemoryStore
from contract.accounts import BalanceView


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


def test_people_who_see_the_same_share_a_theme() -> None:
    assert theme._shared("light", False, 100) is theme._shared("light", False, 100)
    assert theme._shared("light", False, 100) is not theme._shared("light", False, 130)
    assert theme._shared("light", True, 100) is not theme._shared("light", False, 100)


def test_answers_share_the_note_of_their_fields() -> None:
    given = {"balance": "1", "called": "2", "to_pay_next": "0"}
    one, two = (BalanceView.model_validate(given) for _ in range(2))
    assert one == two
    assert one.model_fields_set is two.model_fields_set
    assert one.model_copy(update={"balance": one.called}).balance == one.called
    assert two.balance != one.called
