"""The VRP at a desk: the year's table by keyboard alone, a block pasted, every screen sound."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE

ROUTES = {
    "/vrp": "Remplir d’un coup",
    "/vrp/employeurs": "Ajouter un employeur",
    "/vrp/frais": "Ajouter une dépense",
    "/vrp/bulletin": "Salaire brut",
    "/vrp/demandes": "Compte du remboursement",
    "/vrp/2025/demande": "À demander pour l’année",
}


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"]
)
def test_axe_finds_nothing_serious(visit: Any, size: tuple[int, int], scheme: str) -> None:
    person = visit(size, "fr-FR", scheme)
    person.sign_in("vrp-plafond")
    found = []
    for route, shown in ROUTES.items():
        person.open(route)
        person.see(shown)
        found += [f"{route}: {fault}" for fault in person.violations()]
    assert found == []


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
    person.page.keyboard.press("Enter")  # adds no line to an amount
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
