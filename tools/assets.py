"""Draw the icon and build the fonts of `assets/` again.

Fonts: IBM Plex Sans (SIL OFL 1.1) from the npm package @fontsource/ibm-plex-sans, unpacked in the
folder given. Its name is reserved, so the modified fonts are called "Quittance Sans": they gain the
narrow no-break space of French amounts (U+202F) and lose what a screen does not need.

    python -m tools.assets FOLDER_OF_THE_NPM_PACKAGE [FOLDER_OF_@fontsource/ibm-plex-sans-arabic]
"""

from __future__ import annotations

import io
import shutil
import struct
import sys
import zlib
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

ASSETS = Path(__file__).parent.parent / "assets"
WEIGHTS = {400: "Quittance Sans", 600: "Quittance Sans Strong"}
ARABIC = {400: "Quittance Arabic", 600: "Quittance Arabic Strong"}
INK, PAPER, MARK = (0x12, 0x3B, 0x4A), (0xFB, 0xF7, 0xEF), (0xE0, 0x9F, 0x3E)


def build_fonts(package: Path) -> None:
    """Write the two weights and their licence."""
    for weight, family in WEIGHTS.items():
        font = TTFont(package / "files" / f"ibm-plex-sans-latin-{weight}-normal.woff")
        _add_narrow_space(font)
        options = Options()
        options.layout_features = ["kern", "mark", "ccmp", "locl"]
        options.hinting = False
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=font.getBestCmap())
        subsetter.subset(font)
        font.flavor = None
        _rename(font, family)
        font.save(ASSETS / "fonts" / f"{family.replace(' ', '')}.ttf")
    shutil.copyfile(package / "LICENSE", ASSETS / "fonts" / "OFL.txt")


def build_arabic(package: Path) -> None:
    """Write the two weights of who reads Arabic: Arabic and Latin letters in one file, so that
    neither waits for the other."""
    for weight, family in ARABIC.items():
        parts = []
        for script in ("latin", "arabic"):
            font = TTFont(package / "files" / f"ibm-plex-sans-arabic-{script}-{weight}-normal.woff")
            font.flavor = None
            part = io.BytesIO()
            font.save(part)
            part.seek(0)
            parts.append(part)
        font = Merger().merge(parts)
        _add_narrow_space(font)
        _add_nothing(font, 0x200E, 0x200F)
        options = Options()
        options.hinting = False
        subsetter = Subsetter(options)
        # Presentation forms are for texts of another age: letters are joined by the font itself.
        subsetter.populate(unicodes=[c for c in font.getBestCmap() if not 0xFB50 <= c <= 0xFEFF])
        subsetter.subset(font)
        _rename(font, family)
        font.save(ASSETS / "fonts" / f"{family.replace(' ', '')}.ttf")


def _add_nothing(font: TTFont, *codes: int) -> None:
    """Marks of direction draw nothing, and are no missing letter."""
    for code in codes:
        name = f"uni{code:04X}"
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"].glyphs[name] = Glyph()
        font["hmtx"][name] = (0, 0)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name


def _rename(font: TTFont, family: str) -> None:
    """Plex is a reserved name: what was changed bears ours."""
    names = {1: family, 2: "Regular", 3: family, 4: family, 6: family.replace(" ", "")}
    table = font["name"]
    for record in list(table.names):
        if record.nameID > 4 and record.nameID not in (6, 13, 14):
            table.removeNames(nameID=record.nameID)
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)


def _add_narrow_space(font: TTFont) -> None:
    width, name = font["hmtx"]["space"][0], "uni202F"
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"].glyphs[name] = Glyph()
    font["hmtx"][name] = (round(width * 0.7), 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[0x202F] = name


def icon_svg(rounded: bool = True) -> str:
    """The icon: a receipt with its torn edge, one line set apart, and the tick of what is kept."""
    radius = 112 if rounded else 0
    ink, paper, mark = (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in (INK, PAPER, MARK))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">'
        f'<rect width="512" height="512" rx="{radius}" fill="{ink}"/>'
        f'<path d="M144 104H368V392L340 416 312 392 284 416 256 392 228 416 200 392 172 416 '
        f'144 392Z" fill="{paper}"/>'
        f'<path d="M184 152H328V172H184ZM184 196H280V216H184Z" fill="{ink}"/>'
        f'<path d="M184 296 206 274 240 308 308 240 330 262 240 352Z" fill="{mark}"/></svg>\n'
    )


_SHAPES: tuple[tuple[tuple[int, int, int], tuple[tuple[int, int], ...]], ...] = (
    (PAPER, ((144, 104), (368, 104), (368, 392), (340, 416), (312, 392), (284, 416), (256, 392),
             (228, 416), (200, 392), (172, 416), (144, 392))),
    (INK, ((184, 152), (328, 152), (328, 172), (184, 172))),
    (INK, ((184, 196), (280, 196), (280, 216), (184, 216))),
    (MARK, ((184, 296), (206, 274), (240, 308), (308, 240), (330, 262), (240, 352))),
)  # fmt: skip


def _inside(x: float, y: float, points: tuple[tuple[int, int], ...]) -> bool:
    hit = False
    for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit


def icon_png(size: int, samples: int = 3) -> bytes:
    """The icon as a PNG of `size` pixels a side, smoothed by oversampling."""
    rows = bytearray()
    for row in range(size):
        rows.append(0)
        for column in range(size):
            total = [0, 0, 0]
            for i in range(samples):
                for j in range(samples):
                    x = (column + (i + 0.5) / samples) * 512 / size
                    y = (row + (j + 0.5) / samples) * 512 / size
                    colour = INK
                    for fill, points in _SHAPES:
                        if _inside(x, y, points):
                            colour = fill
                    total = [t + c for t, c in zip(total, colour, strict=True)]
            rows += bytes(round(t / samples**2) for t in total)

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )


def build_icons() -> None:
    """Write the SVG and the PNGs that the manifest and the packagers name."""
    (ASSETS / "icon.svg").write_text(icon_svg(), "utf-8")
    for name, size in {
        "icon.png": 512, "favicon.png": 48, "icons/icon-192.png": 192, "icons/icon-512.png": 512,
        "icons/icon-maskable-192.png": 192, "icons/icon-maskable-512.png": 512,
        "icons/apple-touch-icon-192.png": 192,
    }.items():  # fmt: skip
        (ASSETS / name).write_bytes(icon_png(size))


if __name__ == "__main__":
    build_icons()
    if len(sys.argv) > 1:
        build_fonts(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        build_arabic(Path(sys.argv[2]))
