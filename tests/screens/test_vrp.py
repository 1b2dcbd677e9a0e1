"""VRP in the browser's place: the year's table typed like a spreadsheet, the refund, the claim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from tests.screens.harness import App, open_app, run

Demo = Callable[[str], str]
SLUG = "vrp-plafond"


def cells(app: App) -> list[ft.TextField]:
    """Fields of the table, by what a screen reader says of them."""
    return [c for c in app.find_all(ft.TextField) if str(c.label).count(", ") >= 2]


def test_the_table_reads_by_employer_month_and_measure(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=demo(SLUG), width=1440, height=900) as app:
            await app.until(lambda: app.shows("Total de l’année") or cells(app))
            names = [str(c.label) for c in cells(app)]
            assert any(name.endswith(", Mars, Brut") for name in names)
            assert len(names) >= 24

    run(scenario)


def test_typing_a_cell_redraws_that_cell_and_the_totals(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=demo(SLUG), width=1440, height=900) as app:
            await app.until(lambda: len(cells(app)) >= 24)
            field = cells(app)[0]
            app._patched.clear()
            await app.type(str(field.label), "1234,56")
            assert len(app._patched) <= 12
            await app.until(lambda: app.shows("Brouillon enregistré"))
            await app.type(str(field.label), "douze")
            assert app.shows("ce n’est pas un montant")

    run(scenario)


def test_a_key_ahead_of_a_drawing_is_not_taken_back(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=demo(SLUG), width=1440, height=900) as app:
            await app.until(lambda: len(cells(app)) >= 24)
            field = cells(app)[0]
            await app.session.dispatch_event(field._i, "focus", None)
            app.session.apply_patch(field._i, {"value": "12,"})
            await app.session.dispatch_event(field._i, "change", "12,")
            # The next key has left the client; what "12," has us draw is not out yet.
            app.session.apply_patch(field._i, {"value": "12,5"})
            await app.until(lambda: app.shows("ce n’est pas un montant"))
            assert app.session.index[field._i].value == "12,5"

    run(scenario)


def test_enter_leaves_the_amount_as_it_was(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=demo(SLUG), width=1440, height=900) as app:
            await app.until(lambda: len(cells(app)) >= 24)
            first = cells(app)[0]
            before = str(first.value)
            await app.session.dispatch_event(first._i, "focus", None)
            app.session.apply_patch(first._i, {"value": before + "\n"})
            await app.session.dispatch_event(first._i, "change", before + "\n")
            await app.until(lambda: app.session.index[first._i].value == before)

    run(scenario)


def test_a_pasted_column_is_as_many_cells(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=demo(SLUG), width=1440, height=900) as app:
            await app.until(lambda: len(cells(app)) >= 24)
            first = cells(app)[0]
            employer = str(first.label).rsplit(", ", 2)[0]
            await app.type(str(first.label), "1\n200")
            await app.until(lambda: app.value(f"{employer}, Février, Brut") == "200")
            assert app.value(f"{employer}, Janvier, Brut") == "1"

    run(scenario)


def test_the_refund_shows_its_formula_and_is_claimed(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp/2025/demande", backend=api, token=demo(SLUG)) as app:
            await app.until(lambda: app.shows("À demander pour l’année"))
            assert app.shows("Estimation : c’est l’Urssaf qui décide.")
            assert app.shows("Retraite de base au-dessus d’un plafond")

    run(scenario)


def test_employers_are_listed_and_checked(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp/employeurs", backend=api, token=demo(SLUG)) as app:
            await app.until(lambda: app.shows("Ajouter un employeur"))
            await app.type("Nom de l’employeur", "Maison Quatre")
            await app.type("SIRET de l’employeur", "123 456 782 00011")
            await app.tap("Enregistrer l’employeur")
            assert app.shows("Ce SIRET n’existe pas")

    run(scenario)


def test_a_payslip_is_checked_here(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/vrp/bulletin", backend=api, token=demo(SLUG)) as app:
            await app.until(lambda: app.shows("Salaire brut"))
            await app.type("Payé le", "31/03/2026")
            await app.type("Salaire brut", "3000")
            await app.choose("L’abattement forfaitaire", "Non")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Ligne par ligne"))
            assert app.shows("Total de la loi")

    run(scenario)


def test_home_leads_to_the_table(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo(SLUG)) as app:
            await app.until(lambda: app.shows("Votre année de VRP"))
            await app.tap("Tableau de l’année")
            await app.until(lambda: app.route.startswith("/vrp"))

    run(scenario)
