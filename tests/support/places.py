"""Where what a test needs for a moment is kept."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2**30


def quick_folder(prefix: str) -> str:
    """A new folder whose files are quickly made: in memory where there is room, for what is many
    small files that nobody needs after a failure. Its path is short: a socket's is bounded."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    try:
        return tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None)
    except OSError:  # not for us to write in
        return tempfile.mkdtemp(prefix=prefix)
