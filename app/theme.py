"""How Quittance looks: petrol ink on paper, one amber accent, figures that line up.

Colours are named by role and resolved by the client, so that light, dark and high contrast need no
new drawing of a screen. Every text pair reaches 4.5:1 (7:1 in high contrast); a test computes it.
"""

from __future__ import annotations

from functools import cache

import flet as ft

FONT = "Quittance Sans"
STRONG = "Quittance Sans Strong"
FONTS = {FONT: "fonts/QuittanceSans.ttf", STRONG: "fonts/QuittanceSansStrong.ttf"}
ARABIC = {FONT: "Quittance Arabic", STRONG: "Quittance Arabic Strong"}
"""The families that stand in for ours in a language written in Arabic letters."""
ARABIC_FONTS = {
    "Quittance Arabic": "fonts/QuittanceArabic.ttf",
    "Quittance Arabic Strong": "fonts/QuittanceArabicStrong.ttf",
}

# Every size is one of these, in logical pixels: a test refuses raw ones elsewhere.
XXS, XS, S, SM, M, ML, L, XL, XXL = 2, 4, 8, 12, 16, 20, 24, 40, 48  # spacing
TARGET = 48  # smallest side of what can be tapped (44 is the floor)
ICON_S, ICON, ICON_L = 18, 24, 32  # in a line of small text; alone; of a success
RADIUS_S, RADIUS, RADIUS_L = 6, 12, 16  # marks; fields, buttons, messages; cards
HAIR, THICK, BOLD = 1, 2, 3  # strokes
# Widths: a column of text, a short form, a page in the middle, two columns side by side.
READING, NARROW, MIDDLE, WIDE = 720, 480, 560, 1120
FIELD, CELL, RAIL, LIST = 260, 160, 104, 220  # one figure, a time, the rail, a list of choices
CELL_TEXT = 15  # figures of a table typed like a spreadsheet
MENU = 400  # tallest list that opens
DOT, BAR, TRACK, BAND = 14, 6, 12, 28  # what pictures are made of
RING, RING_STROKE = 184, 26
CHART, PICTURE = 168, 132  # heights of the pictures of a year
DRAWING, DRAWING_L = 132, 208  # heights of an illustration, beside a sentence or alone
FLAT = 0  # paper lies on paper: nothing floats but dialogs

Palette = dict[str, str]

LIGHT: Palette = {
    "primary": "#15596b", "on_primary": "#ffffff",
    "primary_container": "#d3e9ef", "on_primary_container": "#0b3440",
    "secondary": "#4a5f66", "on_secondary": "#ffffff",
    "secondary_container": "#dfe8ea", "on_secondary_container": "#1f3137",
    "tertiary": "#8a5200", "on_tertiary": "#ffffff",
    "tertiary_container": "#fce7c4", "on_tertiary_container": "#4a2c00",
    "error": "#a3211f", "on_error": "#ffffff",
    "error_container": "#fbe0dd", "on_error_container": "#5c0f0e",
    "surface": "#fbf7ef", "on_surface": "#16262c", "on_surface_variant": "#43555c",
    "surface_container_lowest": "#ffffff", "surface_container_low": "#f6f1e6",
    "surface_container": "#f1ebde", "surface_container_high": "#ebe4d5",
    "surface_container_highest": "#e4dccb",
    "outline": "#6a7a80", "outline_variant": "#cfc8b8",
    "inverse_surface": "#22343a", "on_inverse_surface": "#f5f1e8", "inverse_primary": "#8fd0e2",
    # The card that answers « what, when, how much », and its one amber button.
    "primary_fixed": "#0f4656", "on_primary_fixed": "#ffffff",
    "on_primary_fixed_variant": "#cfe6ec", "primary_fixed_dim": "#2f6575",
    "tertiary_fixed": "#f4b74f", "on_tertiary_fixed": "#2b1a00",
}  # fmt: skip

