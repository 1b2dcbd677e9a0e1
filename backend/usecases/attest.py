"""Deliver attestations on the conditions of their texts, and say why when they are not met."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from backend.clock import paris_day
from backend.documents import attestations
from backend.documents.account_statement import euros_sheet, plan_sheet, statement_sheet
from backend.documents.attestations import Holder, months_of
from backend.documents.mandate import mandate_pdf
from backend.documents.sheet import Sheet, sheet_pdf
from backend.problems import Problem, field_problem
from backend.services import Services
from backend.statement import statement
from backend.storage.documents import IssuedDocument
from backend.storage.tables import Account, Mandate
from backend.usecases.documents import issue
from backend.usecases.history import Stored, current_profile
from backend.usecases.standing import Standing, standing
from contract.base import Answer
from contract.canonical import sha256_hex
from contract.decisions import EurosView, PlanView
from contract.documents import DocumentAsk, DocumentOffer
from contract.i18n import Words, words
from contract.problem import FieldProblem, ProblemCode
from regimes.money import ZERO
from regimes.regime import Kind, Regime

PREFIX = {
    "vigilance": "AV", "fiscal": "AF", "turnover": "CA", "affiliation": "AA", "training": "CF",
    "statement": "RC",
}  # fmt: skip
LAW = {"vigilance": "CSS L243-15", "training": "CT R6331-47"}


def titles(w: Words) -> dict[str, tuple[str, str]]:
    """Name of each attestation, and what it is for."""
    return {
        "vigilance": (
            w.t("Attestation de vigilance"),
            w.t("Pour un client professionnel, dès 5 000 € hors taxes : à jour des déclarations "
                "et des paiements. Valable six mois."),
        ),
        "turnover": (
            w.t("Attestation de chiffre d’affaires"),
            w.t("Ce que vous avez déclaré, mois par mois : prêt, logement, France Travail."),
        ),
        "fiscal": (
            w.t("Attestation fiscale"),
            w.t("Ce que vous avez déclaré dans l’année, par nature, pour la déclaration de "
                "revenus."),
        ),
        "training": (
            w.t("Attestation de contribution à la formation"),
            w.t("Pour le fonds qui finance les formations de votre profession."),
        ),
        "affiliation": (
            w.t("Attestation d’affiliation"),
            w.t("Votre activité, son numéro et sa date de début."),
        ),
        "statement": (
            w.t("Relevé de compte"),
            w.t("Ce qui a été demandé, payé et imputé, ligne par ligne, à ce jour."),
        ),
        "plan": (w.t("Échéancier de paiement"), w.t("Vos mensualités et leurs dates.")),
        "book": (w.t("Livre des recettes"), w.t("Vos recettes de l’année, jour après jour.")),
        "services": (
            w.t("État de services"),
            w.t("Vos jours à bord et ceux de l’équipage, pour l’Enim et les Affaires maritimes."),
        ),
        "euros": (w.t("Où sont allés mes euros"), w.t("Ce que chaque caisse a reçu dans l’année.")),
        "mandate": (w.t("Mandat de prélèvement SEPA"), w.t("Le compte débité, signé.")),
    }  # fmt: skip


def half_year_after(day: date) -> date:
    """The last day of six months that begin on `day` (code du travail, D8222-5)."""
    month = day.month + 6
    year, month = day.year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _of_year(found: Standing, year: int) -> list[Stored]:
    return [item for item in found.sent if item.row.period_end.year == year]


def _years(found: Standing) -> list[int]:
    return sorted({item.row.period_end.year for item in found.sent}, reverse=True)


def _training_years(found: Standing) -> list[int]:
    return [
        year for year in _years(found)
        if any(
            share.fund == attestations.TRAINING_FUND and share.amount
            for item in _of_year(found, year)
            for share in item.assessment.shares
        )
    ]  # fmt: skip


def offers(
    services: Services, account: Account, regime: Regime, locale: str
) -> list[DocumentOffer]:
    """What can be asked for today, and why not otherwise."""
    with services.storage.read() as database:
        found = standing(services, database, account, regime)
    named = titles(words(locale))
    years, today = _years(found), services.clock.today()
    told = []
    for kind in PREFIX:
        reason, mine, blocked = None, list[int](), list[str]()
        if kind == "vigilance":
            reason, blocked = _vigilance_refused(found, regime)
        elif kind in {"fiscal", "turnover", "training"}:
            mine = _training_years(found) if kind == "training" else years
            mine = [year for year in mine if kind != "fiscal" or year < today.year]
            reason = None if mine else "nothing_declared"
        told.append(
            DocumentOffer(
                kind=kind, title=named[kind][0], summary=named[kind][1], years=mine,
                available=reason is None, reason=reason, missing=blocked,
                named=_named(found, blocked, words(locale)), law=LAW.get(kind, ""),
                provisional=kind == "vigilance" and found.first_due is not None,
                quarters=[i.row.period for i in found.sent if len(months_of(i)) > 1]
                if kind == "turnover"
                else [],
            )
        )  # fmt: skip
    return told


def _named(found: Standing, codes: Sequence[str], w: Words) -> list[str]:
    spans = {p.code: (p.start, p.end) for p in found.missing}
    spans |= {s.row.period: (s.row.period_start, s.row.period_end) for s in found.sent}
    return [w.period(*spans[code]) for code in codes if code in spans]


def _vigilance_refused(found: Standing, regime: Regime) -> tuple[str | None, list[str]]:
    if regime.kind is not Kind.DECLARATION:
        return "declared_elsewhere", []
    if found.missing:
        return "declarations_missing", [period.code for period in found.missing]
    if found.unpaid:
        return "amounts_unpaid", [period for period, _ in found.unpaid]
    return None, []


def attest(
    services: Services, account: Account, regime: Regime, asked: DocumentAsk
) -> IssuedDocument:
    """Deliver what is asked for. Raises document-refused with the reason of the offer, or
    invalid-input naming the month that does not fit."""
    w = words(asked.locale)
    with services.storage.read() as database:
        found = standing(services, database, account, regime)
        profile, _ = current_profile(database, regime, account.id)
    today = services.clock.today()
    holder = Holder(
        account.name, account.siret, regime, getattr(profile, "start_date", None), today
    )
    valid_until, year = None, asked.year
    if asked.kind == "vigilance":
        reason, _ = _vigilance_refused(found, regime)
        if reason is not None:
            raise _refused(reason)
        provisional = found.first_due is not None
        valid_until = found.first_due or half_year_after(today)
        make = attestations.vigilance(
            holder,
            w,
            valid_until,
            provisional,
            w.t("Un échéancier de paiement est en cours et respecté.") if found.planned else "",
        )
        year = None
    elif asked.kind == "affiliation":
        make, year = attestations.affiliation(holder, w), None
    elif asked.kind == "statement":
        with services.storage.read() as database:
            told = statement(database, account.id, regime.allocation())
        make, year = statement_sheet(holder, w, told), None
    else:
        make, year = _yearly(asked, holder, found, w)
    title = titles(w)[asked.kind][0]
    return issue(
        services, account, asked.kind, asked.locale, f"{title} {year}" if year else title,
        lambda number, code: sheet_pdf(make(number, code), services.settings, w),
        prefix=PREFIX[asked.kind], year=year, valid_until=valid_until,
    )  # fmt: skip


def plan_document(
    services: Services, account: Account, regime: Regime, plan: PlanView, locale: str
) -> IssuedDocument:
    """An instalment plan as a document, made once as granted."""
    w = words(locale)
    holder = Holder(account.name, account.siret, regime, None, paris_day(plan.asked_at))
    make = plan_sheet(holder, w, plan)
    return issue(
        services, account, "plan", locale, f"{titles(w)['plan'][0]} {plan.number}",
        lambda number, code: sheet_pdf(make(number, code), services.settings, w),
        origin=plan.id, number=plan.number,
    )  # fmt: skip


def statement_document(
    services: Services, account: Account, regime: Regime, locale: str
) -> IssuedDocument:
    """The statement of today; the one already made when nothing moved since."""
    w, today = words(locale), services.clock.today()
    with services.storage.read() as database:
        told = statement(database, account.id, regime.allocation())
    make = statement_sheet(Holder(account.name, account.siret, regime, None, today), w, told)
    return issue(
        services, account, "statement", locale, titles(w)["statement"][0],
        lambda number, code: sheet_pdf(make(number, code), services.settings, w),
        origin=f"{today}.{_digest(told)}", prefix=PREFIX["statement"],
    )  # fmt: skip


def euros_document(
    services: Services, account: Account, regime: Regime, view: EurosView, locale: str
) -> IssuedDocument:
    """What each fund received in a year; one document for the same payments."""
    w = words(locale)
    holder = Holder(account.name, account.siret, regime, None, services.clock.today())
    make = euros_sheet(holder, w, view)
    return issue(
        services, account, "euros", locale, f"{titles(w)['euros'][0]} {view.year}",
        lambda number, code: sheet_pdf(make(number, code), services.settings, w),
        origin=f"{view.year}.{_digest(view)}", prefix="EU", year=view.year,
    )  # fmt: skip


def _digest(told: Answer) -> str:
    """Tells one state from another, without a figure."""
    return sha256_hex(told.model_dump_json().encode())[:40]


def mandate_document(
    services: Services, account: Account, mandate: Mandate, locale: str
) -> IssuedDocument:
    """A mandate as a document: one for each state it went through. It holds the whole account
    number: nobody checks it from outside."""
    w = words(locale)
    return issue(
        services, account, "mandate", locale, f"{titles(w)['mandate'][0]} {mandate.rum}"[:200],
        lambda _number, _code: mandate_pdf(mandate, account, services.settings, locale),
        origin=f"{mandate.id}.{mandate.state}", number=mandate.rum, public=False,
    )  # fmt: skip


def _yearly(
    asked: DocumentAsk, holder: Holder, found: Standing, w: Words
) -> tuple[Callable[[str, str], Sheet], int]:
    years = _training_years(found) if asked.kind == "training" else _years(found)
    if not years:
        raise _refused("nothing_declared")
    year = asked.year if asked.year is not None else years[0]
    if year not in years or (asked.kind == "fiscal" and year >= holder.today.year):
        raise field_problem("year", "year_not_declared")
    sent = _of_year(found, year)
    if asked.kind == "fiscal":
        return attestations.fiscal(holder, w, year, sent), year
    if asked.kind == "training":
        return attestations.training(holder, w, year, sent), year
    _check_months(asked.months, sent)
    return attestations.turnover(holder, w, year, sent, asked.months), year


def _check_months(months: dict[str, Decimal], sent: Sequence[Stored]) -> None:
    """The months given must be those of declared quarters, and add up to them."""
    left = set(months)
    for item in sent:
        own = months_of(item)
        given = [month for month in own if month in months]
        if len(own) < 2 or not given:
            continue
        left -= set(own)
        if len(given) < len(own):
            lacking = next(month for month in own if month not in months)
            raise field_problem(f"months.{lacking}", "month_missing")
        declared = sum((figure.declared for figure in item.assessment.figures), ZERO)
        if sum(months[month] for month in own) != declared:
            raise field_problem(f"months.{own[-1]}", "months_do_not_add_up")
    if left:
        raise field_problem(f"months.{min(left)}", "month_not_in_a_quarter")


def _refused(reason: str) -> Problem:
    return Problem(ProblemCode.DOCUMENT_REFUSED, errors=[FieldProblem(field="kind", code=reason)])
