"""Catalogs from the source: `make messages`.

French sentences are the msgids. Words come from `words.t("…")`, `words.n("…", "…", n)` and
`N_("…")` in app, backend and contract, from the régimes' texts, from `label` and `note` in
rates.toml and from `law` in retention.toml. The French catalog stays complete by itself; the others
keep their translations and gain the new sentences, empty: tests say which.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from contract.i18n import LOCALES

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "quittance"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"t": None, "n": (1, 2), "N_": None}
# Arguments and fields of the régimes' data that people read.
SHOWN = {"label", "summary", "effect", "reason", "note", "waiver", "title"}
CALLS = {"Box", "Choice", "Story"}  # whose texts are given in order
STAMP = datetime(2026, 1, 1, tzinfo=UTC)  # a date that never moves: catalogs change with words only


def sentences() -> Iterator[tuple[str, str | tuple[str, str]]]:
    """(place, message) of everything people may read; a pair is a singular and its plural."""
    for folder in ("app", "backend", "contract"):
        for found in extract_from_dir(
            str(ROOT / folder), [("**.py", "python")], keywords=KEYWORDS, comment_tags=()
        ):
            yield f"{folder}/{found[0]}", found[2]
    for path in [
        *sorted((ROOT / "regimes").rglob("*.py")),
        *sorted((ROOT / "backend/demo").rglob("*.py")),
    ]:
        for text in _texts(ast.parse(path.read_text("utf-8"))):
            yield str(path.relative_to(ROOT)), text
    periods = tomllib.loads((ROOT / "backend" / "retention.toml").read_text("utf-8"))["period"]
    for period in periods:
        yield "backend/retention.toml", period["law"]
    for path in [
        ROOT / "regimes/common.toml",
        *sorted((ROOT / "regimes").rglob("rates.toml")),
    ]:
        document = tomllib.loads(path.read_text("utf-8"))
        for entry in [*document.get("rate", []), *document.get("awaited", [])]:
            for name in ("label", "note"):
                if entry.get(name):
                    yield str(path.relative_to(ROOT)), entry[name]


def _texts(tree: ast.AST) -> Iterator[str]:
    """French texts of a régime's module: named arguments, constants in capitals, choices."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in SHOWN:
                    yield from _strings(keyword.value)
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name in CALLS:
                for argument in node.args[1:3]:
                    yield from _strings(argument)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [t.id for t in targets if isinstance(t, ast.Name)]
            shown = any(n in {"label", "reason", "note"} for n in names)
            capitals = any(n.startswith(("NOTE", "SUMMARY")) or n.endswith("LABELS") for n in names)
            if node.value is not None and (shown or capitals):
                if isinstance(node.value, ast.Dict):
                    for value in node.value.values:
                        yield from _strings(value)
                else:
                    yield from _strings(node.value)


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if " " in node.value or node.value[:1].isupper():
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _strings(value)


def template() -> Catalog:
    """Every message, with the files it comes from."""
    catalog = Catalog(
        domain=DOMAIN, project="Quittance", charset="utf-8", creation_date=STAMP,
        revision_date=STAMP, fuzzy=False,
    )  # fmt: skip
    places: dict[str | tuple[str, str], set[str]] = {}
    for place, message in sentences():
        places.setdefault(message, set()).add(place)
    for message in sorted(places, key=lambda m: m if isinstance(m, str) else m[0]):
        catalog.add(message, locations=[(place, 0) for place in sorted(places[message])])
    return catalog


def catalog_path(locale: str) -> Path:
    """Where a language's catalog is."""
    return ROOT / "locales" / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(locale: str) -> Catalog:
    """A language's catalog as it stands; empty when there is none."""
    path = catalog_path(locale)
    if not path.exists():
        return Catalog(locale=locale, domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=locale, domain=DOMAIN)


def update(locale: str, source: Catalog) -> int:
    """Bring one catalog up to date with the source. How many sentences lack a translation."""
    old = read(locale)
    fresh = Catalog(
        locale=locale, domain=DOMAIN, project="Quittance", charset="utf-8", creation_date=STAMP,
        revision_date=STAMP, last_translator="", language_team="", fuzzy=False,
    )  # fmt: skip
    missing = 0
    for message in source:
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        known = old.get(key)
        string = known.string if known is not None and type(known.id) is type(message.id) else ""
        if locale == "fr":
            string = message.id
        if not string or (not isinstance(string, str) and not all(string)):
            missing += 1
            string = "" if isinstance(message.id, str) else ("",) * fresh.num_plurals
        fresh.add(message.id, string, locations=message.locations)
    path = catalog_path(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=100, include_lineno=False)
    return missing


def main() -> int:
    """Update every catalog; status 1 when a sentence lacks a translation."""
    source = template()
    status = 0
    for locale in LOCALES:
        missing = update(locale, source)
        print(f"{locale}: {len(source)} messages, {missing} without translation")
        status = status or int(missing > 0)
    return status


if __name__ == "__main__":
    sys.exit(main())
