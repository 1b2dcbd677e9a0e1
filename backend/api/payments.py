"""Paying: what is due, bank accounts and mandates, orders, cards, transfers, refunds, statement."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request, Response

from backend import statement as statements
from backend.api.deps import ClientDep, OwnedDep, PaidDep, SeenDep, ServicesDep
from backend.api.files import Shown, pdf_response
from backend.problems import Problem, responses
from backend.psp import SignatureInvalid, provider_of
from backend.routes import Routes
from backend.storage.tables import Payment
from backend.usecases import mandates, orders, pay, refunds
from backend.usecases.attest import mandate_document, statement_document
from backend.usecases.documents import content_of
from backend.usecases.situation import paying, payment_view
from contract.i18n import words
from contract.identifiers import grouped_iban
from contract.payments import (
    CardAsk,
    Checkout,
    DueCode,
    Identifier,
    MandateSign,
    MandateView,
    OrderAsk,
    OrderView,
    Paying,
    PaymentView,
    RefundAsk,
    RefundView,
    Split,
    Statement,
    TransferAsk,
    TransferView,
    WebhookTaken,
)
from contract.people import Paper
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["payments"])
MINE = responses(P.NOT_AUTHENTICATED, P.NOT_FOUND)
ACCOUNT = "/accounts/{account_id}"
MANDATE = "0b6c1d5a8e2f4a7c9d3e6f1a2b4c8d0e"
PASSWORD = "une phrase longue et à moi"  # noqa: S105 an example
_PAYMENT = {
    "id": "5d1e7c3b9a2f4e8d6c0b1a3f5e7d9c2b", "method": "card", "state": "pending",
    "amount": "124.00", "due": "declaration.2026-10", "period": "2026-10",
    "reference": "RF18539007547034", "iban": None, "value_date": None, "settled": False,
    "reason": "", "rejected_on": None, "created_at": "2026-11-23T11:00:00.000Z",
}  # fmt: skip
EXAMPLES = {
    "MandateSign": {
        "iban": "FR7699999000010000000000115", "holder": "Camille Démo", "agreed": True,
        "one_off": False, "current_password": PASSWORD,
    },
    "MandateView": {
        "id": MANDATE, "rum": "QTCNS5W9GWZXAM82409FY4A", "ics": "FR53ZZZ999999",
        "iban": "FR76 •••• •••• 0115", "holder": "Camille Démo", "one_off": False, "share": 100,
        "state": "active", "signed_at": "2026-11-23T11:00:00.000Z", "revoked_at": None,
        "last_used_on": None,
    },
    "Split": {"shares": [{"mandate": MANDATE, "percent": 100}]},
    "OrderAsk": {"parts": [{"mandate": MANDATE, "amount": "124.00"}]},
    "OrderView": {
        "id": "7f3a9c1e5b2d4f8a6c0e1b3d5f7a9c2e", "due": "declaration.2026-10",
        "collect_on": "2026-11-30", "cutoff_at": "2026-11-27T11:00:00.000Z", "amendable": True,
        "amount": "124.00",
        "parts": [{"mandate": MANDATE, "iban": "FR76 •••• •••• 0115", "amount": "124.00"}],
        "state": "scheduled", "on_time": True,
    },
    "CardAsk": {"due": "declaration.2026-10", "amount": None},
    "PaymentView": _PAYMENT,
    "Checkout": {"payment": _PAYMENT, "url": "/banque-essai/chk_3f9a1c5e7b2d4f8a"},
    "TransferAsk": {"due": "declaration.2026-10"},
    "TransferView": {
        "payment": _PAYMENT | {"method": "transfer"}, "iban": "FR76 9999 9000 0100 0000 0000 115",
        "bic": "QUITFRPPXXX", "holder": "Quittance", "reference": "RF18 5390 0754 7034",
    },
    "RefundAsk": {
        "mandate": MANDATE, "iban": None, "holder": None, "amount": "50.00",
        "current_password": None,
    },
    "RefundView": {
        "id": "9c2e7f3a1b5d4f8a6c0e1b3d5f7a9c2e", "state": "asked", "amount": "50.00",
        "iban": "FR76 •••• •••• 0115", "asked_at": "2026-11-23T11:00:00.000Z",
        "executed_on": None, "reason": "",
    },
    "WebhookTaken": {"taken": True},
}  # fmt: skip


@router.get(ACCOUNT + "/paying", responses=MINE)
def everything(owned: SeenDep) -> Paying:
    """What is due, ordered, paid or rejected, my bank accounts, and what I may get back."""
    return paying(owned.services, owned.account, owned.regime)


@router.post(
    ACCOUNT + "/mandates",
    status_code=201,
    responses=responses(
        P.NOT_AUTHENTICATED,
        P.NOT_FOUND,
        P.EMAIL_NOT_CONFIRMED,
        P.MANDATE_LIMIT,
        P.MANDATE_EXISTS,
        P.THROTTLED,
    ),
)
def sign(asked: MandateSign, owned: OwnedDep, client: ClientDep) -> MandateView:
    """Sign a SEPA mandate on one of my bank accounts: three at most. Asks for the password."""
    caller = owned.caller
    return mandates.sign(
        owned.services, client, caller.person, caller.session.id, owned.account, asked
    )


@router.put(ACCOUNT + "/mandates/split", responses=MINE)
def split(asked: Split, owned: OwnedDep) -> list[MandateView]:
    """How amounts are split between my bank accounts."""
    return mandates.split(owned.services, owned.account, asked)


@router.delete(ACCOUNT + "/mandates/{mandate_id}", responses=MINE)
def revoke(mandate_id: Identifier, owned: OwnedDep) -> MandateView:
    """Revoke a mandate at once."""
    return mandates.revoke(owned.services, owned.account, mandate_id)


@router.get(
    ACCOUNT + "/mandates/{mandate_id}.pdf",
    response_class=Response,
    responses={**MINE, 200: {"content": {"application/pdf": {}}, "description": "The mandate"}},
)
def pdf(mandate_id: Identifier, owned: OwnedDep, lang: Annotated[Paper, Query()] = "fr"
        ) -> Response:  # fmt: skip
    """The mandate as an accessible, sealed PDF."""
    with owned.services.storage.read() as database:
        mandate = mandates.find(database, owned.account.id, mandate_id)
    row = mandate_document(owned.services, owned.account, mandate, lang)
    return _file(content_of(owned.services, row), "application/pdf", f"mandat-{mandate.rum}.pdf")


@router.put(
    ACCOUNT + "/dues/{code}/order",
    responses=responses(
        P.NOT_AUTHENTICATED, P.NOT_FOUND, P.NOTHING_DUE, P.NO_MANDATE, P.ORDER_CLOSED
    ),
)
def order(code: DueCode, asked: OrderAsk, owned: PaidDep) -> OrderView:
    """Order the debit of a due, or amend the order, until noon of the banking eve."""
    given = orders.give(owned.services, owned.account, code, asked, owned.along("order"))
    owned.tell("order")
    return given


@router.delete(
    ACCOUNT + "/dues/{code}/order",
    status_code=204,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.ORDER_CLOSED),
)
def cancel(code: DueCode, owned: PaidDep) -> None:
    """Take an order back."""
    orders.cancel(owned.services, owned.account, code, owned.along("cancel"))
    owned.tell("cancel")


@router.post(
    ACCOUNT + "/payments/card",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.NOTHING_DUE, P.CARD_UNAVAILABLE),
)
def card(asked: CardAsk, owned: PaidDep) -> Checkout:
    """Begin a payment by card: the provider's page takes it from there."""
    provider = provider_of(owned.services)
    if provider is None:
        raise Problem(P.CARD_UNAVAILABLE)
    payment, url = pay.begin_card(
        owned.services, provider, owned.account, asked.due, asked.amount, owned.along("card")
    )
    owned.tell("card")
    return Checkout(payment=payment_view(payment, owned.services.clock.today()), url=url)


