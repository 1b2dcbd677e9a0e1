"""Find an nginx for the tests of several processes, or install one; print its path.

A system one if there is one; else Debian's package when root. When none can be had: an empty line
and a loud message, and status 1 under CI=true.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx")


def starts(path: str) -> bool:
    """Whether it can run here."""
    try:
        done = subprocess.run(
            [path, "-v"], check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def on_path() -> str | None:
    """An nginx of this system that starts, or None."""
    given = os.environ.get("QUITTANCE_NGINX", "")
    found = [given, *(shutil.which(name) or "" for name in NAMES)]
    return next((path for path in found if path and starts(path)), None)


def from_debian() -> str | None:
    """Install Debian's package (root only). Its own service is not wanted."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {"stdout": sys.stderr, "stderr": sys.stderr, "stdin": subprocess.DEVNULL}
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=env, **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light"],
        check=False, env=env, **quiet,
    )  # fmt: skip
    return on_path()


def main() -> int:
    """Print the path of an nginx."""
    path = on_path() or from_debian()
    if path:
        print(path)
        return 0
    print("", flush=True)
    print("=" * 78, file=sys.stderr)
    print("NO NGINX: the tests of several processes will NOT run here.", file=sys.stderr)
    print("=" * 78, file=sys.stderr)
    return 1 if os.environ.get("CI", "").lower() == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
