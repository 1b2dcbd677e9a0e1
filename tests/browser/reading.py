"""A screen as it is heard: its accessibility tree, as the browser computes it, told line by line.

`make readings` writes them again into `tests/browser/readings/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import CDPSession, Page

SILENT = {"generic", "none", "InlineTextBox", "RootWebArea", "LineBreak", "group", "paragraph"}
"""Told only when they have a name or speak by themselves."""
PLACES = {"main", "navigation", "banner", "region", "dialog", "alertdialog", "tablist", "list",
          "radiogroup", "group", "status", "alert", "menu"}  # fmt: skip
STATES = ("disabled", "checked", "pressed", "selected", "expanded", "required", "readonly",
          "multiline", "modal")  # fmt: skip

# Whether there is a menu to pass, and an announcement that has not gone yet.
NOW = """() => [
  !document.getElementById('skip').hidden,
  [...document.querySelectorAll('flt-announcement-polite, flt-announcement-assertive')]
    .some((place) => place.textContent),
]"""

# What is another at each run, or tells the moment of this one.
MOVING = (
    (re.compile(r"\b(Q|R|M|E|C|D|RUM|OP|ATT)-(\d{4})-[0-9A-Z]{6,}"), r"\1-\2-…"),
    (re.compile(r"\bRF\d\d[0-9A-Z]{12,}"), "RF…"),
    (re.compile(r"(23 novembre(?: 2026)?(?: à|,)) \d{1,2}[:h]\d\d"), r"\1 …"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "…"),
    (re.compile(r"/\S+/outbox"), "…/outbox"),
    (re.compile(r"\bQTC[0-9A-Z]{18,}"), "QTC…"),
    (re.compile(r"•{8,}\d{4}"), "••…"),
    (re.compile(r"\b\d+ ko\b"), "… ko"),
    # The device's own clock; the debit's day, which the hour decides; who has read what before.
    (re.compile(r"(text:) (?:1er|\d{1,2}) \w+ \d{4}, \d{1,2}:\d\d$"), r"\1 …"),
    (re.compile(r"(rélevé le) 2[45] novembre 2026"), r"\1 … novembre 2026"),
    (re.compile(r"Pas encore lu|Lu le 23 novembre 2026, …"), "Lu ou pas encore"),
    (re.compile(r"(En attente de réponse\.) (?:1 message non lu|23 novembre 2026, …)"), r"\1 …"),
    (re.compile(r"127\.0\.0\.1:\d+"), "…"),
)


def heard(page: Page, session: CDPSession) -> list[str]:
    """The lines of the screen that a page shows; `session` is its DevTools. The browser's tree
    comes a little after the page's own: it is read until it has the same landmarks, twice alike,
    and nothing is being announced (an announcement stands in the page for a moment)."""
    before: list[str] = []
    for _ in range(40):
        skips, announcing = page.evaluate(NOW)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        lines = [line for line in map(still, _told(by_id, nodes[0], 0, "")) if line.strip()]
        landed = bool(lines) and lines[0].startswith("link: ") == skips
        if landed and lines == before and not announcing:
            return lines
        before = lines
        page.wait_for_timeout(50)
    return before


def still(line: str) -> str:
    """A line without what moves from run to run."""
    line = line.replace("\u00a0", " ").replace("\u202f", " ")
    for pattern, instead in MOVING:
        line = pattern.sub(instead, line)
    return line.rstrip()


def headings(lines: list[str]) -> list[int]:
    """Levels of the headings heard, in order."""
    return [int(found[1]) for line in lines if (found := re.match(r"\s*heading (\d)", line))]


def _text(node: dict[str, Any], key: str) -> str:
    return " ".join(str((node.get(key) or {}).get("value") or "").split("\n")).strip()


def _told(by_id: dict[str, Any], node: dict[str, Any], depth: int, above: str) -> Iterator[str]:
    children = [by_id[child] for child in node.get("childIds", ()) if child in by_id]
    if node.get("ignored"):
        for child in children:
            yield from _told(by_id, child, depth, above)
        return
    role, name = _text(node, "role"), _text(node, "name")
    states = {p["name"]: p["value"].get("value") for p in node.get("properties", ())}
    live = str(states.get("live") or "") if role not in {"status", "alert"} else ""
    if role == "status":  # what was said last, not what is there
        return
    if role == "StaticText":
        if name and name != above:
            yield f"{'  ' * depth}text: {name}"
        return
    if role in SILENT and not (name and role == "group") and not live:
        for child in children:
            yield from _told(by_id, child, depth, above)
        return
    line = _line(node, role, name, states, live)
    if role in PLACES or live or (role in SILENT and children):
        inside = [line for child in children for line in _told(by_id, child, depth + 1, name)]
        if inside or name:
            yield f"{'  ' * depth}{line}"
            yield from inside
        return
    yield f"{'  ' * depth}{line}"
    for child in children:
        yield from (
            line for line in _told(by_id, child, depth + 1, name)
            if not line.lstrip().startswith("text: ")
        )  # fmt: skip


def _line(node: dict[str, Any], role: str, name: str, states: dict[str, Any], live: str) -> str:
    told = "part" if role in SILENT and role != "group" else role
    if role == "heading":
        told += f" {states.get('level')}"
    if live:
        told += f", live {live}"
    line = f"{told}: {name}" if name else told
    value = _text(node, "value")
    if value and role not in {"heading"}:
        line += f" = {value}"
    more = [state for state in STATES if states.get(state) in (True, "true", "mixed")]
    more += [f"not {s}" for s in ("checked", "expanded") if states.get(s) in (False, "false")]
    if states.get("invalid") not in (None, "false", False):
        more.append("invalid")
    described = _text(node, "description")
    if described and described != name:
        more.append(f"described: {described}")
    return f"{line} ({', '.join(more)})" if more else line
