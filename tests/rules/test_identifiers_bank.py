"""IBAN, RIB key and creditor references, against python-stdnum and published samples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban
from stdnum import iso11649

from contract.identifiers import (
    IBAN_LENGTHS,
    creditor_reference,
    iban_error,
    masked_iban,
    reference_valid,
)

GOOD = (
    "FR1420041010050500013M02606", "FR7630006000011234567890189", "FR7699999000010000000000115",
    "DE89370400440532013000", "BE71096123456769", "MC5811222000010123456789030",
)  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_published_samples_are_accepted(text: str) -> None:
    assert iban_error(text) is None
    assert iban_error(" ".join(text[i : i + 4] for i in range(0, len(text), 4)).lower()) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FR7612345678901234567890185", "iban_check"),
        ("FR763000600001123456789018", "iban_length"),
        ("US7630006000011234567890189", "iban_country"),
        ("1234", "iban_format"),
        ("FR76 3000 6000 0112 3456 7890 18é", "iban_format"),
    ],
)
def test_each_fault_has_its_name(text: str, code: str) -> None:
    assert iban_error(text) == code


def test_a_french_account_with_a_wrong_key_is_refused_even_when_its_iban_adds_up() -> None:
    body = "30006000011234567890188"  # the key should be 89
    digits = 98 - int(body + "1527" + "00") % 97
    assert iban_error(f"FR{digits:02}{body}") == "iban_rib"


@given(st.sampled_from(GOOD), st.integers(4, 14), st.sampled_from("0123456789"))
def test_one_digit_changed_is_seen(text: str, place: int, digit: str) -> None:
    changed = text[:place] + digit + text[place + 1 :]
    assert (iban_error(changed) is None) == (changed == text)


def test_lengths_agree_with_another_library() -> None:
    for text in GOOD:
        assert stdnum_iban.is_valid(text)
        assert len(text) == IBAN_LENGTHS[text[:2]]


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=1, max_size=21))
def test_references_are_valid_for_another_library(body: str) -> None:
    reference = creditor_reference(body)
    assert reference_valid(reference)
    assert iso11649.is_valid(reference)


@given(st.text("0123456789", min_size=8, max_size=12), st.integers(4, 11), st.integers(1, 9))
def test_a_changed_reference_is_refused(body: str, place: int, add: int) -> None:
    reference = creditor_reference(body)
    digit = (int(reference[place]) + add) % 10
    assert not reference_valid(reference[:place] + str(digit) + reference[place + 1 :])


def test_a_masked_iban_hides_its_middle() -> None:
    assert masked_iban(GOOD[1]) == "FR76 •••• •••• 0189"
