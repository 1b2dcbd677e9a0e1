"""How each answer is typed, normalised, refused, summarised and read aloud."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.forms.answers import (
    FAULTS,
    Choice,
    Count,
    Date,
    Email,
    Iban,
    Invalid,
    Money,
    MultiChoice,
    Nir,
    Password,
    Possible,
    Siret,
    Text,
    YesNo,
    parse_money,
)
from contract.i18n import words

FR, EN = words("fr"), words("en")


@pytest.mark.parametrize(
    ("typed", "euros"),
    [
        ("1 234,56", "1234.56"), ("1234.56", "1234.56"), ("1234,5", "1234.5"),
        ("1\u202f234,56\u00a0€", "1234.56"), ("1\u00a0234,56 €", "1234.56"), ("€ 12", "12"),
        ("12 EUR", "12"), ("0", "0"), ("0,00", "0.00"), ("10 000 000,00€", "10000000.00"),
        ("  42 ", "42"), ("99999999,99", "99999999.99"), ("007", "7"),
    ],
)  # fmt: skip
def test_amounts_people_type_are_understood(typed: str, euros: str) -> None:
    assert parse_money(typed) == Decimal(euros)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1.234,56", "money_mixed"), ("1,234.56", "money_mixed"), ("1.234.567", "money_mixed"),
        ("1\t2", "money_two"), ("1\n2", "money_two"), ("1\t2 3\t4", "money_two"),
        ("1234 5678", "money_two"), ("12 € 13 €", "money_two"), ("1234,5 6", "money_two"),
        ("12 34", "money_groups"), ("1 234 5", "money_groups"), ("1  234", "money_groups"),
        ("1e5", "money_exponent"), ("1E400", "money_exponent"), ("abc", "money_letters"),
        ("12o", "money_letters"), ("١٢", "money_letters"), ("😀", "money_letters"),
        ("NaN", "money_letters"), ("-5", "money_negative"), ("−5", "money_negative"),
        ("(5)", "money_negative"), ("1234,567", "money_decimals"), ("12,", "money_separator"),
        (",5", "money_separator"), ("100000000", "money_too_large"), ("9" * 300, "money_too_large"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_money(typed)
    assert caught.value.code == code


@given(st.decimals(min_value=0, max_value=Decimal("99999999.99"), places=2))
def test_what_a_field_writes_it_reads_back(euros: Decimal) -> None:
    for language in (FR, EN):
        assert Money().parse(Money().write(euros, language)) == euros


@given(st.text(max_size=40))
def test_no_text_crashes_an_amount_and_none_is_glued_together(text: str) -> None:
    try:
        value = parse_money(text)
    except Invalid:
        return
    digits = "".join(c for c in text if c.isdigit())
    assert value.is_finite()
    assert digits.lstrip("0").startswith(str(int(value)).lstrip("0"))
    assert not any(c in text for c in "\t\n\r")


def test_rounding_is_said() -> None:
    said = Money().remark(Decimal("1234.56"), FR).replace("\u202f", " ").replace("\u00a0", " ")
    assert said == "1 234,56 €, soit 1 235 € déclarés : arrondi à l’euro"
    assert Money().remark(Decimal(1234), FR) == ""
    assert Money(declared=False).remark(Decimal("1234.56"), FR) == ""


def test_an_invalid_answer_is_never_rewritten() -> None:
    assert Money().normalise("1.234,56", FR) == "1.234,56"
    assert Money().normalise("1234.5", FR).replace("\u202f", " ") == "1 234,50"


@pytest.mark.parametrize(
    ("typed", "day"),
    [("31/10/2026", date(2026, 10, 31)), ("1.2.2026", date(2026, 2, 1)),
     ("2026-10-31", date(2026, 10, 31)), ("31102026", date(2026, 10, 31))],
)  # fmt: skip
def test_dates(typed: str, day: date) -> None:
    assert Date().parse(typed) == day


@pytest.mark.parametrize(
    ("typed", "code"),
    [("31/02/2026", "date_unknown"), ("demain", "date_format"), ("31/10/26", "date_format"),
     ("01/01/2026", "date_early"), ("01/01/2028", "date_late")],
)  # fmt: skip
def test_dates_refused(typed: str, code: str) -> None:
    answer = Date(earliest=date(2026, 2, 1), latest=date(2026, 12, 31))
    with pytest.raises(Invalid) as caught:
        answer.parse(typed)
    assert caught.value.code == code
    assert "{" not in caught.value.sentence(FR)


@pytest.mark.parametrize(
    ("answer", "typed", "value"),
    [
        (Siret(), "732 829 320 00074", "73282932000074"),
        (Nir(), "2 55 08 14 168 025 38", "255081416802538"),
        (Nir(), "1 85 05 2A 004 084 " + f"{97 - 1850519004084 % 97:02}",
         "185052A004084" + f"{97 - 1850519004084 % 97:02}"),
        (Iban(), "FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        (Email(), " Camille@Exemple.FR ", "camille@exemple.fr"),
        (Count(high=10), "7", 7),
        (YesNo(), "yes", "yes"),
        (Text(), "  deux   mots ", "deux mots"),
    ],
)  # fmt: skip
def test_good_answers(answer: object, typed: str, value: object) -> None:
    assert answer.parse(typed) == value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("answer", "typed", "code"),
    [
        (Siret(), "732 829 320 00075", "siret_check"), (Siret(), "12", "siret_length"),
        (Siret(), "abc", "siret_characters"), (Nir(), "2 55 08 14 168 025 39", "nir_check"),
        (Nir(), "12", "nir_format"), (Iban(), "FR76 3000 6000 0112 3456 7890 188", "iban_check"),
        (Iban(), "FR76 3000", "iban_format"), (Email(), "camille", "email_format"),
        (Count(high=10), "11", "count_range"), (Count(), "1,5", "count_format"),
        (YesNo(), "maybe", "choice_unknown"), (Text(longest=3), "quatre", "text_long"),
        (Password(new=True), "court", "password_short"),
        (MultiChoice(options=(Possible("a", "A"),)), "b", "choice_unknown"),
    ],
)  # fmt: skip
def test_bad_answers(answer: object, typed: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        answer.parse(typed)  # type: ignore[attr-defined]
    assert caught.value.code == code
    assert "{" not in caught.value.sentence(EN)


def test_secrets_are_not_told() -> None:
    nir, iban = "255081416802538", "FR7630006000011234567890189"
    for said in (
        Nir().summarise(nir, FR), Nir().aloud(nir, FR), Iban().summarise(iban, FR),
        Iban().aloud(iban, FR), Password().summarise("hunter22hunter22", FR),
        Password().aloud("hunter22hunter22", FR),
    ):  # fmt: skip
        assert "0814168" not in said.replace(" ", "")
        assert "30006" not in said.replace(" ", "")
        assert "hunter" not in said


def test_several_choices_keep_the_order_of_the_options() -> None:
    answer = MultiChoice(options=(Possible("a", "A"), Possible("b", "B"), Possible("c", "C")))
    assert answer.parse("c,a") == ("a", "c")
    assert Choice(options=answer.options).summarise("b", FR) == "B"


def test_every_fault_has_its_sentence() -> None:
    assert all((text and text[0].isupper()) or text[0] == "{" for text in FAULTS.values())
