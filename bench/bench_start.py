"""From the command to the first answer, and what importing the app pays for."""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from bench.scale import FULL, ROOT

STARTS = 5 if FULL else 3
AS_USUAL = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""Python keeps what it compiled, as it does for everybody who does not ask it not to."""


def measure() -> dict[str, Any]:
    """Seconds, medians; the very first start makes keys and database and is told apart."""
    with tempfile.TemporaryDirectory() as place:
        first = _start(Path(place))
        starts = [_start(Path(place)) for _ in range(STARTS)]
    bare = statistics.median(_python("pass") for _ in range(STARTS))
    app = statistics.median(_python("import app") for _ in range(STARTS))
    main = statistics.median(_python("import app.main") for _ in range(STARTS))
    return {
        "quittance serve, first start": (first[0], "s"),
        f"quittance serve, later starts, median of {STARTS}": (
            statistics.median(wall for wall, _ in starts), "s",
        ),
        "quittance serve, later starts, CPU": (statistics.median(cpu for _, cpu in starts), "s"),
        "import app": ((app - bare) * 1000, "ms"),
        "import app.main": ((main - bare) * 1000, "ms"),
    }  # fmt: skip


def _python(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=AS_USUAL)
    return time.perf_counter() - began


def _start(folder: Path) -> tuple[float, float]:
    """Seconds until the first page, and seconds of CPU of the whole run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = _started(folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _started(folder: Path) -> float:
    log = folder / "start.log"
    began = time.perf_counter()
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "serve"], cwd=ROOT, stdout=out,
            stderr=subprocess.STDOUT,
            env={**AS_USUAL, "QUITTANCE_DATA_DIR": str(folder), "QUITTANCE_PORT": "0",
                 "QUITTANCE_LOG_LEVEL": "WARNING", "QUITTANCE_PRESS": "no"},
        )  # fmt: skip
        try:
            while time.perf_counter() - began < 60:
                found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
                if found:
                    try:
                        urllib.request.urlopen(found[0] + "/", timeout=5).read()
                        return time.perf_counter() - began
                    except urllib.error.URLError:
                        pass
                time.sleep(0.01)
            raise RuntimeError(log.read_text())
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    for case, value in measure().items():
        print(f"{case:<60} {value[0]:10.2f} {value[1]}")