DARK: Palette = {
    "primary": "#8fd0e2", "on_primary": "#04333f",
    "primary_container": "#17495a", "on_primary_container": "#d3eef6",
    "secondary": "#b6c9cf", "on_secondary": "#20343a",
    "secondary_container": "#33474e", "on_secondary_container": "#dbe8ec",
    "tertiary": "#f2bd6b", "on_tertiary": "#442a00",
    "tertiary_container": "#553a0c", "on_tertiary_container": "#fce7c4",
    "error": "#ffb3ab", "on_error": "#5f1110",
    "error_container": "#6e1b1a", "on_error_container": "#ffdad5",
    "surface": "#0f1a1f", "on_surface": "#e8eef0", "on_surface_variant": "#b9c7cc",
    "surface_container_lowest": "#142229", "surface_container_low": "#15242b",
    "surface_container": "#192a31", "surface_container_high": "#203239",
    "surface_container_highest": "#293c44",
    "outline": "#8c9ca2", "outline_variant": "#3b4d54",
    "inverse_surface": "#e8eef0", "on_inverse_surface": "#16262c", "inverse_primary": "#15596b",
    "primary_fixed": "#134453", "on_primary_fixed": "#f2fafc",
    "on_primary_fixed_variant": "#c3dee6", "primary_fixed_dim": "#34697a",
    "tertiary_fixed": "#f2bd6b", "on_tertiary_fixed": "#2b1a00",
}  # fmt: skip

LIGHT_CONTRAST: Palette = LIGHT | {
    "primary": "#073845", "on_primary_container": "#04222b", "primary_container": "#e4f3f7",
    "secondary": "#22343a", "tertiary": "#523000", "on_tertiary_container": "#331e00",
    "error": "#7a0c0b", "on_error_container": "#4a0706",
    "surface": "#ffffff", "on_surface": "#000000", "on_surface_variant": "#1a2a30",
    "surface_container_low": "#ffffff", "surface_container": "#f4f4f4",
    "surface_container_high": "#ededed", "surface_container_highest": "#e6e6e6",
    "outline": "#000000", "outline_variant": "#44545a",
    "primary_fixed": "#04222b", "on_primary_fixed_variant": "#ffffff",
    "tertiary_fixed": "#ffd07a", "on_tertiary_fixed": "#000000",
}  # fmt: skip

DARK_CONTRAST: Palette = DARK | {
    "primary": "#c6edf8", "on_primary": "#001f28", "primary_container": "#06303c",
    "on_primary_container": "#ffffff", "secondary": "#e3eff3", "tertiary": "#ffd89b",
    "tertiary_container": "#3a2600", "on_tertiary_container": "#fff3df",
    "error": "#ffd5d0", "error_container": "#4a0c0b", "on_error_container": "#ffffff",
    "surface": "#000000", "on_surface": "#ffffff", "on_surface_variant": "#e6eef1",
    "surface_container_lowest": "#0a0f11", "surface_container_low": "#0a0f11",
    "surface_container": "#10181b", "surface_container_high": "#182226",
    "surface_container_highest": "#202c31",
    "outline": "#ffffff", "outline_variant": "#a8b8be",
    "primary_fixed": "#06303c", "on_primary_fixed": "#ffffff",
    "on_primary_fixed_variant": "#ffffff", "primary_fixed_dim": "#8fd0e2",
    "tertiary_fixed": "#ffd89b", "on_tertiary_fixed": "#000000",
}  # fmt: skip

# Colours of funds and parts, in the order of drawing; each part is told apart by its number, too.
SERIES = ("#25788d", "#a8640a", "#5b7f3b", "#98587d", "#3d6fb0", "#9c5b3c", "#6b6f2a", "#7263aa",
          "#55707a", "#b24a4a")  # fmt: skip
ON_SERIES = "#ffffff"

_SIZES: dict[str, tuple[int, str, float]] = {
    "display_small": (34, STRONG, 1.2),
    "headline_large": (30, STRONG, 1.25), "headline_medium": (26, STRONG, 1.25),
    "headline_small": (22, STRONG, 1.3),
    "title_large": (20, STRONG, 1.3), "title_medium": (17, STRONG, 1.35),
    "title_small": (15, STRONG, 1.35),
    "body_large": (17, FONT, 1.45), "body_medium": (16, FONT, 1.45), "body_small": (14, FONT, 1.4),
    "label_large": (16, STRONG, 1.3), "label_medium": (14, FONT, 1.3),
    "label_small": (13, FONT, 1.3),
}  # fmt: skip


def fonts(arabic: bool) -> dict[str, str]:
    """Files of the families that a language needs, by name."""
    return FONTS | ARABIC_FONTS if arabic else FONTS


def text_theme(percent: int, colour: str, arabic: bool = False) -> ft.TextTheme:
    """The type scale at `percent` of its size. The client does not give text the colour of the
    scheme once its style is set: `colour` does."""
    return ft.TextTheme(
        **{
            role: ft.TextStyle(
                size=round(size * percent / 100),
                font_family=ARABIC[font] if arabic else font,
                height=height,
                color=colour,
                letter_spacing=0,  # the client would space small text out
            )
            for role, (size, font, height) in _SIZES.items()
        }
    )  # fmt: skip


