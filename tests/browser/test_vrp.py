"""The VRP at a desk: the year's table by keyboard alone, a block pasted, every screen sound."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP


def cell(person: Any, month: str) -> Any:
    return person.page.get_by_label(f"Outillage Démo (fictif), {month}, Brut", exact=True)


def test_the_table_is_typed_and_pasted_by_keyboard_alone(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("vrp-plafond")
    person.open("/vrp")
    person.see("Remplir d’un coup")
    first = cell(person, "Janvier")
    first.focus()
    person.write("1500,50")
    person.page.keyboard.press("Tab")
    other = person.page.get_by_label("Textiles du Nord (fictif), Janvier, Brut", exact=True)
    expect(other).to_be_focused()
    person.write("1600")
    person.page.keyboard.press("Shift+Tab")
    expect(first).to_be_focused()
    person.see("Brouillon enregistré")
    expect(first).to_have_value("1500,50")
    person.page.keyboard.press("Control+a")
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.page.evaluate("navigator.clipboard.writeText('1\\n200\\n3')")
    person.page.keyboard.press("Control+v")
    cell(person, "Mars").focus()
    expect(cell(person, "Mars")).to_have_value("3")
    cell(person, "Février").focus()
    expect(cell(person, "Février")).to_have_value("200")
    first.focus()
    expect(first).to_have_value("1")
    person.see("Brouillon enregistré")
    person.open("/vrp")
    person.see("Remplir d’un coup")
    cell(person, "Février").focus()
    expect(cell(person, "Février")).to_have_value("200")


def caret_at(person: Any, key: str, place: int) -> None:
    """Press Home or End until the caret stands there for a while: the client may put it back."""
    where = "() => { const e = document.activeElement; return [e.selectionStart, e.selectionEnd]; }"

    def stands() -> bool:
        return all(
            person.page.evaluate(f"() => new Promise(requestAnimationFrame).then({where})")
            == [place, place]
            for _ in range(5)
        )

    for _ in range(4):
        person.page.keyboard.press(key)
        if person.until(stands, 1):
            return
    assert person.page.evaluate(where) == [place, place]


def test_enter_and_arrows_go_from_cell_to_cell(visit: Any) -> None:
    """As in a spreadsheet: a column typed with Enter, then the arrows around, the figures kept."""
    person = visit(DESKTOP)
    person.sign_in("vrp-plafond")
    person.open("/vrp")
    person.see("Remplir d’un coup")
    keys = person.page.keyboard
    cell(person, "Janvier").focus()
    amounts = {"Janvier": "1501", "Février": "1502", "Mars": "1503", "Avril": "1504"}
    keys.press("Control+a")
    for amount in amounts.values():  # without a look at the screen: each figure takes its cell
        keys.type(amount)
        keys.press("Enter")
    expect(cell(person, "Mai")).to_be_focused()
    keys.press("Shift+Enter")
    expect(cell(person, "Avril")).to_be_focused()
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown", "ArrowUp"):
        keys.press(key)
    expect(cell(person, "Mars")).to_be_focused()
    keys.press("ArrowDown")
    april = cell(person, "Avril")
    expect(april).to_be_focused()
    caret_at(person, "End", 4)
    keys.press("ArrowLeft")  # inside the amount, the caret
    keys.press("ArrowLeft")
    expect(april).to_be_focused()
    caret_at(person, "End", 4)
    keys.press("ArrowRight")  # from its edge, the next employer
    beside = person.page.get_by_label("Textiles du Nord (fictif), Avril, Brut", exact=True)
    expect(beside).to_be_focused()
    keys.type("99,5")
    expect(beside).to_have_value("99,5")
    caret_at(person, "Home", 0)
    keys.press("ArrowLeft")
    expect(april).to_be_focused()
    cell(person, "Janvier").focus()
    expect(cell(person, "Janvier")).to_be_focused()
    keys.press("ArrowUp")  # there is nothing above
    expect(cell(person, "Janvier")).to_be_focused()
    person.see("Brouillon enregistré")
    person.open("/vrp")
    person.see("Remplir d’un coup")
    for month, amount in amounts.items():
        cell(person, month).focus()
        expect(cell(person, month)).to_have_value(amount)
    beside.focus()
    expect(beside).to_have_value("99,5")


def test_a_block_is_chosen_by_keyboard_and_copied_to_a_spreadsheet(visit: Any) -> None:
    """Shift and arrows from a cell; Ctrl+C; what the clipboard holds pastes back as it was."""
    person = visit(DESKTOP)
    person.sign_in("vrp-plafond")
    person.open("/vrp")
    person.see("Remplir d’un coup")
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    keys = person.page.keyboard
    first = cell(person, "Juin")
    first.focus()
    expect(first).to_be_focused()
    keys.press("Control+a")
    block = "61,5\t62\n71\t72\n"
    person.page.evaluate("text => navigator.clipboard.writeText(text)", block)
    keys.press("Control+v")
    person.see("4 cases collées.")
    first.focus()
    keys.press("Control+a")
    keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowDown")
    person.see("4 cases choisies, jusqu’à Textiles du Nord (fictif), Juillet.")
    expect(first).to_be_focused()
    keys.press("Control+c")
    person.see("4 cases copiées")
    copied = person.page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r", "") == "61,50\t62,00\n71,00\t72,00"
    keys.press("Escape")
    expect(person.page.get_by_text("4 cases copiées")).to_have_count(0)
    # A click with Shift goes as far, and the focus stays where the block begins.
    keys.press("Control+a")
    person.page.get_by_label("Textiles du Nord (fictif), Août, Brut", exact=True).click(
        modifiers=["Shift"]
    )
    person.see("6 cases choisies, jusqu’à Textiles du Nord (fictif), Août.")
    expect(first).to_be_focused()
    keys.press("Control+c")
    person.see("6 cases copiées")
    copied = person.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("61,50\t62,00")
    assert len(copied.split()) == 6
    keys.type("9")  # what writes gives the block up
    expect(person.page.get_by_text("6 cases copiées")).to_have_count(0)
