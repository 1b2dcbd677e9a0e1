"""docs/performance.md and its pictures, from bench/results: `python -m bench.report`."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from bench.scale import RESULTS, ROOT

PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "performance"
INK, BAR, OTHER, PAPER = "#123b4a", "#1b6276", "#e09f3e", "#fbf7ef"

OTHERS = ("stock", "NiceGUI", "Streamlit", "publicodes")

TITLES = {
    "first_visit": "First and second visit", "typing": "Typing, in a browser",
    "server": "People on one process", "backend": "Declarations and reads",
    "start": "Starting", "assess": "One assessment", "import": "Bank statements",
    "journal": "The journal", "journal_browser": "The journal, in a browser",
    "pocket": "The installed app", "tree": "The accessibility tree", "dsn": "Employers' returns",
    "vrp_table": "The year's table of a VRP",
}  # fmt: skip
HOW = {
    "first_visit": "Chromium, 1.6 Mbit/s and 150 ms by its own emulation; usable: the button that "
    "opens an account is in the accessibility tree. Stock Flet: its documented server, a form of "
    "one field; NiceGUI and Streamlit: theirs, a form of twenty rows; same machine, same run. The "
    "client pressed beforehand, as from the second start. The stock visit, a minute of waiting for "
    "the network, goes on beside those of the fallback renderer and of the other two. Fallback "
    "renderer: CanvasKit, which browsers other than Chromium's kin take.",
    "typing": "Loopback. From the key to the next change of the accessibility tree outside the "
    "field, which the client writes with the frame that shows it. The form of twenty rows in stock "
    "Flet, NiceGUI and Streamlit (from Enter, which it waits for): to its total, in the same run.",
    "server": "A generator that speaks Flet's protocol on one core, the server on the other; "
    "everybody on the declaration of a month, with a history of 20; drafts saved as typed. "
    "Stock form: a component of 20 fields drawn whole at each keystroke, which saves nothing, "
    "driven the same way in the same run. Mixed acts: of a hundred, 84 keystrokes, 6 checks, 6 "
    "reads of the history, 3 sign-ins to the home screen, one declaration sent to its receipt. "
    "Latency counts from the moment an act was due. Memory is what the process shares with "
    "nobody; back: of what people added, what the system gets at once. Nothing of theirs lives on: "
    "Python keeps most of those pages, half empty, for whoever comes next.",
    "backend": "Through the whole API in process, handed over as a server does; a declaration is "
    "answered once its transaction is flushed. By hand: the very statements that it wrote, by the "
    "driver alone, to a twin of the database with the same indexes, triggers and history (WAL and "
    "synchronous=FULL of SQLite, synchronous_commit of PostgreSQL), in as many flushed "
    "transactions. The aim, a third of the rate by hand, is not reached: reading the request, "
    "knowing who asks and flushing alone take longer than it would leave, before the declaration "
    "is checked, assessed, chained and answered, and no check is given up for speed.",
    "tree": "The tree is open for everybody from the first frame. The same screens with it left "
    "shut, in turn: main thread of the page (Chromium's own count), script memory.",
    "start": "Medians, wall time; until the first page is answered. What Python compiled is "
    "kept, as it does by default.",
    "assess": "Every line with its law, and the shares of each fund. publicodes: the contributions "
    "alone, by the public engine (its package and that of its rules) in Node, once compiled.",
}  # fmt: skip
# picture: measure, title, unit, bars (case, shown), limit asked for
PICTURED: dict[str, tuple[str, str, list[tuple[str, str]], float | None]] = {
    "first-visit": ("first_visit", "Seconds to a usable screen, slow 4G", [
        ("first visit, usable", "first visit"), ("second visit, usable", "second visit"),
        ("stock Flet, first visit, usable", "stock Flet, first"),
        ("stock Flet, second visit, usable", "stock Flet, second"),
        ("NiceGUI, first visit, usable", "NiceGUI, first"),
        ("Streamlit, first visit, usable", "Streamlit, first")], 19.5),
    "bytes": ("first_visit", "Bytes over the wire, kB", [
        ("first visit, received", "first visit"), ("second visit, received", "second visit"),
        ("stock Flet, first visit, received", "stock Flet, first"),
        ("stock Flet, second visit, received", "stock Flet, second"),
        ("NiceGUI, first visit, received", "NiceGUI, first"),
        ("Streamlit, first visit, received", "Streamlit, first")], 3600),
    "typing": ("typing", "From key to shown, ms", [
        *((f"{name}, typed to shown, median", name) for name in (
            "auto-entrepreneur", "rspm-medecin", "pamc-medecin", "vrp", "marin-pecheur")),
        *((f"{name}, form of 20 rows, typed to shown, median", name) for name in (
            "stock Flet", "NiceGUI", "Streamlit"))], 100),
    "keystroke": ("server", "CPU of a keystroke, ms", [
        ("app, CPU of a keystroke", "app"),
        ("stock form, CPU of a keystroke", "stock form of 20 rows")], 1.2),
    "memory": ("server", "Memory of a person, kB", [
        ("app, memory of a person", "app"),
        ("stock form, memory of a person", "stock form of 20 rows")], 250),
    "rate": ("server", "Highest rate on a core with p99 under 250 ms, keystrokes a second", [
        ("app, highest rate", "app"), ("stock form, highest rate", "stock form of 20 rows")], 500),
    "mixed": ("server", "Median of what people do, mixed, ms", [
        *((f"app, {crowd} people, mixed acts, {act}, p50", f"{act}, {crowd} people")
          for act in ("type", "check", "read", "sign in", "send") for crowd in (200, 1000, 3000))],
        None),
    "assess": ("assess", "One assessment, one category, µs", [
        ("one category", "ours"), ("publicodes, one category", "publicodes")], None),
}  # fmt: skip


def results() -> dict[str, dict[str, Any]]:
    """The latest result of each measure; a full one counts before a quick one."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(RESULTS.glob("*.json")):
        told = json.loads(path.read_text("utf-8"))
        name = told["measure"]
        if name not in found or told["full"] >= found[name]["full"]:
            found[name] = told
    return found


