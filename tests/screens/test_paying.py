"""Paying, as a person meets it: bank accounts, debits, cards, transfers, refunds, statement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.components.dues import OTHER_REASON, PENDING_WORDS, REASONS, reason
from backend.banking.reasons import BLOCKING
from backend.banking.returns import Received
from backend.usecases.pay import take_transfer
from contract.hiding import fresh_id
from contract.i18n import words
from tests.screens.conftest import PASSWORD
from tests.screens.harness import open_app, run
from tests.screens.test_declaring import seller

Demo = Callable[[str], str]
Caller = Callable[..., httpx.Response]
IBAN = "FR76 3000 6000 0112 3456 7890 189"

__all__ = ["seller"]


@pytest.fixture
def owing(call: Caller, seller: str) -> str:
    """The seller with September 2026 declared: 124 euros overdue, nothing paid. The token."""
    account = call("GET", "/accounts", token=seller).json()[0]["id"]
    return declare(call, seller, account, "2026-10", "1000") and seller


def declare(call: Caller, token: str, account: str, period: str, amount: str) -> bool:
    """Send a period of the seller through the API."""
    path = f"/accounts/{account}"
    periods = call("GET", f"{path}/periods", token=token).json()
    asked = next(p for p in periods if p["code"] == period)
    data = {
        "parts": [{"start": asked["start"], "end": asked["end"],
                   "turnover": {"vente": amount, "service_bnc": "0"}}],
        "platform": {},
    }  # fmt: skip
    shown = call(
        "POST", f"{path}/estimates", token=token, json={"period": period, "declaration": data}
    ).json()
    answer = call(
        "PUT", f"{path}/declarations/{period}", token=token,
        json={"declaration": data, "fingerprint": shown["fingerprint"],
              "rates_version": shown["rates_version"], "form_version": shown["form_version"]},
        headers={"Idempotency-Key": fresh_id()},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return True


def test_an_account_is_added_and_a_debit_ordered_changed_and_cancelled(
    api: Any, owing: str
) -> None:
    async def scenario() -> None:
        async with open_app("/payments", backend=api, token=owing) as app:
            await app.until(lambda: app.shows("Octobre 2026"))
            assert app.shows("124 €")
            assert app.shows("À payer le 30 novembre 2026 au plus tard")
            await app.tap("Payer")
            await app.until(lambda: app.shows("Par prélèvement"))
            await app.tap("Ajouter un compte bancaire")
            await app.until(lambda: app.shows("Mandat de prélèvement SEPA"))
            await app.type("IBAN", "FR76 3000 6000 0112 3456 7890 188")
            assert app.shows("Cet IBAN n’existe pas")
            await app.type("Titulaire du compte", "Camille Essai")
            await app.type("IBAN", IBAN)
            await app.choose("Je signe ce mandat", "yes")
            await app.type("Votre mot de passe", PASSWORD + "x")
            await app.tap("Signer le mandat")
            await app.until(lambda: app.shows("Ce n’est pas votre mot de passe actuel."))
            assert app.value("IBAN").replace(" ", "") == IBAN.replace(" ", "")
            assert app.value("Titulaire du compte") == "Camille Essai"
            await app.type("Votre mot de passe", PASSWORD)
            await app.tap("Signer le mandat")
            await app.until(lambda: app.shows("Être prélevé le 30 novembre 2026"))
            assert app.shows("FR76 •••• •••• 0189")
            assert not app.shows("3000 6000")
            await app.tap("Être prélevé le 30 novembre 2026")
            await app.until(lambda: app.shows("Prélèvement prévu"))
            assert app.shows("Modifiable jusqu’au 27 novembre 2026")
            await app.tap("Modifier")
            await app.type("FR76 •••• •••• 0189", "500")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("C’est plus que ce qui reste à payer."))
            await app.type("FR76 •••• •••• 0189", "100")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("100 € prélevés le 30 novembre 2026"))
            await app.tap("Annuler ce prélèvement")
            await app.until(lambda: app.shows("Le prélèvement est annulé"))
            assert app.shows("Par prélèvement")

    run(scenario)


def test_accounts_are_split_and_revoked(api: Any, call: Caller, owing: str) -> None:
    account = call("GET", "/accounts", token=owing).json()[0]["id"]
    for iban in (IBAN, "DE89370400440532013000"):
        body = {"iban": iban, "holder": "Camille", "agreed": True, "current_password": PASSWORD}
        assert call(
            "POST", f"/accounts/{account}/mandates", token=owing, json=body
        ).status_code == 201  # fmt: skip

    async def scenario() -> None:
        async with open_app("/mandates", backend=api, token=owing) as app:
            await app.until(lambda: app.shows("Répartition"))
            first, second = ("FR76 •••• •••• 0189", "DE89 •••• •••• 3000")
            await app.type(first, "70")
            await app.tap("Enregistrer")
            assert app.shows("100 % en tout")
            other = "30" if app.value(first) == "70" else "70"
            await app.type(second, other)
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("La répartition est enregistrée."))
            await app.tap("Révoquer")
            assert app.shows("Révoquer ce mandat ?")
            await app.tap("Oui, révoquer")
            await app.until(lambda: app.shows("Mandats terminés"))

    run(scenario)


def test_a_transfer_gives_a_reference_to_copy(api: Any, owing: str) -> None:
    async def scenario() -> None:
        async with open_app("/pay/declaration.2026-10", backend=api, token=owing) as app:
            await app.until(lambda: app.shows("Par virement"))
            await app.tap("Voir les coordonnées")
            await app.until(lambda: app.shows("Référence à recopier"))
            assert app.shows("FR76 9999 9000")
            await app.tap("Copier la référence")
            assert app.clipboard.startswith("RF")

    run(scenario)


def test_a_card_payment_leaves_for_the_bank_and_comes_back(
    api: Any, call: Caller, owing: str
) -> None:
    account = call("GET", "/accounts", token=owing).json()[0]["id"]

    async def scenario() -> None:
        async with open_app("/pay/declaration.2026-10", backend=api, token=owing) as app:
            await app.until(lambda: app.shows("Par carte"))
            assert app.shows("aucun argent ne bouge")
            await app.tap("Payer 124 € par carte")
            await app.until(lambda: app.launched)
            assert app.launched[-1].startswith("/banque-essai/chk_")
            found = call("GET", f"/accounts/{account}/paying", token=owing).json()["payments"][0]
            await app.go(f"/pay/done/{found['id']}")
            await app.until(lambda: app.shows("n’a pas encore confirmé"))
            decide(api, app.launched[-1].split("?")[0], "paid")
            await app.tap("Vérifier de nouveau")
            await app.until(lambda: app.shows("Paiement reçu : 124 €"))
            await app.tap("Voir mes paiements")
            await app.until(lambda: app.shows("Rien à payer pour l’instant."))
            assert app.shows("Carte du 23 novembre 2026, reçu")

    run(scenario)


def decide(api: Any, path: str, outcome: str) -> None:
    """What a person chooses on the page of the sandbox bank."""
    from starlette.testclient import TestClient

    with TestClient(api) as client:
        answer = client.post(
            path, content=f"outcome={outcome}",
            headers={"content-type": "application/x-www-form-urlencoded"},
            follow_redirects=False,
        )  # fmt: skip
    assert answer.status_code == 303


def test_a_rejected_debit_is_explained_and_paid_again(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Prélèvement refusé par votre banque"))
            assert app.shows("n’était pas assez approvisionné")
            assert app.shows("AM04")
            await app.tap("Payer de nouveau")
            await app.until(lambda: app.shows("Le prélèvement n’a pas abouti"))
            assert app.shows("Être prélevé le")

    run(scenario)


def credited(api: Any, call: Caller, token: str) -> str:
    """More was paid by transfer than was due: the account."""
    account = str(call("GET", "/accounts", token=token).json()[0]["id"])
    asked = call(
        "POST", f"/accounts/{account}/payments/transfer", token=token,
        json={"due": "declaration.2026-10"},
    ).json()  # fmt: skip
    received = Received(
        f"screens-{account}", asked["payment"]["reference"], Decimal(150), date(2026, 11, 20)
    )
    assert take_transfer(api.state.services, received)
    return account


def test_a_credit_is_asked_back(api: Any, call: Caller, owing: str) -> None:
    account = credited(api, call, owing)
    mandate = {
        "iban": IBAN,
        "holder": "Camille Essai",
        "agreed": True,
        "current_password": PASSWORD,
    }
    call("POST", f"/accounts/{account}/mandates", token=owing, json=mandate)

    async def scenario() -> None:
        async with open_app("/payments", backend=api, token=owing) as app:
            await app.until(lambda: app.shows("Crédit en votre faveur"))
            await app.tap("Demander le remboursement")
            await app.until(lambda: app.shows("Vers quel compte ?"))
            assert not app.shows("Votre mot de passe")  # an account of mine
            await app.type("Montant", "10")
            await app.tap("Demander le remboursement")
            await app.until(lambda: app.shows("Demande enregistrée : 10 €"))
            await app.tap("Voir mes paiements")
            await app.until(lambda: app.shows("il part avec le prochain virement"))

    run(scenario)


def test_a_credit_goes_elsewhere_with_the_password_alone(
    api: Any, call: Caller, owing: str
) -> None:
    credited(api, call, owing)

    async def scenario() -> None:
        async with open_app("/refund", backend=api, token=owing) as app:
            await app.until(lambda: app.shows("Vers quel compte ?"))
            await app.type("Titulaire du compte", "Camille Essai")
            await app.type("IBAN", IBAN)
            await app.type("Votre mot de passe", PASSWORD + "x")
            await app.tap("Demander le remboursement")
            await app.until(lambda: app.shows("Ce n’est pas votre mot de passe actuel."))
            assert app.value("IBAN").replace(" ", "") == IBAN.replace(" ", "")
            await app.type("Votre mot de passe", PASSWORD)
            await app.tap("Demander le remboursement")
            await app.until(lambda: app.shows("vers FR76 •••• •••• 0189"))

    run(scenario)


def test_the_statement_is_readable_and_exported(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/statement", backend=api, token=demo("consultante")) as app:
            await app.until(lambda: app.shows("Prélèvement rejeté"))
            assert app.shows("Période par période")
            assert app.shows("Vous devez")

    run(scenario)


def test_a_doctor_sees_each_call(api: Any, demo: Demo) -> None:
    async def scenario() -> None:
        async with open_app("/payments", backend=api, token=demo("secteur1")) as app:
            await app.until(lambda: app.shows("Appel provisionnel 2026"))
            assert app.shows("Prélèvement prévu le")

    run(scenario)


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_reason_has_a_sentence(locale: str) -> None:
    w = words(locale)
    for code in (*REASONS, *BLOCKING, "ZZ99"):
        assert code in reason(w, code)
    assert w.t(OTHER_REASON)
    assert all(w.t(text) for text in PENDING_WORDS)
