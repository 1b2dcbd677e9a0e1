"""The page around the screens is usable by everyone: its language, zoom, what fields say, what is
read out. The screens themselves: test_matrix.py, test_readings.py, test_keyboard.py."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.walk import PHONE_SAYS


def test_english_speakers_are_met_in_english(visit: Any) -> None:
    person = visit(PHONE, "en-GB")
    person.open("/")
    person.see("Sign in")
    expect(person.page.locator("html")).to_have_attribute("lang", re.compile("^en"))


def test_the_language_of_the_page_is_french_by_default(visit: Any) -> None:
    person = visit(PHONE)
    person.open("/signin")
    expect(person.page.locator("html")).to_have_attribute("lang", re.compile("^fr"))


def axe_on(person: Any) -> list[str]:
    """Every violation of a plain page."""
    return [v["id"] for v in person.axe.run(person.page).response["violations"]]


def test_the_page_that_asks_for_notices_is_plain_and_sound(visit: Any) -> None:
    person = visit(PHONE)
    person.page.goto(f"{person.server.url}/notify/?lang=en")
    button = person.page.get_by_role("button", name="Accept notifications")
    expect(button).to_be_visible()
    assert person.page.evaluate("document.documentElement.lang") == "en"
    assert axe_on(person) == []
    button.click()  # a headless browser refuses: the page says so, beside the button
    expect(person.page.get_by_role("status")).to_contain_text("refused")


def test_the_page_may_be_zoomed(visit: Any) -> None:
    person = visit(PHONE)
    person.open("/signin")
    person.see("Mot de passe oublié")
    said = person.page.locator("meta[name=viewport]").evaluate_all("all => all.map(m => m.content)")
    assert said
    assert not any(re.search("user-scalable|maximum-scale", content) for content in said)
    touch = "getComputedStyle(document.querySelector('flutter-view')).touchAction"
    assert person.page.evaluate(touch) == "pinch-zoom"


def test_letters_are_measured_and_drawn_in_one_thread(visit: Any) -> None:
    """Two would share a store of glyphs that nothing guards: the page stopped for good, one time in
    twelve, as a block was pasted in the table of the VRP."""
    person = visit(PHONE)
    person.open("/signin")
    person.see("Mot de passe oublié")
    assert person.page.evaluate("quittanceBoot.renderer") == "skwasm"
    assert person.page.workers == []


def test_the_tree_opens_on_a_phone_too(browser: Any, server: Any) -> None:
    context = browser.new_context(user_agent=PHONE_SAYS, has_touch=True, locale="fr-FR")
    try:
        person = Visitor(server, context, context.new_page())
        person.open("/signin")
        person.see("Mot de passe oublié")
        expect(person.page.locator("#loading")).to_have_count(0)
    finally:
        context.close()


def test_a_field_is_heard_with_what_it_holds_and_its_error(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("vendeuse")
    person.open("/declare/2026-10/amounts")
    person.see("Étape 1 sur 3")
    person.type("Vente de marchandises (BIC)", "12x", "Brouillon enregistré")
    person.page.keyboard.press("Tab")
    person.see("Un montant s’écrit en chiffres")
    field = person.field("Vente de marchandises (BIC)")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("Un montant s’écrit en chiffres"))
    person.type("Vente de marchandises (BIC)", "1 500", "Total à payer")
    person.see("Brouillon enregistré")
    person.open("/home")
    person.see("Prochaine échéance")
    person.open("/declare/2026-10/amounts")
    person.see("Étape 1 sur 3")
    # Not entered yet: what a draft holds is heard all the same.
    expect(field).to_have_value(re.compile(r"1\s500"))
    expect(field).to_have_attribute("aria-invalid", "false")


def test_a_hint_is_tied_to_its_field(visit: Any) -> None:
    person = visit(PHONE)
    person.open("/signup/identity")
    expect(person.field("SIRET")).to_have_accessible_description(re.compile("14 chiffres"))


def test_a_total_is_read_out_once_the_typing_rests(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("vendeuse")
    person.open("/declare/2026-10/amounts")
    person.see("Étape 1 sur 3")
    person.page.evaluate(
        """() => { globalThis.heard = [];
             new MutationObserver(() => {
               const text = document.getElementById('said').textContent;
               if (text) heard.push(text);
             }).observe(document.getElementById('said'), { childList: true }); }"""
    )
    person.type("Vente de marchandises (BIC)", "4321", "Total à payer")
    assert person.until(lambda: bool(person.page.evaluate("heard.length")))
    [said] = person.page.evaluate("heard.filter((words) => words.startsWith('Total'))")
    total = person.page.locator("[flt-semantics-identifier^='total|']")
    expect(total).to_have_text(said)


def test_another_screen_is_read_out_by_its_title(visit: Any) -> None:
    person = visit(PHONE)
    person.open("/")
    person.see("Essayer avec un compte prêt")
    person.tap("Se connecter")
    person.see("Mot de passe oublié")
    expect(person.page.locator("#said")).to_have_text("Se connecter")


def test_the_menu_says_where_one_is(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("artisan")
    person.open("/history")
    person.see("Exporter en CSV")
    menu = person.page.get_by_role("navigation", name="Menu principal")
    expect(menu.get_by_role("link", name="Historique", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    menu.get_by_role("link", name="Paiements", exact=True).click()
    person.at("/payments")
    expect(menu.get_by_role("link", name="Paiements", exact=True)).to_have_attribute(
        "aria-current", "page"
    )


def test_two_columns_are_read_one_after_the_other(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("consultante")
    person.open("/home")
    person.see("Votre année 2026")
    lefts = person.page.locator("flt-semantics-host h2").evaluate_all(
        "all => all.map(e => Math.round(e.getBoundingClientRect().left))"
    )
    middle = DESKTOP[0] / 2
    columns = [left > middle for left in lefts]
    # Once the second column has begun, nothing of the first comes after.
    assert columns == sorted(columns)
    assert 2 <= sum(columns) <= len(columns) - 2


def test_fields_tell_password_managers_what_they_hold(visit: Any) -> None:
    person = visit(PHONE)
    person.open("/signin")
    person.see("Mot de passe oublié")
    expect(person.field("Adresse e-mail")).to_have_attribute("autocomplete", "username")
    expect(person.page.get_by_label("Mot de passe", exact=True)).to_have_attribute(
        "autocomplete", "current-password"
    )


@pytest.mark.parametrize("asks", [{"forced_colors": "active"}, {"contrast": "more"}], ids=str)
def test_a_device_that_asks_for_contrast_gets_it(browser: Any, server: Any, asks: Any) -> None:
    context = browser.new_context(locale="fr-FR", viewport={"width": 412, "height": 915}, **asks)
    try:
        person = Visitor(server, context, context.new_page())
        person.open("/about")
        person.see("Pas un service officiel")

        def paper() -> tuple[int, ...]:
            picture = Image.open(io.BytesIO(person.page.screenshot())).convert("RGB")
            return tuple(picture.getpixel((4, 4)))

        # The paper of the high contrast theme is white; that of the light one is not.
        assert person.until(lambda: paper() == (255, 255, 255))
    finally:
        context.close()
