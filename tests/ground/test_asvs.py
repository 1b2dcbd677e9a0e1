"""docs/security.md answers every requirement of OWASP ASVS 5.0.0, levels 1 and 2, and names tests
that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests.ground.test_ground import ROOT, tracked

# Levels of the requirements of each section, in order.
LEVELS = """
1.1:22 1.2:1111122223 1.3:112222222223 1.4:222 1.5:123 2.1:122 2.2:112 2.3:12223 2.4:23 3.1:3
3.2:113 3.3:12223 3.4:11222233 3.5:11122333 3.6:3 3.7:22333 4.1:12233 4.2:23333 4.3:22 4.4:1222
5.1:2 5.2:112333 5.3:113 5.4:222 6.1:122 6.2:111111112222 6.3:11223333 6.4:112233 6.5:22222333
6.6:2223 6.7:33 6.8:2222 7.1:222 7.2:1111 7.3:22 7.4:11222 7.5:223 7.6:22 8.1:1233 8.2:1123
8.3:133 8.4:23 9.1:111 9.2:1222 10.1:22 10.2:223 10.3:22223 10.4:1111122222233333 10.5:22222
10.6:22 10.7:222 11.1:2233 11.2:22233 11.3:11233 11.4:1222 11.5:23 11.6:23 11.7:33 12.1:12233
12.2:11 12.3:22223 13.1:2333 13.2:222223 13.3:2233 13.4:1222233 14.1:22 14.2:12223333 14.3:122
15.1:12233 15.2:12233 15.3:1222222 15.4:3333 16.1:2 16.2:22222 16.3:2222 16.4:222 16.5:2223
17.1:23 17.2:22223333 17.3:22
"""
ROW = re.compile(r"^\| V(\d+\.\d+\.\d+) \| (\d) \| ([a-z/ ]+) \| (.+) \| (.+) \|$", re.MULTILINE)


def asked() -> dict[str, str]:
    """The level of each requirement of levels 1 and 2."""
    return {
        f"{section}.{number}": level
        for section, _, levels in (each.partition(":") for each in LEVELS.split())
        for number, level in enumerate(levels, 1)
        if level in "12"
    }


def rows() -> list[tuple[str, str, str, str, str]]:
    """Requirement, level, verdict, how, tests."""
    return ROW.findall((ROOT / "docs" / "security.md").read_text("utf-8"))


def test_every_requirement_has_its_row_once() -> None:
    assert len(asked()) == 253
    assert [(number, level) for number, level, *_ in rows()] == list(asked().items())


def test_every_row_says_whether_it_is_met_and_what_shows_it() -> None:
    assert {verdict for _, _, verdict, *_ in rows()} == {"yes", "in part", "no", "n/a"}
    for number, _, verdict, how, tests in rows():
        if verdict == "yes":
            assert "`" in tests, f"V{number} is met, but nothing shows it"
        else:
            assert len(how) > 5, f"V{number} does not say why"


def test_the_tests_that_rows_name_are_there() -> None:
    paths = {path.relative_to(ROOT) for path in tracked()}
    files = {str(path) for path in paths} | {
        path.name for path in paths if path.parts[0] == "tests"
    }
    named = {name for *_, tests in rows() for name in re.findall(r"`([^`]+)`", tests)}
    assert named - files == set()
    assert len(named) > 40


def test_the_count_told_is_that_of_the_table() -> None:
    told = re.sub(r"\s+", " ", Path(ROOT / "docs" / "security.md").read_text("utf-8"))
    verdicts = [verdict for _, _, verdict, *_ in rows()]
    yes, part, no, nothing = (verdicts.count(v) for v in ("yes", "in part", "no", "n/a"))
    assert (
        f"{len(verdicts)} of them, {yes} met, {part} met in part, {no} not met, {nothing} about"
    ) in told
