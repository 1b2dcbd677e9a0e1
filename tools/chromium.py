"""Find a Chromium for the browser tests, or install one; print its path.

A system one if there is one; else Debian's package when root; else Playwright's own download.
When none can be had: an empty line and a loud message, and status 1 under CI=true.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def starts(path: str) -> bool:
    """Whether it can run here: some are empty shells, some lack libraries."""
    try:
        done = subprocess.run(
            [path, "--version"], check=False, capture_output=True, stdin=subprocess.DEVNULL,
            timeout=60,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def on_path() -> str | None:
    """A Chromium of this system that starts, or None."""
    given = os.environ.get("QUITTANCE_CHROMIUM", "")
    found = [given, *(shutil.which(name) or "" for name in NAMES)]
    return next((path for path in found if path and starts(path)), None)


def from_debian() -> str | None:
    """Install Debian's package (root only)."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {"stdout": sys.stderr, "stderr": sys.stderr, "stdin": subprocess.DEVNULL}
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=env, **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        check=False, env=env, **quiet,
    )  # fmt: skip
    return on_path()


def from_playwright() -> str | None:
    """Playwright's own download, with the libraries it needs when they may be installed."""
    root = os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get")
    done = subprocess.run(
        [sys.executable, "-m", "playwright", "install", *(["--with-deps"] if root else []),
         "chromium"],
        check=False, stdout=sys.stderr, stderr=sys.stderr, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if starts(path) else None


def main() -> int:
    """Print the path of a Chromium."""
    path = on_path() or from_debian() or from_playwright()
    if path:
        print(path)
        return 0
    print("", flush=True)
    print("=" * 78, file=sys.stderr)
    print("NO CHROMIUM: the browser tests will NOT run on this machine.", file=sys.stderr)
    print("=" * 78, file=sys.stderr)
    return 1 if os.environ.get("CI", "").lower() == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
