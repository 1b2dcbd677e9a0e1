"""A few kills on each database: `make faults` does hundreds."""

from __future__ import annotations

import pytest

from tests.faults.run import one


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def test_nothing_is_lost_or_doubled(database: str) -> None:
    count = one(database, 3)
    assert count.kills == 3
    assert count.clean, str(count)
