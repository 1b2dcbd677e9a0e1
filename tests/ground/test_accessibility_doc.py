"""docs/accessibility.md names every criterion, and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs/accessibility.md").read_text(encoding="utf-8")
ROWS = re.findall(
    r"^\| (\d\.\d\.\d+) .*?\((A|AA)\) \| (.*?) \| (.*?) \| (.*?) \| (.*?)\|$", DOC, re.M
)
# WCAG 2.2, levels A and AA, by guideline; 4.1.1 is no longer a criterion.
CRITERIA = {
    "1.1": [1], "1.2": [1, 2, 3, 4, 5], "1.3": [1, 2, 3, 4, 5],
    "1.4": [1, 2, 3, 4, 5, 10, 11, 12, 13], "2.1": [1, 2, 4], "2.2": [1, 2], "2.3": [1],
    "2.4": [1, 2, 3, 4, 5, 6, 7, 11], "2.5": [1, 2, 3, 4, 7, 8], "3.1": [1, 2],
    "3.2": [1, 2, 3, 4, 6], "3.3": [1, 2, 3, 4, 7, 8], "4.1": [2, 3],
}  # fmt: skip


def test_every_criterion_has_a_row() -> None:
    wanted = [f"{guide}.{number}" for guide, numbers in CRITERIA.items() for number in numbers]
    assert [row[0] for row in ROWS] == wanted
    assert len(wanted) == 55


def test_each_says_how_it_stands() -> None:
    for number, _level, _twin, state, how, tests in ROWS:
        assert state in {"met", "partly", "not applicable"}, number
        assert how.strip() or tests.strip(), number


def test_the_tests_named_exist() -> None:
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py")
    )
    named = set(re.findall(r"`(test_\w+)`", DOC))
    assert named
    assert sorted(name for name in named if f"def {name}(" not in sources) == []
