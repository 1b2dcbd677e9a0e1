"""The failover at full size: `python -m tests.fleet.run --sessions 200 --windows 5`.

One line for each way to lose a process: killed, told to end, and the address of everybody changed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from backend import logs
from backend.web.press import QUICK, press
from backend.web.press import found as found_client
from tests import conftest as _settings  # noqa: F401 where tests keep the client
from tests.fleet.harness import Count, Fleet, nginx_path, postgresql
from tests.fleet.windows import Windows

HOW = ("kill", "drain", "address")


def one(how: str, sessions: int, nginx: str, windows: int = 0, chromium: str = "") -> Count:
    """One loss."""
    folder = Path(tempfile.mkdtemp(prefix="qfleet"))
    try:
        with postgresql() as database:
            fleet = Fleet(folder, database, sessions + windows)
            try:
                return asyncio.run(_lose(fleet, how, nginx, windows, chromium))
            finally:
                fleet.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _lose(fleet: Fleet, how: str, nginx: str, windows: int, chromium: str) -> Count:
    first, second = fleet.nodes
    await asyncio.to_thread(first.start)  # everybody comes while it is alone: the harshest loss
    await asyncio.to_thread(fleet.start_nginx, nginx)
    before = Windows(fleet, chromium) if windows else None
    try:
        if before is not None:
            await asyncio.wrap_future(before.open(fleet.tokens[:windows]))
        people = await fleet.arrive(fleet.tokens[windows:])
        await asyncio.to_thread(second.start)
        await fleet.all_on_the_second()
        heir = first if how == "address" else second
        spent = heir.measure("process_cpu_seconds_total")
        began = time.monotonic()
        shown = before.come_back(began, how == "drain") if before is not None else None
        if how == "address":
            await fleet.move(people, "127.0.0.2", began)
        else:
            number = signal.SIGKILL if how == "kill" else signal.SIGTERM
            await fleet.lose_process(people, number, began)
        found = fleet.count(how, people)
        found.cpu_each = (heir.measure("process_cpu_seconds_total") - spent) / max(1, len(people))
        if shown is not None:
            for window in await asyncio.wrap_future(shown):
                found.windows += 1
                found.lost += bool(window.fault)
                found.back += not window.fault
                found.slowest_window = max(found.slowest_window, window.back)
                found.faults += [f"window: {window.fault}"] if window.fault else []
        for person in people:
            await person.window.close()
        return found
    finally:
        if before is not None:
            await asyncio.to_thread(before.close)


def main() -> int:
    """Print one line each; status 1 when anybody was lost or late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--windows", type=int, default=5)
    parser.add_argument("--how", choices=HOW, action="append")
    args = parser.parse_args()
    nginx = nginx_path()
    if nginx is None:
        print("No nginx: tools/nginx.py finds or installs one.", file=sys.stderr)
        return 2
    chromium = os.environ.get("QUITTANCE_CHROMIUM") or "/usr/bin/chromium"
    if args.windows:
        press(found_client(Path(os.environ["QUITTANCE_CACHE_DIR"])), QUICK)
    logs.configure("WARNING")
    good = True
    for how in args.how or HOW:
        # Windows apart: drawing them takes the processors that the servers need, as it would not
        # if people were elsewhere than on this machine.
        for sessions, windows in [(args.sessions, 0), *([(10, args.windows)] * bool(args.windows))]:
            count = one(how, sessions, nginx, windows, chromium)
            print(count, flush=True)
            for fault in count.faults[:5]:
                print(f"  {fault}", flush=True)
            good = good and count.clean
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
