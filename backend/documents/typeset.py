"""From words and figures to an accessible, archivable PDF (PDF/A-3a and PDF/UA-1), by Typst."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from backend.secrets import grouped
from backend.settings import Settings
from contract.i18n import Words

HERE = Path(__file__).parent
FONTS = HERE.parent.parent / "assets" / "fonts"

# Typst keeps its caches for one caller at a time; a page takes some milliseconds.
_one_at_a_time = threading.Lock()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template of this folder: same data, same bytes.

    A name in a script that no font of ours holds is written again in Latin letters: what is left
    of it still identifies its bearer.
    """
    try:
        return _compile(template, data)
    except typst.TypstError:
        return _compile(template, _latin(data))


def _compile(template: str, data: Mapping[str, Any]) -> bytes:
    with _one_at_a_time:
        document: bytes = typst.compile(
            str(HERE / f"{template}.typ"), root=str(HERE), font_paths=_fonts(),
            sys_inputs={"data": json.dumps(data)}, pdf_standards=["a-3a", "ua-1"],
        )  # fmt: skip
    return document


def _latin(value: Any) -> Any:
    """`value` with what is beyond Latin and common signs shown as question marks."""
    if isinstance(value, str):
        return "".join(c if ord(c) < 0x250 or 0x2000 <= ord(c) < 0x2300 else "?" for c in value)
    if isinstance(value, Mapping):
        return {name: item if name == "facts" else _latin(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_latin(item) for item in value]
    return value


def disclaimer(w: Words) -> str:
    """What every document says of its maker."""
    return w.t("Projet indépendant, sans lien avec l’Urssaf : ce n’est pas un service officiel.")


def verify_square(code: str, settings: Settings, w: Words, alt: str, label: str) -> dict[str, str]:
    """The square of a document, the page it opens, and its code in letters."""
    import segno  # here: a start does without

    url = f"{settings.url}/verifier/{code}"
    shown = segno.make(url, error="m", micro=False).svg_inline(scale=4, border=2, dark="#123b4a")
    return {
        "url": url,
        "qr": shown.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1),
        "alt": alt,
        "label": label,
        "code": grouped(code, len(code) // 2).replace("-", "\n"),
    }