@router.post(
    ACCOUNT + "/payments/transfer",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.NOTHING_DUE),
)
def transfer(asked: TransferAsk, owned: PaidDep) -> TransferView:
    """What to write on a bank transfer; asked again, the same reference."""
    payment = pay.begin_transfer(owned.services, owned.account, asked.due, owned.along("transfer"))
    owned.tell("transfer")
    settings = owned.services.settings
    reference = payment.reference
    return TransferView(
        payment=payment_view(payment, owned.services.clock.today()),
        iban=grouped_iban(settings.creditor_iban), bic=settings.creditor_bic,
        holder=settings.service_name, reference=grouped_iban(reference),
    )  # fmt: skip


@router.get(ACCOUNT + "/payments/{payment_id}", responses=MINE)
def payment(payment_id: Identifier, owned: SeenDep) -> PaymentView:
    """One payment: a card payment says here when the provider's notice has come."""
    with owned.services.storage.read() as database:
        found = database.get(Payment, payment_id)
    if found is None or found.account_id != owned.account.id:
        raise Problem(P.NOT_FOUND)
    return payment_view(found, owned.services.clock.today())


@router.post(
    ACCOUNT + "/refunds",
    status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.NO_CREDIT, P.THROTTLED),
)
def refund(asked: RefundAsk, owned: OwnedDep, client: ClientDep) -> RefundView:
    """Ask a credit back: elsewhere than on the account of a mandate, with the password."""
    return refunds.ask(
        owned.services, client, owned.owner, owned.account, owned.regime.allocation(), asked
    )


