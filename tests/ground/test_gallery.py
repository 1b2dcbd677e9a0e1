"""The table of screens shows every route, in both languages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from app.router import SCREENS
from backend.demo.seed import stories
from tools.gallery import SCENES, TODAY, Scene
from tools.screenshots import SIZES, TARGET


def test_every_route_has_a_row() -> None:
    shown = {scene.path for scene in SCENES}
    missing = [entry.path for entry in SCREENS if entry.path not in shown]
    assert missing == [], "add a Scene to tools/gallery.py for each, then `make readings`"


def test_no_row_shows_a_route_that_is_gone() -> None:
    known = {entry.path for entry in SCREENS} | {""}
    assert [scene.name for scene in SCENES if scene.path not in known] == []


def test_each_row_has_a_name_of_its_own() -> None:
    names = [scene.name for scene in SCENES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_an_address_is_one_of_its_route(scene: Scene) -> None:
    if scene.path:
        pattern = re.sub(r":\w+", "[^/?]+", scene.path)
        assert re.fullmatch(pattern, scene.route.split("?")[0])


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_sentence_is_in_both_languages(scene: Scene) -> None:
    # The same words in both: a name, or a figure's short name.
    same = {"RUM", "Versement libératoire", "dispute", "message", "operator-message"}
    if scene.name not in same and scene.fr not in same:
        assert scene.says("en") != scene.fr


def test_a_ready_account_shows_it() -> None:
    ready = {story.slug for story in stories(date.fromisoformat(TODAY))} | {""}
    assert [scene.name for scene in SCENES if scene.who not in ready] == []


def test_every_row_is_pictured_in_both_shapes_and_schemes() -> None:
    wanted = {f"{scene.name}-{size}-{scheme}.png" for scene in SCENES for size in SIZES
              for scheme in ("light", "dark")}  # fmt: skip
    there = {path.name for path in TARGET.glob("*.png")}
    assert sorted(wanted - there) == [], "make screenshots"
    assert sorted(there - wanted) == [], "pictures of screens that are gone"
