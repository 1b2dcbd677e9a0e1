"""Euros written quickly are written as Babel writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.i18n import LOCALES, words

EUROS = st.decimals(
    min_value=Decimal(-(10**9)), max_value=Decimal(10**12), places=3, allow_nan=False
) | st.integers(-(10**6), 10**12).map(Decimal)


@pytest.mark.parametrize("locale", LOCALES)
@given(euros=EUROS, cents=st.sampled_from([None, True, False]))
def test_quick_euros_are_babel_s(locale: str, euros: Decimal, cents: bool | None) -> None:
    said = words(locale)
    asked = euros != euros.to_integral_value() if cents is None else cents
    assert said.money(euros, cents) == said._money(euros, asked)


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_quick_way_is_taken(locale: str) -> None:
    assert all(words(locale)._quick.values())
