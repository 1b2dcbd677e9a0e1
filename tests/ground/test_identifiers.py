"""An identifier that the app makes is never somebody's number, whatever chance draws."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from contract import hiding

BELGIAN, ESTONIAN = "be68539007547034", "ee382200221020145685"
"""Valid IBAN that hexadecimal can write."""


@pytest.mark.parametrize("drawn", [BELGIAN, ESTONIAN, "255081416802538"])
def test_an_identifier_is_nobody_s_number(drawn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PydanticCustomError):
        hiding.nobody(drawn)
    monkeypatch.setattr("secrets.token_hex", lambda _size: drawn)
    made = hiding.fresh_id()
    assert hiding.nobody(made) == made