# What a field is named by is written above it: its own label, read out, takes no room.
HIDDEN_LABEL = ft.TextStyle(color=ft.Colors.TRANSPARENT, size=0.1, letter_spacing=0)


def _border(radius: int, width: int, colour: ft.Colors) -> ft.OutlineInputBorder:
    # No gap: the label that would stand in it is hidden.
    return ft.OutlineInputBorder(
        gap_padding=0, border_radius=radius, side=ft.BorderSide(width, colour)
    )


FIELD_BORDER = _border(RADIUS, HAIR, ft.Colors.OUTLINE)
WRONG_BORDER = _border(RADIUS, THICK, ft.Colors.ERROR)
CELL_BORDER = _border(RADIUS_S, HAIR, ft.Colors.OUTLINE)
WRONG_CELL_BORDER = _border(RADIUS_S, THICK, ft.Colors.ERROR)
CHOSEN_CELL_BORDER = _border(RADIUS_S, BOLD, ft.Colors.PRIMARY)  # told apart by its width

CELL_INSIDE = ft.Padding.symmetric(horizontal=6, vertical=14)


def build_theme(palette: Palette, percent: int, arabic: bool = False) -> ft.Theme:
    """A Flet theme from a palette at a text size, in the letters of a language."""
    plain = ARABIC[FONT] if arabic else FONT
    shape = ft.RoundedRectangleBorder(radius=RADIUS)
    tall = ft.Padding.symmetric(horizontal=ML, vertical=14)
    return ft.Theme(
        color_scheme=ft.ColorScheme(**palette),
        font_family=plain,
        text_theme=text_theme(percent, palette["on_surface"], arabic),
        use_material3=True,
        visual_density=ft.VisualDensity.STANDARD,  # desktops would shrink every target
        scaffold_bgcolor=palette["surface"],
        divider_theme=ft.DividerTheme(
            color=palette["outline_variant"], space=HAIR, thickness=HAIR
        ),
        dialog_theme=ft.DialogTheme(
            shape=ft.RoundedRectangleBorder(radius=RADIUS_L),
            bgcolor=palette["surface_container_lowest"],
        ),
        navigation_bar_theme=ft.NavigationBarTheme(
            # Five labels share a phone's width: beyond 110 % they would be cut.
            label_text_style=ft.TextStyle(
                size=round(12 * min(percent, 110) / 100), font_family=plain,
                color=palette["on_surface"],
            )
        ),
        filled_button_theme=ft.FilledButtonTheme(style=ft.ButtonStyle(shape=shape, padding=tall)),
        outlined_button_theme=ft.OutlinedButtonTheme(
            style=ft.ButtonStyle(shape=shape, padding=tall)
        ),
        text_button_theme=ft.TextButtonTheme(
            style=ft.ButtonStyle(
                shape=shape, padding=ft.Padding.symmetric(horizontal=XS, vertical=14)
            )
        ),
        page_transitions=ft.PageTransitionsTheme(
            android=ft.PageTransitionTheme.NONE, ios=ft.PageTransitionTheme.NONE,
            linux=ft.PageTransitionTheme.NONE, macos=ft.PageTransitionTheme.NONE,
            windows=ft.PageTransitionTheme.NONE,
        ),
    )  # fmt: skip


@cache
def _shared(side: str, contrast: bool, percent: int, arabic: bool) -> ft.Theme:
    """One theme for all the people of a server who see the same: nothing changes it once made."""
    palettes = {
        ("light", False): LIGHT, ("light", True): LIGHT_CONTRAST,
        ("dark", False): DARK, ("dark", True): DARK_CONTRAST,
    }  # fmt: skip
    return build_theme(palettes[side, contrast], percent, arabic)


def apply(
    page: ft.Page, theme: str, percent: int, device_contrast: bool = False, arabic: bool = False
) -> None:
    """Set the themes of `page`: `theme` is system, light, dark or contrast; `device_contrast` is
    what the system asks for; `arabic` the letters of the language."""
    contrast = theme == "contrast" or (theme == "system" and device_contrast)
    page.theme = _shared("light", contrast, percent, arabic)
    page.dark_theme = _shared("dark", contrast, percent, arabic)
    page.theme_mode = {"light": ft.ThemeMode.LIGHT, "dark": ft.ThemeMode.DARK}.get(
        theme, ft.ThemeMode.SYSTEM
    )


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
