"""People connected to one process: memory of each, CPU of a keystroke, latency of what people do
(mixed), highest rate; beside a stock Flet form of twenty rows driven the same way in the same run.

The server has one core, the generator another. Figures of CPU come from the kernel's own count, so
that other work on the machine changes them less than it changes latencies.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import people
from bench.load import Visitor, at_rate
from bench.mix import AMOUNTS, FIELD, Mix, Place
from bench.scale import FULL, fine_cpu_of, memory_of

CROWDS = (200, 1000, 3000) if FULL else (200, 1000)
RATE = 100.0  # keystrokes a second, while the latency of a crowd is measured; then RATES
MIXED = 40.0  # acts a second of people who do what people do
SECONDS = 20.0 if FULL else 3.0
RATES = (150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 700, 800, 1000) if FULL else (
    200, 300, 400, 500, 600, 800, 1000)  # fmt: skip
EMPTIED = 40.0  # seconds in which sessions end, then memory is looked for, every half minute
LIMIT = 250.0  # milliseconds that p99 must stay under
ROUTE = AMOUNTS
STOCK = """
import os
import flet as ft
import uvicorn

@ft.component
def Form():
    values, set_values = ft.use_state([0] * 20)
    def changed(place):
        def change(event):
            set_values([int(event.control.value or 0) if n == place else v
                        for n, v in enumerate(values)])
        return change
    return ft.Column([
        *(ft.Row([ft.TextField(label=f"Ligne {n}", value=str(v), on_change=changed(n)),
                  ft.Text(f"soit {v * 12.8 / 100:.2f}")]) for n, v in enumerate(values)),
        ft.Text(f"Total : {sum(values)}"),
    ])

def main(page):
    page.render(Form)

uvicorn.run(ft.run(main, export_asgi_app=True, no_cdn=True), port=0, log_level="info")
"""


def _cores() -> tuple[list[str], int | None]:
    """Prefix of the server's command, and the core of the generator; nothing on one core."""
    if not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2:
        return [], None
    return ["taskset", "-c", "0"], 1


