"""The guide says what the app says: its pictures, links and names of buttons, in both languages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from PIL import Image

from contract.i18n import locales_folder
from tools.guide import DESKTOP, LANGUAGES, PHONE, SHOTS, TARGET, Shot, plain

GUIDE = TARGET.parent
WIDEST = 120_000  # bytes of a picture: a guide is read on a phone


def text(language: str) -> str:
    """A guide as it is written."""
    return (GUIDE / f"{language}.md").read_text(encoding="utf-8")


def sections(language: str) -> list[str]:
    """Its places, in order."""
    return re.findall(r'^<a id="([\w-]+)"></a>\n## ', text(language), re.M)


def pictures(language: str) -> list[str]:
    """What it shows, in order."""
    return re.findall(r'<img src="([^"]+)" width="\d+" alt="[^"]{15,}">', text(language))


def named(language: str) -> list[str]:
    """What it writes in bold: names of buttons and titles."""
    return [" ".join(name.split()) for name in re.findall(r"\*\*(.+?)\*\*", text(language), re.S)]


@cache
def said(language: str) -> frozenset[str]:
    """What the app may say in a language, plurals apart."""
    with (locales_folder() / language / "LC_MESSAGES" / "quittance.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    found: set[str] = set()
    for message in catalog:
        one = message.id if language == "fr" else message.string
        found.add(plain(one if isinstance(one, str) else one[0]))
    return frozenset(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_in_bold_is_one_that_the_app_shows(language: str) -> None:
    names = named(language)
    assert len(names) > 150
    assert [name for name in names if name not in said(language)] == []


def test_both_languages_name_the_same_things() -> None:
    assert len(named("fr")) == len(named("en"))


def test_both_languages_have_the_same_places_and_pictures() -> None:
    assert sections("fr") == sections("en")
    assert len(sections("fr")) == len(set(sections("fr"))) == text("fr").count("\n## ")
    assert [p.split("/")[-1] for p in pictures("fr")] == [p.split("/")[-1] for p in pictures("en")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_somewhere(language: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", text(language))
    assert len(links) > len(sections(language))
    assert [link[1:] for link in links if link.startswith("#")] == sections(language)
    elsewhere = [link for link in links if not link.startswith("#")]
    assert [link for link in elsewhere if not (GUIDE / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_shown_and_exists(language: str) -> None:
    shown = pictures(language)
    assert len(shown) == text(language).count("<img") == len(set(shown))
    there = {f"images/{language}/{path.name}" for path in (TARGET / language).iterdir()}
    assert set(shown) == there
    assert {Path(path).stem for path in shown} == {shot.name for shot in SHOTS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_a_picture_is_one_of_its_window_and_not_blank(shot: Shot, language: str) -> None:
    path = TARGET / language / f"{shot.name}.png"
    size = shot.size
    with Image.open(path) as picture:
        assert picture.width * size[1] == pytest.approx(picture.height * size[0], rel=0.01)
        assert size in (PHONE, DESKTOP)
        assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 12
    assert path.stat().st_size < WIDEST
