"""The failover at full size: `python -m tests.fleet.run --sessions 200 --windows 5`.

One line for each way to lose a process: killed, told to end, and the address of everybody changed.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.fleet.harness import Count, Fleet, nginx_path, postgresql

HOW = ("kill", "drain", "address")


def one(how: str, sessions: int, nginx: str) -> Count:
    """One loss."""
    folder = Path(tempfile.mkdtemp(prefix="qfleet"))
    try:
        with postgresql() as database:
            fleet = Fleet(folder, database, sessions)
            try:
                return asyncio.run(_lose(fleet, how, nginx))
            finally:
                fleet.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _lose(fleet: Fleet, how: str, nginx: str) -> Count:
    first, second = fleet.nodes
    await asyncio.to_thread(first.start)  # everybody comes while it is alone: the harshest loss
    await asyncio.to_thread(fleet.start_nginx, nginx)
    people = await fleet.arrive(fleet.tokens)
    await asyncio.to_thread(second.start)
    await fleet.all_on_the_second()
    if how == "address":
        await fleet.move(people, "127.0.0.2")
    else:
        await fleet.lose_process(people, signal.SIGKILL if how == "kill" else signal.SIGTERM)
    found = fleet.count(how, people)
    for person in people:
        await person.window.close()
    return found


def main() -> int:
    """Print one line each; status 1 when anybody was lost or late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--how", choices=HOW, action="append")
    args = parser.parse_args()
    nginx = nginx_path()
    if nginx is None:
        print("No nginx: tools/nginx.py finds or installs one.", file=sys.stderr)
        return 2
    good = True
    for how in args.how or HOW:
        count = one(how, args.sessions, nginx)
        print(count, flush=True)
        for fault in count.faults[:5]:
            print(f"  {fault}", flush=True)
        good = good and count.clean
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
