"""Documents made of facts, tables and sentences, all laid out by sheet.typ.

A document module builds a Sheet in the person's language; `sheet_pdf` makes its PDF.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.documents.typeset import disclaimer, typeset, verify_square
from backend.settings import Settings
from contract.i18n import Words


@dataclass(frozen=True)
class Section:
    """Part of a document. `shape`: facts, table, signature (boxes) or text."""

    heading: str
    shape: str = "text"
    rows: Sequence[Any] = ()
    columns: Sequence[str] = ()
    numbers: Sequence[bool] = ()
    total: Sequence[str] = ()
    before: Sequence[str] = ()
    after: Sequence[str] = ()


def facts(heading: str, *rows: tuple[str, str], before: Sequence[str] = (),
          after: Sequence[str] = ()) -> Section:  # fmt: skip
    """Names and values; a row without value is left out."""
    kept = [{"name": name, "value": value} for name, value in rows if value]
    return Section(heading, "facts", rows=kept, before=before, after=after)


def table(
    heading: str, columns: Sequence[str], numbers: Sequence[bool], rows: Sequence[Sequence[str]],
    total: Sequence[str] = (), before: Sequence[str] = (), after: Sequence[str] = (),
) -> Section:  # fmt: skip
    """A table; `numbers` says which columns hold figures."""
    return Section(
        heading, "table", [list(row) for row in rows], columns, numbers, total, before, after
    )


def text(heading: str, *sentences: str, after: Sequence[str] = ()) -> Section:
    """Sentences under a heading."""
    return Section(heading, before=sentences, after=after)


def signatures(heading: str, *boxes: tuple[str, str]) -> Section:
    """Boxes: what each is for, and who signed when."""
    return Section(heading, "signature", [{"name": n, "value": v} for n, v in boxes])


@dataclass(frozen=True)
class Sheet:
    """A document in one language. `kind` is the line above the heading, `code` its security code
    when anyone may check it, `facts` what it says, for machines."""

    title: str
    kind: str
    heading: str
    day: date
    sections: Sequence[Section]
    intro: Sequence[str] = ()
    statuses: Sequence[str] = ()
    highlight: tuple[str, str, Sequence[str]] | None = None
    code: str = ""
    number: str = ""
    keywords: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def sheet_pdf(sheet: Sheet, settings: Settings, w: Words) -> bytes:
    """The PDF of `sheet`: same sheet, same bytes."""
    verify = None
    if sheet.code:
        verify = verify_square(
            sheet.code, settings, w, w.t("Code QR qui ouvre la page de vérification du document"),
            w.t("Vérifier ce document"),
        )  # fmt: skip
    name = f"{sheet.title}, {sheet.number}" if sheet.number else sheet.title
    data: dict[str, Any] = {
        "lang": w.locale,
        "title": sheet.title,
        "author": settings.service_name,
        "description": f"{sheet.kind}, {sheet.heading}",
        "keywords": [*sheet.keywords, *([sheet.number] if sheet.number else [])],
        "date": [sheet.day.year, sheet.day.month, sheet.day.day],
        "page": w.t("Page"),
        "footer": f"{name}. {disclaimer(w)}",
        "disclaimer": disclaimer(w),
        "service": {"name": settings.service_name},
        "kind": sheet.kind,
        "heading": sheet.heading,
        "statuses": list(sheet.statuses),
        "intro": list(sheet.intro),
        "highlight": None,
        "verify": verify,
        "sections": [
            {
                "heading": s.heading, "shape": s.shape, "rows": list(s.rows),
                "columns": list(s.columns), "numbers": list(s.numbers), "total": list(s.total),
                "before": list(s.before), "after": list(s.after),
            }
            for s in sheet.sections
        ],
    }  # fmt: skip
    if sheet.highlight is not None:
        label, value, notes = sheet.highlight
        data["highlight"] = {"label": label, "value": value, "notes": list(notes)}
    if sheet.facts:
        data["facts"] = json.dumps(sheet.facts, ensure_ascii=False, sort_keys=True)
        data["facts-title"] = w.t("Les mêmes faits, lisibles par une machine (JSON)")
    return typeset("sheet", data)
