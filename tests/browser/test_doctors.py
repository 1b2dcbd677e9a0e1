"""Doctors in a real browser: a quarter declared across the step, the boxes of a year."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import DESKTOP, PHONE


def test_a_replacement_student_declares_a_quarter_on_a_phone(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("etudiante")
    person.open("/home")
    person.see("19 000 € bientôt atteints")
    assert person.violations() == []
    person.open("/declare/2026-Q3/amounts")
    person.see("zéro ne se déclare pas")
    person.type("Honoraires bruts perçus", "6 150,50", "Votre année, avec ce montant")
    assert person.violations() == []
    person.tap("Vérifier")
    person.at("/declare/2026-Q3/check")
    person.see("Honoraires au-dessus de 19 000 €")
    person.see("À part, une fois par an")
    assert person.violations() == []
    person.tap("Envoyer la déclaration")
    person.at("/declare/2026-Q3/sent")
    person.see("Déclaration envoyée")


def test_a_contracted_doctor_corrects_the_boxes_on_a_desktop(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("secteur1")
    person.open("/home")
    person.see("Vos paiements 2026")
    assert person.violations() == []
    person.open("/correct/2025/amounts")
    person.see("Recettes brutes totales")
    assert person.violations() == []
    person.type("Recettes brutes totales", "162 000")
    person.tap("Vérifier")
    person.at("/correct/2025/check")
    person.see("Cases à reporter")
    person.see("Appelé par la Carmf, estimation")
    assert person.violations() == []
    person.tap("Enregistrer la correction")
    person.at("/correct/2025/sent")
    person.see("Correction enregistrée")
    person.see("DSCS")
