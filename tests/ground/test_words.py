"""Every sentence exists in every language, with the same blanks to fill."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from babel.messages.catalog import Message

from tools.messages import LOCALES, read, template

BLANK = re.compile(r"\{[a-z_]+\}")


def forms(message: Message) -> list[str]:
    """The translations of a message: one, or one a plural form."""
    string: Any = message.string
    return [string] if isinstance(string, str) else list(string)


def keys(catalog: Any) -> set[Any]:
    """Messages of a catalog."""
    return {m.id if isinstance(m.id, str) else tuple(m.id) for m in catalog if m.id}


@pytest.mark.parametrize("locale", LOCALES)
def test_catalogs_hold_what_the_source_says_and_nothing_else(locale: str) -> None:
    assert keys(read(locale)) == keys(template())


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_left_untranslated(locale: str) -> None:
    assert [m.id for m in read(locale) if m.id and not all(forms(m))] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_fills_the_same_blanks(locale: str) -> None:
    wrong = []
    for message in read(locale):
        if not message.id:
            continue
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        allowed = [Counter(BLANK.findall(source)) for source in sources]
        for number, text in enumerate(forms(message)):
            found = Counter(BLANK.findall(text))
            # "One day left" may leave its number out; no form may ask for an unknown one.
            plural = len(sources) > 1
            same = found == allowed[min(number, len(allowed) - 1)]
            if not (same or (plural and set(found) <= set().union(*allowed))):
                wrong.append(text)
    assert wrong == []


def test_english_is_not_french() -> None:
    same = [
        m.id for m in read("en")
        if isinstance(m.id, str) and m.string == m.id and len(m.id.split()) > 3
    ]  # fmt: skip
    assert same == []
