"""Make requirements/*.txt again from requirements/*.in: pinned, hashed, no index address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Made by `make lock`. Pinned and hashed; any index of Python packages serves it.\n"


def main() -> None:
    """Compile run.in and dev.in for every platform and Python from 3.11 on."""
    for name in ("run", "dev"):
        done = subprocess.run(
            [
                sys.executable, "-m", "uv", "pip", "compile", f"requirements/{name}.in",
                "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header",
                "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet",
                "--output-file", f"requirements/{name}.txt", *sys.argv[1:],
            ],
            cwd=ROOT, check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            sys.exit(done.returncode)
        path = ROOT / "requirements" / f"{name}.txt"
        path.write_text(HEADER + path.read_text("utf-8"), "utf-8")


if __name__ == "__main__":
    main()
