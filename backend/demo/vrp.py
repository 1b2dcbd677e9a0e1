"""Three VRP of the demo, relative to the day: invented people, employers and figures."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from backend.demo.bank import IBANS
from backend.demo.story import Story
from backend.dsn.sample import Sent, Slip, dsn
from backend.services import Services
from backend.storage.tables import Account, Person
from backend.storage.vrp import RefundAccount
from backend.usecases import claims, filings
from backend.usecases.accounts import locked
from backend.usecases.dsn import import_dsn
from backend.usecases.entries import write_entries
from contract.entries import EntryIn
from contract.vrp import ClaimMove
from regimes.money import percent_of, round_cent
from regimes.regime import Period

CSG_SHARE = Decimal("98.25")


@dataclass(frozen=True)
class Firm:
    """An employer of a story: euros of a whole year, spread over twelve months."""

    siret: str
    name: str
    yearly: int

    def month(self, number: int) -> Decimal:
        """Gross pay of a month: twelve of them make the year to the cent."""
        cents = self.yearly * 100
        each = cents // 12
        return Decimal(each if number < 12 else cents - 11 * each).scaleb(-2)


@dataclass(frozen=True)
class Plot:
    """What a story is made of. `missing`: month that the second firm did not file this year."""

    firms: Sequence[Firm]
    expenses: Sequence[tuple[str, str, str]] = ()
    missing: int | None = None
    sends: bool = False
    paid_to: bool = False
    """Whether the account that refunds are paid to is known."""
    files: tuple[int, ...] = field(default=(1, 0))
    """Years before this one that were filed and noted."""


TEXTILE = Firm("12345678200010", "Textiles du Nord (fictif)", 30000)
TOOLS = Firm("98765432400019", "Outillage Démo (fictif)", 20000)
WINES = Firm("99999999800019", "Vins de Loire (fictif)", 15000)
CEILING = Plot((TEXTILE, TOOLS, WINES), paid_to=True)
EXPENSES = Plot(
    (Firm(TEXTILE.siret, TEXTILE.name, 27600), Firm(TOOLS.siret, TOOLS.name, 18000)),
    (("01-31", "vehicle", "1850.00"), ("03-12", "lodging", "2140.50"),
     ("05-20", "meals", "1609.50"), ("07-04", "phone", "400.00"), ("09-15", "travel", "3000.00")),
    sends=True,
)  # fmt: skip
MISSING = Plot((TEXTILE, Firm(WINES.siret, WINES.name, 14400)), missing=4)


def invented_nir(account_id: str) -> str:
    """A NIR of nobody, with its key, another for each account."""
    number = int(hashlib.sha256(account_id.encode()).hexdigest(), 16)
    body = f"185{number % 12 + 1:02}99{number % 999 + 1:03}{number // 1000 % 999 + 1:03}"
    return f"{body}{97 - int(body) % 97:02}"


def _slip(nir: str, gross: Decimal, start: str) -> Slip:
    text = f"{gross:.2f}"
    return Slip(
        nir=nir[:13], gross=text, capped=text, uncapped=text,
        csg=f"{round_cent(percent_of(gross, CSG_SHARE)):.2f}", started=start,
    )  # fmt: skip


def _happens(plot: Plot) -> Callable[[Services, Person, Account], None]:
    """The employers file, the person fills the table, notes expenses, and may have claimed."""

    def more(services: Services, person: Person, account: Account) -> None:
        today = services.clock.today()
        regime = services.registry.get(account.regime)
        nir = invented_nir(account.id)
        with services.storage.write() as database:
            locked(database, account.id).nir = nir
            if plot.paid_to:
                database.add(
                    RefundAccount(
                        account_id=account.id, iban=IBANS[0], holder=account.name,
                        changed_at=services.clock.now(),
                    )
                )  # fmt: skip
        account.nir = nir
        start = f"0101{today.year - 2}"
        for firm in plot.firms:
            sent = [
                Sent(firm.siret, f"{year}-{number:02}",
                     slips=[_slip(nir, firm.month(number), start)])
                for year in (today.year - before for before in plot.files)
                for number in range(1, filings.expected_through(year, today) + 1)
                if not (number == plot.missing and year == _missing_year(today)
                        and firm is plot.firms[1])
            ]  # fmt: skip
            if sent:
                content = dsn(*sent, sender=firm.name)
                import_dsn(services, lambda c=content: io.BytesIO(c), None)  # type: ignore[misc]
        for before in plot.files:
            found = filings.prefill(services, account, regime, today.year - before)
            if found.entries:
                write_entries(services, account, regime, found.entries, batch=True)
        _expenses(services, account, plot, today)
        if plot.sends:
            for view in claims.claims(services, account):
                claims.move(
                    services, person, view.number,
                    ClaimMove(state="proofs_asked", note="Merci d’envoyer vos notes d’hôtel."),
                )  # fmt: skip

    return more


def _missing_year(today: date) -> int:
    """The year in which April should be filed by now."""
    return today.year if filings.expected_through(today.year, today) >= 4 else today.year - 1


def _expenses(services: Services, account: Account, plot: Plot, today: date) -> None:
    regime = services.registry.get(account.regime)
    entries = [
        EntryIn(
            id=f"expense-{today.year - before}-{day}", kind="expense",
            data={"on": f"{today.year - before}-{day}", "category": category, "amount": amount},
        )
        for before in plot.files
        for day, category, amount in plot.expenses
        if date.fromisoformat(f"{today.year - before}-{day}") <= today
    ]  # fmt: skip
    if entries:
        write_entries(services, account, regime, entries, batch=True)


def _claimed(plot: Plot, year: int) -> Callable[[Period], dict[str, Any] | None]:
    """The claim of `year` alone, as the table of that year makes it."""

    def declare(period: Period) -> dict[str, Any] | None:
        if not plot.sends or period.code != str(year):
            return None
        return {
            "regime": "vrp",
            "employers": [
                {
                    "siret": firm.siret, "name": firm.name, "start": f"{year - 1}-01-01",
                    "months": [
                        {"month": number, "gross": f"{firm.month(number):.2f}"}
                        for number in range(1, 13)
                    ],
                }
                for firm in plot.firms
            ],
            "expenses": [
                {"category": category, "amount": amount} for _, category, amount in plot.expenses
            ],
        }  # fmt: skip

    return declare


def _story(today: date, slug: str, title: str, summary: str, name: str, plot: Plot) -> Story:
    return Story(
        slug, title, summary, name, plot.firms[0].siret, "vrp",
        {"start_date": f"{today.year - 2}-01-01", "card": "75-2024-0001"}, left=0,
        declarations=_claimed(plot, today.year - 1), more=_happens(plot),
    )  # fmt: skip


def stories(today: date) -> list[Story]:
    """The three accounts as of `today`."""
    return [
        _story(
            today, "vrp-plafond", title="VRP, trois employeurs au-dessus du plafond",
            summary="65 000 € par an chez trois employeurs, chacun sous un plafond entier : un "
            "trop-versé à réclamer.",
            name="Sofia Arnaud (fictif)", plot=CEILING,
        ),
        _story(
            today, "vrp-frais", title="VRP, deux employeurs et des frais réels",
            summary="9 000 € de frais supportés : la CSG payée dessus est réclamée, des pièces "
            "sont demandées.",
            name="Marc Delorme (fictif)", plot=EXPENSES,
        ),
        _story(
            today, "vrp-manque", title="VRP, un mois absent de la déclaration d’un employeur",
            summary="La DSN d’avril manque chez un employeur : l’anomalie est relevée, la lettre "
            "est prête.",
            name="Inès Robert (fictif)", plot=MISSING,
        ),
    ]  # fmt: skip
