"""Home, the declaration in three steps, corrections and history, as a person meets them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from app.forms.form import Journey
from app.main import save_drafts
from app.screens.professions.base import profession, read_profile
from app.services.calculator import build_calculator
from contract.accounts import Overview
from contract.rates import shipped_rates
from regimes.registry import REGISTRY
from tests.screens.harness import App, open_app, run

Demo = Callable[[str], str]
Caller = Callable[..., httpx.Response]
SALES = "Vente de marchandises (BIC)"


@pytest.fixture
def seller(call: Caller, newcomer: tuple[str, str], api: Any) -> str:
    """A seller of one's own with October 2026 to declare: the token. The address is confirmed."""
    from sqlalchemy import update

    from backend.storage.tables import Person

    email, token = newcomer
    with api.state.services.storage.write() as database:
        database.execute(
            update(Person)
            .where(Person.email == email)
            .values(email_confirmed_at=api.state.services.clock.now())
        )
    made = call(
        "POST", "/accounts", token=token,
        json={
            "regime": "auto-entrepreneur", "siret": "73282932000074", "name": "Camille Essai",
            "profile": {
                "start_date": "2026-03-15", "categories": ["vente", "service_bnc"],
                "nature": "commerciale", "department": "33",
                "periodicity": [{"since": "2026-03-15", "value": "monthly"}],
            },
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text
    return token


async def amounts(app: App, sales: str, services: str) -> None:
    """Type the two figures of the seller."""
    await app.type(SALES, sales)
    await app.type("Autres prestations de services (BNC)", services)


def test_home_says_what_when_and_how_much(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("artisan")) as app:
            await app.until(lambda: app.shows("Prochaine échéance"))
            assert app.shows("3e trimestre 2026")
            assert app.shows("En retard de 23 jours")
            assert app.shows("12:00")
            assert app.shows("Pénalité encourue à ce jour : 61 €")
            assert app.shows("À mettre de côté")
            assert app.shows("Votre année 2026")
            assert app.shows("Plafond micro — total")

    run(scenario)


def test_home_warns_that_the_acre_ends(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("vendeuse")) as app:
            await app.until(lambda: app.shows("Votre ACRE se termine"))
            assert app.shows("31 décembre 2026")

    run(scenario)


def test_a_declaration_from_amounts_to_receipt(api: Any, seller: str) -> None:
    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            assert app.shows(f"Il manque : {SALES}")
            await amounts(app, "1 234,56", "100")
            # 1 235 × 12.3 % = 152, CFP 1, CCI 0; 100 × 25.6 % = 26, CFP 0.
            await app.until(lambda: app.shows("Total à payer : 179 €"))
            assert app.shows("1 235 € déclarés")
            assert app.shows("153 €")
            await app.tap("Vérifier")
            await app.until(lambda: app.route == "/declare/2026-10/check")
            await app.until(lambda: app.shows("Où vont mes euros"))
            assert app.shows("À payer le 30 novembre 2026")
            await app.tap("Cotisations sociales — ventes de marchandises")
            assert app.shows("1 235 € × 12,3 % = 151,91 €, arrondi à 152 €")
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.route == "/declare/2026-10/sent")
            await app.until(lambda: app.shows("sous le numéro Q-2026-"))
            assert app.shows("179 €")
            await app.tap("Voir le détail")
            await app.until(lambda: app.shows("Ce que vous avez déclaré"))

    run(scenario)


def test_nothing_this_period_in_one_tap(api: Any, seller: str) -> None:
    async def scenario() -> None:
        async with open_app("/declare/2026-09/amounts", backend=api, token=seller) as app:
            await app.until(lambda: app.shows("Rien encaissé sur cette période"))
            await app.tap("Rien encaissé sur cette période")
            await app.until(lambda: app.shows("Total à payer : 0 €"))
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Rien à payer : aucun euro à répartir"))

    run(scenario)


def test_one_keystroke_changes_its_line_and_the_total(api: Any, seller: str) -> None:
    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            await amounts(app, "1000", "100")
            await app.until(lambda: app.shows("Brouillon enregistré"))
            before = len(list(app.controls()))
            app.mark()
            await app.keys(SALES, "12345", leave=False)
            places = app.patched_places()
            # Five keystrokes: the note of the line, the total, the pill; never the screen.
            assert before > 40
            assert 0 < len(places) <= 12, places
            assert not any(
                "Autres prestations" in word for c in app.controls() for word in app.words_of(c)
                if (getattr(c, "_i", 0), 0) in places
            )  # fmt: skip

    run(scenario)


def test_a_bad_amount_is_told_beside_its_field_and_nothing_is_lost(api: Any, seller: str) -> None:
    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            await amounts(app, "1\t200", "1.234,56")
            assert app.shows("Il y a plusieurs montants dans ce champ")
            assert app.shows("Ce montant se lit de deux façons")
            await app.tap("Vérifier")
            assert app.route == "/declare/2026-10/amounts"
            assert app.shows("2 réponses sont à revoir")
            assert app.value("Autres prestations de services (BNC)") == "1.234,56"

    run(scenario)


def test_a_draft_is_found_again_on_another_device(api: Any, seller: str) -> None:
    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            await amounts(app, "777,70", "12x")
            await app.until(lambda: app.shows("Brouillon enregistré"))
        async with open_app("/declare/2026-10/amounts", backend=api, token=seller) as other:
            await other.until(lambda: other.shows("Étape 1 sur 3"))
            assert other.value(SALES) == "777,70"
            assert other.value(BNC) == "12x"

    run(scenario)


def test_another_device_goes_on_at_the_step_that_was_left(
    api: Any, call: Caller, seller: str
) -> None:
    [account] = call("GET", "/accounts", token=seller).json()
    overview = call("GET", f"/accounts/{account['id']}/overview", token=seller).json()
    code = next(p["code"] for p in overview["periods"] if p["state"] in {"late", "to_declare"})
    resume = "Reprendre la déclaration"

    async def scenario() -> None:
        async with open_app(f"/declare/{code}/amounts", backend=api, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            await amounts(app, "800", "0")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Étape 2 sur 3"))
            await app.until(lambda: saved(call, seller, code)["step"] == "check")
        async with open_app("/home", backend=api, token=seller) as other:
            await other.until(lambda: other.shows(resume))
            await other.tap(resume)
            await other.until(lambda: other.shows("Étape 2 sur 3"))
            assert other.route == f"/declare/{code}/check"
            await other.tap("Modifier les montants")
            await other.until(lambda: other.shows("Étape 1 sur 3"))
            assert other.value(SALES) == "800"
            await other.until(lambda: saved(call, seller, code)["step"] == "amounts")
        async with open_app("/home", backend=api, token=seller) as third:
            await third.until(lambda: third.shows(resume))
            await third.tap(resume)
            await third.until(lambda: third.shows("Étape 1 sur 3"))

    run(scenario)


def saved(call: Caller, token: str, code: str = "2026-10") -> dict[str, Any]:
    """The draft that the collector holds."""
    [account] = call("GET", "/accounts", token=token).json()
    path = f"/accounts/{account['id']}/drafts/{code}"
    found: dict[str, Any] = call("GET", path, token=token).json()
    return found


def test_the_same_figures_on_two_devices_ask_nothing(api: Any, call: Caller, seller: str) -> None:
    async def scenario() -> None:
        async with both(api, seller) as (_, two):
            await two.type(SALES, "100", leave=False)
            await two.type(BNC, "10")
            await two.until(lambda: two.shows("Brouillon enregistré"))
            assert not two.shows("Modifié sur un autre appareil")
            await two.type(SALES, "101")  # and it goes on saving
            await two.until(
                lambda: "101" in saved(call, seller)["answers"].values()
                and two.shows("Brouillon enregistré")
            )  # fmt: skip

    run(scenario)


BNC = "Autres prestations de services (BNC)"
PLACE = "/declare/2026-10/amounts"


@asynccontextmanager
async def both(api: Any, seller: str) -> AsyncIterator[tuple[App, App]]:
    """Two devices on one declaration: the first saved 100 and 10 since the second opened it."""
    async with (
        open_app(PLACE, backend=api, token=seller) as one,
        open_app(PLACE, backend=api, token=seller) as two,
    ):
        await one.until(lambda: one.shows("Total incomplet"))
        await two.until(lambda: two.shows("Total incomplet"))
        for _ in range(3):  # the first device goes further: its count says nothing of who is late
            await one.type(SALES, "7")
            await one.until(lambda: one.shows("Brouillon enregistré"))
        await amounts(one, "100", "10")
        await one.until(lambda: one.shows("Brouillon enregistré"))
        yield one, two


@pytest.mark.parametrize("many", [1, 9])
def test_two_devices_are_told_and_choose(api: Any, seller: str, many: int) -> None:
    async def scenario() -> None:
        async with both(api, seller) as (_, two):
            for typed in range(many):  # however many keystrokes the late one is ahead by
                await two.type(SALES, f"2{typed}" if typed < many - 1 else "200")
            await two.until(lambda: two.shows("Modifié sur un autre appareil"))
            assert two.shows("Ici : 200 €")
            assert two.shows("Ailleurs : 100 €")
            await two.tap("Garder tout d’ici")
            await two.until(lambda: two.shows("Brouillon enregistré"))
            assert two.value(SALES) == "200"
            assert two.shows("L’autre version reste ici")
            await two.tap("Échanger les deux versions")
            await two.until(lambda: two.value(SALES) == "100")
            await two.until(lambda: two.shows("Brouillon enregistré"))

    run(scenario)


def test_each_figure_is_taken_from_one_device_or_the_other(api: Any, seller: str) -> None:
    async def scenario() -> None:
        async with both(api, seller) as (_, two):
            await two.type(SALES, "200")
            await two.until(lambda: two.shows("Modifié sur un autre appareil"))
            await two.type(BNC, "20")
            await two.until(lambda: two.shows("Ici : 20 €"))
            await two.choose(f"{BNC} : quelle version ?", "Ailleurs : 10 €")
            await two.tap("Garder ces choix")
            await two.until(lambda: two.shows("Brouillon enregistré"))
            assert (two.value(SALES), two.value(BNC)) == ("200", "10")
        async with open_app(PLACE, backend=api, token=seller) as third:
            await third.until(lambda: third.shows("Étape 1 sur 3"))
            assert (third.value(SALES), third.value(BNC)) == ("200", "10")

    run(scenario)


def test_what_another_device_declared_is_said_and_can_be_corrected(api: Any, seller: str) -> None:
    async def scenario() -> None:
        async with both(api, seller) as (one, two):
            await one.tap("Vérifier")
            await one.until(lambda: one.shows("Envoyer la déclaration"))
            await one.tap("Envoyer la déclaration")
            await one.until(lambda: one.shows("Déclaration envoyée"))
            await two.type(SALES, "200")
            await two.until(lambda: two.shows("Cette période a été déclarée ailleurs"))
            assert two.shows("Déclaré ailleurs")
            await two.tap("Corriger avec mes montants")
            await two.until(lambda: two.shows("droit à l’erreur"))
            assert two.value(SALES) == "200"

    run(scenario)


def test_a_correction_shows_the_difference_before_sending(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        token = demo("plateformes")
        async with open_app("/history/2026-08", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Corriger cette déclaration"))
            assert app.shows("déjà retenu par une plateforme")
            await app.tap("Corriger cette déclaration")
            await app.until(lambda: app.shows("droit à l’erreur"))
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Aucun montant n’a changé"))
            await app.tap("Modifier les montants")
            await app.until(lambda: app.shows("Étape 1 sur 3"))
            await app.type(SALES, "9000")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("de plus que la déclaration envoyée"))
            assert app.shows("avant :")
            await app.tap("Envoyer la correction")
            await app.until(lambda: app.shows("Correction envoyée"))
            await app.go("/history/2026-08")
            await app.until(lambda: app.shows("Versions précédentes"))

    run(scenario)


def test_an_unconfirmed_person_prepares_but_does_not_send(
    api: Any, call: Caller, newcomer: tuple[str, str]
) -> None:
    _, token = newcomer
    call(
        "POST", "/accounts", token=token,
        json={"regime": "auto-entrepreneur", "siret": "12345678200010", "name": "Sans courrier",
              "profile": {"start_date": "2026-03-15", "categories": ["vente"],
                          "nature": "commerciale",
                          "periodicity": [{"since": "2026-03-15", "value": "monthly"}]}},
    )  # fmt: skip

    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            await app.type(SALES, "500")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Adresse à confirmer"))
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.shows("Confirmez d’abord votre adresse e-mail"))
            await app.tap("Renvoyer le message")
            await app.until(lambda: app.shows("Message envoyé"))

    run(scenario)


class Cut(httpx.AsyncBaseTransport):
    """A network that loses the answer of the first sending, after the backend stored it."""

    def __init__(self, api: Any) -> None:
        self.inner = httpx.ASGITransport(app=api)
        self.lost = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on; lose three answers in a row, as many as the client tries by itself."""
        answer = await self.inner.handle_async_request(request)
        if request.method == "PUT" and "/declarations/" in request.url.path and self.lost < 3:
            self.lost += 1
            raise httpx.ReadError("cut")
        return answer


def test_a_lost_answer_is_sent_again_once_with_the_same_receipt(
    api: Any, call: Caller, seller: str
) -> None:
    async def scenario() -> None:
        network = Cut(api)
        async with open_app("/declare/2026-08/amounts", backend=network, token=seller) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            await amounts(app, "50", "0")
            await app.tap("Vérifier")
            await app.until(lambda: app.shows("Où vont mes euros"))
            await app.tap("Envoyer la déclaration")
            await app.until(lambda: app.shows("sous le numéro Q-2026-"))
            assert network.lost == 3

    run(scenario)
    account = call("GET", "/accounts", token=seller).json()[0]["id"]
    sent = call("GET", f"/accounts/{account}/declarations", token=seller).json()
    assert [s["period"] for s in sent].count("2026-08") == 1


def test_a_period_sent_cannot_be_declared_again(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        token = demo("reunion")
        async with open_app("/declare/2026-07/amounts", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Cette période est déjà déclarée"))
            await app.tap("Corriger")
            await app.until(lambda: app.route == "/correct/2026-07/amounts")

    run(scenario)


def test_a_period_not_open_says_so(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        token = demo("reunion")
        async with open_app("/declare/2026-11/amounts", backend=api, token=token) as app:
            await app.until(lambda: app.shows("pas encore ouverte"))

    run(scenario)


def test_history_lists_years_and_exports(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/history", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Exporter en CSV"))
            assert app.shows("2026")
            assert app.shows("2025")
            assert app.shows("À déclarer avant le 30 novembre 2026")

    run(scenario)


@pytest.mark.parametrize("slug", ["vendeuse", "artisan", "consultante", "reunion", "plateformes"])
def test_every_declaration_form_is_sound(call: Caller, demo: Demo, slug: str) -> None:
    token = demo(slug)
    account = call("GET", "/accounts", token=token).json()[0]["id"]
    overview = Overview.model_validate(
        call("GET", f"/accounts/{account}/overview", token=token).json()
    )
    regime = REGISTRY.get(overview.account.regime)
    rates = shipped_rates(regime)
    speaks = profession(regime.code)
    profile = read_profile(regime.code, overview.account.profile)
    for view in overview.periods:
        calculator = build_calculator(overview, rates, view.code, {})
        assert calculator is not None
        form = calculator.journey.form
        assert form.faults() == []
        # Every figure asked is read by the assessment: changing it changes the declaration.
        zero = {q.path: "0" for q in form.fields() if q.path.startswith("parts.")}
        before = speaks.to_declaration(zero, profile, calculator.period, rates)
        for path in zero:
            after = speaks.to_declaration({**zero, path: "10"}, profile, calculator.period, rates)
            assert after != before, path


def test_a_correction_starts_from_what_was_declared(call: Caller, demo: Demo) -> None:
    token = demo("plateformes")
    account = call("GET", "/accounts", token=token).json()[0]["id"]
    overview = Overview.model_validate(
        call("GET", f"/accounts/{account}/overview", token=token).json()
    )
    rates = shipped_rates(REGISTRY.get(overview.account.regime))
    for filed in overview.filed:
        calculator = build_calculator(overview, rates, filed.period, {})
        assert calculator is not None
        raw = calculator.speaks.from_declaration(filed.declaration)
        calculator.journey = Journey(calculator.journey.form, raw)
        again = calculator.declaration()
        assert again == calculator.regime.Declaration.model_validate(filed.declaration)


def test_a_server_that_ends_saves_what_is_being_typed(api: Any, seller: str, call: Caller) -> None:
    async def scenario() -> None:
        async with open_app(
            "/declare/2026-10/amounts", backend=api, token=seller, draft_delay=3600
        ) as app:
            await app.until(lambda: app.shows("Total incomplet"))
            await app.type(SALES, "1 234,56")
            (account,) = call("GET", "/accounts", token=seller).json()
            place = f"/accounts/{account['id']}/drafts/2026-10"
            assert call("GET", place, token=seller).status_code == 404
            await save_drafts()
            (kept,) = call("GET", place, token=seller).json()["answers"].values()
            assert "".join(kept.split()) == "1234,56"

    run(scenario)
