"""How much a run measures: `make bench` in minutes, `make bench-full` whole."""

from __future__ import annotations

import os
import resource
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
FULL = os.environ.get("QUITTANCE_BENCH_FULL", "") == "1"


def chromium() -> str | None:
    """Path of a Chromium, or None: what needs one is then left out."""
    path = os.environ.get("QUITTANCE_CHROMIUM") or "/usr/bin/chromium"
    return path if os.access(path, os.X_OK) else None


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process used so far, user and system (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fine_cpu_of(pid: int) -> float:
    """The same to the nanosecond, of every thread that still runs (Linux)."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            spent += int((task / "schedstat").read_text().split()[0])
        except (OSError, ValueError):
            continue  # the thread ended meanwhile
    return spent / 1e9


def memory_of(pid: int) -> int:
    """Bytes of memory a process holds that it shares with nobody (Linux)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) * 1024
    return 0


def own_cpu() -> float:
    """Seconds of CPU that this process used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
