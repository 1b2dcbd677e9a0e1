"""The table of rate tables: each version that was served or signed under, kept as it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base
from backend.storage.types import Moment


class RateTableKept(Base):
    """All dated values of a profession (`content`: RatesView as JSON) under the version that
    submissions name. Append-only."""

    __tablename__ = "rate_tables"
    regime: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = ({"info": {"append_only": True}},)
