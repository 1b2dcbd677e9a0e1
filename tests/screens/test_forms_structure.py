"""Forms as data: every step can be reached, nothing hides itself, journeys know what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from app.forms import text
from app.forms.answers import ListOf, Money, Text, YesNo
from app.forms.form import Condition, Field, Form, Journey, Step
from app.screens.access import short_form
from app.screens.password import FORGOT, RESET
from app.screens.profile import EMAIL_FORM, PASSWORD_FORM
from app.screens.signin import FORM as SIGNIN
from app.screens.signup import signup_form
from contract.i18n import words
from regimes.registry import REGISTRY

FR = words("fr")

FORM = Form(
    "test", 1,
    (
        Step("amounts", "Montants", (
            Field("sales", "Ventes", Money()),
            Field("platform", "Une plateforme ?", YesNo()),
            Field("withheld", "Retenu", Money(), when=(Condition("platform", ("yes",)),)),
        )),
        Step("children", "Enfants", (
            Field("children", "Enfants", ListOf(columns=(Field("name", "Prénom", Text()),))),
        )),
        Step("last", "Fin", (Field("note", "Note", Text(), required=False),),
             when=(Condition("platform", ("yes",)),)),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [FORM, SIGNIN, FORGOT, RESET, EMAIL_FORM, PASSWORD_FORM,
     *(signup_form(code, date(2026, 11, 23), False) for code in REGISTRY.codes())],
    ids=lambda form: form.code,
)  # fmt: skip
def test_the_form_is_sound(form: Form) -> None:
    assert form.faults() == []


def test_faults_of_a_form_are_seen() -> None:
    broken = Form(
        "broken", 1,
        (
            Step("one", "Un", (
                Field("a", "A", YesNo(), when=(Condition("a"),)),
                Field("b", "B", YesNo(), when=(Condition("c"),)),
                Field("c", "C", YesNo(), when=(Condition("b", ("maybe",)),)),
                Field("c", "C", YesNo()),
            )),
            Step("one", "Deux", ()),
        ),
    )  # fmt: skip
    said = " / ".join(broken.faults())
    for expected in ("path c twice", "step one twice", "a is hidden by its own answer",
                     "b waits for c", "cannot be given", "asks nothing"):  # fmt: skip
        assert expected in said


def test_a_hidden_answer_does_not_count() -> None:
    journey = Journey(FORM, {"sales": "1", "platform": "no", "withheld": "zut", "children": "0"})
    assert "withheld" not in journey.values()
    assert [s.code for s in journey.steps()] == ["amounts", "children"]
    assert journey.complete


def test_what_is_missing_and_what_may_be_visited() -> None:
    journey = Journey(FORM, {"sales": "1.234,56", "platform": "yes"})
    assert [(f.path, fault.code) for _, f, fault in journey.missing()] == [
        ("sales", "money_mixed"), ("withheld", "money_required"), ("children", "required"),
    ]  # fmt: skip
    assert journey.can_visit("amounts")
    assert not journey.can_visit("children")
    assert not journey.can_visit("nowhere")
    assert journey.first_open() == "amounts"
    journey.raw.update({"sales": "12", "withheld": "3", "children": "1"})
    assert journey.first_open() == "children"
    journey.raw["children.0.name"] = "Zoé"
    assert journey.complete
    assert journey.after("amounts") == "children"
    assert journey.before("last") == "children"
    assert journey.after("last") is None


def test_rows_of_a_list() -> None:
    journey = Journey(FORM, {"children": "2", "children.0.name": "Zoé"})
    assert [f.path for f in journey.fields(FORM.steps[1])] == [
        "children", "children.0.name", "children.1.name",
    ]  # fmt: skip
    assert journey.values()["children.0.name"] == "Zoé"


def test_a_form_is_told_in_plain_text() -> None:
    journey = Journey(FORM, {"sales": "1234,56", "platform": "yes", "withheld": "abc"})
    told = text.render(journey, FR).replace("\u202f", " ").replace("\u00a0", " ")
    assert "Ventes : 1 234,56 €" in told
    assert "(1 234,56 €, soit 1 235 € déclarés : arrondi à l’euro)" in told
    assert "Retenu : abc" in told
    assert "! Un montant s’écrit en chiffres" in told
    assert ("Une plateforme ?", "Oui") in text.summary(journey, FR)
    assert "Une plateforme ? : Oui." in text.aloud(journey, FR)


def test_exported_answers_are_plain() -> None:
    journey = Journey(FORM, {"sales": "1 234,50", "platform": "no"})
    assert journey.exported() == {"sales": "1234.5", "platform": False}


def test_definitions_do_not_know_flet() -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['flet'] = None; "
        "import app.forms.answers, app.forms.form, app.forms.text; print('ok')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "ok", done.stderr


def test_short_form_has_one_step() -> None:
    assert [s.code for s in short_form("x", Field("a", "A", Text())).steps] == ["only"]
