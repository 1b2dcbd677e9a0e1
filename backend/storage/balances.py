"""What each period of an account was asked and has received, beside the lines that say so."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, or_
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base


class PeriodBalance(Base):
    """Cents of one period, as its lines of the receivable add up: written with them
    (backend/ledger.py), added up again by `quittance verify`. A period without a row has no line
    at all. What it was asked is a line without a code; what it received, one with a code."""

    __tablename__ = "period_balances"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    called_cents: Mapped[int] = mapped_column(BigInteger)
    received_cents: Mapped[int] = mapped_column(BigInteger)


BALANCE = PeriodBalance.__table__.c
# Money to move: a credit, or what was taken out of a period beyond what it gave. Few rows, found
# at once however long the history.
TO_MOVE = or_(BALANCE.received_cents > BALANCE.called_cents, BALANCE.received_cents < 0)
Index(
    "ix_period_balances_to_move", BALANCE.account_id, sqlite_where=TO_MOVE, postgresql_where=TO_MOVE
)