def write() -> None:
    """The page and its pictures."""
    found = results()
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, list[str]] = {}
    for name, (measure, title, bars, limit) in PICTURED.items():
        cases = found.get(measure, {}).get("cases", {})
        values = [(shown, _value(cases, case)) for case, shown in bars]
        known = [(shown, value) for shown, value in values if value is not None]
        if known:
            (PICTURES / f"{name}.svg").write_text(picture(title, known, limit), "utf-8")
            told = "; ".join(f"{shown} {_number(value)}" for shown, value in known)
            drawn.setdefault(measure, []).append(f"![{title}: {told}](performance/{name}.svg)")
    lines = [
        "# Performance",
        "",
        "Written by `make bench` (minutes) and `make bench-full` (a million declarations, 3 000 "
        "people); figures as JSON in `bench/results/`. Other work ran on the machine meanwhile: "
        "walls of time are worse than on a quiet one and only ratios of one run travel; CPU "
        "figures are the kernel's count.",
        "",
    ]
    order = [*TITLES, *sorted(set(found) - set(TITLES))]
    for name in (name for name in order if name in found):
        told = found[name]
        lines += [f"## {TITLES.get(name, name)}", ""]
        if name in HOW:
            lines += [HOW[name], ""]
        for shown in drawn.get(name, []):
            lines += [shown, ""]
        lines += ["| case | |", "|---|---:|"]
        lines += [
            f"| {case} | {_number(value)} {unit} |".replace("  |", " |")
            for case, (value, unit) in told["cases"].items()
        ]
        size = "full" if told["full"] else "quick"
        lines += ["", f"{told['on']}, {size}, {told['cores']} cores, load {told['load']}, Python "
                  f"{told['python']}.", ""]  # fmt: skip
    PAGE.write_text("\n".join(lines), "utf-8")


def _value(cases: dict[str, Any], start: str) -> float | None:
    return next((float(v[0]) for case, v in cases.items() if case.startswith(start)), None)


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def picture(title: str, bars: list[tuple[str, float]], limit: float | None) -> str:
    """Horizontal bars as SVG, with the value asked for as a line."""
    row, left, width = 34, 190, 420
    top = max([value for _, value in bars] + ([limit] if limit else [])) or 1
    height = 56 + row * len(bars) + (22 if limit else 6)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="100%" height="100%" rx="10" fill="{PAPER}"/>',
        f'<text x="16" y="28" font-size="16" font-weight="600">{escape(title)}</text>',
    ]
    for number, (shown, value) in enumerate(bars):
        y = 48 + row * number
        long = max(2.0, width * value / top)
        colour = OTHER if shown.startswith(OTHERS) else BAR
        parts += [
            f'<text x="{left - 10}" y="{y + 17}" text-anchor="end">{escape(shown)}</text>',
            f'<rect x="{left}" y="{y}" width="{long:.1f}" height="24" rx="4" fill="{colour}"/>',
            f'<text x="{left + long + 8:.1f}" y="{y + 17}">{_number(value)}</text>',
        ]
    if limit:
        x, end = left + width * limit / top, 48 + row * len(bars)
        parts += [
            f'<line x1="{x:.1f}" y1="42" x2="{x:.1f}" y2="{end}" stroke="{INK}" '
            'stroke-dasharray="4 3"/>',
            f'<text x="{x:.1f}" y="{end + 15}" text-anchor="middle" font-size="12">asked: '
            f"{_number(limit)}</text>",
        ]
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    write()
