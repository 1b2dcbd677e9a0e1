"""Icons cut to what is drawn: the app's, found in its source, and the client's own."""

from __future__ import annotations

import io
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Looked for from their first letters on, not from the bound of every word: every start does.
USED = re.compile(r"Icons(?<!\wIcons)\.([A-Z0-9_]+)")
NAMED = re.compile(r'Shortcut(?<!\wShortcut)\(.*"([A-Z0-9_]+)"\)')  # professions name theirs

# Drawn by Flutter's own controls: arrows, date and time pickers, menus, steps, selection.
CLIENT = frozenset({
    "arrow_back", "arrow_back_ios", "arrow_back_ios_new_rounded", "arrow_drop_down",
    "arrow_drop_up", "arrow_forward", "arrow_downward", "arrow_upward", "arrow_left",
    "arrow_right", "calendar_today", "cancel", "check", "check_circle", "chevron_left",
    "chevron_right", "clear", "close", "edit", "edit_outlined", "error", "expand_less",
    "expand_more", "first_page", "last_page", "keyboard", "keyboard_outlined", "access_time",
    "keyboard_arrow_down", "keyboard_arrow_up", "menu", "more_horiz", "more_vert", "remove",
    "search", "warning", "info", "visibility", "visibility_off", "schedule", "drag_handle",
    "photo",
})  # fmt: skip
ALIASES = {"copy": "content_copy"}  # two names of one drawing: the font knows the second
STYLES = ("_outlined", "_rounded", "_sharp")


def used(folder: Path | None = None) -> set[str]:
    """Names of the icons that the source of the app asks for."""
    found: set[str] = set()
    for path in (folder or ROOT / "app").rglob("*.py"):
        source = path.read_text("utf-8")
        found |= {name.lower() for name in (*USED.findall(source), *NAMED.findall(source))}
    return found


def glyph(name: str) -> str:
    """Name of the glyph of an icon in the font."""
    stem, style = next(
        ((name.removesuffix(style), style) for style in STYLES if name.endswith(style)), (name, "")
    )
    name = ALIASES.get(stem, stem) + style
    if name[0].isdigit():
        name = "_" + name
    return name if name.endswith(STYLES) else name + "_baseline"


def subset(font: bytes, names: set[str]) -> bytes:
    """The icon font with only the glyphs of `names`. Raises KeyError for an unknown icon."""
    # Slow to import, and wanted once in the life of a version.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    source = TTFont(io.BytesIO(font))
    points = {glyph: point for point, glyph in source.getBestCmap().items()}
    missing = sorted(name for name in names if glyph(name) not in points)
    if missing:
        raise KeyError(f"icons that the font does not have: {', '.join(missing)}")
    options = Options()
    options.notdef_outline = True
    options.glyph_names = False
    options.name_IDs = [0, 1, 2]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[32, *(points[glyph(name)] for name in names)])
    subsetter.subset(source)
    out = io.BytesIO()
    source.save(out)
    return out.getvalue()
