"""Make requirements/*.txt again from requirements/*.in: pinned, hashed, no index address."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Made by `make lock`. Pinned and hashed; any index of Python packages serves it.\n"


def main() -> None:
    """Compile run.in and dev.in for every platform and Python from 3.11 on, and pocket.in for the
    Python of the browser, at the versions of run.txt."""
    for name in ("run", "dev", "pocket"):
        python = ["--python-version", "3.11"]
        if name == "pocket":
            python = ["--python-version", "3.14", "--constraint", "requirements/run.txt"]
        done = subprocess.run(
            [
                sys.executable, "-m", "uv", "pip", "compile", f"requirements/{name}.in",
                "--universal", *python, "--generate-hashes", "--no-header",
                "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet",
                "--output-file", f"requirements/{name}.txt", *sys.argv[1:],
            ],
            cwd=ROOT, check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            sys.exit(done.returncode)
        path = ROOT / "requirements" / f"{name}.txt"
        text = path.read_text("utf-8")
        path.write_text(HEADER + (in_browser(text) if name == "pocket" else text), "utf-8")


def in_browser(text: str) -> str:
    """The lock of a universal resolution as the browser's Python reads its markers: what is only
    for other platforms goes, the rest has no condition left."""
    entries = re.split(r"(?m)^(?=\S)", text)
    kept = [
        entry for entry in entries
        if not re.search(r"!= '[Ee]mscripten'|== 'win32'", entry)
    ]  # fmt: skip
    return re.sub(r"(?m) ;[^\\\n]*(?= )", "", "".join(kept))


if __name__ == "__main__":
    main()