@router.post(
    "/payments/notices/{provider}",
    responses=responses(P.NOT_FOUND, P.SIGNATURE_INVALID, P.CARD_UNAVAILABLE),
)
async def notice(provider: str, request: Request, services: ServicesDep) -> WebhookTaken:
    """A signed notice of the card provider. Told twice, it counts once."""
    from starlette.concurrency import run_in_threadpool

    body = await request.body()

    def take() -> None:
        known = provider_of(services)
        if known is None or known.name != provider:
            raise Problem(P.CARD_UNAVAILABLE)
        try:
            told = known.read_notice(dict(request.headers), body)
        except (SignatureInvalid, ValueError, KeyError):
            raise Problem(P.SIGNATURE_INVALID) from None
        pay.take_notice(services, known, told)

    await run_in_threadpool(take)
    return WebhookTaken()


@router.get(ACCOUNT + "/statement", responses=MINE)
def statement(owned: SeenDep) -> Statement:
    """My account line by line, and period by period."""
    with owned.services.storage.read() as database:
        return statements.statement(database, owned.account.id, owned.regime.allocation())


@router.get(
    ACCOUNT + "/statement.pdf", response_class=Response,
    responses={
        **MINE,
        200: {
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The statement",
        },
    },
)  # fmt: skip
def statement_pdf(
    owned: SeenDep, lang: Annotated[Paper, Query()] = "fr", shown: Shown = False
) -> Response:
    """My statement as a sealed PDF, kept in the safe; the same movements on the same day give the
    same document."""
    row = statement_document(owned.services, owned.account, owned.regime, lang)
    return pdf_response(content_of(owned.services, row), f"{row.number}.pdf", shown)


@router.get(
    ACCOUNT + "/statement.{kind}",
    response_class=Response,
    responses={**MINE, 200: {"content": {"text/csv": {}}, "description": "The file"}},
)
def export(
    kind: Literal["csv", "xlsx", "fec"], owned: SeenDep, lang: Annotated[Paper, Query()] = "fr"
) -> Response:
    """My statement as CSV or XLSX, or every entry in the columns of a FEC."""
    w = words(lang)
    with owned.services.storage.read() as database:
        if kind == "fec":
            body = statements.to_fec(database, owned.account.id, owned.account.name, w)
            return _file(body, "text/tab-separated-values; charset=utf-8", "quittance-fec.txt")
        found = statements.statement(database, owned.account.id, owned.regime.allocation())
    if kind == "csv":
        return _file(
            statements.to_csv(found, w), "text/csv; charset=utf-8", "quittance-statement.csv"
        )
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(statements.to_xlsx(found, w), media, "quittance-statement.xlsx")


def _file(body: bytes, media: str, name: str) -> Response:
    return Response(
        body, media_type=media,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
