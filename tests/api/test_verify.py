"""Anyone may check a receipt: no figure, no identity."""

from __future__ import annotations

from tests.support.world import API, World


def test_a_receipt_is_checked_without_signing_in(world: World) -> None:
    account = world.person().account(name="Zoé Lemaître")
    receipt = account.declare("2026-10", vente="98765")
    code = receipt["verification_code"]
    answer = world.client.get(f"{API}/verifications/{code}")
    assert answer.json() == {
        "valid": True, "number": receipt["number"], "received_at": receipt["received_at"],
        "period": "2026-10", "regime": "auto-entrepreneur",
        "fingerprint": receipt["fingerprint"], "superseded": False, "kind": "receipt",
        "valid_until": None,
    }  # fmt: skip
    typed = "-".join((code[:5], code[5:10], code[10:])).lower()
    assert world.client.get(f"{API}/verifications/{typed}").json() == answer.json()


def test_a_corrected_receipt_says_that_it_was_replaced(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000")
    second = account.declare("2026-10", corrects=first["number"], vente="2000")
    seen = [
        world.client.get(f"{API}/verifications/{r['verification_code']}").json()["superseded"]
        for r in (first, second)
    ]
    assert seen == [True, False]


def test_an_unknown_code_says_nothing(world: World) -> None:
    answer = world.client.get(f"{API}/verifications/{'A' * 20}")
    assert answer.json()["valid"] is False
    assert set(answer.json().values()) == {False, None}


def test_guessing_is_slowed_down(world: World) -> None:
    for _ in range(60):
        assert world.client.get(f"{API}/verifications/{'A' * 20}").status_code == 200
    answer = world.client.get(f"{API}/verifications/{'A' * 20}")
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer.headers["retry-after"]) > 0


def test_the_page_of_the_code_shows_no_figure_and_no_identity(world: World) -> None:
    account = world.person().account(name="Zoé Lemaître")
    receipt = account.declare("2026-10", vente="98765")
    for lang, title in (("fr", "Ce reçu est authentique"), ("en", "")):
        page = world.client.get(f"{receipt['verification_path']}?lang={lang}")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert f'<html lang="{lang}" dir="ltr">' in page.text
        assert title in page.text
        assert receipt["number"] in page.text
        assert receipt["fingerprint"] in page.text
        for secret in ("Zoé", "12345678200010", "98765", "98 765", receipt["due"] + " €", "@"):
            assert secret not in page.text


def test_the_page_of_an_unknown_code(world: World) -> None:
    page = world.client.get("/verifier/%3Cscript%3Ealert(1)?lang=fr")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "Document inconnu" in world.client.get("/verifier/AAAAA?lang=fr").text