@contextmanager
def served(command: list[str], folder: Path, **env: str) -> Iterator[tuple[int, str]]:
    """A server; its process and its address."""
    log = folder / "served.log"
    prefix, _ = _cores()
    with log.open("w") as out:
        process = subprocess.Popen(
            [*prefix, sys.executable, *command], env={**os.environ, **env}, stdout=out,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            for _ in range(600):
                found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
                if found:
                    break
                time.sleep(0.1)
            else:
                raise RuntimeError(log.read_text())
            yield process.pid, found[0]
        finally:
            process.terminate()
            process.wait(30)


async def _arrive(url: str, tokens: list[str], route: str, words: str) -> tuple[list[Any], Any]:
    """Open a window for each token, eight at a time; the windows and their fields."""
    windows = [Visitor(url, token) for token in tokens]
    fields: list[int] = [0] * len(windows)
    order = iter(range(len(windows)))

    async def some() -> None:
        for number in order:
            await windows[number].open(route)
            fields[number] = await windows[number].find("TextField", words)
            windows[number].tree.clear()
            windows[number].quiet = True

    await asyncio.gather(*(some() for _ in range(8)))
    return windows, fields


async def _rest(pid: int) -> None:
    """Wait until the server does nothing by itself: the jobs of its start are no keystroke's."""
    quiet = 0
    while quiet < 3:
        began = fine_cpu_of(pid)
        await asyncio.sleep(0.5)
        quiet = quiet + 1 if fine_cpu_of(pid) - began < 0.02 else 0


async def _keystroke_cpu(pid: int, window: Visitor, field: int, times: int = 150) -> float:
    """Milliseconds of CPU of one keystroke: median of five runs."""
    found = []
    for run in range(5):
        began = fine_cpu_of(pid)
        for number in range(times):
            await window.keystroke(field, str(1000 + 100 * number + run))
        found.append((fine_cpu_of(pid) - began) / times * 1000)
    return statistics.median(found)


@dataclass
class _Held:
    """Bytes of a server before people came and when they left."""

    pid: int
    before: int
    full: int
    since: float = field(default_factory=time.monotonic)

    def back(self) -> float:
        """Percent of what people held that the system has again, a while after they left."""
        time.sleep(max(0.0, self.since + EMPTIED - time.monotonic()))
        return (self.full - memory_of(self.pid)) / max(1, self.full - self.before) * 100


async def _measure(
    name: str, pid: int, url: str, tokens: list[str], route: str, words: str,
    addresses: list[str],
) -> tuple[dict[str, Any], _Held]:  # fmt: skip
    """Figures, and what the people held who have just left. `addresses`: of people who
    may sign in (ours), who do more than type."""
    found: dict[str, Any] = {}
    first, fields = await _arrive(url, tokens[:30], route, words)  # caches filled, all imported
    await _rest(pid)
    found[f"{name}, CPU of a keystroke"] = (await _keystroke_cpu(pid, first[0], fields[0]), "ms")
    everyone = [Place(window, field) for window, field in zip(first, fields, strict=True)]
    base, known = memory_of(pid), len(everyone)
    each = 0.0
    # A quick run compares the stock form at the first size alone.
    crowds = CROWDS if FULL or addresses else CROWDS[:1]
    for crowd in crowds:
        began = fine_cpu_of(pid)
        more, their = await _arrive(url, tokens[known:crowd], route, words)
        spent = (fine_cpu_of(pid) - began) / len(more) * 1000
        found[f"{name}, {crowd} people, CPU of an arrival"] = (spent, "ms")
        everyone += [Place(window, field) for window, field in zip(more, their, strict=True)]
        known = crowd
        await _rest(pid)
        if not each or crowd == crowds[-1]:
            each = (memory_of(pid) - base) / (crowd - len(first)) / 1000
        told = await at_rate(*_free(everyone), RATE, SECONDS)
        found[f"{name}, {crowd} people, {RATE:.0f} keystrokes/s, p50"] = (told.p50, "ms")
        found[f"{name}, {crowd} people, {RATE:.0f} keystrokes/s, p99"] = (told.p99, "ms")
        if addresses:
            mix = Mix(url, [place for place in everyone if not place.busy], addresses)
            await mix.run(MIXED, 2 * SECONDS)
            for act, (p50, p99) in mix.told().items():
                found[f"{name}, {crowd} people, mixed acts, {act}, p50"] = (p50, "ms")
                found[f"{name}, {crowd} people, mixed acts, {act}, p99"] = (p99, "ms")
            found[f"{name}, {crowd} people, mixed acts never ended"] = (mix.failed + mix.late, "")
    found[f"{name}, memory of a person"] = (each, "kB")
    found[f"{name}, people in a gigabyte"] = (1e6 / each, "")
    told = await at_rate(*_free(everyone), RATE, SECONDS)  # everybody's draft begun, or most
    best = RATE if told.p99 < LIMIT and not told.late else 0.0
    for rate in RATES if best else ():
        told = await at_rate(*_free(everyone), rate, SECONDS)
        if told.p99 >= LIMIT or told.late:
            break
        best = rate
    found[f"{name}, highest rate with p99 under {LIMIT:.0f} ms"] = (best, "/s a core")
    held = _Held(pid, base, memory_of(pid))
    await asyncio.gather(*(place.window.close() for place in everyone))
    return found, held


def _free(everyone: list[Place]) -> tuple[list[Visitor], list[int]]:
    """Windows where somebody may type, and their fields."""
    free = [place for place in everyone if not place.busy]
    return [place.window for place in free], [place.field for place in free]


def measure() -> dict[str, Any]:
    """Figures of the app, then of the stock form."""
    _, own = _cores()
    before = os.sched_getaffinity(0) if own is not None else None
    if own is not None:
        os.sched_setaffinity(0, {own})
    gc.disable()  # the generator's own pauses would be told as the server's
    try:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            world = people.collector(folder)
            people.somebody(world, people.HISTORY, day=date.today())  # the server's own day
            people.copy(world.services.storage, max(CROWDS) + 200)
            tokens = people.sessions(world.services.storage, max(CROWDS), datetime.now(UTC))
            with world.services.storage.engine.connect() as connection:
                query = text("SELECT email FROM persons ORDER BY id")
                addresses = list(connection.execute(query).scalars())[max(CROWDS) :]
            world.services.storage.close()
            with served(
                ["-m", "backend.cli", "serve"], folder, QUITTANCE_DATA_DIR=place,
                QUITTANCE_PORT="0", QUITTANCE_LOG_LEVEL="WARNING", QUITTANCE_PRESS="no",
                FLET_SESSION_TIMEOUT="5",
            ) as (pid, url):  # fmt: skip
                found, held = asyncio.run(
                    _measure("app", pid, url, tokens, ROUTE, FIELD, addresses)
                )
                stock = _stock()  # meanwhile nobody is there, and memory is looked for
                found["app, memory back after all left"] = (held.back(), "%")
    finally:
        gc.enable()
        if before is not None:
            os.sched_setaffinity(0, before)
    for case, shown in (("CPU of a keystroke", "ms"), ("highest rate", "/s")):
        ours, theirs = _value(found, case), _value(stock, case)
        if ours and theirs:
            found[f"app beside the stock form, {case} ({shown})"] = (ours / theirs, "×")
    return found | stock


def _stock() -> dict[str, Any]:
    """The same of a stock form."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "stock.py").write_text(STOCK)
        with served([str(Path(place) / "stock.py")], Path(place)) as (pid, url):
            return asyncio.run(
                _measure("stock form", pid, url, [""] * max(CROWDS), "/", "Ligne 0", [])
            )[0]


def _value(found: dict[str, Any], case: str) -> float:
    return next((float(v[0]) for name, v in found.items() if f", {case}" in name), 0.0)


if __name__ == "__main__":
    for case, value in measure().items():
        print(f"{case:<60} {value[0]:10.2f} {value[1]}")
